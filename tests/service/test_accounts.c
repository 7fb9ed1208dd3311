/* SPDX-License-Identifier: BSD-2-Clause */
/* What one user takes of the service, another does not miss: connections, contexts,
 * unfinished requests, by our protocol and by pcscd's. The user who takes all it can is
 * another process, of another user if root runs the test; else one with limits of its own
 * by the policy, and the fairness is asked of the accounts themselves. */
#include "service/account.h"
#include "tests/support/check.h"
#include "tests/support/lite.h"
#include "tests/support/raw.h"

#include "base/log.h"
#include "os/lock.h"
#include "os/time.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    GREEDY = 65534,
    SOON_MS = 30000,
    LIMIT = 24,
    TRIES = 4 * LIMIT + 2 * ACCOUNT_EXTRA
};

static struct running service;
static uint32_t lines; /* atomic: of the log, on a user that has as many as it may */

static void count_line(enum log_level level, const char *line)
{
    if (level == LOG_ERROR && strstr(line, "as many") != NULL)
        __atomic_add_fetch(&lines, 1, __ATOMIC_SEQ_CST);
}

/* --- Accounts by themselves --------------------------------------------------------- */

static uint64_t take_all(struct server *server, struct account *account,
                         enum account_resource resource)
{
    while (account_take(server, account, resource, 1)) {
    }
    return account->held[resource];
}

/* Each that comes finds some, root most of all; who gives back may have it again. */
static void test_fairness(void)
{
    struct server *server = service.server;
    struct account *users[4], *root;
    os_mutex_lock(&server->lock);
    for (uint32_t i = 0; i < 4; i++) {
        users[i] = account_hold(server, 70000 + i);
        users[i]->limits = (struct policy_limits)POLICY_LIMITS_MOST;
    }
    root = account_hold(server, 0);
    root->limits = (struct policy_limits)POLICY_LIMITS_MOST;
    uint64_t capacity = server->totals.capacity[ACCOUNT_CONTEXTS];
    os_mutex_unlock(&server->lock);
    uint64_t first = take_all(server, users[0], ACCOUNT_CONTEXTS);
    CHECK(first > capacity / 3 && first < capacity / 2);
    uint64_t least = first;
    for (int i = 1; i < 4; i++) {
        uint64_t got = take_all(server, users[i], ACCOUNT_CONTEXTS);
        CHECK(got >= capacity / 32 && got <= least);
        least = got;
    }
    CHECK(!account_may(server, users[0], ACCOUNT_CONTEXTS));
    uint64_t roots = take_all(server, root, ACCOUNT_CONTEXTS);
    CHECK(roots >= capacity / ACCOUNT_RESERVE);
    CHECK_EQ(server->totals.held[ACCOUNT_CONTEXTS], capacity);
    account_give(server, root, ACCOUNT_CONTEXTS, roots);
    for (int i = 0; i < 4; i++)
        account_give(server, users[i], ACCOUNT_CONTEXTS,
                     users[i]->held[ACCOUNT_CONTEXTS]);
    CHECK_EQ(server->totals.held[ACCOUNT_CONTEXTS], 0);
    CHECK_EQ(take_all(server, users[3], ACCOUNT_CONTEXTS), first);
    account_give(server, users[3], ACCOUNT_CONTEXTS, first);
    os_mutex_lock(&server->lock);
    for (int i = 0; i < 4; i++)
        account_drop(server, users[i]);
    account_drop(server, root);
    CHECK(list_empty(&server->accounts));
    os_mutex_unlock(&server->lock);
}

/* --- One user takes all it can ------------------------------------------------------ */

/* What the greedy one does, until it is killed; tells by the pipe that it has all. */
typedef void greed(void);

static void hello_and_idle(void)
{
    for (int i = 0; i < TRIES; i++) {
        struct raw *raw = calloc(1, sizeof(*raw));
        if (raw == NULL || !raw_connect(raw, service.path))
            _exit(1);
        if (i % 2 == 0)
            (void)raw_hello(raw, NULL, NULL);
    }
}

