/* SPDX-License-Identifier: BSD-2-Clause */
/* What the atomic operations return, in one thread; tests/os has them in several. */
#include "base/atomic.h"

#include "tests/support/check.h"

#include <stddef.h>

static void test_u32(void)
{
    uint32_t value = 0;
    atomic_store_u32(&value, UINT32_MAX);
    CHECK_EQ(atomic_load_u32(&value), UINT32_MAX);
    CHECK_EQ(atomic_add_u32(&value, 3), 2); /* wraps */
    CHECK_EQ(atomic_sub_u32(&value, 1), 1);
    CHECK_EQ(atomic_sub_u32(&value, 2), UINT32_MAX);
    CHECK_EQ(atomic_exchange_u32(&value, 5), UINT32_MAX);
    CHECK(!atomic_compare_exchange_u32(&value, 4, 6));
    CHECK_EQ(atomic_load_u32(&value), 5);
    CHECK(atomic_compare_exchange_u32(&value, 5, 6));
    CHECK_EQ(atomic_load_u32(&value), 6);
}

static void test_u64(void)
{
    uint64_t value = 0;
    atomic_store_u64(&value, UINT64_MAX);
    CHECK_EQ(atomic_load_u64(&value), UINT64_MAX);
    CHECK_EQ(atomic_add_u64(&value, 0x100000001U), 0x100000000U);
    CHECK_EQ(atomic_sub_u64(&value, 1), UINT32_MAX); /* both halves change */
    CHECK_EQ(atomic_exchange_u64(&value, 0x500000005U), UINT32_MAX);
    CHECK(!atomic_compare_exchange_u64(&value, 5, 6)); /* one half alone is equal */
    CHECK_EQ(atomic_load_u64(&value), 0x500000005U);
    CHECK(atomic_compare_exchange_u64(&value, 0x500000005U, 6));
    CHECK_EQ(atomic_load_u64(&value), 6);
}

static int answer(void)
{
    return 42;
}

static void test_pointers(void)
{
    int a = 1, b = 2;
    int *pointer = NULL;
    int *expected = &b;
    atomic_store_pointer(&pointer, &a);
    CHECK(atomic_load_pointer(&pointer) == &a);
    CHECK(!atomic_compare_exchange_pointer(&pointer, &expected, &b));
    CHECK(expected == &a);
    CHECK(atomic_compare_exchange_pointer(&pointer, &expected, &b));
    CHECK(atomic_exchange_pointer(&pointer, &a) == &b);
    CHECK(pointer == &a);

    int (*function)(void) = NULL, (*none)(void) = NULL;
    CHECK(atomic_compare_exchange_pointer(&function, &none, answer));
    CHECK_EQ(function(), 42);
}

int main(void)
{
    test_u32();
    test_u64();
    test_pointers();
    return check_result();
}
