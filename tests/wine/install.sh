#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# install.sh WINE PLACE SOURCE BUILD: packaging/wine/install with programs of both widths, with
# folders that are odd, and with a prefix of its own.
set -euo pipefail
# shellcheck source=tests/wine/common.sh
. "$(dirname "$0")/common.sh"
use_wine "$1" "$2"
source=$3 build=$4
tool=(bash "$source/packaging/wine/install")
work=$(mktemp -d)
finish()
{
    WINEPREFIX=$work/prefix "$wineserver" -k 2>/dev/null || true
    chmod -R u+w "$work"
    rm -rf "$work"
}
trap finish EXIT
checks=0
export WINSCARD_READERS=soft:

# says TEXT COMMAND...: it ends well, and says so.
says()
{
    local text=$1
    shift
    "$@" >"$work/said" 2>&1 || { cat "$work/said"; echo "failed: $*"; exit 1; }
    grep -qF -- "$text" "$work/said" || { cat "$work/said"; echo "no '$text': $*"; exit 1; }
    checks=$((checks + 1))
}
# refuses TEXT COMMAND...: it fails, and says why.
refuses()
{
    local text=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        echo "not refused: $*"
        exit 1
    fi
    grep -qF -- "$text" "$work/said" || { cat "$work/said"; echo "no '$text': $*"; exit 1; }
    checks=$((checks + 1))
}
# What a folder has, links too.
contents()
{
    (cd "$1" && find . -type d -printf '%p\n' -o -printf '%p %y %s %T@ %l\n' | sort)
}

dlls=$work/dlls
mkdir -p "$dlls/winelib64"
cp "$build/wine/winelib64/winscard.dll" "$dlls/winelib64"
tool+=(--dlls "$dlls")

# A 64-bit program, in a folder with spaces and letters: beside it the DLL is found at once.
folder="$work/Папка mit Ä"
mkdir "$folder"
cp "$place/winelib/session.exe" "$folder/Sitzung ü.EXE"
contents "$folder" >"$work/before"
says winelib64 "${tool[@]}" "$folder"
(cd "$folder" && windows "Sitzung ü.EXE" all)
contents "$folder" >"$work/once"
says installed "${tool[@]}" "$folder/Sitzung ü.EXE"
contents "$folder" >"$work/twice"
cut -d ' ' -f 1-3 "$work/once" | cmp - <(cut -d ' ' -f 1-3 "$work/twice")
says removed "${tool[@]}" --remove "$folder"
contents "$folder" | cmp - "$work/before"
says 'nothing of ours' "${tool[@]}" --remove "$folder"

# What somebody else has put there is kept, and comes back.
echo theirs >"$folder/winscard.dll"
contents "$folder" >"$work/before"
says kept "${tool[@]}" "$folder"
says installed "${tool[@]}" "$folder"
says removed "${tool[@]}" --remove "$folder"
contents "$folder" | cmp - "$work/before"
says kept "${tool[@]}" "$folder"
echo 'theirs again' >"$folder/winscard.dll"
refuses 'is not the one that was put there' "${tool[@]}" --remove "$folder"
refuses 'not ours, and a' "${tool[@]}" "$folder"
grep -q 'theirs again' "$folder/winscard.dll"

# A 32-bit program, by what its header says; both in one folder; none.
other=$work/32
mkdir "$other"
cp "$place/winelib/session.exe" "$other/old.exe"
at=$(od -An -j 60 -N 4 -t u4 "$other/old.exe")
printf '\x4c\x01' | dd of="$other/old.exe" bs=1 seek=$((at + 4)) conv=notrunc status=none
refuses 'a 32-bit program needs winelib32/winscard.dll pe32/winscard.dll' "${tool[@]}" "$other"
[ ! -e "$other/winscard.dll" ]
mkdir "$dlls/pe32"
echo 'a DLL' >"$dlls/pe32/winscard.dll"
says WINEDLLOVERRIDES "${tool[@]}" "$other"
mkdir "$dlls/winelib32"
echo 'an ELF DLL' >"$dlls/winelib32/winscard.dll"
says '(winelib32/winscard.dll)' "${tool[@]}" "$other"
says '(pe32/winscard.dll)' "${tool[@]}" --pe "$other"
rm -r "$dlls/winelib32"
cp "$place/winelib/session.exe" "$other/new.exe"
refuses 'has 64-bit and 32-bit programs' "${tool[@]}" "$other"
refuses 'has no Windows program' "${tool[@]}" "$dlls"
echo MZ >"$dlls/short.exe"
refuses 'is a program for DOS' "${tool[@]}" "$dlls/short.exe"
refuses 'is no Windows program' "${tool[@]}" "$dlls/winelib64/winscard.dll"
refuses 'there is no' "${tool[@]}" "$work/nothing"
refuses 'is for a prefix' "${tool[@]}" --system "$other"
refuses 'is not there' bash "$source/packaging/wine/install" --dlls "$work" "$other/new.exe"
rm -r "$dlls/pe32"

# A prefix: what it has of Wine's comes back, and what its registry said of winscard.
cp -a "$WINEPREFIX" "$work/prefix"
export WINEPREFIX=$work/prefix WINE=$wine
"$wineserver" -p60 >/dev/null 2>&1 </dev/null
system32=$WINEPREFIX/drive_c/windows/system32
programs=$WINEPREFIX/drive_c/programs
mkdir "$programs"
cp "$place/winelib/session.exe" "$programs"
contents "$system32" >"$work/before"
says 'Wine has to be told' "${tool[@]}" "$WINEPREFIX"
says 'told Wine' "${tool[@]}" --system "$WINEPREFIX"
(cd "$programs" && windows session.exe all)
says installed "${tool[@]}" --system "$WINEPREFIX"
says 'as it was' "${tool[@]}" --remove "$WINEPREFIX"
contents "$system32" | cmp - "$work/before"
if (cd "$programs" && windows session.exe all) >/dev/null; then
    echo 'the DLL is used after it was removed'
    exit 1
fi
key='HKCU\Software\Wine\DllOverrides'
windows reg add "$key" /v winscard /d builtin /f
says 'told Wine' "${tool[@]}" --system "$WINEPREFIX"
says 'as it was' "${tool[@]}" --remove "$WINEPREFIX"
windows reg query "$key" /v winscard | grep -q builtin

# Without the right to write nothing is changed.
chmod a-w "$system32"
as_user=()
if [ "$(id -u)" = 0 ]; then
    chmod a+rx "$work"
    as_user=(setpriv --reuid 65534 --regid 65534 --clear-groups)
fi
refuses 'cannot be written' "${as_user[@]}" "${tool[@]}" "$WINEPREFIX"
contents "$system32" | cmp - "$work/before"
echo "$checks checks"
