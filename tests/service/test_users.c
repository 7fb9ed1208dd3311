/* SPDX-License-Identifier: BSD-2-Clause */
/* list_users: who is told what of whom, and what users_ask() makes of it. */
#include "tests/support/raw.h"

#include "host/host.h"
#include "os/lock.h"
#include "os/time.h"
#include "os/trust.h"
#include "os/unix_socket.h"
#include "service/session.h"
#include "tests/support/check.h"
#include "tests/support/fake.h"
#include "users/users.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define READER "Fake Reader 0"
#define OTHER  "Fake Reader 1"
#define TOKEN  "0123456789abcdef"

enum {
    WAIT_MS = CHECK_HANG_MS,
    SHORT_MS = 200, /* for an answer that never comes */
    READERS = 1500,
    MINE = 1000,
    THEIRS = 1001,
    OWNER = 1002
};

static struct running service;
static struct raw asker, holder;
static uint32_t holder_context;

/* Makes a client another user's: the kernel says that all are this test's. */
static void set_user(const struct raw *raw, uint32_t uid)
{
    struct list_link *at;
    os_mutex_lock(&service.server->lock);
    LIST_FOR_EACH(at, &service.server->sessions)
    {
        struct session *session = LIST_ENTRY(at, struct session, link);
        if (memcmp(session->id, raw->session, MESSAGE_SESSION_SIZE) == 0)
            session->uid = uid;
    }
    os_mutex_unlock(&service.server->lock);
}

static uint32_t connect_to(struct raw *raw, uint32_t context, const char *reader,
                           uint32_t share)
{
    RAW_REQUEST(raw, connect, .context = context,
                .reader = {(const uint8_t *)reader, strlen(reader)}, .share = share,
                .protocols = share == 3 ? 0 : 3);
    struct message_response_connect reply;
    if (raw_receive(raw) != SC_OK || !message_get_response_connect(&raw->reader, &reply))
        abort();
    return reply.card;
}

static uint32_t connect_as(uint32_t share)
{
    return connect_to(&holder, holder_context, READER, share);
}

static void disconnect(uint32_t card)
{
    RAW_REQUEST(&holder, disconnect, .card = card, .disposition = 0);
    CHECK_EQ(raw_receive(&holder), SC_OK);
}

/* Entries that the asker, as this user, is told; the last one in *user, its texts gone.
 */
static uint32_t told(uint32_t uid, struct message_user *user)
{
    struct message_response_list_users reply;
    set_user(&asker, uid);
    RAW_REQUEST(&asker, list_users, .style = 0);
    CHECK_EQ(raw_receive(&asker), SC_OK);
    CHECK(message_get_response_list_users(&asker.reader, &reply));
    struct message_reader reader = {.bytes = reply.entries.bytes,
                                    .size = reply.entries.size};
    for (uint32_t i = 0; i < reply.count; i++)
        CHECK(message_get_user(&reader, user));
    CHECK_EQ(reader.at, reader.size);
    return reply.count;
}

static void test_others(void)
{
    struct message_user user = {0};
    service.server->options.owner = OWNER;
    set_user(&holder, THEIRS);
    /* Sessions without a card handle are nobody's business but their user's. */
    CHECK_EQ(told(MINE, &user), 0);
    CHECK_EQ(told(THEIRS, &user), 1);
    CHECK_EQ(user.share, 0);
    CHECK_EQ(user.contexts, 1);
    CHECK_EQ(user.reader.size, 0);
    /* Nor are those who share. */
    uint32_t card = connect_as(2);
    CHECK_EQ(told(MINE, &user), 0);
    CHECK_EQ(told(0, &user), 1);
    CHECK_EQ(user.share, 2);
    CHECK_EQ(told(OWNER, &user), 1);
    /* Who keeps others out is named, without what else it has. */
    CHECK_EQ(raw_simple(&holder, MESSAGE_begin, card), SC_OK);
    CHECK_EQ(told(MINE, &user), 1);
    CHECK_EQ(user.flags, MESSAGE_USER_HOLDS);
    CHECK_EQ(user.contexts, 0);
    CHECK_EQ(user.uid, THEIRS);
    CHECK_EQ(user.pid, (uint32_t)getpid());
    disconnect(card);
    card = connect_as(1);
    CHECK_EQ(told(MINE, &user), 1);
    CHECK_EQ(user.share, 1);
    CHECK_EQ(user.reader.size, strlen(READER));
    CHECK_EQ(user.program.size > 0, 1);
    disconnect(card);
    CHECK_EQ(told(MINE, &user), 0);
}

/* The same by the function that programs use; this process is every client. */
static void test_ask(void)
{
    struct reader_users users;
    service.server->options.owner = (uint32_t)getuid();
    uint32_t card = connect_as(1);
    CHECK_EQ(users_ask(service.path, os_now_ms() + WAIT_MS, &users), SC_OK);
    CHECK_EQ(users.count, 2);
    for (size_t i = 0; i < users.count; i++) {
        CHECK_EQ(users.users[i].pid, (uint32_t)getpid());
        if (users.users[i].share == 0)
            continue;
        CHECK_STR(users.users[i].reader, READER);
        CHECK_EQ(users.users[i].share, 1);
        CHECK_STR(users.users[i].program, "test_service_us"); /* 15 bytes, by Linux */
    }
    users_clear(&users);
    disconnect(card);
    CHECK_EQ(users_ask("/nonexistent/socket", os_now_ms() + WAIT_MS, &users),
             SC_E_FILE_NOT_FOUND);
    users_clear(&users);
}

/* Clients by TCP are the service's own user, who is told everything, and have no process
 * that the service could know. */
