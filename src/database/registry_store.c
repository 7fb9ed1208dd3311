/* SPDX-License-Identifier: BSD-2-Clause */
/* The store in the registry, with the keys and values of calais.h: those that installers
 * of middleware write, and Windows' own winscard.dll. They are read anew for each call.
 *
 * The registry has no transactions to rely on (those of KTM are not on every system), so:
 * one of us writes at a time; what was changed is put back if it is not committed; a
 * value is written only if it differs, and a new ATR last, so that a process that dies
 * between two values leaves a card that lacks some, but none with the mask of another.
 * Others' writing may be seen half done.
 *
 * A 32-bit program sees the cards of 32-bit installers, as with Windows' own. */
#include "database/registry_internal.h"

#include "base/alloc.h"
#include "base/log.h"

#include <stdio.h>
#include <string.h>

#define CALAIS_PATH L"SOFTWARE\\Microsoft\\Cryptography\\Calais"

enum { BUSY_MS = 5000 };

static const WCHAR *const kind_paths[REGISTRY_KINDS] = {CALAIS_PATH L"\\SmartCards",
                                                        CALAIS_PATH L"\\Readers"};

/* An entry as it was before it was first changed; the last change comes first. */
struct undo {
    struct undo *next;
    enum registry_kind kind;
    char name[DATABASE_NAME_MAX];
    struct database_entry *card;    /* NULL: there was none */
    struct database_reader *reader; /* the same */
};

bool store_get_path(enum database_scope scope, char path[DATABASE_PATH_MAX])
{
    snprintf(path, DATABASE_PATH_MAX, "%s\\SOFTWARE\\Microsoft\\Cryptography\\Calais",
             scope == DATABASE_SYSTEM ? "HKEY_LOCAL_MACHINE" : "HKEY_CURRENT_USER");
    return true;
}

/* --- Opening ------------------------------------------------------------------------ */

static HKEY hive(enum database_scope scope)
{
    return scope == DATABASE_SYSTEM ? HKEY_LOCAL_MACHINE : HKEY_CURRENT_USER;
}

/* One writer at a time in each scope. Without the mutex, as where another user made it,
 * writing goes on: that is how everybody else writes to the registry. */
static enum sc_error take_mutex(struct store *store, enum database_scope scope)
{
    store->mutex = CreateMutexW(NULL, FALSE,
                                scope == DATABASE_SYSTEM ? L"Global\\winscard-database"
                                                         : L"Local\\winscard-database");
    if (store->mutex == NULL)
        return SC_OK;
    DWORD result = WaitForSingleObject(store->mutex, BUSY_MS);
    if (result == WAIT_OBJECT_0 || result == WAIT_ABANDONED)
        return SC_OK;
    CloseHandle(store->mutex);
    store->mutex = NULL;
    return result == WAIT_TIMEOUT ? SC_E_SERVER_TOO_BUSY : SC_F_INTERNAL_ERROR;
}

static enum sc_error finish_opening(struct store *store, enum sc_error error,
                                    struct store **out)
{
    if (error != SC_OK)
        store_close(store);
    *out = error == SC_OK ? store : NULL;
    return error;
}

enum sc_error store_open(enum database_scope scope, struct store **out)
{
    enum sc_error error = SC_OK;
    bool any = false;
    *out = NULL;
    struct store *store = mem_alloc(sizeof(*store));
    if (store == NULL)
        return SC_E_NO_MEMORY;
    for (int kind = 0; kind < REGISTRY_KINDS && error == SC_OK; kind++) {
        error = registry_error(RegOpenKeyExW(hive(scope), kind_paths[kind], 0, KEY_READ,
                                             &store->keys[kind]));
        any |= error == SC_OK;
        if (error != SC_OK)
            store->keys[kind] = NULL;
        if (error == SC_E_FILE_NOT_FOUND)
            error = SC_OK;
    }
    return finish_opening(store, error == SC_OK && !any ? SC_E_FILE_NOT_FOUND : error,
                          out);
}

enum sc_error store_open_write(enum database_scope scope, struct store **out)
{
    *out = NULL;
    struct store *store = mem_alloc(sizeof(*store));
    if (store == NULL)
        return SC_E_NO_MEMORY;
    enum sc_error error = take_mutex(store, scope);
    for (int kind = 0; kind < REGISTRY_KINDS && error == SC_OK; kind++) {
        error = registry_error(RegCreateKeyExW(hive(scope), kind_paths[kind], 0, NULL, 0,
                                               KEY_READ | KEY_WRITE, NULL,
                                               &store->keys[kind], NULL));
        if (error != SC_OK)
            store->keys[kind] = NULL;
    }
    return finish_opening(store, error, out);
}

/* --- What was, and putting it back -------------------------------------------------- */

static void free_undo(struct undo *undo)
{
    mem_free(undo->card);
    mem_free(undo->reader);
    mem_free(undo);
}

