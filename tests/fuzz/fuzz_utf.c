/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes UTF-8 and UTF-16. Input: a byte, the room; then text, taken as either. */
#include "base/utf.h"
#include "tests/fuzz/property.h"

enum { UNIT = sizeof(uint16_t) };

/* What is valid comes back as it was, and both directions agree on the sizes. */
static void check_utf8(const char *text, size_t size, size_t room)
{
    size_t units = 1, again = 1;
    enum sc_error error = utf8_to_utf16(text, size, NULL, 0, &units);
    PROPERTY(error == SC_OK || (error == SC_E_INVALID_VALUE && units == 0));
    PROPERTY(utf8_is_valid(text, size) == (error == SC_OK));
    uint16_t *out = (uint16_t *)(void *)property_room(room * UNIT);
    uint16_t none = 0;
    enum sc_error same = utf8_to_utf16(text, size, out ? out : &none, room, &again);
    PROPERTY(again == units);
    if (error != SC_OK) {
        PROPERTY(same == error);
    } else {
        PROPERTY(units <= size && size <= 3 * units);
        PROPERTY(same == (units > room ? SC_E_INSUFFICIENT_BUFFER : SC_OK));
    }
    free(out);
    if (error != SC_OK || size == 0)
        return;
    uint16_t *wide = (uint16_t *)(void *)property_room(units * UNIT);
    char *back = (char *)property_room(size);
    PROPERTY(utf8_to_utf16(text, size, wide, units, &again) == SC_OK);
    PROPERTY(utf16_to_utf8(wide, units, back, size, &again) == SC_OK);
    PROPERTY(again == size && memcmp(back, text, size) == 0);
    PROPERTY(utf8_length(text, size) == size || utf16_length(wide, units) < units);
    free(back);
    free(wide);
}

static void check_utf16(const uint8_t *bytes, size_t size, size_t room)
{
    size_t units = size / UNIT, count = 1, again = 1;
    const uint16_t *text = (const uint16_t *)(const void *)bytes; /* aligned or not */
    enum sc_error error = utf16_to_utf8(text, units, NULL, 0, &count);
    PROPERTY(error == SC_OK || (error == SC_E_INVALID_VALUE && count == 0));
    char *out = (char *)property_room(room);
    char none = 0;
    enum sc_error same = utf16_to_utf8(text, units, out ? out : &none, room, &again);
    PROPERTY(again == count);
    if (error != SC_OK)
        PROPERTY(same == error);
    else
        PROPERTY(same == (count > room ? SC_E_INSUFFICIENT_BUFFER : SC_OK));
    free(out);
    if (error != SC_OK || units == 0)
        return;
    char *narrow = (char *)property_room(count);
    uint16_t *back = (uint16_t *)(void *)property_room(units * UNIT);
    PROPERTY(utf16_to_utf8(text, units, narrow, count, &again) == SC_OK);
    PROPERTY(utf8_is_valid(narrow, count));
    PROPERTY(utf8_to_utf16(narrow, count, back, units, &again) == SC_OK);
    PROPERTY(again == units && memcmp(back, bytes, units * UNIT) == 0);
    PROPERTY(utf16_length(text, units) <= units);
    free(back);
    free(narrow);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    size_t room = input_byte(&input) % 32, left;
    uint8_t *text = input_copy(&input, input.left, &left);
    check_utf8(left != 0 ? (const char *)text : "", left, room);
    check_utf16(text, left, room);
    if (left > 1)
        check_utf16(text + 1, left - 1, room); /* at an odd address */
    free(text);
    return 0;
}
