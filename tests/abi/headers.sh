#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Compiles every public header alone, as C and C++, in every mode, without a warning.
#
#   headers.sh SOURCE_DIR BUILD_DIR
set -u
LC_ALL=C
export LC_ALL

ours=$1/include/winscard
build_dir=$2
mingw64=${MINGW64_CC:-x86_64-w64-mingw32-gcc}
mingw32=${MINGW32_CC:-i686-w64-mingw32-gcc}
warnings="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Wcast-align -Werror"
floor=1200

fail()
{
    echo "headers: $*" >&2
    exit 1
}

for tool in "gcc gcc" "g++ g++" "clang clang" "clang++ clang" \
    "$mingw64 gcc-mingw-w64-x86-64" "$mingw32 gcc-mingw-w64-i686"; do
    command -v "${tool% *}" >/dev/null || fail "no ${tool% *}: install ${tool#* }"
done
rm -rf "$build_dir"
mkdir -p "$build_dir" || fail "cannot write $build_dir"

compiled=0
failures=0

# compile WANT FILE COMPILE... : WANT is yes or no.
compile()
{
    want=$1
    file=$2
    shift 2
    compiled=$((compiled + 1))
    got=no
    "$@" -fsyntax-only "$file" >"$build_dir/messages" 2>&1 && got=yes
    [ $got = "$want" ] && return
    failures=$((failures + 1))
    echo "headers: $* $file: compiles: $got"
    cat "$build_dir/messages"
}

# What must hold in the Windows ABI, whatever wchar_t is.
windows_facts()
{
    cat <<'END'
#include <windows.h>
#include <winscard.h>
#include <tchar.h>
#ifndef __cplusplus
#define static_assert _Static_assert
#endif
static_assert(sizeof(WCHAR) == 2 && sizeof(DWORD) == 4 && sizeof(LONG) == 4, "widths");
static_assert(sizeof(SCARD_ALL_READERS) == 18 * sizeof(TCHAR), "text");
static_assert(SCARD_E_TIMEOUT < 0 && FAILED(SCARD_E_TIMEOUT), "sign");
extern const TCHAR *probe_text;
const TCHAR *probe_text = TEXT("text") _T("");
LPCTSTR probe_name(SCARD_READERSTATE *state);
LPCTSTR probe_name(SCARD_READERSTATE *state)
{
    ZeroMemory(state, sizeof(*state));
    state->szReader = _tcscmp(probe_text, TEXT("")) > 0 ? probe_text : NULL;
    return _tcslen(probe_text) > 0 ? state->szReader : NULL;
}
END
}

