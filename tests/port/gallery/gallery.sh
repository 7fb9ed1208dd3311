#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# gallery.sh SOURCE BUILD native        the programs of this folder, unchanged, with our headers
#                                       and libraries, by each compiler, as C and as C++
# gallery.sh SOURCE BUILD wine WINE64   the same by mingw-w64 with its own headers, run by Wine
#                                       with our winscard.dll beside them
# Each prints the lines of NAME.expected, wherever it runs.
set -euo pipefail
source_dir=$1 build_dir=$2 where=$3
here=$source_dir/tests/port/gallery
hang=600
work=$(mktemp -d)
trap 'rm -rf "$work" || true' EXIT

# Each with the text that it is compiled for: "a", "w" with UNICODE, "short" besides with a
# wchar_t of 16 bits. C++'s own library does not go with that.
programs=(
    "card_class.cpp a w"
    "card_type.c a w"
    "events_and_semaphores.c a w"
    "file_log.c a w"
    "hex_dump.c a w"
    "list_cards.c a w short"
    "loader.c a w short"
    "minidriver.c a w short"
    "monitor.c a w"
    "old_style.c a"
    "pin_prompt.c a w"
    "safe_text.c a w short"
    "thread_class.cpp a w"
    "unicode_text.cpp w"
    "unicode_tool.c w short"
)

# Warnings that such sources give with every compiler: pragmas of Microsoft's, and the type of
# what GetProcAddress gives.
warnings=(-Wall -Wextra -Werror -Wno-unknown-pragmas -Wno-cast-function-type)

checks=0 failed=0

fail()
{
    failed=$((failed + 1))
    echo "$*" >&2
}

# arguments NAME: what it is started with, a line each.
arguments()
{
    case $1 in
    old_style) printf '%s\n' 1996 "two words" ;;
    unicode_tool) printf '%s\n' /list /name "Büro-Leser 読 🔑" /convert "Ä€🔑x" other ;;
    unicode_text) printf '%s\n' "Größe" two ;;
    esac
}

# text_flags TEXT
text_flags()
{
    case $1 in
    w) printf '%s\n' -DUNICODE -D_UNICODE ;;
    short) printf '%s\n' -DUNICODE -D_UNICODE -fshort-wchar ;;
    esac
}

# check NAME HOW COMMAND...: a run of its own: readers, a database without a card, its input.
# To a file, for Wine's own processes keep what they have, and would keep a pipe open.
check()
{
    local name=$1 how=$2 input=/dev/null place status=0 given
    shift 2
    checks=$((checks + 1))
    place=$(mktemp -d "$work/run.XXXXXX")
    mkdir "$place/user" "$place/machine" "$place/cards"
    [ ! -f "$here/$name.input" ] || input=$here/$name.input
    mapfile -t given < <(arguments "$name")
    env XDG_DATA_HOME="$place/user" WINSCARD_DATABASE_DIR="$place/machine" \
        WINSCARD_CARDS_DIR="$place/cards" LC_ALL=C.UTF-8 timeout "$hang" \
        "$@" "${given[@]}" <"$input" >"$place/said" 2>&1 || status=$?
    [ "$status" -eq 0 ] || fail "$how: status $status"
    if ! tr -d '\r' <"$place/said" | diff -u "$here/$name.expected" - >"$place/diff"; then
        fail "$how: other lines than expected:"
        cat "$place/diff" >&2
    fi
}

# --- With our headers -----------------------------------------------------------------------

# native_flags NAME LANGUAGE COMPILER TEXT: standards that differ, as those of programs do.
native_flags()
{
    case $1-$2-$3-$4 in
    thread_class-*) echo -std=c++98 ;;
    *-c-gcc-a) echo -std=c99 ;;
    *-c-gcc-*) echo -std=c11 ;;
    *-c-clang-*) echo -std=gnu17 ;;
    *-c++-gcc-*) echo -std=c++11 ;;
    *-c++-clang-*) echo -std=c++20 ;;
    esac
}

