/* SPDX-License-Identifier: BSD-2-Clause */
/* Wiping that is not optimised away: through a volatile pointer. */
#include "base/secret.h"

void secret_clear(void *bytes, size_t size)
{
    volatile unsigned char *at = bytes;
    while (size-- > 0)
        *at++ = 0;
}
