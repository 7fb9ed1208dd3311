#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# load.sh DLL [ROUNDS]: how long a program waits for winscard.dll to be loaded under Wine, beside
# an empty DLL in the same run: at most twice as long. And how large it is without what
# debuggers read: below 400 KiB in the build of the zip (packaging/make-zip). Of x86-64. WINE is
# Wine's loader, WINEPREFIX is made if it is not there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dll=$(realpath "$1")
rounds=${2:-200}
wine=${WINE:-$(command -v wine64 || command -v wine || echo /usr/lib/wine/wine64)}
export WINEDEBUG=${WINEDEBUG:--all} WINEDLLOVERRIDES=winscard=n,b
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mingw=x86_64-w64-mingw32
$mingw-gcc -std=c11 -O2 -o "$work/load.exe" "$here/load.c"
echo 'int empty; int use(void); int use(void) { return empty; }' >"$work/empty.c"
$mingw-gcc -O2 -shared -s -o "$work/empty.dll" "$work/empty.c"
cp "$dll" "$work/winscard.dll"
$mingw-strip "$work/winscard.dll"
size=$(stat -c %s "$work/winscard.dll")

(cd "$work" && "$wine" load.exe "$rounds" empty.dll winscard.dll) | tr -d '\r' >"$work/times"
awk -v size="$size" '
    { printf "%-14s median %7d us, the first time %7d us\n", $1, $2, $3; median[NR] = $2 }
    END {
        if (NR != 2) exit 1
        ratio = median[2] / median[1]
        printf "winscard.dll takes %.2f of an empty one (at most 2), ", ratio
        printf "and has %d bytes\n", size
        exit ratio > 2
    }' "$work/times"
