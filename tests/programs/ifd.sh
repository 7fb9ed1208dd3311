#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Our readers inside Debian's pcscd, by winscard-ifd.bundle: the card of software with one slot
# and with two, what comes of cards that move and of a reader that is not there, and programs
# on Debian's own libpcsclite. In a mount namespace of its own, since pcscd's socket cannot be
# chosen; so this needs to be root.
if [ -z "${IFD_TEST_INSIDE:-}" ] && [ "$(id -u)" -eq 0 ]; then
    exec env IFD_TEST_INSIDE=yes unshare -mn bash "$0" "$@"
fi
# shellcheck source=tests/programs/common.sh
. "$(dirname "$0")/common.sh"
need pcscd pcscd
need opensc-tool opensc
take_pcscd_place
bundle=$build_dir/winscard-ifd.bundle
mkdir "$work/readers" "$work/bundles"
unset WINSCARD_READERS
theirs=$(ldconfig -p | awk '/libpcsclite\.so\.1 / && !found++ { print $NF }')

# reader NAME URI
reader()
{
    cat >>"$work/readers/all" <<END
FRIENDLYNAME "$1"
DEVICENAME   "$2"
LIBPATH      $bundle/Contents/Linux/libwinscard-ifd.so
CHANNELID    0

END
}

start_pcscd()
{
    LD_LIBRARY_PATH=$build_dir/tests/programs PCSCLITE_HP_DROPDIR=$work/bundles \
        pcscd --foreground --info --config "$work/readers" >"$work/pcscd.log" 2>&1 &
    pcscd=$!
    children+=("$pcscd")
    until [ -S /run/pcscd/pcscd.comm ]; do
        kill -0 "$pcscd" || { cat "$work/pcscd.log"; exit 1; }
        sleep 0.05
    done
}

# With Debian's own library, and with ours.
theirs() { LD_PRELOAD=$theirs timeout $hang "$@" 2>&1 || true; }
ours() { WINSCARD_CARRIER=pcscd timeout $hang "$build_dir/src/cli/scard" "$@" 2>&1 || true; }

reader "Card of software" 'soft:?pin=4711'
reader "Two slots" 'soft:?count=2'
reader "Nothing there" serial:/nowhere
reader "Not a reader" nonsense:
reader "Moving" 'soft:?blink=1000&name=Moving'
# A FIDO token, which is behind a hidapi of our own (fido.sh).
fake=$build_dir/tests/programs
if [ -e "$fake/libhidapi-hidraw.so.0" ]; then
    if ! /usr/bin/python3 -c 'import fido2, smartcard' 2>/dev/null; then
        echo "fido2 or smartcard is missing: Debian packages python3-fido2, python3-pyscard" >&2
        exit 1
    fi
    start_fido_token
    reader "Token" hid:fido
fi
start_pcscd
out=$(ours list)
expect "a reader" "$out" "Card of software 0$"
expect "the first of two slots" "$out" "Two slots 0$"
expect "the second" "$out" "Two slots 1$"
forbid "a line that is not there" "$out" "Nothing there"
forbid "what is no reader" "$out" "Not a reader"
expect "why not" "$(cat "$work/pcscd.log")" "Not a reader|nonsense"
out=$(ours status "Card of software 0")
expect "its ATR" "$out" "$soft_atr"
out=$(ours apdu "Card of software 0" 00A4040C05F0534F4654 0020008104"34373131")
expect "commands" "$out" "^< 90 00"
out=$(theirs opensc-tool -l)
expect "opensc-tool -l" "$out" "Yes .*Card of software 00 00"
out=$(theirs opensc-tool -r "Card of software 00 00" -a)
expect "opensc-tool -a" "$out" "3b:9c:95:80:31:fe:15:80:31:b8:73:b4:21:60:54:73:6f:66:74:86"
out=$(theirs opensc-tool -r "Two slots 01 01" -s 00A4040C05F0534F4654)
expect "opensc-tool -s" "$out" "SW1=0x90, SW2=0x00"
if [ -n "${FAKE_HID:-}" ]; then
    out=$(theirs /usr/bin/python3 "$source_dir/tests/programs/fido.py")
    expect "python-fido2" "$out" "^fido2: [0-9]+ checks"
fi
# A card that comes and goes by itself, as programs hear of it.
out=$(ours watch --count 4 | grep Moving || true)
expect "a card that goes" "$out" "empty|no card|removed"
expect "a card that comes" "$out" "card present|inserted|present"
kill -TERM "$pcscd"
wait "$pcscd" || { echo "pcscd ended with $?"; cat "$work/pcscd.log"; exit 1; }
done_with ifd
