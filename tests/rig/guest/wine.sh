#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# wine.sh BUILD WINE PREFIX: a Windows program, which Wine runs, reads cards of a simulated
# reader through the winscard.dll beside it: in its own process, with no service and no
# setting. Then it watches, while the card and the reader go and come. PREFIX is the Wine
# prefix, made on the host; what changes in it here is gone with the guest.
# shellcheck source=tests/rig/guest/common.sh
. "$(dirname "$0")/common.sh"
wine=$1
export WINEPREFIX=$2 WINEDEBUG=-all
# None of Wine's services, which take minutes to start here, and which no console program needs.
export WINEDLLOVERRIDES='mscoree,mshtml,explorer.exe,winemenubuilder.exe,wineboot.exe='
unset WINSCARD_READERS
cd "$build_dir/tests/wine/winelib"

# As in tests/wine/common.sh: Wine's own processes would keep a pipe open.
windows()
{
    timeout "$hang" "$wine" "$@" >"$work/said" 2>&1 </dev/null || { cat "$work/said"; return 1; }
}

# shellcheck disable=SC2317 # called by wait_for
seen()
{
    local alive=yes
    kill -0 "$watch" 2>/dev/null || alive=no
    [ "$(tr -d '\r' <"$work/watch" | grep -v checks | tail -n 1)" != "$1" ] || return 0
    [ "$alive" = yes ] || fail "no '$1' came, but: $(cat "$work/watch")"
    return 1
}

# One that stays: a wineserver that is about to end refuses a program that comes just then.
"${wine%wine64}wineserver" -p600 >/dev/null 2>&1 </dev/null
plug_start gempc_twin
check "the kernel configures it" wait_for present 08e6 3437 1
check "a session" windows session.exe all
plug counts 0
echo "$answer"
expect "by the reader's endpoints" "$answer" 'bulk_out=[1-9][0-9]+ bulk_in=[1-9][0-9]+'

: >"$work/watch"
"$wine" session.exe watch >>"$work/watch" 2>&1 </dev/null &
watch=$!
check "the card" wait_for seen card
plug remove 0 0
check "no card" wait_for seen "no card"
plug insert 0 0
check "a card again" wait_for seen card
plug unplug 0
check "no reader" wait_for seen gone
wait "$watch" || { cat "$work/watch"; fail "it did not end in order"; }
echo "wine: $checks checks"
