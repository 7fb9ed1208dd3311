/* SPDX-License-Identifier: BSD-2-Clause */
/* Each event goes to one wait, and none is lost when several come before anybody waits.
 */
#include "os/poller.h"
#include "os/stream.h"
#include "os/thread.h"
#include "os/time.h"
#include "os/unix_socket.h"
#include "tests/support/check.h"

#include <stdlib.h>

enum { PATIENCE_MS = 600000 /* a call that takes so long hangs */ };

static const char loopback[] = "127.0.0.1";
static struct os_poller poller;

static void test_wakes(void)
{
    void *item;
    for (int i = 0; i < 3; i++)
        os_poller_wake(&poller);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(os_poller_wait(&poller, &item), OS_POLLER_WAKE);
    os_poller_set_timer(&poller, os_now_ms());
    CHECK_EQ(os_poller_wait(&poller, &item), OS_POLLER_TIMER);
}

static void send_byte(struct os_socket socket)
{
    CHECK_EQ(os_socket_write(socket, "x", 1, NULL, 0, os_now_ms() + PATIENCE_MS, NULL),
             SC_OK);
}

static void receive_byte(struct os_socket socket)
{
    char byte;
    CHECK_EQ(os_socket_read(socket, &byte, 1, os_now_ms() + PATIENCE_MS, NULL), SC_OK);
}

/* After the wake nothing else may be there. */
static void check_quiet(void)
{
    void *item;
    os_poller_wake(&poller);
    CHECK_EQ(os_poller_wait(&poller, &item), OS_POLLER_WAKE);
}

static void connect_pair(struct os_socket ends[2])
{
    struct os_socket listener;
    struct os_poll_entry one = {.want_read = true};
    uint16_t port = 0;
    CHECK_EQ(os_socket_listen(loopback, 0, &listener, &port), SC_OK);
    CHECK_EQ(os_socket_connect(loopback, port, os_now_ms() + PATIENCE_MS, &ends[1]),
             SC_OK);
    one.socket = listener;
    CHECK_EQ(os_poll(&one, 1, NULL, os_now_ms() + PATIENCE_MS), SC_OK);
    CHECK_EQ(os_socket_accept(listener, &ends[0]), SC_OK);
    os_socket_close(&listener);
}

/* The next event is of that item. */
static void expect_event(enum os_poller_event event, const void *of)
{
    void *item = NULL;
    CHECK_EQ(os_poller_wait(&poller, &item), event);
    CHECK(item == of);
}

static void test_bytes(void)
{
    struct os_socket ends[2];
    connect_pair(ends);
    CHECK_EQ(os_poller_add(&poller, ends[0], &ends, false), SC_OK);
    send_byte(ends[1]);
    CHECK(os_stream_await(ends[0], PATIENCE_MS));
    check_quiet();
    os_poller_want_bytes(&poller, ends[0], &ends, true); /* of before, too */
    expect_event(OS_POLLER_SOCKET, &ends);
    check_quiet();
    receive_byte(ends[0]);
    for (int i = 0; i < 3; i++) {
        send_byte(ends[1]);
        expect_event(OS_POLLER_SOCKET, &ends);
        receive_byte(ends[0]);
    }
    check_quiet();
    os_poller_want_bytes(&poller, ends[0], &ends, false);
    os_socket_close(&ends[1]);
    expect_event(OS_POLLER_END, &ends);
    check_quiet();
    os_poller_remove(&poller, ends[0]);
    CHECK_EQ(os_poller_add(&poller, ends[0], &ends, false), SC_OK); /* of before, too */
    expect_event(OS_POLLER_END, &ends);
    os_poller_remove(&poller, ends[0]);
    os_socket_close(&ends[0]);
}

/* The end is told of although bytes in front of it are not read; where the system tells. */
static void test_end_behind_bytes(void)
{
    struct os_socket ends[2];
    if (os_unix_pair(ends) == SC_E_UNSUPPORTED_FEATURE)
        return;
    CHECK_EQ(os_poller_add(&poller, ends[0], &ends, false), SC_OK);
    send_byte(ends[1]);
    check_quiet();
    os_socket_close(&ends[1]);
    expect_event(OS_POLLER_END, &ends);
    os_poller_remove(&poller, ends[0]);
    os_socket_close(&ends[0]);
}

/* Sends until no more fits. */
static void fill(struct os_socket socket)
{
    static char bytes[65536];
    size_t sent;
    while (os_stream_send(socket, bytes, sizeof(bytes), &sent) == SC_OK) {
    }
}

static void drain(struct os_socket socket)
{
    static char bytes[65536];
    size_t size;
    while (os_stream_await(socket, 100)
           && os_stream_receive(socket, bytes, sizeof(bytes), &size) == SC_OK) {
    }
}

