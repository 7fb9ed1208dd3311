/* SPDX-License-Identifier: BSD-2-Clause */
/* Which byte of a GUID stands where in its text. */
#include "cli/db/guid.h"

#include "cli/hex.h"
#include "cli/text.h"

#include <string.h>

/* In the order of the text. */
static const uint8_t order[GUID_BYTES] = {3, 2, 1,  0,  5,  4,  7,  6,
                                          8, 9, 10, 11, 12, 13, 14, 15};

static bool is_dash_before(size_t byte)
{
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

bool guid_read(const char *text, uint8_t guid[GUID_BYTES])
{
    bool braced = *text == '{';
    text += braced;
    for (size_t i = 0; i < GUID_BYTES; i++) {
        if (is_dash_before(i) && *text++ != '-')
            return false;
        char pair[3] = {text[0], '\0', '\0'};
        if (text[0] != '\0')
            pair[1] = text[1];
        size_t size = 0;
        if (hex_read(pair, &guid[order[i]], 1, &size) != HEX_OK)
            return false;
        text += 2;
    }
    return strcmp(text, braced ? "}" : "") == 0;
}

void guid_write(const uint8_t guid[GUID_BYTES], char text[GUID_TEXT_MAX])
{
    struct text out;
    text_start(&out, text, GUID_TEXT_MAX);
    text_add(&out, "{");
    for (size_t i = 0; i < GUID_BYTES; i++)
        text_add(&out, "%s%02X", is_dash_before(i) ? "-" : "", guid[order[i]]);
    text_add(&out, "}");
}
