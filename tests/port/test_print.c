/* SPDX-License-Identifier: BSD-2-Clause */
/* printf and its family as in Microsoft's library. Values from Microsoft's pages "Format
 * specification syntax", "_snprintf_s", "swprintf" and from msvcrt. */
#include <windows.h>

#include <tchar.h>

#include "tests/support/check.h"

#include <errno.h>
#include <limits.h>

static char out[200];

#define PRINTS(want, ...)                                                                \
    do {                                                                                 \
        CHECK_EQ(sprintf(out, __VA_ARGS__), strlen(want));                               \
        CHECK_STR(out, want);                                                            \
    } while (0)

static void integers(void)
{
    const DWORD code = 0x8010000A;
    const LONG status = (LONG)0x80100069;
    PRINTS("8010000A -2146435991 2148532234", "%lX %ld %lu", code, status, code);
    PRINTS("7 8 9", "%ld %lx %lu", (DWORD)7, (DWORD)8, (DWORD)9);
    PRINTS("-5 4", "%ld %lu", (long)-5, (unsigned long)4); /* 64 bits each, on most */
    PRINTS("1 2 3", "%ld%2ld%2ld", (long)1, (DWORD)2, (long)3);
    PRINTS("123456789012 fedcba9876543210", "%lld %I64x", (LONGLONG)123456789012,
           (ULONGLONG)0xFEDCBA9876543210);
    PRINTS("-1 4294967295 -1", "%I32d %I32u %Id", -1, -1, (INT_PTR)-1);
    PRINTS("18446744073709551615 5 6", "%Iu %zu %td", (SIZE_T)-1, (size_t)5, (ptrdiff_t)6);
    PRINTS("-1 65535 -1 255", "%hd %hu %hhd %hhu", -1, -1, -1, -1);
    PRINTS("00ff|FF  |  +42|-0042|0x2a|052| 7", "%04x|%-4X|%5d|%05d|%#x|%#o|% d" + 0, 255, 255,
           42, -42, 42, 42, 7);
    PRINTS("|0|00012|   12|", "%.0d|%d|%.5d|%5.2d|" + 4, 0, 12, 12);
    PRINTS("   -7|7    |", "%*d|%*d|", 5, -7, -5, 7);
    PRINTS("100% %q", "%d%% %q" + 0, 100);
    PRINTS("9223372036854775807", "%jd", (intmax_t)INT64_MAX);
}

int main(void)
{
    integers();
    return check_result();
}
