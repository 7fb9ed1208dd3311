/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the service as a whole, with one thread, and sockets, events and a clock of this
 * file: several clients that connect, say anything whole or in pieces, read late or
 * never, and go. Input: actions, a byte each, with what they need. In the end all clients
 * go, and then nothing may be left of them. */
#include "host/host_internal.h"
#include "message/message.h"
#include "os/lock.h"
#include "os/thread.h"
#include "os/time.h"
#include "service/connection.h"
#include "service/dispatch.h"
#include "service/server.h"
#include "service/session.h"
#include "tests/fuzz/property.h"
#include "tests/support/fake.h"

#include <stdlib.h>

enum { CLIENTS = 5, PIPE_ROOM = 16384, HANDLES = 16, FIRST_FD = 1000, STEPS_MAX = 4000 };
enum { WRITE_ROOM = 1 << 20, ENDING_MS = 60000 };

static struct client {
    bool open;  /* the service has it */
    bool ended; /* the client closed */
    uint8_t bytes[PIPE_ROOM];
    size_t at, size;
    size_t room; /* bytes that the service may write */
    void *item;  /* of the poller */
} clients[CLIENTS];

static struct input input;
static struct server *server;
static struct policy_store policy;
static uint32_t handles[HANDLES], handle_count, wakes, steps;
static uint64_t now_ms, timer_ms;
static uint8_t session_id[MESSAGE_SESSION_SIZE];
static bool serving;

static struct client *client_of(struct os_socket socket)
{
    intptr_t number = socket.native - FIRST_FD;
    PROPERTY(number >= 0 && number < CLIENTS);
    return &clients[number];
}

/* --- The system --------------------------------------------------------------------- */

uint64_t __wrap_os_now_ms(void);
uint64_t __wrap_os_now_ms(void)
{
    return now_ms;
}

int __wrap_os_ms_left(uint64_t deadline_ms);
int __wrap_os_ms_left(uint64_t deadline_ms)
{
    if (deadline_ms == OS_FOREVER)
        return -1;
    return deadline_ms > now_ms ? (int)(deadline_ms - now_ms) : 0;
}

void __wrap_os_mutex_lock(struct os_mutex *mutex);
void __wrap_os_mutex_lock(struct os_mutex *mutex)
{
    (void)mutex;
}

void __wrap_os_mutex_unlock(struct os_mutex *mutex);
void __wrap_os_mutex_unlock(struct os_mutex *mutex)
{
    (void)mutex;
}

/* Nothing in the service's thread may wait for another client. */
bool __wrap_os_cond_wait(struct os_cond *cond, struct os_mutex *mutex,
                         uint64_t deadline_ms);
bool __wrap_os_cond_wait(struct os_cond *cond, struct os_mutex *mutex,
                         uint64_t deadline_ms)
{
    (void)cond;
    (void)mutex;
    PROPERTY(deadline_ms != OS_FOREVER);
    now_ms = deadline_ms > now_ms ? deadline_ms : now_ms;
    return false;
}

/* The first thread of the service is this one; there are no others. */
enum sc_error __wrap_os_thread_start(struct os_thread *thread, const char *name,
                                     void (*run)(void *), void *context);
enum sc_error __wrap_os_thread_start(struct os_thread *thread, const char *name,
                                     void (*run)(void *), void *context)
{
    (void)thread;
    if (serving || strcmp(name, "winscardd-serve") != 0)
        return SC_E_NO_MEMORY;
    serving = true;
    run(context);
    return SC_OK;
}

void __wrap_os_thread_join(struct os_thread *thread);
void __wrap_os_thread_join(struct os_thread *thread)
{
    (void)thread;
}

enum sc_error __wrap_os_unix_peer(struct os_socket socket, uint32_t *uid, uint32_t *gid,
                                  uint32_t *pid);
enum sc_error __wrap_os_unix_peer(struct os_socket socket, uint32_t *uid, uint32_t *gid,
                                  uint32_t *pid)
{
    (void)client_of(socket);
    *uid = *gid = 1000;
    *pid = 0;
    return SC_OK;
}

size_t __wrap_os_unix_groups(struct os_socket socket, uint32_t *gids, size_t room);
size_t __wrap_os_unix_groups(struct os_socket socket, uint32_t *gids, size_t room)
{
    (void)gids;
    (void)room;
    (void)client_of(socket);
    return 0;
}

