/* SPDX-License-Identifier: BSD-2-Clause */
/* Each event goes to one wait, and none is lost when several come before anybody waits.
 */
#include "os/poller.h"
#include "os/time.h"
#include "os/unix_socket.h"
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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
    CHECK_EQ(os_socket_write(socket, "x", 1, NULL, 0, os_now_ms() + 1000, NULL), SC_OK);
}

/* After the wake nothing else may be there. */
static void check_quiet(void)
{
    void *item;
    os_poller_wake(&poller);
    CHECK_EQ(os_poller_wait(&poller, &item), OS_POLLER_WAKE);
}

static void test_bytes(void)
{
    struct os_socket ends[2];
    void *item = NULL;
    CHECK_EQ(os_unix_pair(ends), SC_OK);
    CHECK_EQ(os_poller_add(&poller, ends[0], &ends, false), SC_OK);
    send_byte(ends[1]);
    check_quiet();
    os_poller_want_bytes(&poller, ends[0], &ends, true); /* of before, too */
    CHECK_EQ(os_poller_wait(&poller, &item), OS_POLLER_SOCKET);
    CHECK(item == &ends);
    check_quiet();
    os_poller_want_bytes(&poller, ends[0], &ends, false);
    os_socket_close(&ends[1]);
    CHECK_EQ(os_poller_wait(&poller, &item), OS_POLLER_END);
    os_poller_remove(&poller, ends[0]);
    CHECK_EQ(os_poller_add(&poller, ends[0], &ends, false), SC_OK); /* of before, too */
    CHECK_EQ(os_poller_wait(&poller, &item), OS_POLLER_END);
    os_socket_close(&ends[0]);
}

static void test_listener(void)
{
    char path[64];
    struct os_socket listener, clients[2], server;
    void *item = NULL;
    (void)snprintf(path, sizeof(path), "/tmp/winscard-poller-%d", (int)getpid());
    CHECK_EQ(os_unix_listen(path, 0600, &listener), SC_OK);
    CHECK_EQ(os_poller_add_listener(&poller, listener, &listener), SC_OK);
    for (int i = 0; i < 2; i++)
        CHECK_EQ(os_unix_connect(path, os_now_ms() + 1000, &clients[i]), SC_OK);
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(os_poller_wait(&poller, &item), OS_POLLER_SOCKET);
        CHECK(item == &listener);
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
    os_unix_unlink(path);
}

int main(void)
{
    CHECK_EQ(os_poller_init(&poller), SC_OK);
    test_wakes();
    test_bytes();
    test_listener();
    os_poller_destroy(&poller);
    return check_result();
}
