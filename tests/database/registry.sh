#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# registry.sh SOURCE: the registry store, compiled with mingw-w64 and run by Wine on a
# registry made for the occasion.
set -euo pipefail
cd "$1"
wine=$(command -v wine64 || echo /usr/lib/wine/wine64)
for program in x86_64-w64-mingw32-gcc:gcc-mingw-w64-x86-64-win32 "$wine":wine64; do
    if ! command -v "${program%%:*}" >/dev/null; then
        echo "${program%%:*} is missing: Debian package ${program##*:}" >&2
        exit 1
    fi
done
work=$(mktemp -d)
export WINEPREFIX=$work/prefix WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml="
unset DISPLAY
finish()
{
    "${wine%wine64}wineserver" -k 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

x86_64-w64-mingw32-gcc -std=c11 -O1 -Wall -Wextra -Werror -Isrc -I. -Iinclude/winscard \
    -o "$work/store.exe" tests/database/test_store.c \
    src/database/{registry_{store,values,entries,lists},calais,names,reg_write,reg_text}.c \
    src/base/{alloc,error,log,multistring,utf}.c -ladvapi32
# Its own messages while it makes the registry are of no interest if all goes well.
if ! "$wine" "$work/store.exe" >"$work/said" 2>&1; then
    cat "$work/said"
    exit 1
fi
grep checks "$work/said"
