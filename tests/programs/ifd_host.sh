#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Drivers of pcscd that nobody here wrote, by "ifd:" and by Debian's pcscd: vsmartcard's
# libifdvpcd with vicc as the card, and libccid's GemPC Twin on a simulated serial line. What
# programs see of the readers is the same: names, ATR, attributes, features, commands. Every
# other handler of Debian's is loaded, and says that there is no device; their packages are
# downloaded into ~/.cache/winscard, and not installed, as pcscd would use them in other tests.
# In a namespace of its own, since neither pcscd's socket nor vpcd's port can be chosen; so this
# needs to be root.
handlers=${XDG_CACHE_HOME:-$HOME/.cache}/winscard/handlers
if [ -z "${IFD_TEST_INSIDE:-}" ] && [ ! -d "$handlers" ]; then
    mkdir -p "$handlers.new"
    if (
        cd "$handlers.new"
        apt-get -qq download libacsccid1 libasedrive-serial libasedrive-usb libgcr410 \
            libgempc410 libgempc430 libifd-cyberjack6 libusb-0.1-4 2>/dev/null &&
            for package in *.deb; do
                dpkg-deb -x "$package" all
                rm "$package"
            done
    ); then
        mv "$handlers.new" "$handlers"
    else
        rm -rf "$handlers.new"
    fi
fi
if [ -z "${IFD_TEST_INSIDE:-}" ] && [ "$(id -u)" -eq 0 ]; then
    exec env IFD_TEST_INSIDE=yes unshare -mn bash "$0" "$@"
fi
# shellcheck source=tests/programs/common.sh
. "$(dirname "$0")/common.sh"
need pcscd pcscd
need opensc-tool opensc
take_pcscd_place
drivers=/usr/lib/pcsc/drivers
for file in serial/libifdvpcd.so serial/libccidtwin.so ifd-ccid.bundle; do
    if [ ! -e "$drivers/$file" ]; then
        echo "$drivers/$file is missing: Debian packages libccid, vsmartcard-vpcd" >&2
        exit 1
    fi
done
mkdir "$work/bundles" "$work/readers"
unset WINSCARD_READERS
export WINSCARD_IFD_PROGRAM=$build_dir/drivers/winscard-ifd
scard=$build_dir/src/cli/scard

# A line with a reader behind it, and a port for vicc, which libifdvpcd has by its channel.
line=$work/line
start_serial_peer "$line" 'gempc_twin?card=t1'
cat >"$work/readers/twin" <<END
FRIENDLYNAME "GemPCTwin serial"
DEVICENAME   $line:GemPCTwin
LIBPATH      $drivers/serial/libccidtwin.so
END
cat >"$work/readers/vpcd" <<END
FRIENDLYNAME "Virtual PCD"
DEVICENAME   /dev/null:0x8C7B
LIBPATH      $drivers/serial/libifdvpcd.so
CHANNELID    0x8C7B
END
start_vicc 35963 iso7816

# What a program sees of all readers, by the library that it runs on.
cat >"$work/look.py" <<'END'
import time
from smartcard.scard import *
def check(result, what):
    if result != SCARD_S_SUCCESS:
        print(what, "%08X" % (result & 0xFFFFFFFF))
    return result == SCARD_S_SUCCESS
attributes = ("VENDOR_NAME", "VENDOR_IFD_TYPE", "VENDOR_IFD_VERSION", "VENDOR_IFD_SERIAL_NO",
              "CHANNEL_ID", "DEFAULT_CLK", "MAX_CLK", "DEFAULT_DATA_RATE", "MAX_DATA_RATE",
              "MAX_IFSD", "POWER_MGMT_SUPPORT", "CHARACTERISTICS", "ATR_STRING",
              "CURRENT_PROTOCOL_TYPE", "ICC_PRESENCE")
