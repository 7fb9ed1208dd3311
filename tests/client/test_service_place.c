/* SPDX-License-Identifier: BSD-2-Clause */
/* Which service a program gets to: one that was named or an error, one that answers, and
 * none of a stranger's. */
#include "client/client.h"
#include "client/service.h"
#include "os/time.h"
#include "os/unix_socket.h"
#include "tests/support/check.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STRANGER = 65534 };

static char directory[64] = "/tmp/service-place-XXXXXX";
static char path[96], inner[96], other[128];

/* What establish gives in a process of its own, with this environment; NULL: unset. */
static enum sc_error establish_with(const char *carrier, const char *service,
                                    const char *user)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        uint32_t context = 0;
        const struct {
            const char *name, *value;
        } all[] = {{"WINSCARD_CARRIER", carrier},
                   {"WINSCARD_SERVICE", service},
                   {"WINSCARD_SERVICE_USER", user}};
        for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
            (void)(all[i].value != NULL ? setenv(all[i].name, all[i].value, 1)
                                        : unsetenv(all[i].name));
        const struct carrier *made = client_carrier();
        _exit(made == &carrier_local
                  ? 100
                  : (int)(made == NULL ? SC_E_NO_SERVICE
                                       : made->establish(ABI_WINDOWS, &context)));
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
    return (enum sc_error)WEXITSTATUS(status);
}

enum { LOCAL = 100 };

/* Who names a service gets it, or an error; going on without it is asked for. */
static void test_named(void)
{
    char nobody[128];
    snprintf(nobody, sizeof(nobody), "unix:%s/nobody", directory);
    CHECK_EQ(establish_with(NULL, nobody, NULL), SC_E_NO_SERVICE);
    CHECK_EQ(establish_with("", nobody, NULL), SC_E_NO_SERVICE);
    CHECK_EQ(establish_with("service", nobody, NULL), SC_E_NO_SERVICE);
    CHECK_EQ(establish_with(NULL, "nonsense", NULL), SC_E_NO_SERVICE);
    CHECK_EQ(establish_with(NULL, "tcp:127.0.0.1:1", NULL), SC_E_NO_SERVICE);
    CHECK_EQ(establish_with("auto", nobody, NULL), LOCAL);
    /* Even beside readers that were named for this process. */
    setenv("WINSCARD_READERS", "soft:", 1);
    CHECK_EQ(establish_with(NULL, nobody, NULL), SC_E_NO_SERVICE);
    CHECK_EQ(establish_with(NULL, NULL, NULL), LOCAL);
    CHECK_EQ(establish_with(NULL, "", NULL), LOCAL);
    CHECK_EQ(establish_with("auto", nobody, NULL), LOCAL);
    unsetenv("WINSCARD_READERS");
}

/* Somebody listens, and never answers: as if nobody were there. */
static void test_mute(void)
{
    struct os_socket listener;
    char service[128];
    snprintf(service, sizeof(service), "unix:%s", path);
    CHECK_EQ(os_unix_listen(path, 0666, &listener), SC_OK);
    CHECK_EQ(establish_with(NULL, service, NULL), SC_E_NO_SERVICE);
    CHECK_EQ(establish_with("auto", service, NULL), LOCAL);
    os_socket_close(&listener);
    os_unix_unlink(path);
}

/* A service of a stranger's, or of ours, that hangs up on everybody: SC_E_NO_SERVICE is
 * what its client gets in any case, so that what counts is whether it got a connection.
 */
static pid_t start_listener(const char *where, uint32_t uid)
{
    int ready[2];
    char byte = 0;
    CHECK(pipe(ready) == 0);
    pid_t child = fork();
    if (child == 0) {
        struct os_socket listener, client;
        if ((uid != (uint32_t)geteuid() && (setgid(uid) != 0 || setuid(uid) != 0))
            || os_unix_listen(where, 0666, &listener) != SC_OK)
            _exit(1);
        if (write(ready[1], &byte, 1) != 1)
            _exit(1);
        /* 1: somebody said something; 0: they closed without a word. */
        for (;;) {
            struct os_poll_entry one = {.socket = listener, .want_read = true};
            if (os_poll(&one, 1, NULL, OS_FOREVER) == SC_OK
                && os_socket_accept(listener, &client) == SC_OK)
                break;
        }
        enum sc_error error = os_socket_read(client, &byte, 1, os_now_ms() + 60000, NULL);
        _exit(error == SC_OK ? 10 : 11);
    }
    close(ready[1]);
    CHECK(read(ready[0], &byte, 1) == 1);
    close(ready[0]);
    return child;
}

