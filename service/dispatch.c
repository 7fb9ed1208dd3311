/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages to calls of the host, and what came of them to messages. A handle that is not
 * of the session's own is refused before the host sees it. */
#include "base/alloc.h"
#include "base/atomic.h"
#include "base/log.h"
#include "base/multistring.h"
#include "base/secret.h"
#include "service/permit.h"

#include <string.h>

enum { NAME_ROOM = 512, TRACE_ROOM = 256, NAMES_MAX = 1048576 };

/* Flags of connect and reconnect. */
enum { FLAG_ALONE = 1, FLAG_PREFER_T1 = 2 };

/* --- Replies --------------------------------------------------------------------------
 */

/* A reply without fields. */
static bool bare(struct call *call, enum sc_error error)
{
    struct message_header header = {.call = call->header.call,
                                    .status = (uint16_t)error | MESSAGE_BARE,
                                    .serial = call->header.serial};
    struct message_writer writer = {.bytes = call->reply, .room = call->reply_room};
    message_put_header(&writer, &header);
    call->reply_size = writer.size;
    return true;
}

static void begin_fields(struct call *call, struct message_writer *writer)
{
    struct message_header none = {0};
    memset(writer, 0, sizeof(*writer));
    writer->bytes = call->reply;
    writer->room = call->reply_room;
    message_put_header(writer, &none);
}

/* The header goes before the fields that are there now. */
static bool end_fields(struct call *call, struct message_writer *writer,
                       enum sc_error error)
{
    struct message_header header = {.size =
                                        (uint32_t)(writer->size - MESSAGE_HEADER_SIZE),
                                    .call = call->header.call,
                                    .status = (uint16_t)error,
                                    .serial = call->header.serial};
    struct message_writer front = {.bytes = call->reply, .room = MESSAGE_HEADER_SIZE};
    if (writer->size > writer->room)
        return bare(call, SC_E_NO_MEMORY);
    message_put_header(&front, &header);
    call->reply_size = writer->size;
    return true;
}

/* REPLY(call, error, name, fields...): the fields of reply_NAME, by their designators. */
#define REPLY(call, error, name, ...)                                                    \
    do {                                                                                 \
        struct reply_##name fields = {__VA_ARGS__};                                      \
        struct message_writer writer;                                                    \
        begin_fields(call, &writer);                                                     \
        message_put_reply_##name(&writer, &fields);                                      \
        return end_fields(call, &writer, error);                                         \
    } while (false)

static struct message_span text_span(const char *text)
{
    struct message_span span = {(const uint8_t *)text, strlen(text)};
    return span;
}

static struct message_span byte_span(const void *bytes, size_t size)
{
    struct message_span span = {bytes, size};
    return span;
}

/* --- Asks -----------------------------------------------------------------------------
 */

void dispatch_wake(struct host_op *op)
{
    struct call *call = (struct call *)(void *)op; /* op is first */
    server_ready(call->server, call);
}

/* Text with a NUL at its end, in room that is enough for any field. */
static const char *terminated(struct message_span span, char text[NAME_ROOM + 1])
{
    size_t size = span.size <= NAME_ROOM ? span.size : NAME_ROOM;
    if (size > 0)
        memcpy(text, span.bytes, size);
    text[size] = '\0';
    return text;
}

static bool knows_context(const struct call *call, uint32_t context)
{
    return session_has_context(call->session, context);
}

static bool knows_card(const struct call *call, uint32_t card)
{
    return session_has_card(call->session, card);
}

static enum name_style style_of(uint32_t style)
{
    return style == NAME_PCSCLITE ? NAME_PCSCLITE : NAME_WINDOWS;
}

/* --- Contexts -------------------------------------------------------------------------
 */

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

static bool do_hello(struct call *call, struct message_reader *reader)
{
    struct ask_hello ask;
    struct connection *connection = call->connection;
    if (!message_get_ask_hello(reader, &ask) || connection->session != NULL
        || (ask.session.size != 0 && ask.session.size != SESSION_ID_SIZE))
        return bare(call, SC_E_INVALID_PARAMETER);
    if (ask.version_min > MESSAGE_VERSION || ask.version_max < MESSAGE_VERSION)
        return bare(call, SC_E_UNSUPPORTED_FEATURE);
    if (connection->needs_token && !is_token(call, ask.token))
        return bare(call, SC_W_SECURITY_VIOLATION);
    if (connection->needs_token) /* only its owner can read the token */
        connection->uid = call->server->options.owner;
    if (ask.session.size == SESSION_ID_SIZE)
        connection->session =
            session_join(call->server, ask.session.bytes, connection->uid);
    else
        connection->session = session_new(call->server, connection);
    if (connection->session == NULL)
        return bare(call, ask.session.size == SESSION_ID_SIZE ? SC_E_SERVICE_STOPPED
                                                              : SC_E_NO_MEMORY);
    REPLY(call, SC_OK, hello, .version = MESSAGE_VERSION,
          .session = byte_span(connection->session->id, SESSION_ID_SIZE));
}

