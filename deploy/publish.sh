#!/bin/bash
# Makes the published build in .artifacts/publish/IdServer/release_linux-x64 and starts it once from there, on an empty directory. Needs the .NET 10 SDK and curl.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

dotnet publish src/IdServer -p:PublishProfile=linux

published="$PWD/.artifacts/publish/IdServer/release_linux-x64"
[ -f "$published/wwwroot/css/site.css" ] && [ -f "$published/appsettings.json" ]
trial=$(mktemp -d)
cd "$trial"
ASPNETCORE_URLS=http://127.0.0.1:5199 IdServer__Issuer=http://127.0.0.1:5199 IdServer__Database__ConnectionString="Data Source=$trial/idserver.db" \
    IdServer__Keys__Directory="$trial/keys" "$published/IdServer" >"$trial/log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null; rm -rf "$trial"' EXIT
for path in /.well-known/openid-configuration /.well-known/jwks.json /health /css/site.css /account/login; do
    curl --fail --silent --show-error --output /dev/null --retry 50 --retry-delay 0 --retry-connrefused --max-time 30 "http://127.0.0.1:5199$path" || { cat "$trial/log"; exit 1; }
done
echo "$published/IdServer answers"
