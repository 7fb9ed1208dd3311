/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP sockets: connecting, whole reads and writes, deadlines, wake-ups, hang-ups. */
#include "os/socket.h"

#include "os/thread.h"
#include "os/time.h"
#include "tests/support/check.h"

#if defined(_WIN32)
#include <windows.h>
#else
#include <fcntl.h>
#endif
#include <stdlib.h>
#include <time.h>

enum { LARGE = 4 << 20, SOON_MS = 30 };

static const char loopback[] = "127.0.0.1";

static uint64_t in_ms(unsigned ms)
{
    return os_now_ms() + ms;
}

/* A program that this one starts does not have it. */
static void check_private(struct os_socket socket)
{
#if defined(_WIN32)
    DWORD flags = HANDLE_FLAG_INHERIT;
    CHECK(GetHandleInformation((HANDLE)socket.native, &flags));
    CHECK((flags & HANDLE_FLAG_INHERIT) == 0);
#else
    int flags = fcntl((int)socket.native, F_GETFD);
    CHECK(flags >= 0 && (flags & FD_CLOEXEC) != 0);
#endif
}

/* Two connected sockets. */
static void connect_pair(struct os_socket pair[2])
{
    struct os_socket listener;
    struct os_poll_entry entry = {.want_read = true};
    uint16_t port = 0;
    CHECK_EQ(os_socket_listen(loopback, 0, &listener, &port), SC_OK);
    CHECK(port != 0);
    CHECK_EQ(os_socket_accept(listener, &pair[1]), SC_E_NOT_READY);
    CHECK(!os_socket_is_open(pair[1]));
    CHECK_EQ(os_socket_connect(loopback, port, in_ms(10000), &pair[0]), SC_OK);
    entry.socket = listener;
    CHECK_EQ(os_poll(&entry, 1, NULL, in_ms(10000)), SC_OK);
    CHECK(entry.readable);
    CHECK_EQ(os_socket_accept(listener, &pair[1]), SC_OK);
    CHECK(os_socket_is_open(pair[0]) && os_socket_is_open(pair[1]));
    check_private(listener);
    check_private(pair[0]);
    check_private(pair[1]);
    os_socket_close(&listener);
    CHECK(!os_socket_is_open(listener));
}

static void close_pair(struct os_socket pair[2])
{
    os_socket_close(&pair[0]);
    os_socket_close(&pair[1]);
    os_socket_close(&pair[1]); /* a closed one may be closed */
}

static void test_addresses(void)
{
    static const struct {
        const char *text;
        bool loopback;
    } rows[] = {
        {"127.0.0.1", true},  {"127.255.1.2", true}, {"::1", true},
        {"128.0.0.1", false}, {"126.0.0.1", false},  {"0.0.0.0", false},
        {"::", false},        {"::2", false},        {"localhost", false},
        {"", false},          {"127.1", false},      {"127.0.0.1 ", false},
    };
    struct os_socket socket = OS_SOCKET_NONE, taken;
    uint16_t port = 0, other = 0;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        CHECK_EQ(os_address_is_loopback(rows[i].text), rows[i].loopback);
    CHECK_EQ(os_socket_listen("localhost", 0, &socket, &port), SC_E_INVALID_VALUE);
    CHECK_EQ(os_socket_connect("localhost", 1, 0, &socket), SC_E_INVALID_VALUE);
    CHECK_EQ(os_socket_listen("192.0.2.1", 0, &socket, &port), SC_E_READER_UNAVAILABLE);
    CHECK(!os_socket_is_open(socket));
    CHECK_EQ(os_socket_listen(loopback, 0, &taken, &port), SC_OK);
    CHECK_EQ(os_socket_listen(loopback, port, &socket, &other), SC_E_READER_UNAVAILABLE);
    os_socket_close(&taken);
    CHECK_EQ(os_socket_connect(loopback, port, in_ms(10000), &socket),
             SC_E_READER_UNAVAILABLE);
    CHECK(!os_socket_is_open(socket));
    CHECK_EQ(os_socket_listen(loopback, port, &taken, &other), SC_OK); /* free at once */
    CHECK_EQ(other, port);
    os_socket_close(&taken);
}

