/* SPDX-License-Identifier: BSD-2-Clause */
/* Wiping, exactly the bytes it was given (that the compiler keeps it, tests/os shows), and
 * comparing, each of them. */
#include "base/secret.h"

#include "tests/support/check.h"

static void test_same(void)
{
    const char one[] = "0123456789", other[] = "0123456789";
    char changed[sizeof(one)];
    CHECK(secret_is_same(one, other, sizeof(one)));
    CHECK(secret_is_same(one, NULL, 0));
    for (size_t i = 0; i < sizeof(one); i++) {
        for (unsigned bit = 1; bit < 256; bit <<= 1) {
            memcpy(changed, one, sizeof(one));
            changed[i] = (char)(changed[i] ^ (char)bit);
            CHECK(!secret_is_same(one, changed, sizeof(one)));
        }
    }
}

int main(void)
{
    test_same();
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
