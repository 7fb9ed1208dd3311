#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What headers of Windows beside the smart card API define is what mingw-w64's define: each
# constant has its value, each structure its size and offsets. Nothing is run.
#
#   constants.sh SOURCE_DIR BUILD_DIR CC
set -u
LC_ALL=C
export LC_ALL

include=$1/include/winscard
build_dir=$2
cc=${3:-cc}
mingw64=${MINGW64_CC:-x86_64-w64-mingw32-gcc}
mingw32=${MINGW32_CC:-i686-w64-mingw32-gcc}
floor=1050

headers="winerror.h winscard/system_codes.h winscard/network_codes.h winnt.h
    winbase.h fileapi.h wincon.h winnls.h minwinbase.h winioctl.h processthreadsapi.h
    libloaderapi.h sysinfoapi.h synchapi.h windef.h"

# Names of Microsoft's winerror.h that mingw-w64's lacks.
lacking="ERROR_NO_WORK_DONE E_BOUNDS"

# Ours alone, or of another form there: a pointer, text, nothing at all.
other="WINSCARD_[A-Z_0-9]* INVALID_HANDLE_VALUE APIENTRY APIPRIVATE PASCAL [A-Z_]*_INIT"

fail()
{
    echo "constants: $*" >&2
    exit 1
}

command -v "$mingw64" >/dev/null || fail "no $mingw64: install gcc-mingw-w64-x86-64"
command -v "$mingw32" >/dev/null || fail "no $mingw32: install gcc-mingw-w64-i686"
rm -rf "$build_dir"
mkdir -p "$build_dir" || fail "cannot write $build_dir"
cd "$include" || exit 1

# "NAME VALUE" for each macro without parameters whose value is numbers and other names.
# shellcheck disable=SC2086
sed -n 's/^#define \([A-Za-z_][A-Za-z_0-9]*\)  *\([^ ].*\)$/\1 \2/p' $headers |
    sed 's,  */\*.*,,' | awk -v other="$other" '
    BEGIN { count = split(other, patterns, " ") }
    {
        name = $1
        value = substr($0, length(name) + 2)
        for (i = 1; i <= count; i++)
            if (name ~ "^" patterns[i] "$")
                next
        # A number, or an operator, or a name in capitals: no type, no call, no text.
        if (value ~ /^[A-Z_0-9a-fxuUlL(),|+<~ -]*$/ && value ~ /[0-9A-Z]/)
            print name, value
    }' | sort -u >"$build_dir/ours"

windows='#include <winsock2.h>\n#include <windows.h>\n#include <winioctl.h>\n'
# shellcheck disable=SC2059
printf "$windows" >"$build_dir/windows.c"
"$mingw64" -dM -E "$build_dir/windows.c" | awk '$1 == "#define" { print $2 }' | sort -u \
    >"$build_dir/theirs"
awk '{ print $1 }' "$build_dir/ours" | sort -u >"$build_dir/names"
comm -23 "$build_dir/names" "$build_dir/theirs" >"$build_dir/lacks"
echo "$lacking" | tr -s ' ' '\n' | sort >"$build_dir/stated"
comm -3 "$build_dir/lacks" "$build_dir/stated" >"$build_dir/unstated"
if [ -s "$build_dir/unstated" ]; then
    cat "$build_dir/unstated"
    fail "names that mingw lacks (left) or has by now (right)"
fi

# Ours by their text, theirs by their name, as 32 bits: a code is negative in one of them.
{
    # shellcheck disable=SC2059
    printf "$windows"
    while read -r name value; do
        grep -x "$name" "$build_dir/lacks" >/dev/null ||
            echo "_Static_assert((unsigned)($name) == (unsigned)($value), \"$name\");"
    done <"$build_dir/ours"
} >"$build_dir/constants.c"
checked=$(grep -c _Static_assert "$build_dir/constants.c")
failed=0
"$mingw64" -std=c11 -fsyntax-only "$build_dir/constants.c" || failed=1

