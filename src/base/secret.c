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

bool secret_is_same(const void *a, const void *b, size_t size)
{
    const volatile unsigned char *one = a, *other = b;
    unsigned differs = 0;
    for (size_t i = 0; i < size; i++)
        differs |= (unsigned)(one[i] ^ other[i]);
    return differs == 0;
}
