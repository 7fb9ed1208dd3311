/* SPDX-License-Identifier: BSD-2-Clause */
/* os/unix_socket.h: connections, left-over files, permissions, who the peer is. */
#include "os/time.h"
#include "os/unix_socket.h"
#include "tests/support/check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[64] = "/tmp/unix-socket-XXXXXX";
static char path[96];

static struct os_socket accept_soon(struct os_socket listener)
{
    struct os_socket connection = OS_SOCKET_NONE;
    uint64_t deadline_ms = os_now_ms() + 2000;
    while (os_socket_accept(listener, &connection) == SC_E_NOT_READY
           && os_ms_left(deadline_ms) > 0)
        usleep(1000);
    return connection;
}

static void test_exchange(void)
{
    struct os_socket listener, client, server;
    struct stat found;
    char bytes[4] = "";
    uint32_t uid = 1, gid = 1, pid = 0;
    CHECK_EQ(os_unix_listen(path, 0660, &listener), SC_OK);
    CHECK_EQ(stat(path, &found), 0);
    CHECK_EQ(found.st_mode & 07777, 0660);
    CHECK_EQ(os_unix_connect(path, os_now_ms() + 1000, &client), SC_OK);
    server = accept_soon(listener);
    CHECK(os_socket_is_open(server));
    CHECK_EQ(os_socket_write(client, "ab", 2, "c", 2, os_now_ms() + 1000, NULL), SC_OK);
    CHECK_EQ(os_socket_read(server, bytes, 4, os_now_ms() + 1000, NULL), SC_OK);
    CHECK_STR(bytes, "abc");
    CHECK_EQ(os_unix_peer(server, &uid, &gid, &pid), SC_OK);
    CHECK_EQ(uid, getuid());
    CHECK_EQ(gid, getgid());
    CHECK_EQ(pid, getpid());
    CHECK_EQ(os_unix_peer(client, NULL, NULL, &pid), SC_OK);
    CHECK_EQ(pid, getpid());
    CHECK_EQ(fcntl((int)client.native, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    os_socket_close(&client);
    CHECK_EQ(os_socket_read(server, bytes, 1, os_now_ms() + 1000, NULL), SC_W_EOF);
    os_socket_close(&server);
    os_socket_close(&listener);
}

static void test_paths(void)
{
    struct os_socket a, b;
    char long_path[300], other[128];
    memset(long_path, 'x', sizeof(long_path));
    long_path[0] = '/';
    long_path[sizeof(long_path) - 1] = '\0';
    /* The file that the listener of the last test left behind. */
    CHECK_EQ(os_unix_connect(path, 0, &a), SC_E_READER_UNAVAILABLE);
    CHECK_EQ(os_unix_listen(path, 0600, &a), SC_OK);
    CHECK_EQ(os_unix_listen(path, 0600, &b), SC_E_SHARING_VIOLATION);
    CHECK(!os_socket_is_open(b));
    os_socket_close(&a);
    os_unix_unlink(path);
    CHECK_EQ(os_unix_connect(path, 0, &a), SC_E_FILE_NOT_FOUND);
    CHECK_EQ(os_unix_connect("", 0, &a), SC_E_INVALID_VALUE);
    CHECK_EQ(os_unix_connect(long_path, 0, &a), SC_E_INVALID_VALUE);
    CHECK_EQ(os_unix_listen(long_path, 0600, &a), SC_E_INVALID_VALUE);
    snprintf(other, sizeof(other), "%s/none/socket", directory);
    CHECK_EQ(os_unix_listen(other, 0600, &a), SC_E_FILE_NOT_FOUND);
    CHECK_EQ(os_unix_listen(directory, 0600, &a), SC_E_NO_ACCESS);
    CHECK(!os_socket_is_open(a));
    close(open(path, O_CREAT | O_WRONLY, 0600));
    CHECK_EQ(os_unix_listen(path, 0600, &a), SC_E_NO_ACCESS);
    CHECK_EQ(os_unix_connect(path, 0, &a), SC_E_READER_UNAVAILABLE);
    os_unix_unlink(path); /* is no socket: stays */
    CHECK_EQ(access(path, F_OK), 0);
    unlink(path);
}

/* A listener that takes nothing: connections beyond its backlog end by the deadline. */
static void test_backlog(void)
{
    enum { MANY = 400 };
    static struct os_socket made[MANY];
    struct os_socket listener;
    enum sc_error error = SC_OK;
    int count = 0;
    CHECK_EQ(os_unix_listen(path, 0600, &listener), SC_OK);
    while (count < MANY && error == SC_OK)
        error = os_unix_connect(path, os_now_ms() + 20, &made[count++]);
    CHECK_EQ(error, SC_E_TIMEOUT);
    CHECK(count > 100);
    for (int i = 0; i < count; i++)
        os_socket_close(&made[i]);
    os_socket_close(&listener);
    os_unix_unlink(path);
}

static void test_pair(void)
{
    struct os_socket ends[2];
    uint32_t pid = 0;
    char byte = 0;
    CHECK_EQ(os_unix_pair(ends), SC_OK);
    CHECK_EQ(os_socket_write(ends[0], "x", 1, NULL, 0, os_now_ms() + 1000, NULL), SC_OK);
    CHECK_EQ(os_socket_read(ends[1], &byte, 1, os_now_ms() + 1000, NULL), SC_OK);
    CHECK_EQ(byte, 'x');
    CHECK_EQ(os_unix_peer(ends[0], NULL, NULL, &pid), SC_OK);
    CHECK_EQ(pid, getpid());
    os_socket_close(&ends[0]);
    os_socket_close(&ends[1]);
    CHECK_EQ(os_unix_peer(ends[0], NULL, NULL, &pid), SC_E_UNSUPPORTED_FEATURE);
}

int main(void)
{
    if (mkdtemp(directory) == NULL)
        return 1;
    snprintf(path, sizeof(path), "%s/socket", directory);
    test_exchange();
    test_paths();
    test_backlog();
    test_pair();
    rmdir(directory);
    return check_result();
}
