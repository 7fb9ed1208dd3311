/* SPDX-License-Identifier: BSD-2-Clause */
/* What no library would say to the service: garbage, half messages, two at once, no
 * hello, handles of others. Each time a client that behaves goes on beside it. */
#include "tests/support/raw.h"

#include "base/alloc.h"
#include "os/time.h"
#include "tests/support/check.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define OWN    "Fake Reader 0" /* of the client that behaves: others reset their card */
#define READER "Fake Reader 1"
#define OTHER  "Fake Reader 2"
#define TOKEN  "0123456789abcdef"

static struct running service;
static struct raw good; /* the client that behaves */
static uint32_t good_context, good_card;

static void check_good(void)
{
    CHECK_EQ(raw_simple(&good, MESSAGE_check_context, good_context), SC_OK);
    CHECK_EQ(raw_transmit(&good, good_card), SC_OK);
}

static struct raw *new_raw(void)
{
    struct raw *raw = calloc(1, sizeof(*raw));
    if (raw == NULL)
        abort();
    return raw;
}

static void end_raw(struct raw *raw)
{
    raw_close(raw);
    free(raw);
}

/* --- Hello -------------------------------------------------------------------------- */

static void test_no_hello(void)
{
    struct raw *raw = new_raw();
    for (uint16_t call = 2; call < 30; call++) {
        CHECK(raw_connect(raw, service.path));
        raw_begin(raw);
        message_put_u32(&raw->writer, good_context);
        CHECK(raw_end(raw, call));
        uint32_t error = raw_receive(raw);
        CHECK_EQ(error, call < MESSAGE_CALL_END ? SC_W_SECURITY_VIOLATION
                                                : SC_E_UNSUPPORTED_FEATURE);
        /* It may still say who it is. */
        CHECK_EQ(raw_hello(raw, NULL, NULL), SC_OK);
        raw_close(raw);
    }
    CHECK(raw_connect(raw, service.path));
    raw_begin(raw); /* more than a hello has, before it */
    raw->writer.size += 1000;
    (void)raw_end(raw, MESSAGE_hello);
    CHECK_EQ(raw_receive(raw), RAW_GONE);
    end_raw(raw);
    check_good();
}

static void test_hellos(void)
{
    static const uint8_t wrong[MESSAGE_SESSION_SIZE] = {1, 2, 3};
    struct raw *raw = new_raw();
    CHECK(raw_connect(raw, service.path));
    RAW_REQUEST(raw, hello, .version_min = MESSAGE_VERSION + 1, .version_max = 99);
    CHECK_EQ(raw_receive(raw), SC_E_UNSUPPORTED_FEATURE);
    RAW_REQUEST(raw, hello, .version_min = 0, .version_max = 0);
    CHECK_EQ(raw_receive(raw), SC_E_UNSUPPORTED_FEATURE);
    CHECK_EQ(raw_hello(raw, wrong, NULL), SC_E_SERVICE_STOPPED);
    RAW_REQUEST(raw, hello, .version_min = 1, .version_max = 1, .session = {wrong, 5});
    CHECK_EQ(raw_receive(raw), SC_E_INVALID_PARAMETER);
    CHECK_EQ(raw_hello(raw, NULL, NULL), SC_OK);
    CHECK_EQ(raw_hello(raw, NULL, NULL), SC_E_INVALID_PARAMETER); /* once */
    CHECK(raw_establish(raw) != 0);
    end_raw(raw);
    check_good();
}

static void test_token(void)
{
    static const char *const wrong[] = {"", "0", "0123456789abcdeF", "0123456789abcdef0"};
    struct raw *raw = new_raw();
    CHECK(raw_connect_tcp(raw, service.tcp_port));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        CHECK_EQ(raw_hello(raw, NULL, wrong[i]), SC_W_SECURITY_VIOLATION);
    CHECK_EQ(raw_hello(raw, good.session, NULL), SC_W_SECURITY_VIOLATION);
    RAW_REQUEST(raw, establish, .abi = 0);
    CHECK_EQ(raw_receive(raw), SC_W_SECURITY_VIOLATION);
    CHECK_EQ(raw_hello(raw, NULL, TOKEN), SC_OK);
    CHECK(raw_establish(raw) != 0);
    end_raw(raw);
    check_good();
}