static void test_room(void)
{
    struct os_socket ends[2];
    connect_pair(ends);
    CHECK_EQ(os_poller_add(&poller, ends[0], &ends, true), SC_OK);
    fill(ends[0]);
    os_poller_want_room(&poller, ends[0], &ends, true);
    drain(ends[1]);
    expect_event(OS_POLLER_SOCKET, &ends);
    os_poller_want_room(&poller, ends[0], &ends, false);
    check_quiet();
    os_poller_remove(&poller, ends[0]);
    os_socket_close(&ends[0]);
    os_socket_close(&ends[1]);
}

static void test_listener(void)
{
    struct os_socket listener, clients[2], server;
    uint16_t port = 0;
    CHECK_EQ(os_socket_listen(loopback, 0, &listener, &port), SC_OK);
    CHECK_EQ(os_poller_add_listener(&poller, listener, &listener), SC_OK);
    for (int i = 0; i < 2; i++)
        CHECK_EQ(
            os_socket_connect(loopback, port, os_now_ms() + PATIENCE_MS, &clients[i]),
            SC_OK);
    for (int i = 0; i < 2; i++) {
        expect_event(OS_POLLER_SOCKET, &listener);
        check_quiet();
        CHECK_EQ(os_socket_accept(listener, &server), SC_OK);
        os_socket_close(&server);
        os_poller_listen_on(&poller, listener, &listener);
    }
    check_quiet();
    os_poller_remove(&poller, listener);
    for (int i = 0; i < 2; i++)
        os_socket_close(&clients[i]);
    os_socket_close(&listener);
}

/* --- Several threads ---------------------------------------------------------------- */

enum { THREADS = 4, PAIRS = 8, ROUNDS = 100, SLOW_ROUNDS = 10 };

struct link {
    struct os_socket ends[2];
    struct os_socket *gate; /* a byte comes there before one is given back; or NULL */
};

/* Gives each byte back that comes, until it is woken. */
static void echo(void *context)
{
    void *item = NULL;
    enum os_poller_event event;
    (void)context;
    while ((event = os_poller_wait(&poller, &item)) != OS_POLLER_WAKE) {
        const struct link *link = item;
        char byte;
        size_t size;
        CHECK_EQ(event, OS_POLLER_SOCKET);
        while (os_stream_receive(link->ends[0], &byte, 1, &size) == SC_OK) {
            if (link->gate != NULL)
                receive_byte(*link->gate);
            send_byte(link->ends[0]);
        }
    }
}

static void open_link(struct link *link)
{
    connect_pair(link->ends);
    CHECK_EQ(os_poller_add(&poller, link->ends[0], link, true), SC_OK);
}

static void close_link(struct link *link)
{
    os_poller_remove(&poller, link->ends[0]);
    os_socket_close(&link->ends[0]);
    os_socket_close(&link->ends[1]);
}

static void test_threads(void)
{
    struct os_thread threads[THREADS];
    struct link links[PAIRS] = {0};
    for (int i = 0; i < PAIRS; i++)
        open_link(&links[i]);
    for (int i = 0; i < THREADS; i++)
        CHECK_EQ(os_thread_start(&threads[i], "echo", echo, NULL), SC_OK);
    for (int round = 0; round < ROUNDS; round++) {
        int used = round % 2 == 0 ? PAIRS : 1; /* many at once, and one alone */
        for (int i = 0; i < used; i++)
            send_byte(links[i].ends[1]);
        for (int i = 0; i < used; i++)
            receive_byte(links[i].ends[1]);
    }
    for (int i = 0; i < THREADS; i++)
        os_poller_wake(&poller);
    for (int i = 0; i < THREADS; i++)
        os_thread_join(&threads[i]);
    for (int i = 0; i < PAIRS; i++)
        close_link(&links[i]);
}

/* A thread that has an event, and is with it for long, leaves others theirs. */
static void test_busy_thread(void)
{
    struct os_thread threads[2];
    struct os_socket gate[2];
    struct link links[2] = {{.gate = &gate[0]}, {.gate = NULL}};
    connect_pair(gate);
    for (int i = 0; i < 2; i++)
        open_link(&links[i]);
    for (int i = 0; i < 2; i++)
        CHECK_EQ(os_thread_start(&threads[i], "echo", echo, NULL), SC_OK);
    for (int i = 0; i < SLOW_ROUNDS; i++) {
        send_byte(links[0].ends[1]);
        send_byte(links[1].ends[1]);
        receive_byte(links[1].ends[1]);
        send_byte(gate[1]);
        receive_byte(links[0].ends[1]);
    }
    for (int i = 0; i < 2; i++)
        os_poller_wake(&poller);
    for (int i = 0; i < 2; i++)
        os_thread_join(&threads[i]);
    for (int i = 0; i < 2; i++)
        close_link(&links[i]);
    for (int i = 0; i < 2; i++)
        os_socket_close(&gate[i]);
}

int main(void)
{
    CHECK_EQ(os_poller_init(&poller), SC_OK);
    test_wakes();
    test_bytes();
    test_end_behind_bytes();
    test_room();
    test_listener();
    test_threads();
    test_busy_thread();
    os_poller_destroy(&poller);
    return check_result();
}
