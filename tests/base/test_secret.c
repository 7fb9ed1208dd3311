/* SPDX-License-Identifier: BSD-2-Clause */
/* Wiping: exactly the bytes it was given. That the compiler keeps it, tests/os
 * shows. */
#include "base/secret.h"

#include "tests/support/check.h"

int main(void)
{
    for (size_t start = 0; start < 8; start++) {
        for (size_t size = 0; size <= 24; size++) {
            unsigned char bytes[32];
            memset(bytes, 0x31, sizeof(bytes));
            secret_clear(bytes + start, size);
            for (size_t i = 0; i < sizeof(bytes); i++)
                CHECK_EQ(bytes[i], i >= start && i < start + size ? 0 : 0x31);
        }
    }
    return check_result();
}
