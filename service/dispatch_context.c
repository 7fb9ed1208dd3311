/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on contexts and readers: who is there, what changes; and the card cache. */
#include "base/alloc.h"
#include "base/multistring.h"
#include "host/host.h"
#include "os/time.h"
#include "service/connection.h"
#include "service/dispatch_internal.h"
#include "service/server.h"
#include "service/session.h"

enum { NAMES_MAX = 1048576 };

/* --- Contexts ----------------------------------------------------------------------- */

static bool is_token(const struct call *call, struct message_span token)
{
    const struct server_options *options = &call->server->options;
    if (token.size != options->token_size || token.size == 0)
        return false;
    uint8_t differs = 0; /* as long whatever differs */
    for (size_t i = 0; i < token.size; i++)
        differs |= token.bytes[i] ^ options->token[i];
    return differs == 0;
}

bool dispatch_do_hello(struct call *call, struct message_reader *reader)
{
    struct ask_hello ask;
    struct connection *connection = call->connection;
    if (!message_get_ask_hello(reader, &ask) || connection->session != NULL
        || (ask.session.size != 0 && ask.session.size != SESSION_ID_SIZE))
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    if (ask.version_min > MESSAGE_VERSION || ask.version_max < MESSAGE_VERSION)
        return dispatch_bare(call, SC_E_UNSUPPORTED_FEATURE);
    if (connection->origin == CONNECTION_TCP && !is_token(call, ask.token))
        return dispatch_bare(call, SC_W_SECURITY_VIOLATION);
    if (connection->origin == CONNECTION_TCP && !connection_name(connection))
        return dispatch_bare(call, SC_E_SERVER_TOO_BUSY);
    enum sc_error error =
        ask.session.size == 0
            ? connection_begin_session(connection)
            : session_join(call->server, ask.session.bytes, connection->uid, connection);
    if (error != SC_OK)
        return dispatch_bare(call, error);
    REPLY(call, SC_OK, hello, .version = MESSAGE_VERSION,
          .session = byte_span(connection->session->id, SESSION_ID_SIZE));
}

bool dispatch_do_establish(struct call *call, struct message_reader *reader)
{
    struct ask_establish ask;
    uint32_t context = 0;
    /* Without a field it is one of Windows' ABI. */
    if (call->header.size == 0)
        ask.abi = ABI_WINDOWS;
    else if (!message_get_ask_establish(reader, &ask) || ask.abi >= ABI_KINDS)
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    struct program program = session_program(call->session, (enum program_abi)ask.abi);
    enum sc_error error = host_establish_for(&program, &context);
    if (error == SC_OK && (error = session_add_context(call->session, context)) != SC_OK)
        (void)host_release(context);
    if (error != SC_OK)
        return dispatch_bare(call, error);
    REPLY(call, SC_OK, establish, .context = context);
}

bool dispatch_do_release(struct call *call, struct message_reader *reader)
{
    struct ask_release ask;
    if (!message_get_ask_release(reader, &ask))
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    if (!dispatch_knows_context(call, ask.context))
        return dispatch_bare(call, SC_E_INVALID_HANDLE);
    session_drop_context(call->session, ask.context);
    return server_begin_release(call, ask.context);
}

bool dispatch_do_check_context(struct call *call, struct message_reader *reader)
{
    struct ask_check_context ask;
    if (!message_get_ask_check_context(reader, &ask))
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    return dispatch_bare(call, dispatch_knows_context(call, ask.context)
                                   ? host_check_context(ask.context)
                                   : SC_E_INVALID_HANDLE);
}

bool dispatch_do_cancel(struct call *call, struct message_reader *reader)
{
    struct ask_cancel ask;
    if (!message_get_ask_cancel(reader, &ask))
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    return dispatch_bare(call, dispatch_knows_context(call, ask.context)
                                   ? host_cancel(ask.context)
                                   : SC_E_INVALID_HANDLE);
}