/* Each side proves that it knows the token, and nobody can say again what another said. */
static void test_challenge(void)
{
    uint8_t nonce[MESSAGE_NONCE_SIZE] = {7};
    struct message_response_challenge reply;
    struct raw *raw = new_raw();
    CHECK(raw_connect_tcp(raw, service.tcp_port));
    CHECK_EQ(raw_prove(raw, NULL, TOKEN), SC_OK);
    CHECK(raw_establish(raw) != 0);
    RAW_REQUEST(raw, challenge, .nonce = {nonce, sizeof(nonce)}); /* it is in */
    CHECK_EQ(raw_receive(raw), SC_E_INVALID_PARAMETER);
    raw_close(raw);
    CHECK(raw_connect_tcp(raw, service.tcp_port));
    CHECK_EQ(raw_prove(raw, NULL, "0123456789abcdeF"), SC_E_COMM_DATA_LOST);
    CHECK_EQ(raw_prove(raw, NULL, TOKEN), SC_E_INVALID_PARAMETER); /* one each */
    CHECK_EQ(raw_hello(raw, NULL, NULL), SC_W_SECURITY_VIOLATION);
    CHECK_EQ(raw_hello(raw, NULL, TOKEN), SC_OK); /* older clients send it */
    raw_close(raw);
    /* The service's proof is none of the client's. */
    CHECK(raw_connect_tcp(raw, service.tcp_port));
    RAW_REQUEST(raw, challenge, .nonce = {nonce, sizeof(nonce) - 1});
    CHECK_EQ(raw_receive(raw), SC_E_INVALID_PARAMETER);
    RAW_REQUEST(raw, challenge, .nonce = {nonce, sizeof(nonce)});
    CHECK_EQ(raw_receive(raw), SC_OK);
    CHECK(message_get_response_challenge(&raw->reader, &reply));
    uint8_t *proof = malloc(MESSAGE_PROOF_SIZE);
    if (proof == NULL)
        abort();
    memcpy(proof, reply.proof.bytes, MESSAGE_PROOF_SIZE);
    RAW_REQUEST(raw, hello, .version_min = 1, .version_max = 1,
                .token = {proof, MESSAGE_PROOF_SIZE});
    CHECK_EQ(raw_receive(raw), SC_W_SECURITY_VIOLATION);
    free(proof);
    raw_close(raw);
    /* By a Unix socket the kernel says who it is. */
    CHECK(raw_connect(raw, service.path));
    CHECK_EQ(raw_prove(raw, NULL, TOKEN), SC_W_SECURITY_VIOLATION);
    end_raw(raw);
    check_good();
}

/* --- Handles of others -------------------------------------------------------------- */

static void test_foreign_handles(void)
{
    static const uint16_t of_context[] = {MESSAGE_release, MESSAGE_check_context,
                                          MESSAGE_cancel};
    static const uint16_t of_card[] = {MESSAGE_begin, MESSAGE_end, MESSAGE_disconnect};
    struct raw *raw = new_raw();
    CHECK(raw_open(raw, service.path));
    uint32_t own = raw_establish(raw);
    for (size_t i = 0; i < 3; i++) {
        CHECK_EQ(raw_simple(raw, of_context[i], good_context), SC_E_INVALID_HANDLE);
        CHECK_EQ(raw_simple(raw, of_card[i], good_card), SC_E_INVALID_HANDLE);
    }
    CHECK_EQ(raw_transmit(raw, good_card), SC_E_INVALID_HANDLE);
    CHECK_EQ(raw_card(raw, good_context, READER), 0);
    raw_request_watch(raw, good_context, READER, 0, 0);
    CHECK_EQ(raw_receive(raw), SC_E_INVALID_HANDLE);
    RAW_REQUEST(raw, list_readers, .context = good_context);
    CHECK_EQ(raw_receive(raw), SC_E_INVALID_HANDLE);
    RAW_REQUEST(raw, card_status, .card = good_card);
    CHECK_EQ(raw_receive(raw), SC_E_INVALID_HANDLE);
    RAW_REQUEST(raw, get_attribute, .card = good_card);
    CHECK_EQ(raw_receive(raw), SC_E_INVALID_HANDLE);
    RAW_REQUEST(raw, control, .card = good_card, .code = 0x00312000);
    CHECK_EQ(raw_receive(raw), SC_E_INVALID_HANDLE);
    RAW_REQUEST(raw, set_attribute, .card = good_card);
    CHECK_EQ(raw_receive(raw), SC_E_INVALID_HANDLE);
    RAW_REQUEST(raw, reconnect, .card = good_card, .share = 2, .protocols = 3);
    CHECK_EQ(raw_receive(raw), SC_E_INVALID_HANDLE);
    /* Contexts are no cards, nor the other way round. */
    CHECK_EQ(raw_transmit(raw, own), SC_E_INVALID_HANDLE);
    CHECK_EQ(raw_simple(&good, MESSAGE_release, good_card), SC_E_INVALID_HANDLE);
    for (uint32_t i = 0; i < 64; i++) {
        uint32_t handle = (uint32_t)rand() << (i % 16);
        CHECK_EQ(raw_simple(raw, MESSAGE_begin, handle), SC_E_INVALID_HANDLE);
    }
    end_raw(raw);
    check_good();
}

