/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/alias.h"

#include "base/alloc.h"
#include "base/atomic.h"
#include "base/list.h"
#include "os/os.h"

#include <string.h>

struct alias {
    struct list_link link;
    uint32_t card, context;
    size_t size;
    char name[];
};

static struct os_mutex lock = OS_MUTEX_INIT;
/* Under the lock, a list: few handles have one. The count alone is read without it. */
static struct list_link aliases = {&aliases, &aliases};
static uint32_t count;

/* In the child of a fork no handle is valid, and another thread may have been at work. */
static void start_anew(void)
{
    os_mutex_init(&lock);
    list_init(&aliases);
    atomic_store_u32(&count, 0);
}

void client_alias_note(uint32_t card, uint32_t context, const char *name)
{
    size_t size = strlen(name) + 1;
    struct alias *alias = mem_alloc(sizeof(*alias) + size);
    if (alias == NULL)
        return;
    alias->card = card;
    alias->context = context;
    alias->size = size;
    memcpy(alias->name, name, size);
    os_at_fork_child(start_anew);
    os_mutex_lock(&lock);
    list_append(&aliases, &alias->link);
    atomic_add_u32(&count, 1);
    os_mutex_unlock(&lock);
}

static void forget(bool of_context, uint32_t number)
{
    if (atomic_load_u32(&count) == 0)
        return;
    os_mutex_lock(&lock);
    struct list_link *link = aliases.next;
    while (link != &aliases) {
        struct alias *alias = LIST_ENTRY(link, struct alias, link);
        link = link->next;
        if ((of_context ? alias->context : alias->card) != number)
            continue;
        list_remove(&alias->link);
        mem_free(alias);
        atomic_sub_u32(&count, 1);
    }
    os_mutex_unlock(&lock);
}

void client_alias_forget(uint32_t card)
{
    forget(false, card);
}

void client_alias_forget_context(uint32_t context)
{
    forget(true, context);
}

bool client_alias_get(uint32_t card, char *name, size_t room)
{
    bool found = false;
    if (atomic_load_u32(&count) == 0)
        return false;
    os_mutex_lock(&lock);
    for (struct list_link *link = aliases.next; link != &aliases; link = link->next) {
        const struct alias *alias = LIST_ENTRY(link, struct alias, link);
        if (alias->card != card || alias->size > room)
            continue;
        memcpy(name, alias->name, alias->size);
        found = true;
        break;
    }
    os_mutex_unlock(&lock);
    return found;
}
