/* SPDX-License-Identifier: BSD-2-Clause */
/* Multi-strings: bounded scans, the builder at its limit and without memory. */
#include "base/multistring.h"

#include "base/alloc.h"
#include "tests/support/check.h"

#include <stdlib.h>

static void test_size(void)
{
    static const struct {
        const char *bytes;
        size_t max, size, count;
    } rows[] = {
        {"", 0, 0, 0},
        {"", 1, 1, 0},
        {"\0x", 2, 1, 0},
        {"a\0", 3, 3, 1},
        {"a\0", 2, 0, 0}, /* its end would be one further */
        {"a", 1, 0, 0},
        {"a\0b\0", 5, 5, 2},
        {"a\0b\0", 4, 0, 0},
        {"a\0bc\0\0d\0", 9, 6, 2}, /* what comes after the end is not its */
        {"abcdef", 6, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        /* in memory of the exact size: a sanitizer sees a byte too many */
        char *exact = malloc(rows[i].max != 0 ? rows[i].max : 1);
        if (exact == NULL)
            abort();
        memcpy(exact, rows[i].bytes, rows[i].max);
        CHECK_EQ(multistring_size(exact, rows[i].max), rows[i].size);
        if (rows[i].size != 0)
            CHECK_EQ(multistring_count(exact), rows[i].count);
        free(exact);
    }
}

static void test_walk(void)
{
    static const char list[] = "Alpha 00\0Beta\0B\0";
    const char *at = multistring_next(list, NULL);
    CHECK_STR(at, "Alpha 00");
    at = multistring_next(list, at);
    CHECK_STR(at, "Beta");
    at = multistring_next(list, at);
    CHECK_STR(at, "B");
    CHECK(multistring_next(list, at) == NULL);
    CHECK(multistring_next("", NULL) == NULL);

    CHECK(multistring_contains(list, "Alpha 00"));
    CHECK(multistring_contains(list, "B"));
    CHECK(!multistring_contains(list, "Alpha"));
    CHECK(!multistring_contains(list, "beta"));
    CHECK(!multistring_contains(list, ""));
    CHECK(!multistring_contains("", ""));
    CHECK(!multistring_contains("", "B"));
}

static void test_build(void)
{
    struct multistring list;
    multistring_init(&list, 100);
    CHECK_EQ(list.size, 0);
    CHECK_EQ(multistring_add(&list, ""), SC_E_INVALID_VALUE);
    CHECK_EQ(list.size, 0);
    CHECK_EQ(multistring_add(&list, "one"), SC_OK);
    CHECK_EQ(list.size, 5);
    CHECK_MEM(list.bytes, "one\0", 5);
    CHECK_EQ(multistring_add(&list, "a second text"), SC_OK);
    CHECK_EQ(multistring_add(&list, "3"), SC_OK);
    CHECK_EQ(list.size, 4 + 14 + 2 + 1);
    CHECK_MEM(list.bytes, "one\0a second text\0003\0", list.size);
    CHECK_EQ(multistring_size(list.bytes, list.size), list.size);
    CHECK_EQ(multistring_count(list.bytes), 3);
    multistring_clear(&list);
    CHECK(list.bytes == NULL && list.size == 0);
    CHECK_EQ(multistring_add(&list, "again"), SC_OK); /* the limit is kept */
    multistring_clear(&list);
    multistring_clear(&list);
}

/* "ab" needs three bytes, and one more ends the whole. */
static void test_limits(void)
{
    for (size_t max = 0; max <= 12; max++) {
        struct multistring list;
        size_t fit = max >= 4 ? (max - 1) / 3 : 0;
        multistring_init(&list, max);
        for (size_t i = 0; i < 4; i++)
            CHECK_EQ(multistring_add(&list, "ab"), i < fit ? SC_OK : SC_E_NO_MEMORY);
        CHECK_EQ(list.size, fit != 0 ? 3 * fit + 1 : 0);
        CHECK(list.room <= max);
        if (fit != 0)
            CHECK_EQ(multistring_count(list.bytes), fit);
        multistring_clear(&list);
    }
}

/* The n-th allocation fails, for each n: what was added before stays. */
static void test_faults(void)
{
    uint32_t n = 0;
    size_t added = 0;
    while (added < 40) {
        struct multistring list;
        multistring_init(&list, 1000);
        mem_fail_at(++n);
        for (added = 0; added < 40; added++)
            if (multistring_add(&list, "reader") != SC_OK)
                break;
        mem_fail_at(0);
        CHECK_EQ(list.size, added != 0 ? 7 * added + 1 : 0);
        if (added != 0)
            CHECK_EQ(multistring_size(list.bytes, list.size), list.size);
        CHECK_EQ(multistring_add(&list, "reader"), SC_OK);
        multistring_clear(&list);
        if (n > 20)
            break;
    }
    CHECK(n > 3 && n < 10); /* it grows by doubling: few allocations */
}

int main(void)
{
    test_size();
    test_walk();
    test_build();
    test_limits();
    test_faults();
    return check_result();
}
