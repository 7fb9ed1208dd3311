#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# mingw.sh SOURCE: compiles what winscard.dll will be made of with mingw-w64, both widths.
set -euo pipefail
cd "$1"
count=0
failed=0
for compiler in x86_64-w64-mingw32-gcc i686-w64-mingw32-gcc; do
    if ! command -v "$compiler" >/dev/null; then
        echo "$compiler is missing: Debian packages gcc-mingw-w64-x86-64-win32," \
            "gcc-mingw-w64-i686-win32" >&2
        exit 1
    fi
    for file in src/base/*.c src/proto/*.c src/manager/*.c src/face/*.c; do
        # The one file that pcsc-lite's face alone has; there is none on Windows.
        [ "$file" != src/face/stringify.c ] || continue
        "$compiler" -std=c11 -Wall -Wextra -Werror -Isrc -I. -Iinclude/winscard \
            -fsyntax-only "$file" || failed=$((failed + 1))
        count=$((count + 1))
    done
done
echo "mingw: $count compilations, $failed failed"
[ "$failed" -eq 0 ] && [ "$count" -gt 60 ]
