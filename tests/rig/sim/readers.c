/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads readers.list, which the build turns into lines of text. */
#include "tests/rig/sim/readers.h"

#include "base/hex.h"
#include "tests/rig/sim/readers_text.h"

#include <stdlib.h>
#include <string.h>

static const char *skip_spaces(const char *text)
{
    return text + strspn(text, " ");
}

/* The next word, without quotes if it has them. False: there is none, or no room. */
static bool take_word(const char **text, char *word, size_t room)
{
    const char *at = skip_spaces(*text);
    bool quoted = *at == '"';
    if (quoted)
        at++;
    size_t size = strcspn(at, quoted ? "\"" : " ");
    if (size >= room || (size == 0 && !quoted) || (quoted && at[size] != '"'))
        return false;
    memcpy(word, at, size);
    word[size] = '\0';
    *text = at + size + (quoted ? 1 : 0);
    return true;
}

/* A hexadecimal number; "-" is 0. */
static bool take_hex(const char **text, unsigned long *number)
{
    char word[16], *end;
    if (!take_word(text, word, sizeof(word)))
        return false;
    *number = strcmp(word, "-") != 0 ? strtoul(word, &end, 16) : 0;
    return true;
}

static bool take_byte(const char **text, uint8_t *byte)
{
    unsigned long number = 0;
    if (!take_hex(text, &number) || number > 0xFF)
        return false;
    *byte = (uint8_t)number;
    return true;
}

static bool parse_reader(const char *line, struct sim_reader_data *data)
{
    char ids[16], *end;
    unsigned long version = 0;
    memset(data, 0, sizeof(*data));
    if (!take_word(&line, data->name, sizeof(data->name))
        || !take_word(&line, ids, sizeof(ids)) || strlen(ids) != 9
        || !take_hex(&line, &version))
        return false;
    data->vendor = (uint16_t)strtoul(ids, &end, 16);
    data->product = (uint16_t)strtoul(ids + 5, &end, 16);
    data->version = (uint16_t)version;
    for (size_t i = 0; i < SIM_STRINGS; i++)
        if (!take_word(&line, data->strings[i], SIM_STRING_ROOM))
            return false;
    return true;
}

static bool parse_interface(const char *line, struct sim_reader_data *data)
{
    struct sim_interface_data *iface = &data->interfaces[data->interface_count];
    char place[2], hex[2 * SIM_CLASS_DESCRIPTOR_SIZE + 1];
    size_t size = 0;
    if (data->interface_count == SIM_INTERFACES_MAX || !take_byte(&line, &iface->number)
        || !take_byte(&line, &iface->class_code) || !take_byte(&line, &iface->protocol)
        || !take_byte(&line, &iface->bulk_out) || !take_byte(&line, &iface->bulk_in)
        || !take_byte(&line, &iface->interrupt_in)
        || !take_word(&line, place, sizeof(place)) || !take_word(&line, hex, sizeof(hex)))
        return false;
    iface->after_endpoints = place[0] == 'e';
    data->interface_count++;
    return hex_decode(hex, strlen(hex), iface->descriptor, SIM_CLASS_DESCRIPTOR_SIZE,
                      &size)
               == SC_OK
           && size == SIM_CLASS_DESCRIPTOR_SIZE;
}

/* What follows a keyword, or NULL if the line is another one. */
static const char *line_after(const char *line, const char *keyword)
{
    size_t size = strlen(keyword);
    return strncmp(line, keyword, size) == 0 ? line + size : NULL;
}

bool sim_reader_get(size_t index, struct sim_reader_data *data)
{
    size_t count = 0, i = 0;
    const char *rest = NULL;
    for (; i < ARRAY_SIZE(sim_readers_text); i++) {
        rest = line_after(sim_readers_text[i], "reader ");
        if (rest != NULL && count++ == index)
            break;
    }
    if (i == ARRAY_SIZE(sim_readers_text) || !parse_reader(rest, data))
        return false;
    for (i++; i < ARRAY_SIZE(sim_readers_text); i++) {
        rest = line_after(sim_readers_text[i], "options ");
        if (rest != NULL && !take_word(&rest, data->options, SIM_OPTIONS_ROOM))
            return false;
        if (rest != NULL)
            continue;
        rest = line_after(sim_readers_text[i], "interface ");
        if (rest == NULL)
            break;
        if (!parse_interface(rest, data))
            return false;
    }
    return data->interface_count != 0;
}

bool sim_reader_find(const char *name, struct sim_reader_data *data)
{
    for (size_t i = 0; sim_reader_get(i, data); i++)
        if (strcmp(data->name, name) == 0)
            return true;
    return false;
}
