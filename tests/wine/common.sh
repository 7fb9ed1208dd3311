# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# What the scripts of this folder share.

# use_wine WINE PLACE: the prefix that all tests of this build share, and nothing of this
# user's: no service, and the readers that TEST_READERS names.
use_wine()
{
    wine=$1 place=$2
    export WINEPREFIX=$place/prefix WINEDLLOVERRIDES='mscoree,mshtml='
    export WINEDEBUG=${WINEDEBUG:--all}
    wineserver=${wine%wine64}wineserver
    [ -x "$wineserver" ] || wineserver=$(command -v wineserver)
    unset DISPLAY WINSCARD_READERS WINSCARD_SERVICE WINSCARD_TRACE WINSCARD_LOG
    export WINSCARD_CARRIER=local ${TEST_READERS:+WINSCARD_READERS=$TEST_READERS}
}

# A wineserver that is about to end refuses a program that comes just then, so one is kept
# (for ten minutes after the last program, should nobody end it).
make_prefix()
{
    mkdir -p "$WINEPREFIX"
    "$wineserver" -p600 >/dev/null 2>&1 </dev/null
    if ! [ -f "$WINEPREFIX/drive_c/windows/system32/kernel32.dll" ]; then
        "$wine" wineboot -i >"$place/prefix.log" 2>&1 || true
        [ -f "$WINEPREFIX/drive_c/windows/system32/kernel32.dll" ] || {
            cat "$place/prefix.log"
            return 1
        }
    fi
}

# windows NAME.exe ARGS...: runs it in the current folder, with a file for its output: Wine's
# own processes, which the first program starts, keep what it has, and would keep a pipe
# open. TEST_LOCALE is for it alone, as bash would want to have it.
windows()
{
    local said status=0
    said=$(mktemp)
    env ${TEST_LOCALE:+LC_ALL=$TEST_LOCALE} "$wine" "$@" >"$said" 2>&1 </dev/null ||
        status=$?
    cat "$said"
    rm "$said"
    return "$status"
}
