/* SPDX-License-Identifier: BSD-2-Clause */
/* The card cache: freshness, cards apart from each other, and what makes room. */
#include "manager/cache.h"

#include "base/alloc.h"
#include "base/compiler.h"
#include "manager/limits.h"
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>

static const uint8_t card_a[16] = "card A", card_b[16] = "card B";
static struct cache cache;
static uint32_t user; /* who reads and writes */
static uint8_t zeros[LIMIT_CACHE_ITEM + 1];

static enum sc_error put(const uint8_t card[16], uint32_t freshness, const char *name,
                         const char *text)
{
    return cache_write(&cache, user, card, freshness, name, (const uint8_t *)text,
                       strlen(text) + 1);
}

/* The text that is kept under exactly these, or the error's name. */
static const char *get(const uint8_t card[16], uint32_t freshness, const char *name)
{
    const uint8_t *data = NULL;
    size_t size = 0;
    enum sc_error error = cache_read(&cache, user, card, freshness, name, &data, &size);
    if (error != SC_OK)
        return sc_error_name(error);
    CHECK_EQ(size, strlen((const char *)data) + 1);
    return (const char *)data;
}

static const char stale[] = "SCARD_W_CACHE_ITEM_STALE";
static const char none[] = "SCARD_W_CACHE_ITEM_NOT_FOUND";

static void check_freshness(void)
{
    CHECK_STR(get(card_a, 5, "mscp"), none);
    CHECK_EQ(put(card_a, 5, "mscp", "five"), SC_OK);
    CHECK_STR(get(card_a, 5, "mscp"), "five");
    /* Asked for an older one: the fresher stays. */
    CHECK_STR(get(card_a, 4, "mscp"), stale);
    CHECK_STR(get(card_a, 5, "mscp"), "five");
    /* Nor does an older one take its place; an equal and a fresher one do. */
    CHECK_EQ(put(card_a, 4, "mscp", "four"), SC_W_CACHE_ITEM_STALE);
    CHECK_STR(get(card_a, 5, "mscp"), "five");
    CHECK_EQ(put(card_a, 5, "mscp", "again"), SC_OK);
    CHECK_STR(get(card_a, 5, "mscp"), "again");
    CHECK_EQ(put(card_a, UINT32_MAX, "mscp", "last"), SC_OK);
    CHECK_STR(get(card_a, 5, "mscp"), stale);
    CHECK_STR(get(card_a, UINT32_MAX, "mscp"), "last");
    cache_clear(&cache);
    CHECK_STR(get(card_a, UINT32_MAX, "mscp"), none);
    /* Asked for a fresher one: what is kept is of no use to anybody and goes. */
    CHECK_EQ(put(card_a, 1, "mscp", "one"), SC_OK);
    CHECK_STR(get(card_a, 2, "mscp"), stale);
    CHECK_STR(get(card_a, 2, "mscp"), none);
    CHECK_STR(get(card_a, 1, "mscp"), none);
    CHECK_EQ(cache.total, 0);
}

static void check_apart(void)
{
    uint8_t last_byte[16];
    memcpy(last_byte, card_a, 16);
    last_byte[15] = 1;
    CHECK_EQ(put(card_a, 1, "x", "of A"), SC_OK);
    CHECK_EQ(put(card_b, 2, "x", "of B"), SC_OK);
    CHECK_EQ(put(card_a, 3, "X", "large"), SC_OK);
    CHECK_STR(get(card_a, 1, "x"), "of A");
    CHECK_STR(get(card_b, 2, "x"), "of B");
    CHECK_STR(get(card_a, 3, "X"), "large");
    CHECK_STR(get(last_byte, 1, "x"), none);
    CHECK_STR(get(card_b, 3, "X"), none);
    CHECK_STR(get(card_a, 1, ""), none);
    cache_clear(&cache);
}