/* Those that the session may know of. */
static enum sc_error list_visible(const struct call *call, uint32_t context,
                                  enum name_style style, struct multistring *names)
{
    struct multistring all;
    const char *name = NULL;
    multistring_init(&all, NAMES_MAX);
    enum sc_error error = host_list_readers(context, style, &all);
    while (error == SC_OK && (name = multistring_next(all.bytes, name)) != NULL)
        if (permit_visible(call->session, context, name))
            error = multistring_add(names, name);
    multistring_clear(&all);
    return error == SC_OK && names->size == 0 ? SC_E_NO_READERS_AVAILABLE : error;
}

bool dispatch_do_list_readers(struct call *call, struct message_reader *reader)
{
    struct ask_list_readers ask;
    struct multistring names;
    if (!message_get_ask_list_readers(reader, &ask))
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    if (!dispatch_knows_context(call, ask.context))
        return dispatch_bare(call, SC_E_INVALID_HANDLE);
    multistring_init(&names, NAMES_MAX);
    enum sc_error error =
        list_visible(call, ask.context, dispatch_style(ask.style), &names);
    struct message_writer writer;
    struct reply_list_readers fields = {.names = byte_span(names.bytes, names.size)};
    if (error == SC_OK
        && !call_make_reply_room(call, MESSAGE_HEADER_SIZE + 4 + fields.names.size))
        error = SC_E_NO_MEMORY;
    if (error != SC_OK) {
        multistring_clear(&names);
        return dispatch_bare(call, error);
    }
    dispatch_begin_fields(call, &writer);
    message_put_reply_list_readers(&writer, &fields);
    multistring_clear(&names);
    return dispatch_end_fields(call, &writer, SC_OK);
}

bool dispatch_do_reader_info(struct call *call, struct message_reader *reader)
{
    struct ask_reader_info ask;
    struct reader_info info;
    char name[DISPATCH_NAME_ROOM + 1], shown[DRIVER_NAME_MAX];
    if (!message_get_ask_reader_info(reader, &ask))
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    if (!dispatch_knows_context(call, ask.context))
        return dispatch_bare(call, SC_E_INVALID_HANDLE);
    enum sc_error error = host_reader_info(ask.context, dispatch_text(ask.reader, name),
                                           dispatch_style(ask.style), &info, shown);
    if (error == SC_OK && !permit_visible(call->session, ask.context, name))
        error = SC_E_UNKNOWN_READER;
    if (error != SC_OK)
        return dispatch_bare(call, error);
    REPLY(call, SC_OK, reader_info, .shown = text_span(shown),
          .vendor = text_span(info.vendor), .product = text_span(info.product),
          .interface_name = text_span(info.interface_name),
          .serial = text_span(info.serial), .device_id = text_span(info.device_id),
          .version = info.version, .channel_id = info.channel_id, .type = info.type,
          .slot = info.slot);
}

/* --- Watching ----------------------------------------------------------------------- */

