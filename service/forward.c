/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/forward.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/secret.h"
#include "message/proof.h"
#include "os/endpoint.h"
#include "os/random.h"
#include "os/stream.h"
#include "os/time.h"
#include "os/trust.h"
#include "os/unix_socket.h"
#include "service/connection.h"
#include "service/endpoint_file.h"

#include <string.h>

enum {
    ACCEPT_REST_MS = 100,                   /* without a descriptor for a client */
    FIRST_ROOM = MESSAGE_HEADER_SIZE + 256, /* of a message before hello is answered */
    FIRST_MESSAGES_MAX = 8,
    CONNECT_MS = 5000, /* for the service to take a connection */
    PASS_ROOM = 65536 + 256
};

/* --- Before hello ------------------------------------------------------------------- */

/* What a client says first, and what it has to show. */
struct introduction {
    struct forwarded *forwarded;
    uint64_t deadline_ms;
    struct message_header header;
    uint8_t bytes[FIRST_ROOM];
    bool challenged;
    uint8_t proof[MESSAGE_PROOF_SIZE];
};

static struct message_span own_token(const struct introduction *first)
{
    const struct endpoint *says = &first->forwarded->forwarder->says;
    return message_bytes(says->token, says->token_size);
}

static bool read_first(struct introduction *first)
{
    struct os_socket client = first->forwarded->client;
    const struct os_wake *end = &first->forwarded->forwarder->end;
    if (os_socket_read(client, first->bytes, MESSAGE_HEADER_SIZE, first->deadline_ms, end)
        != SC_OK)
        return false;
    message_get_header(first->bytes, &first->header);
    return first->header.size <= FIRST_ROOM - MESSAGE_HEADER_SIZE
           && os_socket_read(client, first->bytes + MESSAGE_HEADER_SIZE,
                             first->header.size, first->deadline_ms, end)
                  == SC_OK;
}

static struct message_reader fields_of(const struct introduction *first)
{
    struct message_reader reader = {.bytes = first->bytes + MESSAGE_HEADER_SIZE,
                                    .size = first->header.size};
    return reader;
}

/* A message with the header of the one that came, its status aside. */
static bool send_first(struct introduction *first, struct os_socket to, uint16_t status,
                       struct message_writer *writer)
{
    struct message_header header = first->header;
    struct message_writer front = {.bytes = writer->bytes, .room = MESSAGE_HEADER_SIZE};
    assert(writer->size <= writer->room);
    header.size = (uint32_t)(writer->size - MESSAGE_HEADER_SIZE);
    header.status = status;
    message_put_header(&front, &header);
    return os_socket_write(to, writer->bytes, writer->size, NULL, 0, first->deadline_ms,
                           &first->forwarded->forwarder->end)
           == SC_OK;
}

static void begin_first(struct message_writer *writer, uint8_t bytes[FIRST_ROOM])
{
    struct message_header none = {0};
    memset(writer, 0, sizeof(*writer));
    writer->bytes = bytes;
    writer->room = FIRST_ROOM;
    message_put_header(writer, &none);
}

static bool refuse(struct introduction *first, enum sc_error error)
{
    uint8_t bytes[FIRST_ROOM];
    struct message_writer writer;
    begin_first(&writer, bytes);
    return send_first(first, first->forwarded->client,
                      (uint16_t)((unsigned)error | MESSAGE_BARE), &writer);
}

