/* SPDX-License-Identifier: BSD-2-Clause */
#include "users/users.h"

#include "base/alloc.h"
#include "base/secret.h"
#include "message/endpoint.h"
#include "message/proof.h"
#include "os/endpoint.h"
#include "os/random.h"
#include "os/trust.h"
#include "os/unix_socket.h"

#include <string.h>

enum { REQUEST_ROOM = 128 };

struct conversation {
    struct os_socket socket;
    uint64_t deadline_ms;
    uint32_t serial;
    uint8_t request[REQUEST_ROOM];
    struct message_writer writer;
    uint8_t *response; /* owned */
    struct message_reader reader;
};

static void begin_message(struct conversation *talk)
{
    struct message_header none = {0};
    memset(&talk->writer, 0, sizeof(talk->writer));
    talk->writer.bytes = talk->request;
    talk->writer.room = sizeof(talk->request);
    message_put_header(&talk->writer, &none);
}

static enum sc_error receive(struct conversation *talk, uint16_t call)
{
    uint8_t head[MESSAGE_HEADER_SIZE];
    struct message_header header;
    enum sc_error error =
        os_socket_read(talk->socket, head, sizeof(head), talk->deadline_ms, NULL);
    if (error != SC_OK)
        return error;
    message_get_header(head, &header);
    if (header.call != call || header.serial != talk->serial
        || header.size > MESSAGE_RESPONSE_MAX)
        return SC_F_COMM_ERROR;
    mem_free(talk->response);
    talk->response = mem_alloc(header.size);
    if (talk->response == NULL)
        return SC_E_NO_MEMORY;
    error = os_socket_read(talk->socket, talk->response, header.size, talk->deadline_ms,
                           NULL);
    memset(&talk->reader, 0, sizeof(talk->reader));
    talk->reader.bytes = talk->response;
    talk->reader.size = header.size;
    return error == SC_OK ? (enum sc_error)(header.status & ~(unsigned)MESSAGE_BARE)
                          : error;
}

/* Sends what the writer has as this call, and takes the response into talk->reader. */
static enum sc_error exchange_message(struct conversation *talk, uint16_t call)
{
    size_t size = talk->writer.size;
    struct message_header header = {.size = (uint32_t)(size - MESSAGE_HEADER_SIZE),
                                    .call = call,
                                    .serial = ++talk->serial};
    struct message_writer front = {.bytes = talk->request, .room = MESSAGE_HEADER_SIZE};
    message_put_header(&front, &header);
    enum sc_error error = os_socket_write(talk->socket, talk->request, size, NULL, 0,
                                          talk->deadline_ms, NULL);
    if (error == SC_OK)
        error = receive(talk, call);
    return error == SC_W_EOF ? SC_F_COMM_ERROR : error;
}

static bool copy_span(struct message_span span, char *text, size_t room)
{
    if (span.size >= room)
        return false;
    if (span.size > 0)
        memcpy(text, span.bytes, span.size);
    text[span.size] = '\0';
    return true;
}

static enum sc_error read_users(struct message_span entries, uint32_t count,
                                struct reader_users *users)
{
    struct message_reader reader = {.bytes = entries.bytes, .size = entries.size};
    struct message_user entry;
    if (count > MESSAGE_USERS_MAX)
        return SC_F_COMM_ERROR;
    users->users = mem_alloc_array(count, sizeof(*users->users));
    if (users->users == NULL)
        return SC_E_NO_MEMORY;
    users->cut = count == MESSAGE_USERS_MAX;
    for (; users->count < count; users->count++) {
        struct reader_user *user = &users->users[users->count];
        if (!message_get_user(&reader, &entry)
            || !copy_span(entry.program, user->program, sizeof(user->program))
            || !copy_span(entry.reader, user->reader, sizeof(user->reader)))
            return SC_F_COMM_ERROR;
        user->pid = entry.pid;
        user->uid = entry.uid;
        user->contexts = entry.contexts;
        user->share = entry.share;
        user->holds = (entry.flags & MESSAGE_USER_HOLDS) != 0;
    }
    return SC_OK;
}

static enum users_policy_file policy_file(uint32_t flags)
{
    if ((flags & MESSAGE_POLICY_BROKEN) == 0)
        return USERS_POLICY_SOUND;
    return (flags & MESSAGE_POLICY_KEPT) != 0 ? USERS_POLICY_KEPT : USERS_POLICY_CLOSED;
}

static enum sc_error get_policy(struct conversation *talk, struct users_policy *policy)
{
    struct message_request_policy_state request = {0};
    struct message_response_policy_state response;
    begin_message(talk);
    message_put_request_policy_state(&talk->writer, &request);
    enum sc_error error = exchange_message(talk, MESSAGE_policy_state);
    if (error != SC_OK)
        return error;
    if (!message_get_response_policy_state(&talk->reader, &response)
        || !copy_span(response.fault, policy->fault, sizeof(policy->fault)))
        return SC_F_COMM_ERROR;
    policy->file = policy_file(response.flags);
    policy->hides = (response.flags & MESSAGE_POLICY_HIDES) != 0;
    policy->line = response.line;
    return SC_OK;
}

