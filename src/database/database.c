/* SPDX-License-Identifier: BSD-2-Clause */
/* Card types, in all layers. */
#include "database/database.h"

#include "database/access.h"
#include "database/calais.h"
#include "database/names.h"

#include <assert.h>
#include <string.h>

/* --- Writing ------------------------------------------------------------------------ */

static bool is_card(const struct database_card *card)
{
    return calais_is_name(card->name) && card->atr_size <= DATABASE_ATR_MAX
           && card->interface_count <= DATABASE_INTERFACES_MAX;
}

static enum sc_error put_card(enum database_scope scope, const struct database_card *card)
{
    assert(is_card(card));
    struct store *store;
    struct database_entry all;
    enum sc_error error = store_open_write(scope, &store);
    if (error != SC_OK)
        return error;
    error = store_get_card(store, card->name, &all);
    if (error == SC_E_UNKNOWN_CARD) {
        memset(&all, 0, sizeof(all));
        error = SC_OK;
    }
    all.card = *card;
    if (error == SC_OK)
        error = store_put_card(store, &all);
    return access_finish_write(store, error);
}

enum sc_error database_put_card(enum database_scope scope,
                                const struct database_card *card)
{
    if (!is_card(card))
        return SC_E_INVALID_VALUE;
    access_begin();
    enum sc_error error = put_card(scope, card);
    access_end();
    return error;
}

static enum sc_error add_entry(enum database_scope scope,
                               const struct database_entry *entry, bool replace,
                               bool *kept)
{
    struct store *store;
    assert(is_card(&entry->card));
    struct database_entry old;
    enum sc_error error = store_open_write(scope, &store);
    if (error != SC_OK)
        return error;
    if (!replace) {
        error = store_get_card(store, entry->card.name, &old);
        *kept = error == SC_OK;
        if (error == SC_E_UNKNOWN_CARD)
            error = SC_OK;
    }
    if (error == SC_OK && !*kept)
        error = store_put_card(store, entry);
    return access_finish_write(store, error);
}

enum sc_error database_add_entry(enum database_scope scope,
                                 const struct database_entry *entry, bool replace,
                                 bool *kept)
{
    *kept = false;
    if (!is_card(&entry->card))
        return SC_E_INVALID_VALUE;
    for (int i = 0; i < DATABASE_TEXTS; i++)
        if (!calais_is_text(entry->providers[i]))
            return SC_E_INVALID_VALUE;
    access_begin();
    enum sc_error error = add_entry(scope, entry, replace, kept);
    access_end();
    return error;
}

enum sc_error database_remove_card(enum database_scope scope, const char *name)
{
    struct store *store;
    access_begin();
    enum sc_error error = access_open_existing(scope, &store);
    if (error == SC_OK)
        error = access_finish_write(store, store_remove_card(store, name));
    access_end();
    return error == SC_E_FILE_NOT_FOUND ? SC_E_UNKNOWN_CARD : error;
}

/* Where a provider's text stands in struct database_entry; -1: it is not a text. */
static int provider_index(enum database_provider provider)
{
    switch (provider) {
    case DATABASE_CSP:
        return 0;
    case DATABASE_KSP:
        return 1;
    case DATABASE_MODULE:
        return 2;
    case DATABASE_PRIMARY:
    default:
        return -1;
    }
}

struct provider_change {
    int index; /* of a text; -1: the primary one, a GUID */
    const char *text;
    const uint8_t *guid;
};

static enum sc_error change_provider(enum database_scope scope, const char *name,
                                     const struct provider_change *change)
{
    struct store *store;
    struct database_entry card;
    enum sc_error error = access_open_existing(scope, &store);
    if (error != SC_OK)
        return error == SC_E_FILE_NOT_FOUND ? SC_E_UNKNOWN_CARD : error;
    error = store_get_card(store, name, &card);
    if (error == SC_OK) {
        if (change->index < 0) {
            card.card.has_primary = true;
            memcpy(card.card.primary, change->guid, DATABASE_GUID_SIZE);
        } else {
            memcpy(card.providers[change->index], change->text, strlen(change->text) + 1);
        }
        error = store_put_card(store, &card);
    }
    return access_finish_write(store, error);
}

enum sc_error database_set_primary(enum database_scope scope, const char *name,
                                   const uint8_t guid[DATABASE_GUID_SIZE])
{
    const struct provider_change change = {.index = -1, .guid = guid};
    access_begin();
    enum sc_error error = change_provider(scope, name, &change);
    access_end();
    return error;
}

enum sc_error database_set_provider(enum database_scope scope, const char *name,
                                    enum database_provider provider, const char *value)
{
    const struct provider_change change = {.index = provider_index(provider),
                                           .text = value};
    if (change.index < 0 || !calais_is_text(value))
        return SC_E_INVALID_VALUE;
    access_begin();
    enum sc_error error = change_provider(scope, name, &change);
    access_end();
    return error;
}

/* --- Reading ------------------------------------------------------------------------ */

static enum sc_error find_card_in_layers(const char *name, struct database_entry *card)
{
    struct access access;
    access_begin();
    enum sc_error error = access_open(&access);
    if (error == SC_OK) {
        error = access_find_card(&access, name, ACCESS_ALL, card);
        access_close(&access);
    }
    access_end();
    return error;
}

