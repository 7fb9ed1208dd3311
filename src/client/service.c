/* SPDX-License-Identifier: BSD-2-Clause */
/* The carrier to the service: each call of it as one request and its response. */
#include "client/service.h"

#include "client/service_call.h"
#include "manager/limits.h"

enum {
    COPIED_MAX = 2048 /* bytes of a command that it pays to copy */
};

/* --- Contexts ----------------------------------------------------------------------- */

static enum sc_error request_establish(struct exchange *x, enum program_abi abi,
                                       uint32_t *context)
{
    struct message_response_establish response;
    enum sc_error error = service_link_take(true, &x->link);
    if (error != SC_OK)
        return error;
    exchange_prepare(x);
    REQUEST(x, establish, .abi = abi);
    error = exchange_run(x, MESSAGE_establish);
    bool understood =
        error != SC_OK
        || (message_get_response_establish(&x->reader, &response) && !x->reader.foreign);
    if (error == SC_OK && understood) {
        *context = response.context;
        service_context_made(x->link, *context);
    }
    return exchange_end(x, error, understood);
}

static enum sc_error service_establish(enum program_abi abi, uint32_t *context)
{
    struct exchange x = {0};
    service_context_begin();
    enum sc_error error = request_establish(&x, abi, context);
    /* A connection that was kept may be one to a service that is gone. */
    if (error == SC_E_SERVICE_STOPPED)
        error = request_establish(&x, abi, context);
    if (error != SC_OK)
        service_context_made(NULL, 0);
    return error == SC_E_SERVICE_STOPPED || error == SC_E_INVALID_HANDLE ? SC_E_NO_SERVICE
                                                                         : error;
}

/* After the request: a response without fields. */
static enum sc_error run_plain(struct exchange *x, enum message_call call)
{
    enum sc_error error = exchange_run(x, call);
    return exchange_end(x, error, true);
}

static enum sc_error service_release(uint32_t context)
{
    struct exchange x = {0};
    enum sc_error error = exchange_begin(&x, context);
    if (error != SC_OK)
        return error;
    REQUEST(&x, release, .context = context);
    error = exchange_run(&x, MESSAGE_release);
    if (error == SC_OK)
        service_context_released(x.link, context);
    return exchange_end(&x, error, true);
}

static enum sc_error service_check_context(uint32_t context)
{
    struct exchange x = {.peeks = true};
    enum sc_error error = exchange_begin(&x, context);
    if (error != SC_OK)
        return error;
    REQUEST(&x, check_context, .context = context);
    return run_plain(&x, MESSAGE_check_context);
}

static enum sc_error service_cancel(uint32_t context)
{
    struct exchange x = {0};
    enum sc_error error = exchange_begin(&x, context);
    if (error != SC_OK)
        return error;
    REQUEST(&x, cancel, .context = context);
    return run_plain(&x, MESSAGE_cancel);
}

static enum sc_error add_names(struct message_span span, struct multistring *names)
{
    const char *text = NULL;
    enum sc_error error = SC_OK;
    if (multistring_size((const char *)span.bytes, span.size) != span.size)
        return SC_E_SERVICE_STOPPED;
    while (error == SC_OK
           && (text = multistring_next((const char *)span.bytes, text)) != NULL)
        error = multistring_add(names, text);
    return error;
}

static enum sc_error service_list_readers(uint32_t context, enum name_style style,
                                          struct multistring *names)
{
    struct exchange x = {0};
    struct message_response_list_readers response;
    enum sc_error error = exchange_begin(&x, context);
    if (error != SC_OK)
        return error;
    REQUEST(&x, list_readers, .context = context, .style = style);
    error = exchange_run(&x, MESSAGE_list_readers);
    bool understood =
        error != SC_OK || message_get_response_list_readers(&x.reader, &response);
    if (error == SC_OK && understood)
        error = add_names(response.names, names);
    return exchange_end(&x, error, understood && error != SC_E_SERVICE_STOPPED);
}