/* `token` is what a service behind TCP wants to see. */
static enum sc_error converse(struct conversation *talk, struct message_span token,
                              struct reader_users *users)
{
    struct message_request_hello hello = {
        .version_min = MESSAGE_VERSION, .version_max = MESSAGE_VERSION, .token = token};
    struct message_request_list_users request = {.style = MESSAGE_STYLE_WINDOWS};
    struct message_response_hello welcome;
    struct message_response_list_users response;
    begin_message(talk);
    message_put_request_hello(&talk->writer, &hello);
    enum sc_error error = exchange_message(talk, MESSAGE_hello);
    if (error != SC_OK)
        return error;
    if (!message_get_response_hello(&talk->reader, &welcome))
        return SC_F_COMM_ERROR;
    begin_message(talk);
    message_put_request_list_users(&talk->writer, &request);
    error = exchange_message(talk, MESSAGE_list_users);
    if (error != SC_OK)
        return error;
    if (!message_get_response_list_users(&talk->reader, &response))
        return SC_F_COMM_ERROR;
    error = read_users(response.entries, response.count, users);
    return error == SC_OK ? get_policy(talk, &users->policy) : error;
}

enum sc_error users_ask(const char *path, uint64_t deadline_ms,
                        struct reader_users *users)
{
    struct conversation talk = {.socket = OS_SOCKET_NONE, .deadline_ms = deadline_ms};
    uint32_t owner = 0;
    memset(users, 0, sizeof(*users));
    enum sc_error error = os_unix_connect(path, deadline_ms, &talk.socket);
    if (error != SC_OK)
        return error;
    /* Nothing is sent, not even hello, before it is known whose it is. */
    if (os_judge_service(talk.socket, path, OS_SERVICE_USER, &owner) == OS_TRUST_YES)
        error = converse(&talk, message_bytes(NULL, 0), users);
    else
        error = SC_E_NO_SERVICE;
    os_socket_close(&talk.socket);
    mem_free(talk.response);
    return error;
}

/* --- Behind TCP --------------------------------------------------------------------- */

static enum sc_error read_endpoint(const char *path, struct endpoint *endpoint)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    const char *why = NULL;
    enum sc_error error =
        os_read_own_file(path, OS_CARE_SECRET, ENDPOINT_FILE_MAX, &bytes, &size, &why);
    if (error != SC_OK)
        return error;
    error = endpoint_parse(bytes, size, endpoint);
    secret_clear(bytes, size);
    mem_free(bytes);
    if (error != SC_OK || !os_address_is_loopback(endpoint->address))
        return SC_E_INVALID_VALUE;
    return SC_OK;
}

/* Whoever listens knows the token, too; what it wants to see of it. */
static enum sc_error prove(struct conversation *talk, const struct endpoint *endpoint,
                           uint8_t proof[MESSAGE_PROOF_SIZE])
{
    uint8_t nonce[MESSAGE_NONCE_SIZE];
    struct message_request_challenge request = {message_bytes(nonce, sizeof(nonce))};
    struct message_response_challenge response;
    struct message_span token = message_bytes(endpoint->token, endpoint->token_size);
    enum sc_error error = os_random(nonce, sizeof(nonce));
    if (error != SC_OK)
        return error;
    begin_message(talk);
    message_put_request_challenge(&talk->writer, &request);
    error = exchange_message(talk, MESSAGE_challenge);
    if (error != SC_OK)
        return error;
    if (!message_get_response_challenge(&talk->reader, &response))
        return SC_F_COMM_ERROR;
    proof_make(token, PROOF_SERVICE, nonce, response.nonce.bytes, proof);
    if (!secret_is_same(proof, response.proof.bytes, MESSAGE_PROOF_SIZE))
        return SC_W_SECURITY_VIOLATION;
    proof_make(token, PROOF_CLIENT, nonce, response.nonce.bytes, proof);
    return SC_OK;
}

enum sc_error users_ask_endpoint(const char *path, uint64_t deadline_ms,
                                 struct reader_users *users)
{
    struct conversation talk = {.socket = OS_SOCKET_NONE, .deadline_ms = deadline_ms};
    struct endpoint endpoint;
    uint8_t proof[MESSAGE_PROOF_SIZE] = {0};
    memset(users, 0, sizeof(*users));
    enum sc_error error = read_endpoint(path, &endpoint);
    if (error == SC_OK)
        error =
            os_socket_connect(endpoint.address, endpoint.port, deadline_ms, &talk.socket);
    if (error == SC_OK)
        error = prove(&talk, &endpoint, proof);
    if (error == SC_OK)
        error = converse(&talk, message_bytes(proof, sizeof(proof)), users);
    os_socket_close(&talk.socket);
    secret_clear(&endpoint, sizeof(endpoint));
    mem_free(talk.response);
    return error;
}

void users_clear(struct reader_users *users)
{
    mem_free(users->users);
    memset(users, 0, sizeof(*users));
}
