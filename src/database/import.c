/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole databases: layer by layer, and from and to .reg files. */
#include "database/database.h"

#include "base/alloc.h"
#include "database/access.h"
#include "database/calais.h"

#include <assert.h>
#include <string.h>

_Static_assert((size_t)DATABASE_FILE_MAX == (size_t)REG_FILE_LIMIT, "one limit");

bool database_get_path(enum database_scope scope, char path[DATABASE_PATH_MAX])
{
    return store_get_path(scope, path);
}

/* --- Layer by layer ----------------------------------------------------------------- */

static enum sc_error
each_packaged(enum sc_error (*take)(void *context, const struct database_entry *entry),
              void *context)
{
    const struct packaged *packaged;
    struct database_entry entry;
    enum sc_error error = packaged_load(&packaged);
    for (size_t i = 0; error == SC_OK && i < packaged->count; i++) {
        packaged_get(&packaged->cards[i], &entry);
        error = take(context, &entry);
    }
    return error;
}

/* No store has nothing in it. */
static enum sc_error open_layer(enum database_layer layer, struct store **store)
{
    enum sc_error error = store_open((enum database_scope)layer, store);
    return error == SC_E_FILE_NOT_FOUND || error == SC_E_UNSUPPORTED_FEATURE ? SC_OK
                                                                             : error;
}

enum sc_error database_each_card(
    enum database_layer layer,
    enum sc_error (*take)(void *context, const struct database_entry *entry),
    void *context)
{
    struct store *store = NULL;
    enum sc_error error;
    access_begin();
    if (layer == DATABASE_LAYER_PACKAGES) {
        error = each_packaged(take, context);
    } else {
        error = open_layer(layer, &store);
        if (store != NULL)
            error = store_each_card(store, take, context);
        store_close(store);
    }
    access_end();
    return error;
}

enum sc_error database_each_reader(
    enum database_layer layer,
    enum sc_error (*take)(void *context, const struct database_reader *reader),
    void *context)
{
    struct store *store = NULL;
    if (layer == DATABASE_LAYER_PACKAGES)
        return SC_OK;
    access_begin();
    enum sc_error error = open_layer(layer, &store);
    if (store != NULL)
        error = store_each_reader(store, take, context);
    store_close(store);
    access_end();
    return error;
}

/* --- Import ------------------------------------------------------------------------- */

/* The card or reader whose values come, and where it began. */
struct reading {
    struct store *store;
    struct database_import *report;
    enum calais_key current;
    uint32_t line, wrong_line; /* that could not be completed; 0: none */
    struct calais_card card;
    struct database_reader reader;
};

/* One that is in no group and was not introduced is not kept. */
static enum sc_error put_reader(struct store *store, const struct database_reader *reader)
{
    if (reader->device[0] != '\0' || reader->groups[0] != '\0')
        return store_put_reader(store, reader);
    enum sc_error error = store_remove_reader(store, reader->name);
    return error == SC_E_UNKNOWN_READER ? SC_OK : error;
}

/* What has come is complete. */
static enum sc_error end_current(struct reading *reading)
{
    assert(reading->store != NULL && reading->report != NULL);
    enum calais_key current = reading->current;
    enum sc_error error = SC_OK;
    reading->current = CALAIS_OTHER;
    if (current == CALAIS_CARD) {
        error = calais_end_card(&reading->card);
        if (error != SC_OK)
            reading->report->reason = "the ATR and its mask are not of one length";
        if (error == SC_OK)
            error = store_put_card(reading->store, &reading->card.card);
    } else if (current == CALAIS_READER) {
        error = put_reader(reading->store, &reading->reader);
    }
    if (error != SC_OK)
        reading->wrong_line = reading->line;
    return error;
}

/* Begins with what is there. */
static enum sc_error begin_entry(struct reading *reading, enum calais_key key,
                                 const char *name)
{
    enum sc_error error = SC_OK;
    if (key == CALAIS_CARD) {
        error = store_get_card(reading->store, name, &reading->card.card);
        if (error == SC_E_UNKNOWN_CARD) {
            memset(&reading->card, 0, sizeof(reading->card));
            memcpy(reading->card.card.card.name, name, DATABASE_NAME_MAX);
            error = SC_OK;
        }
        calais_begin_card(&reading->card);
    } else if (key == CALAIS_READER) {
        error = store_get_reader(reading->store, name, &reading->reader);
        if (error == SC_E_UNKNOWN_READER) {
            memset(&reading->reader, 0, sizeof(reading->reader));
            memcpy(reading->reader.name, name, DATABASE_NAME_MAX);
            error = SC_OK;
        }
    }
    reading->current = error == SC_OK ? key : CALAIS_OTHER;
    return error;
}

static enum sc_error remove_key(struct reading *reading, enum calais_key key,
                                const char *name)
{
    enum sc_error error = SC_OK;
    if (key == CALAIS_ALL || key == CALAIS_CARDS || key == CALAIS_CARD)
        error = store_remove_card(reading->store, key == CALAIS_CARD ? name : NULL);
    if (error == SC_E_UNKNOWN_CARD)
        error = SC_OK;
    if (error == SC_OK
        && (key == CALAIS_ALL || key == CALAIS_READERS || key == CALAIS_READER))
        error = store_remove_reader(reading->store, key == CALAIS_READER ? name : NULL);
    return error == SC_E_UNKNOWN_READER ? SC_OK : error;
}