static bool do_establish(struct call *call, struct message_reader *reader)
{
    struct ask_establish ask;
    uint32_t context = 0;
    if (!message_get_ask_establish(reader, &ask))
        return bare(call, SC_E_INVALID_PARAMETER);
    enum sc_error error = host_establish(&context);
    if (error == SC_OK && !session_add_context(call->session, context)) {
        (void)host_release(context);
        error = SC_E_NO_MEMORY;
    }
    if (error != SC_OK)
        return bare(call, error);
    REPLY(call, SC_OK, establish, .context = context);
}

static bool do_release(struct call *call, struct message_reader *reader)
{
    struct ask_release ask;
    if (!message_get_ask_release(reader, &ask))
        return bare(call, SC_E_INVALID_PARAMETER);
    if (!knows_context(call, ask.context))
        return bare(call, SC_E_INVALID_HANDLE);
    session_drop_context(call->session, ask.context);
    return host_op_release(&call->op, ask.context);
}

static bool do_check_context(struct call *call, struct message_reader *reader)
{
    struct ask_check_context ask;
    if (!message_get_ask_check_context(reader, &ask))
        return bare(call, SC_E_INVALID_PARAMETER);
    return bare(call, knows_context(call, ask.context) ? host_check_context(ask.context)
                                                       : SC_E_INVALID_HANDLE);
}