static void many_contexts(void)
{
    for (int i = 0; i < 4; i++) {
        struct raw *raw = calloc(1, sizeof(*raw));
        if (raw == NULL || !raw_open(raw, service.path))
            _exit(1);
        for (int k = 0; k < LIMIT; k++)
            (void)raw_establish(raw);
        RAW_REQUEST(raw, establish, .abi = 0);
        if (raw_receive(raw) != SC_E_SERVER_TOO_BUSY)
            _exit(2);
    }
}

static void unfinished(void)
{
    for (int i = 0; i < 8; i++) {
        uint8_t bytes[MESSAGE_HEADER_SIZE];
        struct message_writer writer = {.bytes = bytes, .room = sizeof(bytes)};
        struct message_header header = {.size = MESSAGE_REQUEST_MAX,
                                        .call = MESSAGE_watch};
        struct raw *raw = calloc(1, sizeof(*raw));
        message_put_header(&writer, &header);
        if (raw == NULL || !raw_open(raw, service.path)
            || !raw_send(raw, bytes, sizeof(bytes)))
            _exit(1);
    }
}

/* Calls that wait: each takes half a megabyte. Those past the limit end. */
static void waiting(void)
{
    enum { ENTRIES = 4096, STATE_IGNORE = 1, STATE_NONE = 0x0C };
    static uint8_t bytes[ENTRIES * 8 + 16];
    struct raw *raw = NULL;
    for (int i = 0; i < 8; i++) {
        struct message_writer list = {.bytes = bytes, .room = sizeof(bytes)};
        struct message_watch_entry entry = {.current = STATE_NONE,
                                            .name = {(const uint8_t *)"none", 4}};
        message_put_watch_entry(&list, &entry);
        entry = (struct message_watch_entry){.current = STATE_IGNORE};
        for (int k = 1; k < ENTRIES; k++)
            message_put_watch_entry(&list, &entry);
        raw = calloc(1, sizeof(*raw));
        if (raw == NULL || !raw_open(raw, service.path))
            _exit(1);
        RAW_REQUEST(raw, watch, .context = raw_establish(raw), .timeout_ms = OS_FOREVER,
                    .count = ENTRIES, .entries = {bytes, list.size});
    }
    if (raw_receive(raw) != RAW_GONE)
        _exit(2);
}

static void pcscd_contexts(void)
{
    for (int i = 0; i < TRIES; i++) {
        struct lite *lite = calloc(1, sizeof(*lite));
        if (lite == NULL)
            _exit(1);
        (void)lite_open(lite, service.pcscd_path, 4);
    }
}

/* The policy of the greedy one. */
static void write_policy(const char *limits)
{
    char path[sizeof(service.directory) + 16];
    snprintf(path, sizeof(path), "%s/policy", service.directory);
    FILE *file = fopen(path, "w");
    CHECK(file != NULL
          && fprintf(file, "limit uid:%u %s\nallow everyone use any reader\n",
                     geteuid() == 0 ? (unsigned)GREEDY : (unsigned)geteuid(), limits)
                 > 0
          && fclose(file) == 0 && chmod(path, 0644) == 0);
    service.policy.path = path;
    CHECK_EQ(policy_store_load(&service.policy), SC_OK);
    service.policy.path = "/nonexistent/policy";
    unlink(path);
}

static pid_t start_greedy(greed *take)
{
    int ready[2];
    char byte = 0;
    CHECK(pipe(ready) == 0);
    pid_t child = fork();
    if (child == 0) {
        close(ready[0]);
        if (geteuid() == 0 && (setgid(GREEDY) != 0 || setuid(GREEDY) != 0))
            _exit(3);
        take();
        if (write(ready[1], &byte, 1) == 1)
            for (;;)
                pause();
        _exit(4);
    }
    close(ready[1]);
    CHECK(read(ready[0], &byte, 1) == 1); /* else it ended: something was not so */
    close(ready[0]);
    return child;
}

/* As this user, which is another one if root runs the test. */
static void check_served(void)
{
    struct raw *raw = calloc(1, sizeof(*raw));
    CHECK(raw != NULL && raw_open(raw, service.path));
    uint32_t context = raw_establish(raw);
    CHECK(context != 0);
    CHECK(raw_card(raw, context, "Fake Reader 0") != 0);
    raw_close(raw);
    free(raw);
}