static bool answer_challenge(struct introduction *first)
{
    uint8_t bytes[FIRST_ROOM], nonce[MESSAGE_NONCE_SIZE], proof[MESSAGE_PROOF_SIZE];
    struct message_reader reader = fields_of(first);
    struct message_request_challenge request;
    struct message_response_challenge response = {
        .nonce = message_bytes(nonce, sizeof(nonce)),
        .proof = message_bytes(proof, sizeof(proof))};
    struct message_writer writer;
    if (first->challenged || !message_get_request_challenge(&reader, &request))
        return refuse(first, SC_E_INVALID_PARAMETER);
    enum sc_error error = os_random(nonce, sizeof(nonce));
    if (error != SC_OK)
        return refuse(first, error);
    proof_make(own_token(first), PROOF_SERVICE, request.nonce.bytes, nonce, proof);
    proof_make(own_token(first), PROOF_CLIENT, request.nonce.bytes, nonce, first->proof);
    first->challenged = true;
    begin_first(&writer, bytes);
    message_put_response_challenge(&writer, &response);
    return send_first(first, first->forwarded->client, SC_OK, &writer);
}

static bool connect_service(struct forwarded *forwarded)
{
    const char *path = forwarded->forwarder->path;
    uint32_t uid = 0;
    if (os_unix_connect(path, os_now_ms() + CONNECT_MS, &forwarded->service) != SC_OK)
        return false;
    if (os_judge_service(forwarded->service, path, OS_SERVICE_USER, &uid) == OS_TRUST_YES)
        return true;
    log_error("%s: whoever listens there is not trusted: user %u", path, (unsigned)uid);
    os_socket_close(&forwarded->service);
    return false;
}

/* The token is for this process: the service sees whose it is. */
static bool pass_hello(struct introduction *first,
                       const struct message_request_hello *request)
{
    struct message_request_hello told = *request;
    uint8_t bytes[FIRST_ROOM];
    struct message_writer writer;
    told.token.size = 0;
    begin_first(&writer, bytes);
    message_put_request_hello(&writer, &told);
    return send_first(first, first->forwarded->service, first->header.status, &writer);
}

enum introduced { INTRODUCED, NOT_YET, HOPELESS };

static enum introduced take_hello(struct introduction *first)
{
    struct message_reader reader = fields_of(first);
    struct message_request_hello request;
    enum sc_error error = SC_W_SECURITY_VIOLATION;
    if (!message_get_request_hello(&reader, &request))
        return refuse(first, SC_E_INVALID_PARAMETER) ? NOT_YET : HOPELESS;
    bool shown = first->challenged && request.token.size == sizeof(first->proof)
                 && secret_is_same(request.token.bytes, first->proof, request.token.size);
    if (shown && connect_service(first->forwarded))
        return pass_hello(first, &request) ? INTRODUCED : HOPELESS;
    if (shown)
        error = SC_E_NO_SERVICE;
    return refuse(first, error) ? NOT_YET : HOPELESS;
}

/* True: it has shown the token, and its hello is on the way. */
static bool introduce(struct forwarded *forwarded)
{
    struct introduction first = {.forwarded = forwarded,
                                 .deadline_ms = os_now_ms() + HELLO_MS};
    enum introduced now = NOT_YET;
    for (int i = 0; i < FIRST_MESSAGES_MAX && now == NOT_YET; i++) {
        bool going = read_first(&first);
        if (!going)
            now = HOPELESS;
        else if (first.header.call == MESSAGE_hello)
            now = take_hello(&first);
        else if (first.header.call == MESSAGE_challenge)
            now = answer_challenge(&first) ? NOT_YET : HOPELESS;
        else
            now = refuse(&first, message_is_call(first.header.call)
                                     ? SC_W_SECURITY_VIOLATION
                                     : SC_E_UNSUPPORTED_FEATURE)
                      ? NOT_YET
                      : HOPELESS;
    }
    secret_clear(&first, sizeof(first));
    return now == INTRODUCED;
}

/* --- After hello -------------------------------------------------------------------- */

static bool is_stopping(struct forwarder *forwarder)
{
    os_mutex_lock(&forwarder->lock);
    bool stopping = forwarder->stopping;
    os_mutex_unlock(&forwarder->lock);
    return stopping;
}

