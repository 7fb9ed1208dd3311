/* SPDX-License-Identifier: BSD-2-Clause */
/* Multi-strings: bounded scans, and a builder. */
#include "base/multistring.h"

#include "base/alloc.h"

#include <assert.h>
#include <string.h>

size_t multistring_size(const char *list, size_t max)
{
    bool at_start = true; /* of a text */
    for (size_t i = 0; i < max; i++) {
        if (list[i] == '\0' && at_start)
            return i + 1;
        at_start = list[i] == '\0';
    }
    return 0;
}

const char *multistring_next(const char *list, const char *text)
{
    const char *next = text == NULL ? list : text + strlen(text) + 1;
    return *next != '\0' ? next : NULL;
}

size_t multistring_count(const char *list)
{
    size_t count = 0;
    const char *at = NULL;
    while ((at = multistring_next(list, at)) != NULL)
        count++;
    return count;
}

bool multistring_contains(const char *list, const char *text)
{
    const char *at = NULL;
    while ((at = multistring_next(list, at)) != NULL)
        if (strcmp(at, text) == 0)
            return true;
    return false;
}

void multistring_init(struct multistring *list, size_t max)
{
    memset(list, 0, sizeof(*list));
    list->max = max;
}

void multistring_clear(struct multistring *list)
{
    mem_free(list->bytes);
    multistring_init(list, list->max);
}

enum sc_error multistring_add(struct multistring *list, const char *text)
{
    size_t text_size = strlen(text) + 1;
    assert(list->size <= list->room && list->room <= list->max);
    size_t old_size = list->size == 0 ? 0 : list->size - 1; /* the final NUL moves */
    if (text_size == 1)
        return SC_E_INVALID_VALUE;
    if (text_size > list->max || old_size + 1 > list->max - text_size)
        return SC_E_NO_MEMORY;
    size_t size = old_size + text_size + 1;
    if (size > list->room) {
        size_t room = size < list->max / 2 ? size * 2 : list->max;
        char *bytes = mem_resize(list->bytes, room);
        if (bytes == NULL)
            return SC_E_NO_MEMORY;
        list->bytes = bytes;
        list->room = room;
    }
    assert(size <= list->room);
    memcpy(list->bytes + old_size, text, text_size);
    list->bytes[size - 1] = '\0';
    list->size = size;
    return SC_OK;
}