static void test_address_split(void)
{
    static const struct {
        const char *text, *address; /* NULL: refused */
        uint16_t port;
    } rows[] = {
        {"127.0.0.1:0", "127.0.0.1", 0},
        {"127.0.0.1:65535", "127.0.0.1", 65535},
        {"[::1]:0", "::1", 0},
        {"::1:7", "::1", 7},
        {"localhost:0", "127.0.0.1", 0},
        {"LocalHost:4000", "127.0.0.1", 4000},
        {"host.example:80", "host.example", 80},
        {"127.0.0.1", NULL, 0},
        {"127.0.0.1:", NULL, 0},
        {":80", NULL, 0},
        {"[]:80", "[]", 80}, /* no address, as the calls say that take one */
        {"127.0.0.1:65536", NULL, 0},
        {"127.0.0.1:4294967296", NULL, 0},
        {"127.0.0.1:8x", NULL, 0},
        {"127.0.0.1:-1", NULL, 0},
        {"a-name-that-is-longer-than-the-room-for-it:1", NULL, 0},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char address[20] = "";
        uint16_t port = 1;
        enum sc_error error =
            os_address_split(rows[i].text, address, sizeof(address), &port);
        CHECK_EQ(error, rows[i].address != NULL ? SC_OK : SC_E_INVALID_VALUE);
        if (error == SC_OK) {
            CHECK_STR(address, rows[i].address);
            CHECK_EQ(port, rows[i].port);
        }
    }
}

/* Reads what comes in pieces, until the end; how much was right is in *context. */
struct sink {
    struct os_socket socket;
    size_t right;
    enum sc_error error;
};

static void read_slowly(void *context)
{
    struct sink *sink = context;
    uint8_t bytes[10007];
    struct timespec pause = {.tv_nsec = 20000000};
    nanosleep(&pause, NULL); /* the writer fills all buffers and has to wait */
    size_t size = sizeof(bytes);
    for (size_t at = 0; sink->error == SC_OK && at < LARGE; at += size) {
        size = LARGE - at < size ? LARGE - at : size;
        sink->error = os_socket_read(sink->socket, bytes, size, in_ms(20000), NULL);
        for (size_t i = 0; sink->error == SC_OK && i < size; i++)
            sink->right += bytes[i] == (uint8_t)((at + i) % 251);
    }
}

static void test_large(void)
{
    struct os_socket pair[2];
    struct os_thread thread;
    uint8_t *bytes = malloc(LARGE);
    if (bytes == NULL)
        abort();
    for (size_t i = 0; i < LARGE; i++)
        bytes[i] = (uint8_t)(i % 251);
    for (size_t head = 0; head <= LARGE; head += LARGE / 2) {
        connect_pair(pair);
        struct sink sink = {.socket = pair[1]};
        CHECK_EQ(os_thread_start(&thread, "sink", read_slowly, &sink), SC_OK);
        CHECK_EQ(os_socket_write(pair[0], bytes, head, bytes + head, LARGE - head,
                                 in_ms(20000), NULL),
                 SC_OK);
        os_thread_join(&thread);
        CHECK_EQ(sink.error, SC_OK);
        CHECK_EQ(sink.right, LARGE);
        close_pair(pair);
    }
    free(bytes);
}