static bool read_info(struct message_reader *reader, struct reader_info *info,
                      char shown[DRIVER_NAME_MAX])
{
    struct message_response_reader_info response;
    memset(info, 0, sizeof(*info));
    if (!message_get_response_reader_info(reader, &response))
        return false;
    info->version = response.version;
    info->channel_id = response.channel_id;
    info->type = response.type;
    info->slot = response.slot;
    return exchange_copy_text(response.shown, shown, DRIVER_NAME_MAX)
           && exchange_copy_text(response.vendor, info->vendor, sizeof(info->vendor))
           && exchange_copy_text(response.product, info->product, sizeof(info->product))
           && exchange_copy_text(response.interface_name, info->interface_name,
                                 sizeof(info->interface_name))
           && exchange_copy_text(response.serial, info->serial, sizeof(info->serial))
           && exchange_copy_text(response.device_id, info->device_id,
                                 sizeof(info->device_id));
}

static enum sc_error service_reader_info(uint32_t context, const char *name,
                                         enum name_style style, struct reader_info *info,
                                         char shown[DRIVER_NAME_MAX])
{
    struct exchange x = {0};
    if (strlen(name) > MESSAGE_READER_MAX)
        return SC_E_UNKNOWN_READER;
    enum sc_error error = exchange_begin(&x, context);
    if (error != SC_OK)
        return error;
    REQUEST(&x, reader_info, .context = context, .reader = message_text(name),
            .style = style);
    error = exchange_run(&x, MESSAGE_reader_info);
    bool understood = error != SC_OK || read_info(&x.reader, info, shown);
    return exchange_end(&x, error, understood);
}

/* --- Cards -------------------------------------------------------------------------- */

static uint32_t flags_of(const struct request *request)
{
    return (request->alone ? MESSAGE_FLAG_ALONE : 0U)
           | (request->preference == PREFER_T1 ? MESSAGE_FLAG_PREFER_T1 : 0U);
}

static enum sc_error service_connect(uint32_t context, const char *reader,
                                     struct request *request, uint32_t *card)
{
    struct exchange x = {0};
    struct message_response_connect response;
    if (strlen(reader) > MESSAGE_READER_MAX)
        return SC_E_UNKNOWN_READER;
    enum sc_error error = exchange_begin(&x, context);
    if (error != SC_OK)
        return error;
    REQUEST(&x, connect, .context = context, .reader = message_text(reader),
            .share = request->share, .flags = flags_of(request),
            .protocols = request->protocols);
    error = exchange_run(&x, MESSAGE_connect);
    bool understood =
        error != SC_OK
        || (message_get_response_connect(&x.reader, &response) && !x.reader.foreign);
    if (error == SC_OK && understood) {
        request->active = response.active;
        *card = response.card;
        service_card_made(x.link, *card, context);
    }
    return exchange_end(&x, error, understood);
}

/* The answer to a transmit or control; its size is reported also if it did not fit. */
static bool read_answer(struct exchange *x, enum sc_error error, struct request *request,
                        bool transmit)
{
    struct transfer *transfer = &request->transfer;
    uint32_t active = transmit ? message_get_u32(&x->reader) : 0;
    uint32_t size = message_get_u32(&x->reader);
    struct message_span out = message_get_span(&x->reader, DRIVER_TRANSFER_MAX);
    if (x->reader.bad || (error == SC_OK && out.size > transfer->out_room))
        return false;
    transfer->out_size = size;
    if (error != SC_OK)
        return true;
    if (transmit)
        request->active = active;
    if (out.size > 0)
        memcpy(transfer->out, out.bytes, out.size);
    return out.size == size;
}

static enum sc_error transfer_bytes(uint32_t card, struct request *request, bool transmit)
{
    struct exchange x = {0};
    const struct transfer *t = &request->transfer;
    uint32_t room = t->out_room < DRIVER_TRANSFER_MAX ? (uint32_t)t->out_room
                                                      : (uint32_t)DRIVER_TRANSFER_MAX;
    request->transfer.out_size = 0;
    if (t->in_size > DRIVER_TRANSFER_MAX)
        return SC_E_INVALID_PARAMETER;
    enum sc_error error = exchange_begin(&x, card);
    if (error != SC_OK)
        return error;
    bool apart = t->in_size > COPIED_MAX;
    struct message_span in = message_bytes(t->in, apart ? 0 : t->in_size);
    if (transmit)
        REQUEST(&x, transmit, .card = card, .protocols = request->protocols, .room = room,
                .in = in);
    else
        REQUEST(&x, control, .card = card, .code = request->number, .room = room,
                .in = in);
    if (apart) { /* it is the last field: its size is known, its bytes follow */
        x.writer.size -= 4;
        message_put_u32(&x.writer, (uint32_t)t->in_size);
        x.link->body = t->in;
        x.link->body_size = t->in_size;
    }
    error = exchange_run(&x, transmit ? MESSAGE_transmit : MESSAGE_control);
    bool understood =
        exchange_is_bare(&x, error) || read_answer(&x, error, request, transmit);
    return exchange_end(&x, error, understood);
}

