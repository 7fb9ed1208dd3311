/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256 and HMAC against what NIST and RFC 4231 publish. */
#include "base/sha256.h"

#include "base/hex.h"
#include "tests/support/check.h"

#include <stdlib.h>

static void check_hash(const void *bytes, size_t size, const char *want)
{
    struct sha256 hash;
    uint8_t digest[SHA256_SIZE];
    char text[2 * SHA256_SIZE + 1];
    for (size_t step = 1; step < 200; step += 63) { /* in pieces it is the same */
        sha256_begin(&hash);
        for (size_t at = 0; at < size; at += step)
            sha256_add(&hash, (const char *)bytes + at,
                       size - at < step ? size - at : step);
        sha256_end(&hash, digest);
        CHECK_EQ(hex_encode(digest, sizeof(digest), text, sizeof(text)), SC_OK);
        CHECK_STR(text, want);
    }
}

/* NIST, "Examples with Intermediate Values", SHA-256; and its long message test of a
 * million times "a". */
static void test_hash(void)
{
    const char *two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    char *million = malloc(1000000);
    check_hash("abc", 3,
               "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD");
    check_hash("", 0, "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855");
    check_hash(two, strlen(two),
               "248D6A61D20638B8E5C026930C3E6039A33CE45964FF2167F6ECEDD419DB06C1");
    if (million == NULL)
        abort();
    memset(million, 'a', 1000000);
    check_hash(million, 1000000,
               "CDC76E5C9914FB9281A1C7E284D73E67F1809A48A497200E046D39CCC7112CD0");
    free(million);
}

static void check_hmac(const void *key, size_t key_size, const void *bytes, size_t size,
                       const char *want)
{
    struct hmac hmac;
    uint8_t digest[SHA256_SIZE];
    char text[2 * SHA256_SIZE + 1];
    hmac_begin(&hmac, key, key_size);
    hmac_add(&hmac, bytes, size / 2);
    hmac_add(&hmac, (const char *)bytes + size / 2, size - size / 2);
    hmac_end(&hmac, digest);
    CHECK_EQ(hex_encode(digest, sizeof(digest), text, sizeof(text)), SC_OK);
    CHECK_STR(text, want);
}

/* RFC 4231, 4.2 to 4.4, 4.7 and 4.8: keys shorter and longer than a block. */
static void test_hmac(void)
{
    uint8_t key[131], fifty[50];
    const char *large = "Test Using Larger Than Block-Size Key - Hash Key First";
    const char *both =
        "This is a test using a larger than block-size key and a larger than block-size "
        "data. The key needs to be hashed before being used by the HMAC algorithm.";
    memset(key, 0x0b, 20);
    check_hmac(key, 20, "Hi There", 8,
               "B0344C61D8DB38535CA8AFCEAF0BF12B881DC200C9833DA726E9376C2E32CFF7");
    check_hmac("Jefe", 4, "what do ya want for nothing?", 28,
               "5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843");
    memset(key, 0xaa, sizeof(key));
    memset(fifty, 0xdd, sizeof(fifty));
    check_hmac(key, 20, fifty, sizeof(fifty),
               "773EA91E36800E46854DB8EBD09181A72959098B3EF8C122D9635514CED565FE");
    check_hmac(key, sizeof(key), large, strlen(large),
               "60E431591EE0B67F0D8A26AACBF5B77F8E0BC6213728C5140546040F0EE37F54");
    check_hmac(key, sizeof(key), both, strlen(both),
               "9B09FFA71B942FCB27635FBCD5B0E944BFDC63644F0713938A7F51535C3A35E2");
}

int main(void)
{
    test_hash();
    test_hmac();
    return check_result();
}
