/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes reader URIs and lists of them. Input: a byte, the room; then the text of a
 * configuration file, up to its first NUL. */
#include "base/uri.h"
#include "tests/fuzz/property.h"

enum { KEY_SIZE = 32 };

/* Whatever came out is ended within its room. */
static void check_output(enum sc_error error, const char *out, size_t room)
{
    PROPERTY(error == SC_OK || error == SC_E_INVALID_VALUE
             || error == SC_E_INSUFFICIENT_BUFFER || error == SC_E_FILE_NOT_FOUND);
    if (error == SC_OK)
        PROPERTY(memchr(out, '\0', room) != NULL);
}

/* A value fits into a room of its size, and of no smaller one. */
static void check_room(const char *uri, const char *value)
{
    size_t size = strlen(value) + 1;
    char *exact = (char *)property_room(size);
    PROPERTY(uri_get_path(uri, exact, size) == SC_OK && strcmp(exact, value) == 0);
    free(exact);
    char *less = (char *)property_room(size - 1);
    PROPERTY(uri_get_path(uri, less, size - 1) == SC_E_INSUFFICIENT_BUFFER);
    free(less);
}

static void check_number(const char *uri, const char *key)
{
    uint32_t number = 77, narrow = 77;
    enum sc_error error = uri_get_number(uri, key, 0, UINT32_MAX, &number);
    PROPERTY(error == SC_OK || (error == SC_E_INVALID_VALUE && number == 77));
    enum sc_error less = uri_get_number(uri, key, 5, 1000, &narrow);
    if (less == SC_OK)
        PROPERTY(error == SC_OK && narrow == number);
    else
        PROPERTY(narrow == 77);
    if (error == SC_OK && number != 77)
        PROPERTY((number >= 5 && number <= 1000) == (less == SC_OK));
}

/* Keys that are unknown are found by their name, until all are known. */
static void check_keys(const char *uri)
{
    static const char *const none[] = {NULL};
    char unknown[KEY_SIZE] = "", second[KEY_SIZE], value[URI_SIZE_MAX];
    if (uri_check_keys(uri, none, unknown, sizeof(unknown)) == SC_OK) {
        PROPERTY(uri_get_text(uri, unknown, value, sizeof(value)) == SC_E_FILE_NOT_FOUND);
        return;
    }
    PROPERTY(memchr(unknown, '\0', sizeof(unknown)) != NULL);
    PROPERTY(strpbrk(unknown, "=&") == NULL && strstr(uri, unknown) != NULL);
    if (strlen(unknown) == KEY_SIZE - 1)
        return; /* perhaps cut */
    PROPERTY(uri_get_text(uri, unknown, value, sizeof(value)) != SC_E_FILE_NOT_FOUND);
    check_number(uri, unknown);
    const char *const one[] = {unknown, NULL};
    if (uri_check_keys(uri, one, second, sizeof(second)) != SC_OK)
        PROPERTY(strcmp(second, unknown) != 0);
}

static void check_uri(const char *uri, size_t room)
{
    char *out = (char *)property_room(room);
    char none = 0, value[URI_SIZE_MAX];
    enum sc_error error = uri_get_scheme(uri, out ? out : &none, room);
    check_output(error, out, room);
    if (error == SC_OK)
        PROPERTY(out[0] != '\0' && strncmp(uri, out, strlen(out)) == 0);
    check_output(uri_get_path(uri, out ? out : &none, room), out, room);
    check_output(uri_get_text(uri, "name", out ? out : &none, room), out, room);
    free(out);
    check_number(uri, "slots");
    error = uri_get_path(uri, value, sizeof(value));
    check_output(error, value, sizeof(value));
    if (error == SC_OK)
        check_room(uri, value);
    check_keys(uri);
}

/* An entry taken from a list is alone in a list of its own. */
static void check_entry(const char *uri)
{
    char again[URI_SIZE_MAX];
    const char *list = uri;
    PROPERTY(uri[0] != '\0' && uri[0] != '#' && strpbrk(uri, ";\n") == NULL);
    PROPERTY(uri_list_next(&list, again, sizeof(again)) == 1 && strcmp(again, uri) == 0);
    PROPERTY(*list == '\0' && uri_list_next(&list, again, sizeof(again)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    size_t room = input_byte(&input), left;
    uint8_t *bytes = property_room(input.left + 1);
    left = input.left;
    if (left != 0)
        memcpy(bytes, input.at, left);
    bytes[left] = '\0';
    const char *list = (const char *)bytes, *end = list + strlen(list);
    char uri[URI_SIZE_MAX];
    int got = 1;
    while (got != 0) {
        const char *before = list;
        got = uri_list_next(&list, uri, sizeof(uri));
        PROPERTY(list >= before && list <= end && (got == 0 || list > before));
        if (got == 1) {
            check_entry(uri);
            check_uri(uri, room);
        }
    }
    PROPERTY(list == end);
    check_uri((const char *)bytes, room); /* as it is, of any length */
    free(bytes);
    return 0;
}
