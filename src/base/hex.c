/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes as hexadecimal text. */
#include "base/hex.h"

int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

enum sc_error hex_encode(const uint8_t *bytes, size_t size, char *text, size_t room)
{
    static const char digits[] = "0123456789ABCDEF";
    if (room == 0 || size > (room - 1) / 2)
        return SC_E_INSUFFICIENT_BUFFER;
    for (size_t i = 0; i < size; i++) {
        *text++ = digits[bytes[i] >> 4];
        *text++ = digits[bytes[i] & 0x0F];
    }
    *text = '\0';
    return SC_OK;
}

enum sc_error hex_decode(const char *text, size_t size, uint8_t *bytes, size_t room,
                         size_t *count)
{
    if (size % 2 != 0)
        return SC_E_INVALID_VALUE;
    for (size_t i = 0; i < size; i++)
        if (hex_digit(text[i]) < 0)
            return SC_E_INVALID_VALUE;
    if (size / 2 > room)
        return SC_E_INSUFFICIENT_BUFFER;
    for (size_t i = 0; i < size; i += 2)
        bytes[i / 2] = (uint8_t)(hex_digit(text[i]) << 4 | hex_digit(text[i + 1]));
    *count = size / 2;
    return SC_OK;
}
