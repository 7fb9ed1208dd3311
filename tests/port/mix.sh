#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# mix.sh SOURCE BUILD WINEGCC: our headers and those of others in one source file, in any
# order, in every standard, with all warnings as errors.
set -euo pipefail
source_dir=$1 build_dir=$2 winegcc=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ours=("-I$source_dir/include/winscard" "-I$build_dir/include")
warnings=(-Wall -Wextra -Wpedantic -Werror)

# try WANT COMMAND...: yes or no, whether it compiles what is on standard input. A line of
# `results` for each: it stands at the end of a pipe.
try()
{
    local want=$1 got=no
    shift
    cat >"$work/source"
    if "$@" -c -o "$work/object" "$work/source" >"$work/log" 2>&1; then
        got=yes
    fi
    if [ "$got" = "$want" ]; then
        echo right >>"$work/results"
        return
    fi
    echo wrong >>"$work/results"
    echo "compiles: $got: $*"
    cat "$work/source"
    head -n 5 "$work/log"
}

# both FIRST SECOND: includes of both in this order, and what a program makes of ours.
both()
{
    local header
    for header in $1 $2; do
        echo "#include <$header>"
    done
    cat <<'END'
extern LONG use(HANDLE *event);
LONG use(HANDLE *event)
{
    SCARD_READERSTATE state;
    ZeroMemory(&state, sizeof(state));
    *event = CreateEvent(NULL, TRUE, FALSE, NULL);
    printf("%08lX\n", (DWORD)SCARD_E_TIMEOUT);
    return SCardGetStatusChange(0, 0, &state, 1) == SCARD_S_SUCCESS && GetLastError() == 0;
}
END
}

# --- Every standard, every order ------------------------------------------------------------

windows="windows.h winscard.h tchar.h"
orders=("windows.h winscard.h" "winscard.h windows.h" "tchar.h winscard.h windows.h"
    "Windows.h WinSCard.h" "WINDOWS.H WINSCARD.H TCHAR.H" "winsmcrd.h windows.h winscard.h"
    "winsock2.h windows.h winscard.h winioctl.h"
    "stdio.h stdlib.h string.h wchar.h windows.h winscard.h")
for text in "" "-DUNICODE -D_UNICODE"; do
    for order in "${orders[@]}"; do
        for standard in c99 c11 c17 gnu17; do
            for compiler in gcc clang; do
                # shellcheck disable=SC2086
                both "$order" "stdio.h stdlib.h string.h wchar.h ctype.h" |
                    try yes $compiler -x c -std=$standard "${warnings[@]}" $text "${ours[@]}"
            done
        done
    done
    # Those that differ for C++, whose own headers take long.
    for order in "${orders[@]::4}"; do
        for standard in c++98 c++11 c++17 c++20; do
            for compiler in g++ clang++; do
                # shellcheck disable=SC2086
                both "$order" "cstdio string vector iostream algorithm" |
                    try yes $compiler -x c++ -std=$standard "${warnings[@]}" $text "${ours[@]}"
            done
        done
    done
done
both "iostream string sstream algorithm" "$windows" |
    try yes g++ -x c++ -std=c++20 "${warnings[@]}" "${ours[@]}"

# --- What cannot work is refused ------------------------------------------------------------

echo '#include <windows.h>
extern const TCHAR *text;
const TCHAR *text = TEXT("a");' |
    try no g++ -x c++ -std=c++98 -DUNICODE -D_UNICODE "${ours[@]}"
echo '#include <windows.h>
#include <string>
extern std::wstring text;' |
    try no g++ -x c++ -std=c++17 -fshort-wchar "${ours[@]}"
for compiler in "gcc -x c" "g++ -x c++"; do
    # shellcheck disable=SC2086
    echo '#include <windows.h>
extern LPCWSTR text;
LPCWSTR text = L"a";' |
        try no $compiler -DUNICODE -D_UNICODE "${ours[@]}"
done
printf '#include <tchar.h>\n' | try no gcc -x c -DUNICODE "${ours[@]}"
printf '#include <winpr/smartcard.h>\n#include <winscard.h>\n' |
    try no gcc -x c -DWINSCARD_WITH_WINPR -I/usr/include/winpr2 "${ours[@]}"

# --- Others' headers --------------------------------------------------------------------------

x11="X11/Xlib.h X11/Xutil.h X11/keysym.h X11/Xatom.h"
qt="QtCore/QString QtCore/QObject QtCore/QVector QtCore/QThread QtCore/QCoreApplication"
read -r -a qt_flags <<<"$(pkg-config --cflags Qt5Core)"
for text in "" "-DUNICODE -D_UNICODE"; do
    for order in "$x11 $windows" "$windows $x11"; do
        for compile in "gcc -x c -std=c11" "clang -x c -std=c99" "g++ -x c++ -std=c++11" \
            "clang++ -x c++ -std=c++20"; do
            # shellcheck disable=SC2086
            both "$order" stdio.h |
                try yes $compile "${warnings[@]}" $text "${ours[@]}"
        done
    done
    for order in "$qt $windows" "$windows $qt"; do
        for compile in "g++ -x c++ -std=c++17" "clang++ -x c++ -std=c++17"; do
            # shellcheck disable=SC2086
            try yes $compile -fPIC "${warnings[@]}" $text \
                "${qt_flags[@]}" "${ours[@]}" < <(both "$order" cstdio)
        done
    done
done
read -r -a winpr_flags <<<"$(pkg-config --cflags winpr2 | sed 's/-I/-isystem /g')"
winpr="winpr/synch.h winpr/thread.h winpr/file.h winpr/registry.h"
for order in "windows.h winscard.h $winpr" "winscard.h $winpr windows.h" \
    "winpr/wtypes.h winpr/synch.h windows.h winscard.h"; do
    for compile in "gcc -x c -std=c11" "clang -x c -std=c17" "g++ -x c++ -std=c++17"; do
        # shellcheck disable=SC2086
        both "$order" stdio.h | sed 's/CreateEvent(/CreateEventA(/; s/%08lX/%08X/' |
            try yes $compile "${warnings[@]}" -DWINSCARD_WITH_WINPR "${winpr_flags[@]}" \
                "${ours[@]}"
    done
done
# winegcc has Wine's headers, and ours of winscard.h before them.
for order in "windows.h wincrypt.h winscard.h" "winscard.h windows.h" \
    "windows.h winreg.h winscard.h"; do
    both "$order" stdio.h | sed 's/%08lX/%08X/' |
        try yes "$winegcc" -m64 -x c -Wall -Wextra -Werror -Wno-format "${ours[0]}"
done
# A program's own Windows part, chosen on Unix.
printf '#ifdef _WIN32\n#include <windows.h>\n#include <winscard.h>\n#endif\n%s\n' \
    'extern SCARDCONTEXT context;' |
    try yes gcc -x c -std=c11 "${warnings[@]}" -D_WIN32 -DWIN32 "${ours[@]}"
# As it was without libwinport.
printf '#include <windows.h>\n#include <winscard.h>\nextern void Sleep(int seconds);\n' |
    try yes gcc -x c -std=c11 "${warnings[@]}" -DWINSCARD_HEADERS_ONLY "${ours[@]}"

compiled=$(grep -c . "$work/results")
failed=$(grep -c wrong "$work/results" || true)
echo "mix: $compiled compilations, $failed not as they should be"
[ "$failed" -eq 0 ] && [ "$compiled" -ge 200 ]