# Structures: by ours and by theirs, of 64 and 32 bits.
{
    cat <<'END'
#include <windows.h>
#include <stddef.h>
#define POINTER sizeof(void *)
#define SIZE(type, size) _Static_assert(sizeof(type) == (size), #type)
#define AT(type, field, at) _Static_assert(offsetof(type, field) == (at), #type "." #field)
SIZE(FILETIME, 8);
AT(FILETIME, dwHighDateTime, 4);
SIZE(SYSTEMTIME, 16);
AT(SYSTEMTIME, wMonth, 2);
AT(SYSTEMTIME, wDayOfWeek, 4);
AT(SYSTEMTIME, wDay, 6);
AT(SYSTEMTIME, wHour, 8);
AT(SYSTEMTIME, wMinute, 10);
AT(SYSTEMTIME, wSecond, 12);
AT(SYSTEMTIME, wMilliseconds, 14);
SIZE(LARGE_INTEGER, 8);
AT(LARGE_INTEGER, HighPart, 4);
AT(LARGE_INTEGER, u.HighPart, 4);
AT(LARGE_INTEGER, QuadPart, 0);
SIZE(ULARGE_INTEGER, 8);
AT(ULARGE_INTEGER, HighPart, 4);
SIZE(COORD, 4);
AT(COORD, Y, 2);
SIZE(SMALL_RECT, 8);
AT(SMALL_RECT, Bottom, 6);
SIZE(CONSOLE_SCREEN_BUFFER_INFO, 22);
AT(CONSOLE_SCREEN_BUFFER_INFO, dwCursorPosition, 4);
AT(CONSOLE_SCREEN_BUFFER_INFO, wAttributes, 8);
AT(CONSOLE_SCREEN_BUFFER_INFO, srWindow, 10);
AT(CONSOLE_SCREEN_BUFFER_INFO, dwMaximumWindowSize, 18);
SIZE(SECURITY_ATTRIBUTES, 3 * POINTER);
AT(SECURITY_ATTRIBUTES, lpSecurityDescriptor, POINTER);
AT(SECURITY_ATTRIBUTES, bInheritHandle, 2 * POINTER);
SIZE(OVERLAPPED, 3 * POINTER + 8);
AT(OVERLAPPED, InternalHigh, POINTER);
AT(OVERLAPPED, Offset, 2 * POINTER);
AT(OVERLAPPED, OffsetHigh, 2 * POINTER + 4);
AT(OVERLAPPED, hEvent, 2 * POINTER + 8);
SIZE(GUID, 16);
AT(GUID, Data2, 4);
AT(GUID, Data3, 6);
AT(GUID, Data4, 8);
SIZE(SYSTEM_INFO, POINTER == 8 ? 48 : 36);
AT(SYSTEM_INFO, dwPageSize, 4);
AT(SYSTEM_INFO, lpMinimumApplicationAddress, 8);
AT(SYSTEM_INFO, dwActiveProcessorMask, 8 + 2 * POINTER);
AT(SYSTEM_INFO, dwNumberOfProcessors, 8 + 3 * POINTER);
AT(SYSTEM_INFO, dwAllocationGranularity, 16 + 3 * POINTER);
AT(SYSTEM_INFO, wProcessorRevision, 22 + 3 * POINTER);
SIZE(POINT, 8);
SIZE(SIZE, 8);
SIZE(RECT, 16);
AT(RECT, bottom, 12);
SIZE(LIST_ENTRY, 2 * POINTER);
SIZE(CRITICAL_SECTION *, POINTER);
SIZE(WCHAR, 2);
SIZE(DWORD, 4);
SIZE(LONG, 4);
SIZE(ULONG, 4);
SIZE(BOOL, 4);
SIZE(LONGLONG, 8);
SIZE(DWORD_PTR, POINTER);
SIZE(SIZE_T, POINTER);
SIZE(HANDLE, POINTER);
SIZE(HRESULT, 4);
SIZE(ATOM, 2);
SIZE(LCID, 4);
SIZE(LANGID, 2);
SIZE(WPARAM, POINTER);
SIZE(LPARAM, POINTER);
END
} | sed '/^SIZE(SIZE,/s/.*/_Static_assert(sizeof(struct tagSIZE) == 8, "SIZE");/' \
    >"$build_dir/structures.c"
for compile in "$mingw64" "$mingw32" "$cc -I$include"; do
    # shellcheck disable=SC2086
    $compile -std=c11 -fsyntax-only "$build_dir/structures.c" || failed=$((failed + 1))
done
structures=$(grep -cE '^(SIZE|AT|_Static)' "$build_dir/structures.c")

echo "constants: $checked constants, $structures sizes and offsets, $failed files failed"
[ "$checked" -ge $floor ] || fail "fewer than $floor"
[ $failed -eq 0 ]
