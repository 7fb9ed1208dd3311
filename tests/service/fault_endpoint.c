/* SPDX-License-Identifier: BSD-2-Clause */
/* The file that leads programs without Unix sockets to the service: who can read it, what
 * it says, when it goes; a service that died, and a stranger at its port, who must not
 * learn the token. */
#include "base/alloc.h"
#include "client/client.h"
#include "message/endpoint.h"
#include "os/files.h"
#include "os/socket.h"
#include "os/time.h"
#include "tests/support/check.h"
#include "tests/support/daemon.h"
#include "tests/support/raw.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const options[] = {"--endpoint", NULL};
static struct daemon service;
static char directory[64], path[80];

static bool read_file(struct endpoint *endpoint)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    bool found = os_read_file(path, ENDPOINT_FILE_MAX, &bytes, &size) == SC_OK
                 && endpoint_parse(bytes, size, endpoint) == SC_OK;
    mem_free(bytes);
    return found;
}

/* What establish gives in a process of its own. */
static enum sc_error establish(void)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        uint32_t context = 0;
        const struct carrier *made = client_carrier();
        _exit(made == NULL ? (int)SC_E_NO_SERVICE
                           : (int)made->establish(ABI_WINDOWS, &context));
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
    return (enum sc_error)WEXITSTATUS(status);
}

static void test_file(void)
{
    struct endpoint first, second;
    struct stat found;
    struct raw *raw = calloc(1, sizeof(*raw));
    if (raw == NULL)
        abort();
    CHECK(daemon_start(&service, WINSCARDD, "soft:", options, NULL));
    CHECK(stat(path, &found) == 0 && (found.st_mode & 07777) == 0600
          && found.st_uid == geteuid());
    CHECK(stat(directory, &found) == 0 && (found.st_mode & 07777) == 0700);
    CHECK(read_file(&first));
    CHECK(os_address_is_loopback(first.address));
    CHECK_EQ(first.token_size, 64);
    CHECK_EQ(establish(), SC_OK);
    CHECK(raw_connect_tcp(raw, first.port));
    CHECK_EQ(raw_hello(raw, NULL, NULL), SC_W_SECURITY_VIOLATION);
    raw_close(raw);
    free(raw);
    CHECK(daemon_stop(&service));
    CHECK(access(path, F_OK) != 0);
    CHECK_EQ(establish(), SC_E_NO_SERVICE);
    CHECK(daemon_start(&service, WINSCARDD, "soft:", options, NULL));
    CHECK(read_file(&second));
    CHECK(memcmp(first.token, second.token, first.token_size) != 0);
    CHECK(daemon_stop(&service));
}

/* The file of another service that has taken the place stays. */
static void test_of_another(void)
{
    CHECK(daemon_start(&service, WINSCARDD, "soft:", options, NULL));
    char text[ENDPOINT_FILE_MAX];
    struct endpoint other = {.address = "127.0.0.1", .port = 1, .token_size = 32};
    memset(other.token, 'a', other.token_size);
    size_t size = endpoint_print(&other, text, sizeof(text));
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fwrite(text, 1, size, file) == size);
    if (file != NULL)
        CHECK(fclose(file) == 0);
    CHECK(daemon_stop(&service));
    CHECK(read_file(&other) && other.port == 1);
    CHECK_EQ(unlink(path), 0);
}

/* A file that others may read, or that is a link, or has something else in it. */
static void test_bad_files(void)
{
    char kept[96];
    snprintf(kept, sizeof(kept), "%s.kept", path);
    CHECK(daemon_start(&service, WINSCARDD, "soft:", options, NULL));
    CHECK_EQ(chmod(path, 0640), 0);
    CHECK_EQ(establish(), SC_E_NO_SERVICE);
    CHECK_EQ(chmod(path, 0600), 0);
    CHECK_EQ(rename(path, kept), 0);
    CHECK_EQ(symlink(kept, path), 0);
    CHECK_EQ(establish(), SC_E_NO_SERVICE);
    CHECK_EQ(unlink(path), 0);
    static const char *const texts[] = {
        "", "winscard-endpoint 2\n",
        ("winscard-endpoint 1\naddress 192.0.2.1\nport 1\n"
         "token 0123456789abcdef0123456789abcdef\n")};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        FILE *file = fopen(path, "w");
        CHECK(file != NULL && fputs(texts[i], file) >= 0);
        if (file != NULL)
            CHECK(fclose(file) == 0);
        CHECK_EQ(chmod(path, 0600), 0);
        CHECK_EQ(establish(), SC_E_NO_SERVICE);
    }
    CHECK_EQ(rename(kept, path), 0);
    CHECK_EQ(establish(), SC_OK);
    CHECK(daemon_stop(&service));
}

