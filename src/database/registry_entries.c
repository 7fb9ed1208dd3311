/* SPDX-License-Identifier: BSD-2-Clause */
/* One card and one reader in the registry. A value is written only if it differs, and a
 * new ATR last: registry_store.c says why. */
#include "database/registry_internal.h"

#include "base/multistring.h"

#include <stdio.h>
#include <string.h>

static const WCHAR *const provider_value_names[DATABASE_TEXTS] = {
    L"Crypto Provider", L"Smart Card Key Storage Provider", L"80000001"};
static const WCHAR atr_value[] = L"ATR", mask_value[] = L"ATRMask",
                   primary_value[] = L"Primary Provider",
                   interfaces_value[] = L"Supported Interfaces",
                   device_value[] = L"Device", groups_value[] = L"Groups";

/* --- Keys --------------------------------------------------------------------------- */

enum sc_error registry_open_entry(struct store *store, enum registry_kind kind,
                                  const char *name, HKEY *key)
{
    WCHAR wide[REGISTRY_NAME_MAX];
    *key = NULL;
    if (store->keys[kind] == NULL || !registry_wide_name(name, wide))
        return SC_E_FILE_NOT_FOUND;
    return registry_error(
        RegOpenKeyExW(store->keys[kind], wide, 0, KEY_QUERY_VALUE, key));
}

static enum sc_error make_entry(struct store *store, enum registry_kind kind,
                                const char *name, HKEY *key)
{
    WCHAR wide[REGISTRY_NAME_MAX];
    *key = NULL;
    if (!registry_wide_name(name, wide))
        return SC_E_INVALID_VALUE;
    return registry_error(RegCreateKeyExW(store->keys[kind], wide, 0, NULL, 0,
                                          KEY_QUERY_VALUE | KEY_SET_VALUE, NULL, key,
                                          NULL));
}

enum sc_error registry_delete_entry(struct store *store, enum registry_kind kind,
                                    const char *name)
{
    WCHAR wide[REGISTRY_NAME_MAX];
    if (!registry_wide_name(name, wide))
        return SC_E_FILE_NOT_FOUND;
    return registry_error(RegDeleteTreeW(store->keys[kind], wide));
}

/* --- Cards -------------------------------------------------------------------------- */

enum sc_error registry_read_atr(HKEY key, struct database_card *card)
{
    size_t mask_size = 0;
    enum sc_error error =
        registry_get_bytes(key, atr_value, card->atr, sizeof(card->atr), &card->atr_size);
    memset(card->mask, 0xFF, sizeof(card->mask));
    if (error == SC_OK)
        error = registry_get_bytes(key, mask_value, card->mask, sizeof(card->mask),
                                   &mask_size);
    if (mask_size != 0 && mask_size != card->atr_size)
        card->atr_size = 0; /* it is not known what it matches */
    return error;
}

static enum sc_error read_card_values(HKEY key, struct database_entry *entry)
{
    struct database_card *card = &entry->card;
    size_t size = 0;
    enum sc_error error = registry_read_atr(key, card);
    if (error == SC_OK)
        error = registry_get_bytes(key, primary_value, card->primary,
                                   sizeof(card->primary), &size);
    card->has_primary = size == sizeof(card->primary);
    if (error == SC_OK)
        error = registry_get_bytes(key, interfaces_value, card->interfaces,
                                   sizeof(card->interfaces), &size);
    else
        size = 0;
    card->interface_count = size / DATABASE_GUID_SIZE;
    for (int i = 0; i < DATABASE_TEXTS && error == SC_OK; i++)
        error = registry_get_text(key, provider_value_names[i], entry->providers[i]);
    return error;
}

enum sc_error store_get_card(struct store *store, const char *name,
                             struct database_entry *card)
{
    HKEY key;
    memset(card, 0, sizeof(*card));
    enum sc_error error = registry_open_entry(store, REGISTRY_CARDS, name, &key);
    if (error != SC_OK)
        return error == SC_E_FILE_NOT_FOUND ? SC_E_UNKNOWN_CARD : error;
    snprintf(card->card.name, sizeof(card->card.name), "%s", name);
    error = read_card_values(key, card);
    RegCloseKey(key);
    return error;
}

