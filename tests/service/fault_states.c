/* SPDX-License-Identifier: BSD-2-Clause */
/* Clients of the service that go away in each state of a call, never read, or say half a
 * message and no more; drivers that hang. Others must not notice, and what the client
 * held is free at once. */
#include "tests/support/raw.h"

#include "os/lock.h"
#include "os/time.h"
#include "service/connection.h"
#include "tests/support/check.h"
#include "tests/support/fake.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define READER "Fake Reader 0"
#define OTHER  "Fake Reader 1"

enum { SOON_MS = CHECK_HANG_MS, RESET_MS = CHECK_HANG_MS, GUESTS = 3, HANG_MS = 6500 };

static struct running service;
static struct raw *good;
static uint32_t good_context;

static struct raw *new_raw(void)
{
    struct raw *raw = calloc(1, sizeof(*raw));
    if (raw == NULL || !raw_open(raw, service.path))
        abort();
    return raw;
}

static void end_raw(struct raw *raw)
{
    raw_close(raw);
    free(raw);
}

static void pause_ms(unsigned ms)
{
    usleep(ms * 1000);
}

/* The other client can have the whole reader for itself: nothing holds it. */
static void check_free_beside(const char *reader, uint32_t others)
{
    uint64_t deadline_ms = os_now_ms() + SOON_MS;
    struct message_response_connect reply;
    uint32_t error;
    do {
        RAW_REQUEST(good, connect, .context = good_context,
                    .reader = {(const uint8_t *)reader, strlen(reader)}, .share = 1,
                    .protocols = 3);
        error = raw_receive(good);
    } while (error == SC_E_SHARING_VIOLATION && os_now_ms() < deadline_ms);
    CHECK_EQ(error, SC_OK);
    if (error != SC_OK || !message_get_response_connect(&good->reader, &reply))
        return;
    CHECK_EQ(raw_simple(good, MESSAGE_begin, reply.card), SC_OK);
    CHECK_EQ(raw_transmit(good, reply.card), SC_OK);
    CHECK_EQ(raw_simple(good, MESSAGE_disconnect, reply.card), SC_OK);
    CHECK(running_settles(&service, 1 + others));
}

static void check_free(const char *reader)
{
    check_free_beside(reader, 0);
}

/* --- Parked calls ------------------------------------------------------------------- */

/* A client with a card, and another that holds the card's transaction. */
struct scene {
    struct raw *holder, *guest;
    uint32_t held, context, card;
};

static void set_scene(struct scene *scene)
{
    scene->holder = new_raw();
    scene->guest = new_raw();
    scene->held = raw_card(scene->holder, raw_establish(scene->holder), READER);
    scene->context = raw_establish(scene->guest);
    scene->card = raw_card(scene->guest, scene->context, READER);
    CHECK(scene->held != 0 && scene->card != 0);
    CHECK_EQ(raw_simple(scene->holder, MESSAGE_begin, scene->held), SC_OK);
}

static void ask_simple(struct raw *raw, uint16_t call, uint32_t handle)
{
    raw_begin(raw);
    message_put_u32(&raw->writer, handle);
    if (call == MESSAGE_end || call == MESSAGE_disconnect)
        message_put_u32(&raw->writer, 1);
    CHECK(raw_end(raw, call));
}

static void ask_parked(struct scene *scene, int what)
{
    static const uint8_t command[3000] = {0x00, 0x84};
    switch (what) {
    case 0:
        ask_simple(scene->guest, MESSAGE_begin, scene->card);
        break;
    case 1:
        raw_request_transmit(scene->guest, scene->card, command, sizeof(command));
        break;
    case 2:
        RAW_REQUEST(scene->guest, reconnect, .card = scene->card, .share = 2,
                    .protocols = 3, .disposition = 1);
        break;
    case 3:
        RAW_REQUEST(scene->guest, control, .card = scene->card, .code = 0x00312004,
                    .room = 64, .in = {command, 64});
        break;
    case 4:
        RAW_REQUEST(scene->guest, set_attribute, .card = scene->card, .id = 0x7FFF,
                    .value = {command, 64});
        break;
    default: /* one that only the driver can know */
        RAW_REQUEST(scene->guest, get_attribute, .card = scene->card, .id = 0x7FFF);
    }
}

/* Each call that waits for a transaction, with the client's end before and after it is
 * parked, and with the holder's end besides. */