/* The host wants names with a NUL at their end; they are copied out of the message. */
static enum sc_error read_entries(struct call *call, const struct ask_watch *ask)
{
    struct message_reader reader = {.bytes = ask->entries.bytes,
                                    .size = ask->entries.size};
    char *name;
    /* An entry has eight bytes at least, so a count beyond that is a lie. */
    if (ask->count > ask->entries.size / 8)
        return ask->count == 0 ? SC_OK : SC_E_INVALID_PARAMETER;
    call->entries = mem_alloc_array(ask->count, sizeof(*call->entries));
    call->names = name = mem_alloc(ask->entries.size + 1);
    if (call->entries == NULL || call->names == NULL)
        return SC_E_NO_MEMORY;
    call->copied = ask->count * sizeof(*call->entries) + ask->entries.size + 1;
    for (uint32_t i = 0; i < ask->count; i++) {
        struct message_watch_ask entry;
        if (!message_get_watch_ask(&reader, &entry))
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
    return permit_visible_names(viewer, names);
}

bool dispatch_do_watch(struct call *call, struct message_reader *reader)
{
    struct ask_watch ask;
    if (!message_get_ask_watch(reader, &ask))
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    if (!dispatch_knows_context(call, ask.context))
        return dispatch_bare(call, SC_E_INVALID_HANDLE);
    enum sc_error error = read_entries(call, &ask);
    if (error != SC_OK)
        return dispatch_bare(call, error);
    call->entry_count = ask.count;
    bool finite = ask.timeout_ms != OS_FOREVER;
    enum watch_rule rule = ask.rule == WATCH_PCSCLITE ? WATCH_PCSCLITE : WATCH_WINDOWS;
    if (finite && ask.timeout_ms > UINT32_MAX)
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    struct watch watch = {.context = ask.context,
                          .rule = rule,
                          .deadline_ms = os_deadline_ms(ask.timeout_ms),
                          .entries = call->entries,
                          .count = ask.count,
                          .may_see = may_see,
                          .viewer = call->session};
    return host_op_watch(&call->op, &watch);
}

/* Bytes of the reply's entries. */
static size_t entries_size(const struct call *call)
{
    size_t size = 0;
    for (uint32_t i = 0; i < call->entry_count; i++)
        size += 8 + call->entries[i].atr_size;
    return size;
}

bool dispatch_end_watch(struct call *call, enum sc_error error)
{
    struct message_writer writer;
    size_t size = entries_size(call);
    if (error != SC_OK && error != SC_E_TIMEOUT && error != SC_E_UNKNOWN_READER)
        return dispatch_bare(call, error);
    if (!call_make_reply_room(call, MESSAGE_HEADER_SIZE + 8 + size))
        return dispatch_bare(call, SC_E_NO_MEMORY);
    dispatch_begin_fields(call, &writer);
    message_put_u32(&writer, call->entry_count);
    message_put_u32(&writer, (uint32_t)size);
    for (uint32_t i = 0; i < call->entry_count; i++) {
        const struct watch_entry *entry = &call->entries[i];
        struct message_watch_reply reply = {
            .event = entry->event, .atr = byte_span(entry->atr, entry->atr_size)};
        message_put_watch_reply(&writer, &reply);
    }
    return dispatch_end_fields(call, &writer, error);
}

/* --- The cache ---------------------------------------------------------------------- */

bool dispatch_do_read_cache(struct call *call, struct message_reader *reader)
{
    enum { BEFORE = MESSAGE_HEADER_SIZE + 8 };
    struct ask_read_cache ask;
    struct message_writer writer;
    char name[DISPATCH_NAME_ROOM + 1];
    if (!message_get_ask_read_cache(reader, &ask) || ask.id.size != 16)
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    if (!dispatch_knows_context(call, ask.context))
        return dispatch_bare(call, SC_E_INVALID_HANDLE);
    size_t size = ask.room < CALL_ROOM - BEFORE ? ask.room : CALL_ROOM - BEFORE;
    enum sc_error error =
        host_read_cache(ask.context, ask.id.bytes, ask.freshness,
                        dispatch_text(ask.name, name), call->reply + BEFORE, &size);
    if (error != SC_OK && error != SC_E_INSUFFICIENT_BUFFER)
        return dispatch_bare(call, error);
    dispatch_begin_fields(call, &writer);
    message_put_u32(&writer, (uint32_t)size);
    message_put_u32(&writer, error == SC_OK ? (uint32_t)size : 0);
    if (error == SC_OK)
        writer.size += size;
    return dispatch_end_fields(call, &writer, error);
}

bool dispatch_do_write_cache(struct call *call, struct message_reader *reader)
{
    struct ask_write_cache ask;
    char name[DISPATCH_NAME_ROOM + 1];
    if (!message_get_ask_write_cache(reader, &ask) || ask.id.size != 16)
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    if (!dispatch_knows_context(call, ask.context))
        return dispatch_bare(call, SC_E_INVALID_HANDLE);
    return dispatch_bare(call, host_write_cache(ask.context, ask.id.bytes, ask.freshness,
                                                dispatch_text(ask.name, name),
                                                ask.data.bytes, ask.data.size));
}