/* What is there now. False: the other end is closed, on either side. */
static bool pass_some(struct forwarder *forwarder, struct os_socket from,
                      struct os_socket to, uint8_t *bytes)
{
    size_t size = 0;
    enum sc_error error = os_stream_receive(from, bytes, PASS_ROOM, &size);
    if (error == SC_E_NOT_READY)
        return true;
    if (error == SC_OK)
        error = os_socket_write(to, bytes, size, NULL, 0, os_now_ms() + REQUEST_MS,
                                &forwarder->end);
    secret_clear(bytes, size); /* a PIN may have been in it */
    return error == SC_OK;
}

static void pass_all(struct forwarded *forwarded)
{
    struct forwarder *forwarder = forwarded->forwarder;
    uint8_t *bytes = mem_alloc(PASS_ROOM);
    bool going = bytes != NULL;
    while (going && !is_stopping(forwarder)) {
        struct os_poll_entry ends[2] = {
            {.socket = forwarded->client, .want_read = true},
            {.socket = forwarded->service, .want_read = true}};
        if (os_poll(ends, 2, &forwarder->end, OS_FOREVER) != SC_OK)
            break;
        for (int i = 0; i < 2 && going; i++)
            if (ends[i].readable || ends[i].hung_up)
                going = pass_some(forwarder, ends[i].socket, ends[1 - i].socket, bytes);
    }
    mem_free(bytes);
}

static void set_state(struct forwarded *forwarded, enum forward_state state)
{
    os_mutex_lock(&forwarded->forwarder->lock);
    forwarded->state = state;
    os_mutex_unlock(&forwarded->forwarder->lock);
}

static void serve_client(void *context)
{
    struct forwarded *forwarded = context;
    if (introduce(forwarded)) {
        set_state(forwarded, FORWARD_NAMED);
        pass_all(forwarded);
    }
    os_socket_close(&forwarded->service);
    os_socket_shut(forwarded->client); /* closed by who made this thread */
    set_state(forwarded, FORWARD_OVER);
    os_wake_raise(&forwarded->forwarder->news);
}

/* --- Clients ------------------------------------------------------------------------ */

/* Takes back what ended. Gives how many are left. */
static uint32_t reap(struct forwarder *forwarder)
{
    uint32_t left = 0;
    for (size_t i = 0; i < FORWARD_CONNECTIONS_MAX; i++) {
        struct forwarded *one = &forwarder->connections[i];
        os_mutex_lock(&forwarder->lock);
        enum forward_state state = one->state;
        os_mutex_unlock(&forwarder->lock);
        if (state == FORWARD_OVER) {
            os_thread_join(&one->thread);
            os_socket_close(&one->client);
            one->state = FORWARD_FREE;
        } else if (state != FORWARD_FREE) {
            left++;
        }
    }
    return left;
}

/* Strangers, who are many: the oldest of them hears of its end, and its thread sees to
 * the rest. */
static void limit_unnamed(struct forwarder *forwarder) NEEDS_LOCK(forwarder->lock)
{
    struct forwarded *oldest = NULL;
    uint32_t unnamed = 0;
    for (size_t i = 0; i < FORWARD_CONNECTIONS_MAX; i++) {
        struct forwarded *one = &forwarder->connections[i];
        if (one->state != FORWARD_UNNAMED)
            continue;
        unnamed++;
        if (oldest == NULL || one->number < oldest->number)
            oldest = one;
    }
    if (unnamed >= FORWARD_UNNAMED_MAX)
        os_socket_shut(oldest->client);
}

static struct forwarded *find_free(struct forwarder *forwarder)
    NEEDS_LOCK(forwarder->lock)
{
    for (size_t i = 0; i < FORWARD_CONNECTIONS_MAX; i++)
        if (forwarder->connections[i].state == FORWARD_FREE)
            return &forwarder->connections[i];
    return NULL;
}

