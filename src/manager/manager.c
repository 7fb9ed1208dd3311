/* SPDX-License-Identifier: BSD-2-Clause */
/* Which contexts and card handles there are. */
#include "manager/manager.h"

#include "base/alloc.h"
#include "base/atomic.h"
#include "manager/limits.h"
#include "manager/watch.h"

#include <assert.h>
#include <string.h>

enum sc_error manager_init(struct manager *manager, uint32_t salt)
{
    memset(manager, 0, sizeof(*manager));
    manager->probe_hold_ms = PROBE_HOLD_MS;
    manager->changes = 1; /* 0: nothing was reported */
    list_init(&manager->watches);
    list_init(&manager->ready_watches);
    cache_init(&manager->cache);
    enum sc_error error =
        handle_table_init(&manager->context_ids, HANDLE_CONTEXT, LIMIT_CONTEXTS, salt);
    if (error == SC_OK)
        error = handle_table_init(&manager->card_ids, HANDLE_CARD, LIMIT_CARDS, salt);
    manager->contexts = mem_alloc_array(LIMIT_CONTEXTS, sizeof(*manager->contexts));
    manager->cards = mem_alloc_array(LIMIT_CARDS, sizeof(*manager->cards));
    manager->readers = mem_alloc_array(LIMIT_READERS, sizeof(*manager->readers));
    if (manager->contexts == NULL || manager->cards == NULL || manager->readers == NULL)
        error = SC_E_NO_MEMORY;
    if (error != SC_OK)
        manager_clear(manager);
    return error;
}

void manager_clear(struct manager *manager)
{
    for (uint32_t i = 0; manager->contexts != NULL && i < manager->context_ids.used; i++)
        mem_free(manager->contexts[i]);
    for (uint32_t i = 0; manager->cards != NULL && i < manager->card_ids.used; i++)
        mem_free(manager->cards[i]);
    for (uint32_t i = 0; manager->readers != NULL && i < manager->reader_used; i++)
        mem_free(manager->readers[i]);
    mem_free(manager->contexts);
    mem_free(manager->cards);
    mem_free(manager->readers);
    handle_table_clear(&manager->context_ids);
    handle_table_clear(&manager->card_ids);
    cache_clear(&manager->cache);
    memset(manager, 0, sizeof(*manager));
}

/* --- Contexts ----------------------------------------------------------------------- */

enum sc_error manager_context_new(struct manager *manager, uint32_t *id)
{
    struct context *context = mem_alloc(sizeof(*context));
    if (context == NULL)
        return SC_E_NO_MEMORY;
    enum sc_error error = handle_take(&manager->context_ids, &context->id);
    if (error != SC_OK) {
        mem_free(context);
        return error;
    }
    list_init(&context->cards);
    manager->contexts[handle_index(context->id, HANDLE_CONTEXT)] = context;
    manager->context_count++;
    *id = context->id;
    return SC_OK;
}

struct context *manager_context_find(struct manager *manager, uint32_t id)
{
    uint32_t index = handle_index(id, HANDLE_CONTEXT);
    if (index >= LIMIT_CONTEXTS || manager->contexts[index] == NULL
        || manager->contexts[index]->id != id)
        return NULL;
    return manager->contexts[index];
}

struct context *manager_context_release(struct manager *manager, uint32_t id)
{
    struct context *context = manager_context_find(manager, id);
    if (context == NULL)
        return NULL;
    manager->contexts[handle_index(id, HANDLE_CONTEXT)] = NULL;
    handle_give(&manager->context_ids, id);
    watch_cancel(manager, id);
    return context;
}

uint32_t manager_context_next_card(struct manager *manager, struct context *context)
{
    if (list_empty(&context->cards)) {
        assert(manager->context_count > 0);
        manager->context_count--;
        mem_free(context);
        return 0;
    }
    struct card_handle *card =
        LIST_ENTRY(context->cards.next, struct card_handle, in_context);
    list_remove(&card->in_context);
    list_init(&card->in_context); /* manager_card_free() removes it once more */
    return card->next_id;
}

/* --- Card handles ------------------------------------------------------------------- */

enum sc_error manager_card_new(struct manager *manager, uint32_t context,
                               struct reader *reader, struct card_handle **card)
{
    uint32_t id;
    if (manager_context_find(manager, context) == NULL)
        return SC_E_INVALID_HANDLE;
    enum sc_error error = handle_take(&manager->card_ids, &id);
    if (error != SC_OK)
        return error;
    struct card_handle **entry = &manager->cards[handle_index(id, HANDLE_CARD)];
    struct card_handle *made = *entry;
    if (made == NULL) {
        made = mem_alloc(sizeof(*made));
        if (made == NULL) {
            handle_give(&manager->card_ids, id);
            return SC_E_NO_MEMORY;
        }
        atomic_store_pointer(entry, made);
    }
    assert(atomic_load_u32(&made->id) == 0 && made->stage == HANDLE_LOOSE);
    made->next_id = id;
    made->context = context;
    made->share = 0;
    made->active = PROTOCOL_UNDEFINED;
    made->program = manager_context_find(manager, context)->program;
    made->stage = HANDLE_LOOSE;
    made->bound = false;
    made->last_error = SC_OK;
    list_init(&made->in_slot);
    list_init(&made->in_context);
    atomic_store_pointer(&made->slot, &reader->slot);
    reader->cards++;
    *card = made;
    return SC_OK;
}

bool manager_card_publish(struct manager *manager, struct card_handle *card)
{
    struct context *context = manager_context_find(manager, card->context);
    if (context == NULL)
        return false;
    assert(atomic_load_u32(&card->id) == 0);
    list_append(&context->cards, &card->in_context);
    atomic_store_u32(&card->id, card->next_id);
    return true;
}

void manager_card_free(struct manager *manager, struct card_handle *card)
{
    list_remove(&card->in_context);
    list_init(&card->in_context);
    assert(atomic_load_u32(&card->id) == 0 && card->stage == HANDLE_LOOSE);
    assert(manager_reader_of_slot(card->slot)->cards > 0);
    manager_reader_of_slot(card->slot)->cards--;
    handle_give(&manager->card_ids, card->next_id);
}

struct card_handle *manager_card_find(struct manager *manager, uint32_t id)
{
    uint32_t index = handle_index(id, HANDLE_CARD);
    if (index >= LIMIT_CARDS)
        return NULL;
    struct card_handle *card = atomic_load_pointer(&manager->cards[index]);
    if (card == NULL || atomic_load_u32(&card->id) != id)
        return NULL;
    return card;
}

bool manager_card_retire(struct card_handle *card, uint32_t id)
{
    if (atomic_load_u32(&card->id) != id)
        return false;
    atomic_store_u32(&card->id, 0);
    return true;
}