static void test_tcp(void)
{
    struct raw remote = {0};
    struct message_user user = {0};
    service.server->options.owner = (uint32_t)getuid();
    CHECK(raw_connect_tcp(&remote, service.tcp_port));
    CHECK_EQ(raw_hello(&remote, NULL, TOKEN), SC_OK);
    uint32_t context = raw_establish(&remote);
    (void)connect_to(&remote, context, READER, 1);
    CHECK_EQ(told(MINE, &user), 1);
    CHECK_EQ(user.pid, 0);
    CHECK_EQ(user.uid, (uint32_t)getuid());
    CHECK_EQ(user.share, 1);
    CHECK_EQ(user.program.size, 0);
    CHECK_EQ(user.reader.size, strlen(READER));
    raw_close(&remote);
    CHECK(running_settles(&service, 2));
    /* What it is told itself: of another user's handle that is shared. */
    set_user(&holder, THEIRS);
    uint32_t card = connect_as(2);
    CHECK(raw_connect_tcp(&remote, service.tcp_port));
    CHECK_EQ(raw_hello(&remote, NULL, TOKEN), SC_OK);
    RAW_REQUEST(&remote, list_users, .style = 0);
    struct message_response_list_users response;
    CHECK_EQ(raw_receive(&remote), SC_OK);
    CHECK(message_get_response_list_users(&remote.reader, &response));
    CHECK_EQ(response.count, 2); /* the holder and the asker */
    raw_close(&remote);
    CHECK(running_settles(&service, 2));
    disconnect(card);
    set_user(&holder, (uint32_t)getuid());
}

/* Says nothing to a socket that somebody else could have put there: a listener of this
 * test's own is left by its client without a byte. */
static bool is_told_something(const char *path)
{
    struct os_socket listener, client;
    struct reader_users users;
    uint8_t byte = 0;
    CHECK_EQ(os_unix_listen(path, 0666, &listener), SC_OK);
    CHECK_EQ(users_ask(path, os_now_ms() + SHORT_MS, &users),
             os_is_everybodys_place(path) ? SC_E_NO_SERVICE : SC_E_TIMEOUT);
    users_clear(&users);
    CHECK_EQ(os_socket_accept(listener, &client), SC_OK);
    enum sc_error error = os_socket_read(client, &byte, 1, os_now_ms() + WAIT_MS, NULL);
    os_socket_close(&client);
    os_socket_close(&listener);
    os_unix_unlink(path);
    return error == SC_OK;
}

static void test_strangers(void)
{
    char directory[] = "/tmp/users-XXXXXX", path[sizeof(directory) + 8];
    CHECK(mkdtemp(directory) != NULL);
    (void)snprintf(path, sizeof(path), "%s/s", directory);
    CHECK(is_told_something(path));
    CHECK_EQ(chmod(directory, 01777), 0);
    CHECK(!is_told_something(path));
    CHECK_EQ(chmod(directory, 0777), 0);
    CHECK(!is_told_something(path));
    CHECK_EQ(rmdir(directory), 0);
}

/* More handles than the first look has room for: those that are alike are one entry, and
 * the one with the transaction, the last, is first. */
static void test_many(void)
{
    enum { MANY = 900 };
    struct reader_users users;
    static uint32_t cards[MANY];
    for (size_t i = 0; i < MANY; i++)
        cards[i] = connect_as(2);
    CHECK_EQ(raw_simple(&holder, MESSAGE_begin, cards[MANY - 1]), SC_OK);
    CHECK_EQ(users_ask(service.path, os_now_ms() + WAIT_MS, &users), SC_OK);
    CHECK_EQ(users.count, 3);
    CHECK(users.users[0].holds);
    CHECK(!users.cut);
    for (size_t i = 1; i < users.count; i++)
        CHECK(!users.users[i].holds);
    users_clear(&users);
    for (size_t i = 0; i < MANY; i++)
        disconnect(cards[i]);
}

/* More than a reply has room for: it says so, and names who keeps others out. */
static void test_cut(void)
{
    enum { CROWDS = 3 };
    struct reader_users users;
    static struct raw crowd[CROWDS], last;
    char name[32];
    for (int i = 0; i < CROWDS; i++) {
        CHECK(raw_open(&crowd[i], service.path));
        uint32_t context = raw_establish(&crowd[i]);
        for (unsigned reader = 1; reader < READERS; reader++) {
            (void)snprintf(name, sizeof(name), "Fake Reader %u", reader);
            (void)connect_to(&crowd[i], context, name, 3);
        }
    }
    CHECK(raw_open(&last, service.path));
    (void)connect_to(&last, raw_establish(&last), READER, 1);
    CHECK_EQ(users_ask(service.path, os_now_ms() + WAIT_MS, &users), SC_OK);
    CHECK_EQ(users.count, MESSAGE_USERS_MAX);
    CHECK(users.cut);
    CHECK_EQ(users.users[0].share, 1);
    CHECK_STR(users.users[0].reader, READER);
    users_clear(&users);
    raw_close(&last);
    for (int i = 0; i < CROWDS; i++)
        raw_close(&crowd[i]);
}

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?count=1500&cards=1", 1);
    if (!running_start(&service, TOKEN))
        return 1;
    CHECK(raw_open(&asker, service.path));
    CHECK(raw_open(&holder, service.path));
    holder_context = raw_establish(&holder);
    test_others();
    set_user(&asker, (uint32_t)getuid());
    test_ask();
    test_tcp();
    set_user(&asker, (uint32_t)getuid());
    test_strangers();
    test_many();
    test_cut();
    raw_close(&asker);
    raw_close(&holder);
    CHECK(running_stop(&service) < WAIT_MS);
    return check_result();
}
