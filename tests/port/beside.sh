#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# beside.sh SOURCE BUILD winpr               a program of WinPR's, with our smart cards
# beside.sh SOURCE BUILD winelib WINEGCC WINE64   one that winegcc compiles, with our DLL
set -euo pipefail
source_dir=$1 build_dir=$2 what=$3
here=$source_dir/tests/port
work=$(mktemp -d)
trap 'rm -rf "$work" || true' EXIT
cd "$work"

# expect LINES <FILE
expect()
{
    tr -d '\r' <"$2" | diff -u <(printf '%s\n' "$1") - || {
        echo "beside: other lines than expected" >&2
        exit 1
    }
}

case $what in
winpr)
    read -r -a winpr_flags <<<"$(pkg-config --cflags winpr2)"
    read -r -a winpr_libraries <<<"$(pkg-config --libs winpr2)"
    for compile in "gcc -std=c99" "clang -std=c17" "g++ -std=c++17 -x c++"; do
        # shellcheck disable=SC2086
        $compile -Wall -Wextra -Werror -DWINSCARD_WITH_WINPR "-I$source_dir/include/winscard" \
            "${winpr_flags[@]}" "$here/beside/winpr.c" -x none -o winpr "-L$build_dir" -lwinscard \
            "${winpr_libraries[@]}" "-Wl,-rpath,$build_dir"
        WINSCARD_READERS=soft: WINSCARD_CARRIER=local ./winpr >said
        expect $'reader: WinSCard Software Card 0\ncode: 0\ndigest: a999' said
    done
    ;;
winelib)
    "$4" -m64 "-I$source_dir/include/winscard" "$here/beside/winelib.c" -o winelib.exe \
        "-L$build_dir/wine/winelib64" -lwinscard -ladvapi32 -luser32
    cp "$build_dir/wine/winelib64/winscard.dll" .
    # shellcheck source=tests/wine/common.sh
    . "$source_dir/tests/wine/common.sh"
    export TEST_READERS=soft:
    use_wine "$5" "$build_dir/tests/wine"
    windows winelib.exe.so >said
    expect $'LONG 4, WCHAR 2\nmore of Windows: yes\nSELECT: 9000' said
    ;;
esac
