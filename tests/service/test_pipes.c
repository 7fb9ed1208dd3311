/* SPDX-License-Identifier: BSD-2-Clause */
/* Pipes beside a client's TCP connection: calls by both, and clients that open one alone,
 * write half a request, read nothing, say things on both, or go. Each time another client
 * goes on, and in the end nothing is left: no file, no descriptor. */
#include "base/alloc.h"
#include "os/time.h"
#include "service/account.h"
#include "service/connection.h"
#include "tests/support/check.h"
#include "tests/support/raw.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define OWN    "Fake Reader 0"
#define READER "Fake Reader 1"
#define TOKEN  "0123456789abcdef"

static struct running service;
static struct raw good;
static uint32_t good_card;

static unsigned count_files(const char *directory, const char *start)
{
    unsigned count = 0;
    DIR *all = opendir(directory);
    struct dirent *entry;
    while (all != NULL && (entry = readdir(all)) != NULL)
        count += strncmp(entry->d_name, start, strlen(start)) == 0 ? 1 : 0;
    if (all != NULL)
        closedir(all);
    return count;
}

static struct raw *new_client(void)
{
    struct raw *raw = calloc(1, sizeof(*raw));
    if (raw == NULL)
        abort();
    CHECK(raw_connect_tcp(raw, service.tcp_port));
    CHECK_EQ(raw_prove(raw, NULL, TOKEN), SC_OK);
    return raw;
}

/* The service closes the connection; by the socket, as pipes do not tell. */
static void check_gone(struct raw *raw)
{
    close(raw->pipe_in);
    close(raw->pipe_out);
    raw->pipe_in = raw->pipe_out = 0;
    CHECK_EQ(raw_receive(raw), RAW_GONE);
}

static void end_client(struct raw *raw)
{
    raw_close(raw);
    free(raw);
    CHECK(running_settles(&service, 1));
    CHECK_EQ(count_files(service.directory, "pipe-"), 0);
    CHECK_EQ(raw_transmit(&good, good_card), SC_OK);
}

/* --- Clients that behave ------------------------------------------------------------ */

static void test_calls(void)
{
    struct raw *raw = new_client();
    uint32_t context = raw_establish(raw);
    CHECK_EQ(raw_pipes(raw), SC_OK);
    CHECK_EQ(count_files(service.directory, "pipe-"), 2);
    uint32_t card = raw_card(raw, context, READER);
    CHECK(card != 0);
    CHECK_EQ(count_files(service.directory, "pipe-"), 0); /* nobody else gets in */
    for (int i = 0; i < 100; i++)
        CHECK_EQ(raw_transmit(raw, card), SC_OK);
    /* Each call by the way that the client likes. */
    int in = raw->pipe_in, out = raw->pipe_out;
    for (int i = 0; i < 100; i++) {
        raw->pipe_in = i % 3 == 0 ? 0 : in;
        raw->pipe_out = i % 3 == 0 ? 0 : out;
        CHECK_EQ(raw_transmit(raw, card), SC_OK);
        CHECK_EQ(raw_simple(raw, MESSAGE_check_context, context), SC_OK);
    }
    RAW_REQUEST(raw, pipes, 0); /* once */
    CHECK_EQ(raw_receive(raw), SC_E_INVALID_PARAMETER);
    raw->pipe_in = in;
    raw->pipe_out = out;
    CHECK_EQ(raw_transmit(raw, card), SC_OK);
    end_client(raw);
}

/* A call that waits is answered by the pipe; and a client that goes meanwhile is seen. */
static void test_waits(void)
{
    struct raw *raw = new_client();
    uint32_t context = raw_establish(raw);
    CHECK_EQ(raw_pipes(raw), SC_OK);
    raw_request_watch(raw, context, READER, 0, 0);
    CHECK_EQ(raw_receive(raw), SC_OK);
    struct raw *second = new_client();
    raw_close(second);
    CHECK(raw_connect_tcp(second, service.tcp_port));
    CHECK_EQ(raw_prove(second, raw->session, TOKEN), SC_OK);
    raw_request_watch(raw, context, "\\\\?PnP?\\Notification", 3 << 16, OS_FOREVER);
    do /* it may overtake what it is to end */
        CHECK_EQ(raw_simple(second, MESSAGE_cancel, context), SC_OK);
    while (!raw_has_reply(raw, 20));
    CHECK_EQ(raw_receive(raw), SC_E_CANCELLED);
    raw_close(second);
    free(second);
    raw_request_watch(raw, context, "\\\\?PnP?\\Notification", 3 << 16, OS_FOREVER);
    end_client(raw);
}

