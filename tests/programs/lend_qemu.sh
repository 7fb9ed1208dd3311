#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# scard lend: to a virtual machine of QEMU's, whose programs, ours too, use the card by the USB
# reader that QEMU emulates. Debian's kernel is downloaded into ~/.cache/winscard for it, and
# not installed.
# shellcheck source=tests/programs/common.sh
. "$(dirname "$0")/common.sh"
need qemu-system-x86_64 qemu-system-x86
need busybox busybox-static
need cpio cpio
image=${XDG_CACHE_HOME:-$HOME/.cache}/winscard/vm
if [ ! -d "$image" ]; then
    rm -rf "$image.new"
    mkdir -p "$image.new"
    package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-\)/\1/p')
    (
        cd "$image.new"
        apt-get -qq download "$package" 2>/dev/null
        dpkg-deb --fsys-tarfile ./*.deb |
            tar -xf - --wildcards './boot/vmlinuz-*' './lib/modules/*/kernel/drivers/usb/*'
        rm ./*.deb
    )
    mv "$image.new" "$image"
fi

# What the machine starts from: busybox, scard with its libraries, and drivers for USB.
root=$work/root
mkdir -p "$root"/{bin,lib,lib64,mod,proc,sys,dev}
cp /bin/busybox "$root/bin"
ln -s busybox "$root/bin/sh"
cp "$build_dir/src/cli/scard" "$root/bin"
ldd "$build_dir/src/cli/scard" | grep -o '/[^ ]*\.so[^ ]*' | while read -r library; do
    cp -L "$library" "$root/lib"
done
cp -L /lib64/ld-linux-x86-64.so.2 "$root/lib64"
for module in usb-common usbcore uhci-hcd; do
    find "$image/lib" -name "$module.ko" -exec cp {} "$root/mod" \;
done
cat >"$root/init" <<'END'
#!/bin/sh
/bin/busybox --install /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for module in usb-common usbcore uhci-hcd; do
    insmod /mod/$module.ko
done
export LD_LIBRARY_PATH=/lib HOME=/
# soon COMMAND...: its output has a line with the word that stands first.
soon()
{
    word=$1
    shift
    i=0
    until "$@" 2>&1 | grep -q "$word" || [ $i -gt 600 ]; do
        i=$((i + 1))
        sleep 0.2
    done
}
soon "card present" scard list
scard list
scard apdu 1 00A4040C05F0534F4654 0084000008 00B0820010 0020000006313233343536
echo "== used"
soon "no card" scard list
scard list
echo "== over"
poweroff -f
END
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc 2>/dev/null) >"$work/initrd"

port=$(free_port)
timeout "$hang" qemu-system-x86_64 -m 256 -display none -no-reboot -serial "file:$work/console" \
    -kernel "$image"/boot/vmlinuz-* -initrd "$work/initrd" \
    -append "console=ttyS0 quiet panic=-1" -usb -device usb-ccid \
    -chardev "socket,id=card,host=127.0.0.1,port=$port,server=on,wait=off" \
    -device ccid-card-passthru,chardev=card >"$work/qemu.log" 2>&1 &
machine=$!
children+=("$machine")
WINSCARD_CARRIER=local WINSCARD_READERS='soft:?pin=123456' "$build_dir/src/cli/scard" lend -w \
    1 "127.0.0.1:$port" >"$work/lend.log" 2>&1 &
lender=$!
children+=("$lender")

# until_said WORDS: by the virtual machine.
until_said()
{
    until grep -q -- "$1" "$work/console" 2>/dev/null; do
        if ! kill -0 "$machine" 2>/dev/null; then
            cat "$work/qemu.log" "$work/console" "$work/lend.log" >&2
            exit 1
        fi
        sleep 0.1
    done
}
until_said "== used"
kill -INT "$lender"
wait "$lender" || true
until_said "== over"
wait "$machine" || true
said=$(tr -d '\r' <"$work/console")
expect "QEMU's reader" "$said" "QEMU USB CCID 0"
expect "the card's ATR" "$said" "ATR +3B 9C 95 80 31"
expect "a challenge" "$said" "< ([0-9A-F]{2} ){7}[0-9A-F]{2}( |$)"
expect "a file" "$said" "< 00 01 02 03 04 05 06 07"
expect "a PIN" "$said" "VERIFY"
expect "four commands" "$(grep -c '^< 90 00 *success' <<<"$said")" '^4$'
expect "the card has gone" "$(sed -n '/== used/,$p' <<<"$said")" "no card"
expect "what the lender says" "$(cat "$work/lend.log")" "card-inserted"
done_with "lend, to QEMU"
