/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes multi-strings. Input: a byte, the builder's limit; then a multi-string. */
#include "base/multistring.h"
#include "tests/fuzz/property.h"

/* The texts of a well-formed list, put together again, are the same list. */
static void check_list(const char *bytes, size_t size, size_t max)
{
    struct multistring whole, limited;
    const char *text = NULL;
    size_t count = 0;
    bool fits = true;
    multistring_init(&whole, size);
    multistring_init(&limited, max);
    while ((text = multistring_next(bytes, text)) != NULL) {
        PROPERTY(text >= bytes && text + strlen(text) + 1 < bytes + size);
        PROPERTY(multistring_contains(bytes, text));
        PROPERTY(multistring_add(&whole, text) == SC_OK);
        size_t before = limited.size;
        fits = multistring_add(&limited, text) == SC_OK;
        size_t after = (before != 0 ? before : 1) + strlen(text) + 1;
        PROPERTY(fits == (after <= max));
        PROPERTY(limited.size == (fits ? after : before));
        count++;
    }
    PROPERTY(multistring_count(bytes) == count);
    PROPERTY(whole.size == (count != 0 ? size : 0));
    PROPERTY(count == 0 || memcmp(whole.bytes, bytes, size) == 0);
    PROPERTY(limited.size <= max && limited.room <= max);
    if (limited.size != 0)
        PROPERTY(multistring_size(limited.bytes, limited.size) == limited.size);
    multistring_clear(&limited);
    multistring_clear(&whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    size_t max = input_byte(&input), left;
    uint8_t *bytes = input_copy(&input, input.left, &left);
    const char *list = (const char *)bytes;
    size_t whole = multistring_size(list, left);
    PROPERTY(whole <= left);
    if (whole != 0) {
        PROPERTY(list[whole - 1] == '\0' && (whole == 1 || list[whole - 2] == '\0'));
        for (size_t cut = 0; cut < whole && cut < 64; cut++)
            PROPERTY(multistring_size(list, whole - 1 - cut) == 0);
        check_list(list, whole, max);
    } else {
        for (size_t i = 0; i + 1 < left; i++)
            PROPERTY(list[i] != '\0' || list[i + 1] != '\0');
    }
    free(bytes);
    return 0;
}
