/* SPDX-License-Identifier: BSD-2-Clause */
/* Wiping what must not stay in memory: PINs, and commands that carry them. */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stddef.h>

/* Overwrites with zeros, also where the compiler sees that nobody reads them. */
void secret_clear(void *bytes, size_t size);

#endif
