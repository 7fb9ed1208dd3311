/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors 0, 1 and 2 are the program's: in one that closed them, none of ours becomes
 * one of them. */
#include "os/append.h"
#include "os/descriptor.h"
#include "os/poller.h"
#include "os/time.h"
#include "os/unix_socket.h"

#include "tests/support/check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { STANDARD = 3, SOON_MS = CHECK_HANG_MS };

/* What the program had open, while it is closed. */
static int saved[STANDARD];

static void close_standard(void)
{
    for (int i = 0; i < STANDARD; i++) {
        saved[i] = fcntl(i, F_DUPFD_CLOEXEC, 100);
        close(i);
    }
}

/* Gives how many of the three became something meanwhile. */
static int restore_standard(void)
{
    int taken = 0;
    for (int i = 0; i < STANDARD; i++) {
        taken += fcntl(i, F_GETFD) >= 0 ? 1 : 0;
        dup2(saved[i], i);
        close(saved[i]);
    }
    return taken;
}

static void test_poller_and_wake(void)
{
    struct os_poller poller;
    struct os_wake wake;
    close_standard();
    bool made = os_poller_init(&poller) == SC_OK && os_wake_init(&wake) == SC_OK;
    CHECK_EQ(restore_standard(), 0);
    CHECK(made);
    CHECK(poller.set >= STANDARD && poller.wake >= STANDARD && poller.timer >= STANDARD);
    CHECK(wake.wait_end >= STANDARD && wake.raise_end >= STANDARD);
    if (check_failures > 0)
        return;           /* what was closed above would be waited for */
    os_wake_raise(&wake); /* what was moved is what it was */
    os_wake_lower(&wake);
    os_wake_destroy(&wake);
    os_poller_wake(&poller);
    void *item = NULL;
    CHECK_EQ(os_poller_wait(&poller, &item), OS_POLLER_WAKE);
    os_poller_destroy(&poller);
}

/* Listener, both ends of a connection, and their flags. */
static void check_sockets(struct os_socket sockets[3], enum sc_error error, int taken)
{
    CHECK_EQ(taken, 0);
    CHECK_EQ(error, SC_OK);
    for (int i = 0; i < 3; i++) {
        CHECK(sockets[i].native >= STANDARD);
        CHECK((fcntl((int)sockets[i].native, F_GETFD) & FD_CLOEXEC) != 0);
        CHECK((fcntl((int)sockets[i].native, F_GETFL) & O_NONBLOCK) != 0);
        os_socket_close(&sockets[i]);
    }
}

static void test_unix_sockets(void)
{
    char path[] = "/tmp/test_descriptors-XXXXXX";
    struct os_socket all[3] = {{-1}, {-1}, {-1}}, pair[2];
    int file = mkstemp(path);
    close(file);
    unlink(path);
    close_standard();
    enum sc_error error = os_unix_listen(path, 0600, &all[0]);
    if (error == SC_OK)
        error = os_unix_connect(path, os_now_ms() + SOON_MS, &all[1]);
    if (error == SC_OK)
        error = os_socket_accept(all[0], &all[2]);
    check_sockets(all, error, restore_standard());
    os_unix_unlink(path);
    close_standard();
    error = os_unix_pair(pair);
    CHECK_EQ(restore_standard(), 0);
    CHECK(error == SC_OK && pair[0].native >= STANDARD && pair[1].native >= STANDARD);
    os_socket_close(&pair[0]);
    os_socket_close(&pair[1]);
}

static void test_tcp_sockets(void)
{
    struct os_socket all[3] = {{-1}, {-1}, {-1}};
    uint16_t port = 0;
    close_standard();
    enum sc_error error = os_socket_listen("127.0.0.1", 0, &all[0], &port);
    if (error == SC_OK)
        error = os_socket_connect("127.0.0.1", port, os_now_ms() + SOON_MS, &all[1]);
    do
        error = error == SC_OK ? os_socket_accept(all[0], &all[2]) : error;
    while (error == SC_E_NOT_READY);
    check_sockets(all, error, restore_standard());
}

static void test_append(void)
{
    char path[] = "/tmp/test_descriptors-XXXXXX";
    int made = mkstemp(path);
    close_standard();
    int file = os_append_open(path, NULL);
    CHECK_EQ(restore_standard(), 0);
    CHECK(file >= STANDARD);
    close(file);
    close(made);
    unlink(path);
}

/* For libraries that open descriptors themselves. */
static void test_filled(void)
{
    close_standard();
    os_descriptors_fill();
    int next = open("/dev/null", O_RDONLY);
    ssize_t written = write(STDERR_FILENO, "x", 1), got = read(STDIN_FILENO, &written, 1);
    int flags = fcntl(STDOUT_FILENO, F_GETFD);
    CHECK_EQ(restore_standard(), STANDARD);
    CHECK(next >= STANDARD);
    CHECK(written < 0 && got == 0 && (flags & FD_CLOEXEC) != 0);
    close(next);
    os_descriptors_fill(); /* nothing is missing: nothing happens */
    CHECK((fcntl(STDOUT_FILENO, F_GETFD) & FD_CLOEXEC) == 0);
}

int main(void)
{
    test_poller_and_wake();
    test_unix_sockets();
    test_tcp_sockets();
    test_append();
    test_filled();
    return check_result();
}
