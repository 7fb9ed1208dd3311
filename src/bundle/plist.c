/* SPDX-License-Identifier: BSD-2-Clause */
#include "bundle/plist.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { NAME_MAX_SIZE = 16 }; /* of an element; longer ones are none of ours */

struct reading {
    const char *at, *end;
    const char *wrong;
    char open[PLIST_DEPTH_MAX][NAME_MAX_SIZE]; /* the elements that are not closed yet */
    size_t depth;
    char key[PLIST_VALUE_MAX];
    size_t index;
    bool closed; /* the outermost element */
};

static bool fail_reading(struct reading *reading, const char *wrong)
{
    if (reading->wrong == NULL)
        reading->wrong = wrong;
    return false;
}

static bool starts_with(const struct reading *reading, const char *text)
{
    size_t size = strlen(text);
    return (size_t)(reading->end - reading->at) >= size
           && memcmp(reading->at, text, size) == 0;
}

/* Moves behind the next `text`. */
static bool skip_to(struct reading *reading, const char *text)
{
    while (reading->at < reading->end && !starts_with(reading, text))
        reading->at++;
    if (reading->at == reading->end)
        return fail_reading(reading, "ends in the middle of a tag or a comment");
    reading->at += strlen(text);
    return true;
}

/* --- Text between tags ----------------------------------------------------------------- */

static const struct {
    const char *entity;
    char byte;
} entities[] = {
    {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};

static char take_plist_character(struct reading *reading)
{
    for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
        if (starts_with(reading, entities[i].entity)) {
            reading->at += strlen(entities[i].entity);
            return entities[i].byte;
        }
    return *reading->at++;
}

static bool is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Up to the next tag, without white space at its ends. */
static bool take_text(struct reading *reading, char text[PLIST_VALUE_MAX])
{
    size_t size = 0;
    while (reading->at < reading->end && is_white(*reading->at))
        reading->at++;
    while (reading->at < reading->end && *reading->at != '<') {
        char c = take_plist_character(reading);
        if (c == '\0')
            return fail_reading(reading, "is not text");
        if (size == PLIST_VALUE_MAX - 1)
            return fail_reading(reading, "has a string that is too long");
        text[size++] = c;
    }
    while (size > 0 && is_white(text[size - 1]))
        size--;
    text[size] = '\0';
    return true;
}

/* --- Tags ------------------------------------------------------------------------------ */

/* The place in the list: plist, dict, and perhaps an array. */
static bool is_plist_place(const struct reading *reading, size_t depth)
{
    return depth >= 2 && strcmp(reading->open[0], "plist") == 0
           && strcmp(reading->open[1], "dict") == 0
           && (depth == 2 || (depth == 3 && strcmp(reading->open[2], "array") == 0));
}

static bool close_element(struct reading *reading, const char *name)
{
    if (reading->depth == 0 || strcmp(reading->open[reading->depth - 1], name) != 0)
        return fail_reading(reading, "closes an element that is not open");
    reading->depth--;
    reading->closed |= reading->depth == 0;
    return true;
}

static bool open_element(struct reading *reading, const char *name)
{
    if (reading->closed || reading->depth == PLIST_DEPTH_MAX)
        return fail_reading(reading, reading->closed ? "goes on after its end"
                                                     : "has too many elements in others");
    if (reading->depth == 0 && strcmp(name, "plist") != 0)
        return fail_reading(reading, "is not a property list");
    memcpy(reading->open[reading->depth++], name, NAME_MAX_SIZE);
    return true;
}

/* The name behind "<" or "</"; then everything up to and with ">". *empty: "/>". */
static bool take_plist_tag(struct reading *reading, char name[NAME_MAX_SIZE], bool *empty)
{
    size_t size = 0;
    memset(name, 0, NAME_MAX_SIZE);
    while (reading->at < reading->end && !is_white(*reading->at) && *reading->at != '>'
           && *reading->at != '/') {
        if (size < NAME_MAX_SIZE - 1)
            name[size++] = *reading->at;
        reading->at++;
    }
    if (!skip_to(reading, ">"))
        return false;
    *empty = reading->at[-2] == '/';
    return size > 0 || fail_reading(reading, "has a tag without a name");
}

struct plist_taker {
    void (*take)(void *context, const char *key, size_t index, const char *value);
    void *context;
};

static bool take_element(struct reading *reading, const struct plist_taker *taker)
{
    char name[NAME_MAX_SIZE], text[PLIST_VALUE_MAX];
    bool empty = false;
    size_t depth = reading->depth;
    if (!take_plist_tag(reading, name, &empty))
        return false;
    bool string = strcmp(name, "string") == 0;
    if (empty && string && is_plist_place(reading, depth) && reading->key[0] != '\0')
        taker->take(taker->context, reading->key, reading->index++, "");
    if (empty)
        return true;
    /* Two of Debian's bundles (libgempc430, libasedrive-usb) end arrays so; pcscd takes it. */
    if (strcmp(name, "array") == 0 && depth > 2
        && strcmp(reading->open[depth - 1], name) == 0)
        return close_element(reading, name);
    if (!open_element(reading, name) || !is_plist_place(reading, depth))
        return reading->wrong == NULL;
    if (!string && !(depth == 2 && strcmp(name, "key") == 0))
        return true;
    if (!take_text(reading, text))
        return false;
    if (!string) {
        /* A key that comes again goes on where it was. */
        reading->index = strcmp(reading->key, text) == 0 ? reading->index : 0;
        memcpy(reading->key, text, sizeof(text));
    } else if (reading->key[0] != '\0') {
        taker->take(taker->context, reading->key, reading->index++, text);
    }
    return true;
}

const char *plist_read(const char *text, size_t size,
                       void (*take)(void *context, const char *key, size_t index,
                                    const char *value),
                       void *context)
{
    struct reading reading = {.at = text, .end = text + size};
    const struct plist_taker taker = {.take = take, .context = context};
    char name[NAME_MAX_SIZE];
    bool empty, going = true;
    while (going) {
        while (reading.at < reading.end && *reading.at != '<')
            reading.at++;
        if (reading.at == reading.end)
            break;
        if (starts_with(&reading, "<!--")) {
            going = skip_to(&reading, "-->");
        } else if (starts_with(&reading, "<?") || starts_with(&reading, "<!")) {
            going = skip_to(&reading, ">");
        } else if (starts_with(&reading, "</")) {
            reading.at += 2;
            going =
                take_plist_tag(&reading, name, &empty) && close_element(&reading, name);
        } else {
            reading.at++;
            going = take_element(&reading, &taker);
        }
    }
    assert(going == (reading.wrong == NULL));
    if (going && reading.depth > 0)
        return "ends before its elements are closed";
    return going && !reading.closed ? "is not a property list" : reading.wrong;
}
