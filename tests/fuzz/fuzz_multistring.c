/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes multi-strings as callers hand them in. Input: bytes of one, ended or not. */
#include "base/multistring.h"
#include "tests/fuzz/property.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *list = (char *)property_copy(data, size);
    size_t whole = multistring_size(list, size);
    PROPERTY(whole <= size);
    if (whole > 0) {
        struct multistring copy;
        const char *text = NULL;
        size_t bytes = 0;
        multistring_init(&copy, whole > 1 ? whole : 2);
        while ((text = multistring_next(list, text)) != NULL) {
            PROPERTY(text < list + whole);
            PROPERTY(multistring_contains(list, text));
            PROPERTY(multistring_add(&copy, text) == SC_OK);
            bytes += strlen(text) + 1;
        }
        PROPERTY(bytes + 1 == whole);
        PROPERTY(bytes == 0
                 || (copy.size == whole && memcmp(copy.bytes, list, whole) == 0));
        PROPERTY(multistring_add(&copy, "past the limit") == SC_E_NO_MEMORY
                 || bytes == 0);
        multistring_clear(&copy);
    }
    free(list);
    return 0;
}