static void test_parked_calls(void)
{
    struct scene scene;
    for (int what = 0; what < 6; what++) {
        for (int way = 0; way < 4; way++) {
            set_scene(&scene);
            ask_parked(&scene, what);
            if (way > 0) {
                pause_ms(10);
                CHECK(!raw_has_reply(scene.guest, 0));
            }
            if (way < 2) {
                end_raw(scene.guest);
                CHECK(running_settles(&service, 2));
                CHECK_EQ(raw_transmit(scene.holder, scene.held), SC_OK);
                end_raw(scene.holder);
            } else if (way == 2) {
                end_raw(scene.holder); /* the guest's turn */
                CHECK(raw_receive(scene.guest) != RAW_GONE);
                end_raw(scene.guest);
            } else {
                end_raw(scene.holder);
                end_raw(scene.guest);
            }
            check_free(READER);
        }
    }
}

/* The bytes of a parked command are those that were sent. */
static void test_parked_bytes(void)
{
    struct scene scene;
    uint8_t bytes[600];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 7);
    set_scene(&scene);
    RAW_REQUEST(scene.guest, control, .card = scene.card, .code = 0x00312004,
                .room = 1000, .in = {bytes, sizeof(bytes)});
    CHECK(!raw_has_reply(scene.guest, 20));
    CHECK_EQ(raw_simple(scene.holder, MESSAGE_end, scene.held), SC_OK);
    CHECK_EQ(raw_receive(scene.guest), SC_OK);
    struct message_response_control reply;
    CHECK(message_get_response_control(&scene.guest->reader, &reply));
    CHECK_EQ(reply.out.size, sizeof(bytes));
    if (reply.out.size == sizeof(bytes))
        CHECK_MEM(reply.out.bytes, bytes, sizeof(bytes));
    end_raw(scene.guest);
    end_raw(scene.holder);
    check_free(READER);
}

static void test_parked_connect(void)
{
    struct scene scene;
    for (int way = 0; way < 2; way++) {
        set_scene(&scene);
        raw_request_connect(scene.guest, scene.context, READER);
        (void)raw_receive(scene.guest);
        /* One that has to change something has to wait. */
        __atomic_store_n(&fake_behaviour(1)->hang, 1, __ATOMIC_RELEASE);
        struct raw *busy = new_raw();
        uint32_t card = raw_card(busy, raw_establish(busy), OTHER);
        static const uint8_t command[5] = {0, 0x84, 0, 0, 8};
        raw_request_transmit(busy, card, command, sizeof(command));
        pause_ms(10);
        raw_request_connect(scene.guest, scene.context, OTHER);
        CHECK(!raw_has_reply(scene.guest, 10));
        if (way == 0)
            end_raw(scene.guest);
        end_raw(busy); /* aborts what hangs */
        CHECK(running_settles(&service, way == 0 ? 2 : 3));
        __atomic_store_n(&fake_behaviour(1)->hang, 0, __ATOMIC_RELEASE);
        if (way != 0) {
            CHECK_EQ(raw_receive(scene.guest), SC_OK);
            end_raw(scene.guest);
        }
        end_raw(scene.holder);
        check_free(OTHER);
        check_free(READER);
    }
}

static void test_parked_watch(void)
{
    for (int way = 0; way < 2; way++) {
        struct raw *raw = new_raw(), *second = calloc(1, sizeof(*second));
        CHECK(second != NULL && raw_join(second, service.path, raw));
        uint32_t context = raw_establish(raw);
        raw_request_watch(second, context, "\\\\?PnP?\\Notification", 0x20000,
                          OS_FOREVER);
        if (raw_has_reply(second, 30)) {
            struct message_response_watch reply;
            CHECK_EQ(raw_receive(second), SC_OK);
            CHECK(message_get_response_watch(&second->reader, &reply));
            struct message_reader list = {.bytes = reply.entries.bytes,
                                          .size = reply.entries.size};
            struct message_watch_result entry;
            CHECK(message_get_watch_result(&list, &entry));
            raw_request_watch(second, context, "\\\\?PnP?\\Notification", entry.event,
                              OS_FOREVER);
        }
        if (way == 0)
            pause_ms(10);
        /* The watch's connection alone goes; its client stays. */
        end_raw(second);
        CHECK(running_settles(&service, 2));
        CHECK_EQ(raw_simple(raw, MESSAGE_check_context, context), SC_OK);
        end_raw(raw);
        CHECK(running_settles(&service, 1));
    }
}

