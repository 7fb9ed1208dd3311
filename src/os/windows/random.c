/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/windows/api.h"

#include "os/random.h"

#include <limits.h>
#include <ntsecapi.h>

/* RtlGenRandom, which needs no provider to be opened. */
enum sc_error os_random(void *bytes, size_t size)
{
    unsigned char *at = bytes;
    while (size > 0) {
        ULONG part = size < ULONG_MAX ? (ULONG)size : ULONG_MAX;
        if (!RtlGenRandom(at, part))
            return SC_F_INTERNAL_ERROR;
        at += part;
        size -= part;
    }
    return SC_OK;
}