static bool same_atr(const struct database_card *a, const struct database_card *b)
{
    return a->atr_size == b->atr_size && memcmp(a->atr, b->atr, a->atr_size) == 0
           && memcmp(a->mask, b->mask, a->atr_size) == 0;
}

static enum sc_error write_atr(HKEY key, const struct database_card *card)
{
    enum sc_error error = registry_set_bytes(key, atr_value, NULL, 0);
    if (error == SC_OK)
        error = registry_set_bytes(key, mask_value, card->mask, card->atr_size);
    if (error == SC_OK)
        error = registry_set_bytes(key, atr_value, card->atr, card->atr_size);
    return error;
}

static enum sc_error write_card(HKEY key, const struct database_entry *old,
                                const struct database_entry *entry)
{
    const struct database_card *card = &entry->card;
    enum sc_error error = SC_OK;
    if (card->has_primary != old->card.has_primary
        || memcmp(card->primary, old->card.primary, sizeof(card->primary)) != 0)
        error = registry_set_bytes(key, primary_value, card->primary,
                                   card->has_primary ? sizeof(card->primary) : 0);
    size_t size = card->interface_count * DATABASE_GUID_SIZE;
    if (error == SC_OK
        && (card->interface_count != old->card.interface_count
            || memcmp(card->interfaces, old->card.interfaces, size) != 0))
        error = registry_set_bytes(key, interfaces_value, card->interfaces, size);
    for (int i = 0; i < DATABASE_TEXTS && error == SC_OK; i++)
        if (strcmp(entry->providers[i], old->providers[i]) != 0)
            error = registry_set_text(key, provider_value_names[i], entry->providers[i]);
    if (error == SC_OK && !same_atr(card, &old->card))
        error = write_atr(key, card);
    return error;
}

enum sc_error registry_put_card(struct store *store, const struct database_entry *old,
                                const struct database_entry *card)
{
    static const struct database_entry none;
    HKEY key;
    enum sc_error error = make_entry(store, REGISTRY_CARDS, card->card.name, &key);
    if (error != SC_OK)
        return error;
    error = write_card(key, old != NULL ? old : &none, card);
    RegCloseKey(key);
    return error;
}

/* --- Readers ------------------------------------------------------------------------ */

enum sc_error store_get_reader(struct store *store, const char *name,
                               struct database_reader *reader)
{
    HKEY key;
    memset(reader, 0, sizeof(*reader));
    enum sc_error error = registry_open_entry(store, REGISTRY_READERS, name, &key);
    if (error != SC_OK)
        return error == SC_E_FILE_NOT_FOUND ? SC_E_UNKNOWN_READER : error;
    snprintf(reader->name, sizeof(reader->name), "%s", name);
    error = registry_get_text(key, device_value, reader->device);
    if (error == SC_OK)
        error = registry_get_texts(key, groups_value, reader->groups);
    RegCloseKey(key);
    return error;
}

static enum sc_error write_reader_values(HKEY key, const struct database_reader *old,
                                         const struct database_reader *reader)
{
    size_t size = multistring_size(reader->groups, sizeof(reader->groups));
    enum sc_error error = SC_OK;
    if (memcmp(reader->groups, old->groups, size) != 0)
        error = registry_set_texts(key, groups_value, reader->groups);
    if (error == SC_OK && strcmp(reader->device, old->device) != 0)
        error = registry_set_text(key, device_value, reader->device);
    return error;
}

enum sc_error registry_put_reader(struct store *store, const struct database_reader *old,
                                  const struct database_reader *reader)
{
    static const struct database_reader none;
    HKEY key;
    enum sc_error error = make_entry(store, REGISTRY_READERS, reader->name, &key);
    if (error != SC_OK)
        return error;
    error = write_reader_values(key, old != NULL ? old : &none, reader);
    RegCloseKey(key);
    return error;
}