/* A watch ends in time, again and again. */
static void test_watch_in_time(void)
{
    struct raw *raw = new_raw();
    uint32_t context = raw_establish(raw);
    for (int i = 0; i < 150; i++) {
        raw_request_watch(raw, context, "Nobody's Reader 0", 4, 1 + (uint64_t)i % 3);
        CHECK(raw_has_reply(raw, SOON_MS));
        CHECK(raw_receive(raw) != RAW_GONE);
    }
    end_raw(raw);
}

/* A context is released while somebody else's command takes its time on one of its cards:
 * nothing of that is waited for.
 */
static void test_release_meanwhile(void)
{
    static const uint8_t command[5] = {0, 0x84, 0, 0, 8};
    struct raw *raw = new_raw(), *busy = new_raw();
    uint32_t other = raw_card(busy, raw_establish(busy), OTHER);
    uint32_t context = raw_establish(raw);
    CHECK(raw_card(raw, context, OTHER) != 0 && raw_card(raw, context, READER) != 0);
    __atomic_store_n(&fake_behaviour(1)->hang, 1, __ATOMIC_RELEASE);
    raw_request_transmit(busy, other, command, sizeof(command));
    pause_ms(10);
    CHECK_EQ(raw_simple(raw, MESSAGE_release, context), SC_OK);
    CHECK(!raw_has_reply(busy, 0));
    end_raw(raw);
    pause_ms(10);
    end_raw(busy);
    CHECK(running_settles(&service, 1));
    __atomic_store_n(&fake_behaviour(1)->hang, 0, __ATOMIC_RELEASE);
    check_free(OTHER);
    check_free(READER);
}

/* --- Jobs --------------------------------------------------------------------------- */

/* A client goes while its command runs: the driver is told to abort, and the card is
 * reset before the next one has it. */
static void set(uint32_t *behaviour, uint32_t value)
{
    __atomic_store_n(behaviour, value, __ATOMIC_RELEASE);
}

/* The client goes while a thread is busy with the release of its context: with a reset of
 * the first card. The next card's turn comes only later, since another's command runs
 * there. */
static void test_running_release(void)
{
    static const uint8_t command[5] = {0x00, 0x84};
    struct raw *other = new_raw(), *guest = new_raw(),
               *second = calloc(1, sizeof(*second));
    uint32_t others = raw_card(other, raw_establish(other), OTHER);
    CHECK(second != NULL && raw_join(second, service.path, guest));
    uint32_t context = raw_establish(guest);
    uint32_t card = raw_card(guest, context, READER);
    CHECK(others != 0 && card != 0 && raw_card(guest, context, OTHER) != 0);
    CHECK_EQ(raw_simple(guest, MESSAGE_begin, card), SC_OK);
    set(&fake_behaviour(1)->hang, 1);
    raw_request_transmit(other, others, command, sizeof(command));
    /* It ends after the release has begun, which so goes on in another thread. */
    set(&fake_behaviour(0)->ignore_stop, 1);
    fake_behaviour(0)->deadline_ms = os_now_ms() + 500;
    set(&fake_behaviour(0)->hang, 1);
    raw_request_transmit(guest, card, command, sizeof(command));
    pause_ms(100);
    fake_hang(0);
    uint32_t powered = fake_counts(0).power;
    RAW_REQUEST(second, release, .context = context);
    while (fake_counts(0).power == powered)
        pause_ms(1);
    pause_ms(30);
    end_raw(second);
    end_raw(guest);
    pause_ms(50);
    set(&fake_behaviour(0)->hang, 0);
    set(&fake_behaviour(0)->ignore_stop, 0);
    fake_answer(0);
    pause_ms(100);
    CHECK(!raw_has_reply(other, 0));
    set(&fake_behaviour(1)->hang, 0);
    fake_answer(1); /* wakes it */
    CHECK(raw_has_reply(other, SOON_MS));
    check_free_beside(READER, 1);
    end_raw(other);
    check_free(OTHER);
}

/* The release of a context frees its readers at once, also one whose card takes its time
 * to be reset: who waits for another has it meanwhile. */
