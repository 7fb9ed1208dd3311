#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# A simulated GemPC Twin on a pseudoterminal: read in process, through winscardd, in Debian's pcscd
# by our bundle, and there by libccid's own driver, which so says that the line is as its readers
# have it. pcscd needs a mount namespace of its own, since its socket cannot be chosen.
if [ -z "${SERIAL_TEST_INSIDE:-}" ] && [ "$(id -u)" -eq 0 ]; then
    exec env SERIAL_TEST_INSIDE=yes unshare -m bash "$0" "$@"
fi
# shellcheck source=tests/programs/common.sh
. "$(dirname "$0")/common.sh"
need pcscd pcscd
scard=$build_dir/src/cli/scard
line=$work/line
theirs=/usr/lib/pcsc/drivers/serial/libccidtwin.so
unset WINSCARD_READERS

start_serial_peer "$line" 'gempc_twin?card=t1'

asks() { timeout $hang "$scard" "$@" 2>&1 || true; }
select=00A4040C05F0534F4654
read_it=00B0820010
bytes="00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F"

# In process.
export WINSCARD_READERS=serial:$line WINSCARD_CARRIER=local
out=$(asks list)
expect "in process: the reader" "$out" "Gemalto GemPC Twin 0"
atr=$(asks status | sed -n 's/^ *ATR *//p')
expect "its ATR" "$atr" "^3B "
expect "commands" "$(asks apdu 1 $select $read_it)" "^< $bytes"
echo remove >&9
until grep -q 'no card' <<<"$(asks list)"; do
    sleep 0.1
done
echo insert >&9
until grep -q 'card present' <<<"$(asks list)"; do
    sleep 0.1
done

# Through the service, two programs.
if [ -x "$build_dir/service/winscardd" ]; then
    "$build_dir/service/winscardd" --foreground --socket "$work/s" --readers "serial:$line" &
    service=$!
    children+=("$service")
    until [ -S "$work/s" ]; do
        kill -0 "$service"
        sleep 0.05
    done
    unset WINSCARD_READERS
    export WINSCARD_CARRIER=service WINSCARD_SERVICE=unix:$work/s
    asks apdu 1 $select $read_it >"$work/other" &
    other=$!
    expect "through the service" "$(asks apdu 1 $select $read_it)" "^< $bytes"
    wait "$other"
    expect "another program at once" "$(cat "$work/other")" "^< $bytes"
    kill -TERM "$service"
    wait "$service"
    unset WINSCARD_SERVICE
fi
unset WINSCARD_READERS

if [ "$(id -u)" -ne 0 ]; then
    echo "not tried, as only root can give pcscd a place of its own: pcscd"
    done_with serial
    exit 0
fi
mkdir -p /run/pcscd
mount -t tmpfs none /run/pcscd
mkdir "$work/bundles" "$work/ours" "$work/theirs"
cat >"$work/ours/reader" <<END
FRIENDLYNAME "Twin"
DEVICENAME   serial:$line
LIBPATH      $build_dir/winscard-ifd.bundle/Contents/Linux/libwinscard-ifd.so
CHANNELID    0
END
cat >"$work/theirs/reader" <<END
FRIENDLYNAME "Twin"
DEVICENAME   $line:GemPCTwin
LIBPATH      $theirs
CHANNELID    0
END
export WINSCARD_CARRIER=pcscd
# by_pcscd FOLDER: what programs see of the reader in it.
by_pcscd()
{
    PCSCLITE_HP_DROPDIR=$work/bundles pcscd --foreground --error --config "$work/$1" \
        >"$work/pcscd.log" 2>&1 &
    local pcscd=$!
    children+=("$pcscd")
    until [ -S /run/pcscd/pcscd.comm ]; do
        kill -0 "$pcscd" || { cat "$work/pcscd.log"; exit 1; }
        sleep 0.05
    done
    expect "pcscd, $1: the reader" "$(asks list)" "Twin 0"
    expect "pcscd, $1: its ATR" "$(asks status | sed -n 's/^ *ATR *//p')" "^$atr\$"
    expect "pcscd, $1: commands" "$(asks apdu 1 $select $read_it)" "^< $bytes"
    kill -TERM "$pcscd"
    wait "$pcscd" || { echo "pcscd ended with $?"; cat "$work/pcscd.log"; exit 1; }
}
if [ -e "$build_dir/winscard-ifd.bundle" ]; then
    by_pcscd ours
fi
if [ ! -e "$theirs" ]; then
    echo "$theirs is missing: Debian package libccid" >&2
    exit 1
fi
by_pcscd theirs
exec 9>&-
done_with serial