enum sc_error database_get_card(const char *name, struct database_card *card)
{
    struct database_entry found;
    enum sc_error error = find_card_in_layers(name, &found);
    if (error == SC_OK)
        *card = found.card;
    return error;
}

enum sc_error database_get_provider(const char *name, enum database_provider provider,
                                    char value[DATABASE_VALUE_MAX])
{
    struct database_entry found;
    int index = provider_index(provider);
    if (index < 0)
        return SC_E_INVALID_VALUE;
    enum sc_error error = find_card_in_layers(name, &found);
    if (error != SC_OK)
        return error;
    if (found.providers[index][0] == '\0')
        return SC_E_FILE_NOT_FOUND;
    memcpy(value, found.providers[index], DATABASE_VALUE_MAX);
    return SC_OK;
}

/* --- Listing ------------------------------------------------------------------------ */

struct listing {
    struct access access;
    struct names names;
    const uint8_t *atr;
    size_t atr_size;
    const uint8_t (*wanted)[DATABASE_GUID_SIZE];
    size_t wanted_count;
    int layer; /* ACCESS_SCOPES: cards.d */
};

static bool has_interface(const uint8_t *interfaces, size_t count, const uint8_t *wanted)
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(interfaces + i * DATABASE_GUID_SIZE, wanted, DATABASE_GUID_SIZE) == 0)
            return true;
    return false;
}

static bool has_all(const struct listing *listing, const uint8_t *interfaces,
                    size_t count)
{
    for (size_t i = 0; i < listing->wanted_count; i++)
        if (!has_interface(interfaces, count, listing->wanted[i]))
            return false;
    return true;
}

/* Adds a name, unless a layer before has a card of that name: one that does not fit. */
static enum sc_error add_unless_shadowed(struct listing *listing, const char *name)
{
    struct database_entry card;
    enum sc_error error = access_find_card(&listing->access, name, listing->layer, &card);
    if (error == SC_E_UNKNOWN_CARD)
        return names_add(&listing->names, name);
    return error;
}

/* The names of a layer before are dropped when the layer ends. */
static enum sc_error take_any(void *context, const char *name)
{
    struct listing *listing = context;
    return names_add(&listing->names, name);
}

static enum sc_error take_match(void *context, const char *name)
{
    struct listing *listing = context;
    struct database_entry card;
    if (listing->wanted_count != 0) {
        enum sc_error error =
            store_get_card(listing->access.stores[listing->layer], name, &card);
        if (error != SC_OK)
            return error;
        if (!has_all(listing, card.card.interfaces[0], card.card.interface_count))
            return SC_OK;
    }
    return add_unless_shadowed(listing, name);
}

static enum sc_error list_if_implemented(void *context, const char *name,
                                         const uint8_t *interfaces, size_t count)
{
    struct listing *listing = context;
    return has_all(listing, interfaces, count) ? add_unless_shadowed(listing, name)
                                               : SC_OK;
}

static enum sc_error list_store(struct listing *listing)
{
    struct store *store = listing->access.stores[listing->layer];
    enum sc_error error;
    if (store == NULL)
        return SC_OK;
    if (listing->atr_size != 0)
        error = store_match_cards(store, listing->atr, listing->atr_size, take_match,
                                  listing);
    else if (listing->wanted_count != 0)
        error = store_list_interfaces(store, list_if_implemented, listing);
    else
        error = store_list_cards(store, take_any, listing);
    return access_pass_over(&listing->access, listing->layer, error);
}

static bool fits_atr(const struct listing *listing, const struct packaged_card *card)
{
    return listing->atr_size == 0
           || database_fits(listing->atr, listing->atr_size, card->atr, card->mask,
                            card->atr_size);
}

static enum sc_error list_packaged(struct listing *listing)
{
    const struct packaged *packaged = listing->access.packaged;
    bool all = listing->atr_size == 0 && listing->wanted_count == 0;
    enum sc_error error = SC_OK;
    for (size_t i = 0; error == SC_OK && i < packaged->count; i++) {
        const struct packaged_card *card = &packaged->cards[i];
        if (all)
            error = names_add(&listing->names, card->name);
        else if (fits_atr(listing, card)
                 && has_all(listing, (const uint8_t *)card->interfaces,
                            card->interface_count))
            error = add_unless_shadowed(listing, card->name);
    }
    return error;
}

enum sc_error database_list_cards(const uint8_t *atr, size_t atr_size,
                                  const uint8_t (*interfaces)[DATABASE_GUID_SIZE],
                                  size_t interface_count, struct multistring *names)
{
    struct listing listing = {.atr = atr, .atr_size = atr_size};
    listing.wanted = interfaces;
    listing.wanted_count = interface_count;
    /* Matches come in no order; the rest does by name, as each store has it. */
    bool sorted = atr_size == 0;
    access_begin();
    enum sc_error error = access_open(&listing.access);
    for (; error == SC_OK && listing.layer < ACCESS_SCOPES; listing.layer++) {
        error = list_store(&listing);
        names_end_layer(&listing.names, sorted);
    }
    if (error == SC_OK)
        error = list_packaged(&listing);
    if (error == SC_OK) {
        names_end_layer(&listing.names, sorted);
        error = names_give(&listing.names, names);
    }
    access_close(&listing.access);
    access_end();
    names_free(&listing.names);
    return error;
}