/* --- Sockets ------------------------------------------------------------------------ */

void __wrap_os_socket_close(struct os_socket *socket);
void __wrap_os_socket_close(struct os_socket *socket)
{
    struct client *client = client_of(*socket);
    PROPERTY(client->open);
    client->open = false;
    client->item = NULL;
    socket->native = -1;
}

void __wrap_os_socket_shut(struct os_socket socket);
void __wrap_os_socket_shut(struct os_socket socket)
{
    client_of(socket)->ended = true;
}

bool __wrap_os_stream_is_over(struct os_socket socket);
bool __wrap_os_stream_is_over(struct os_socket socket)
{
    return client_of(socket)->ended;
}

enum sc_error __wrap_os_stream_receive(struct os_socket socket, void *bytes, size_t room,
                                       size_t *size);
enum sc_error __wrap_os_stream_receive(struct os_socket socket, void *bytes, size_t room,
                                       size_t *size)
{
    struct client *client = client_of(socket);
    size_t left = client->size - client->at;
    PROPERTY(client->open && room > 0);
    *size = left < room ? left : room;
    if (*size == 0)
        return client->ended ? SC_W_EOF : SC_E_NOT_READY;
    memcpy(bytes, client->bytes + client->at, *size);
    client->at += *size;
    return SC_OK;
}

static void remember(uint32_t handle)
{
    handles[handle_count++ % HANDLES] = handle;
}

/* What clients are told, they use. */
static void learn(const uint8_t *bytes, size_t size)
{
    struct message_header header;
    struct message_reader reader = {.bytes = bytes + MESSAGE_HEADER_SIZE};
    if (size < MESSAGE_HEADER_SIZE)
        return;
    message_get_header(bytes, &header);
    if (header.status != 0 || size != MESSAGE_HEADER_SIZE + header.size)
        return;
    reader.size = header.size;
    if (header.call == MESSAGE_establish || header.call == MESSAGE_connect)
        remember(message_get_u32(&reader));
    if (header.call == MESSAGE_hello) {
        (void)message_get_u32(&reader);
        struct message_span span = message_get_span(&reader, MESSAGE_SESSION_SIZE);
        PROPERTY(span.size == MESSAGE_SESSION_SIZE);
        memcpy(session_id, span.bytes, MESSAGE_SESSION_SIZE);
    }
}

enum sc_error __wrap_os_stream_send(struct os_socket socket, const void *bytes,
                                    size_t size, size_t *sent);
enum sc_error __wrap_os_stream_send(struct os_socket socket, const void *bytes,
                                    size_t size, size_t *sent)
{
    struct client *client = client_of(socket);
    uint8_t *copy = property_copy(bytes, size);
    PROPERTY(client->open && size > 0);
    learn(copy, size);
    free(copy);
    *sent = size < client->room ? size : client->room;
    client->room -= *sent;
    if (client->ended)
        return SC_F_COMM_ERROR;
    return *sent == 0 ? SC_E_NOT_READY : SC_OK;
}

/* --- The poller --------------------------------------------------------------------- */

enum sc_error __wrap_os_poller_add(struct os_poller *poller, struct os_socket socket,
                                   void *item, bool bytes);
enum sc_error __wrap_os_poller_add(struct os_poller *poller, struct os_socket socket,
                                   void *item, bool bytes)
{
    (void)poller;
    (void)bytes;
    client_of(socket)->item = item;
    return SC_OK;
}

void __wrap_os_poller_want_room(struct os_poller *poller, struct os_socket socket,
                                void *item, bool wanted);
void __wrap_os_poller_want_room(struct os_poller *poller, struct os_socket socket,
                                void *item, bool wanted)
{
    (void)poller;
    (void)wanted;
    PROPERTY(client_of(socket)->item == item);
}

void __wrap_os_poller_remove(struct os_poller *poller, struct os_socket socket);
void __wrap_os_poller_remove(struct os_poller *poller, struct os_socket socket)
{
    (void)poller;
    client_of(socket)->item = NULL;
}

void __wrap_os_poller_wake(struct os_poller *poller);
void __wrap_os_poller_wake(struct os_poller *poller)
{
    (void)poller;
    wakes++;
}

