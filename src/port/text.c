/* SPDX-License-Identifier: BSD-2-Clause */
/* Text of both encodings for the other files, and Windows' own calls for strings. */
#include "port/convert.h"
#include "port/port.h"

#include <stdlib.h>
#include <string.h>
#include <wctype.h>

char *winport_narrow(LPCWSTR wide)
{
    if (wide == NULL) {
        winport_fail(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    char *narrow = winport_utf8_copy(wide);
    if (narrow == NULL)
        winport_fail(ERROR_NOT_ENOUGH_MEMORY);
    return narrow;
}

struct winport_out winport_out_wide(LPWSTR wide, size_t room)
{
    static WCHAR nowhere[1]; /* without room: never written */
    return (struct winport_out){.wide = wide == NULL ? nowhere : wide,
                                .room = wide == NULL ? 0 : room};
}

size_t winport_out_length(const struct winport_out *out, const char *text)
{
    size_t bytes = strlen(text);
    return out->wide == NULL ? bytes : winport_utf8_to_utf16(text, bytes, NULL, 0, NULL);
}

void winport_out_put(const struct winport_out *out, const char *text)
{
    if (out->room == 0)
        return;
    size_t length = winport_out_length(out, text);
    if (length >= out->room)
        length = out->room - 1;
    /* Whole characters alone are written: what is left is ended by the NUL. */
    if (out->wide == NULL) {
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
            length--;
        memcpy(out->narrow, text, length);
        out->narrow[length] = '\0';
    } else {
        memset(out->wide, 0, (length + 1) * sizeof(WCHAR));
        winport_utf8_to_utf16(text, strlen(text), out->wide, length, NULL);
    }
}

DWORD winport_out_answer(const struct winport_out *out, const char *text)
{
    size_t length = winport_out_length(out, text);
    bool nowhere = out->wide == NULL && out->narrow == NULL;
    if (nowhere || length >= out->room)
        return (DWORD)length + 1;
    winport_out_put(out, text);
    return (DWORD)length;
}

/* --- Strings ------------------------------------------------------------------------ */

int lstrlenA(LPCSTR text)
{
    return text == NULL ? 0 : (int)strlen(text);
}

int lstrlenW(LPCWSTR text)
{
    return text == NULL ? 0 : (int)winport_utf16_length(text);
}

/* Compares code points, folded to one case where that does not matter. */
static int compare_points(uint32_t left, uint32_t right, bool fold)
{
    if (fold) {
        left = (uint32_t)towlower((wint_t)left);
        right = (uint32_t)towlower((wint_t)right);
    }
    return (left > right) - (left < right);
}

static int compare_narrow(LPCSTR left, LPCSTR right, bool fold)
{
    if (left == NULL || right == NULL)
        return (left != NULL) - (right != NULL);
    const char *left_end = left + strlen(left), *right_end = right + strlen(right);
    while (left < left_end && right < right_end) {
        int order = compare_points(winport_utf8_next(&left, left_end, NULL),
                                   winport_utf8_next(&right, right_end, NULL), fold);
        if (order != 0)
            return order;
    }
    return (left < left_end) - (right < right_end);
}

static int compare_wide(LPCWSTR left, LPCWSTR right, bool fold)
{
    if (left == NULL || right == NULL)
        return (left != NULL) - (right != NULL);
    const WCHAR *left_end = left + winport_utf16_length(left);
    const WCHAR *right_end = right + winport_utf16_length(right);
    while (left < left_end && right < right_end) {
        int order = compare_points(winport_utf16_next(&left, left_end, NULL),
                                   winport_utf16_next(&right, right_end, NULL), fold);
        if (order != 0)
            return order;
    }
    return (left < left_end) - (right < right_end);
}

int lstrcmpA(LPCSTR left, LPCSTR right)
{
    return compare_narrow(left, right, false);
}

int lstrcmpW(LPCWSTR left, LPCWSTR right)
{
    return compare_wide(left, right, false);
}

int lstrcmpiA(LPCSTR left, LPCSTR right)
{
    return compare_narrow(left, right, true);
}

int lstrcmpiW(LPCWSTR left, LPCWSTR right)
{
    return compare_wide(left, right, true);
}

LPSTR lstrcpyA(LPSTR to, LPCSTR from)
{
    if (to == NULL || from == NULL)
        return NULL;
    return memmove(to, from, strlen(from) + 1);
}

LPWSTR lstrcpyW(LPWSTR to, LPCWSTR from)
{
    if (to == NULL || from == NULL)
        return NULL;
    return memmove(to, from, (winport_utf16_length(from) + 1) * sizeof(WCHAR));
}

LPSTR lstrcatA(LPSTR to, LPCSTR from)
{
    if (to == NULL || from == NULL)
        return NULL;
    lstrcpyA(to + strlen(to), from);
    return to;
}

LPWSTR lstrcatW(LPWSTR to, LPCWSTR from)
{
    if (to == NULL || from == NULL)
        return NULL;
    lstrcpyW(to + winport_utf16_length(to), from);
    return to;
}

LPSTR lstrcpynA(LPSTR to, LPCSTR from, int room)
{
    if (to == NULL || from == NULL || room <= 0)
        return NULL;
    size_t length = strnlen(from, (size_t)room - 1);
    memmove(to, from, length);
    to[length] = '\0';
    return to;
}

LPWSTR lstrcpynW(LPWSTR to, LPCWSTR from, int room)
{
    if (to == NULL || from == NULL || room <= 0)
        return NULL;
    size_t length = 0;
    while (length < (size_t)room - 1 && from[length] != 0)
        length++;
    memmove(to, from, length * sizeof(WCHAR));
    to[length] = 0;
    return to;
}

/* --- Case --------------------------------------------------------------------------- */

/* ASCII alone: another letter may be longer in the other case. */
static unsigned in_case(unsigned c, bool upper)
{
    unsigned first = upper ? 'a' : 'A';
    return c >= first && c < first + 26 ? c ^ 0x20 : c;
}

static LPSTR put_case_narrow(LPSTR text, bool upper)
{
    if ((uintptr_t)text <= 0xffff)
        return (LPSTR)(uintptr_t)in_case((unsigned)(uintptr_t)text, upper);
    for (char *at = text; *at != '\0'; at++)
        *at = (char)in_case((unsigned char)*at, upper);
    return text;
}

static LPWSTR put_case_wide(LPWSTR text, bool upper)
{
    if ((uintptr_t)text <= 0xffff)
        return (LPWSTR)(uintptr_t)in_case((unsigned)(uintptr_t)text, upper);
    for (WCHAR *at = text; *at != 0; at++)
        *at = (WCHAR)in_case(*at, upper);
    return text;
}

LPSTR CharUpperA(LPSTR text)
{
    return put_case_narrow(text, true);
}

LPWSTR CharUpperW(LPWSTR text)
{
    return put_case_wide(text, true);
}

LPSTR CharLowerA(LPSTR text)
{
    return put_case_narrow(text, false);
}

LPWSTR CharLowerW(LPWSTR text)
{
    return put_case_wide(text, false);
}
