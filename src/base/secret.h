/* SPDX-License-Identifier: BSD-2-Clause */
/* Wiping what must not stay in memory: PINs, and commands that carry them; comparing
 * what must not be guessed. */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/* Overwrites with zeros, also where the compiler sees that nobody reads them. */
void secret_clear(void *bytes, size_t size);
/* Whether so many bytes are the same: takes as long whichever differ. */
bool secret_is_same(const void *a, const void *b, size_t size);

#endif
