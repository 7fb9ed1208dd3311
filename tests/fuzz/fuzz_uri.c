/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes reader URIs and lists of them. Input: the text of a configuration file. */
#include "base/uri.h"
#include "tests/fuzz/property.h"

static void check_uri(const char *uri)
{
    static const char *const keys[] = {"name", "count", NULL};
    char text[64], unknown[16];
    uint32_t number = 7;
    if (uri_get_scheme(uri, text, sizeof(text)) == SC_OK)
        PROPERTY(strlen(text) < sizeof(text) && strchr(text, ':') == NULL);
    if (uri_get_path(uri, text, sizeof(text)) == SC_OK)
        PROPERTY(strlen(text) < sizeof(text));
    if (uri_get_text(uri, "name", text, sizeof(text)) == SC_OK)
        PROPERTY(strlen(text) < sizeof(text));
    if (uri_get_number(uri, "count", 1, 9, &number) == SC_OK)
        PROPERTY(number >= 1 && number <= 9);
    else
        PROPERTY(number == 7);
    if (uri_check_keys(uri, keys, unknown, sizeof(unknown)) != SC_OK)
        PROPERTY(strlen(unknown) < sizeof(unknown));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = (char *)property_room(size + 1);
    char uri[URI_SIZE_MAX];
    const char *at = text;
    int found;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    while ((found = uri_list_next(&at, uri, sizeof(uri))) != 0) {
        PROPERTY(at <= text + size);
        if (found > 0) {
            PROPERTY(uri[0] != '\0' && strchr(uri, ';') == NULL);
            check_uri(uri);
        }
    }
    free(text);
    return 0;
}