result, context = SCardEstablishContext(SCARD_SCOPE_SYSTEM)
# Handlers take their time to find cards.
for _ in range(600):
    result, readers = SCardListReaders(context, [])
    if result == SCARD_S_SUCCESS:
        states = [(reader, SCARD_STATE_UNAWARE) for reader in readers]
        result, states = SCardGetStatusChange(context, 100, states)
        present = [s[0] for s in states if s[1] & SCARD_STATE_PRESENT]
        if len(present) == 2:
            break
    time.sleep(0.1)
for reader in sorted(readers):
    print("reader", reader)
for reader in sorted(present):
    result, card, protocol = SCardConnect(context, reader, SCARD_SHARE_SHARED,
                                          SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1)
    if not check(result, "connect"):
        continue
    result, name, state, protocol, atr = SCardStatus(card)
    print(reader[:12], "status", name, protocol, bytes(atr).hex())
    for name in attributes:
        result, value = SCardGetAttrib(card, globals()["SCARD_ATTR_" + name])
        print(reader[:12], name, bytes(value).hex() if result == 0 else "-")
    result, features = SCardControl(card, SCARD_CTL_CODE(3400), [])
    print(reader[:12], "features", bytes(features).hex() if result == 0 else "-")
    for at in range(0, len(features) if result == 0 else 0, 6):
        if features[at] == 0x12:
            code = int.from_bytes(bytes(features[at + 2:at + 6]), "big")
            result, value = SCardControl(card, code, [])
            print(reader[:12], "properties", bytes(value).hex())
    header = SCARD_PCI_T0 if protocol == SCARD_PROTOCOL_T0 else SCARD_PCI_T1
    for command in ("00A4000C023F00", "00A4040C05F0534F4654", "00B0820010", "00F0000000"):
        result, answer = SCardTransmit(card, header, list(bytes.fromhex(command)))
        print(reader[:12], command, bytes(answer).hex() if result == 0 else result)
    SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
                   SCARD_RESET_CARD)
    result, name, state, protocol, atr = SCardStatus(card)
    print(reader[:12], "again", bytes(atr).hex())
    SCardDisconnect(card, SCARD_UNPOWER_CARD)
SCardReleaseContext(context)
END

# By ours.
export WINSCARD_READERS="ifd:?bundles=&readers=$work/readers"
WINSCARD_CARRIER=local on_ours /usr/bin/python3 "$work/look.py" >"$work/ours.log" 2>&1 || true
if [ -n "${IFD_DEBUG:-}" ]; then cat "$work/vicc.log"; fi
ours=$(cat "$work/ours.log")
expect "a reader on a line" "$ours" "^reader GemPCTwin serial 0[01] 00$"
expect "a slot of vpcd" "$ours" "^reader Virtual PCD 0[01] 00$"
expect "its second slot" "$ours" "^reader Virtual PCD 0[01] 01$"
expect "vicc's ATR" "$ours" "^Virtual PCD  ?status .* 3b951381018073ff01000b$"
expect "commands to vicc" "$ours" "^Virtual PCD  ?00A4000C023F00 9000$"
read_it="^GemPCTwin se 00B0820010 000102030405060708090a0b0c0d0e0f9000$"
expect "commands on the line" "$ours" "$read_it"

# A card that comes and goes.
twin() { WINSCARD_CARRIER=local timeout $hang "$scard" list 2>&1 | grep -A1 GemPCTwin; }
echo remove >&9
until grep -q 'no card' <<<"$(twin)"; do
    sleep 0.1
done
echo insert >&9
until grep -q 'card present' <<<"$(twin)"; do
    sleep 0.1
done

# A service that has them, and two programs.
if [ -x "$build_dir/service/winscardd" ]; then
    IN_SERVICE=1 on_ours /usr/bin/python3 "$work/look.py" >"$work/service.out" 2>&1 || true
    expect "by the service" "$(cat "$work/service.out")" \
        "$read_it"
fi
unset WINSCARD_READERS

# By pcscd.
PCSCLITE_HP_DROPDIR=$work/bundles pcscd --foreground --error --config "$work/readers" \
    >"$work/pcscd.log" 2>&1 &
