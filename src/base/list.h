/* SPDX-License-Identifier: BSD-2-Clause */
/* Intrusive doubly linked lists: a ring through a head that holds no entry. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include "base/compiler.h"

#include <stdbool.h>

struct list_link {
    struct list_link *prev, *next;
};

/* The structure of `type` whose member `member` is *link. */
#define LIST_ENTRY(link, type, member) CONTAINER_OF(link, type, member)

/* Visits each link from the first on; what is visited must stay in the list meanwhile. */
#define LIST_FOR_EACH(link, head)                                                        \
    for ((link) = (head)->next; (link) != (head); (link) = (link)->next)

/* Makes an empty list, or a link that is in none (and may be removed all the same). */
static inline void list_init(struct list_link *head)
{
    head->prev = head->next = head;
}

static inline bool list_empty(const struct list_link *head)
{
    return head->next == head;
}

static inline void list_insert_between(struct list_link *prev, struct list_link *next,
                                       struct list_link *link)
{
    link->prev = prev;
    link->next = next;
    prev->next = link;
    next->prev = link;
}

static inline void list_append(struct list_link *head, struct list_link *link)
{
    list_insert_between(head->prev, head, link);
}

static inline void list_prepend(struct list_link *head, struct list_link *link)
{
    list_insert_between(head, head->next, link);
}

/* The link is in no list afterwards; removing it again changes nothing. */
static inline void list_remove(struct list_link *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    list_init(link);
}

#endif