static void test_end(void)
{
    struct os_socket pair[2];
    char bytes[8] = "";
    connect_pair(pair);
    CHECK(!os_socket_is_readable(pair[1]));
    CHECK_EQ(os_socket_write(pair[0], "abc", 3, NULL, 0, in_ms(10000), NULL), SC_OK);
    CHECK_EQ(os_socket_read(pair[1], bytes, 1, in_ms(10000), NULL), SC_OK);
    CHECK(os_socket_is_readable(pair[1]));
    os_socket_close(&pair[0]);
    CHECK_EQ(os_socket_read(pair[1], bytes + 1, 3, in_ms(10000), NULL), SC_W_EOF);
    CHECK(os_socket_is_readable(pair[1])); /* the end is something to read */
    enum sc_error error = SC_OK;
    for (unsigned i = 0; i < 1000 && error == SC_OK; i++)
        error = os_socket_write(pair[1], "x", 1, NULL, 0, in_ms(10000), NULL);
    CHECK_EQ(error, SC_F_COMM_ERROR); /* and no SIGPIPE, which would end this test */
    close_pair(pair);
}

/* A read of what is there. */
static void test_read_some(void)
{
    struct os_socket pair[2];
    char bytes[8] = "";
    size_t size = 9;
    connect_pair(pair);
    CHECK_EQ(os_socket_read_some(pair[1], bytes, sizeof(bytes), &size), SC_E_NOT_READY);
    CHECK_EQ(size, 0);
    CHECK_EQ(os_socket_write(pair[0], "abc", 3, NULL, 0, in_ms(10000), NULL), SC_OK);
    struct os_poll_entry entry = {.socket = pair[1], .want_read = true};
    CHECK_EQ(os_poll(&entry, 1, NULL, in_ms(CHECK_HANG_MS)), SC_OK);
    CHECK_EQ(os_socket_read_some(pair[1], bytes, 2, &size), SC_OK);
    CHECK_EQ(size, 2);
    CHECK_EQ(os_socket_read_some(pair[1], bytes + 2, 6, &size), SC_OK);
    CHECK_EQ(size, 1);
    CHECK_MEM(bytes, "abc", 3);
    os_socket_close(&pair[0]);
    CHECK_EQ(os_poll(&entry, 1, NULL, in_ms(CHECK_HANG_MS)), SC_OK);
    CHECK_EQ(os_socket_read_some(pair[1], bytes, 2, &size), SC_W_EOF);
    CHECK_EQ(size, 0);
    close_pair(pair);
}

static void test_deadlines(void)
{
    struct os_socket pair[2];
    static uint8_t bytes[LARGE];
    connect_pair(pair);
    uint64_t deadline_ms = in_ms(SOON_MS);
    CHECK_EQ(os_socket_read(pair[1], bytes, 1, deadline_ms, NULL), SC_E_TIMEOUT);
    CHECK(os_now_ms() >= deadline_ms);
    CHECK_EQ(os_socket_read(pair[1], bytes, 1, 0, NULL), SC_E_TIMEOUT);
    deadline_ms = in_ms(SOON_MS);
    enum sc_error error = SC_OK;
    for (unsigned i = 0; i < 20 && error == SC_OK; i++) /* nobody reads */
        error =
            os_socket_write(pair[0], bytes, sizeof(bytes), NULL, 0, deadline_ms, NULL);
    CHECK_EQ(error, SC_E_TIMEOUT);
    CHECK(os_now_ms() >= deadline_ms);
    close_pair(pair);
}

struct late {
    struct os_wake wake;
    struct os_socket socket;
};

static void raise_late(void *context)
{
    struct late *late = context;
    struct timespec pause = {.tv_nsec = 10000000};
    nanosleep(&pause, NULL);
    os_wake_raise(&late->wake);
}

#if !defined(_WIN32)
static void shut_late(void *context)
{
    struct late *late = context;
    struct timespec pause = {.tv_nsec = 10000000};
    nanosleep(&pause, NULL);
    os_socket_shut(late->socket);
}
#endif

