/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/kit/usb_words.h"

#include "base/hex.h"
#include "base/utf.h"

#include <string.h>

enum {
    ID_DIGITS = 4,
    UNITS_MAX = 127 /* of a string descriptor: 255 bytes, two of them its header */
};

bool kit_usb_read_ids(const char *text, void *value)
{
    struct kit_usb_ids *ids = value;
    uint16_t *const numbers[] = {&ids->vendor, &ids->product};
    size_t count = strlen(text) == 2 * ID_DIGITS + 1 && text[ID_DIGITS] == ':' ? 2 : 1;
    if (count == 1 && strlen(text) != ID_DIGITS)
        return false;
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[ID_DIGITS / 2];
        size_t size = 0;
        if (hex_decode(text + i * (ID_DIGITS + 1), ID_DIGITS, bytes, sizeof(bytes), &size)
            != SC_OK)
            return false;
        *numbers[i] = (uint16_t)(bytes[0] << 8 | bytes[1]);
    }
    return true;
}

void kit_usb_text(const uint16_t *units, size_t count, char text[DRIVER_TEXT_MAX])
{
    uint16_t clean[UNITS_MAX];
    char utf8[UNITS_MAX * 3];
    size_t size = 0, length = 0, start = 0;
    for (; size < count && size < UNITS_MAX && units[size] != 0; size++)
        clean[size] = units[size] < 0x20 || units[size] == 0x7F ? ' ' : units[size];
    text[0] = '\0';
    if (utf16_to_utf8(clean, size, utf8, sizeof(utf8), &length) != SC_OK)
        return;
    while (start < length && utf8[start] == ' ')
        start++;
    while (length > start && utf8[length - 1] == ' ')
        length--;
    length -= start;
    if (length > DRIVER_TEXT_MAX - 1)
        for (length = DRIVER_TEXT_MAX - 1;
             ((unsigned char)utf8[start + length] & 0xC0) == 0x80;)
            length--;
    memcpy(text, utf8 + start, length);
    text[length] = '\0';
}