/* The entry as it is now, for later. */
static enum sc_error remember_old(struct store *store, enum registry_kind kind,
                                  const char *name, struct undo **out)
{
    struct undo *undo = mem_alloc(sizeof(*undo));
    *out = NULL;
    if (undo == NULL)
        return SC_E_NO_MEMORY;
    undo->kind = kind;
    snprintf(undo->name, sizeof(undo->name), "%s", name);
    undo->card = kind == REGISTRY_CARDS ? mem_alloc(sizeof(*undo->card)) : NULL;
    undo->reader = kind == REGISTRY_READERS ? mem_alloc(sizeof(*undo->reader)) : NULL;
    enum sc_error error = SC_E_NO_MEMORY;
    if (undo->card != NULL)
        error = store_get_card(store, name, undo->card);
    else if (undo->reader != NULL)
        error = store_get_reader(store, name, undo->reader);
    if (error == SC_E_UNKNOWN_CARD || error == SC_E_UNKNOWN_READER) {
        mem_free(undo->card);
        mem_free(undo->reader);
        undo->card = NULL;
        undo->reader = NULL;
        error = SC_OK;
    }
    if (error != SC_OK) {
        free_undo(undo);
        return error;
    }
    undo->next = store->undo;
    store->undo = undo;
    *out = undo;
    return SC_OK;
}

static enum sc_error put_back(struct store *store, const struct undo *undo)
{
    if (undo->card == NULL && undo->reader == NULL) {
        enum sc_error error = registry_delete_entry(store, undo->kind, undo->name);
        return error == SC_E_FILE_NOT_FOUND ? SC_OK : error;
    }
    if (undo->card != NULL) {
        struct database_entry now;
        enum sc_error error = store_get_card(store, undo->name, &now);
        return error == SC_OK || error == SC_E_UNKNOWN_CARD
                   ? registry_put_card(store, &now, undo->card)
                   : error;
    }
    struct database_reader now;
    enum sc_error error = store_get_reader(store, undo->name, &now);
    return error == SC_OK || error == SC_E_UNKNOWN_READER
               ? registry_put_reader(store, &now, undo->reader)
               : error;
}

static void forget_undo(struct store *store, bool back)
{
    while (store->undo != NULL) {
        struct undo *undo = store->undo;
        store->undo = undo->next;
        if (back && put_back(store, undo) != SC_OK)
            log_error("registry: %s could not be put back as it was", undo->name);
        free_undo(undo);
    }
}

enum sc_error store_commit(struct store *store)
{
    forget_undo(store, false);
    for (int kind = 0; kind < REGISTRY_KINDS; kind++) {
        enum sc_error error = registry_error(RegFlushKey(store->keys[kind]));
        if (error != SC_OK)
            return error;
    }
    return SC_OK;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    forget_undo(store, true);
    for (int kind = 0; kind < REGISTRY_KINDS; kind++)
        if (store->keys[kind] != NULL)
            RegCloseKey(store->keys[kind]);
    if (store->mutex != NULL) {
        ReleaseMutex(store->mutex);
        CloseHandle(store->mutex);
    }
    mem_free(store);
}

/* --- Writing ------------------------------------------------------------------------ */

enum sc_error store_put_card(struct store *store, const struct database_entry *card)
{
    struct undo *undo;
    enum sc_error error = remember_old(store, REGISTRY_CARDS, card->card.name, &undo);
    return error == SC_OK ? registry_put_card(store, undo->card, card) : error;
}

enum sc_error store_put_reader(struct store *store, const struct database_reader *reader)
{
    struct undo *undo;
    enum sc_error error = remember_old(store, REGISTRY_READERS, reader->name, &undo);
    return error == SC_OK ? registry_put_reader(store, undo->reader, reader) : error;
}

static enum sc_error remove_entry(struct store *store, enum registry_kind kind,
                                  const char *name, enum sc_error unknown)
{
    struct undo *undo;
    char spelt[DATABASE_NAME_MAX]; /* should it be put back */
    if (!registry_find_name(store, kind, name, spelt))
        return unknown;
    enum sc_error error = remember_old(store, kind, spelt, &undo);
    return error == SC_OK ? registry_delete_entry(store, kind, spelt) : error;
}

static enum sc_error remove_entries(struct store *store, enum registry_kind kind)
{
    struct names names;
    enum sc_error error = registry_collect(store, kind, &names);
    for (size_t i = 0; i < names.count && error == SC_OK; i++)
        error = remove_entry(store, kind, registry_name_at(&names, i), SC_OK);
    names_free(&names);
    return error;
}

enum sc_error store_remove_card(struct store *store, const char *name)
{
    return name == NULL ? remove_entries(store, REGISTRY_CARDS)
                        : remove_entry(store, REGISTRY_CARDS, name, SC_E_UNKNOWN_CARD);
}

enum sc_error store_remove_reader(struct store *store, const char *name)
{
    return name == NULL
               ? remove_entries(store, REGISTRY_READERS)
               : remove_entry(store, REGISTRY_READERS, name, SC_E_UNKNOWN_READER);
}
