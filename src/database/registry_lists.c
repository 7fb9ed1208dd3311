/* SPDX-License-Identifier: BSD-2-Clause */
/* All cards and readers of the registry. What is removed meanwhile is left out. */
#include "database/registry_internal.h"

#include "database/calais.h"

#include <string.h>

/* --- Names -------------------------------------------------------------------------- */

enum sc_error registry_collect(struct store *store, enum registry_kind kind,
                               struct names *names)
{
    enum sc_error error = SC_OK;
    memset(names, 0, sizeof(*names));
    for (DWORD i = 0; store->keys[kind] != NULL && error == SC_OK; i++) {
        WCHAR wide[REGISTRY_NAME_MAX];
        char name[DATABASE_NAME_MAX];
        DWORD units = REGISTRY_NAME_MAX;
        LSTATUS status =
            RegEnumKeyExW(store->keys[kind], i, wide, &units, NULL, NULL, NULL, NULL);
        if (status == ERROR_NO_MORE_ITEMS)
            break;
        if (status == ERROR_MORE_DATA)
            continue; /* no name of ours */
        error = registry_error(status);
        if (error == SC_OK && registry_narrow_name(wide, units, name))
            error = names_add(names, name);
    }
    names_end_layer(names, false);
    return error;
}

const char *registry_name_at(const struct names *names, size_t at)
{
    return names->text + names->starts[at];
}

bool registry_find_name(struct store *store, enum registry_kind kind, const char *name,
                        char found[DATABASE_NAME_MAX])
{
    struct names names;
    bool is_there = false;
    enum sc_error error = registry_collect(store, kind, &names);
    for (size_t i = 0; error == SC_OK && !is_there && i < names.count; i++) {
        const char *at = registry_name_at(&names, i);
        is_there = calais_compare_names(at, name) == 0;
        if (is_there)
            memcpy(found, at, strlen(at) + 1);
    }
    names_free(&names);
    return is_there;
}

/* --- Lists -------------------------------------------------------------------------- */

enum sc_error store_list_cards(struct store *store, store_take_name *take, void *context)
{
    struct names names;
    enum sc_error error = registry_collect(store, REGISTRY_CARDS, &names);
    for (size_t i = 0; i < names.count && error == SC_OK; i++)
        error = take(context, registry_name_at(&names, i));
    names_free(&names);
    return error;
}

enum sc_error store_match_cards(struct store *store, const uint8_t *atr, size_t size,
                                store_take_name *take, void *context)
{
    struct names names;
    enum sc_error error = registry_collect(store, REGISTRY_CARDS, &names);
    for (size_t i = 0; i < names.count && error == SC_OK; i++) {
        struct database_card card = {.atr_size = 0};
        HKEY key;
        error =
            registry_open_entry(store, REGISTRY_CARDS, registry_name_at(&names, i), &key);
        if (error == SC_OK) {
            error = registry_read_atr(key, &card);
            RegCloseKey(key);
        }
        if (error == SC_E_FILE_NOT_FOUND) /* it has just been removed */
            error = SC_OK;
        if (error == SC_OK
            && database_fits(atr, size, card.atr, card.mask, card.atr_size))
            error = take(context, registry_name_at(&names, i));
    }
    names_free(&names);
    return error;
}

enum sc_error store_each_card(struct store *store,
                              enum sc_error (*take)(void *context,
                                                    const struct database_entry *card),
                              void *context)
{
    struct names names;
    struct database_entry card;
    enum sc_error error = registry_collect(store, REGISTRY_CARDS, &names);
    for (size_t i = 0; i < names.count && error == SC_OK; i++) {
        error = store_get_card(store, registry_name_at(&names, i), &card);
        if (error == SC_OK)
            error = take(context, &card);
        else if (error == SC_E_UNKNOWN_CARD)
            error = SC_OK;
    }
    names_free(&names);
    return error;
}

struct interfaces_taker {
    enum sc_error (*take)(void *context, const char *name, const uint8_t *interfaces,
                          size_t count);
    void *context;
};

static enum sc_error take_card_interfaces(void *context,
                                          const struct database_entry *entry)
{
    const struct interfaces_taker *taker = context;
    const struct database_card *card = &entry->card;
    if (card->interface_count == 0)
        return SC_OK;
    return taker->take(taker->context, card->name, card->interfaces[0],
                       card->interface_count);
}

enum sc_error store_list_interfaces(struct store *store,
                                    enum sc_error (*take)(void *context, const char *name,
                                                          const uint8_t *interfaces,
                                                          size_t count),
                                    void *context)
{
    struct interfaces_taker taker = {take, context};
    return store_each_card(store, take_card_interfaces, &taker);
}

enum sc_error store_each_reader(
    struct store *store,
    enum sc_error (*take)(void *context, const struct database_reader *reader),
    void *context)
{
    struct names names;
    struct database_reader reader;
    enum sc_error error = registry_collect(store, REGISTRY_READERS, &names);
    for (size_t i = 0; i < names.count && error == SC_OK; i++) {
        error = store_get_reader(store, registry_name_at(&names, i), &reader);
        if (error == SC_OK)
            error = take(context, &reader);
        else if (error == SC_E_UNKNOWN_READER)
            error = SC_OK;
    }
    names_free(&names);
    return error;
}
