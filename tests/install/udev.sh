#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# udev.sh SOURCE: udev itself, with the rules of the system and ours, is given simulated
# devices: one of class 0b, some vendor-class readers of vendor_class.def (units.sh compares
# all of them), and some that are no readers.
# Needs root, for a mount namespace of its own.
set -euo pipefail
if [ "$(id -u)" -ne 0 ]; then
    echo "SKIPPED: udev reads its rules from directories that root alone can mount"
    exit 77
fi
if [ "${2:-}" != inside ]; then
    exec unshare --mount bash "$0" "$1" inside
fi
source_dir=$1
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
mkdir -p /run/udev
mount -t tmpfs tmpfs /run/udev
mkdir /run/udev/rules.d
cp "$source_dir/packaging/udev/60-winscard.rules" /run/udev/rules.d
# All of /etc: a mount on the file alone goes when the machine's own file is replaced.
cp -a /etc "$place/etc"
{ grep -v '^winscard:' /etc/group; echo 'winscard:x:7816:'; } >"$place/etc/group"
mount --bind "$place/etc" /etc

number=0 failed=0
# device VENDOR PRODUCT CLASS WANTED: what udev does with it; WANTED is yes or no.
device()
{
    local path=/devices/pci0000:00/0000:00:14.0/usb1/1-$((++number)) got=no
    # Device, configuration, interface and endpoint descriptor (USB 2.0, 9.6), numbers
    # little-endian. udev 252 does not look at an interface that nothing follows.
    local ids=${1:2}${1:0:2}${2:2}${2:0:2}
    local config=09021900010100803209040000 interface=01${3}00000007058102400000
    cat >"$place/device" <<END
P: $path
N: bus/usb/001/00$number
E: DEVTYPE=usb_device
E: SUBSYSTEM=usb
E: DEVNAME=/dev/bus/usb/001/00$number
E: MAJOR=189
E: MINOR=$((number - 1))
A: idVendor=$1\n
A: idProduct=$2\n
A: bDeviceClass=00\n
H: descriptors=1201000200000040${ids}000101020001$config$interface
END
    SYSTEMD_LOG_LEVEL=debug timeout 600 umockdev-run -d "$place/device" -- \
        udevadm test --action=add "/sys$path" >"$place/said" 2>&1 || true
    if grep -q '60-winscard.rules:.*GROUP 7816' "$place/said" &&
        grep -q '60-winscard.rules:.*MODE 0660' "$place/said" &&
        grep -q '^TAGS=.*:uaccess:' "$place/said"; then
        got=yes
    fi
    if [ "$got" != "$4" ]; then
        echo "$1:$2 class $3: for the service and the seat's user: $got, want $4"
        grep -i 'winscard\|SMARTCARD\|TAGS' "$place/said" || tail "$place/said"
        failed=$((failed + 1))
    fi
}
device 08e6 3437 0b yes
device 7816 0003 0b yes
# The first, the last, one between others, one alone on its line.
while IFS=: read -r vendor product; do
    device "$vendor" "$product" ff yes
done < <(sed -n 's/^VENDOR_CLASS(0x\(....\), *0x\(....\),.*/\1:\2/p' \
    "$source_dir/drivers/ccid/vendor_class.def" | tr A-F a-f |
    sed -n '1p; $p; /^046a:003e/p; /^04e6:e003/p; /^0973:/p; /^09be:/p')
device 0c4b 0300 ff no
device 04e6 e002 ff no
device 7816 0003 ff no
device 7816 0004 08 no
echo "udev: $number devices, $failed wrong"
[ "$number" -gt 9 ] && [ "$failed" -eq 0 ]
