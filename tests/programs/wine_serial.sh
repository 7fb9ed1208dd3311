#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# wine_serial.sh SOURCE WINDOWS PEER: the scard.exe and winscard.dll of the build for Windows
# WINDOWS, run by Wine, read a simulated GemPC Twin at COM9, which is a pseudoterminal of the
# program PEER (tests/programs/serial_peer_main.c).
set -euo pipefail
source_dir=$1
windows=$(cd "$2" && pwd)
peer=$3
hang=600
work=$(mktemp -d)
failed=0 checks=0
port=$windows/wine-prefix/dosdevices/com9
finish()
{
    exec 9>&-
    rm -f "$port"
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

# scard ARGUMENT...: its output, and what the library says.
scard()
{
    WINSCARD_LOG=error timeout $hang bash "$source_dir/tests/support/windows/run.sh" "$windows" \
        "$work/scard.exe" "$@" 2>&1 </dev/null | tr -d '\r' || true
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

cp "$windows/winscard.dll" "$windows/src/cli/scard.exe" "$work"
mkfifo "$work/input"
"$peer" "$work/line" 'gempc_twin?card=t1' <"$work/input" >"$work/said" 2>&1 &
process=$!
exec 9>"$work/input"
until grep -q ready "$work/said"; do
    kill -0 "$process"
    sleep 0.05
done
export WINSCARD_CARRIER=local WINSCARD_READERS=serial:COM9
unset WINSCARD_SERVICE
expect "a port that is not there" "$(scard list)" "COM9: .*no such file|not found|is not there"
ln -s "$work/line" "$port"
expect "a reader" "$(scard list)" "Gemalto GemPC Twin 0"
out=$(scard apdu 1 00A4040C05F0534F4654 00B0820010)
expect "commands" "$out" "^< 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F"
echo remove >&9
until grep -q 'no card' <<<"$(scard list)"; do
    sleep 0.1
done
expect "a card that went" "$(scard apdu 1 00A4040C05F0534F4654)" "NO_SMARTCARD|no card"
echo insert >&9
until grep -q 'card present' <<<"$(scard list)"; do
    sleep 0.1
done
expect "one that came" "$(scard apdu 1 00A4040C05F0534F4654)" "^< 90 00"
echo "wine_serial: $checks checks, $failed failed"
[ "$failed" -eq 0 ]
