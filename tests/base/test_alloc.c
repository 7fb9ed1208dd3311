/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory: zeroed, checked for overflow, and failing where a test asks for it. */
#include "base/alloc.h"

#include "tests/support/check.h"

#include <stdbool.h>
#include <stdlib.h>

static void check_zeroed(size_t size)
{
    /* Dirty memory first, which the allocator is likely to hand out again. */
    unsigned char *memory = mem_alloc(size);
    CHECK(memory != NULL);
    if (memory == NULL)
        return;
    memset(memory, 0xA5, size);
    mem_free(memory);
    memory = mem_alloc(size);
    CHECK(memory != NULL);
    bool zero = true;
    for (size_t i = 0; memory != NULL && i < size; i++)
        zero = zero && memory[i] == 0;
    CHECK(zero);
    free(memory); /* the promise of the header: free() will do */
}

static void test_sizes(void)
{
    static const size_t sizes[] = {1, 2, 24, 25, 4096, 1 << 20};
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
        check_zeroed(sizes[i]);
    void *nothing = mem_alloc(0);
    CHECK(nothing != NULL);
    mem_free(nothing);
    mem_free(NULL);
}

static void test_array(void)
{
    volatile size_t huge = SIZE_MAX; /* or the compiler warns of what is tested here */
    uint64_t *numbers = mem_alloc_array(3, sizeof(*numbers));
    CHECK(numbers != NULL);
    if (numbers != NULL)
        CHECK_EQ(numbers[0] | numbers[1] | numbers[2], 0);
    mem_free(numbers);
    numbers = mem_alloc_array(0, sizeof(*numbers));
    CHECK(numbers != NULL);
    mem_free(numbers);
    numbers = mem_alloc_array(3, 0);
    CHECK(numbers != NULL);
    mem_free(numbers);
    CHECK(mem_alloc_array(huge, 2) == NULL);
    CHECK(mem_alloc_array(2, huge) == NULL);
    CHECK(mem_alloc_array(huge / 2 + 1, 2) == NULL); /* the product would be 0 */
    CHECK(mem_alloc_array(huge / 8 + 2, 8) == NULL); /* the product would be 8 */
}

static void test_resize(void)
{
    char *text = mem_copy_string("card");
    CHECK_STR(text, "card");
    char *longer = mem_resize(text, 1000);
    CHECK(longer != NULL);
    if (longer == NULL)
        return;
    CHECK_STR(longer, "card");
    memset(longer, 'x', 1000);
    mem_fail_at(1);
    CHECK(mem_resize(longer, 2000) == NULL);
    CHECK_EQ(longer[999], 'x'); /* the old one stays */
    char *shorter = mem_resize(longer, 0);
    CHECK(shorter != NULL);
    mem_free(shorter);
    char *made = mem_resize(NULL, 5);
    CHECK(made != NULL);
    mem_free(made);
}

/* The calls that fail among six, as bits. */
static unsigned failures_of_six(void)
{
    unsigned failed = 0;
    for (unsigned i = 0; i < 6; i++) {
        void *memory = i % 3 == 0   ? mem_alloc(8)
                       : i % 3 == 1 ? mem_copy_string("text")
                                    : mem_resize(NULL, 8);
        if (memory == NULL)
            failed |= 1U << i;
        mem_free(memory);
    }
    return failed;
}

static void test_faults(void)
{
    uint32_t before = mem_allocation_count();
    CHECK_EQ(failures_of_six(), 0);
    CHECK_EQ(mem_allocation_count() - before, 6);
    for (uint32_t n = 1; n <= 6; n++) {
        mem_fail_at(n);
        CHECK_EQ(failures_of_six(), 1U << (n - 1)); /* that one, and once */
        CHECK_EQ(failures_of_six(), 0);
    }
    CHECK_EQ(mem_allocation_count() - before, 6 + 6 * 12);
    mem_fail_at(7);
    CHECK_EQ(failures_of_six(), 0);
    mem_fail_at(0);
    CHECK_EQ(failures_of_six(), 0);
}

int main(void)
{
    test_sizes();
    test_array();
    test_resize();
    test_faults();
    return check_result();
}
