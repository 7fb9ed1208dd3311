#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# places.sh SOURCE BUILD: scard.exe and winscard.dll where paths have spaces and are not ASCII,
# and in a prefix of Wine's that cannot be written.
set -euo pipefail
if [ -z "${PLACES_INSIDE:-}" ]; then
    # In a mount namespace of its own, for the prefix.
    as=(unshare -m)
    [ "$(id -u)" -eq 0 ] || as=(unshare -rm)
    "${as[@]}" true 2>/dev/null || as=()
    exec env PLACES_INSIDE="${as[*]:-none}" "${as[@]}" bash "$0" "$@"
fi
source_dir=$1
build=$(cd "$2" && pwd)
hang=600
checks=0 failed=0
work=$(mktemp -d)
finish()
{
    umount "$work/prefix" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
app="$work/Приложение с пробелами 卡"
mkdir -p "$app/cards.d"
cp "$build/winscard.dll" "$build/src/cli/scard.exe" "$app"
cat >"$app/cards.d/своя карта.reg" <<'END'
REGEDIT4

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Cryptography\Calais\SmartCards\Card of this folder]
"ATR"=hex:3b,9c,95,80,31,fe,15,80,31,b8,73,b4,21,60,54,73,6f,66,74,86
END
export WINSCARD_CARRIER=local WINSCARD_READERS=soft:
unset WINSCARD_SERVICE WINSCARD_TOKEN WINSCARD_TRACE WINSCARD_CARDS_DIR

# scard ARGUMENT...: what it says, on both streams.
scard()
{
    timeout $hang bash "$source_dir/tests/support/windows/run.sh" "$build" "$app/scard.exe" \
        "$@" </dev/null >"$work/out" 2>&1 || true
    tr -d '\r' <"$work/out"
}

# expect WHAT TEXT PATTERN
expect()
{
    checks=$((checks + 1))
    if ! grep -qE -- "$3" <<<"$2"; then
        echo "$1: expected $3, found: $2"
        failed=$((failed + 1))
    fi
}

expect "a type of card beside the DLL" "$(scard list)" "card +Card of this folder$"
expect "the DLL's own path" "$(scard doctor)" \
    '^library .*Приложение с пробелами 卡\\winscard\.dll$'
mkdir "$app/карты"
expect "no types of cards there" \
    "$(WINSCARD_CARDS_DIR="Z:$app/карты" scard list | grep -c "Card of this folder")" '^0$'
mv "$app/cards.d/своя карта.reg" "$app/карты"
expect "a folder of types of cards" "$(WINSCARD_CARDS_DIR="Z:$app/карты" scard list)" \
    "card +Card of this folder$"
# A trace, begun by one program and gone on with by the next.
export WINSCARD_TRACE="Z:$app/трасса 1"
for count in 1 2; do
    expect "a program that is traced" "$(scard list)" "WinSCard Software Card 0"
    expect "the trace of $count" "$(grep -c SCardEstablishContext "$app/трасса 1")" "^$count\$"
done
expect "who may read the trace" "$(stat -c %a "$app/трасса 1")" '0$'
chmod 644 "$app/трасса 1"
expect "a trace that others may read" "$(scard list)" "трасса 1 may be read by other users"
unset WINSCARD_TRACE

# Without being told, Wine loads its own DLL, and says that it is the one beside the program.
wine=$(command -v wine64 || echo /usr/lib/wine/wine64)
out=$(WINEPREFIX=$build/wine-prefix WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml=" \
    timeout $hang "$wine" "$app/scard.exe" doctor 2>&1 </dev/null | tr -d '\r' || true)
expect "Wine's own DLL" "$out" "Wine has loaded its own winscard.dll"
expect "what helps" "$out" "WINEDLLOVERRIDES=winscard=n,b"

# Lower folders alone make a file system that nobody can write to.
mkdir "$work/prefix" "$work/empty"
if [ "$PLACES_INSIDE" != none ] && mount -t overlay \
    -o "lowerdir=$work/empty:$build/wine-prefix" none "$work/prefix" 2>/dev/null; then
    if touch "$work/prefix/file" 2>/dev/null; then
        echo "the prefix can be written to"
        failed=$((failed + 1))
    fi
    server=${wine%wine64}wineserver
    [ -x "$server" ] || server=$(command -v wineserver || echo /usr/lib/wine/wineserver)
    code=0
    WINEPREFIX=$work/prefix WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml=;winscard=n,b" \
        timeout $hang "$wine" "$app/scard.exe" demo >"$work/out" 2>&1 </dev/null || code=$?
    expect "a session in a read-only prefix" "$(cat "$work/out")" "All 9 steps went"
    expect "its exit code" "$code" '^0$'
    WINEPREFIX=$work/prefix "$server" -k 2>/dev/null || true
    WINEPREFIX=$work/prefix "$server" -w 2>/dev/null || true
else
    echo "not tried: a read-only prefix, as nothing can be mounted here"
fi
echo "places: $checks checks, $failed failed"
[ "$failed" -eq 0 ]
