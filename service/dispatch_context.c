/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on contexts and readers: which are there, what changes; and the card cache. */
#include "base/alloc.h"
#include "base/multistring.h"
#include "base/secret.h"
#include "host/host.h"
#include "message/proof.h"
#include "os/random.h"
#include "os/time.h"
#include "service/connection.h"
#include "service/dispatch_internal.h"
#include "service/server.h"
#include "service/session.h"

/* --- Contexts ----------------------------------------------------------------------- */

/* The token itself, or the proof that was asked for. */
static bool is_token(const struct call *call, struct message_span token)
{
    const struct server_options *options = &call->server->options;
    const struct connection_challenge *challenge = &call->connection->challenge;
    if (options->token_size == 0)
        return false;
    if (challenge->made && token.size == sizeof(challenge->proof)
        && secret_is_same(token.bytes, challenge->proof, token.size))
        return true;
    return token.size == options->token_size
           && secret_is_same(token.bytes, options->token, token.size);
}

bool dispatch_do_challenge(struct call *call,
                           const struct message_request_challenge *request)
{
    const struct server_options *options = &call->server->options;
    struct connection *connection = call->connection;
    struct connection_challenge *challenge = &connection->challenge;
    struct message_span token = message_bytes(options->token, options->token_size);
    uint8_t nonce[MESSAGE_NONCE_SIZE], proof[MESSAGE_PROOF_SIZE];
    if (connection->session != NULL || challenge->made || token.size == 0)
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    enum sc_error error = os_random(nonce, sizeof(nonce));
    if (error != SC_OK)
        return dispatch_bare(call, error);
    proof_make(token, PROOF_SERVICE, request->nonce.bytes, nonce, proof);
    proof_make(token, PROOF_CLIENT, request->nonce.bytes, nonce, challenge->proof);
    challenge->made = true;
    RESPOND(call, SC_OK, challenge, .nonce = message_bytes(nonce, sizeof(nonce)),
            .proof = message_bytes(proof, sizeof(proof)));
}

bool dispatch_do_hello(struct call *call, const struct message_request_hello *request)
{
    struct connection *connection = call->connection;
    if (connection->session != NULL
        || (request->session.size != 0 && request->session.size != MESSAGE_SESSION_SIZE))
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    if (request->version_min > MESSAGE_VERSION || request->version_max < MESSAGE_VERSION)
        return dispatch_bare(call, SC_E_UNSUPPORTED_FEATURE);
    if (connection->origin == CONNECTION_TCP && !is_token(call, request->token))
        return dispatch_bare(call, SC_W_SECURITY_VIOLATION);
    if (connection->origin == CONNECTION_TCP && !connection_name(connection))
        return dispatch_bare(call, SC_E_SERVER_TOO_BUSY);
    enum sc_error error = request->session.size == 0
                              ? connection_begin_session(connection)
                              : session_join(call->server, request->session.bytes,
                                             connection->uid, connection);
    if (error != SC_OK)
        return dispatch_bare(call, error);
    RESPOND(call, SC_OK, hello, .version = MESSAGE_VERSION,
            .session = message_bytes(connection->session->id, MESSAGE_SESSION_SIZE));
}

bool dispatch_do_pipes(struct call *call, const struct message_request_pipes *request)
{
    struct connection *connection = call->connection;
    (void)request;
    if (connection->origin != CONNECTION_TCP || call->server->options.pipes == NULL)
        return dispatch_bare(call, SC_E_UNSUPPORTED_FEATURE);
    if (connection->pipes != NULL)
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    enum sc_error error = connection_make_pipes(connection);
    if (error != SC_OK)
        return dispatch_bare(call, error);
    const struct os_pipe_names *names = &connection->pipes->names;
    RESPOND(call, SC_OK, pipes, .to_service = message_text(names->to_service),
            .to_client = message_text(names->to_client));
}

bool dispatch_do_establish(struct call *call,
                           const struct message_request_establish *request)
{
    uint32_t context = 0;
    struct program program =
        session_program(call->session, (enum program_abi)request->abi);
    enum sc_error error = host_establish_for(&program, &context);
    if (error == SC_OK && (error = session_add_context(call->session, context)) != SC_OK)
        (void)host_release(context);
    if (error != SC_OK)
        return dispatch_bare(call, error);
    RESPOND(call, SC_OK, establish, .context = context);
}

