/* SPDX-License-Identifier: BSD-2-Clause */
/* winscardd --forward: a user's programs get by TCP to a service's Unix socket. One for each
 * user, not where it is not needed; strangers; a service that goes and comes back; its end
 * when nobody is there. */
#include "os/endpoint.h"
#include "os/time.h"
#include "service/endpoint_file.h"
#include "service/forward.h"
#include "tests/support/check.h"
#include "tests/support/daemon.h"
#include "tests/support/raw.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct daemon service;
static struct endpoint_file file;
static char token[MESSAGE_TOKEN_MAX + 1];

static pid_t start_forwarder(const char *path, const char *idle)
{
    pid_t child = fork();
    if (child == 0) {
        (void)execl(WINSCARDD, WINSCARDD, "--forward", "--foreground", "--socket", path,
                    idle != NULL ? "--exit-idle" : NULL, idle, (char *)NULL);
        _exit(127);
    }
    return child;
}

/* Its file is there. */
static void await_file(void)
{
    uint64_t deadline_ms = os_now_ms() + CHECK_HANG_MS;
    while (!endpoint_file_read(&file) && os_now_ms() < deadline_ms)
        usleep(2000);
    CHECK(file.says.port != 0);
    memcpy(token, file.says.token, file.says.token_size);
    token[file.says.token_size] = '\0';
}