pcscd=$!
children+=("$pcscd")
until [ -S /run/pcscd/pcscd.comm ]; do
    kill -0 "$pcscd" || { cat "$work/pcscd.log"; exit 1; }
    sleep 0.05
done
timeout $hang /usr/bin/python3 "$work/look.py" >"$work/theirs.log" 2>&1 || true
kill -TERM "$pcscd"
wait "$pcscd" || { echo "pcscd ended with $?"; cat "$work/pcscd.log"; exit 1; }
# Where its driver has no answer, pcscd has none; the manager may know it.
checks=$((checks + 1))
if ! paste -d '|' "$work/theirs.log" "$work/ours.log" | awk -F '|' '
    { known = $1; sub(/-$/, "", known) }
    $1 != $2 && (known == $1 || index($2, known) != 1) { print "pcscd: " $1; print "ifd:   " $2
        bad = 1 }
    END { exit bad || NR < 20 }'; then
    exit 1
fi

# Bundles as they are installed, and what is wrong with others.
mkdir -p "$work/bad/broken.bundle/Contents" "$work/bad/gone.bundle/Contents"
echo '<plist><dict>' >"$work/bad/broken.bundle/Contents/Info.plist"
sed 's/libccid\.so/nowhere.so/' "$drivers/ifd-ccid.bundle/Contents/Info.plist" \
    >"$work/bad/gone.bundle/Contents/Info.plist"
out=$(WINSCARD_LOG=error WINSCARD_CARRIER=local WINSCARD_READERS="ifd:?bundles=$work/bad&readers=" \
    timeout $hang "$scard" list 2>&1 || true)
expect "a broken Info.plist" "$out" "broken.bundle has an Info.plist that ends before"
expect "an object that is gone" "$out" "gone.bundle cannot be used: nowhere.so is not there"
out=$(WINSCARD_CARRIER=local timeout $hang "$scard" doctor 2>&1 || true)
expect "scard doctor" "$out" "ifd-ccid.bundle has a driver for [0-9]+ kinds of USB reader"
expect "scard doctor, of a file" "$out" \
    "vpcd has the reader Virtual PCD, by $drivers/serial/libifdvpcd.so"

# no_device OBJECT PARAMETER: it loads, opens nothing, and that is said.
no_device()
{
    local out
    out=$(WINSCARD_LOG=error WINSCARD_CARRIER=local WINSCARD_READERS="ifd:$1?$2" \
        timeout $hang "$scard" list 2>&1 || true)
    expect "${1##*/} without a device" "$out" "the handler cannot open the reader"
}
no_device $drivers/ifd-ccid.bundle device=usb:08e6/3437:libudev:0:/dev/bus/usb/001/004
no_device $drivers/serial/libccidtwin.so device=/nowhere:GemPCTwin
if [ -d "$handlers" ]; then
    # Where some of them look for their own files.
    mount --bind "$handlers/all/usr/lib/pcsc/drivers" $drivers
    LD_LIBRARY_PATH=$(dirname "$(find "$handlers" -name 'libusb-0.1.so.4' | head -n 1)")
    export LD_LIBRARY_PATH
    no_device $drivers/ifd-acsccid.bundle \
        device=usb:072f/90cc:libudev:0:/dev/bus/usb/001/004
    no_device $drivers/ifd-GemPC430.bundle \
        device=usb:08e6/0430:libudev:0:/dev/bus/usb/001/004
    no_device $drivers/libifd-cyberjack.bundle \
        device=usb:0c4b/0100:libudev:0:/dev/bus/usb/001/004
    no_device $drivers/ifd-ASEDriveIIIe-USB.bundle channel=0x200000
    no_device $drivers/ifd-ASEDriveIIIe-Serial/libASESerial.so channel=1
    no_device $drivers/serial/libgcr410.so channel=1
    no_device $drivers/serial/libGemPC410.so.1.0.8 device=/nowhere
    umount $drivers
else
    echo "not tried, as they could not be downloaded: the other handlers of Debian's"
fi
exec 9>&-
done_with ifd_host