static void test_long_release(void)
{
    struct raw *raw = new_raw(), *other = new_raw();
    uint32_t context = raw_establish(raw);
    uint32_t first = raw_card(raw, context, READER),
             second = raw_card(raw, context, OTHER);
    uint32_t card = raw_card(other, raw_establish(other), READER);
    CHECK_EQ(raw_simple(raw, MESSAGE_begin, first), SC_OK);
    CHECK_EQ(raw_simple(raw, MESSAGE_begin, second), SC_OK);
    ask_simple(other, MESSAGE_begin, card);
    CHECK(!raw_has_reply(other, 20));
    fake_hang(1);
    ask_simple(raw, MESSAGE_release, context);
    CHECK(raw_has_reply(other, SOON_MS));
    CHECK_EQ(raw_receive(raw), SC_OK);
    fake_answer(1);
    end_raw(raw);
    end_raw(other);
    check_free(READER);
    check_free(OTHER);
}

static void test_running_transmit(void)
{
    static const uint8_t command[5] = {0, 0x84, 0, 0, 8};
    for (int way = 0; way < 2; way++) {
        struct raw *raw = new_raw();
        uint32_t card = raw_card(raw, raw_establish(raw), READER);
        CHECK_EQ(raw_simple(raw, MESSAGE_begin, card), SC_OK);
        CHECK_EQ(raw_transmit(raw, card), SC_OK);
        uint32_t powers = fake_counts(0).power;
        __atomic_store_n(&fake_behaviour(0)->hang, 1, __ATOMIC_RELEASE);
        raw_request_transmit(raw, card, command, sizeof(command));
        if (way == 0)
            pause_ms(20);
        uint64_t begin_ms = os_now_ms();
        end_raw(raw);
        CHECK(running_settles(&service, 1));
        CHECK(os_now_ms() - begin_ms < 1000);
        __atomic_store_n(&fake_behaviour(0)->hang, 0, __ATOMIC_RELEASE);
        while (fake_counts(0).power == powers && os_now_ms() - begin_ms < RESET_MS)
            pause_ms(1); /* by a thread of the service's own */
        CHECK(fake_counts(0).power > powers);
        check_free(READER);
    }
}

/* A driver that neither answers nor aborts: its reader alone is held up. */
static void test_hung_driver(void)
{
    static const uint8_t command[5] = {0, 0x84, 0, 0, 8};
    struct raw *stuck = new_raw(), *guests[GUESTS];
    uint32_t card = raw_card(stuck, raw_establish(stuck), OTHER);
    fake_behaviour(1)->deadline_ms = os_now_ms() + HANG_MS;
    __atomic_store_n(&fake_behaviour(1)->ignore_stop, 1, __ATOMIC_RELEASE);
    __atomic_store_n(&fake_behaviour(1)->hang, 1, __ATOMIC_RELEASE);
    raw_request_transmit(stuck, card, command, sizeof(command));
    pause_ms(10);
    for (int i = 0; i < GUESTS; i++) {
        guests[i] = new_raw();
        raw_request_connect(guests[i], raw_establish(guests[i]), OTHER);
    }
    uint64_t begin_ms = os_now_ms();
    for (int i = 0; i < 50; i++) {
        struct raw *raw = new_raw();
        uint32_t mine = raw_card(raw, raw_establish(raw), READER);
        CHECK_EQ(raw_transmit(raw, mine), SC_OK);
        /* Else its end resets the card, and the next may have it by then. */
        RAW_REQUEST(raw, disconnect, .card = mine, .disposition = 0);
        CHECK_EQ(raw_receive(raw), SC_OK);
        end_raw(raw);
    }
    CHECK(os_now_ms() - begin_ms < HANG_MS / 2);
    for (int i = 0; i < GUESTS; i++)
        end_raw(guests[i]);
    end_raw(stuck);
    check_free_beside(READER, 1);
    while (os_now_ms() < fake_behaviour(1)->deadline_ms)
        pause_ms(50);
    __atomic_store_n(&fake_behaviour(1)->hang, 0, __ATOMIC_RELEASE);
    __atomic_store_n(&fake_behaviour(1)->ignore_stop, 0, __ATOMIC_RELEASE);
    CHECK(running_settles(&service, 1));
    check_free(READER);
}

/* --- Clients that do not read, or do not write -------------------------------------- */

/* The service's end of the connection that came last takes little at once. */
static void shrink_buffer(void)
{
    int size = 1;
    os_mutex_lock(&service.server->lock);
    struct connection *connection =
        LIST_ENTRY(service.server->connections.prev, struct connection, link);
    (void)setsockopt((int)connection->socket.native, SOL_SOCKET, SO_SNDBUF, &size,
                     sizeof(size));
    os_mutex_unlock(&service.server->lock);
}

