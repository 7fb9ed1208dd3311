/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of several layers. */
#include "database/names.h"

#include "base/alloc.h"
#include "database/calais.h"

#include <assert.h>
#include <string.h>

enum { FIRST_ROOM = 4096, FIRST_STARTS = 64 };

void names_free(struct names *names)
{
    mem_free(names->text);
    mem_free(names->starts);
    memset(names, 0, sizeof(*names));
}

static enum sc_error grow_array(void **memory, size_t *room, size_t wanted, size_t unit,
                                size_t first)
{
    assert(first > 0 && unit > 0);
    if (wanted <= *room)
        return SC_OK;
    size_t count = *room != 0 ? *room : first;
    while (count < wanted)
        count *= 2;
    void *larger = mem_resize(*memory, count * unit);
    if (larger == NULL)
        return SC_E_NO_MEMORY;
    *memory = larger;
    *room = count;
    return SC_OK;
}

enum sc_error names_add(struct names *names, const char *name)
{
    size_t size = strlen(name) + 1;
    void *text = names->text, *starts = names->starts;
    if (names->size + size > DATABASE_LIST_MAX)
        return SC_E_NO_MEMORY;
    enum sc_error error =
        grow_array(&text, &names->room, names->size + size, 1, FIRST_ROOM);
    names->text = text;
    if (error != SC_OK)
        return error;
    error = grow_array(&starts, &names->starts_room, names->count + 1,
                       sizeof(*names->starts), FIRST_STARTS);
    names->starts = starts;
    if (error != SC_OK)
        return error;
    memcpy(names->text + names->size, name, size);
    names->starts[names->count++] = names->size;
    names->size += size;
    return SC_OK;
}

static int compare_names_at(const struct names *names, size_t a, size_t b)
{
    return calais_compare_names(names->text + names->starts[a],
                                names->text + names->starts[b]);
}

static void swap(struct names *names, size_t a, size_t b)
{
    assert(a < names->count && b < names->count);
    size_t start = names->starts[a];
    names->starts[a] = names->starts[b];
    names->starts[b] = start;
}

/* Heapsort needs no memory and no context for its comparison. */
static void sift(struct names *names, size_t from, size_t at, size_t count)
{
    for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count
            && compare_names_at(names, from + child, from + child + 1) < 0)
            child++;
        if (compare_names_at(names, from + at, from + child) >= 0)
            return;
        swap(names, from + at, from + child);
        at = child;
    }
}

static void sort(struct names *names, size_t from)
{
    assert(from <= names->count);
    size_t count = names->count - from;
    for (size_t i = count / 2; i > 0; i--)
        sift(names, from, i - 1, count);
    for (size_t left = count; left > 1; left--) {
        swap(names, from, from + left - 1);
        sift(names, from, 0, left - 1);
    }
}

/* The layer is sorted as the others are: each is walked along once. */
static bool is_in_upper_layer(const struct names *names, size_t at, size_t *cursors)
{
    size_t from = 0;
    for (int layer = 0; layer < names->layers; layer++) {
        size_t *cursor = &cursors[layer];
        if (*cursor < from)
            *cursor = from;
        int order = -1;
        while (*cursor < names->layer_end[layer]
               && (order = compare_names_at(names, *cursor, at)) < 0)
            (*cursor)++;
        if (order == 0)
            return true;
        from = names->layer_end[layer];
    }
    return false;
}

void names_end_layer(struct names *names, bool sorted)
{
    assert(names->layers < NAMES_LAYERS);
    size_t cursors[NAMES_LAYERS] = {0};
    size_t from = names->layers != 0 ? names->layer_end[names->layers - 1] : 0;
    size_t kept = from;
    if (!sorted)
        sort(names, from);
    if (sorted && from == 0)
        kept = names->count; /* nothing to compare a long list with */
    for (size_t i = kept; i < names->count; i++) {
        bool twice = !sorted && kept > from && compare_names_at(names, kept - 1, i) == 0;
        if (!twice && !is_in_upper_layer(names, i, cursors))
            names->starts[kept++] = names->starts[i];
    }
    names->count = kept;
    names->layer_end[names->layers++] = kept;
}

enum sc_error names_give(const struct names *names, struct multistring *out)
{
    enum sc_error error = SC_OK;
    for (size_t i = 0; error == SC_OK && i < names->count; i++)
        error = multistring_add(out, names->text + names->starts[i]);
    return error;
}
