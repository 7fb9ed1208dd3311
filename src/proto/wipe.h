/* SPDX-License-Identifier: BSD-2-Clause */
/* How the engines wipe a command, which may hold a PIN, from their own buffers. */
#ifndef PROTO_WIPE_H
#define PROTO_WIPE_H

#include <stddef.h>
#include <stdint.h>

/* Zeroes bytes in a way that the compiler may not leave out. */
static inline void wipe_bytes(uint8_t *bytes, size_t size)
{
    volatile uint8_t *at = bytes;
    while (size-- != 0)
        *at++ = 0;
}

#endif