native_driver()
{
    case $1-$2 in
    c-gcc) echo gcc ;;
    c-clang) echo clang ;;
    c++-gcc) echo g++ ;;
    c++-clang) echo clang++ ;;
    esac
}

# native FILE TEXT LANGUAGE COMPILER
native()
{
    local name=${1%.*} flags how="$1 $2 $3 $4" program
    program=$work/$name.$2.$3.$4
    mapfile -t flags < <(
        native_flags "$name" "$3" "$4" "$2"
        text_flags "$2"
    )
    if ! "$(native_driver "$3" "$4")" "${flags[@]}" "${warnings[@]}" -O1 \
        -I"$source_dir/include/winscard" -x "$3" "$here/$1" -x none -o "$program" \
        -L"$build_dir" -lwinport -lwinscard -lpthread -ldl \
        -Wl,-rpath,"$build_dir" >"$program.log" 2>&1; then
        fail "$how: does not compile:"
        grep -E 'error|undefined' "$program.log" | head -n "${GALLERY_LINES:-5}" >&2
        return
    fi
    check "$name" "$how" "$program"
}

# --- By mingw-w64 ---------------------------------------------------------------------------

# mingw FILE TEXT LANGUAGE
mingw()
{
    local name=${1%.*} how="$1 $2 $3 mingw" driver=gcc flags folder
    folder=$work/exe.$name.$2.$3
    mkdir "$folder"
    mapfile -t flags < <(
        text_flags "$2"
        # Its own main() for wide arguments has to be asked for.
        [ "$2" = a ] || ! grep -q _tmain "$here/$1" || echo -municode
        [ "$3" = c ] || echo -std=c++11
    )
    [ "$3" = c ] || driver=g++
    # Microsoft's formats; in C++ only in what is included before a header of its library.
    if ! "x86_64-w64-mingw32-$driver" "${flags[@]}" "${warnings[@]}" -O1 -static \
        -D__USE_MINGW_ANSI_STDIO=0 -x "$3" "$here/$1" -x none -o "$folder/$name.exe" \
        -lwinscard >"$folder/log" 2>&1; then
        fail "$how: does not compile:"
        grep -E 'error|undefined' "$folder/log" | head -n "${GALLERY_LINES:-5}" >&2
        return
    fi
    cp "$build_dir/wine/winelib64/winscard.dll" "$folder"
    # shellcheck disable=SC2154 # use_wine sets it
    check "$name" "$how" "$wine" "$folder/$name.exe"
}

# --------------------------------------------------------------------------------------------

# each COMMAND TEXTS COMPILERS: with file, text, language and compiler; GALLERY_ONLY names
# programs to try alone.
each()
{
    local line file texts text language compiler
    for line in "${programs[@]}"; do
        read -r file texts <<<"$line"
        [[ " ${GALLERY_ONLY:-${file%.*}} " == *" ${file%.*} "* ]] || continue
        for text in $texts; do
            [[ " $2 " == *" $text "* ]] || continue
            for language in c c++; do
                [ "$language" = c++ ] || [[ $file == *.c ]] || continue
                for compiler in $3; do
                    "$1" "$file" "$text" "$language" "$compiler"
                done
            done
        done
    done
}

case $where in
native)
    unset WINSCARD_SERVICE WINSCARD_TRACE WINSCARD_LOG
    export WINSCARD_CARRIER=local WINSCARD_READERS=soft:
    each native "a w short" "gcc clang"
    ;;
wine)
    # shellcheck source=tests/wine/common.sh
    . "$source_dir/tests/wine/common.sh"
    export TEST_READERS=soft:
    use_wine "$4" "$build_dir/tests/wine"
    # Which would write to a user's own folders.
    export WINEDLLOVERRIDES="$WINEDLLOVERRIDES;winemenubuilder.exe=d"
    each mingw "a w" mingw
    ;;
*) exit 2 ;;
esac
echo "gallery, $where: $checks runs, $failed failed"
[ "$failed" -eq 0 ] && [ "$checks" -gt 0 ]
