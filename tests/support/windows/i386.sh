#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# i386.sh: prints the path of a folder in which usr/lib/wine/wine is a Wine for 32-bit
# programs on machines whose kernel refuses 32-bit code: Debian's wine32, every process of
# which qemu-i386 runs. The folder is in the cache ($XDG_CACHE_HOME or ~/.cache), named by
# this script; when it is not there it is made, of packages that apt downloads from the
# machine's mirror of Debian (170 MB; 590 MB unpacked). Nothing is installed, neither the
# machine's settings of apt nor its list of architectures are changed, and no rights are
# needed. What it says besides goes to standard error.
set -euo pipefail
# shellcheck source=packaging/packages.sh
. "$(dirname "$0")/../../../packaging/packages.sh"

release=bookworm

fail()
{
    echo "i386.sh: $*" >&2
    exit 1
}

cache=${XDG_CACHE_HOME:-$HOME/.cache}/winscard/wine-i386
folder=$cache/$release-$(sha256sum <"$0" | cut -c 1-8)
mkdir -p "$cache"
# Of several tests that begin at once the first makes it.
exec 9>"$cache/lock"
flock 9
if [ -d "$folder" ]; then
    echo "$folder"
    exit 0
fi

here=$(dpkg --print-architecture)

# What one that was ended left behind goes too.
rm -rf "$cache"/new-*
place=$(mktemp -d "$cache/new-XXXXXX")
trap 'rm -rf "$place"' EXIT
echo "i386.sh: making $folder (about a minute, once)" >&2
began=$SECONDS
mkdir -p "$place"/{packages,root}
apt_apart "$place" <<END || fail "32-bit programs cannot be run here"
deb MIRROR $release main
deb MIRROR $release-backports main
END
cat >>"$place/apt/conf" <<END
#clear APT::Architectures;
APT::Architectures { "$here"; "i386"; };
END
download()
{
    apt-get -q -c "$place/apt/conf" update &&
        (cd "$place/packages" && apt-get -q -c "$place/apt/conf" download "$@")
}
# Of Wine only what console programs need. Its server runs on this machine's processor, and
# does so faster. qemu 7.2, the release's own, does not run Wine.
download libwine:i386 wine32:i386 libc6:i386 libgcc-s1:i386 libz-mingw-w64 "wine64:$here" \
    "qemu-user:$here/$release-backports" >"$place/log" 2>&1 9>&- || {
    tail -n 20 "$place/log" >&2
    fail "the packages could not be downloaded"
}

root=$place/root
unpack()
{
    dpkg-deb --fsys-tarfile "$place"/packages/"$1"_*.deb | tar -C "$root" -x "${@:2}"
}
for package in libc6 libgcc-s1 wine32; do
    unpack $package
done
unpack libwine --exclude='*/x86_64-windows'
unpack libz-mingw-w64 ./usr/i686-w64-mingw32/lib/zlib1.dll
unpack wine64 ./usr/lib/wine/wineserver64
# qemu for all the other processors, behind this one in the package, is not even read.
unpack qemu-user --occurrence=1 ./usr/bin/qemu-i386 2>>"$place/log" || true
[ -x "$root/usr/bin/qemu-i386" ] || fail "Debian package qemu-user has no qemu-i386"

# As libwine's own script does when it is installed: the mark by which Wine takes a DLL for one
# of its own stands behind the 64 bytes of the DOS header.
zlib=$root/usr/lib/i386-linux-gnu/wine/i386-windows/zlib1.dll
mv "$root/usr/i686-w64-mingw32/lib/zlib1.dll" "$zlib"
{ printf 'Wine builtin DLL' && head -c 16 /dev/zero; } |
    dd of="$zlib" bs=1 seek=64 conv=notrunc status=none

# An empty one: this machine's would lead to libraries outside the folder.
: >"$root/etc/ld.so.cache"
# Wine starts each of its processes as "wine" in the folder of its own program.
wine=$root/usr/lib/wine
mv "$wine/wine" "$wine/loader"
mv "$wine/wineserver64" "$wine/wineserver"
cat >"$wine/wine" <<'END'
#!/bin/sh
root=${0%/usr/lib/wine/wine}
exec "$root/usr/bin/qemu-i386" -L "$root" -0 "$0" "$root/usr/lib/wine/loader" "$@"
END
chmod +x "$wine/wine"
found=$("$wine/wine" --version 2>&1 9>&-) || fail "qemu-i386 does not run Wine here: $found"

mv "$root" "$folder"
echo "i386.sh: $found, made in $((SECONDS - began)) s" >&2
echo "$folder"