static enum sc_error reconnect_card(uint32_t card, struct request *request)
{
    struct exchange x = {0};
    struct message_response_reconnect response;
    enum sc_error error = exchange_begin(&x, card);
    if (error != SC_OK)
        return error;
    REQUEST(&x, reconnect, .card = card, .share = request->share,
            .flags = flags_of(request), .protocols = request->protocols,
            .disposition = request->disposition);
    error = exchange_run(&x, MESSAGE_reconnect);
    bool understood =
        error != SC_OK || message_get_response_reconnect(&x.reader, &response);
    if (error == SC_OK && understood)
        request->active = response.active;
    return exchange_end(&x, error, understood);
}

static enum sc_error disconnect_card(uint32_t card, uint32_t disposition)
{
    struct exchange x = {0};
    enum sc_error error = exchange_begin(&x, card);
    if (error != SC_OK)
        return error;
    REQUEST(&x, disconnect, .card = card, .disposition = disposition);
    error = run_plain(&x, MESSAGE_disconnect);
    if (error == SC_OK)
        service_card_gone(card);
    return error;
}

static enum sc_error begin_transaction(uint32_t card)
{
    struct exchange x = {0};
    enum sc_error error = exchange_begin(&x, card);
    if (error != SC_OK)
        return error;
    REQUEST(&x, begin, .card = card);
    return run_plain(&x, MESSAGE_begin);
}

static enum sc_error end_transaction(uint32_t card, uint32_t disposition)
{
    struct exchange x = {0};
    enum sc_error error = exchange_begin(&x, card);
    if (error != SC_OK)
        return error;
    REQUEST(&x, end, .card = card, .disposition = disposition);
    return run_plain(&x, MESSAGE_end);
}

static enum sc_error set_card_attribute(uint32_t card, const struct request *request)
{
    struct exchange x = {0};
    const struct transfer *t = &request->transfer;
    if (t->in_size > DRIVER_ATTRIBUTE_MAX)
        return SC_E_INVALID_PARAMETER;
    enum sc_error error = exchange_begin(&x, card);
    if (error != SC_OK)
        return error;
    REQUEST(&x, set_attribute, .card = card, .id = request->number,
            .value = message_bytes(t->in, t->in_size));
    return run_plain(&x, MESSAGE_set_attribute);
}

static enum sc_error service_card_call(uint32_t card, struct request *request)
{
    switch (request->kind) {
    case REQUEST_RECONNECT:
        return reconnect_card(card, request);
    case REQUEST_DISCONNECT:
        return disconnect_card(card, request->disposition);
    case REQUEST_BEGIN:
        return begin_transaction(card);
    case REQUEST_END:
        return end_transaction(card, request->disposition);
    case REQUEST_TRANSMIT:
        return transfer_bytes(card, request, true);
    case REQUEST_CONTROL:
        return transfer_bytes(card, request, false);
    case REQUEST_SET_ATTRIBUTE:
        return set_card_attribute(card, request);
    case REQUEST_CONNECT:
    case REQUEST_GET_ATTRIBUTE:
    case REQUEST_PROBE:
    case REQUEST_CLOSE:
    case REQUEST_TEND:
    case REQUEST_PLACE:
    case REQUEST_KINDS:
        break;
    }
    return SC_F_INTERNAL_ERROR; /* the faces ask for nothing else */
}

static bool read_card_status(struct message_reader *reader, struct card_status *status)
{
    struct message_response_card_status response;
    if (!message_get_response_card_status(reader, &response))
        return false;
    status->state = (enum card_state)response.state;
    status->protocol = response.protocol;
    status->events = response.events;
    status->atr_size = response.atr.size;
    if (response.atr.size > 0)
        memcpy(status->atr, response.atr.bytes, response.atr.size);
    status->transmissions = response.transmissions;
    return exchange_copy_text(response.name, status->name, sizeof(status->name));
}

