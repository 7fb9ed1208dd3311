#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# run.sh BUILD PROGRAM ARGUMENTS...: runs a program for Windows by Wine, with a registry and a
# drive of the build's own. Its status is the program's.
#
# TEST_LOCALE is the program's alone, be it installed or not: Wine takes the ANSI code page from
# its name.
#
# A program with 32 bits is run by Debian's wine32 where that is installed and the kernel runs
# 32-bit code; else by qemu-i386 and the Wine that i386.sh downloads. WINSCARD_TEST_I386=qemu
# asks for the latter everywhere.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$1
shift

# The processor that a program is for stands behind "PE\0\0", where the number at 0x3c is.
is_32_bit()
{
    local header
    header=$(od -A n -t u4 -j 60 -N 4 "$1") &&
        [ "$(od -A n -t x2 -j $((header + 4)) -N 2 "$1")" = " 014c" ]
}

export WINEPREFIX=$build/wine-prefix WINEDEBUG=-all
export WINEDLLOVERRIDES="mscoree,mshtml=;winscard,scarddlg=n,b"
unset DISPLAY
if is_32_bit "$1"; then
    export WINEARCH=win32
    wine=/usr/lib/wine/wine
    if [ "${WINSCARD_TEST_I386:-}" = qemu ] || ! "$wine" --version >/dev/null 2>&1; then
        wine=$(bash "$here/i386.sh")/usr/lib/wine/wine
        # No program of the tests opens a window, and each desktop costs seconds.
        WINEDLLOVERRIDES+=";explorer.exe,winemenubuilder.exe=d"
    fi
else
    wine=$(command -v wine64 || echo /usr/lib/wine/wine64)
    if ! command -v "$wine" >/dev/null; then
        echo "wine64 is missing: Debian package wine64" >&2
        exit 1
    fi
fi
wineserver=${wine%/*}/wineserver
[ -x "$wineserver" ] || wineserver=$(command -v wineserver || echo /usr/lib/wine/wineserver)
# shellcheck source=tests/support/wineserver.sh
. "$here/../wineserver.sh"

# Of several tests that begin at once the first makes the prefix.
exec 9>"$build/wine-prefix.lock"
flock 9
if [ ! -e "$WINEPREFIX/made" ]; then
    mkdir -p "$WINEPREFIX" # it may be a mount
    find "$WINEPREFIX" -mindepth 1 -delete
    make_prefix_in "$build/wine-prefix.log" 9>&-
    # Windows that nobody sees, as there is no display; none that waits when a test crashes.
    set_value() { "$wine" reg add "HKCU\\Software\\Wine\\$1" /f /v "$2" "${@:3}" \
        >>"$build/wine-prefix.log" 2>&1 9>&-; }
    set_value Drivers Graphics /d null
    set_value WineDbg ShowCrashDialog /t REG_DWORD /d 0
    end_server 9>&-
    touch "$WINEPREFIX/made"
fi
keep_server 9>&-
exec 9>&-
exec env ${TEST_LOCALE:+LC_ALL=$TEST_LOCALE} "$wine" "$@"
