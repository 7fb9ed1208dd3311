#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# winelib32.sh SOURCE BUILD: the DLL for 32-bit programs as an ELF object, which no package has:
# builds it into BUILD/wine-elf32, with Debian's i386 libraries in the cache ($XDG_CACHE_HOME or
# ~/.cache; apt downloads 17 MB for it), and lets a 32-bit Wine load it without an override: its
# exports, a session in process, and one by BUILD's service. BUILD has WITH_WINE_PE, for its
# import library.
set -euo pipefail
source=$(cd "$1" && pwd)
build=$(cd "$2" && pwd)
# shellcheck source=packaging/packages.sh
. "$source/packaging/packages.sh"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/winscard/libraries-i386
root=$cache/bookworm-$(sha256sum <"$0" | cut -c 1-8)
result=$build/wine-elf32
work=$(mktemp -d)
wine=/usr/lib/wine/wine
daemon=
# shellcheck disable=SC2317 # called by the trap
finish()
{
    [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
    "${wine%/*}/wineserver" -k 2>/dev/null || true
    rm -rf "$work"
}

make_root()
{
    local deb here
    here=$(dpkg --print-architecture)
    mkdir "$work/packages" "$work/root"
    apt_apart "$work" <<<"deb MIRROR bookworm main"
    printf '#clear APT::Architectures;\nAPT::Architectures { "%s"; "i386"; };\n' "$here" \
        >>"$work/apt/conf"
    apt-get -q -c "$work/apt/conf" update
    (cd "$work/packages" && apt-get -q -c "$work/apt/conf" download libc6:i386 \
        libc6-dev:i386 libcap2:i386 libcrypt-dev:i386 libgcc-12-dev:i386 libgcc-s1:i386 \
        libsqlite3-0:i386 libsqlite3-dev:i386 libudev1:i386 libusb-1.0-0:i386 \
        libusb-1.0-0-dev:i386 libwine-dev:i386 linux-libc-dev:i386)
    for deb in "$work"/packages/*.deb; do
        dpkg-deb -x "$deb" "$work/root"
    done
    mv "$work/root" "$root"
}

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
[ -d "$root" ] || (make_root) >"$work/log" 2>&1 9>&- || { tail -n 20 "$work/log"; exit 1; }
exec 9>&-
libraries=$root/usr/lib/i386-linux-gnu
overrides='mscoree,mshtml='
if ! "$wine" --version >/dev/null 2>&1; then
    wine=$(bash "$source/tests/support/windows/i386.sh")/usr/lib/wine/wine
    overrides+=';explorer.exe,winemenubuilder.exe=d'
fi
# What the DLL needs besides the C library, which is Wine's.
mkdir "$work/lib"
cp -P "$libraries"/lib{usb-1.0,sqlite3,udev}.so.* "$root"/lib/i386-linux-gnu/libcap.so.* "$work/lib"
export WINEPREFIX=$build/tests/wine/prefix-pe WINEARCH=win32 WINEDEBUG=-all
export WINEDLLOVERRIDES=$overrides WINSCARD_CARRIER=local WINSCARD_READERS='usb:;soft:'
trap finish EXIT

gcc=$root/usr/lib/gcc/i686-linux-gnu/12
PKG_CONFIG_LIBDIR=$libraries/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root \
    cmake -G Ninja -S "$source" -B "$result" -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DWARNINGS_AS_ERRORS=ON -DWITH_WINELIB=ON -DBUILD_TESTING=OFF -DCMAKE_SYSROOT="$root" \
    -DCMAKE_LIBRARY_ARCHITECTURE=i386-linux-gnu -DCMAKE_C_FLAGS="-m32 -B$gcc -L$gcc" \
    >"$work/log" 2>&1 || { tail -n 20 "$work/log"; exit 1; }
cmake --build "$result" --target winelib -- --quiet

# program NAME LIBRARY...: a test of this folder as a 32-bit program, beside the DLL.
program()
{
    i686-w64-mingw32-gcc -std=gnu11 -O1 -D__USE_MINGW_ANSI_STDIO=1 -I"$source" \
        -I"$source/include/winscard" -o "$work/$1.exe" "$source/tests/wine/$1.c" "${@:2}"
}
cp "$result/wine/winelib32/winscard.dll" "$work"
program exports
program session "$build/wine-pe32/libwinscard.dll.a"
cd "$work"

# windows WHAT ARGUMENT...: to a file, as Wine's own processes would keep a pipe open.
windows()
{
    timeout 600 env LD_LIBRARY_PATH="$work/lib" "$wine" "$@" \
        >"$work/said" 2>&1 </dev/null || { cat "$work/said"; echo "failed: $*"; exit 1; }
    grep '[1-9][0-9]* checks, 0 failed' "$work/said"
}
# One that stays, as in make_prefix of common.sh.
mkdir -p "$WINEPREFIX"
"${wine%/*}/wineserver" -p600 >/dev/null 2>&1 </dev/null
windows exports.exe "$source/winscard.def"
windows session.exe all
"$build/service/winscardd" --foreground --socket "$work/s" --readers soft: \
    2>"$work/service.log" &
daemon=$!
until [ -S "$work/s" ]; do
    kill -0 "$daemon"
    sleep 0.02
done
export WINSCARD_CARRIER=service WINSCARD_SERVICE=unix:$work/s
windows session.exe all
windows session.exe share 20
