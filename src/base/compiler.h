/* SPDX-License-Identifier: BSD-2-Clause */
/* The compiler attributes this project uses, and what they become elsewhere. */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

#include <assert.h>
#include <stddef.h>

#if defined(__GNUC__) || defined(__clang__)
#define MUST_CHECK        __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#else
#define MUST_CHECK
#define PRINTF_LIKE(f, a)
#endif

/* Which function locks what, for clang -Wthread-safety; arguments are the locks. LOCKS: it
 * is held at return, and was not before. UNLOCKS: the other way round. TRY_LOCKS(true, x):
 * x is held at return if that is true. NEEDS_LOCK: it is held before and after. */
#if defined(__clang__)
#define LOCK_TYPE       __attribute__((capability("mutex")))
#define LOCKS(...)      __attribute__((acquire_capability(__VA_ARGS__)))
#define UNLOCKS(...)    __attribute__((release_capability(__VA_ARGS__)))
#define TRY_LOCKS(...)  __attribute__((try_acquire_capability(__VA_ARGS__)))
#define NEEDS_LOCK(...) __attribute__((requires_capability(__VA_ARGS__)))
/* Its locks come by a way that clang does not follow; the comment there says which. */
#define LOCKS_UNSEEN __attribute__((no_thread_safety_analysis))
#else
#define LOCK_TYPE
#define LOCKS(...)
#define UNLOCKS(...)
#define TRY_LOCKS(...)
#define NEEDS_LOCK(...)
#define LOCKS_UNSEEN
#endif

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
/* The structure of `type` whose member `member` is *pointer. */
#define CONTAINER_OF(pointer, type, member)                                              \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* For what is looked at in checked builds alone, as it takes its time. */
#if defined(WINSCARD_CHECKED)
#define CHECKED(holds) assert(holds)
#else
#define CHECKED(holds) ((void)0)
#endif

#endif