static void check_arguments(void)
{
    char name[LIMIT_CACHE_NAME + 1];
    const uint8_t *data;
    size_t size = 7;
    memset(name, 'n', sizeof(name));
    name[LIMIT_CACHE_NAME] = '\0';
    CHECK_EQ(put(card_a, 1, name, "too long a name"), SC_E_INVALID_PARAMETER);
    CHECK_EQ(put(card_a, 1, "", "no name"), SC_E_INVALID_PARAMETER);
    name[LIMIT_CACHE_NAME - 1] = '\0';
    CHECK_EQ(put(card_a, 1, name, "longest name"), SC_OK);
    CHECK_STR(get(card_a, 1, name), "longest name");
    CHECK_EQ(cache_write(&cache, user, card_a, 1, "big", zeros, LIMIT_CACHE_ITEM + 1),
             SC_W_CACHE_ITEM_TOO_BIG);
    CHECK_STR(get(card_a, 1, "big"), none);
    CHECK_EQ(cache_write(&cache, user, card_a, 1, "big", zeros, LIMIT_CACHE_ITEM), SC_OK);
    CHECK_EQ(cache_read(&cache, user, card_a, 1, "big", &data, &size), SC_OK);
    CHECK_EQ(size, LIMIT_CACHE_ITEM);
    CHECK_EQ(cache_write(&cache, user, card_a, 1, "nothing", NULL, 0), SC_OK);
    CHECK_EQ(cache_read(&cache, user, card_a, 1, "nothing", &data, &size), SC_OK);
    CHECK_EQ(size, 0);
    cache_clear(&cache);
    CHECK_EQ(cache.total, 0);
}

/* What cannot be written leaves what is there. */
static void check_refused(void)
{
    CHECK_EQ(put(card_a, 1, "x", "kept"), SC_OK);
    size_t total = cache.total;
    mem_fail_at(1);
    CHECK_EQ(put(card_a, 2, "x", "no memory"), SC_E_NO_MEMORY);
    mem_fail_at(0);
    CHECK_EQ(cache_write(&cache, user, card_a, 2, "x", zeros, LIMIT_CACHE_ITEM + 1),
             SC_W_CACHE_ITEM_TOO_BIG);
    CHECK_STR(get(card_a, 1, "x"), "kept");
    CHECK_EQ(cache.total, total);
    cache_clear(&cache);
}

static void put_numbered(unsigned number)
{
    char name[16];
    snprintf(name, sizeof(name), "item %u", number);
    CHECK_EQ(cache_write(&cache, user, card_a, 1, name, zeros, LIMIT_CACHE_ITEM), SC_OK);
}

static bool has_numbered(unsigned number)
{
    char name[16];
    const uint8_t *data;
    size_t size;
    snprintf(name, sizeof(name), "item %u", number);
    return cache_read(&cache, user, card_a, 1, name, &data, &size) == SC_OK;
}

static void check_limit(void)
{
    /* Less fit than their bytes alone would let: what an item needs besides counts. */
    enum { FIT = LIMIT_CACHE_TOTAL / LIMIT_CACHE_ITEM - 1 };
    for (unsigned i = 0; i < FIT; i++) {
        put_numbered(i);
        CHECK(cache.total <= LIMIT_CACHE_TOTAL);
    }
    CHECK(has_numbered(0)); /* reading does not save it */
    put_numbered(1);        /* writing does */
    put_numbered(FIT);
    CHECK(cache.total <= LIMIT_CACHE_TOTAL);
    CHECK(!has_numbered(0));
    put_numbered(FIT + 1);
    CHECK(!has_numbered(2));
    CHECK(has_numbered(1));
    for (unsigned i = 3; i <= FIT + 1; i++)
        CHECK(has_numbered(i));
    cache_clear(&cache);
    CHECK(list_empty(&cache.items));
    CHECK_EQ(cache.total, 0);
}

/* One user's items are none of another's, and make no room for its. */
static void check_users(void)
{
    enum { FIT = LIMIT_CACHE_TOTAL / LIMIT_CACHE_ITEM - 1, USERS = 20 };
    user = 1000;
    CHECK_EQ(put(card_a, 1, "pin", "mine"), SC_OK);
    user = 1001;
    CHECK_STR(get(card_a, 1, "pin"), none);
    CHECK_EQ(put(card_a, 9, "pin", "other"), SC_OK);
    for (unsigned i = 0; i < 2 * FIT; i++)
        put_numbered(i);
    CHECK(has_numbered(2 * FIT - 1) && !has_numbered(0));
    user = 1000;
    CHECK_STR(get(card_a, 1, "pin"), "mine");
    CHECK(!has_numbered(2 * FIT - 1));
    /* Of all together there is an end as well, and each has some. */
    for (user = 2000; user < 2000 + USERS; user++) {
        for (unsigned i = 0; i < FIT; i++)
            put_numbered(i);
        CHECK(has_numbered(FIT - 1));
        CHECK(cache.total <= LIMIT_CACHE_ALL);
    }
    user = 0;
    cache_clear(&cache);
    CHECK_EQ(cache.total, 0);
}

int main(void)
{
    cache_init(&cache);
    check_freshness();
    check_apart();
    check_arguments();
    check_refused();
    check_limit();
    check_users();
    return check_result();
}
