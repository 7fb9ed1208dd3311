/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys and values of the smart card database in .reg files. */
#include "database/calais.h"

#include "base/multistring.h"
#include "base/utf.h"

#include <stdio.h>
#include <string.h>

static const char *const hives[] = {"HKEY_LOCAL_MACHINE", "HKEY_CURRENT_USER", "HKLM",
                                    "HKCU"};
static const char *const calais_paths[] = {
    "SOFTWARE\\Microsoft\\Cryptography\\Calais",
    "SOFTWARE\\Wow6432Node\\Microsoft\\Cryptography\\Calais",
};
static const char *const provider_values[DATABASE_TEXTS] = {
    "Crypto Provider", "Smart Card Key Storage Provider", "80000001"};

static int fold(char c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : (unsigned char)c;
}

int calais_compare_names(const char *a, const char *b)
{
    while (*a != '\0' && fold(*a) == fold(*b)) {
        a++;
        b++;
    }
    return fold(*a) - fold(*b);
}

/* A hundred thousand names are looked at in one listing. */
bool calais_is_name(const char *name)
{
    unsigned beyond_ascii = 0;
    size_t size = 0;
    for (; name[size] != '\0'; size++) {
        unsigned char byte = (unsigned char)name[size];
        if (size == DATABASE_NAME_MAX - 1 || byte == '\\' || byte < 0x20)
            return false;
        beyond_ascii |= byte & 0x80U;
    }
    return size != 0 && (beyond_ascii == 0 || utf8_is_valid(name, size));
}

bool calais_is_text(const char *text)
{
    size_t size = utf8_length(text, DATABASE_VALUE_MAX);
    return size < DATABASE_VALUE_MAX && utf8_is_valid(text, size);
}

/* What follows `prefix` and a backslash, or "" at the end; NULL if it is not a prefix. */
static const char *skip_prefix(const char *key, const char *prefix)
{
    while (*prefix != '\0' && fold(*prefix) == fold(*key)) {
        prefix++;
        key++;
    }
    if (*prefix != '\0' || (*key != '\0' && *key != '\\'))
        return NULL;
    return *key == '\\' ? key + 1 : key;
}

static const char *skip_any(const char *key, const char *const *prefixes, size_t count)
{
    const char *rest = NULL;
    for (size_t i = 0; rest == NULL && i < count; i++)
        rest = skip_prefix(key, prefixes[i]);
    return rest;
}

enum calais_key calais_find_key(const char *key, char name[DATABASE_NAME_MAX])
{
    size_t size = strlen(key);
    name[0] = '\0';
    if (size > 0 && key[size - 1] == '\\') /* below it, not the key itself */
        return CALAIS_OTHER;
    const char *rest = skip_any(key, hives, ARRAY_SIZE(hives));
    if (rest != NULL)
        rest = skip_any(rest, calais_paths, ARRAY_SIZE(calais_paths));
    if (rest == NULL)
        return CALAIS_OTHER;
    if (*rest == '\0')
        return CALAIS_ALL;
    const char *cards = skip_prefix(rest, "SmartCards");
    rest = cards != NULL ? cards : skip_prefix(rest, "Readers");
    if (rest == NULL)
        return CALAIS_OTHER;
    if (*rest == '\0')
        return cards != NULL ? CALAIS_CARDS : CALAIS_READERS;
    if (!calais_is_name(rest))
        return CALAIS_OTHER; /* a key below, or none that we know how to name */
    memcpy(name, rest, strlen(rest) + 1);
    return cards != NULL ? CALAIS_CARD : CALAIS_READER;
}

bool calais_is_second(const char *key)
{
    const char *rest = skip_any(key, hives, ARRAY_SIZE(hives));
    return rest != NULL && skip_prefix(rest, calais_paths[1]) != NULL;
}

/* --- Reading values ----------------------------------------------------------------- */

/* A removed value is an empty one. */
static enum sc_error copy_bytes(const struct reg_item *item, void *bytes, size_t room,
                                size_t unit, size_t *size)
{
    *size = 0;
    if (item->kind == REG_ITEM_VALUE_REMOVED)
        return SC_OK;
    if (item->type != REG_TYPE_BINARY || item->size > room || item->size % unit != 0)
        return SC_E_INVALID_VALUE;
    if (item->size != 0)
        memcpy(bytes, item->bytes, item->size);
    *size = item->size;
    return SC_OK;
}

static enum sc_error copy_value_text(const struct reg_item *item, char *text, size_t room)
{
    text[0] = '\0';
    if (item->kind == REG_ITEM_VALUE_REMOVED)
        return SC_OK;
    if ((item->type != REG_TYPE_TEXT && item->type != REG_TYPE_EXPAND)
        || item->size >= room)
        return SC_E_INVALID_VALUE;
    memcpy(text, item->bytes, item->size + 1);
    return SC_OK;
}

void calais_begin_card(struct calais_card *card)
{
    card->mask_size = card->card.card.atr_size;
    card->has_mask = false;
}

static enum sc_error set_primary_provider(struct database_card *card,
                                          const struct reg_item *item)
{
    size_t size;
    enum sc_error error = copy_bytes(item, card->primary, sizeof(card->primary),
                                     sizeof(card->primary), &size);
    card->has_primary = error == SC_OK && size != 0;
    return error;
}

