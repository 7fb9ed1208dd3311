/* SPDX-License-Identifier: BSD-2-Clause */
/* Microsoft's own calls on char. */
#include "port/port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ASCII alone: whatever the locale is, bytes of UTF-8 stay. */
static int ascii_lower(int byte)
{
    return byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte;
}

static int compare_bytes(const char *left, const char *right, size_t count, bool text)
{
    for (size_t i = 0; i < count; i++) {
        const int low = ascii_lower((uint8_t)left[i]),
                  other = ascii_lower((uint8_t)right[i]);
        if (low != other)
            return low - other;
        if (text && low == 0)
            break;
    }
    return 0;
}

int _strnicmp(const char *left, const char *right, size_t count)
{
    return compare_bytes(left, right, count, true);
}

int _stricmp(const char *left, const char *right)
{
    return compare_bytes(left, right, SIZE_MAX, true);
}

int _memicmp(const void *left, const void *right, size_t count)
{
    return compare_bytes(left, right, count, false);
}

char *_strdup(const char *text)
{
    if (text == NULL)
        return NULL;
    const size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    return copy == NULL ? NULL : memcpy(copy, text, size);
}

char *_strupr(char *text)
{
    for (char *at = text; *at != '\0'; at++)
        if (*at >= 'a' && *at <= 'z')
            *at = (char)(*at - ('a' - 'A'));
    return text;
}

char *_strlwr(char *text)
{
    for (char *at = text; *at != '\0'; at++)
        *at = (char)ascii_lower(*at);
    return text;
}

char *_strrev(char *text)
{
    const size_t length = strlen(text);
    for (size_t i = 0; i < length / 2; i++) {
        const char byte = text[i];
        text[i] = text[length - 1 - i];
        text[length - 1 - i] = byte;
    }
    return text;
}

size_t strnlen_s(const char *text, size_t most)
{
    const char *end = text == NULL ? NULL : memchr(text, '\0', most);
    return text == NULL ? 0 : end == NULL ? most : (size_t)(end - text);
}

size_t wcsnlen_s(const WCHAR *text, size_t most)
{
    return text == NULL ? 0 : winport_wcsnlen(text, most);
}

static errno_t move(void *to, rsize_t size, const void *from, rsize_t count)
{
    if (count == 0)
        return 0;
    if (to != NULL && from != NULL && size >= count) {
        memmove(to, from, count);
        return 0;
    }
    if (to != NULL)
        memset(to, 0, size);
    errno = to == NULL || from == NULL ? EINVAL : ERANGE;
    return errno;
}

errno_t memcpy_s(void *to, rsize_t size, const void *from, rsize_t count)
{
    return move(to, size, from, count);
}

errno_t memmove_s(void *to, rsize_t size, const void *from, rsize_t count)
{
    return move(to, size, from, count);
}

static errno_t move_wide(WCHAR *to, rsize_t size, const WCHAR *from, rsize_t count)
{
    if (count > SIZE_MAX / sizeof *to || size > SIZE_MAX / sizeof *to) {
        errno = ERANGE;
        return ERANGE;
    }
    return move(to, size * sizeof *to, from, count * sizeof *to);
}

errno_t wmemcpy_s(WCHAR *to, rsize_t size, const WCHAR *from, rsize_t count)
{
    return move_wide(to, size, from, count);
}

errno_t wmemmove_s(WCHAR *to, rsize_t size, const WCHAR *from, rsize_t count)
{
    return move_wide(to, size, from, count);
}
