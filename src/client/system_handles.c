/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables from our handles to those of System32's winscard.dll. */
#include "client/system.h"

#include "base/alloc.h"
#include "base/list.h"
#include "manager/limits.h"
#include "os/lock.h"

#include <assert.h>

struct system_context {
    uint32_t id;
    SCARDCONTEXT theirs;
    struct list_link cards;
};

struct system_card {
    uint32_t id;
    SCARDHANDLE theirs;
    uint32_t active;
    struct list_link link; /* of its context */
};

/* They stay once they are made: a handle of before is told from one of now by them. */
static struct {
    struct os_mutex lock;
    struct handle_table context_ids, card_ids;
    struct system_context **contexts; /* by index; NULL: none */
    struct system_card **cards;
} tables = {.lock = OS_MUTEX_INIT};

static void free_tables(void) NEEDS_LOCK(tables.lock)
{
    handle_table_clear(&tables.context_ids);
    handle_table_clear(&tables.card_ids);
    mem_free(tables.contexts);
    mem_free(tables.cards);
    tables.contexts = NULL;
    tables.cards = NULL;
}

static enum sc_error make_tables(void) NEEDS_LOCK(tables.lock)
{
    if (tables.cards != NULL)
        return SC_OK;
    enum sc_error error =
        handle_table_init(&tables.context_ids, HANDLE_CONTEXT, LIMIT_CONTEXTS, 0);
    if (error == SC_OK)
        error = handle_table_init(&tables.card_ids, HANDLE_CARD, LIMIT_CARDS, 0);
    tables.contexts = mem_alloc_array(LIMIT_CONTEXTS, sizeof(struct system_context *));
    tables.cards = mem_alloc_array(LIMIT_CARDS, sizeof(struct system_card *));
    if (tables.contexts == NULL || tables.cards == NULL)
        error = SC_E_NO_MEMORY;
    if (error != SC_OK)
        free_tables();
    return error;
}

static struct system_context *find_context(uint32_t id) NEEDS_LOCK(tables.lock)
{
    uint32_t index = handle_index(id, HANDLE_CONTEXT);
    struct system_context *found =
        tables.cards != NULL && index < LIMIT_CONTEXTS ? tables.contexts[index] : NULL;
    return found != NULL && found->id == id ? found : NULL;
}

static struct system_card *find_card(uint32_t id) NEEDS_LOCK(tables.lock)
{
    uint32_t index = handle_index(id, HANDLE_CARD);
    struct system_card *found =
        tables.cards != NULL && index < LIMIT_CARDS ? tables.cards[index] : NULL;
    return found != NULL && found->id == id ? found : NULL;
}

static void free_card(struct system_card *card) NEEDS_LOCK(tables.lock)
{
    tables.cards[handle_index(card->id, HANDLE_CARD)] = NULL;
    list_remove(&card->link);
    handle_give(&tables.card_ids, card->id);
    mem_free(card);
}

/* --- Contexts ----------------------------------------------------------------------- */

enum sc_error system_context_add(SCARDCONTEXT theirs, uint32_t *context)
{
    struct system_context *made = mem_alloc(sizeof(*made));
    os_mutex_lock(&tables.lock);
    enum sc_error error = made != NULL ? make_tables() : SC_E_NO_MEMORY;
    if (error == SC_OK)
        error = handle_take(&tables.context_ids, &made->id);
    if (error == SC_OK) {
        made->theirs = theirs;
        list_init(&made->cards);
        tables.contexts[handle_index(made->id, HANDLE_CONTEXT)] = made;
        *context = made->id;
    }
    os_mutex_unlock(&tables.lock);
    if (error != SC_OK)
        mem_free(made);
    return error;
}

enum sc_error system_context_find(uint32_t context, SCARDCONTEXT *theirs)
{
    os_mutex_lock(&tables.lock);
    const struct system_context *found = find_context(context);
    if (found != NULL)
        *theirs = found->theirs;
    os_mutex_unlock(&tables.lock);
    return found != NULL ? SC_OK : SC_E_INVALID_HANDLE;
}

void system_context_drop(uint32_t context)
{
    os_mutex_lock(&tables.lock);
    struct system_context *found = find_context(context);
    while (found != NULL && !list_empty(&found->cards))
        free_card(LIST_ENTRY(found->cards.next, struct system_card, link));
    if (found != NULL) {
        tables.contexts[handle_index(context, HANDLE_CONTEXT)] = NULL;
        handle_give(&tables.context_ids, context);
    }
    os_mutex_unlock(&tables.lock);
    mem_free(found);
}

/* --- Cards -------------------------------------------------------------------------- */

enum sc_error system_card_add(uint32_t context, SCARDHANDLE theirs, uint32_t active,
                              uint32_t *card)
{
    struct system_card *made = mem_alloc(sizeof(*made));
    os_mutex_lock(&tables.lock);
    struct system_context *owner = find_context(context);
    enum sc_error error = owner == NULL  ? SC_E_INVALID_HANDLE
                          : made == NULL ? SC_E_NO_MEMORY
                                         : handle_take(&tables.card_ids, &made->id);
    if (error == SC_OK) {
        made->theirs = theirs;
        made->active = active;
        list_append(&owner->cards, &made->link);
        tables.cards[handle_index(made->id, HANDLE_CARD)] = made;
        *card = made->id;
    }
    os_mutex_unlock(&tables.lock);
    if (error != SC_OK)
        mem_free(made);
    return error;
}

enum sc_error system_card_find(uint32_t card, SCARDHANDLE *theirs, uint32_t *active)
{
    os_mutex_lock(&tables.lock);
    const struct system_card *found = find_card(card);
    if (found != NULL)
        *theirs = found->theirs;
    if (found != NULL && active != NULL)
        *active = found->active;
    os_mutex_unlock(&tables.lock);
    return found != NULL ? SC_OK : SC_E_INVALID_HANDLE;
}

void system_card_set_active(uint32_t card, uint32_t active)
{
    os_mutex_lock(&tables.lock);
    struct system_card *found = find_card(card);
    if (found != NULL)
        found->active = active;
    os_mutex_unlock(&tables.lock);
}

void system_card_drop(uint32_t card)
{
    os_mutex_lock(&tables.lock);
    struct system_card *found = find_card(card);
    if (found != NULL)
        free_card(found);
    os_mutex_unlock(&tables.lock);
}