/* A value of an unknown kind is skipped; a known one must be in order. */
static enum sc_error take_value(struct reading *reading, const struct reg_item *item)
{
    if (reading->current == CALAIS_CARD) {
        enum sc_error error = calais_set_card(&reading->card, item);
        if (error != SC_OK)
            reading->report->reason = "this value of a card type has another form, or is "
                                      "too long (an ATR has at most 36 bytes)";
        return error;
    }
    if (reading->current != CALAIS_READER)
        return SC_OK;
    enum sc_error error = calais_set_reader(&reading->reader, item);
    if (error != SC_OK)
        reading->report->reason =
            "this value of a reader has another form, or is too long";
    return error;
}

static void count_item(struct reading *reading, enum calais_key key,
                       const struct reg_item *item)
{
    struct database_import *report = reading->report;
    if (key == CALAIS_OTHER && report->pass_over != NULL)
        report->pass_over(report->context, item->line, item->key);
    if (item->kind == REG_ITEM_KEY_REMOVED)
        report->removed += key != CALAIS_OTHER;
    else if (key == CALAIS_CARD)
        report->cards++;
    else if (key == CALAIS_READER)
        report->readers++;
}

/* There is one store for programs of both widths: the copy for 32-bit ones, which names
 * their files, counts only where there is no other, and its removal takes nothing away.
 */
static bool is_new(struct reading *reading, const struct reg_item *item,
                   enum calais_key key, const char *name)
{
    if (item->kind == REG_ITEM_KEY_REMOVED)
        return false;
    if (key == CALAIS_CARD)
        return store_get_card(reading->store, name, &reading->card.card)
               == SC_E_UNKNOWN_CARD;
    return key != CALAIS_READER
           || store_get_reader(reading->store, name, &reading->reader)
                  == SC_E_UNKNOWN_READER;
}

static enum sc_error import_item(void *context, const struct reg_item *item)
{
    struct reading *reading = context;
    char name[DATABASE_NAME_MAX] = "";
    if (item->kind == REG_ITEM_VALUE || item->kind == REG_ITEM_VALUE_REMOVED)
        return take_value(reading, item);
    enum sc_error error = end_current(reading);
    if (error != SC_OK)
        return error;
    enum calais_key key = calais_find_key(item->key, name);
    if (calais_is_second(item->key) && !is_new(reading, item, key, name))
        key = CALAIS_OTHER;
    count_item(reading, key, item);
    if (item->kind == REG_ITEM_KEY_REMOVED)
        return remove_key(reading, key, name);
    error = begin_entry(reading, key, name);
    reading->line = item->line;
    return error;
}

/* What is wrong with the line that ended the reading. */
static void give_reason(const struct reading *reading, const uint8_t *bytes, size_t size,
                        enum sc_error error)
{
    struct database_import *report = reading->report;
    if (reading->wrong_line != 0)
        report->line = reading->wrong_line;
    if (report->reason != NULL || report->line == 0)
        return;
    if (error == SC_E_INVALID_VALUE && !reg_is_begun(bytes, size)) {
        report->line = 1;
        report->reason = "this is not a .reg file, which begins with \"Windows Registry "
                         "Editor Version 5.00\" or \"REGEDIT4\"";
    } else if (error == SC_E_INVALID_VALUE) {
        report->reason = "this is not a key, value or comment, is cut short, or has "
                         "characters that are malformed";
    } else if (error == SC_E_NO_MEMORY) {
        report->reason = "this is too long, or there is no memory left";
    }
}

enum sc_error database_import(enum database_scope scope, const uint8_t *bytes,
                              size_t size, struct database_import *import)
{
    struct reading *reading = mem_alloc(sizeof(*reading));
    import->cards = import->readers = import->removed = import->line = 0;
    import->reason = NULL;
    if (reading == NULL)
        return SC_E_NO_MEMORY;
    reading->report = import;
    access_begin();
    enum sc_error error = store_open_write(scope, &reading->store);
    if (error == SC_OK) {
        error = reg_read(bytes, size, import_item, reading, &import->line);
        if (error == SC_OK)
            error = end_current(reading);
        give_reason(reading, bytes, size, error);
        error = access_finish_write(reading->store, error);
    }
    access_end();
    mem_free(reading);
    return error;
}

/* --- Export ------------------------------------------------------------------------- */

struct export
{
    enum database_scope scope;
    reg_put *put;
    void *context;
};

static enum sc_error export_card(void *context, const struct database_entry *card)
{
    const struct export *export = context;
    return calais_write_card(export->scope, card, export->put, export->context);
}

static enum sc_error export_reader(void *context, const struct database_reader *reader)
{
    const struct export *export = context;
    return calais_write_reader(export->scope, reader, export->put, export->context);
}

enum sc_error database_export(enum database_scope scope, enum database_encoding encoding,
                              void (*write)(void *context, const char *bytes,
                                            size_t size),
                              void *context)
{
    struct reg_wide wide = {.put = write, .context = context};
    struct export export = {.scope = scope, .put = write, .context = context};
    struct store *store;
    if (encoding == DATABASE_UTF16) {
        export.put = reg_put_wide;
        export.context = &wide;
    }
    access_begin();
    enum sc_error error = store_open(scope, &store);
    if (error == SC_OK || error == SC_E_FILE_NOT_FOUND)
        reg_write_header(export.put, export.context);
    if (error == SC_OK)
        error = store_each_card(store, export_card, &export);
    if (error == SC_OK)
        error = store_each_reader(store, export_reader, &export);
    store_close(store);
    access_end();
    return error == SC_E_FILE_NOT_FOUND ? SC_OK : error;
}