void __wrap_os_poller_set_timer(struct os_poller *poller, uint64_t deadline_ms);
void __wrap_os_poller_set_timer(struct os_poller *poller, uint64_t deadline_ms)
{
    (void)poller;
    timer_ms = deadline_ms;
}

/* --- What clients do ---------------------------------------------------------------- */

static void say(struct client *client, const void *bytes, size_t size)
{
    if (client->at == client->size)
        client->at = client->size = 0;
    if (size > PIPE_ROOM - client->size)
        size = PIPE_ROOM - client->size;
    if (size > 0)
        memcpy(client->bytes + client->size, bytes, size);
    client->size += size;
}

static uint32_t some_handle(void)
{
    unsigned which = input_byte(&input);
    return which < 0xF0 ? handles[which % HANDLES] : which * 0x01010101U;
}

static void say_fields(struct message_writer *writer, unsigned call)
{
    static const char reader[] = "Fake Reader 0";
    unsigned value = input_byte(&input);
    struct message_span name = {(const uint8_t *)reader, sizeof(reader) - 1};
    struct message_span id = {session_id, (value & 1) != 0 ? MESSAGE_SESSION_SIZE : 0};
    struct message_watch_entry entry = {.current = value << 2, .name = name};
    struct message_request_hello hello = {1, 1, id, {NULL, 0}};
    if (call == MESSAGE_hello) {
        message_put_request_hello(writer, &hello);
        return;
    }
    if (call == MESSAGE_establish)
        return;
    message_put_u32(writer, some_handle());
    switch (call) {
    case MESSAGE_connect:
        message_put_span(writer, name.bytes, name.size);
        message_put_u32(writer, 1 + value % 3);
        message_put_u32(writer, value >> 6);
        message_put_u32(writer, value >> 2 & 3);
        break;
    case MESSAGE_reconnect:
        message_put_u32(writer, 1 + value % 3);
        message_put_u32(writer, value >> 6);
        message_put_u32(writer, value >> 2 & 3);
        message_put_u32(writer, value >> 4 & 3);
        break;
    case MESSAGE_watch:
        message_put_u32(writer, value & 1);
        message_put_u32(writer, value < 16 ? 0xFFFFFFFF : value * 8);
        message_put_u32(writer, value < 16 ? 0xFFFFFFFF : 0);
        message_put_u32(writer, 1);
        message_put_u32(writer, (uint32_t)(8 + name.size));
        message_put_watch_entry(writer, &entry);
        break;
    case MESSAGE_transmit:
    case MESSAGE_control:
        message_put_u32(writer, call == MESSAGE_transmit ? value & 3 : 0x00312004);
        message_put_u32(writer, value * 1000);
        message_put_span(writer, session_id, value % MESSAGE_SESSION_SIZE);
        break;
    case MESSAGE_disconnect:
    case MESSAGE_end:
    case MESSAGE_card_status:
    case MESSAGE_list_readers:
        message_put_u32(writer, value & 3);
        break;
    default:
        break;
    }
}

/* A message that is understood, more or less. */
static void say_message(struct client *client, unsigned call)
{
    uint8_t bytes[512];
    struct message_header header = {.call = (uint16_t)call};
    struct message_writer writer = {.bytes = bytes, .room = sizeof(bytes)};
    message_put_header(&writer, &header);
    say_fields(&writer, call);
    header.size = (uint32_t)(writer.size - MESSAGE_HEADER_SIZE);
    struct message_writer front = {.bytes = bytes, .room = MESSAGE_HEADER_SIZE};
    message_put_header(&front, &header);
    say(client, bytes, writer.size);
}

static void say_anything(struct client *client)
{
    size_t size;
    uint8_t *bytes = input_copy(&input, input_byte(&input), &size);
    /* A question to the driver may wait in a thread of its own, which is not here. */
    if (size > 4 && bytes[4] == MESSAGE_get_attribute)
        bytes[4] = MESSAGE_set_attribute;
    say(client, bytes, size);
    free(bytes);
}

static void come(struct client *client)
{
    static const struct listener listener = {.protocol = &dispatch_protocol};
    struct os_socket socket = {.native = FIRST_FD + (client - clients)};
    client->open = true;
    client->ended = false;
    client->at = client->size = 0;
    client->room = WRITE_ROOM;
    connection_new(server, socket, &listener);
}

