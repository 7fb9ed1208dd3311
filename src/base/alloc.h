/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory. Plain malloc underneath, without a header of our own: memory that an
 * application got by SCARD_AUTOALLOCATE is released by free() in many Unix programs. */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include "base/compiler.h"

#include <stddef.h>
#include <stdint.h>

/* Zeroed memory, or NULL. Of size 0: a pointer that may be freed. */
void *mem_alloc(size_t size) MUST_CHECK;
/* The same for count * size bytes; NULL when that overflows. */
void *mem_alloc_array(size_t count, size_t size) MUST_CHECK;
/* Grows or shrinks; what is new is not zeroed. On failure NULL, and the old stays. */
void *mem_resize(void *memory, size_t size) MUST_CHECK;
/* A copy of NUL-terminated text, or NULL. */
char *mem_copy_string(const char *text) MUST_CHECK;
void mem_free(void *memory);

/* For tests: the n-th allocation from now on fails, once; 0 switches it off. */
void mem_fail_at(uint32_t n);
/* Allocations so far, failed ones too. */
uint32_t mem_allocation_count(void);

#endif
