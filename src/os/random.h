/* SPDX-License-Identifier: BSD-2-Clause */
/* Random bytes. */
#ifndef OS_RANDOM_H
#define OS_RANDOM_H

#include "base/compiler.h"
#include "base/error.h"

#include <stddef.h>

/* Random bytes fit for keys and challenges. Errors: SC_F_INTERNAL_ERROR. */
enum sc_error os_random(void *bytes, size_t size) MUST_CHECK;

#endif