bool dispatch_do_release(struct call *call, const struct message_request_release *request)
{
    session_drop_context(call->session, request->context);
    return server_begin_release(call, request->context);
}

bool dispatch_do_check_context(struct call *call,
                               const struct message_request_check_context *request)
{
    return dispatch_bare(call, host_check_context(request->context));
}

bool dispatch_do_cancel(struct call *call, const struct message_request_cancel *request)
{
    return dispatch_bare(call, host_cancel(request->context));
}

/* Those that the session may know of. */
static enum sc_error list_visible(const struct call *call, uint32_t context,
                                  enum name_style style, struct multistring *names)
{
    struct multistring all;
    const char *name = NULL;
    multistring_init(&all, MESSAGE_NAMES_MAX);
    enum sc_error error = host_list_readers(context, style, &all);
    while (error == SC_OK && (name = multistring_next(all.bytes, name)) != NULL)
        if (permit_visible(call->session, context, name))
            error = multistring_add(names, name);
    multistring_clear(&all);
    return error == SC_OK && names->size == 0 ? SC_E_NO_READERS_AVAILABLE : error;
}

bool dispatch_do_list_readers(struct call *call,
                              const struct message_request_list_readers *request)
{
    struct multistring names;
    multistring_init(&names, MESSAGE_NAMES_MAX);
    enum sc_error error =
        list_visible(call, request->context, dispatch_style(request->style), &names);
    struct message_writer writer;
    struct message_response_list_readers fields = {
        .names = message_bytes(names.bytes, names.size)};
    if (error == SC_OK
        && !call_make_response_room(call, MESSAGE_HEADER_SIZE + 4 + fields.names.size))
        error = SC_E_NO_MEMORY;
    if (error != SC_OK) {
        multistring_clear(&names);
        return dispatch_bare(call, error);
    }
    dispatch_begin_fields(call, &writer);
    message_put_response_list_readers(&writer, &fields);
    multistring_clear(&names);
    return dispatch_end_fields(call, &writer, SC_OK);
}

bool dispatch_do_reader_info(struct call *call,
                             const struct message_request_reader_info *request)
{
    struct reader_info info;
    char name[DISPATCH_NAME_ROOM], shown[DRIVER_NAME_MAX];
    enum sc_error error =
        host_reader_info(request->context, dispatch_text(request->reader, name),
                         dispatch_style(request->style), &info, shown);
    if (error == SC_OK && !permit_visible(call->session, request->context, name))
        error = SC_E_UNKNOWN_READER;
    if (error != SC_OK)
        return dispatch_bare(call, error);
    RESPOND(call, SC_OK, reader_info, .shown = message_text(shown),
            .vendor = message_text(info.vendor), .product = message_text(info.product),
            .interface_name = message_text(info.interface_name),
            .serial = message_text(info.serial),
            .device_id = message_text(info.device_id), .version = info.version,
            .channel_id = info.channel_id, .type = info.type, .slot = info.slot);
}

/* --- Watching ----------------------------------------------------------------------- */

/* The host wants names with a NUL at their end; they are copied out of the message. */
static enum sc_error read_watch_entries(struct call *call,
                                        const struct message_request_watch *request)
{
    struct message_reader reader = {.bytes = request->entries.bytes,
                                    .size = request->entries.size};
    char *name;
    /* An entry has eight bytes at least, so a count beyond that is a lie. */
    if (request->count > request->entries.size / 8)
        return request->count == 0 ? SC_OK : SC_E_INVALID_PARAMETER;
    call->entries = mem_alloc_array(request->count, sizeof(*call->entries));
    call->names = name = mem_alloc(request->entries.size + 1);
    if (call->entries == NULL || call->names == NULL)
        return SC_E_NO_MEMORY;
    call->copied = request->count * sizeof(*call->entries) + request->entries.size + 1;
    for (uint32_t i = 0; i < request->count; i++) {
        struct message_watch_entry entry;
        if (!message_get_watch_entry(&reader, &entry))
            return SC_E_INVALID_PARAMETER;
        if (entry.name.size > 0)
            memcpy(name, entry.name.bytes, entry.name.size);
        name[entry.name.size] = '\0'; /* its four bytes of length leave room */
        call->entries[i].name = name;
        call->entries[i].current = entry.current;
        name += entry.name.size + 1;
    }
    return reader.at == reader.size ? SC_OK : SC_E_INVALID_PARAMETER;
}

