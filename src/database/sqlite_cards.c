/* SPDX-License-Identifier: BSD-2-Clause */
/* Card types in the SQLite store. */
#include "database/calais.h"
#include "database/sqlite_internal.h"

#include <string.h>

enum { NAME, ATR, MASK, PRIMARY, INTERFACES, TEXTS }; /* columns of a card */

/* A card whose columns do not fit together is damaged. */
static enum sc_error read_card_row(sqlite3_stmt *statement, struct database_entry *out)
{
    struct database_card *card = &out->card;
    size_t mask_size = 0, primary_size = 0, interfaces_size = 0;
    memset(out, 0, sizeof(*out));
    enum sc_error error =
        sqlite_get_text(statement, NAME, card->name, sizeof(card->name));
    if (error == SC_OK)
        error = sqlite_get_bytes(statement, ATR, card->atr, sizeof(card->atr),
                                 &card->atr_size);
    if (error == SC_OK)
        error =
            sqlite_get_bytes(statement, MASK, card->mask, sizeof(card->mask), &mask_size);
    if (error == SC_OK)
        error = sqlite_get_bytes(statement, PRIMARY, card->primary, sizeof(card->primary),
                                 &primary_size);
    if (error == SC_OK)
        error = sqlite_get_bytes(statement, INTERFACES, card->interfaces,
                                 sizeof(card->interfaces), &interfaces_size);
    for (int i = 0; error == SC_OK && i < DATABASE_TEXTS; i++)
        error = sqlite_get_text(statement, TEXTS + i, out->providers[i],
                                sizeof(out->providers[i]));
    if (error != SC_OK)
        return error;
    card->has_primary = primary_size != 0;
    card->interface_count = interfaces_size / DATABASE_GUID_SIZE;
    bool fits = mask_size == card->atr_size
                && (primary_size == 0 || primary_size == DATABASE_GUID_SIZE)
                && interfaces_size % DATABASE_GUID_SIZE == 0
                && calais_is_name(card->name);
    return fits ? SC_OK : SC_F_INTERNAL_ERROR;
}

enum sc_error store_get_card(struct store *store, const char *name,
                             struct database_entry *card)
{
    sqlite3_stmt *statement;
    bool row = false;
    enum sc_error error = sqlite_use(store, SQLITE_GET_CARD, &statement);
    if (error == SC_OK)
        error = sqlite_error(store, sqlite_bind_text(statement, 1, name));
    if (error == SC_OK)
        error = sqlite_next(store, statement, &row);
    if (error != SC_OK)
        return error;
    error = row ? read_card_row(statement, card) : SC_E_UNKNOWN_CARD;
    sqlite3_reset(statement);
    return error;
}

static void apply_mask(const uint8_t *atr, const uint8_t *mask, size_t size,
                       uint8_t *masked)
{
    for (size_t i = 0; i < size; i++)
        masked[i] = atr[i] & mask[i];
}

static int bind_card(sqlite3_stmt *statement, const struct database_entry *in,
                     const uint8_t *masked)
{
    const struct database_card *card = &in->card;
    int code = sqlite_bind_text(statement, NAME + 1, card->name);
    if (code == SQLITE_OK)
        code = sqlite_bind_bytes(statement, ATR + 1, card->atr, card->atr_size);
    if (code == SQLITE_OK)
        code = sqlite_bind_bytes(statement, MASK + 1, card->mask, card->atr_size);
    if (code == SQLITE_OK)
        code = sqlite_bind_bytes(statement, PRIMARY + 1, card->primary,
                                 card->has_primary ? sizeof(card->primary) : 0);
    if (code == SQLITE_OK)
        code = sqlite_bind_bytes(statement, INTERFACES + 1, card->interfaces,
                                 card->interface_count * DATABASE_GUID_SIZE);
    for (int i = 0; code == SQLITE_OK && i < DATABASE_TEXTS; i++)
        code = sqlite_bind_text(statement, TEXTS + 1 + i, in->providers[i]);
    int after = TEXTS + 1 + DATABASE_TEXTS;
    if (code == SQLITE_OK)
        code = sqlite3_bind_int(statement, after, (int)card->atr_size);
    if (code == SQLITE_OK)
        code = sqlite_bind_bytes(statement, after + 1, masked, card->atr_size);
    return code;
}

enum sc_error store_put_card(struct store *store, const struct database_entry *card)
{
    uint8_t masked[DATABASE_ATR_MAX];
    sqlite3_stmt *statement;
    int changes;
    apply_mask(card->card.atr, card->card.mask, card->card.atr_size, masked);
    enum sc_error error = sqlite_use(store, SQLITE_PUT_CARD, &statement);
    if (error == SC_OK)
        error = sqlite_error(store, bind_card(statement, card, masked));
    return error == SC_OK ? sqlite_run(store, statement, &changes) : error;
}

enum sc_error store_remove_card(struct store *store, const char *name)
{
    sqlite3_stmt *statement;
    int changes = 0;
    enum sc_error error = sqlite_use(
        store, name != NULL ? SQLITE_REMOVE_CARD : SQLITE_REMOVE_CARDS, &statement);
    if (error == SC_OK && name != NULL)
        error = sqlite_error(store, sqlite_bind_text(statement, 1, name));
    if (error == SC_OK)
        error = sqlite_run(store, statement, &changes);
    return error == SC_OK && name != NULL && changes == 0 ? SC_E_UNKNOWN_CARD : error;
}

