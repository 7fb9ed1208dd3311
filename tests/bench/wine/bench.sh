#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# bench.sh BUILD DLL [COUNT]: what a Windows program's SCardTransmit costs under Wine, by the
# winscard.dll of mingw-w64 and the winscardd_bench of BUILD, beside a bare ping-pong of the same
# Wine: by TCP (at most 1.5 of it), and by the two FIFOs. In turns within one run of each.
# WINE is Wine's loader, WINEPREFIX is made if it is not there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
dll=$(realpath "$2")
count=${3:-300}
wine=${WINE:-$(command -v wine64 || command -v wine || echo /usr/lib/wine/wine64)}
export WINEDEBUG=${WINEDEBUG:--all} WINEDLLOVERRIDES=winscard=n,b
work=$(mktemp -d)
children=()
end()
{
    kill "${children[@]}" 2>/dev/null || true
    wait "${children[@]}" 2>/dev/null || true
    rm -rf "$work"
}
trap end EXIT

cc -O2 -o "$work/pong" "$here/pong.c"
x86_64-w64-mingw32-gcc -std=c11 -O2 -o "$work/measure.exe" "$here/measure.c" -lws2_32
cp "$dll" "$work/winscard.dll"
mkdir -m 700 "$work/run"
export XDG_RUNTIME_DIR=$work/run
mkfifo "$work/input"
"$work/pong" "$work" <"$work/input" >"$work/port" &
children+=($!)
exec 9>"$work/input"

# serve ARGUMENT...: the service with the null reader.
serve()
{
    "$build/tests/bench/service/winscardd_bench" --foreground --readers null: \
        --policy /nonexistent --socket "$work/socket.$#" "$@" 2>"$work/log.$#" &
    children+=($!)
}
serve --endpoint
serve --tcp 127.0.0.1:0 --token "$work/token"
until [ -s "$work/port" ] && [ -e "$work/run/winscard/tcp" ] && [ -e "$work/token" ]; do
    sleep 0.1
done
port=$(sed -n 's/.*listening at .* port \([0-9]*\)$/\1/p' "$work/log.4")

# measure FLOOR: one run; the ratio of a call to that ping-pong.
measure()
{
    local found floor call
    found=$("$wine" "$work/measure.exe" "$(cat "$work/port")" "$work" "$count" | tr -d '\r')
    floor=$(awk -v way="$1" '$1 == way { print $2 }' <<<"$found")
    call=$(awk '$1 == "transmit" { print $2 }' <<<"$found")
    awk -v floor="$floor" -v call="$call" -v way="$1" 'BEGIN {
        printf "%s: a ping-pong %.1f us, SCardTransmit %.1f us: %.2f\n", way, floor, call,
            call / floor }'
}
for _ in 1 2 3; do
    measure fifo
    WINSCARD_SERVICE=tcp:127.0.0.1:$port WINSCARD_TOKEN="\\\\?\\unix$work/token" measure tcp
done