windows_facts >"$build_dir/facts.c"
mkdir "$build_dir/linked" && ln -s "$ours/PCSC" "$build_dir/linked/PCSC" || exit 1
facts=$build_dir/facts.c
cd "$ours" || exit 1
# Headers for programs, and their parts, which these include; but for those that stand in the
# middle of others.
for header in *.h */*.h; do
    case $header in winscard/winpr*.h | winscard/cplusplus.h) continue ;; esac
    name=$(echo "$header" | tr / _)
    case $header in winscard/*) name=$name.part ;; esac
    printf '#include <%s>\nextern int unit;\n' "$header" >"$build_dir/$name.c"
    grep include_next "$header" >/dev/null && : >"$build_dir/$name.theirs"
done

# Each in every language and by both compilers; UNICODE and the width of wchar_t change from
# one compilation to the next, so that each header sees them all.
texts=("" "-DUNICODE -D_UNICODE" -fshort-wchar "-DUNICODE -D_UNICODE -fshort-wchar")
count=0
for language in c99 c11 c17 c++98 c++11 c++20; do
    for compiler in gcc clang; do
        options="-std=$language"
        case $language in c++*) options="$options -x c++" ;; esac
        parts=
        case $language in c11 | c++11) parts="$build_dir/*.part.c" ;; esac
        # shellcheck disable=SC2086
        for file in "$build_dir"/*.h.c $parts; do
            text=${texts[count % 4]}
            count=$((count + 1))
            compile yes "$file" $compiler $options $warnings $text "-I$ours"
        done
        count=$((count + 1))
    done
done

# The other ABI, no calls of Windows, and a program that takes itself to be on Windows.
for other in -DWINSCARD_ABI_PCSCLITE -DWINSCARD_HEADERS_ONLY -D_WIN32; do
    for file in "$build_dir"/*.h.c; do
        text=${texts[count % 4]}
        count=$((count + 1))
        # shellcheck disable=SC2086
        {
            compile yes "$file" gcc -std=c11 $warnings $text $other "-I$ours"
            compile yes "$file" clang -std=c++17 -x c++ $warnings $text $other "-I$ours"
        }
    done
    count=$((count + 1))
done

for compiler in "gcc -std=c11" "clang -std=c11" "g++ -std=c++11 -x c++" \
    "g++ -std=c++17 -x c++" "clang++ -std=c++11 -x c++" "clang++ -std=c++17 -x c++"; do
    for text in "${texts[@]}"; do
        # shellcheck disable=SC2086
        compile yes "$facts" $compiler $warnings $text "-I$ours"
    done
    # The two ABIs do not mix, and the pcsc-lite headers are found in four ways.
    # shellcheck disable=SC2086
    {
        compile no "$build_dir/winscard.h.c" $compiler -DWINSCARD_ABI_WINDOWS \
            -DWINSCARD_ABI_PCSCLITE "-I$ours"
        compile no "$build_dir/PCSC_winscard.h.c" $compiler -DWINSCARD_ABI_WINDOWS \
            "-I$ours"
        compile no "$facts" $compiler "-I$ours/PCSC" "-I$ours"
        printf '#include <winscard.h>\n#include <reader.h>\n' >"$build_dir/lite.c"
        printf 'extern LONG unit;\n#ifndef WINSCARD_ABI_PCSCLITE\n#error\n#endif\n' \
            >>"$build_dir/lite.c"
        compile yes "$build_dir/lite.c" $compiler $warnings "-I$ours/PCSC"
        sed 's,<,<PCSC/,' "$build_dir/lite.c" >"$build_dir/lite2.c"
        compile yes "$build_dir/lite2.c" $compiler $warnings "-I$ours"
        sed 's,<,<winscard/PCSC/,' "$build_dir/lite.c" >"$build_dir/lite3.c"
        compile yes "$build_dir/lite3.c" $compiler $warnings "-I$ours/.."
        compile yes "$build_dir/lite2.c" $compiler $warnings "-I$build_dir/linked"
    }
done

# On Windows: over the system's own base types, before or after <windows.h>, and the
# pcsc-lite ABI is refused. Those that are the system's own headers there once, as it takes
# long.
# Some of the system's headers want <windows.h> before them.
unaided=" "
for file in "$build_dir"/*.theirs; do
    file=${file%.theirs}.c
    "$mingw64" -fsyntax-only "$file" >/dev/null 2>&1 || unaided="$unaided$(basename "$file" .c) "
done
printf '#include <winscard/winscard.h>\n#include <windows.h>\nextern LONG unit;\n' \
    >"$build_dir/first.c"
printf '#define WIN32_LEAN_AND_MEAN\n#include <windows.h>\n' >"$build_dir/last.c"
printf '#include <winscard/winscard.h>\n' >>"$build_dir/last.c"
printf '#include <windows.h>\n#include <winscard/winscard.h>\n' >"$build_dir/twice.c"
for compiler in "$mingw64" "$mingw32"; do
    for text in "" "-DUNICODE -D_UNICODE"; do
        for file in "$build_dir"/*.h.c "$build_dir"/*.part.c; do
            [ "$compiler$text" = "$mingw64" ] || ! [ -e "${file%.c}.theirs" ] || continue
            case $file in */PCSC_*) want=no ;; *) want=yes ;; esac
            first=
            case $want$unaided in *" $(basename "$file" .c) "*) first="-include windows.h" ;; esac
            # shellcheck disable=SC2086
            compile $want "$file" "$compiler" -std=c11 $warnings $text $first "-I$ours"
        done
        # shellcheck disable=SC2086
        {
            compile yes "$facts" "$compiler" -std=c11 $warnings $text "-I$ours"
            for order in first last; do
                compile yes "$build_dir/$order.c" "$compiler" -std=c11 $warnings $text \
                    "-I$ours/.."
            done
            compile no "$build_dir/twice.c" "$compiler" -std=c11 $text "-I$ours/.."
        }
    done
done

echo "headers: $compiled compilations, $failures not as they should be"
[ $compiled -ge $floor ] || fail "fewer than $floor"
[ $failures -eq 0 ]
