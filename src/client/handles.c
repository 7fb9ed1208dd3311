/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/handles.h"

#include "base/alloc.h"
#include "base/atomic.h"
#include "os/fork.h"
#include "os/lock.h"

#include <string.h>

enum { BUCKETS = 1024 }; /* the low bits of a handle are those that differ */

struct context {
    struct context *next;
    uint32_t id;
    bool system;
};

struct card {
    struct card *next;
    uint32_t id, context;
    size_t alias_size; /* with its NUL; 0: none */
    char alias[];
};

static struct os_mutex handles_lock = OS_MUTEX_INIT;
/* Under the lock, by the handle's last bits. The count alone is read without it. */
static struct context *contexts[BUCKETS];
static struct card *card_buckets[BUCKETS];
static uint32_t alias_count;

/* In the child of a fork no handle is valid, and another thread may have been at work. */
static void forget_handles(void)
{
    os_mutex_init(&handles_lock);
    memset(contexts, 0, sizeof(contexts));
    memset(card_buckets, 0, sizeof(card_buckets));
    atomic_store_u32(&alias_count, 0);
}

/* --- Contexts ----------------------------------------------------------------------- */

/* Where the pointer to a context is, or would be. */
static struct context **find_context(uint32_t id) NEEDS_LOCK(handles_lock)
{
    struct context **at = &contexts[id % BUCKETS];
    while (*at != NULL && (*at)->id != id)
        at = &(*at)->next;
    return at;
}

enum sc_error client_context_note(uint32_t context, bool system)
{
    struct context *made = mem_alloc(sizeof(*made));
    if (made == NULL)
        return SC_E_NO_MEMORY;
    made->id = context;
    made->system = system;
    os_at_fork_child(forget_handles);
    os_mutex_lock(&handles_lock);
    struct context **at = find_context(context), *old = *at;
    if (old != NULL) /* of a service that is gone */
        made->next = old->next;
    *at = made;
    os_mutex_unlock(&handles_lock);
    mem_free(old);
    return SC_OK;
}

static void remove_card(struct card **at) NEEDS_LOCK(handles_lock)
{
    struct card *card = *at;
    *at = card->next;
    if (card->alias_size > 0)
        atomic_sub_u32(&alias_count, 1);
    mem_free(card);
}

void client_context_forget(uint32_t context)
{
    os_mutex_lock(&handles_lock);
    struct context **at = find_context(context), *found = *at;
    for (uint32_t i = 0; found != NULL && i < BUCKETS; i++) {
        struct card **card = &card_buckets[i];
        while (*card != NULL)
            if ((*card)->context == context)
                remove_card(card);
            else
                card = &(*card)->next;
    }
    if (found != NULL)
        *at = found->next;
    os_mutex_unlock(&handles_lock);
    mem_free(found);
}

bool client_context_is_known(uint32_t context)
{
    os_mutex_lock(&handles_lock);
    bool known = *find_context(context) != NULL;
    os_mutex_unlock(&handles_lock);
    return known;
}

bool client_context_is_system(uint32_t context)
{
    os_mutex_lock(&handles_lock);
    const struct context *found = *find_context(context);
    bool system = found != NULL && found->system;
    os_mutex_unlock(&handles_lock);
    return system;
}

/* --- Cards -------------------------------------------------------------------------- */

static struct card **find_scope_card(uint32_t id) NEEDS_LOCK(handles_lock)
{
    struct card **at = &card_buckets[id % BUCKETS];
    while (*at != NULL && (*at)->id != id)
        at = &(*at)->next;
    return at;
}

void client_card_note(uint32_t card, uint32_t context, const char *alias)
{
    size_t size = alias != NULL ? strlen(alias) + 1 : 0;
    struct card *made = mem_alloc(sizeof(*made) + size);
    if (made == NULL)
        return;
    made->id = card;
    made->context = context;
    made->alias_size = size;
    if (size > 0)
        memcpy(made->alias, alias, size);
    os_mutex_lock(&handles_lock);
    bool known = *find_context(context) != NULL;
    if (known) {
        struct card **at = find_scope_card(card);
        if (*at != NULL)
            remove_card(at);
        made->next = card_buckets[card % BUCKETS];
        card_buckets[card % BUCKETS] = made;
        if (size > 0)
            atomic_add_u32(&alias_count, 1);
    }
    os_mutex_unlock(&handles_lock);
    if (!known)
        mem_free(made);
}

void client_card_forget(uint32_t card)
{
    os_mutex_lock(&handles_lock);
    struct card **at = find_scope_card(card);
    if (*at != NULL)
        remove_card(at);
    os_mutex_unlock(&handles_lock);
}

uint32_t client_card_context(uint32_t card)
{
    os_mutex_lock(&handles_lock);
    const struct card *found = *find_scope_card(card);
    uint32_t context = found != NULL ? found->context : 0;
    os_mutex_unlock(&handles_lock);
    return context;
}

bool client_card_alias(uint32_t card, char *name, size_t room)
{
    if (atomic_load_u32(&alias_count) == 0)
        return false;
    os_mutex_lock(&handles_lock);
    const struct card *found = *find_scope_card(card);
    bool fits = found != NULL && found->alias_size > 0 && found->alias_size <= room;
    if (fits)
        memcpy(name, found->alias, found->alias_size);
    os_mutex_unlock(&handles_lock);
    return fits;
}
