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

# shellcheck source=tests/support/wineserver.sh
. "$(dirname "${BASH_SOURCE[0]}")/../support/wineserver.sh"

make_prefix()
{
    mkdir -p "$WINEPREFIX"
    if ! [ -f "$WINEPREFIX/drive_c/windows/system32/kernel32.dll" ]; then
        make_prefix_in "$place/prefix.log"
    fi
    keep_server
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
