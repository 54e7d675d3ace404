#!/bin/bash
# The load run of docs/performance.md: limits, peers that are installed, and this server, interleaved in one run.
#   bash tests/IdServer.Benchmarks/load/run.sh [arguments of ../shared/bench/bench.py]
# Needs what ../shared/bench/README.md lists (wrk above all). Builds, databases and results go to $PEERS_WORK (default: peers-work in the temporary directory).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
bench=${IDSERVER_BENCH:-$root/../shared/bench}
export PEERS_WORK=${PEERS_WORK:-${TMPDIR:-/tmp}/peers-work}
export IDSERVER_LOAD=$root/tests/IdServer.Benchmarks/load
export IDSERVER_PUBLISHED=$PEERS_WORK/idserver-published
export IDSERVER_BENCHMARKS=$PEERS_WORK/idserver-benchmarks/IdServer.Benchmarks.dll
export PEERS_ADAPTERS=$IDSERVER_LOAD/adapters

[ -f "$PEERS_WORK/limits/LimitServer/LimitServer.dll" ] || bash "$bench/setup.sh"
dotnet publish "$root/src/IdServer" -p:PublishProfile=linux -o "$IDSERVER_PUBLISHED" -v q -nologo
dotnet publish "$root/tests/IdServer.Benchmarks" -c Release -o "$(dirname "$IDSERVER_BENCHMARKS")" -v q -nologo
exec python3 "$bench/bench.py" "$@"
