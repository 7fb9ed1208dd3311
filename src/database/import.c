/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole databases from and to .reg files. */
#include "database/database.h"

#include "base/alloc.h"
#include "database/access.h"
#include "database/calais.h"

#include <string.h>

/* The card or reader whose values come, and where it began. */
struct import {
    struct store *store;
    enum calais_key current;
    uint32_t line, wrong_line; /* that could not be completed; 0: none */
    struct calais_card card;
    struct store_reader reader;
};

/* What has come is complete. */
static enum sc_error end_current(struct import *import)
{
    enum calais_key current = import->current;
    enum sc_error error = SC_OK;
    import->current = CALAIS_OTHER;
    if (current == CALAIS_CARD) {
        error = calais_end_card(&import->card);
        if (error == SC_OK)
            error = store_put_card(import->store, &import->card.card);
    } else if (current == CALAIS_READER) {
        error = store_put_reader(import->store, &import->reader);
    }
    if (error != SC_OK)
        import->wrong_line = import->line;
    return error;
}

/* Begins with what is there. */
static enum sc_error begin(struct import *import, enum calais_key key, const char *name)
{
    enum sc_error error = SC_OK;
    if (key == CALAIS_CARD) {
        error = store_get_card(import->store, name, &import->card.card);
        if (error == SC_E_UNKNOWN_CARD) {
            memset(&import->card, 0, sizeof(import->card));
            memcpy(import->card.card.card.name, name, DATABASE_NAME_MAX);
            error = SC_OK;
        }
        calais_begin_card(&import->card);
    } else if (key == CALAIS_READER) {
        error = store_get_reader(import->store, name, &import->reader);
        if (error == SC_E_UNKNOWN_READER) {
            memset(&import->reader, 0, sizeof(import->reader));
            memcpy(import->reader.name, name, DATABASE_NAME_MAX);
            error = SC_OK;
        }
    }
    import->current = error == SC_OK ? key : CALAIS_OTHER;
    return error;
}

static enum sc_error remove_key(struct import *import, enum calais_key key,
                                const char *name)
{
    enum sc_error error = SC_OK;
    if (key == CALAIS_ALL || key == CALAIS_CARDS || key == CALAIS_CARD)
        error = store_remove_card(import->store, key == CALAIS_CARD ? name : NULL);
    if (error == SC_E_UNKNOWN_CARD)
        error = SC_OK;
    if (error == SC_OK
        && (key == CALAIS_ALL || key == CALAIS_READERS || key == CALAIS_READER))
        error = store_remove_reader(import->store, key == CALAIS_READER ? name : NULL);
    return error == SC_E_UNKNOWN_READER ? SC_OK : error;
}

static enum sc_error take_item(void *context, const struct reg_item *item)
{
    struct import *import = context;
    char name[DATABASE_NAME_MAX] = "";
    if (item->kind == REG_ITEM_VALUE || item->kind == REG_ITEM_VALUE_REMOVED)
        return import->current == CALAIS_CARD ? calais_set_card(&import->card, item)
               : import->current == CALAIS_READER
                   ? calais_set_reader(&import->reader, item)
                   : SC_OK;
    enum sc_error error = end_current(import);
    if (error != SC_OK)
        return error;
    enum calais_key key = calais_find_key(item->key, name);
    if (item->kind == REG_ITEM_KEY_REMOVED)
        return remove_key(import, key, name);
    error = begin(import, key, name);
    import->line = item->line;
    return error;
}

enum sc_error database_import(enum database_scope scope, const uint8_t *bytes,
                              size_t size, uint32_t *line)
{
    struct import *import = mem_alloc(sizeof(*import));
    *line = 0;
    if (import == NULL)
        return SC_E_NO_MEMORY;
    access_begin();
    enum sc_error error = store_open_write(scope, &import->store);
    if (error == SC_OK) {
        error = reg_read(bytes, size, take_item, import, line);
        if (error == SC_OK)
            error = end_current(import);
        if (import->wrong_line != 0)
            *line = import->wrong_line;
        error = access_finish_write(import->store, error);
    }
    access_end();
    mem_free(import);
    return error;
}

struct export
{
    enum database_scope scope;
    reg_put *put;
    void *context;
};

static enum sc_error export_card(void *context, const struct store_card *card)
{
    const struct export *export = context;
    return calais_write_card(export->scope, card, export->put, export->context);
}

static enum sc_error export_reader(void *context, const struct store_reader *reader)
{
    const struct export *export = context;
    return calais_write_reader(export->scope, reader, export->put, export->context);
}

enum sc_error database_export(enum database_scope scope,
                              void (*write)(void *context, const char *text, size_t size),
                              void *context)
{
    struct export export = {.scope = scope, .put = write, .context = context};
    struct store *store;
    reg_write_header(write, context);
    access_begin();
    enum sc_error error = store_open(scope, &store);
    if (error == SC_OK)
        error = store_each_card(store, export_card, &export);
    if (error == SC_OK)
        error = store_each_reader(store, export_reader, &export);
    store_close(store);
    access_end();
    return error == SC_E_FILE_NOT_FOUND ? SC_OK : error;
}
