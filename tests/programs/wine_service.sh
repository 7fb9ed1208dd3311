#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# wine_service.sh SOURCE WINDOWS BUILD: the scard.exe and winscard.dll of the build for Windows
# WINDOWS, run by Wine, find the service of BUILD without a setting: by the endpoint's file of the
# user's service, and by the forwarder that the DLL starts. What is wrong with the file, and a
# service that went, is told.
set -euo pipefail
source_dir=$1
windows=$(cd "$2" && pwd)
build=$(cd "$3" && pwd)
hang=600
work=$(mktemp -d)
children=()
failed=0 checks=0

end()
{
    local forwarder
    # Of this folder's alone: it has its lock open.
    for forwarder in $(find_forwarder); do
        kill "$forwarder" 2>/dev/null || true
    done
    [ ${#children[@]} -eq 0 ] || kill "${children[@]}" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap end EXIT

# By one look at all processes: a look at each file takes longer, on a busy machine, than it
# stays without anything to do.
find_forwarder()
{
    { find /proc/[0-9]*/fd -lname "$run/winscard/forward.lock" 2>/dev/null || true; } |
        cut -d / -f 3 | sort -u
}

# expect WHAT TEXT PATTERN
expect()
{
    checks=$((checks + 1))
    if ! grep -qE -- "$3" <<<"$2"; then
        echo "$1: expected $3, found: $2"
        failed=$((failed + 1))
    fi
}

# Their paths have spaces and are not ASCII.
run="$work/для запуска"
app="$work/Приложение с пробелами"
mkdir -m 700 "$run" "$app"
cp "$windows/winscard.dll" "$windows/src/cli/scard.exe" "$app"
export XDG_RUNTIME_DIR=$run WINSCARD_CARRIER=service PATH=$build/service:$PATH
unset WINSCARD_SERVICE WINSCARD_TOKEN WINSCARD_READERS

# scard ARGUMENT...: its output, and what the library says.
scard()
{
    WINSCARD_LOG=error timeout $hang bash "$source_dir/tests/support/windows/run.sh" "$windows" \
        "$app/scard.exe" "$@" 2>&1 | tr -d '\r' || true
}
# The doctor's words, in which what the library says is its own.
doctor()
{
    timeout $hang bash "$source_dir/tests/support/windows/run.sh" "$windows" "$app/scard.exe" \
        doctor 2>/dev/null | tr -d '\r' || true
}
# serve OPTION...
serve()
{
    WINSCARD_LOG=debug "$build/service/winscardd" --foreground --readers soft: \
        --socket "$run/winscard/winscard.sock" "$@" 2>"$work/log" &
    service=$!
    children+=("$service")
    until "$build/service/winscardd" --status --socket "$run/winscard/winscard.sock" \
        >/dev/null 2>&1; do
        sleep 0.1
    done
}
stop()
{
    kill "-$1" "$service"
    wait "$service" 2>/dev/null || true
}

mkdir -m 700 "$run/winscard"
expect "no service" "$(scard list)" "no service|not running|NO_SERVICE"

# --- The user's service has an endpoint ---
serve --endpoint
expect "a reader by the endpoint" "$(scard list)" "WinSCard Software Card 0"
expect "calls by the endpoint" "$(scard demo)" "All 9 steps went as they should"
expect "the doctor, of the endpoint" "$(WINSCARD_CARRIER=auto scard doctor)" "^carrier +service"
chmod 644 "$run/winscard/tcp"
expect "a file for everybody" "$(scard list)" \
    "the service's endpoint: .* may be read by other users"
chmod 600 "$run/winscard/tcp"
sed 's/endpoint 1/endpoint 2/' "$run/winscard/tcp" >"$work/later"
cp "$run/winscard/tcp" "$work/kept"
cat "$work/later" >"$run/winscard/tcp"
expect "a file of another version" "$(scard list)" "is of another version"
sed 's/token .../token 000/' "$work/kept" >"$run/winscard/tcp"
expect "another token" "$(scard list)" "does not know the token"
cat "$work/kept" >"$run/winscard/tcp"
expect "the right file again" "$(scard list)" "WinSCard Software Card 0"
# Threads that are terminated in calls, and events when the service is gone.
cp "$windows/tests/windows/in_service.exe" "$app"
mkfifo "$work/input"
timeout $hang bash "$source_dir/tests/support/windows/run.sh" "$windows" "$app/in_service.exe" \
    "Z:$work/log" <"$work/input" >"$work/said" 2>&1 &
program=$!
children+=("$program")
exec 8>"$work/input"
until grep -q '^ready' "$work/said" || ! kill -0 "$program" 2>/dev/null; do
    sleep 0.1
done
stop KILL
exec 8>&-
wait "$program" || true
expect "a program whose service went" "$(tr -d '\r' <"$work/said")" ' checks, 0 failed$'
rm -f "$run/winscard/winscard.sock"
expect "a file of a service that was killed" "$(scard list)" "no service|not running|NO_SERVICE"
expect "the doctor, of that file" "$(doctor)" \
    "winscard.tcp is there, but the service that it leads to has ended"
chmod 644 "$run/winscard/tcp"
out=$(doctor)
expect "the doctor, of a file for everybody" "$out" "may be read by other users"
expect "the doctor's remedy for it" "$out" "End winscardd, remove the file, and start it again"
chmod 600 "$run/winscard/tcp"

# --- By TCP, with a token of its own ---
# listen COMMAND...: which says at which port it is.
listen()
{
    "$@" >"$work/port" 2>/dev/null &
    service=$!
    children+=("$service")
    until [ -s "$work/port" ]; do
        kill -0 "$service"
        sleep 0.1
    done
    port=$(cat "$work/port")
}
# A service that does not know of challenges, as those of old: each request is answered so.
listen python3 -uc '
import socket, struct
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1])
while True:
    peer = listener.accept()[0]
    while head := peer.recv(12, socket.MSG_WAITALL):
        size, call, _, serial = struct.unpack("<IHHI", head)
        peer.recv(size, socket.MSG_WAITALL)
        peer.send(struct.pack("<IHHI", 0, call, 0x8022, serial))'
export WINSCARD_SERVICE=tcp:127.0.0.1:$port WINSCARD_TOKEN="Z:$work/жетон 1"
token=${WINSCARD_TOKEN#Z:}
printf '%064d' 1 >"$token"
chmod 600 "$token"
expect "a service that is older" "$(scard list)" "the service is older than this library"
rm "$token"
expect "no token" "$(scard list)" "WINSCARD_TOKEN: Z:.*жетон 1 (is not there|cannot be)"
mkdir "$token"
expect "a token that is a folder" "$(scard list)" "WINSCARD_TOKEN: Z:.*жетон 1 "
rmdir "$token"
printf '%064d' 1 >"$token"
chmod 644 "$token"
expect "a token for everybody" "$(scard list)" "жетон 1 may be read by other users"
stop KILL
unset WINSCARD_SERVICE WINSCARD_TOKEN

# --- It has none: the DLL starts what leads there ---
serve
expect "a reader by the forwarder" "$(scard list)" "WinSCard Software Card 0"
expect "calls by the forwarder" "$(scard demo)" "All 9 steps went as they should"
expect "one forwarder" "$(find_forwarder | wc -l)" '^1$'
# The DLL of Unix for Wine uses the service's socket, which a Windows program does not see.
if [ -e "$build/wine/winelib64/winscard.dll" ]; then
    cp "$build/wine/winelib64/winscard.dll" "$app"
    out=$(WINSCARD_CARRIER=auto doctor)
    expect "the doctor with the DLL of Unix" "$out" "^carrier +unknown"
    expect "its readers" "$out" "1 of 1 reader can be used"
else
    echo "not tried: the doctor with the DLL of Unix, which this build has not"
fi
stop TERM

echo "wine_service: $checks checks, $failed failed"
[ "$failed" -eq 0 ]