/* By a Unix socket there are none, nor before hello. */
static void test_not_offered(void)
{
    struct raw *raw = calloc(1, sizeof(*raw));
    if (raw == NULL)
        abort();
    CHECK(raw_open(raw, service.path));
    CHECK_EQ(raw_pipes(raw), SC_E_UNSUPPORTED_FEATURE);
    raw_close(raw);
    CHECK(raw_connect_tcp(raw, service.tcp_port));
    CHECK_EQ(raw_pipes(raw), SC_W_SECURITY_VIOLATION);
    end_client(raw);
}

/* Offered, and never opened: the socket goes on. */
static void test_not_taken(void)
{
    struct raw *raw = new_client();
    uint32_t context = raw_establish(raw);
    RAW_REQUEST(raw, pipes, 0);
    CHECK_EQ(raw_receive(raw), SC_OK);
    uint32_t card = raw_card(raw, context, READER);
    CHECK_EQ(raw_transmit(raw, card), SC_OK);
    CHECK_EQ(count_files(service.directory, "pipe-"), 2);
    end_client(raw);
}

/* --- Clients that do not ------------------------------------------------------------ */

static void test_one_alone(void)
{
    for (int which = 0; which < 2; which++) {
        struct raw *raw = new_client();
        uint32_t context = raw_establish(raw);
        CHECK_EQ(raw_pipes(raw), SC_OK);
        close(which == 0 ? raw->pipe_in : raw->pipe_out);
        *(which == 0 ? &raw->pipe_in : &raw->pipe_out) = 0;
        if (which == 0)
            raw_request_connect(raw, context, READER); /* answered to nobody */
        else
            CHECK(raw_send_all(raw->fd, "\4\0\0\0", 4)); /* and no answer is due */
        end_client(raw);
    }
}

static void test_half(void)
{
    struct raw *raw = new_client();
    CHECK_EQ(raw_pipes(raw), SC_OK);
    CHECK(raw_send(raw, "\4\0\0\0\2", 5));
    close(raw->pipe_out); /* which is no end: the socket's is */
    raw->pipe_out = 0;
    end_client(raw);
    /* The other half by the socket is not the other half. */
    raw = new_client();
    CHECK_EQ(raw_pipes(raw), SC_OK);
    CHECK(raw_send(raw, "\4\0\0\0\2", 5));
    CHECK(raw_send_all(raw->fd, "\0\0\0\1\0\0\0", 7));
    check_gone(raw);
    end_client(raw);
}

/* Two at once, on the two ways, whether the first one waits or not. */
static void test_both(void)
{
    struct raw *raw = new_client();
    uint32_t context = raw_establish(raw);
    CHECK_EQ(raw_pipes(raw), SC_OK);
    raw_request_watch(raw, context, "\\\\?PnP?\\Notification", 3 << 16, OS_FOREVER);
    int in = raw->pipe_in, out = raw->pipe_out;
    raw->pipe_in = raw->pipe_out = 0;
    RAW_REQUEST(raw, check_context, .context = context);
    CHECK_EQ(raw_receive(raw), RAW_GONE);
    raw->pipe_in = in;
    raw->pipe_out = out;
    end_client(raw);
}

static void test_garbage(void)
{
    uint8_t bytes[256];
    srand(2);
    for (int round = 0; round < 200; round++) {
        struct raw *raw = new_client();
        CHECK_EQ(raw_pipes(raw), SC_OK);
        size_t size = 1 + (size_t)(rand() % (int)sizeof(bytes));
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)rand();
        if (round % 2 == 0 && size >= MESSAGE_HEADER_SIZE) {
            bytes[0] = (uint8_t)(size - MESSAGE_HEADER_SIZE);
            bytes[1] = bytes[2] = bytes[3] = bytes[5] = 0;
            bytes[4] %= MESSAGE_CALL_END;
        }
        CHECK(raw_send(raw, bytes, size));
        raw_close(raw);
        free(raw);
    }
    CHECK(running_settles(&service, 1));
    CHECK_EQ(count_files(service.directory, "pipe-"), 0);
}