static void test_wake(void)
{
    struct os_socket pair[2];
    struct os_thread thread;
    struct late late;
    char byte;
    connect_pair(pair);
    CHECK_EQ(os_wake_init(&late.wake), SC_OK);
    CHECK_EQ(os_thread_start(&thread, "late", raise_late, &late), SC_OK);
    CHECK_EQ(os_socket_read(pair[1], &byte, 1, OS_FOREVER, &late.wake), SC_E_CANCELLED);
    os_thread_join(&thread);
    for (unsigned i = 0; i < 100000; i++)
        os_wake_raise(&late.wake); /* more than a pipe holds: must not block */
    CHECK_EQ(os_socket_read(pair[1], &byte, 1, OS_FOREVER, &late.wake), SC_E_CANCELLED);
    CHECK_EQ(os_poll(NULL, 0, &late.wake, OS_FOREVER), SC_OK);
    os_wake_lower(&late.wake);
    os_wake_lower(&late.wake);
    CHECK_EQ(os_poll(NULL, 0, &late.wake, in_ms(5)), SC_E_TIMEOUT);
    CHECK_EQ(os_socket_read(pair[1], &byte, 1, in_ms(5), &late.wake), SC_E_TIMEOUT);
    os_wake_destroy(&late.wake);

#if !defined(_WIN32)
    late.socket = pair[1];
    CHECK_EQ(os_thread_start(&thread, "late", shut_late, &late), SC_OK);
    CHECK_EQ(os_socket_read(pair[1], &byte, 1, OS_FOREVER, NULL), SC_W_EOF);
    os_thread_join(&thread);
#else
    os_socket_shut(pair[1]);
    CHECK_EQ(os_socket_read(pair[1], &byte, 1, OS_FOREVER, NULL), SC_F_COMM_ERROR);
#endif
    close_pair(pair);
}

static void test_poll(void)
{
    struct os_socket pair[2], other[2];
    connect_pair(pair);
    connect_pair(other);
    struct os_poll_entry entries[] = {{.socket = pair[1], .want_read = true},
                                      {.socket = OS_SOCKET_NONE, .want_read = true},
                                      {.socket = other[1], .want_read = false}};
    CHECK_EQ(os_poll(entries, 3, NULL, in_ms(5)), SC_E_TIMEOUT);
    CHECK_EQ(os_socket_write(other[0], "x", 1, NULL, 0, in_ms(10000), NULL), SC_OK);
    CHECK_EQ(os_poll(entries, 3, NULL, in_ms(5)), SC_E_TIMEOUT); /* nobody asked */
    CHECK_EQ(os_socket_write(pair[0], "x", 1, NULL, 0, in_ms(10000), NULL), SC_OK);
    CHECK_EQ(os_poll(entries, 3, NULL, in_ms(10000)), SC_OK);
    CHECK(entries[0].readable && !entries[0].hung_up);
    CHECK(!entries[1].readable && !entries[1].hung_up);
    CHECK(!entries[2].readable && !entries[2].hung_up);
#if defined(_WIN32)
    char byte;
    CHECK_EQ(os_socket_read(other[1], &byte, 1, in_ms(10000), NULL), SC_OK);
#endif
    os_socket_close(&other[0]);
    entries[0].want_read = false;
    CHECK_EQ(os_poll(entries, 3, NULL, in_ms(10000)), SC_OK);
    CHECK(!entries[0].hung_up && entries[2].hung_up);
    struct os_poll_entry many[OS_POLL_MAX + 1];
    for (size_t i = 0; i <= OS_POLL_MAX; i++)
        many[i] = (struct os_poll_entry){.socket = OS_SOCKET_NONE};
    CHECK_EQ(os_poll(many, OS_POLL_MAX, NULL, 0), SC_E_TIMEOUT);
    CHECK_EQ(os_poll(many, OS_POLL_MAX + 1, NULL, 0), SC_F_INTERNAL_ERROR);
    close_pair(pair);
    close_pair(other);
}

int main(void)
{
    test_addresses();
    test_address_split();
    test_large();
    test_end();
    test_read_some();
    test_deadlines();
    test_wake();
    test_poll();
    return check_result();
}