/* Another name than any of ours is damage. */
static enum sc_error check_name(const char *name)
{
    if (name == NULL)
        return SC_E_NO_MEMORY;
    return calais_is_name(name) ? SC_OK : SC_F_INTERNAL_ERROR;
}

/* Hands out the names of all rows that a statement has. */
static enum sc_error take_names(struct store *store, sqlite3_stmt *statement,
                                store_take_name *take, void *context)
{
    bool row;
    enum sc_error error = sqlite_next(store, statement, &row);
    while (error == SC_OK && row) {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        error = check_name(name);
        if (error == SC_OK)
            error = take(context, name);
        if (error == SC_OK)
            error = sqlite_next(store, statement, &row);
    }
    sqlite3_reset(statement);
    return error;
}

enum sc_error store_list_cards(struct store *store, store_take_name *take, void *context)
{
    sqlite3_stmt *statement;
    enum sc_error error = sqlite_use(store, SQLITE_LIST_CARDS, &statement);
    return error == SC_OK ? take_names(store, statement, take, context) : error;
}

/* The mask after `mask` for ATRs of this size; *size is 0 if there is none. */
static enum sc_error next_mask(struct store *store, size_t atr_size,
                               uint8_t mask[DATABASE_ATR_MAX], size_t *size)
{
    sqlite3_stmt *statement;
    bool row = false, first = *size == 0;
    uint8_t last[DATABASE_ATR_MAX];
    enum sc_error error = sqlite_use(store, SQLITE_NEXT_MASK, &statement);
    if (error != SC_OK)
        return error;
    int code = sqlite3_bind_int(statement, 1, (int)atr_size);
    if (code == SQLITE_OK)
        code = *size != 0
                   ? sqlite3_bind_blob(statement, 2, mask, (int)*size, SQLITE_STATIC)
                   : sqlite3_bind_zeroblob(statement, 2, 0);
    error = sqlite_error(store, code);
    *size = 0;
    if (error == SC_OK)
        error = sqlite_next(store, statement, &row);
    memcpy(last, mask, atr_size);
    if (error == SC_OK && row)
        error = sqlite_get_bytes(statement, 0, mask, DATABASE_ATR_MAX, size);
    sqlite3_reset(statement);
    /* In a damaged file it may go in circles. */
    if (error == SC_OK && row
        && (*size != atr_size || (!first && memcmp(mask, last, atr_size) <= 0)))
        error = SC_F_INTERNAL_ERROR;
    return error;
}

enum sc_error store_match_cards(struct store *store, const uint8_t *atr, size_t size,
                                store_take_name *take, void *context)
{
    uint8_t mask[DATABASE_ATR_MAX] = {0}, masked[DATABASE_ATR_MAX];
    size_t mask_size = 0;
    if (size == 0 || size > DATABASE_ATR_MAX)
        return SC_OK;
    enum sc_error error = next_mask(store, size, mask, &mask_size);
    while (error == SC_OK && mask_size != 0) {
        sqlite3_stmt *statement;
        apply_mask(atr, mask, size, masked);
        error = sqlite_use(store, SQLITE_MATCH_CARDS, &statement);
        if (error != SC_OK)
            break;
        int code = sqlite3_bind_int(statement, 1, (int)size);
        if (code == SQLITE_OK)
            code = sqlite_bind_bytes(statement, 2, mask, size);
        if (code == SQLITE_OK)
            code = sqlite_bind_bytes(statement, 3, masked, size);
        error = sqlite_error(store, code);
        if (error == SC_OK)
            error = take_names(store, statement, take, context);
        if (error == SC_OK)
            error = next_mask(store, size, mask, &mask_size);
    }
    return error;
}

enum sc_error store_list_interfaces(struct store *store,
                                    enum sc_error (*take)(void *context, const char *name,
                                                          const uint8_t *interfaces,
                                                          size_t count),
                                    void *context)
{
    sqlite3_stmt *statement;
    bool row = false;
    enum sc_error error = sqlite_use(store, SQLITE_LIST_INTERFACES, &statement);
    if (error == SC_OK)
        error = sqlite_next(store, statement, &row);
    while (error == SC_OK && row) {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        const uint8_t *interfaces = sqlite3_column_blob(statement, 1);
        size_t size = (size_t)sqlite3_column_bytes(statement, 1);
        error = interfaces != NULL || size == 0 ? check_name(name) : SC_E_NO_MEMORY;
        if (error == SC_OK)
            error = take(context, name, interfaces, size / DATABASE_GUID_SIZE);
        if (error == SC_OK)
            error = sqlite_next(store, statement, &row);
    }
    if (statement != NULL)
        sqlite3_reset(statement);
    return error;
}

enum sc_error store_each_card(struct store *store,
                              enum sc_error (*take)(void *context,
                                                    const struct database_entry *card),
                              void *context)
{
    struct database_entry card;
    sqlite3_stmt *statement;
    bool row = false;
    enum sc_error error = sqlite_use(store, SQLITE_EACH_CARD, &statement);
    if (error == SC_OK)
        error = sqlite_next(store, statement, &row);
    while (error == SC_OK && row) {
        error = read_card_row(statement, &card);
        if (error == SC_OK)
            error = take(context, &card);
        if (error == SC_OK)
            error = sqlite_next(store, statement, &row);
    }
    if (statement != NULL)
        sqlite3_reset(statement);
    return error;
}
