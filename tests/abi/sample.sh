#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Compiles the Windows sample program unchanged: for Unix with our headers, for Windows
# with ours and with mingw-w64's own, which shows that it is an ordinary Windows source.
# The ones for Windows are linked too, with mingw-w64's import library.
#
#   sample.sh SOURCE_DIR BUILD_DIR
set -u

source=$1/tests/programs/windows_sample.c
ours=$1/include/winscard
build_dir=$2
warnings="-std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Werror"
compiled=0

fail()
{
    echo "sample: $*" >&2
    exit 1
}

for tool in "gcc gcc" "clang clang" "x86_64-w64-mingw32-gcc gcc-mingw-w64-x86-64" \
    "i686-w64-mingw32-gcc gcc-mingw-w64-i686"; do
    command -v "${tool% *}" >/dev/null || fail "no ${tool% *}: install ${tool#* }"
done
mkdir -p "$build_dir" || fail "cannot write $build_dir"

compile()
{
    compiled=$((compiled + 1))
    "$@" || fail "does not compile: $*"
}

for text in "" "-DUNICODE -D_UNICODE"; do
    for compiler in gcc clang; do
        for wide in "" -fshort-wchar; do
            # shellcheck disable=SC2086
            compile $compiler $warnings $text $wide "-I$ours" -c "$source" \
                -o "$build_dir/sample.o"
        done
    done
    for compiler in x86_64-w64-mingw32-gcc i686-w64-mingw32-gcc; do
        for include in "" "-I$ours"; do
            # shellcheck disable=SC2086
            compile $compiler $warnings $text $include "$source" \
                -o "$build_dir/sample.exe" -lwinscard
        done
    done
done
echo "sample: $compiled compilations"
[ $compiled -eq 16 ]