static bool may_see(const void *viewer, char names[2][DRIVER_NAME_MAX])
{
    const char *const both[] = {names[0], names[1]};
    return permit_visible_names(viewer, both);
}

bool dispatch_do_watch(struct call *call, const struct message_request_watch *request)
{
    enum sc_error error = read_watch_entries(call, request);
    if (error != SC_OK)
        return dispatch_bare(call, error);
    call->entry_count = request->count;
    bool finite = request->timeout_ms != OS_FOREVER;
    enum watch_rule rule =
        request->rule == MESSAGE_RULE_PCSCLITE ? WATCH_PCSCLITE : WATCH_WINDOWS;
    if (finite && request->timeout_ms > UINT32_MAX)
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    struct watch watch = {.context = request->context,
                          .rule = rule,
                          .deadline_ms = os_deadline_ms(request->timeout_ms),
                          .entries = call->entries,
                          .count = request->count,
                          .may_see = may_see,
                          .viewer = call->session};
    return host_op_watch(&call->op, &watch);
}

/* Bytes of the response's entries. */
static size_t watch_results_size(const struct call *call)
{
    size_t size = 0;
    for (uint32_t i = 0; i < call->entry_count; i++)
        size += 8 + call->entries[i].atr_size;
    return size;
}

bool dispatch_end_watch(struct call *call, enum sc_error error)
{
    struct message_writer writer;
    size_t size = watch_results_size(call);
    if (error != SC_OK && error != SC_E_TIMEOUT && error != SC_E_UNKNOWN_READER)
        return dispatch_bare(call, error);
    if (!call_make_response_room(call, MESSAGE_HEADER_SIZE + 8 + size))
        return dispatch_bare(call, SC_E_NO_MEMORY);
    dispatch_begin_fields(call, &writer);
    message_put_u32(&writer, call->entry_count);
    message_put_u32(&writer, (uint32_t)size);
    for (uint32_t i = 0; i < call->entry_count; i++) {
        const struct watch_entry *entry = &call->entries[i];
        struct message_watch_result response = {
            .event = entry->event, .atr = message_bytes(entry->atr, entry->atr_size)};
        message_put_watch_result(&writer, &response);
    }
    return dispatch_end_fields(call, &writer, error);
}

/* --- The cache ---------------------------------------------------------------------- */

bool dispatch_do_read_cache(struct call *call,
                            const struct message_request_read_cache *request)
{
    assert(call->response_room >= CALL_ROOM);
    enum { BEFORE = MESSAGE_HEADER_SIZE + 8 };
    struct message_writer writer;
    char name[DISPATCH_NAME_ROOM];
    size_t size = request->room < CALL_ROOM - BEFORE ? request->room : CALL_ROOM - BEFORE;
    enum sc_error error = host_read_cache(
        request->context, request->id.bytes, request->freshness,
        dispatch_text(request->name, name), call->response + BEFORE, &size);
    if (error != SC_OK && error != SC_E_INSUFFICIENT_BUFFER)
        return dispatch_bare(call, error);
    dispatch_begin_fields(call, &writer);
    message_put_u32(&writer, (uint32_t)size);
    message_put_u32(&writer, error == SC_OK ? (uint32_t)size : 0);
    if (error == SC_OK)
        writer.size += size;
    return dispatch_end_fields(call, &writer, error);
}

bool dispatch_do_write_cache(struct call *call,
                             const struct message_request_write_cache *request)
{
    char name[DISPATCH_NAME_ROOM];
    return dispatch_bare(call, host_write_cache(request->context, request->id.bytes,
                                                request->freshness,
                                                dispatch_text(request->name, name),
                                                request->data.bytes, request->data.size));
}