static void act(void)
{
    static const uint16_t calls[] = {
        MESSAGE_hello,        MESSAGE_establish,   MESSAGE_connect,
        MESSAGE_begin,        MESSAGE_end,         MESSAGE_transmit,
        MESSAGE_watch,        MESSAGE_disconnect,  MESSAGE_cancel,
        MESSAGE_reconnect,    MESSAGE_release,     MESSAGE_control,
        MESSAGE_list_readers, MESSAGE_card_status, MESSAGE_check_context};
    unsigned action = input_byte(&input), what = action & 0x1F;
    struct client *client = &clients[(action >> 5) % CLIENTS];
    if (what < sizeof(calls) / sizeof(calls[0]))
        say_message(client, calls[what]);
    else if (what < 20)
        say_anything(client);
    else if (what < 22)
        client->ended = true;
    else if (what < 24)
        client->room = input_byte(&input) * 16U;
    else if (what < 26)
        now_ms += input_byte(&input) * 64U;
    else if (what == 26)
        fake_insert(0);
    else if (what == 27)
        fake_remove(0);
    else if (!client->open)
        come(client);
}

/* Everybody goes; then nothing is left, and the service ends. */
static void end_all(void)
{
    for (int i = 0; i < CLIENTS; i++)
        clients[i].ended = true;
    if (server->connection_count == 0 && list_empty(&server->sessions)
        && list_empty(&server->ready)) {
        server_stop(server);
        server->over = true;
    } else {
        now_ms += ENDING_MS;
    }
    PROPERTY(++steps < STEPS_MAX);
}

static bool next_event(void **item, enum os_poller_event *event)
{
    for (int i = 0; i < CLIENTS; i++) {
        struct client *client = &clients[(i + (int)steps) % CLIENTS];
        bool more = client->at < client->size || client->ended || client->room > 0;
        if (!client->open || client->item == NULL || !more)
            continue;
        if (client->at == client->size && !client->ended && steps % 2 == 0)
            continue; /* room alone is told now and then */
        *item = client->item;
        *event = client->ended ? OS_POLLER_END : OS_POLLER_SOCKET;
        return true;
    }
    return false;
}

enum os_poller_event __wrap_os_poller_wait(struct os_poller *poller, void **item);
enum os_poller_event __wrap_os_poller_wait(struct os_poller *poller, void **item)
{
    enum os_poller_event event = OS_POLLER_WAKE;
    (void)poller;
    if (wakes > 0) {
        wakes--;
        return OS_POLLER_WAKE;
    }
    if (timer_ms <= now_ms) {
        timer_ms = OS_FOREVER;
        return OS_POLLER_TIMER;
    }
    if (input.left > 0)
        act();
    else
        end_all();
    steps++;
    (void)next_event(item, &event);
    return event;
}

/* --- A run -------------------------------------------------------------------------- */

static void begin_once(void)
{
    static bool begun;
    static uint32_t context;
    struct policy_options trust = {.owner = 0};
    if (begun)
        return;
    begun = true;
    now_ms = 1000000;
    setenv("WINSCARD_READERS", "fake:?count=1&cards=1", 1);
    policy_store_init(&policy, "/nonexistent/policy", &trust);
    PROPERTY(policy_store_load(&policy) == SC_OK);
    PROPERTY(host_establish(&context) == SC_OK); /* the host stays */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct server_options options = {.idle_ms = OS_FOREVER, .policy = &policy};
    begin_once();
    uint8_t *copy = property_copy(data, size);
    input.at = copy;
    input.left = size;
    memset(clients, 0, sizeof(clients));
    memset(handles, 0, sizeof(handles));
    handle_count = wakes = steps = 0;
    timer_ms = OS_FOREVER;
    serving = false;
    fake_insert(0);
    server = server_create(&options);
    PROPERTY(server != NULL);
    come(&clients[0]);
    come(&clients[1]);
    PROPERTY(server_run_until_stopped(server) == SC_OK);
    server_destroy(server);
    const struct slot *slot = &host_current()->manager.readers[0]->slot;
    PROPERTY(slot->card_count == 0 && slot->holder == NULL && slot->exclusive == NULL);
    PROPERTY(slot->queue_size == 0 && slot->occupant == NULL);
    free(copy);
    return 0;
}