/* Values that the calls' own checks never let through. */
static void test_wild_values(void)
{
    static const uint32_t wild[] = {0, 4, 5, 99, 0x80000000, 0xFFFFFFFF};
    struct raw *raw = new_raw();
    CHECK(raw_open(raw, service.path));
    uint32_t context = raw_establish(raw);
    for (size_t i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
        for (size_t j = 0; j < sizeof(wild) / sizeof(wild[0]); j++) {
            RAW_REQUEST(raw, connect, .context = context,
                        .reader = {(const uint8_t *)OTHER, strlen(OTHER)},
                        .share = wild[i], .protocols = wild[j], .flags = wild[j]);
            CHECK(raw_receive(raw) != RAW_GONE);
            uint32_t card = raw_card(raw, context, OTHER);
            RAW_REQUEST(raw, reconnect, .card = card, .share = wild[i],
                        .protocols = wild[j], .flags = wild[i], .disposition = wild[j]);
            CHECK(raw_receive(raw) != RAW_GONE);
            CHECK(raw_simple(raw, MESSAGE_begin, card) != RAW_GONE);
            RAW_REQUEST(raw, end, .card = card, .disposition = wild[i]);
            CHECK(raw_receive(raw) != RAW_GONE);
            RAW_REQUEST(raw, transmit, .card = card, .protocols = wild[i],
                        .room = wild[j]);
            CHECK(raw_receive(raw) != RAW_GONE);
            RAW_REQUEST(raw, control, .card = card, .code = wild[i], .room = wild[j]);
            CHECK(raw_receive(raw) != RAW_GONE);
            RAW_REQUEST(raw, get_attribute, .card = card, .id = wild[i],
                        .style = wild[j]);
            CHECK(raw_receive(raw) != RAW_GONE);
            RAW_REQUEST(raw, card_status, .card = card, .style = wild[j]);
            CHECK(raw_receive(raw) != RAW_GONE);
            RAW_REQUEST(raw, disconnect, .card = card, .disposition = wild[i]);
            CHECK(raw_receive(raw) != RAW_GONE);
            RAW_REQUEST(raw, list_readers, .context = context, .style = wild[i]);
            CHECK(raw_receive(raw) != RAW_GONE);
            RAW_REQUEST(raw, watch, .context = context, .rule = wild[i],
                        .count = wild[j]);
            CHECK(raw_receive(raw) != RAW_GONE);
        }
    }
    end_raw(raw);
    check_good();
}

/* Many entries, none, more than there are, fewer, and too short ones. */
static void test_watch_lists(void)
{
    struct raw *raw = new_raw();
    uint8_t zeros[8 * 100] = {0};
    CHECK(raw_open(raw, service.path));
    uint32_t context = raw_establish(raw);
    for (uint32_t count = 0; count < 103; count++) {
        RAW_REQUEST(raw, watch, .context = context, .count = count,
                    .entries = {zeros, sizeof(zeros)});
        uint32_t error = raw_receive(raw);
        CHECK(error != RAW_GONE);
        if (count != 100)
            CHECK(error == SC_E_INVALID_PARAMETER);
    }
    for (size_t size = 0; size < 17; size++) {
        RAW_REQUEST(raw, watch, .context = context, .count = 2, .entries = {zeros, size});
        CHECK((raw_receive(raw) == SC_E_INVALID_PARAMETER) == (size != 16));
    }
    end_raw(raw);
    check_good();
}

/* --- Bytes -------------------------------------------------------------------------- */

static void test_garbage(void)
{
    struct raw *raw = new_raw();
    uint8_t bytes[256];
    srand(1);
    for (int round = 0; round < 400; round++) {
        bool hello = round % 2 == 0;
        CHECK(hello ? raw_open(raw, service.path) : raw_connect(raw, service.path));
        size_t size = (size_t)(rand() % (int)sizeof(bytes));
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)rand();
        if (round % 4 < 2 && size >= MESSAGE_HEADER_SIZE) { /* a header that may be */
            bytes[0] = (uint8_t)(size - MESSAGE_HEADER_SIZE);
            bytes[1] = bytes[2] = bytes[3] = bytes[5] = 0;
            bytes[4] %= 24;
        }
        (void)raw_send(raw, bytes, size);
        if (round % 8 == 0)
            (void)shutdown(raw->fd, SHUT_WR);
        raw_close(raw);
    }
    free(raw);
    check_good();
}

/* A message in pieces of one byte is one all the same. */
static void test_pieces(void)
{
    struct raw *raw = new_raw();
    CHECK(raw_open(raw, service.path));
    struct message_request_establish ask = {0};
    raw_begin(raw);
    message_put_request_establish(&raw->writer, &ask);
    int fd = raw->fd;
    raw->fd = -1; /* the header only */
    (void)raw_end(raw, MESSAGE_establish);
    raw->fd = fd;
    for (size_t i = 0; i < raw->writer.size; i++) {
        CHECK(raw_send(raw, raw->out + i, 1));
        usleep(200);
    }
    CHECK_EQ(raw_receive(raw), SC_OK);
    end_raw(raw);
}

