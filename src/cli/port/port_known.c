/* SPDX-License-Identifier: BSD-2-Clause */
/* How what is known is looked up, and what a name of Windows looks like. */
#include "cli/port/port_known.h"

#include "cli/port/port_ours.h"

#include <assert.h>
#include <string.h>

#define MISSING PORT_MISSING
#define UNKNOWN PORT_UNKNOWN_CLASS
#define NOTE    PORT_NOTE

const struct port_family_words port_families[PORT_FAMILIES] = {
#define FAMILY(id, class, about, advice, names, headers) {#id, class, about, advice},
#include "cli/port/families.def"
#undef FAMILY
};

static const struct {
    const char *names, *headers;
} families_have[PORT_FAMILIES] = {
#define FAMILY(id, class, about, advice, names, headers) {names, headers},
#include "cli/port/families.def"
#undef FAMILY
};

static const char *const standard_names[] = {
#define STANDARD(names) names,
#define HEADERS(headers)
#include "cli/port/standard.def"
#undef STANDARD
#undef HEADERS
};

static const char *const standard_headers[] = {
#define STANDARD(names)
#define HEADERS(headers) headers,
#include "cli/port/standard.def"
#undef STANDARD
#undef HEADERS
};

enum { PREFIX_MAX = 32, LETTERS_MAX = 64 };

/* The words of a list; those that end in * go to `prefixes`. */
static bool add_known(struct port_map *names, struct port_map *prefixes,
                      const char *words, uint32_t value)
{
    while (*words != '\0') {
        size_t size = strcspn(words, " ");
        bool prefix = size > 1 && words[size - 1] == '*';
        assert(!prefix || (prefixes != NULL && size <= PREFIX_MAX));
        if (!port_map_put(prefix ? prefixes : names, words, prefix ? size - 1 : size,
                          value))
            return false;
        words += size;
        words += strspn(words, " ");
    }
    return true;
}

static char small_letter(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return c;
}

bool port_known_start(struct port_known *known)
{
    bool done = true;
    *known = (struct port_known){.names = {0}};
    for (uint32_t i = 0; i < PORT_FAMILIES && done; i++)
        done = add_known(&known->names, &known->prefixes, families_have[i].names, i)
               && add_known(&known->headers, NULL, families_have[i].headers, i);
    for (size_t i = 0; i < sizeof(standard_names) / sizeof(*standard_names) && done; i++)
        done = add_known(&known->names, &known->prefixes, standard_names[i],
                         PORT_FAMILY_NONE);
    for (size_t i = 0; i < sizeof(standard_headers) / sizeof(*standard_headers) && done;
         i++)
        done = add_known(&known->standard, NULL, standard_headers[i], PORT_FAMILY_NONE);
    return done;
}

void port_known_clear(struct port_known *known)
{
    port_map_clear(&known->names);
    port_map_clear(&known->prefixes);
    port_map_clear(&known->headers);
    port_map_clear(&known->standard);
}

/* Below, equal to or above 0, as strcmp. */
static int compare_words(const char *name, size_t size, const char *row)
{
    int order = strncmp(name, row, size);
    return order != 0 || row[size] == '\0' ? order : -1;
}

static bool is_in_table(const char *const *table, size_t count, const char *name,
                        size_t size)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_words(name, size, table[middle]);
        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

bool port_is_ours(const char *name, size_t size)
{
    return is_in_table(port_our_names, port_our_names_count, name, size);
}

bool port_is_base(const char *name, size_t size)
{
    return is_in_table(port_base_names, port_base_names_count, name, size);
}

/* Copies a header's name in small letters. */
static void small_name(const char *name, char small[PORT_NAME_MAX + 1])
{
    size_t size = 0;
    for (; name[size] != '\0' && size < PORT_NAME_MAX; size++)
        small[size] = small_letter(name[size]);
    small[size] = '\0';
}

bool port_is_our_header(const char *name, bool beyond)
{
    char small[PORT_NAME_MAX + 1];
    size_t size = strlen(name);
    if (size > PORT_NAME_MAX
        || !is_in_table(port_our_headers, port_our_headers_count, name, size))
        return false;
    small_name(name, small);
    return !beyond
           || !is_in_table(port_base_headers, port_base_headers_count, small, size);
}

/* What letters a name has. */
struct letters {
    unsigned capitals, small, underscores;
};

static struct letters letters_of(const char *name, size_t size)
{
    struct letters letters = {0, 0, 0};
    for (size_t i = 0; i < size; i++) {
        letters.capitals += name[i] >= 'A' && name[i] <= 'Z' ? 1 : 0;
        letters.small += name[i] >= 'a' && name[i] <= 'z' ? 1 : 0;
        letters.underscores += name[i] == '_' ? 1 : 0;
    }
    return letters;
}

/* A prefix that ends in a small letter is a word by itself: "Reg" is not that of "Regular". */
static bool fits_prefix(const char *name, size_t prefix, bool called)
{
    char last = name[prefix - 1], next = name[prefix];
    if (last >= 'a' && last <= 'z' && next >= 'a' && next <= 'z')
        return false;
    return called || letters_of(name, prefix).small == 0;
}

/* Windows' calls are written so: GetTickCount; its types and constants so: GENERIC_READ;
 * those of Microsoft's C library so: _tempnam. */
static bool looks_like_windows(const char *name, size_t size, bool called)
{
    struct letters letters = letters_of(name, size);
    if (size < 4 || size > LETTERS_MAX)
        return false;
    if (name[0] >= 'A' && name[0] <= 'Z' && letters.small == 0)
        return true;
    if (!called)
        return false;
    if (name[0] == '_')
        return name[1] >= 'a' && name[1] <= 'z' && letters.capitals == 0;
    return name[0] >= 'A' && name[0] <= 'Z' && letters.capitals >= 2
           && letters.underscores == 0;
}

enum port_family port_known_name(const struct port_known *known, const char *name,
                                 size_t size, bool called)
{
    const struct port_map_entry *entry = port_map_find(&known->names, name, size);
    if (entry == NULL && size > 1 && (name[size - 1] == 'A' || name[size - 1] == 'W'))
        entry = port_map_find(&known->names, name, size - 1); /* a call's two forms */
    if (entry != NULL)
        return (enum port_family)entry->value;
    for (size_t prefix = size > PREFIX_MAX ? PREFIX_MAX : size; prefix-- > 2;) {
        entry = port_map_find(&known->prefixes, name, prefix);
        if (entry != NULL && fits_prefix(name, prefix, called))
            return (enum port_family)entry->value;
    }
    return looks_like_windows(name, size, called) ? PORT_FAMILY_unknown
                                                  : PORT_FAMILY_NONE;
}

enum port_family port_known_header(const struct port_known *known, const char *name)
{
    char small[PORT_NAME_MAX + 1];
    size_t size = strlen(name);
    if (size > PORT_NAME_MAX)
        return PORT_FAMILY_unknown_header;
    small_name(name, small);
    if (is_in_table(port_our_headers, port_our_headers_count, name, size)
        || port_map_find(&known->standard, name, size) != NULL)
        return PORT_FAMILY_NONE;
    if (port_is_our_header(small, false)
        || port_map_find(&known->standard, small, size) != NULL)
        return PORT_FAMILY_spelling;
    const struct port_map_entry *entry = port_map_find(&known->headers, small, size);
    return entry != NULL ? (enum port_family)entry->value : PORT_FAMILY_unknown_header;
}