static enum sc_error service_card_status(uint32_t card, enum name_style style,
                                         struct card_status *status)
{
    struct exchange x = {0};
    enum sc_error error = exchange_begin(&x, card);
    if (error != SC_OK)
        return error;
    REQUEST(&x, card_status, .card = card, .style = style);
    error = exchange_run(&x, MESSAGE_card_status);
    bool understood = exchange_is_bare(&x, error) || read_card_status(&x.reader, status);
    return exchange_end(&x, error, understood);
}

static enum sc_error service_get_attribute(uint32_t card, enum name_style style,
                                           uint32_t id,
                                           uint8_t value[DRIVER_ATTRIBUTE_MAX],
                                           size_t *size)
{
    struct exchange x = {0};
    struct message_response_get_attribute response;
    enum sc_error error = exchange_begin(&x, card);
    if (error != SC_OK)
        return error;
    REQUEST(&x, get_attribute, .card = card, .style = style, .id = id);
    error = exchange_run(&x, MESSAGE_get_attribute);
    bool understood =
        error != SC_OK || message_get_response_get_attribute(&x.reader, &response);
    if (error == SC_OK && understood) {
        *size = response.value.size;
        if (response.value.size > 0)
            memcpy(value, response.value.bytes, response.value.size);
    }
    return exchange_end(&x, error, understood);
}

/* --- The cache ---------------------------------------------------------------------- */

static enum sc_error service_read_cache(uint32_t context, const uint8_t id[16],
                                        uint32_t freshness, const char *name,
                                        uint8_t *data, size_t *size)
{
    struct exchange x = {0};
    struct message_response_read_cache response;
    enum sc_error error = exchange_begin(&x, context);
    if (error != SC_OK)
        return error;
    REQUEST(&x, read_cache, .context = context, .id = message_bytes(id, 16),
            .freshness = freshness, .name = message_text(name),
            .room = *size < LIMIT_CACHE_ITEM ? (uint32_t)*size : LIMIT_CACHE_ITEM);
    error = exchange_run(&x, MESSAGE_read_cache);
    if (exchange_is_bare(&x, error))
        return exchange_end(&x, error, true);
    bool understood =
        message_get_response_read_cache(&x.reader, &response)
        && (error != SC_OK
            || (response.data.size <= *size && response.size == response.data.size));
    if (understood) {
        *size = response.size;
        if (error == SC_OK && response.data.size > 0)
            memcpy(data, response.data.bytes, response.data.size);
    }
    return exchange_end(&x, error, understood);
}

static enum sc_error service_write_cache(uint32_t context, const uint8_t id[16],
                                         uint32_t freshness, const char *name,
                                         const uint8_t *data, size_t size)
{
    struct exchange x = {0};
    if (size > LIMIT_CACHE_ITEM)
        return SC_W_CACHE_ITEM_TOO_BIG;
    if (strlen(name) > LIMIT_CACHE_NAME)
        return SC_E_INVALID_PARAMETER;
    enum sc_error error = exchange_begin(&x, context);
    if (error != SC_OK)
        return error;
    REQUEST(&x, write_cache, .context = context, .id = message_bytes(id, 16),
            .freshness = freshness, .name = message_text(name),
            .data = message_bytes(data, size));
    return run_plain(&x, MESSAGE_write_cache);
}

/* --- The carrier -------------------------------------------------------------------- */

bool client_service_answers(void)
{
    struct service_link *link;
    if (service_link_take(true, &link) != SC_OK)
        return false;
    service_link_give(link);
    return true;
}

const struct carrier carrier_service = {
    .name = "service",
    .establish = service_establish,
    .release = service_release,
    .check_context = service_check_context,
    .cancel = service_cancel,
    .list_readers = service_list_readers,
    .reader_info = service_reader_info,
    .watch = service_watch,
    .connect = service_connect,
    .card_call = service_card_call,
    .card_status = service_card_status,
    .get_attribute = service_get_attribute,
    .read_cache = service_read_cache,
    .write_cache = service_write_cache,
};