static int status_of(pid_t child)
{
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static struct raw *new_client(void)
{
    struct raw *raw = calloc(1, sizeof(*raw));
    if (raw == NULL)
        abort();
    CHECK(raw_connect_tcp(raw, file.says.port));
    return raw;
}

static void end_client(struct raw *raw)
{
    raw_close(raw);
    free(raw);
}

/* --- Clients ------------------------------------------------------------------------ */

/* Calls, a second connection of the session, long messages. */
static void test_calls(void)
{
    static uint8_t item[60000], id[MESSAGE_CARD_ID_SIZE];
    struct raw *raw = new_client(), *second = new_client();
    CHECK_EQ(raw_prove(raw, NULL, token), SC_OK);
    uint32_t context = raw_establish(raw);
    CHECK(context != 0);
    RAW_REQUEST(raw, list_readers, .context = context);
    CHECK_EQ(raw_receive(raw), SC_OK);
    uint32_t card = raw_card(raw, context, "WinSCard Software Card 0");
    CHECK(card != 0);
    CHECK_EQ(raw_prove(second, raw->session, token), SC_OK);
    CHECK_EQ(raw_simple(second, MESSAGE_check_context, context), SC_OK);
    CHECK_EQ(raw_transmit(second, card), SC_OK);
    RAW_REQUEST(second, write_cache, .context = context, .id = {id, sizeof(id)},
                .name = message_text("x"), .data = {item, sizeof(item)});
    CHECK_EQ(raw_receive(second), SC_OK);
    RAW_REQUEST(second, read_cache, .context = context, .id = {id, sizeof(id)},
                .name = message_text("x"), .room = sizeof(item));
    CHECK_EQ(raw_receive(second), SC_OK);
    /* Whom the kernel says it is: so there are neither tokens nor pipes. */
    CHECK_EQ(raw_pipes(raw), SC_E_UNSUPPORTED_FEATURE);
    raw_request_watch(raw, context, "\\\\?PnP?\\Notification", 1 << 16, UINT64_MAX);
    do /* it may overtake what it is to end */
        CHECK_EQ(raw_simple(second, MESSAGE_cancel, context), SC_OK);
    while (!raw_has_reply(raw, 20));
    CHECK_EQ(raw_receive(raw), SC_E_CANCELLED);
    end_client(raw);
    CHECK_EQ(raw_simple(second, MESSAGE_check_context, context), SC_OK);
    end_client(second);
}

static void test_strangers(void)
{
    struct raw *raw = new_client();
    CHECK_EQ(raw_hello(raw, NULL, NULL), SC_W_SECURITY_VIOLATION);
    CHECK_EQ(raw_hello(raw, NULL, token), SC_W_SECURITY_VIOLATION); /* proved, not said */
    RAW_REQUEST(raw, establish, .abi = 0);
    CHECK_EQ(raw_receive(raw), SC_W_SECURITY_VIOLATION);
    CHECK_EQ(raw_prove(raw, NULL, "0123"), SC_E_COMM_DATA_LOST);
    CHECK_EQ(raw_prove(raw, NULL, token), SC_E_INVALID_PARAMETER);
    raw_close(raw);
    CHECK(raw_connect_tcp(raw, file.says.port));
    raw_begin(raw); /* more than a hello has */
    raw->writer.size += 1000;
    (void)raw_end(raw, MESSAGE_hello);
    CHECK_EQ(raw_receive(raw), RAW_GONE);
    raw_close(raw);
    CHECK(raw_connect_tcp(raw, file.says.port));
    for (int i = 0; i < 7; i++) {
        RAW_REQUEST(raw, establish, .abi = 0);
        CHECK_EQ(raw_receive(raw), SC_W_SECURITY_VIOLATION);
    }
    RAW_REQUEST(raw, establish, .abi = 0);
    CHECK_EQ(raw_receive(raw), SC_W_SECURITY_VIOLATION);
    CHECK_EQ(raw_receive(raw), RAW_GONE); /* enough of that */
    end_client(raw);
}

/* Many who say nothing do not keep out one who does; the oldest of them goes. */
static void test_crowd(void)
{
    enum { CROWD = FORWARD_UNNAMED_MAX + 8 };
    struct raw *crowd[CROWD], *raw;
    for (int i = 0; i < CROWD; i++)
        crowd[i] = new_client();
    raw = new_client();
    CHECK_EQ(raw_prove(raw, NULL, token), SC_OK);
    CHECK(raw_establish(raw) != 0);
    CHECK_EQ(raw_receive(crowd[0]), RAW_GONE);
    CHECK(raw_establish(raw) != 0);
    for (int i = 0; i < CROWD; i++)
        end_client(crowd[i]);
    end_client(raw);
}

/* --- Services ----------------------------------------------------------------------- */

static void test_service_goes(void)
{
    struct raw *raw = new_client();
    CHECK_EQ(raw_prove(raw, NULL, token), SC_OK);
    CHECK(daemon_stop(&service));
    CHECK_EQ(raw_receive(raw), RAW_GONE);
    raw_close(raw);
    CHECK(raw_connect_tcp(raw, file.says.port));
    CHECK_EQ(raw_prove(raw, NULL, token), SC_E_NO_SERVICE);
    raw_close(raw);
    CHECK(daemon_start(&service, WINSCARDD, "soft:", NULL, NULL));
    CHECK(raw_connect_tcp(raw, file.says.port));
    CHECK_EQ(raw_prove(raw, NULL, token), SC_OK);
    end_client(raw);
}

/* One for each user. */
static void test_others(void)
{
    CHECK_EQ(status_of(start_forwarder(service.path, NULL)), 0);
    CHECK(endpoint_file_read(&file) && memcmp(file.says.token, token, 64) == 0);
}

int main(void)
{
    char nobody[80], lock[FILENAME_MAX + 16];
    if (!daemon_place(&service))
        return 2;
    snprintf(nobody, sizeof(nobody), "%s/nobody", service.directory);
    setenv("XDG_RUNTIME_DIR", service.directory, 1);
    CHECK(os_user_endpoint(file.path, sizeof(file.path)));
    CHECK_EQ(status_of(start_forwarder(nobody, NULL)), 1);
    CHECK(access(file.path, F_OK) != 0);
    CHECK(daemon_start(&service, WINSCARDD, "soft:", NULL, NULL));
    pid_t forwarder = start_forwarder(service.path, "86400");
    await_file();
    test_calls();
    test_strangers();
    test_crowd();
    test_service_goes();
    test_others();
    CHECK_EQ(kill(forwarder, SIGTERM), 0);
    CHECK_EQ(status_of(forwarder), 0);
    CHECK(access(file.path, F_OK) != 0);
    /* It ends by itself, and not while somebody is there. */
    memset(&file.says, 0, sizeof(file.says));
    forwarder = start_forwarder(service.path, "1");
    await_file();
    CHECK_EQ(status_of(forwarder), 0);
    CHECK(access(file.path, F_OK) != 0);
    CHECK(daemon_stop(&service));
    snprintf(lock, sizeof(lock), "%s/winscard/forward.lock", service.directory);
    CHECK_EQ(unlink(lock), 0);
    *strrchr(lock, '/') = '\0';
    CHECK_EQ(rmdir(lock), 0);
    CHECK_EQ(rmdir(service.directory), 0);
    return check_result();
}