static uint64_t held(enum account_resource resource)
{
    uint64_t most = 0;
    struct list_link *at;
    os_mutex_lock(&service.server->lock);
    LIST_FOR_EACH(at, &service.server->accounts)
    {
        const struct account *account = LIST_ENTRY(at, struct account, link);
        most = account->held[resource] > most ? account->held[resource] : most;
    }
    os_mutex_unlock(&service.server->lock);
    return most;
}

static void test_greed(const char *limits, greed *take, enum account_resource resource,
                       uint64_t most)
{
    __atomic_store_n(&lines, 0, __ATOMIC_SEQ_CST);
    write_policy(limits);
    pid_t greedy = start_greedy(take);
    CHECK(held(resource) <= most);
    CHECK_EQ(__atomic_load_n(&lines, __ATOMIC_SEQ_CST), 1); /* said, and once */
    if (geteuid() == 0)
        check_served();
    kill(greedy, SIGKILL);
    CHECK(waitpid(greedy, NULL, 0) == greedy);
    CHECK(running_settles(&service, 0));
    check_served(); /* nothing of it stays behind */
    CHECK(running_settles(&service, 0));
    CHECK_EQ(held(resource), 0);
}

/* --- Idle ones, and unfinished ones ------------------------------------------------- */

/* Idle connections of a user at its limit go; those that hold a context stay. */
static void test_idle_go_first(void)
{
    struct raw *all = calloc(LIMIT, sizeof(*all)), *fresh = calloc(1, sizeof(*fresh));
    write_policy("connections 24");
    __atomic_store_n(&lines, 0, __ATOMIC_SEQ_CST);
    uid_t own = geteuid();
    CHECK(own != 0 || seteuid(GREEDY) == 0);
    for (int i = 0; i < LIMIT; i++) {
        CHECK(raw_open(&all[i], service.path));
        if (i != 3)
            CHECK(raw_establish(&all[i]) != 0);
    }
    CHECK(raw_open(fresh, service.path) && raw_establish(fresh) != 0);
    CHECK_EQ(raw_receive(&all[3]), RAW_GONE);
    raw_close(fresh);
    raw_close(&all[3]);
    CHECK(running_settles(&service, LIMIT - 1));
    /* None is idle: one more is told so, and may join to end what waits. */
    CHECK(raw_open(&all[3], service.path) && raw_establish(&all[3]) != 0);
    CHECK(raw_connect(fresh, service.path));
    CHECK_EQ(raw_hello(fresh, NULL, NULL), SC_E_SERVER_TOO_BUSY);
    CHECK_EQ(raw_hello(fresh, all[0].session, NULL), SC_OK);
    CHECK_EQ(raw_simple(fresh, MESSAGE_check_context, 1), SC_E_SERVER_TOO_BUSY);
    CHECK_EQ(raw_simple(fresh, MESSAGE_cancel, 1), SC_E_INVALID_HANDLE);
    raw_close(fresh);
    for (int i = 0; i < LIMIT; i++)
        raw_close(&all[i]);
    CHECK(own != 0 || seteuid(0) == 0);
    CHECK(running_settles(&service, 0));
    free(all);
    free(fresh);
}

/* An ask that never becomes whole ends its connection, by whatever protocol. */
static void test_unfinished(void)
{
    static const uint8_t half[] = {4, 0, 0, 0, MESSAGE_cancel, 0};
    struct raw *raw = calloc(1, sizeof(*raw)), *whole = calloc(1, sizeof(*whole));
    struct lite *lite = calloc(1, sizeof(*lite));
    CHECK(raw_open(raw, service.path) && raw_open(whole, service.path));
    uint32_t context = raw_establish(whole);
    CHECK(lite_open(lite, service.pcscd_path, 4));
    CHECK(raw_send(raw, half, sizeof(half)));
    CHECK(raw_send_all(lite->fd, half, 3));
    CHECK_EQ(raw_receive(raw), RAW_GONE);
    CHECK(recv(lite->fd, &(char){0}, 1, 0) <= 0);
    /* One in two parts is as good as any, and who asks nothing may stay. */
    raw_begin(whole);
    message_put_u32(&whole->writer, context);
    struct message_header header = {.size = 4, .call = MESSAGE_check_context};
    struct message_writer front = {.bytes = whole->out, .room = MESSAGE_HEADER_SIZE};
    message_put_header(&front, &header);
    CHECK(raw_send(whole, whole->out, 6));
    CHECK(!raw_has_reply(whole, 20));
    CHECK(raw_send(whole, whole->out + 6, whole->writer.size - 6));
    CHECK_EQ(raw_receive(whole), SC_OK);
    CHECK(!raw_has_reply(whole, (int)(2 * service.server->options.request_ms)));
    CHECK_EQ(raw_simple(whole, MESSAGE_check_context, context), SC_OK);
    raw_close(raw);
    raw_close(whole);
    lite_close(lite);
    free(raw);
    free(whole);
    free(lite);
    CHECK(running_settles(&service, 0));
}