static void test_oversized(void)
{
    static const uint32_t sizes[] = {MESSAGE_REQUEST_MAX + 1, 0x7FFFFFFF, 0x80000000,
                                     0xFFFFFFFF, 0xFFFFFFF4};
    struct raw *raw = new_raw();
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct message_header header = {.size = sizes[i], .call = MESSAGE_watch};
        CHECK(raw_open(raw, service.path));
        raw_begin(raw);
        raw->writer.size = 0;
        message_put_header(&raw->writer, &header);
        CHECK(raw_send(raw, raw->out, MESSAGE_HEADER_SIZE));
        CHECK_EQ(raw_receive(raw), RAW_GONE);
        raw_close(raw);
    }
    free(raw);
    check_good();
}

/* Two asks at once are no protocol, whether the first one waits or not. */
static void test_pipelined(void)
{
    struct raw *raw = new_raw();
    uint8_t twice[2 * (MESSAGE_HEADER_SIZE + 4)];
    for (int parked = 0; parked < 2; parked++) {
        CHECK(raw_open(raw, service.path));
        uint32_t context = raw_establish(raw);
        if (parked) {
            raw_request_watch(raw, context, READER, 0x20, OS_FOREVER);
            if (raw_has_reply(raw, 20)) { /* what it is now, first */
                (void)raw_receive(raw);
                raw_request_watch(raw, context, "\\\\?PnP?\\Notification", 2 << 16,
                                  OS_FOREVER);
            }
        }
        raw_begin(raw);
        message_put_u32(&raw->writer, context);
        int fd = raw->fd;
        raw->fd = -1;
        (void)raw_end(raw, MESSAGE_check_context);
        raw->fd = fd;
        memcpy(twice, raw->out, sizeof(twice) / 2);
        memcpy(twice + sizeof(twice) / 2, raw->out, sizeof(twice) / 2);
        (void)raw_send(raw, twice, sizeof(twice));
        uint32_t error = raw_receive(raw);
        CHECK(error == RAW_GONE);
        raw_close(raw);
    }
    free(raw);
    check_good();
}

static void test_half_closed(void)
{
    struct raw *raw = new_raw();
    CHECK(raw_open(raw, service.path));
    CHECK(raw_send(raw, "\4\0\0\0", 4));
    (void)shutdown(raw->fd, SHUT_WR);
    CHECK_EQ(raw_receive(raw), RAW_GONE);
    end_raw(raw);
    check_good();
}

/* The server is without memory once, at each point of a client's life. */
static void test_no_memory(void)
{
    struct raw *raw = new_raw();
    for (uint32_t n = 1; n < 40; n++) {
        mem_fail_at(n);
        if (raw_open(raw, service.path)) {
            uint32_t context = raw_establish(raw);
            uint32_t card = context != 0 ? raw_card(raw, context, READER) : 0;
            if (card != 0)
                (void)raw_transmit(raw, card);
            RAW_REQUEST(raw, list_readers, .context = context);
            (void)raw_receive(raw);
            raw_request_watch(raw, context, READER, 0, 0);
            (void)raw_receive(raw);
        }
        mem_fail_at(0);
        raw_close(raw);
    }
    free(raw);
    check_good();
}

/* A request has status 0; it is looked at, and the connection goes on. */
static void test_status_of_request(void)
{
    uint8_t bytes[MESSAGE_HEADER_SIZE];
    struct message_writer writer = {.bytes = bytes, .room = sizeof(bytes)};
    struct message_header header = {.call = MESSAGE_establish, .status = 7, .serial = 5};
    struct raw *raw = calloc(1, sizeof(*raw));
    message_put_header(&writer, &header);
    CHECK(raw_open(raw, service.path));
    CHECK(raw_send(raw, bytes, sizeof(bytes)));
    CHECK_EQ(raw_receive(raw), SC_E_INVALID_PARAMETER);
    CHECK(raw_establish(raw) != 0);
    raw_close(raw);
    free(raw);
}

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?count=3&cards=1", 1);
    if (!running_start(&service, TOKEN))
        return 1;
    CHECK(raw_open(&good, service.path));
    good_context = raw_establish(&good);
    good_card = raw_card(&good, good_context, OWN);
    CHECK(good_card != 0);
    check_good();
    test_no_hello();
    test_hellos();
    test_status_of_request();
    test_token();
    test_challenge();
    test_foreign_handles();
    test_wild_values();
    test_watch_lists();
    test_garbage();
    test_pieces();
    test_oversized();
    test_pipelined();
    test_half_closed();
    test_no_memory();
    raw_close(&good);
    CHECK(running_stop(&service) < 4000);
    return check_result();
}
