/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/service_hello.h"

#include "base/log.h"
#include "base/secret.h"
#include "message/proof.h"
#include "os/random.h"

#include <string.h>

/* Whoever listens proves that it knows the token, before it learns anything of it; and
 * what the client proves with is left in *token in its place. */
static enum sc_error challenge(struct service_link *link, const char *where,
                               struct service_token *token)
{
    uint8_t nonce[MESSAGE_NONCE_SIZE], proof[MESSAGE_PROOF_SIZE];
    struct message_span secret = message_bytes(token->bytes, token->size);
    struct message_request_challenge request = {message_bytes(nonce, sizeof(nonce))};
    struct message_response_challenge response;
    struct message_writer writer;
    struct message_reader reader;
    bool broken;
    if (token->size == 0)
        return SC_W_SECURITY_VIOLATION; /* why, the log has said */
    enum sc_error error = os_random(nonce, sizeof(nonce));
    if (error != SC_OK)
        return error;
    service_begin_request(link, &writer);
    message_put_request_challenge(&writer, &request);
    error = service_exchange(link, MESSAGE_challenge, &writer, &reader, &broken);
    if (error == SC_E_UNSUPPORTED_FEATURE)
        log_error("%s: the service is older than this library, and cannot prove that it "
                  "knows the token",
                  where);
    if (error != SC_OK)
        return error;
    if (!message_get_response_challenge(&reader, &response))
        return SC_E_SERVICE_STOPPED;
    proof_make(secret, PROOF_SERVICE, nonce, response.nonce.bytes, proof);
    if (!secret_is_same(proof, response.proof.bytes, sizeof(proof))) {
        log_error("%s: whoever listens does not know the token that this program has",
                  where);
        return SC_W_SECURITY_VIOLATION;
    }
    proof_make(secret, PROOF_CLIENT, nonce, response.nonce.bytes, proof);
    memcpy(token->bytes, proof, sizeof(proof));
    token->size = sizeof(proof);
    return SC_OK;
}

/* `join`: the session that is there; else a new one. */
static enum sc_error say_hello(struct service_link *link, struct message_span token,
                               const uint8_t *join, uint8_t id[MESSAGE_SESSION_SIZE])
{
    struct message_request_hello request = {
        .version_min = MESSAGE_VERSION, .version_max = MESSAGE_VERSION, .token = token};
    struct message_response_hello response;
    struct message_writer writer;
    struct message_reader reader;
    bool broken;
    request.session.bytes = join;
    request.session.size = join != NULL ? MESSAGE_SESSION_SIZE : 0;
    service_begin_request(link, &writer);
    message_put_request_hello(&writer, &request);
    enum sc_error error =
        service_exchange(link, MESSAGE_hello, &writer, &reader, &broken);
    if (error == SC_E_UNSUPPORTED_FEATURE)
        log_error("the service does not speak version %d of the protocol: the service "
                  "and this library are to be of one version",
                  MESSAGE_VERSION);
    if (error != SC_OK)
        return error;
    if (!message_get_response_hello(&reader, &response))
        return SC_E_SERVICE_STOPPED;
    memcpy(id, response.session.bytes, MESSAGE_SESSION_SIZE);
    return SC_OK;
}

static void copy_name(struct message_span name, char path[OS_PIPE_PATH_MAX])
{
    assert(name.size < OS_PIPE_PATH_MAX);
    if (name.size > 0)
        memcpy(path, name.bytes, name.size);
    path[name.size] = '\0';
}

/* A quicker way beside the socket, where that helps and the service has one. Without it
 * the socket goes on. Errors: SC_E_SERVICE_STOPPED. */
static enum sc_error ask_for_pipes(struct service_link *link)
{
    struct os_pipe_names names;
    struct message_request_pipes request = {0};
    struct message_response_pipes response;
    struct message_writer writer;
    struct message_reader reader;
    bool broken;
    service_begin_request(link, &writer);
    message_put_request_pipes(&writer, &request);
    enum sc_error error =
        service_exchange(link, MESSAGE_pipes, &writer, &reader, &broken);
    if (broken)
        return SC_E_SERVICE_STOPPED;
    if (error == SC_OK && message_get_response_pipes(&reader, &response)) {
        copy_name(response.to_service, names.to_service);
        copy_name(response.to_client, names.to_client);
        error = os_pipes_open(&names, &link->pipes);
    }
    log_debug("pipes to the service: %s", sc_error_name(error));
    return SC_OK;
}

/* Both sides know whom they talk to, and the session is there. The file of an endpoint
 * whose service has gone leads to nobody, or to a stranger. */
enum sc_error service_introduce(struct service_link *link,
                                const struct service_place *place,
                                struct service_token *token, const uint8_t *join,
                                uint8_t id[MESSAGE_SESSION_SIZE])
{
    enum sc_error error = SC_OK;
    if (place->kind != SERVICE_PLACE_UNIX)
        error = challenge(link, place->where, token);
    if (error != SC_OK)
        return place->kind == SERVICE_PLACE_FILE ? SC_E_NO_SERVICE : error;
    error = say_hello(link, message_bytes(token->bytes, token->size), join, id);
    if (error == SC_OK && place->kind != SERVICE_PLACE_UNIX && os_pipes_help())
        error = ask_for_pipes(link);
    return error;
}
