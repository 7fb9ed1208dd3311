#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Our libraries as clients of Debian's pcscd, with vsmartcard's reader and card: pcscd owns
# the reader. In a mount and network namespace of its own, since pcscd's socket and the
# reader's port cannot be chosen; so this needs to be root.
if [ -z "${PCSCD_TEST_INSIDE:-}" ] && [ "$(id -u)" -eq 0 ]; then
    exec env PCSCD_TEST_INSIDE=yes unshare -mn bash "$0" "$@"
fi
# shellcheck source=tests/programs/common.sh
. "$(dirname "$0")/common.sh"
need pcscd pcscd
need vicc vsmartcard-vpicc
driver=/usr/lib/pcsc/drivers/serial/libifdvpcd.so
if [ ! -e "$driver" ]; then
    echo "$driver is missing: Debian package vsmartcard-vpcd" >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "skipped: only root can give pcscd a place of its own"
    exit 77
fi
mkdir -p /run/pcscd
mount -t tmpfs none /run/pcscd
ip link set lo up
mkdir "$work/reader"
cat >"$work/reader/vpcd" <<END
FRIENDLYNAME "Virtual PCD"
DEVICENAME   /dev/null:0x8C7B
LIBPATH      $driver
CHANNELID    0x8C7B
END

start_pcscd()
{
    pcscd --foreground --error --config "$work/reader" >>"$work/pcscd.log" 2>&1 &
    pcscd=$!
    disown
    children+=("$pcscd")
    for _ in $(seq 10000); do
        [ ! -S /run/pcscd/pcscd.comm ] || return 0
        sleep 0.05
    done
    cat "$work/pcscd.log" >&2
    return 1
}

# As start_vicc, but such that all of it ends with the group.
start_card()
{
    mkdir -p "$work/shim"
    echo 'import sys, Cryptodome; sys.modules[__name__] = Cryptodome' >"$work/shim/Crypto.py"
    PYTHONPATH=/usr/lib/python3/site-packages/virtualsmartcard:$work/shim setsid bash -c "
        while true; do
            timeout --foreground $hang vicc --type iso7816 --hostname 127.0.0.1 --port 35963
            sleep 0.1
        done" >"$work/vicc.log" 2>&1 &
    card=$!
    disown
    children+=("$card")
}

# on_pcscd FACE LIBRARY
on_pcscd()
{
    local line
    mkfifo "$work/said" "$work/told"
    timeout "$hang" /usr/bin/python3 "$source_dir/tests/programs/pcscd.py" "$1" "$2" \
        >"$work/said" <"$work/told" 2>"$work/errors" &
    local program=$!
    exec 9<"$work/said" 8>"$work/told"
    while read -r -u 9 line; do
        case $line in
        remove) kill -- "-$card" ;;
        insert) start_card ;;
        kill)
            kill -9 "$pcscd"
            rm -f /run/pcscd/pcscd.comm /run/pcscd/pcscd.pid
            ;;
        start) start_pcscd ;;
        checked*) checks=$((checks + ${line#checked })) ;;
        *)
            echo "$line" >&2
            cat "$work/errors" >&2
            exit 1
            ;;
        esac
        [[ $line == checked* ]] || echo "done" >&8
    done
    exec 8>&- 9<&-
    wait "$program" || {
        cat "$work/errors" >&2
        exit 1
    }
    rm "$work/said" "$work/told"
}

start_pcscd
start_card
export WINSCARD_CARRIER=pcscd
unset WINSCARD_READERS
on_pcscd pcsclite "$library"
on_pcscd windows "$build_dir/libwinscard.so.1"
export WINSCARD_CARRIER=auto # finds it by itself
out=$(timeout "$hang" "$build_dir/src/cli/scard" apdu 1 00A4000C023F00)
expect "scard apdu" "$out" "^Virtual PCD 0 "
expect "scard apdu" "$out" "^< 90 00"
out=$(on_ours opensc-tool -l 2>&1)
expect "opensc-tool -l" "$out" "Yes .*Virtual PCD 00 00"
out=$(on_ours_until 'ATR: ' pcsc_scan -n)
expect "pcsc_scan" "$out" "ATR: 3B 95 13 81 01 80 73 FF 01 00 0B"
done_with pcscd
