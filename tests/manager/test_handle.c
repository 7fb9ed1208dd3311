/* SPDX-License-Identifier: BSD-2-Clause */
/* Handle numbers: the limit, reuse, and that a number given back does not come again
 * soon. */
#include "manager/handle.h"
#include "tests/support/check.h"

static void check_limit(void)
{
    struct handle_table table;
    uint32_t handle[3], more;
    CHECK_EQ(handle_table_init(&table, HANDLE_CARD, 3, 7), SC_OK);
    for (uint32_t i = 0; i < 3; i++) {
        CHECK_EQ(handle_take(&table, &handle[i]), SC_OK);
        CHECK_EQ(handle_index(handle[i], HANDLE_CARD), i);
        CHECK_EQ(handle_index(handle[i], HANDLE_CONTEXT), UINT32_MAX);
        CHECK(handle[i] != 0 && handle[i] <= 0x7FFFFFFF);
    }
    CHECK_EQ(handle_take(&table, &more), SC_E_NO_MEMORY);
    handle_give(&table, handle[1]);
    CHECK_EQ(handle_take(&table, &more), SC_OK);
    CHECK_EQ(handle_index(more, HANDLE_CARD), 1);
    CHECK(more != handle[1]);
    handle_table_clear(&table);
}

/* An index rests as long as others are free, and comes back under 16,384 numbers. */
static void check_reuse(void)
{
    struct handle_table table;
    uint32_t first, handle, order[4];
    CHECK_EQ(handle_table_init(&table, HANDLE_CONTEXT, 4, 0), SC_OK);
    for (uint32_t i = 0; i < 4; i++)
        CHECK_EQ(handle_take(&table, &order[i]), SC_OK);
    for (uint32_t i = 0; i < 4; i++)
        handle_give(&table, order[i]);
    CHECK_EQ(handle_take(&table, &first), SC_OK);
    CHECK_EQ(handle_index(first, HANDLE_CONTEXT), 0); /* the one that rested longest */
    handle = first;
    for (uint32_t i = 1; i < 4 * 16384; i++) {
        handle_give(&table, handle);
        CHECK_EQ(handle_take(&table, &handle), SC_OK);
        CHECK(handle != first);
    }
    handle_give(&table, handle);
    CHECK_EQ(handle_take(&table, &handle), SC_OK);
    CHECK_EQ(handle, first); /* 65,536 connections later */
    handle_table_clear(&table);
}

static void check_salt(void)
{
    struct handle_table parent, child;
    uint32_t a, b;
    CHECK_EQ(handle_table_init(&parent, HANDLE_CARD, 8, 0), SC_OK);
    CHECK_EQ(handle_table_init(&child, HANDLE_CARD, 8, 0x1357), SC_OK);
    CHECK_EQ(handle_take(&parent, &a), SC_OK);
    CHECK_EQ(handle_take(&child, &b), SC_OK);
    CHECK(a != b);
    handle_table_clear(&parent);
    handle_table_clear(&child);
}

int main(void)
{
    check_limit();
    check_reuse();
    check_salt();
    return check_result();
}
