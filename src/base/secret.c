/* SPDX-License-Identifier: BSD-2-Clause */
/* Wiping at the speed of memset(), which cannot be left out: what is called is read from
 * a volatile pointer, so the compiler does not know that it is memset(). */
#include "base/secret.h"

#include <string.h>

typedef void *fill(void *bytes, int value, size_t size);

void secret_clear(void *bytes, size_t size)
{
    static fill *const volatile wipe = memset;
    if (size > 0)
        (void)wipe(bytes, 0, size);
}