/* A client with a transaction and a long answer under way that it does not read. */
static struct raw *begin_unread(void)
{
    static const uint8_t command[5] = {0, 0x84, 0, 0, 8};
    struct raw *raw = new_raw();
    shrink_buffer();
    uint32_t card = raw_card(raw, raw_establish(raw), READER);
    CHECK_EQ(raw_simple(raw, MESSAGE_begin, card), SC_OK);
    fake_behaviour(0)->answer_size = 65538;
    raw_request_transmit(raw, card, command, sizeof(command));
    CHECK(raw_has_reply(raw, SOON_MS));
    uint8_t first;
    CHECK(recv(raw->fd, &first, 1, MSG_PEEK) == 1); /* the driver is through with it */
    pause_ms(10);
    fake_behaviour(0)->answer_size = 0;
    return raw;
}

/* The end of the client half way through its reply, and replies that are read late. */
static void test_half_read_reply(void)
{
    uint8_t some[1000];
    for (int way = 0; way < 4; way++) {
        struct raw *raw = begin_unread();
        if (way == 1)
            CHECK(recv(raw->fd, some, sizeof(some), 0) > 0);
        if (way == 2) { /* and asks something meanwhile, which is no protocol */
            ask_simple(raw, MESSAGE_check_context, 1);
            pause_ms(10);
        }
        if (way == 3) {
            struct message_response_transmit reply;
            CHECK_EQ(raw_receive(raw), SC_OK);
            CHECK(message_get_response_transmit(&raw->reader, &reply));
            CHECK_EQ(reply.out.size, 65538);
            CHECK(raw_establish(raw) != 0); /* goes on as if nothing had been */
        }
        end_raw(raw);
        CHECK(running_settles(&service, 1));
        check_free(READER);
    }
}

/* Those who read nothing, and those who never say who they are, are dropped after their
 * time; a transaction passes on with that. */
static void test_slow_clients(void)
{
    struct raw *mute = calloc(1, sizeof(*mute)), *half = calloc(1, sizeof(*half));
    uint64_t begin_ms = os_now_ms();
    struct raw *raw = begin_unread();
    CHECK(raw_connect(mute, service.path) && raw_connect(half, service.path));
    CHECK(raw_send(half, "\7\0", 2));
    CHECK_EQ(raw_simple(good, MESSAGE_check_context, good_context), SC_OK);
    while (os_now_ms() < begin_ms + WRITE_MS - 1000)
        pause_ms(50);
    CHECK(running_settles(&service, 4));
    pause_ms(1000);
    CHECK(running_settles(&service, 1));
    CHECK(os_now_ms() - begin_ms < WRITE_MS + 1500);
    CHECK_EQ(raw_receive(mute), RAW_GONE);
    CHECK_EQ(raw_receive(half), RAW_GONE);
    check_free(READER);
    end_raw(raw);
    end_raw(mute);
    end_raw(half);
}

/* Half a message, then silence: it costs nobody anything, until the client goes. */
static void test_half_messages(void)
{
    struct raw *raws[20];
    for (int i = 0; i < 20; i++) {
        raws[i] = new_raw();
        uint32_t context = raw_establish(raws[i]);
        raw_begin(raws[i]);
        message_put_u32(&raws[i]->writer, context);
        int fd = raws[i]->fd;
        raws[i]->fd = -1;
        (void)raw_end(raws[i], MESSAGE_check_context);
        raws[i]->fd = fd;
        CHECK(raw_send(raws[i], raws[i]->out, 1 + (size_t)i % 15));
    }
    pause_ms(10);
    CHECK_EQ(raw_simple(good, MESSAGE_check_context, good_context), SC_OK);
    for (int i = 0; i < 20; i++)
        end_raw(raws[i]);
    CHECK(running_settles(&service, 1));
}

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?count=2&cards=1", 1);
    if (!running_start(&service, NULL))
        return 1;
    good = new_raw();
    good_context = raw_establish(good);
    test_parked_calls();
    test_parked_bytes();
    test_parked_connect();
    test_parked_watch();
    test_watch_in_time();
    test_release_meanwhile();
    test_running_release();
    test_long_release();
    test_running_transmit();
    test_hung_driver();
    test_half_read_reply();
    test_slow_clients();
    test_half_messages();
    end_raw(good);
    CHECK(running_settles(&service, 0));
    CHECK(list_empty(&service.server->sessions));
    CHECK(running_stop(&service) < 4000);
    return check_result();
}