/* A watch of many readers, none of which there is: its response has 8 bytes for each. */
static void ask_for_much(struct raw *raw, uint32_t context)
{
    enum { ENTRIES = 4096 };
    static uint8_t zeros[8 * ENTRIES];
    RAW_REQUEST(raw, watch, .context = context, .count = ENTRIES,
                .entries = {zeros, sizeof(zeros)});
}

static void await_bytes(int pipe_end, int wanted)
{
    uint64_t deadline_ms = os_now_ms() + CHECK_HANG_MS;
    int there = 0;
    while (ioctl(pipe_end, FIONREAD, &there) == 0 && there < wanted
           && os_now_ms() < deadline_ms)
        usleep(500);
    CHECK(there >= wanted);
}

/* More than a pipe holds, and nobody reads: the service does not wait with a thread, and
 * goes on when somebody does. */
static void test_never_reads(void)
{
    enum { RESPONSE = 8 * 4096 };
    struct raw *raw = new_client();
    uint32_t context = raw_establish(raw);
    CHECK_EQ(raw_pipes(raw), SC_OK);
    for (int i = 0; i < 2; i++) {
        ask_for_much(raw, context);
        await_bytes(raw->pipe_in, i == 0 ? RESPONSE : OS_PIPE_ROOM - 4096);
    }
    CHECK_EQ(raw_transmit(&good, good_card), SC_OK);
    for (int i = 0; i < 2; i++)
        CHECK_EQ(raw_receive(raw), SC_E_UNKNOWN_READER);
    CHECK_EQ(raw_simple(raw, MESSAGE_check_context, context), SC_OK);
    for (int i = 0; i < 2; i++) {
        ask_for_much(raw, context);
        await_bytes(raw->pipe_in, i == 0 ? RESPONSE : OS_PIPE_ROOM - 4096);
    }
    end_client(raw); /* in the middle of a response */
}

/* --- Limits ------------------------------------------------------------------------- */

/* The server is without memory, or a descriptor, once. */
static void test_without(void)
{
    for (uint32_t n = 1; n < 12; n++) {
        struct raw *raw = new_client();
        uint32_t context = raw_establish(raw);
        mem_fail_at(n);
        uint32_t error = raw_pipes(raw);
        mem_fail_at(0);
        CHECK(error == SC_OK || error == SC_E_NO_MEMORY || error == RAW_GONE);
        if (error != RAW_GONE)
            CHECK_EQ(raw_simple(raw, MESSAGE_check_context, context), SC_OK);
        end_client(raw);
    }
}

/* Pipes count as connections of their user, who may have so many. */
static void test_limit(void)
{
    enum { CLIENTS = 8 };
    struct raw *raw[CLIENTS];
    os_mutex_lock(&service.server->lock);
    struct account *account =
        LIST_ENTRY(service.server->connections.next, struct connection, link)->account;
    uint32_t before = account->limits.connections;
    os_mutex_unlock(&service.server->lock);
    for (int i = 0; i < CLIENTS; i++) {
        raw[i] = new_client();
        CHECK(raw_establish(raw[i]) != 0);
    }
    os_mutex_lock(&service.server->lock);
    account->limits.connections = 1 + CLIENTS + 2 * 3;
    os_mutex_unlock(&service.server->lock);
    unsigned got = 0;
    for (int i = 0; i < CLIENTS; i++) {
        uint32_t error = raw_pipes(raw[i]);
        CHECK(error == SC_OK || error == SC_E_SERVER_TOO_BUSY);
        got += error == SC_OK ? 1 : 0;
    }
    CHECK_EQ(got, 3);
    os_mutex_lock(&service.server->lock);
    account->limits.connections = before;
    os_mutex_unlock(&service.server->lock);
    for (int i = 0; i < CLIENTS - 1; i++) {
        raw_close(raw[i]);
        free(raw[i]);
    }
    end_client(raw[CLIENTS - 1]);
}

int main(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    setenv("WINSCARD_READERS", "fake:?count=3&cards=1", 1);
    if (!running_start(&service, TOKEN))
        return 1;
    CHECK(raw_open(&good, service.path));
    good_card = raw_card(&good, raw_establish(&good), OWN);
    unsigned descriptors = count_files("/proc/self/fd", "");
    test_calls();
    test_waits();
    test_not_offered();
    test_not_taken();
    test_one_alone();
    test_half();
    test_both();
    test_garbage();
    test_never_reads();
    test_without();
    test_limit();
    CHECK_EQ(count_files("/proc/self/fd", ""), descriptors);
    raw_close(&good);
    (void)running_stop(&service);
    return check_result();
}
