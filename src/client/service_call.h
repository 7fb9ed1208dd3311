/* SPDX-License-Identifier: BSD-2-Clause */
/* One call to the service, as the files of its carrier make it:
 *
 *     begin(&x, handle)   ASK(&x, ...)   run(&x, MESSAGE_...)   read x.reader
 *     end(&x, ...)
 *
 * Each context and card handle hears SC_E_SERVICE_STOPPED once, from the first call with
 * it after its session ended; then it is no handle. */
#ifndef CLIENT_SERVICE_CALL_H
#define CLIENT_SERVICE_CALL_H

#include "client/client.h"
#include "client/service_wire.h"

#include <string.h>

enum {
    READER_NAME_MAX = 512,
    HANDLE_MAX = 0x7FFFFFFF /* manager/handle.h */
};

struct exchange {
    struct service_link *link;
    struct message_writer writer;
    struct message_reader reader;
    bool broken;
    uint32_t handle; /* the context or card that the call is made with; 0: none */
    bool peeks;      /* what it says of the handle does not count as having been heard */
};

/* A service that was started anew gives out the numbers of the old one again. So that a
 * handle of the old one is none with the new one, numbers are mixed with that of the
 * session that the call is made in. */
static inline uint32_t mix(const struct exchange *x, uint32_t handle)
{
    return handle ^ ((x->link->generation - 1) * 0x9E3779B1U & HANDLE_MAX);
}

/* Takes a new handle. Both numbers are ones that handles can have. */
static inline bool take_handle(const struct exchange *x, uint32_t number,
                               uint32_t *handle)
{
    *handle = mix(x, number);
    return number != 0 && number <= HANDLE_MAX && *handle != 0;
}

/* The program hears `error` of the call's handle. */
static inline enum sc_error tell(struct exchange *x, enum sc_error error)
{
    if (error == SC_E_SERVICE_STOPPED)
        (void)service_handle_is_stopped(x->handle, !x->peeks);
    return error;
}

static inline enum sc_error begin(struct exchange *x, uint32_t handle)
{
    x->handle = handle;
    if (service_handle_is_stopped(handle, !x->peeks))
        return SC_E_SERVICE_STOPPED;
    enum sc_error error = service_link_take(false, &x->link);
    if (error == SC_OK)
        service_ask(x->link, &x->writer);
    return tell(x, error);
}

static inline enum sc_error run(struct exchange *x, enum message_call call)
{
    return service_exchange(x->link, call, &x->writer, &x->reader, &x->broken);
}

/* The reply has no fields, and is complete without them: it tells an error, or nothing
 * came. A success without the fields of its call is no reply. */
static inline bool is_bare(const struct exchange *x, enum sc_error error)
{
    return x->broken || (x->reader.bad && error != SC_OK);
}

/* Gives the link back. `understood`: the reply was what it has to be. */
static inline enum sc_error end(struct exchange *x, enum sc_error error, bool understood)
{
    if (x->broken || !understood)
        service_link_distrust(x->link);
    else
        service_link_give(x->link);
    return tell(x, !x->broken && !understood ? SC_E_SERVICE_STOPPED : error);
}

/* ASK(x, name, fields...): writes struct ask_NAME. */
#define ASK(x, name, ...)                                                                \
    do {                                                                                 \
        struct ask_##name fields = {__VA_ARGS__};                                        \
        message_put_ask_##name(&(x)->writer, &fields);                                   \
    } while (false)

static inline struct message_span text_span(const char *text)
{
    struct message_span span = {(const uint8_t *)text, strlen(text)};
    return span;
}

static inline struct message_span byte_span(const void *bytes, size_t size)
{
    struct message_span span = {bytes, size};
    return span;
}

/* Room for text is checked: what does not fit, no service sends. */
static inline bool copy_text(struct message_span span, char *text, size_t room)
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