/* Whether the library said anything to who listens at `where`, when asked for `named` as
 * its own service, or as pcscd. */
static bool is_taken_as(bool pcscd, const char *where, const char *named, uint32_t uid,
                        const char *user)
{
    char service[160];
    int status = -1;
    snprintf(service, sizeof(service), "unix:%s", named);
    pid_t listener = start_listener(where, uid);
    if (pcscd) {
        setenv("PCSCLITE_CSOCK_NAME", named, 1);
        CHECK(establish_with("pcscd", NULL, user) != SC_OK);
        setenv("PCSCLITE_CSOCK_NAME", "/nonexistent/comm", 1);
    } else {
        CHECK_EQ(establish_with(NULL, service, user), SC_E_NO_SERVICE);
    }
    CHECK(waitpid(listener, &status, 0) == listener && WIFEXITED(status)
          && WEXITSTATUS(status) >= 10);
    unlink(where);
    return WEXITSTATUS(status) == 10;
}

/* By both protocols alike. */
static bool is_taken(const char *where, const char *named, uint32_t uid, const char *user)
{
    bool taken = is_taken_as(false, where, named, uid, user);
    CHECK_EQ(is_taken_as(true, where, named, uid, user), taken);
    return taken;
}

static void test_places(void)
{
    uint32_t own = (uint32_t)geteuid();
    CHECK(is_taken(path, path, own, NULL));
    /* Everybody may make files there, and replace those of others. */
    CHECK_EQ(chmod(directory, 0777), 0);
    CHECK(!is_taken(path, path, own, NULL));
    CHECK(is_taken(path, path, own, "any"));
    /* As /tmp: nobody may replace those of others, but be there before them. */
    CHECK_EQ(chmod(directory, 01777), 0);
    CHECK(!is_taken(path, path, own, NULL));
    CHECK(is_taken(path, path, own, "any"));
    /* A link is no way around that. */
    CHECK_EQ(mkdir(inner, 0700), 0);
    CHECK_EQ(symlink(path, other), 0);
    CHECK(!is_taken(path, other, own, NULL));
    CHECK_EQ(chmod(directory, 0755), 0);
    CHECK(is_taken(path, other, own, NULL));
    CHECK_EQ(unlink(other), 0);
    CHECK_EQ(rmdir(inner), 0);
}

static void test_strangers(void)
{
    CHECK_EQ(chmod(directory, 0755), 0);
    CHECK_EQ(chown(directory, STRANGER, STRANGER), 0);
    CHECK(!is_taken(path, path, STRANGER, NULL));
    CHECK(!is_taken(path, path, STRANGER, "root"));
    CHECK(!is_taken(path, path, STRANGER, "no such user"));
    CHECK(!is_taken(path, path, STRANGER, "65533"));
    CHECK(is_taken(path, path, STRANGER, "65534"));
    CHECK(is_taken(path, path, STRANGER, "any"));
    CHECK_EQ(chown(directory, geteuid(), getegid()), 0);
    CHECK_EQ(chmod(directory, 0700), 0);
}

int main(void)
{
    if (mkdtemp(directory) == NULL)
        return 2;
    snprintf(path, sizeof(path), "%s/s", directory);
    snprintf(inner, sizeof(inner), "%s/inner", directory);
    snprintf(other, sizeof(other), "%s/other", inner);
    unsetenv("XDG_RUNTIME_DIR");
    unsetenv("WINSCARD_READERS");
    setenv("PCSCLITE_CSOCK_NAME", "/nonexistent/comm", 1);
    test_named();
    test_places();
    if (geteuid() == 0)
        test_strangers();
    else
        puts("sockets of another user: asked by root alone, who can be somebody else");
    test_mute();
    CHECK_EQ(rmdir(directory), 0);
    return check_result();
}
