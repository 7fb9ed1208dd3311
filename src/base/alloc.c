/* SPDX-License-Identifier: BSD-2-Clause */
/* malloc with a counter, so that tests can make the n-th allocation fail. */
#include "base/alloc.h"

#include "base/atomic.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static uint32_t allocation_count;
static uint32_t fail_at; /* value of allocation_count that fails; 0: none */

static bool must_fail(void)
{
    uint32_t count = atomic_add_u32(&allocation_count, 1);
    uint32_t wanted = atomic_load_u32(&fail_at);
    return wanted != 0 && count == wanted;
}

void mem_fail_at(uint32_t n)
{
    atomic_store_u32(&fail_at, n == 0 ? 0 : atomic_load_u32(&allocation_count) + n);
}

uint32_t mem_allocation_count(void)
{
    return atomic_load_u32(&allocation_count);
}

/* Small memory is cleared here: glibc's calloc() does not use the thread's own cache,
 * which malloc() and free() use for that. */
void *mem_alloc(size_t size)
{
    enum { SMALL = 1024 };
    if (must_fail())
        return NULL;
    if (size == 0 || size > SMALL)
        return calloc(1, size != 0 ? size : 1);
    void *memory = malloc(size);
    return memory != NULL ? memset(memory, 0, size) : NULL;
}

void *mem_alloc_array(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    return mem_alloc(count * size);
}

void *mem_resize(void *memory, size_t size)
{
    return must_fail() ? NULL : realloc(memory, size != 0 ? size : 1);
}

char *mem_copy_string(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = mem_alloc(size);
    if (copy != NULL)
        memcpy(copy, text, size);
    return copy;
}

void mem_free(void *memory)
{
    free(memory);
}
