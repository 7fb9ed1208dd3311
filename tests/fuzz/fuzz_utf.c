/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the text conversions. Input: bytes, taken as UTF-8 and as UTF-16 units. */
#include "base/utf.h"
#include "tests/fuzz/property.h"

/* What can be converted comes back as it was, and needs just the room that was told. */
static void check_utf8(const char *text, size_t size)
{
    size_t count, back, again;
    enum sc_error error = utf8_to_utf16(text, size, NULL, 0, &count);
    PROPERTY(utf8_is_valid(text, size) == (error == SC_OK));
    if (error != SC_OK) {
        PROPERTY(error == SC_E_INVALID_VALUE && count == 0);
        return;
    }
    PROPERTY(count <= size);
    uint16_t *wide = (uint16_t *)(void *)property_room(count * sizeof(*wide));
    char *narrow = (char *)property_room(size);
    if (count > 0) {
        PROPERTY(utf8_to_utf16(text, size, wide, count - 1, &again)
                 == SC_E_INSUFFICIENT_BUFFER);
        PROPERTY(again == count);
        PROPERTY(utf8_to_utf16(text, size, wide, count, &again) == SC_OK);
        PROPERTY(utf16_to_utf8(wide, count, narrow, size, &back) == SC_OK);
        PROPERTY(back == size && memcmp(narrow, text, size) == 0);
    }
    free(wide);
    free(narrow);
}

static void check_utf16(const uint16_t *text, size_t units)
{
    size_t count, back;
    if (utf16_to_utf8(text, units, NULL, 0, &count) != SC_OK)
        return;
    PROPERTY(count <= 3 * units);
    char *narrow = (char *)property_room(count);
    uint16_t *wide = (uint16_t *)(void *)property_room(units * sizeof(*wide));
    if (units > 0) {
        PROPERTY(utf16_to_utf8(text, units, narrow, count, &back) == SC_OK);
        PROPERTY(back == count && utf8_is_valid(narrow, count));
        PROPERTY(utf8_to_utf16(narrow, count, wide, units, &back) == SC_OK);
        PROPERTY(back == units && memcmp(wide, text, units * sizeof(*wide)) == 0);
    }
    PROPERTY(utf16_length(text, units) <= units);
    free(narrow);
    free(wide);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = property_copy(data, size);
    check_utf8((const char *)copy, size);
    free(copy);
    copy = property_copy(data, size / 2 * 2);
    check_utf16((const uint16_t *)(const void *)copy, size / 2);
    free(copy);
    return 0;
}
