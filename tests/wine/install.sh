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
# misused TEXT COMMAND...: the same, for arguments that are none.
misused()
{
    local status=0
    refuses "$@"
    "${@:2}" >/dev/null 2>&1 || status=$?
    [ "$status" = 2 ] || { echo "exit status $status: $*"; exit 1; }
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
misused 'is for a prefix' "${tool[@]}" --system "$other"
misused 'there is no option' "${tool[@]}" --nonsense "$other"
misused 'one folder or prefix at a time' "${tool[@]}" "$other" "$folder"
misused 'wants a folder' "${tool[@]}" "$other" --dlls
refuses 'there is no folder' bash "$source/packaging/wine/install" --dlls "$work/none" "$other"
# The 32-bit program has the DLL for it, and keeps that.
refuses 'for its 32-bit programs' "${tool[@]}" "$other/new.exe"
says removed "${tool[@]}" --remove "$other"
says '(winelib64/winscard.dll)' "${tool[@]}" "$other/new.exe"
refuses 'for its 64-bit programs' "${tool[@]}" "$other/old.exe"
# Stopped when theirs was kept, and ours was not there yet.
printf theirs >"$other/winscard.dll"
printf theirs >"$other/winscard.dll.before-winscard"
says kept "${tool[@]}" "$other/new.exe"
says removed "${tool[@]}" --remove "$other"
grep -qx theirs "$other/winscard.dll"
rm "$other/winscard.dll"
says '(winelib64/winscard.dll)' "${tool[@]}" "$other/new.exe"
# Stopped while one of ours takes the place of another: both are known.
echo "dll=$(printf 'an older one' | sha256sum | cut -d ' ' -f 1)" >>"$other/.winscard-installed"
printf 'an older one' >"$other/winscard.dll"
says '(winelib64/winscard.dll)' "${tool[@]}" "$other/new.exe"
[ ! -e "$other/winscard.dll.before-winscard" ]
says removed "${tool[@]}" --remove "$other"
# A program behind a link.
mkdir "$work/linked"
ln -s "$other/new.exe" "$work/linked/program.exe"
says '(winelib64/winscard.dll)' "${tool[@]}" "$work/linked"
refuses 'is not there' bash "$source/packaging/wine/install" --dlls "$work" "$other/new.exe"
rm -r "$dlls/pe32"

# A prefix: what it has of Wine's comes back, and what its registry said of winscard.
cp -a "$WINEPREFIX" "$work/prefix"
export WINEPREFIX=$work/prefix
refuses 'there is no such program' env WINE=/nowhere "${tool[@]}" --system "$WINEPREFIX"
says 'nothing of ours' "${tool[@]}" --remove "$WINEPREFIX"
export WINE=$wine
refuses "is Wine's own folder" "${tool[@]}" "$WINEPREFIX/drive_c/windows"
refuses "is Wine's own folder" "${tool[@]}" "$WINEPREFIX/drive_c/windows/system32"
refuses "is Wine's own folder" "${tool[@]}" "$WINEPREFIX/dosdevices/c:/windows/system32"
mkdir "$WINEPREFIX/drive_c/windows games"
cp "$place/winelib/session.exe" "$WINEPREFIX/drive_c/windows games"
says installed "${tool[@]}" "$WINEPREFIX/drive_c/windows games"
# One folder of two in the way: nothing is put into the other.
mkdir -p "$dlls/pe32"
echo 'a DLL' >"$dlls/pe32/winscard.dll"
if [ -e "$WINEPREFIX/drive_c/windows/syswow64/winscard.dll" ]; then
    syswow64=$WINEPREFIX/drive_c/windows/syswow64
    cp "$syswow64/winscard.dll" "$work/wines"
    printf other >"$syswow64/winscard.dll"
    printf kept >"$syswow64/winscard.dll.before-winscard"
    refuses 'not ours, and a' "${tool[@]}" "$WINEPREFIX"
    [ ! -e "$WINEPREFIX/drive_c/windows/system32/.winscard-installed" ]
    rm "$syswow64/winscard.dll.before-winscard"
    cp "$work/wines" "$syswow64/winscard.dll"
fi
rm -r "$dlls/pe32"
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
