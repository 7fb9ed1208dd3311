/* SPDX-License-Identifier: BSD-2-Clause */
/* The endpoint's file, whole, cut and of other versions; what a token's proof is. */
#include "message/endpoint.h"

#include "base/hex.h"
#include "message/proof.h"
#include "tests/support/check.h"

#define TOKEN "0123456789abcdef0123456789abcdef"
#define GOOD  "winscard-endpoint 1\naddress 127.0.0.1\nport 40123\ntoken " TOKEN "\n"

static enum sc_error parse(const char *text, struct endpoint *endpoint)
{
    return endpoint_parse((const uint8_t *)text, strlen(text), endpoint);
}

static void test_whole(void)
{
    struct endpoint in = {.address = "127.0.0.1", .port = 40123, .token_size = 32}, out;
    char text[256];
    memcpy(in.token, TOKEN, in.token_size);
    size_t size = endpoint_print(&in, text, sizeof(text));
    CHECK_STR(text, GOOD);
    CHECK_EQ(size, strlen(GOOD));
    CHECK_EQ(endpoint_print(&in, text, size), 0);
    CHECK_EQ(parse(GOOD "later 5\n", &out), SC_OK);
    CHECK_STR(out.address, "127.0.0.1");
    CHECK_EQ(out.port, 40123);
    CHECK_EQ(out.token_size, 32);
    CHECK_MEM(out.token, TOKEN, 32);
    for (size_t cut = 0; cut < strlen(GOOD); cut++)
        CHECK_EQ(endpoint_parse((const uint8_t *)GOOD, cut, &out), SC_E_INVALID_VALUE);
}

static void test_others(void)
{
    static const char *const bad[] = {
        "",
        "\n",
        "winscard-endpoint\n",
        "winscard-endpoint \n",
        "winscard-endpoint  1\n",
        "winscard-endpoint 1\nport 40123\naddress 127.0.0.1\ntoken " TOKEN "\n",
        "winscard-endpoint 1\naddress \nport 40123\ntoken " TOKEN "\n",
        "winscard-endpoint 1\naddress 127.0.0.1 \nport 40123\ntoken " TOKEN "\n",
        "winscard-endpoint 1\naddress 127.0.0.1\nport 0\ntoken " TOKEN "\n",
        "winscard-endpoint 1\naddress 127.0.0.1\nport 65536\ntoken " TOKEN "\n",
        "winscard-endpoint 1\naddress 127.0.0.1\nport 4294967297\ntoken " TOKEN "\n",
        "winscard-endpoint 1\naddress 127.0.0.1\nport -1\ntoken " TOKEN "\n",
        "winscard-endpoint 1\naddress 127.0.0.1\nport 1\ntoken 0123456789abcdef\n",
        "winscard-endpoint 1\naddress 127.0.0.1\nport 1\ntoken " TOKEN TOKEN "0\n",
        "winscard-endpoint 1\r\naddress 127.0.0.1\r\nport 1\r\ntoken " TOKEN "\r\n",
        "winscard-endpoint 1\naddress "
        "0123456789012345678901234567890123456789012345678901234567890123\nport 1\n"
        "token " TOKEN "\n",
    };
    struct endpoint out;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK_EQ(parse(bad[i], &out), SC_E_INVALID_VALUE);
    CHECK_EQ(parse("winscard-endpoint 2\nsomething else\n", &out),
             SC_E_UNSUPPORTED_FEATURE);
    CHECK_EQ(parse("winscard-endpoint 10\n", &out), SC_E_UNSUPPORTED_FEATURE);
}

/* The digests are those of "openssl dgst -sha256 -hmac". */
static void test_proof(void)
{
    struct message_span token = message_text(TOKEN), other = message_text(TOKEN "0");
    uint8_t client[MESSAGE_NONCE_SIZE], service[MESSAGE_NONCE_SIZE];
    uint8_t one[MESSAGE_PROOF_SIZE], two[MESSAGE_PROOF_SIZE];
    char text[2 * MESSAGE_PROOF_SIZE + 1];
    memset(client, 'c', sizeof(client));
    memset(service, 's', sizeof(service));
    proof_make(token, PROOF_SERVICE, client, service, one);
    CHECK_EQ(hex_encode(one, sizeof(one), text, sizeof(text)), SC_OK);
    CHECK_STR(text, "64EE97BAF9AA113840082F566F6FEDE0D66916236290C2B48B4D58955316106F");
    proof_make(token, PROOF_CLIENT, client, service, two);
    CHECK_EQ(hex_encode(two, sizeof(two), text, sizeof(text)), SC_OK);
    CHECK_STR(text, "DE66EA27060A595BD5EB09B28B2F35E3E298F1175C5EDB6CF8B9AA242461BC1E");
    proof_make(other, PROOF_CLIENT, client, service, one);
    CHECK(memcmp(one, two, sizeof(one)) != 0);
    proof_make(token, PROOF_CLIENT, service, client, one);
    CHECK(memcmp(one, two, sizeof(one)) != 0);
}

int main(void)
{
    test_whole();
    test_others();
    test_proof();
    return check_result();
}