static bool do_cancel(struct call *call, struct message_reader *reader)
{
    struct ask_cancel ask;
    if (!message_get_ask_cancel(reader, &ask))
        return bare(call, SC_E_INVALID_PARAMETER);
    return bare(call, knows_context(call, ask.context) ? host_cancel(ask.context)
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

static bool do_list_readers(struct call *call, struct message_reader *reader)
{
    struct ask_list_readers ask;
    struct multistring names;
    if (!message_get_ask_list_readers(reader, &ask))
        return bare(call, SC_E_INVALID_PARAMETER);
    if (!knows_context(call, ask.context))
        return bare(call, SC_E_INVALID_HANDLE);
    multistring_init(&names, NAMES_MAX);
    enum sc_error error = list_visible(call, ask.context, style_of(ask.style), &names);
    struct message_writer writer;
    struct reply_list_readers fields = {.names = byte_span(names.bytes, names.size)};
    if (error == SC_OK
        && !call_make_reply_room(call, MESSAGE_HEADER_SIZE + 4 + fields.names.size))
        error = SC_E_NO_MEMORY;
    if (error != SC_OK) {
        multistring_clear(&names);
        return bare(call, error);
    }
    begin_fields(call, &writer);
    message_put_reply_list_readers(&writer, &fields);
    multistring_clear(&names);
    return end_fields(call, &writer, SC_OK);
}

static bool do_reader_info(struct call *call, struct message_reader *reader)
{
    struct ask_reader_info ask;
    struct reader_info info;
    char name[NAME_ROOM + 1], shown[DRIVER_NAME_MAX];
    if (!message_get_ask_reader_info(reader, &ask))
        return bare(call, SC_E_INVALID_PARAMETER);
    if (!knows_context(call, ask.context))
        return bare(call, SC_E_INVALID_HANDLE);
    enum sc_error error = host_reader_info(ask.context, terminated(ask.reader, name),
                                           style_of(ask.style), &info, shown);
    if (error == SC_OK && !permit_visible(call->session, ask.context, name))
        error = SC_E_UNKNOWN_READER;
    if (error != SC_OK)
        return bare(call, error);
    REPLY(call, SC_OK, reader_info, .shown = text_span(shown),
          .vendor = text_span(info.vendor), .product = text_span(info.product),
          .interface = text_span(info.interface), .serial = text_span(info.serial),
          .device_id = text_span(info.device_id), .version = info.version,
          .channel_id = info.channel_id, .type = info.type, .slot = info.slot);
}

/* --- Watching -------------------------------------------------------------------------
 */

#define HIDDEN "(not for you)" /* no reader is called so */

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
    for (uint32_t i = 0; i < ask->count; i++) {
        struct message_watch_ask entry;
        if (!message_get_watch_ask(&reader, &entry))
            return SC_E_INVALID_PARAMETER;
        if (entry.name.size > 0)
            memcpy(name, entry.name.bytes, entry.name.size);
        name[entry.name.size] = '\0'; /* its four bytes of length leave room */
        call->entries[i].name =
            permit_visible(call->session, ask->context, name) ? name : HIDDEN;
        call->entries[i].current = entry.current;
        name += entry.name.size + 1;
    }
    return reader.at == reader.size ? SC_OK : SC_E_INVALID_PARAMETER;
}

static bool do_watch(struct call *call, struct message_reader *reader)
{
    struct ask_watch ask;
    if (!message_get_ask_watch(reader, &ask))
        return bare(call, SC_E_INVALID_PARAMETER);
    if (!knows_context(call, ask.context))
        return bare(call, SC_E_INVALID_HANDLE);
    enum sc_error error = read_entries(call, &ask);
    if (error != SC_OK)
        return bare(call, error);
    call->number = ask.count;
    bool finite = ask.timeout_ms != OS_FOREVER;
    enum watch_rule rule = ask.rule == WATCH_PCSCLITE ? WATCH_PCSCLITE : WATCH_WINDOWS;
    if (finite && ask.timeout_ms > UINT32_MAX)
        return bare(call, SC_E_INVALID_PARAMETER);
    if (host_op_watch(&call->op, ask.context, rule, ask.timeout_ms, call->entries,
                      ask.count))
        return true;
    call->deadline_ms = call->op.deadline_ms; /* the same: at that time it is over */
    return false;
}

/* Bytes of the reply's entries. */
static size_t entries_size(const struct call *call)
{
    size_t size = 0;
    for (uint32_t i = 0; i < call->number; i++)
        size += 8 + call->entries[i].atr_size;
    return size;
}

static bool end_watch(struct call *call, enum sc_error error)
{
    struct message_writer writer;
    size_t size = entries_size(call);
    if (error != SC_OK && error != SC_E_TIMEOUT && error != SC_E_UNKNOWN_READER)
        return bare(call, error);
    if (!call_make_reply_room(call, MESSAGE_HEADER_SIZE + 8 + size))
        return bare(call, SC_E_NO_MEMORY);
    begin_fields(call, &writer);
    message_put_u32(&writer, call->number);
    message_put_u32(&writer, (uint32_t)size);
    for (uint32_t i = 0; i < call->number; i++) {
        const struct watch_entry *entry = &call->entries[i];
        struct message_watch_reply reply = {
            .event = entry->event, .atr = byte_span(entry->atr, entry->atr_size)};
        message_put_watch_reply(&writer, &reply);
    }
    return end_fields(call, &writer, error);
}

/* --- Cards ----------------------------------------------------------------------------
 */

static void set_flags(struct request *request, uint32_t flags)
{
    request->alone = (flags & FLAG_ALONE) != 0;
    request->prefer_t1 = (flags & FLAG_PREFER_T1) != 0;
}

static bool do_connect(struct call *call, struct message_reader *reader)
{
    struct ask_connect ask;
    char name[NAME_ROOM + 1];
    if (!message_get_ask_connect(reader, &ask))
        return bare(call, SC_E_INVALID_PARAMETER);
    if (!knows_context(call, ask.context))
        return bare(call, SC_E_INVALID_HANDLE);
    if (!session_may_have_card(call->session))
        return bare(call, SC_E_NO_MEMORY);
    switch (permit_reader(call, ask.context, terminated(ask.reader, name), POLICY_USE)) {
    case PERMIT_YES:
        break;
    case PERMIT_NO:
        return bare(call, SC_W_SECURITY_VIOLATION);
    case PERMIT_LATER:
        return false;
    }
    call->number = ask.context;
    call->op.request.share = ask.share;
    call->op.request.protocols = ask.protocols;
    set_flags(&call->op.request, ask.flags);
    return host_op_connect(&call->op, ask.context, name);
}

static bool end_connect(struct call *call, enum sc_error error)
{
    if (error != SC_OK)
        return bare(call, error);
    if (!session_add_card(call->session, call->op.card, call->number)) {
        struct request request = {.kind = REQUEST_DISCONNECT};
        (void)host_card_call(call->op.card, &request);
        return bare(call, SC_E_NO_MEMORY);
    }
    REPLY(call, SC_OK, connect, .card = call->op.card, .active = call->op.request.active);
}

/* A request to a card of the session's. */
static bool start_card(struct call *call, uint32_t card, enum request_kind kind)
{
    if (!knows_card(call, card))
        return bare(call, SC_E_INVALID_HANDLE);
    call->number = card;
    call->op.request.kind = kind;
    return connection_run_card(call, card);
}

static bool do_reconnect(struct call *call, struct message_reader *reader)
{
    struct ask_reconnect ask;
    if (!message_get_ask_reconnect(reader, &ask))
        return bare(call, SC_E_INVALID_PARAMETER);
    call->op.request.share = ask.share;
    call->op.request.protocols = ask.protocols;
    call->op.request.disposition = ask.disposition;
    set_flags(&call->op.request, ask.flags);
    return start_card(call, ask.card, REQUEST_RECONNECT);
}

static bool do_disconnect(struct call *call, struct message_reader *reader)
{
    struct ask_disconnect ask;
    if (!message_get_ask_disconnect(reader, &ask))
        return bare(call, SC_E_INVALID_PARAMETER);
    call->op.request.disposition = ask.disposition;
    return start_card(call, ask.card, REQUEST_DISCONNECT);
}

static bool do_begin(struct call *call, struct message_reader *reader)
{
    struct ask_begin ask;
    if (!message_get_ask_begin(reader, &ask))
        return bare(call, SC_E_INVALID_PARAMETER);
    return start_card(call, ask.card, REQUEST_BEGIN);
}

static bool do_end(struct call *call, struct message_reader *reader)
{
    struct ask_end ask;
    if (!message_get_ask_end(reader, &ask))
        return bare(call, SC_E_INVALID_PARAMETER);
    call->op.request.disposition = ask.disposition;
    return start_card(call, ask.card, REQUEST_END);
}

/* The answer is written where it stands in the reply: behind the header and `before`
 * bytes of other fields, and its own length. */
static void set_transfer(struct call *call, struct message_span in, uint32_t room,
                         size_t before)
{
    struct transfer *transfer = &call->op.request.transfer;
    transfer->in = in.bytes;
    transfer->in_size = in.size;
    transfer->out = call->reply + MESSAGE_HEADER_SIZE + before + 4;
    transfer->out_room = room < DRIVER_TRANSFER_MAX ? room : DRIVER_TRANSFER_MAX;
    call->op.request.direct = true; /* CALL_ROOM is for any answer */
}

static bool do_transmit(struct call *call, struct message_reader *reader)
{
    struct ask_transmit ask;
    if (!message_get_ask_transmit(reader, &ask))
        return bare(call, SC_E_INVALID_PARAMETER);
    call->op.request.protocols = ask.protocols;
    set_transfer(call, ask.in, ask.room, 8);
    return start_card(call, ask.card, REQUEST_TRANSMIT);
}

/* What is about the reader, not its card. */
static enum permit may_control(struct call *call, uint32_t card)
{
    return knows_card(call, card) ? permit_card(call, card, POLICY_CONTROL) : PERMIT_YES;
}

static bool do_control(struct call *call, struct message_reader *reader)
{
    struct ask_control ask;
    if (!message_get_ask_control(reader, &ask))
        return bare(call, SC_E_INVALID_PARAMETER);
    enum permit permit = policy_control_right(ask.code) == POLICY_CONTROL
                             ? may_control(call, ask.card)
                             : PERMIT_YES;
    if (permit != PERMIT_YES)
        return permit == PERMIT_NO && bare(call, SC_W_SECURITY_VIOLATION);
    call->op.request.number = ask.code;
    set_transfer(call, ask.in, ask.room, 4);
    return start_card(call, ask.card, REQUEST_CONTROL);
}

/* `size` is told also of an answer that did not fit. */
static bool end_transfer(struct call *call, enum sc_error error, bool transmit)
{
    const struct request *request = &call->op.request;
    size_t size = request->transfer.out_size;
    struct message_writer writer;
    if (error != SC_OK && error != SC_E_INSUFFICIENT_BUFFER)
        return bare(call, error);
    begin_fields(call, &writer);
    if (transmit)
        message_put_u32(&writer, request->active);
    message_put_u32(&writer, (uint32_t)size);
    message_put_u32(&writer, error == SC_OK ? (uint32_t)size : 0);
    if (error == SC_OK)
        writer.size += size; /* it is there already */
    return end_fields(call, &writer, error);
}

static bool do_card_status(struct call *call, struct message_reader *reader)
{
    struct ask_card_status ask;
    struct card_status status;
    if (!message_get_ask_card_status(reader, &ask))
        return bare(call, SC_E_INVALID_PARAMETER);
    if (!knows_card(call, ask.card))
        return bare(call, SC_E_INVALID_HANDLE);
    enum sc_error error = host_card_status(ask.card, style_of(ask.style), &status);
    if (error == SC_E_INVALID_HANDLE)
        return bare(call, error);
    REPLY(call, error, card_status, .name = text_span(status.name),
          .state = (uint32_t)status.state, .protocol = status.protocol,
          .events = status.events, .atr = byte_span(status.atr, status.atr_size),
          .transmissions = status.transmissions);
}

/* The driver may have to be asked, behind a long job: then this thread waits. */
static bool do_get_attribute(struct call *call, struct message_reader *reader)
{
    struct ask_get_attribute ask;
    uint8_t value[DRIVER_ATTRIBUTE_MAX];
    size_t size = 0;
    if (!message_get_ask_get_attribute(reader, &ask))
        return bare(call, SC_E_INVALID_PARAMETER);
    if (!knows_card(call, ask.card))
        return bare(call, SC_E_INVALID_HANDLE);
    enum sc_error error =
        host_get_attribute(ask.card, style_of(ask.style), ask.id, value, &size);
    if (error != SC_OK)
        return bare(call, error);
    REPLY(call, SC_OK, get_attribute, .value = byte_span(value, size));
}

static bool do_set_attribute(struct call *call, struct message_reader *reader)
{
    struct ask_set_attribute ask;
    if (!message_get_ask_set_attribute(reader, &ask))
        return bare(call, SC_E_INVALID_PARAMETER);
    enum permit permit = may_control(call, ask.card);
    if (permit != PERMIT_YES)
        return permit == PERMIT_NO && bare(call, SC_W_SECURITY_VIOLATION);
    call->op.request.number = ask.id;
    set_transfer(call, ask.value, 0, 0);
    return start_card(call, ask.card, REQUEST_SET_ATTRIBUTE);
}

/* --- The cache ------------------------------------------------------------------------
 */

static bool do_read_cache(struct call *call, struct message_reader *reader)
{
    enum { BEFORE = MESSAGE_HEADER_SIZE + 8 };
    struct ask_read_cache ask;
    struct message_writer writer;
    char name[NAME_ROOM + 1];
    if (!message_get_ask_read_cache(reader, &ask) || ask.id.size != 16)
        return bare(call, SC_E_INVALID_PARAMETER);
    if (!knows_context(call, ask.context))
        return bare(call, SC_E_INVALID_HANDLE);
    size_t size = ask.room < CALL_ROOM - BEFORE ? ask.room : CALL_ROOM - BEFORE;
    enum sc_error error =
        host_read_cache(ask.context, ask.id.bytes, ask.freshness,
                        terminated(ask.name, name), call->reply + BEFORE, &size);
    if (error != SC_OK && error != SC_E_INSUFFICIENT_BUFFER)
        return bare(call, error);
    begin_fields(call, &writer);
    message_put_u32(&writer, (uint32_t)size);
    message_put_u32(&writer, error == SC_OK ? (uint32_t)size : 0);
    if (error == SC_OK)
        writer.size += size;
    return end_fields(call, &writer, error);
}

static bool do_write_cache(struct call *call, struct message_reader *reader)
{
    struct ask_write_cache ask;
    char name[NAME_ROOM + 1];
    if (!message_get_ask_write_cache(reader, &ask) || ask.id.size != 16)
        return bare(call, SC_E_INVALID_PARAMETER);
    if (!knows_context(call, ask.context))
        return bare(call, SC_E_INVALID_HANDLE);
    return bare(call, host_write_cache(ask.context, ask.id.bytes, ask.freshness,
                                       terminated(ask.name, name), ask.data.bytes,
                                       ask.data.size));
}

/* --- All of them ----------------------------------------------------------------------
 */

typedef bool start_function(struct call *call, struct message_reader *reader);

static start_function *const starts[] = {
#define CALL(number, name, ask, reply) [number] = do_##name,
#include "message/api.def"
#undef CALL
};

/* Those that the host may park; their results are in call->op. */
static bool end_call(struct call *call)
{
    enum sc_error error = call->op.error;
    call->done = true;
    switch (call->header.call) {
    case MESSAGE_connect:
        return end_connect(call, error);
    case MESSAGE_watch:
        return end_watch(call, error);
    case MESSAGE_reconnect:
        if (error != SC_OK)
            return bare(call, error);
        REPLY(call, SC_OK, reconnect, .active = call->op.request.active);
    case MESSAGE_disconnect:
        session_drop_card(call->session, call->number);
        return bare(call, error);
    case MESSAGE_transmit:
    case MESSAGE_control:
        return end_transfer(call, error, call->header.call == MESSAGE_transmit);
    default:
        return bare(call, error);
    }
}

static void trace(const struct call *call)
{
    char line[TRACE_ROOM];
    if (!log_is_on(LOG_DEBUG))
        return;
    (void)message_print_ask(call->header.call, call->ask + MESSAGE_HEADER_SIZE,
                            call->header.size, line, sizeof(line));
    log_debug("%u: %s", (unsigned)call->connection->pid, line);
}

/* True: finished. The host's part may have been begun, which leaves no reply so far. */
static bool start(struct call *call)
{
    struct message_reader reader = {.bytes = call->ask + MESSAGE_HEADER_SIZE,
                                    .size = call->header.size};
    uint16_t number = call->header.call;
    bool known = number < sizeof(starts) / sizeof(starts[0]) && starts[number] != NULL;
    if (!known)
        return bare(call, SC_E_UNSUPPORTED_FEATURE);
    /* Nobody does anything before saying who it is. */
    if (call->session == NULL && number != MESSAGE_hello)
        return bare(call, SC_W_SECURITY_VIOLATION);
    return starts[number](call, &reader);
}

static bool begin_call(struct call *call)
{
    if (!start(call))
        return false;
    return call->reply_size > 0 || end_call(call);
}

static bool dispatch_start(struct call *call)
{
    call->op.wake = dispatch_wake;
    call->reply_size = 0;
    call->done = call->begun = false;
    atomic_store_u32(&call->asking, CALL_NOT_ASKING);
    if (call->connection == NULL)
        return host_op_release(&call->op, call->number);
    trace(call);
    return begin_call(call);
}

static bool dispatch_resume(struct call *call)
{
    switch (atomic_load_u32(&call->asking)) {
    case CALL_ASKING:
        return false;
    case CALL_REFUSED:
        return bare(call, SC_W_SECURITY_VIOLATION);
    case CALL_ALLOWED:
        if (!call->begun) { /* from its beginning, now that it may */
            call->begun = true;
            return begin_call(call);
        }
        break;
    default:
        break;
    }
    if (!host_op_resume(&call->op))
        return false;
    return call->connection == NULL || end_call(call);
}

static void dispatch_undo(struct call *call)
{
    struct request request = {.kind = REQUEST_END};
    if (!call->done || call->op.error != SC_OK)
        return;
    if (call->header.call == MESSAGE_begin) {
        (void)host_card_call(call->number, &request);
    } else if (call->header.call == MESSAGE_connect) {
        request.kind = REQUEST_DISCONNECT;
        session_drop_card(call->session, call->op.card);
        (void)host_card_call(call->op.card, &request);
    }
}

static size_t dispatch_measure(struct connection *connection, struct call *call)
{
    if (call->ask_size < MESSAGE_HEADER_SIZE)
        return MESSAGE_HEADER_SIZE;
    message_get_header(call->ask, &call->header);
    /* Who has not said hello gets no memory. */
    size_t most = connection->session == NULL ? 256 : MESSAGE_ASK_MAX;
    if (connection->session != NULL && connection->session->limits.bytes < most)
        most = connection->session->limits.bytes;
    return call->header.size > most ? 0 : MESSAGE_HEADER_SIZE + call->header.size;
}

const struct protocol dispatch_protocol = {.measure = dispatch_measure,
                                           .start = dispatch_start,
                                           .resume = dispatch_resume,
                                           .undo = dispatch_undo};