/* Killed, a service leaves its file. Nobody listens then, or a stranger does: who gets 12
 * bytes and a nonce, and answers with what it makes up. */
static void test_stranger(void)
{
    struct endpoint endpoint;
    struct os_socket listener, client;
    uint16_t port = 0;
    int status = -1;
    CHECK(daemon_start(&service, WINSCARDD, "soft:", options, NULL));
    CHECK(read_file(&endpoint));
    CHECK_EQ(kill(service.pid, SIGKILL), 0);
    CHECK(waitpid(service.pid, &status, 0) == service.pid);
    CHECK(access(path, F_OK) == 0);
    CHECK_EQ(establish(), SC_E_NO_SERVICE);
    CHECK_EQ(os_socket_listen(endpoint.address, endpoint.port, &listener, &port), SC_OK);
    pid_t child = fork();
    if (child == 0)
        _exit((int)establish());
    struct os_poll_entry one = {.socket = listener, .want_read = true};
    CHECK_EQ(os_poll(&one, 1, NULL, OS_FOREVER), SC_OK);
    CHECK_EQ(os_socket_accept(listener, &client), SC_OK);
    uint8_t asked[MESSAGE_HEADER_SIZE + 4 + MESSAGE_NONCE_SIZE], more;
    uint8_t reply[MESSAGE_HEADER_SIZE + 2 * (4 + MESSAGE_NONCE_SIZE)] = {
        sizeof(reply) - MESSAGE_HEADER_SIZE, 0, 0, 0, MESSAGE_challenge};
    CHECK_EQ(os_socket_read(client, asked, sizeof(asked), OS_FOREVER, NULL), SC_OK);
    CHECK_EQ(asked[4], MESSAGE_challenge);
    memcpy(reply + 8, asked + 8, 4); /* the serial number */
    reply[MESSAGE_HEADER_SIZE] = reply[MESSAGE_HEADER_SIZE + 4 + MESSAGE_NONCE_SIZE] =
        MESSAGE_NONCE_SIZE;
    CHECK_EQ(os_socket_write(client, reply, sizeof(reply), NULL, 0, OS_FOREVER, NULL),
             SC_OK);
    /* It hangs up, without a word more. */
    CHECK_EQ(os_socket_read(client, &more, 1, OS_FOREVER, NULL), SC_W_EOF);
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
    CHECK_EQ(WEXITSTATUS(status), SC_E_NO_SERVICE);
    os_socket_close(&client);
    os_socket_close(&listener);
    CHECK_EQ(unlink(path), 0);
    CHECK_EQ(unlink(service.path), 0);
}

/* The status with which it does not start. */
static int start_fails(void)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0)
        (void)execl(WINSCARDD, WINSCARDD, "--foreground", "--endpoint", "--socket",
                    service.path, "--readers", "soft:", (char *)NULL);
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Where others may be, or there is no place, it is not told at all. */
static void test_bad_places(void)
{
    CHECK_EQ(chmod(directory, 0755), 0);
    CHECK_EQ(start_fails(), 1);
    CHECK_EQ(chmod(directory, 0700), 0);
    CHECK_EQ(rmdir(directory), 0);
    CHECK_EQ(symlink("/tmp", directory), 0);
    CHECK_EQ(start_fails(), 1);
    CHECK_EQ(unlink(directory), 0);
    setenv("XDG_RUNTIME_DIR", "relative", 1);
    CHECK_EQ(start_fails(), 1);
    unsetenv("XDG_RUNTIME_DIR");
    CHECK_EQ(start_fails(), 1);
}

int main(void)
{
    char named[96];
    if (!daemon_place(&service))
        return 2;
    snprintf(directory, sizeof(directory), "%s/winscard", service.directory);
    snprintf(path, sizeof(path), "%s/tcp", directory);
    snprintf(named, sizeof(named), "file:%s", path);
    setenv("XDG_RUNTIME_DIR", service.directory, 1);
    setenv("WINSCARD_SERVICE", named, 1);
    unsetenv("WINSCARD_CARRIER");
    unsetenv("WINSCARD_TOKEN");
    test_file();
    test_of_another();
    test_bad_files();
    test_stranger();
    test_bad_places();
    CHECK_EQ(rmdir(service.directory), 0);
    return check_result();
}