/* --- The card cache ----------------------------------------------------------------- */

static uint32_t use_cache(uint32_t uid, bool writes)
{
    static const uint8_t id[16] = "a card", data[] = "of a PIN's";
    struct raw *raw = calloc(1, sizeof(*raw));
    uid_t own = geteuid();
    struct message_span name = {(const uint8_t *)"item", 4};
    CHECK(own == uid || seteuid(uid) == 0);
    CHECK(raw_open(raw, service.path));
    uint32_t context = raw_establish(raw);
    if (writes)
        RAW_REQUEST(raw, write_cache, .context = context, .id = {id, sizeof(id)},
                    .freshness = 1, .name = name, .data = {data, sizeof(data)});
    else
        RAW_REQUEST(raw, read_cache, .context = context, .id = {id, sizeof(id)},
                    .freshness = 1, .name = name, .room = 100);
    uint32_t error = raw_receive(raw);
    raw_close(raw);
    free(raw);
    CHECK(own == uid || seteuid(own) == 0);
    return error;
}

/* A user's programs share it, and another's do not. */
static void test_cache(void)
{
    uint32_t own = (uint32_t)geteuid();
    struct raw *holder = calloc(1, sizeof(*holder)); /* the cache ends with the manager */
    CHECK(holder != NULL && raw_open(holder, service.path) && raw_establish(holder) != 0);
    CHECK_EQ(use_cache(own, true), SC_OK);
    CHECK_EQ(use_cache(own, false), SC_OK);
    if (own == 0) {
        CHECK_EQ(use_cache(GREEDY, false), SC_W_CACHE_ITEM_NOT_FOUND);
        CHECK_EQ(use_cache(GREEDY, true), SC_OK);
        CHECK_EQ(use_cache(GREEDY, false), SC_OK);
    }
    raw_close(holder);
    free(holder);
    CHECK(running_settles(&service, 0));
}

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?cards=1", 1);
    if (!running_start(&service, NULL))
        return 2;
    if (geteuid() == 0) {
        CHECK_EQ(chmod(service.directory, 0755), 0);
        CHECK_EQ(chmod(service.path, 0666), 0);
        CHECK_EQ(chmod(service.pcscd_path, 0666), 0);
    }
    log_set_level(LOG_ERROR);
    log_set_sink(count_line);
    test_fairness();
    test_greed("connections 24", hello_and_idle, ACCOUNT_CONNECTIONS, LIMIT + 1);
    test_greed("sessions 24", hello_and_idle, ACCOUNT_SESSIONS, LIMIT + 1);
    test_greed("contexts 24", many_contexts, ACCOUNT_CONTEXTS, LIMIT);
    test_greed("bytes 9000000", unfinished, ACCOUNT_BYTES, 9000000);
    test_greed("bytes 2000000", waiting, ACCOUNT_BYTES, 2000000);
    test_greed("contexts 24", pcscd_contexts, ACCOUNT_CONTEXTS, LIMIT);
    test_greed("connections 24", pcscd_contexts, ACCOUNT_CONNECTIONS,
               LIMIT + ACCOUNT_EXTRA);
    test_idle_go_first();
    test_cache();
    service.server->options.request_ms = 300;
    test_unfinished();
    log_set_sink(NULL);
    (void)running_stop(&service);
    return check_result();
}
