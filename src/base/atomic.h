/* SPDX-License-Identifier: BSD-2-Clause */
/* The few atomic operations that are needed, over the compiler's builtins: <stdatomic.h>
 * is not on every compiler this project has in view. Loads acquire, stores release, the
 * rest does both: what one thread wrote before a store, another sees after its load. */
#ifndef BASE_ATOMIC_H
#define BASE_ATOMIC_H

#include <stdbool.h>
#include <stdint.h>

static inline uint32_t atomic_load_u32(const uint32_t *value)
{
    return __atomic_load_n(value, __ATOMIC_ACQUIRE);
}

static inline void atomic_store_u32(uint32_t *value, uint32_t wanted)
{
    __atomic_store_n(value, wanted, __ATOMIC_RELEASE);
}

/* Adds and returns the new value; past the largest it begins at 0 again. */
static inline uint32_t atomic_add_u32(uint32_t *value, uint32_t amount)
{
    return __atomic_add_fetch(value, amount, __ATOMIC_ACQ_REL);
}

/* Subtracts and returns the new value; below 0 it goes on at the largest. */
static inline uint32_t atomic_sub_u32(uint32_t *value, uint32_t amount)
{
    return __atomic_sub_fetch(value, amount, __ATOMIC_ACQ_REL);
}

/* Returns what was there. */
static inline uint32_t atomic_exchange_u32(uint32_t *value, uint32_t wanted)
{
    return __atomic_exchange_n(value, wanted, __ATOMIC_ACQ_REL);
}

/* Writes `wanted` if `expected` is there, and says whether. Never fails by chance. */
static inline bool atomic_compare_exchange_u32(uint32_t *value, uint32_t expected,
                                               uint32_t wanted)
{
    return __atomic_compare_exchange_n(value, &expected, wanted, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_ACQUIRE);
}

/* The same for 64 bits. */
static inline uint64_t atomic_load_u64(const uint64_t *value)
{
    return __atomic_load_n(value, __ATOMIC_ACQUIRE);
}

static inline void atomic_store_u64(uint64_t *value, uint64_t wanted)
{
    __atomic_store_n(value, wanted, __ATOMIC_RELEASE);
}

static inline uint64_t atomic_add_u64(uint64_t *value, uint64_t amount)
{
    return __atomic_add_fetch(value, amount, __ATOMIC_ACQ_REL);
}

static inline uint64_t atomic_sub_u64(uint64_t *value, uint64_t amount)
{
    return __atomic_sub_fetch(value, amount, __ATOMIC_ACQ_REL);
}

static inline uint64_t atomic_exchange_u64(uint64_t *value, uint64_t wanted)
{
    return __atomic_exchange_n(value, wanted, __ATOMIC_ACQ_REL);
}

static inline bool atomic_compare_exchange_u64(uint64_t *value, uint64_t expected,
                                               uint64_t wanted)
{
    return __atomic_compare_exchange_n(value, &expected, wanted, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_ACQUIRE);
}

/* `value` is the address of a pointer of any type, to objects or functions. */
#define atomic_load_pointer(value) __atomic_load_n((value), __ATOMIC_ACQUIRE)
#define atomic_store_pointer(value, wanted)                                              \
    __atomic_store_n((value), (wanted), __ATOMIC_RELEASE)
/* What was there. */
#define atomic_exchange_pointer(value, wanted)                                           \
    __atomic_exchange_n((value), (wanted), __ATOMIC_ACQ_REL)
/* `expected` is the address of the pointer that is expected; when another is there, it is
 * written to *expected. Says whether `wanted` was written. */
#define atomic_compare_exchange_pointer(value, expected, wanted)                         \
    __atomic_compare_exchange_n((value), (expected), (wanted), false, __ATOMIC_ACQ_REL,  \
                                __ATOMIC_ACQUIRE)

#endif
