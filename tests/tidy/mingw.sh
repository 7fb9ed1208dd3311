#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# mingw.sh SOURCE: compiles everything that is of no one system with mingw-w64, in both
# widths, with the warnings of our own build: winscard.dll and scard.exe will be made of it.
set -euo pipefail
cd "$1"
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
flags=(-std=c11 -O2 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes
    -Wmissing-prototypes -Wcast-align -Wvla -Wundef -Wswitch-enum -Wformat=2 -Werror
    -DWITH_SOFT -DWITH_VPCD '-DSCARD_VERSION="0"' -Isrc -I. -Iinclude/winscard)
# Not src/os, nor what pcsc-lite's face and POSIX systems alone have.
unwanted=(! -path 'src/os/*' ! -path src/face/stringify.c
    ! -path src/face/reader_pcsclite.c ! -name '*_posix.c'
    ! -name 'sqlite_*.c')
# libusb's header is the same on all systems: the one of this system serves. It alone of
# its directory, so that no header of this system's libc is found there.
usb=$(pkg-config --cflags-only-I libusb-1.0 2>/dev/null || true)
if [[ $usb =~ ^-I([^ ]+) ]]; then
    flags+=(-DWITH_USB -isystem "${BASH_REMATCH[1]}")
else
    echo "mingw: libusb's header is not here (Debian package libusb-1.0-0-dev):" \
        "drivers/ccid_usb is left out"
    unwanted+=(! -path 'drivers/ccid_usb/*')
fi
# Every header can be included after <windows.h>, and takes none of its names away. Not
# those that need the public winscard.h, which Windows has one of its own of.
{
    echo '#include <windows.h>'
    find src drivers -name '*.h' "${unwanted[@]}" ! -path 'src/face/*' ! -path 'src/dialog/*' \
        ! -path 'src/cli/*' ! -name 'sqlite_*.h' | sort | sed -E 's,^src/,,; s/.*/#include "&"/'
    echo 'LPCTSTR text_of_windows = TEXT("text");'
} >"$place/headers.c"
mapfile -t files < <(find src drivers -name '*.c' "${unwanted[@]}" | sort)
files+=("$place/headers.c")
failed=0
for compiler in x86_64-w64-mingw32-gcc i686-w64-mingw32-gcc; do
    if ! command -v "$compiler" >/dev/null; then
        echo "$compiler is missing: Debian packages gcc-mingw-w64-x86-64-win32," \
            "gcc-mingw-w64-i686-win32" >&2
        exit 1
    fi
    for file in "${files[@]}"; do
        "$compiler" "${flags[@]}" -c -o /dev/null "$file" || failed=$((failed + 1))
    done
    # The calls with text once more, for W.
    for file in src/face/*_text.c src/dialog/*_text.c; do
        "$compiler" "${flags[@]}" -DUNICODE -c -o /dev/null "$file" ||
            failed=$((failed + 1))
    done
done
echo "mingw: ${#files[@]} files for each of two widths, $failed failed"
[ "$failed" -eq 0 ] && [ "${#files[@]}" -gt 90 ]