static enum sc_error set_atr(struct calais_card *card, const struct reg_item *item)
{
    struct database_card *to = &card->card.card;
    if (!card->has_mask)
        card->mask_size = 0; /* the old one was the old ATR's */
    return copy_bytes(item, to->atr, sizeof(to->atr), 1, &to->atr_size);
}

enum sc_error calais_set_card(struct calais_card *card, const struct reg_item *item)
{
    struct database_card *to = &card->card.card;
    size_t size;
    if (calais_compare_names(item->name, "ATR") == 0)
        return set_atr(card, item);
    if (calais_compare_names(item->name, "ATRMask") == 0) {
        card->has_mask = true;
        return copy_bytes(item, to->mask, sizeof(to->mask), 1, &card->mask_size);
    }
    if (calais_compare_names(item->name, "Primary Provider") == 0)
        return set_primary_provider(to, item);
    if (calais_compare_names(item->name, "Supported Interfaces") == 0) {
        enum sc_error error = copy_bytes(item, to->interfaces, sizeof(to->interfaces),
                                         DATABASE_GUID_SIZE, &size);
        to->interface_count = size / DATABASE_GUID_SIZE;
        return error;
    }
    for (size_t i = 0; i < DATABASE_TEXTS; i++)
        if (calais_compare_names(item->name, provider_values[i]) == 0)
            return copy_value_text(item, card->card.providers[i],
                                   sizeof(card->card.providers[i]));
    return SC_OK;
}

enum sc_error calais_end_card(struct calais_card *card)
{
    struct database_card *to = &card->card.card;
    if (card->mask_size == 0 || to->atr_size == 0)
        memset(to->mask, 0xFF, sizeof(to->mask));
    else if (card->mask_size != to->atr_size)
        return SC_E_INVALID_VALUE;
    return SC_OK;
}

static enum sc_error set_groups(struct database_reader *reader,
                                const struct reg_item *item)
{
    memset(reader->groups, 0, sizeof(reader->groups));
    if (item->kind == REG_ITEM_VALUE_REMOVED)
        return SC_OK;
    if (item->type != REG_TYPE_TEXTS || item->size > sizeof(reader->groups))
        return SC_E_INVALID_VALUE;
    memcpy(reader->groups, item->bytes, item->size);
    const char *group = NULL;
    while ((group = multistring_next(reader->groups, group)) != NULL)
        if (!calais_is_name(group))
            return SC_E_INVALID_VALUE;
    return SC_OK;
}

enum sc_error calais_set_reader(struct database_reader *reader,
                                const struct reg_item *item)
{
    if (calais_compare_names(item->name, "Device") == 0)
        return copy_value_text(item, reader->device, sizeof(reader->device));
    if (calais_compare_names(item->name, "Groups") == 0)
        return set_groups(reader, item);
    return SC_OK;
}

/* --- Writing ------------------------------------------------------------------------ */

struct writer {
    reg_put *put;
    void *context;
    enum sc_error error;
};

static void write_key(struct writer *writer, enum database_scope scope, const char *kind,
                      const char *name)
{
    char key[DATABASE_NAME_MAX + 128];
    snprintf(key, sizeof(key), "%s\\%s\\%s\\%s", hives[scope == DATABASE_SYSTEM ? 0 : 1],
             calais_paths[0], kind, name);
    struct reg_item item = {.kind = REG_ITEM_KEY, .key = key};
    writer->error = reg_write_item(&item, writer->put, writer->context);
}

/* Nothing is written for an empty value. */
static void write_value(struct writer *writer, const char *name, enum reg_type type,
                        const void *bytes, size_t size)
{
    struct reg_item item = {.kind = REG_ITEM_VALUE, .name = name, .type = type};
    item.bytes = bytes;
    item.size = size;
    if (writer->error == SC_OK && size != 0)
        writer->error = reg_write_item(&item, writer->put, writer->context);
}

enum sc_error calais_write_card(enum database_scope scope,
                                const struct database_entry *card, reg_put *put,
                                void *context)
{
    struct writer writer = {.put = put, .context = context};
    const struct database_card *from = &card->card;
    write_key(&writer, scope, "SmartCards", from->name);
    write_value(&writer, "ATR", REG_TYPE_BINARY, from->atr, from->atr_size);
    write_value(&writer, "ATRMask", REG_TYPE_BINARY, from->mask, from->atr_size);
    write_value(&writer, "Primary Provider", REG_TYPE_BINARY, from->primary,
                from->has_primary ? sizeof(from->primary) : 0);
    write_value(&writer, "Supported Interfaces", REG_TYPE_BINARY, from->interfaces,
                from->interface_count * DATABASE_GUID_SIZE);
    for (size_t i = 0; i < DATABASE_TEXTS; i++)
        write_value(&writer, provider_values[i], REG_TYPE_TEXT, card->providers[i],
                    strlen(card->providers[i]));
    return writer.error;
}

enum sc_error calais_write_reader(enum database_scope scope,
                                  const struct database_reader *reader, reg_put *put,
                                  void *context)
{
    struct writer writer = {.put = put, .context = context};
    size_t size = multistring_size(reader->groups, sizeof(reader->groups));
    write_key(&writer, scope, "Readers", reader->name);
    write_value(&writer, "Device", REG_TYPE_TEXT, reader->device, strlen(reader->device));
    write_value(&writer, "Groups", REG_TYPE_TEXTS, reader->groups, size > 1 ? size : 0);
    return writer.error;
}
