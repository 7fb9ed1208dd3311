/* SPDX-License-Identifier: BSD-2-Clause */
/* Cards for a test of the database, and what is in it as text. */
#ifndef TESTS_DATABASE_PLACE_LISTS_H
#define TESTS_DATABASE_PLACE_LISTS_H

#include "tests/support/check.h"

#include "database/database.h"

/* A card with an ATR of `size` times `fill`, under a mask of all ones. */
static inline struct database_card place_card(const char *name, uint8_t fill, size_t size)
{
    struct database_card card = {.atr_size = size};
    snprintf(card.name, sizeof(card.name), "%s", name);
    memset(card.atr, fill, size);
    memset(card.mask, 0xFF, sizeof(card.mask));
    return card;
}

/* A list as one text: "a|b|". */
static inline const char *place_join(struct multistring *list)
{
    static char text[4096];
    size_t size = 0;
    const char *at = NULL;
    text[0] = '\0';
    while (list->size != 0 && (at = multistring_next(list->bytes, at)) != NULL)
        size += (size_t)snprintf(text + size, sizeof(text) - size, "%s|", at);
    multistring_clear(list);
    return text;
}

static inline const char *place_list(const uint8_t *atr, size_t size,
                                     const uint8_t (*interfaces)[DATABASE_GUID_SIZE],
                                     size_t count)
{
    struct multistring list;
    multistring_init(&list, DATABASE_LIST_MAX);
    CHECK_EQ(database_list_cards(atr, size, interfaces, count, &list), SC_OK);
    return place_join(&list);
}

static inline const char *place_readers(const char *group)
{
    struct multistring list;
    multistring_init(&list, DATABASE_LIST_MAX);
    CHECK_EQ(database_list_readers(group, &list), SC_OK);
    return place_join(&list);
}

static inline const char *place_groups(void)
{
    struct multistring list;
    multistring_init(&list, DATABASE_LIST_MAX);
    CHECK_EQ(database_list_groups(&list), SC_OK);
    return place_join(&list);
}

#endif
