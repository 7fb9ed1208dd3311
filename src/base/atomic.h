/* SPDX-License-Identifier: BSD-2-Clause */
/* The few atomic operations that are needed, over the compiler's builtins: <stdatomic.h>
 * is not on every compiler this project has in view. Loads acquire, stores release. */
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

/* Adds and returns the new value. */
static inline uint32_t atomic_add_u32(uint32_t *value, uint32_t amount)
{
    return __atomic_add_fetch(value, amount, __ATOMIC_ACQ_REL);
}

static inline uint32_t atomic_exchange_u32(uint32_t *value, uint32_t wanted)
{
    return __atomic_exchange_n(value, wanted, __ATOMIC_ACQ_REL);
}

static inline uint64_t atomic_load_u64(const uint64_t *value)
{
    return __atomic_load_n(value, __ATOMIC_ACQUIRE);
}

static inline void atomic_store_u64(uint64_t *value, uint64_t wanted)
{
    __atomic_store_n(value, wanted, __ATOMIC_RELEASE);
}

/* `value` is the address of an object pointer of any type. */
#define atomic_load_pointer(value) __atomic_load_n((value), __ATOMIC_ACQUIRE)
#define atomic_store_pointer(value, wanted)                                              \
    __atomic_store_n((value), (wanted), __ATOMIC_RELEASE)

#endif
