/* SPDX-License-Identifier: BSD-2-Clause */
/* Names as a terminal may see them. Compiled for A and W. */
#include "dialog/text.h"

/* Neither shown nor obeyed: C0, DEL and C1 (ISO 6429), the marks that reorder text
 * (Unicode's bidirectional controls), and surrogates without their half. */
static bool is_shown(uint32_t code)
{
    return code >= 0x20 && !(code >= 0x7F && code <= 0x9F)
           && !(code >= 0x202A && code <= 0x202E) && !(code >= 0x2066 && code <= 0x2069)
           && !(code >= 0xD800 && code <= 0xDFFF) && code <= 0x10FFFF;
}

static size_t put_utf8(uint32_t code, char *out)
{
    static const uint32_t first[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    out[0] = (char)(first[size] | code);
    return size;
}

#ifdef UNICODE
static uint32_t next_code_point(const TCHAR **text)
{
    uint32_t unit = *(*text)++;
    if (unit >= 0xD800 && unit <= 0xDBFF && **text >= 0xDC00 && **text <= 0xDFFF)
        return 0x10000 + ((unit - 0xD800) << 10) + (uint32_t)(*(*text)++ - 0xDC00);
    return unit;
}
#else
/* UTF-8 (RFC 3629). What is malformed is taken byte by byte, as something not shown. */
static uint32_t next_code_point(const TCHAR **text)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    uint32_t byte = (uint8_t) * (*text)++;
    unsigned more = byte < 0x80                   ? 0
                    : byte >= 0xC2 && byte < 0xE0 ? 1
                    : byte >= 0xE0 && byte < 0xF0 ? 2
                    : byte >= 0xF0 && byte < 0xF5 ? 3
                                                  : 4;
    if (more == 0)
        return byte;
    if (more > 3)
        return 0;
    uint32_t code = byte & (0x3FU >> more);
    for (unsigned i = 0; i < more; i++) {
        uint32_t trail = (uint8_t)(*text)[i];
        if ((trail & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (trail & 0x3F);
    }
    if (code < least[more])
        return 0;
    *text += more;
    return code;
}
#endif

void text_show(const TCHAR *text, char *out, size_t room)
{
    size_t size = 0;
    while (*text != 0) {
        uint32_t code = next_code_point(&text);
        if (size + 8 > room) {
            for (unsigned i = 0; i < 3; i++)
                out[size++] = '.';
            break;
        }
        size += put_utf8(is_shown(code) ? code : '?', out + size);
    }
    out[size] = '\0';
}
