/* SPDX-License-Identifier: BSD-2-Clause */
/* Reader URIs, read in place: no tables, no allocation. */
#include "base/uri.h"

#include "base/hex.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

enum sc_error uri_get_scheme(const char *uri, char *scheme, size_t room)
{
    size_t size = strcspn(uri, ":?&=;/ ");
    if (size == 0 || uri[size] != ':' || strlen(uri) >= URI_SIZE_MAX)
        return SC_E_INVALID_VALUE;
    if (size >= room)
        return SC_E_INSUFFICIENT_BUFFER;
    memcpy(scheme, uri, size);
    scheme[size] = '\0';
    return SC_OK;
}

static enum sc_error decode(const char *text, size_t size, char *out, size_t room)
{
    size_t made = 0;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (c == '%') {
            int high = i + 1 < size ? hex_digit(text[i + 1]) : -1;
            int low = i + 2 < size ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0 || (high | low) == 0)
                return SC_E_INVALID_VALUE;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (made + 1 >= room)
            return SC_E_INSUFFICIENT_BUFFER;
        out[made++] = c;
    }
    if (room == 0)
        return SC_E_INSUFFICIENT_BUFFER;
    out[made] = '\0';
    return SC_OK;
}

static const char *after_scheme(const char *uri)
{
    const char *colon = strchr(uri, ':');
    return colon != NULL ? colon + 1 : uri + strlen(uri);
}

enum sc_error uri_get_path(const char *uri, char *path, size_t room)
{
    const char *start = after_scheme(uri);
    return decode(start, strcspn(start, "?"), path, room);
}

struct parameter {
    const char *key, *value;
    size_t key_size, value_size;
};

/* The parameter at *at, which moves on; false at the end. */
static bool next_parameter(const char **at, struct parameter *parameter)
{
    while (**at == '&')
        (*at)++;
    if (**at == '\0')
        return false;
    size_t size = strcspn(*at, "&");
    const char *equals = memchr(*at, '=', size);
    parameter->key = *at;
    parameter->key_size = equals != NULL ? (size_t)(equals - *at) : size;
    parameter->value = equals != NULL ? equals + 1 : *at + size;
    parameter->value_size = size - (size_t)(parameter->value - *at);
    assert(parameter->key_size <= size && parameter->value_size <= size);
    *at += size;
    return true;
}

static const char *first_parameter(const char *uri)
{
    const char *mark = strchr(after_scheme(uri), '?');
    return mark != NULL ? mark + 1 : uri + strlen(uri);
}

static bool has_key(const struct parameter *parameter, const char *key)
{
    return strlen(key) == parameter->key_size
           && memcmp(key, parameter->key, parameter->key_size) == 0;
}

enum sc_error uri_get_text(const char *uri, const char *key, char *value, size_t room)
{
    struct parameter parameter;
    const char *at = first_parameter(uri);
    while (next_parameter(&at, &parameter))
        if (has_key(&parameter, key))
            return decode(parameter.value, parameter.value_size, value, room);
    return SC_E_FILE_NOT_FOUND;
}

enum sc_error uri_parse_number(const char *text, uint32_t min, uint32_t max,
                               uint32_t *number)
{
    uint64_t value = 0;
    if (text[0] == '\0' || strlen(text) > 10)
        return SC_E_INVALID_VALUE;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at < '0' || *at > '9')
            return SC_E_INVALID_VALUE;
        value = value * 10 + (uint64_t)(*at - '0');
    }
    if (value < min || value > max)
        return SC_E_INVALID_VALUE;
    *number = (uint32_t)value;
    return SC_OK;
}

enum sc_error uri_get_number(const char *uri, const char *key, uint32_t min, uint32_t max,
                             uint32_t *number)
{
    char text[16];
    enum sc_error error = uri_get_text(uri, key, text, sizeof(text));
    if (error == SC_E_FILE_NOT_FOUND)
        return SC_OK;
    return error == SC_OK ? uri_parse_number(text, min, max, number) : SC_E_INVALID_VALUE;
}

enum sc_error uri_check_keys(const char *uri, const char *const *keys, char *unknown,
                             size_t room)
{
    struct parameter parameter;
    const char *at = first_parameter(uri);
    while (next_parameter(&at, &parameter)) {
        const char *const *key = keys;
        while (*key != NULL && !has_key(&parameter, *key))
            key++;
        if (*key != NULL)
            continue;
        if (room != 0) {
            size_t size = parameter.key_size < room ? parameter.key_size : room - 1;
            memcpy(unknown, parameter.key, size);
            unknown[size] = '\0';
        }
        return SC_E_INVALID_VALUE;
    }
    return SC_OK;
}

static bool is_uri_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Up to the ';', the line end, or the space before a comment. */
static size_t uri_entry_size(const char *at)
{
    size_t size = 0;
    while (at[size] != '\0' && at[size] != ';' && at[size] != '\n') {
        if (size > 0 && at[size] == '#' && is_uri_space(at[size - 1]))
            break;
        size++;
    }
    return size;
}

int uri_list_next(const char **list, char *uri, size_t room)
{
    for (;;) {
        const char *at = *list;
        while (is_uri_space(*at) || *at == '\n' || *at == ';')
            at++;
        if (*at == '#') {
            *list = at + strcspn(at, "\n");
            continue;
        }
        size_t size = uri_entry_size(at);
        *list = at + size;
        if (size == 0)
            return 0;
        while (size > 0 && is_uri_space(at[size - 1]))
            size--;
        if (size >= room)
            return -1;
        memcpy(uri, at, size);
        uri[size] = '\0';
        return 1;
    }
}
