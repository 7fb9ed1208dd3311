/* SPDX-License-Identifier: BSD-2-Clause */
/* Which spellings of bytes are accepted. */
#include "cli/hex.h"

#include <stdbool.h>
#include <string.h>

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static const char separators[] = " \t\r\n:.,-";

/* "0x" in front of digits: it may stand before each byte. */
static bool is_prefix(const char *text)
{
    return text[0] == '0' && (text[1] == 'x' || text[1] == 'X') && digit(text[2]) >= 0;
}

enum hex_result hex_read(const char *text, uint8_t *out, size_t room, size_t *size)
{
    size_t used = 0;
    while (*text != '\0') {
        if (strchr(separators, *text) != NULL) {
            text++;
            continue;
        }
        if (is_prefix(text))
            text += 2;
        int high = digit(text[0]);
        if (high < 0)
            return HEX_NOT_HEX;
        int low = digit(text[1]);
        if (low < 0)
            return text[1] == '\0' || strchr(separators, text[1]) ? HEX_ODD : HEX_NOT_HEX;
        if (used == room)
            return HEX_TOO_LONG;
        out[used++] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    if (used == 0)
        return HEX_EMPTY;
    *size = used;
    return HEX_OK;
}

const char *hex_result_words(enum hex_result result)
{
    switch (result) {
    case HEX_EMPTY:
        return "is empty";
    case HEX_ODD:
        return "has a byte of only one hex digit";
    case HEX_NOT_HEX:
        return "is not written in hex digits";
    case HEX_TOO_LONG:
        return "is too long";
    case HEX_OK:
        break;
    }
    return "is fine";
}

void hex_wipe(void *bytes, size_t size)
{
    volatile uint8_t *at = bytes;
    while (size-- > 0)
        *at++ = 0;
}
