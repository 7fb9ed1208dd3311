/* SPDX-License-Identifier: BSD-2-Clause */
/* One call to the service, as the files of its carrier make it:
 *
 *     exchange_begin(&x, handle)   REQUEST(&x, ...)   exchange_run(&x, MESSAGE_...)
 *     read x.reader                exchange_end(&x, ...)
 *
 * Each context and card handle hears SC_E_SERVICE_STOPPED once, from the first call with
 * it after its session ended; then it is not valid. */
#ifndef CLIENT_SERVICE_CALL_H
#define CLIENT_SERVICE_CALL_H

#include "client/client.h"
#include "client/service_wire.h"

#include <string.h>

struct exchange {
    struct service_link *link;
    struct message_writer writer;
    struct message_reader reader;
    bool broken;
    uint32_t handle; /* the context or card that the call is made with; 0: none */
    bool peeks;      /* what it says of the handle does not count as having been heard */
};

/* A service that was started anew gives out the numbers of the old one again. So that a
 * handle of the old one is none with the new one, numbers are changed by that of the
 * session that the call is made in. */
static inline uint32_t exchange_mask(const struct exchange *x)
{
    return (x->link->generation - 1) * 0x9E3779B1U & MESSAGE_HANDLE_MAX;
}

/* The program hears `error` of the call's handle. That it is not valid may be so because
 * another call found, meanwhile, that its service stopped. */
static inline enum sc_error exchange_tell(struct exchange *x, enum sc_error error)
{
    bool of_stopped = (error == SC_E_SERVICE_STOPPED || error == SC_E_INVALID_HANDLE)
                      && service_handle_is_stopped(x->handle, !x->peeks);
    return of_stopped ? SC_E_SERVICE_STOPPED : error;
}

static inline void exchange_prepare(struct exchange *x)
{
    service_begin_request(x->link, &x->writer);
    x->writer.handle_mask = exchange_mask(x);
}

static inline enum sc_error exchange_begin(struct exchange *x, uint32_t handle)
{
    x->handle = handle;
    if (service_handle_is_stopped(handle, !x->peeks))
        return SC_E_SERVICE_STOPPED;
    enum sc_error error = service_link_take(false, &x->link);
    if (error == SC_OK)
        exchange_prepare(x);
    return exchange_tell(x, error);
}

static inline enum sc_error exchange_run(struct exchange *x, enum message_call call)
{
    enum sc_error error =
        service_exchange(x->link, call, &x->writer, &x->reader, &x->broken);
    x->reader.handle_mask = exchange_mask(x);
    return error;
}

/* The response has no fields, and is complete without them: it tells an error, or nothing
 * came. A success without the fields of its call is not a response. */
static inline bool exchange_is_bare(const struct exchange *x, enum sc_error error)
{
    return x->broken || (x->reader.bad && error != SC_OK);
}

/* Gives the link back. `understood`: the response was what it has to be. */
static inline enum sc_error exchange_end(struct exchange *x, enum sc_error error,
                                         bool understood)
{
    if (x->broken || !understood)
        service_link_distrust(x->link);
    else
        service_link_give(x->link);
    return exchange_tell(x, !x->broken && !understood ? SC_E_SERVICE_STOPPED : error);
}

/* REQUEST(x, name, fields...): writes struct message_request_NAME. */
#define REQUEST(x, name, ...)                                                            \
    do {                                                                                 \
        struct message_request_##name fields = {__VA_ARGS__};                            \
        message_put_request_##name(&(x)->writer, &fields);                               \
    } while (false)

/* Room for text is checked: what does not fit, no service sends. */
static inline bool exchange_copy_text(struct message_span span, char *text, size_t room)
{
    if (span.size >= room)
        return false;
    if (span.size > 0)
        memcpy(text, span.bytes, span.size);
    text[span.size] = '\0';
    return true;
}

/* service_watch.c: struct carrier.watch. */
enum sc_error service_watch(uint32_t context, enum watch_rule rule, uint64_t timeout_ms,
                            struct watch_entry *entries, uint32_t count) MUST_CHECK;

#endif