static void take_client(struct forwarder *forwarder, struct os_socket client)
{
    os_mutex_lock(&forwarder->lock);
    limit_unnamed(forwarder);
    struct forwarded *one = find_free(forwarder);
    if (one != NULL) {
        one->state = FORWARD_UNNAMED;
        one->forwarder = forwarder;
        one->number = forwarder->count++;
        one->client = client;
        one->service = (struct os_socket)OS_SOCKET_NONE;
    }
    os_mutex_unlock(&forwarder->lock);
    if (one == NULL) {
        log_error("more than %d connections", FORWARD_CONNECTIONS_MAX);
        os_socket_close(&client);
        return;
    }
    if (os_thread_start(&one->thread, "winscardd-pass", serve_client, one) == SC_OK)
        return;
    log_error("a connection was refused: no more threads");
    os_socket_close(&one->client);
    set_state(one, FORWARD_FREE);
}

/* --- Life --------------------------------------------------------------------------- */

enum sc_error forward_init(struct forwarder *forwarder, const char *path)
{
    struct endpoint *says = &forwarder->says;
    memset(forwarder, 0, sizeof(*forwarder));
    forwarder->path = path;
    forwarder->listener = (struct os_socket)OS_SOCKET_NONE;
    forwarder->idle_ms = OS_FOREVER;
    os_mutex_init(&forwarder->lock);
    enum sc_error error = os_wake_init(&forwarder->news);
    if (error != SC_OK)
        return error;
    error = os_wake_init(&forwarder->end);
    if (error != SC_OK) {
        os_wake_destroy(&forwarder->news);
        return error;
    }
    memcpy(says->address, ENDPOINT_ADDRESS, sizeof(ENDPOINT_ADDRESS));
    error = os_socket_listen(says->address, 0, &forwarder->listener, &says->port);
    if (error == SC_OK && !endpoint_make_token(says->token, &says->token_size))
        error = SC_F_INTERNAL_ERROR;
    if (error != SC_OK)
        forward_destroy(forwarder);
    return error;
}

void forward_run(struct forwarder *forwarder)
{
    uint64_t idle_since_ms = os_now_ms();
    while (!is_stopping(forwarder)) {
        struct os_poll_entry one = {.socket = forwarder->listener, .want_read = true};
        struct os_socket client;
        uint64_t end_ms = forwarder->idle_ms;
        os_wake_lower(&forwarder->news);
        if (reap(forwarder) > 0) {
            idle_since_ms = os_now_ms();
            end_ms = OS_FOREVER;
        } else if (end_ms != OS_FOREVER) {
            end_ms += idle_since_ms;
        }
        if (is_stopping(forwarder))
            break;
        if (os_poll(&one, 1, &forwarder->news, end_ms) == SC_E_TIMEOUT)
            break;
        enum sc_error error = one.readable
                                  ? os_socket_accept(forwarder->listener, &client)
                                  : SC_E_NOT_READY;
        if (error == SC_OK)
            take_client(forwarder, client);
        else if (error == SC_E_NO_MEMORY /* it would be woken for ever */
                 && os_poll(NULL, 0, &forwarder->end, os_now_ms() + ACCEPT_REST_MS)
                        == SC_OK)
            break; /* it is to end */
    }
    forward_stop(forwarder);
}

void forward_stop(struct forwarder *forwarder)
{
    os_mutex_lock(&forwarder->lock);
    forwarder->stopping = true;
    os_mutex_unlock(&forwarder->lock);
    os_wake_raise(&forwarder->end);
    os_wake_raise(&forwarder->news);
}

void forward_destroy(struct forwarder *forwarder)
{
    forward_stop(forwarder);
    for (size_t i = 0; i < FORWARD_CONNECTIONS_MAX; i++) {
        struct forwarded *one = &forwarder->connections[i];
        if (one->state == FORWARD_FREE)
            continue;
        os_thread_join(&one->thread);
        os_socket_close(&one->client);
    }
    os_socket_close(&forwarder->listener);
    os_wake_destroy(&forwarder->end);
    os_wake_destroy(&forwarder->news);
    os_mutex_destroy(&forwarder->lock);
    secret_clear(&forwarder->says, sizeof(forwarder->says));
}
