#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# start.sh DLL [ROUNDS]: how long a Windows program takes under Wine from its start until it has
# listed the readers, with this winscard.dll beside it (that of the zip, or the one for Wine)
# and with Wine's own, in turns, as a ratio of the medians. Readers are the machine's: Wine's
# own DLL asks pcscd from Wine 9 on, and lists none before; ours is told by WINSCARD_READERS
# and the like. WINE is Wine's loader, WINEPREFIX is made if it is not there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dll=$(realpath "$1")
rounds=${2:-20}
wine=${WINE:-$(command -v wine64 || command -v wine || echo /usr/lib/wine/wine64)}
work=$(mktemp -d)
export WINEDEBUG=${WINEDEBUG:--all} WINEPREFIX=${WINEPREFIX:-$work/prefix}
trap 'rm -rf "$work"' EXIT

mkdir "$work/ours" "$work/wine"
x86_64-w64-mingw32-gcc -std=c11 -O2 \
    -o "$work/wine/list.exe" "$here/list.c"
cp "$work/wine/list.exe" "$work/ours"
cp "$dll" "$work/ours/winscard.dll"
"$wine" wineboot -i >"$work/boot.log" 2>&1 </dev/null || true

# once FOLDER OVERRIDE: the microseconds of one start; what it listed goes to FOLDER.out.
once()
{
    local before after
    before=$(date +%s%N)
    WINEDLLOVERRIDES="mscoree,mshtml=;winscard=$2" "$wine" "$work/$1/list.exe" \
        >"$work/$1.out" </dev/null
    after=$(date +%s%N)
    echo $(((after - before) / 1000))
}

# Wine's server and the files of both are there for the first that is counted.
once wine b >/dev/null
once ours n,b >/dev/null
for ((i = 0; i < rounds; i++)); do
    once wine b >>"$work/wine.times"
    once ours n,b >>"$work/ours.times"
done
median()
{
    sort -n "$1" | sed -n "$(((rounds + 1) / 2))p"
}
echo "Wine's own lists: $(tr -d '\r' <"$work/wine.out")"
echo "ours lists: $(tr -d '\r' <"$work/ours.out")"
awk -v wine="$(median "$work/wine.times")" -v ours="$(median "$work/ours.times")" 'BEGIN {
    printf "start to list: Wine %d us, ours %d us: %.2f times\n", wine, ours, ours / wine }'
