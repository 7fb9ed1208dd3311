#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# bench.sh BUILD [ROUNDS]: SCardTransmit of a Windows program under Wine by the DLL for Wine,
# beside the same program of Unix: in process (soft:), and through winscardd by its Unix socket
# with a null driver. In turns; each figure is the least of its turns, as others disturb.
# BUILD is configured with WITH_WINELIB and tests. Asserts nothing about time.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
rounds=${2:-20}
wine=${WINE:-$(command -v wine64 || command -v wine || echo /usr/lib/wine/wine64)}
work=$(mktemp -d)
export WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml='
export WINEPREFIX=${WINEPREFIX:-$work/prefix}
daemon=
end()
{
    [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
    rm -rf "$work"
}
trap end EXIT

headers=$here/../../../include/winscard
cc -std=gnu11 -O2 -I"$headers" -o "$work/transmit" "$here/transmit.c" -L"$build" -lwinscard \
    -Wl,-rpath,"$build"
x86_64-w64-mingw32-dlltool -d "$here/../../../winscard.def" -D winscard.dll -l "$work/libwinscard.a"
x86_64-w64-mingw32-gcc -std=gnu11 -O2 -I"$headers" -o "$work/transmit.exe" "$here/transmit.c" \
    "$work/libwinscard.a" -static -lpthread
cp "$build/wine/winelib64/winscard.dll" "$work"
"$wine" wineboot -i >"$work/boot.log" 2>&1 </dev/null || true

# least A B: the smaller number; A may be empty.
least()
{
    printf '%s\n' "${1:-$2}" "$2" | sort -n | head -1
}

# compare WHAT CALLS: both programs in turns.
compare()
{
    local unix_least='' wine_least='' one
    for _ in 1 2 3 4 5; do
        one=$("$work/transmit" "$rounds" "$2")
        unix_least=$(least "$unix_least" "$one")
        "$wine" "$work/transmit.exe" "$rounds" "$2" >"$work/one" </dev/null
        one=$(tr -d '\r' <"$work/one")
        wine_least=$(least "$wine_least" "$one")
    done
    awk -v what="$1" -v a="$unix_least" -v b="$wine_least" 'BEGIN {
        printf "%s: Unix %.2f us, Wine %.2f us: %+.2f us, %.2f times\n", what, a / 1000,
            b / 1000, (b - a) / 1000, b / a }'
}

export WINSCARD_CARRIER=local WINSCARD_READERS=soft:
compare 'in process, soft:' 20000
"$build/tests/bench/service/winscardd_bench" --foreground --readers null: \
    --policy /nonexistent --socket "$work/socket" 2>"$work/log" &
daemon=$!
until [ -S "$work/socket" ]; do
    kill -0 "$daemon"
    sleep 0.02
done
unset WINSCARD_READERS
export WINSCARD_CARRIER=service WINSCARD_SERVICE=unix:$work/socket
compare 'through the service, null:' 1000
