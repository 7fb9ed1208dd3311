#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# hid.sh BUILD: in the guest, a simulated FIDO token as an HID device of the kernel's (uhid), by
# Debian's hidapi: scard, python-fido2, and libfido2's programs beside them, which know nothing of
# readers; the token pulled out between and within commands.
set -euo pipefail
build=$1
tests=$(cd "$(dirname "$0")/../.." && pwd)
scard=$build/src/cli/scard
export LD_LIBRARY_PATH=$build/pcsclite PATH=/usr/bin:/bin:/usr/sbin:/sbin
export WINSCARD_READERS=hid: WINSCARD_CARRIER=local
select=00A4040008A0000006472F000100
get_info=80100000010400
checks=0

# expect WHAT TEXT PATTERN
expect()
{
    checks=$((checks + 1))
    if ! grep -Eq -- "$3" <<<"$2"; then
        printf '%s: no line matches %s in:\n%s\n' "$1" "$3" "$2" >&2
        exit 1
    fi
}

# until_seen PATTERN: scard lists it.
until_seen()
{
    for _ in $(seq 600); do
        listed=$("$scard" list 2>&1 || true)
        if grep -Eq -- "$1" <<<"$listed"; then
            return 0
        fi
        sleep 0.1
    done
    echo "scard list: never $1" >&2
    exit 1
}

# begin COMMAND...: runs it beside us, until the token waits for a touch.
begin()
{
    local before
    before=$(grep -c waits /tmp/said || true)
    WINSCARD_LOG=info "$@" >/tmp/begun 2>&1 &
    begun=$!
    until [ "$(grep -c waits /tmp/said)" -gt "$before" ]; do
        sleep 0.05
    done
}

mkfifo /tmp/input
/usr/bin/python3 "$tests/programs/fido_token.py" uhid </tmp/input >/tmp/said &
exec 9>/tmp/input
until grep -q ready /tmp/said; do
    sleep 0.05
done
until_seen "card present"
node=$(echo /dev/hidraw*)

out=$("$scard" status)
expect "the ATR" "$out" "3B 84 81 31 FE 45 46 49 44 4F 8B"
expect "getInfo" "$("$scard" apdu 1 $select $get_info)" "^< 00 A5 01 82 66 55 32 46 5F 56 32"
expect "python-fido2" "$(/usr/bin/python3 "$tests/programs/fido.py" plain)" "^fido2 plain:"

# At the same time as a program that has the device itself, and that takes a token which is busy
# with ours for one of U2F alone.
if command -v fido2-token >/dev/null; then
    expect "libfido2 lists it" "$(fido2-token -L)" "^$node: vendor=0x1209"
    /usr/bin/python3 "$tests/programs/fido.py" plain >/tmp/python &
    other=$!
    for _ in $(seq 20); do
        expect "libfido2 beside it" "$(fido2-token -I "$node")" "^proto: 0x02"
        expect "scard beside it" "$("$scard" apdu 1 $select $get_info)" "^< 00 A5"
    done
    wait "$other"
    out=$(fido2-token -I "$node")
    expect "libfido2 after it" "$out" "version strings: U2F_V2, FIDO_2_0"
    expect "python-fido2 beside it" "$(cat /tmp/python)" "^fido2 plain:"
else
    echo "fido2-token is missing: Debian package fido2-tools" >&2
    exit 1
fi

# Pulled out while nobody uses it, and in the middle of a command that waits for a touch.
echo pull >&9
until_seen "No reader is connected"
echo plug >&9
until_seen "card present"
make=$(/usr/bin/python3 -c '
from fido2 import cbor
made = b"\1" + cbor.encode({1: b"c" * 32, 2: {"id": "a.org", "name": "a"},
                            3: {"id": b"u", "name": "u"}, 4: [{"alg": -7, "type": "public-key"}]})
print("80100000%02X%s00" % (len(made), made.hex()))')
echo slow >&9
begin "$scard" apdu 1 $select "$make"
echo pull >&9
wait "$begun" && exit 1
expect "pulled while it waits" "$(cat /tmp/begun)" "READER_UNAVAILABLE|unavailable|gone"
echo plug >&9
until_seen "card present"
expect "back again" "$("$scard" apdu 1 $select $get_info)" "^< 00 A5"

# A minute until it is touched, in which it says all the time that it waits; another program's
# command waits for the end of that.
echo slow >&9
began=$(date +%s)
begin "$scard" apdu 1 $select "$make"
expect "another program waits" "$("$scard" apdu 1 $select $get_info)" "^< 00 A5"
wait "$begun"
expect "after a minute" "$(cat /tmp/begun)" "^< 00 A3 01 66 70 61 63 6B 65 64"
[ $(($(date +%s) - began)) -ge 60 ]
echo end >&9
echo "hid: $checks checks"
