/* SPDX-License-Identifier: BSD-2-Clause */
/* The compiler attributes this project uses, and what they become elsewhere. */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

#include <stddef.h>

#if defined(__GNUC__) || defined(__clang__)
#define MUST_CHECK        __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#else
#define MUST_CHECK
#define PRINTF_LIKE(f, a)
#endif

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
/* The structure of `type` whose member `member` is *pointer. */
#define CONTAINER_OF(pointer, type, member)                                              \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
