#!/bin/bash
# Everything that must hold before a change lands: locked restore, build without warnings, formatting, every test.
# Needs the .NET 10 SDK; installs the rest on Debian. The last line is "N passed, N failed"; the exit code is 0 only when nothing failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 # no build server outlives this script
results="$PWD/.artifacts/test-results"
rm -rf "$results" && mkdir -p "$results"

# Runs a step silently; shows its output only when it fails.
step() {
    local name=$1 log="$results/step.log" start=$SECONDS
    shift
    printf '%s ... ' "$name"
    if "$@" >"$log" 2>&1; then
        echo "$((SECONDS - start)) s"
    else
        local code=$?
        echo "failed"
        cat "$log"
        echo "$name failed (exit code $code), no test was run." >&2
        exit 1
    fi
}

install_missing() {
    local missing=()
    local program
    for program in curl openssl mount; do command -v "$program" >/dev/null || missing+=("$program"); done
    [ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
    [ -e /usr/share/zoneinfo/Europe/Madrid ] || missing+=(tzdata)
    [ -x "${CHROMIUM_PATH:-/usr/bin/chromium-headless-shell}" ] || missing+=(chromium-headless-shell)
    # Debian's own Python: another one in PATH does not see Debian's packages.
    /usr/bin/python3 -c 'import authlib' 2>/dev/null || missing+=(python3-authlib)
    /usr/bin/python3 -c 'import requests' 2>/dev/null || missing+=(python3-requests)
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
    [ -x /usr/sbin/haproxy ] || missing+=(haproxy)
    [ ${#missing[@]} -eq 0 ] && return
    command -v apt-get >/dev/null || {
        echo "Install these first: ${missing[*]} (no apt-get on this machine)." >&2
        exit 1
    }
    local as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
    step "apt-get update" "${as_root[@]}" apt-get update -q
    step "apt-get install ${missing[*]}" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "${missing[@]}"
}

command -v dotnet >/dev/null || {
    echo "Install the .NET 10 SDK first: 'dotnet' is not in PATH." >&2
    exit 1
}
install_missing
step "dotnet restore" dotnet restore IdServer.sln --locked-mode
step "dotnet build" dotnet build IdServer.sln --no-restore -v quiet -warnaserror
# Style and analyzers were the build's: dotnet format would run them once more.
step "dotnet format" dotnet format whitespace IdServer.sln --no-restore --verify-no-changes

# One project after the other: each uses all cores by itself, and two browsers at once on a small machine only make time-outs.
for project in tests/*/*.csproj; do
    grep -q '<IsTestProject>true' "$project" || continue
    name=$(basename "$project" .csproj)
    printf '%s ... ' "$name"
    code=0
    timeout --kill-after=30s 15m dotnet test "$project" --no-build --results-directory "$results" --logger "trx;LogFileName=$name.trx" \
        --blame-hang-timeout 4m --blame-hang-dump-type none >"$results/$name.log" 2>&1 || code=$?
    echo "$code" >"$results/$name.exit"
    /usr/bin/python3 tests/summary.py project "$results" "$name"
done
printf 'docs/conformance.md ... '
faults=0
/usr/bin/python3 tests/conformance.py check "$results" || faults=1
exec /usr/bin/python3 tests/summary.py total "$results" "$faults"
