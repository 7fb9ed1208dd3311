#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# mingw.sh SOURCE: what no build for Windows compiles, by mingw-w64 in both widths, with the
# warnings of our own build: the drivers of USB readers, which need a libusb for Windows there,
# and each header behind <windows.h>.
set -euo pipefail
cd "$1"
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
flags=(-std=c11 -O2 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes
    -Wmissing-prototypes -Wcast-align -Wvla -Wundef -Wswitch-enum -Wformat=2 -Werror
    -DWITH_SOFT -DWITH_VPCD -DWITH_VSCARD '-DSCARD_VERSION="0"' -Isrc -I. -Iinclude/winscard)
# libusb's header is the same on all systems: the one of this system serves. It alone of
# its directory, so that no header of this system's libc is found there.
usb=$(pkg-config --cflags-only-I libusb-1.0 2>/dev/null || true)
if ! [[ $usb =~ ^-I([^ ]+) ]]; then
    echo "mingw: libusb's header is missing: Debian package libusb-1.0-0-dev" >&2
    exit 1
fi
flags+=(-DWITH_USB -isystem "${BASH_REMATCH[1]}")
# Every header can be included after <windows.h>, and takes none of its names away. Not
# those that need the public winscard.h, which Windows has one of its own of, nor what is of
# another system.
{
    echo '#include <windows.h>'
    find src drivers -name '*.h' ! -path 'src/os/*/*' ! -path 'src/face/*' ! -path 'src/port/*' \
        ! -path 'src/dialog/*' ! -path 'src/cli/*' ! -name 'sqlite_*.h' |
        sort | sed -E 's,^src/,,; s/.*/#include "&"/'
    echo 'LPCTSTR text_of_windows = TEXT("text");'
} >"$place/headers.c"
files=(drivers/{ccid,ccid_usb,iso}/*.c "$place/headers.c")
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
done
echo "mingw: ${#files[@]} files for each of two widths, $failed failed"
[ "$failed" -eq 0 ] && [ "${#files[@]}" -gt 25 ]
