# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
# Sourced by those that run Wine, with $wine, $wineserver and $WINEPREFIX.
# shellcheck disable=SC2154

# make_prefix_in LOG: nothing of it runs afterwards. The first program starts services.exe once
# more, beside the one that wineboot has started if that still runs: then each has services of
# which the other knows nothing.
make_prefix_in()
{
    "$wine" wineboot --init >"$1" 2>&1 || true
    end_server
    if ! [ -f "$WINEPREFIX/drive_c/windows/system32/kernel32.dll" ]; then
        tail -n 20 "$1" >&2
        echo "$wine cannot make $WINEPREFIX" >&2
        return 1
    fi
}

# A wineserver that is about to end refuses a program that comes just then, so one is kept, for
# ten minutes after the last program; and so are the services that the first program starts,
# which keep its output open.
keep_server()
{
    if "$wineserver" -p600 >/dev/null 2>&1 </dev/null; then # else one is there
        "$wine" cmd /c exit >/dev/null 2>&1 </dev/null
    fi
}

end_server()
{
    "$wineserver" -k >/dev/null 2>&1 || true # it has ended already
    "$wineserver" -w >/dev/null 2>&1
}
