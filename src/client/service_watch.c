/* SPDX-License-Identifier: BSD-2-Clause */
/* SCardGetStatusChange by the service: any number of entries, and a wait of any length.
 */
#include "base/alloc.h"
#include "client/service_call.h"
#include "manager/limits.h"

enum { WATCH_FIXED = 64 }; /* bytes of an ask beside its entries, at most */

static bool ask_room(struct exchange *x, size_t wanted)
{
    if (x->link->room < wanted) {
        uint8_t *larger = mem_resize(x->link->bytes, wanted);
        if (larger == NULL)
            return false;
        x->link->bytes = larger;
        x->link->room = wanted;
        service_ask(x->link, &x->writer);
    }
    return true;
}

/* The size of the entries. Errors: SC_E_INVALID_VALUE (no name), SC_E_INVALID_PARAMETER
 * (too many). */
static enum sc_error entries_size(const struct watch_entry *entries, uint32_t count,
                                  size_t *size)
{
    *size = 0;
    if (count > LIMIT_WATCH_ENTRIES)
        return SC_E_INVALID_PARAMETER;
    for (uint32_t i = 0; i < count; i++) {
        if (entries[i].name == NULL)
            return SC_E_INVALID_VALUE;
        size_t name = strlen(entries[i].name);
        *size += 8 + (name < READER_NAME_MAX ? name : READER_NAME_MAX);
    }
    return SC_OK;
}

static void put_watch(struct exchange *x, const struct ask_watch *ask,
                      const struct watch_entry *entries, size_t size)
{
    struct message_writer *writer = &x->writer;
    struct ask_watch head = *ask;
    head.entries = byte_span(NULL, 0);
    message_put_ask_watch(writer, &head);
    writer->size -= 4; /* the size of no entries */
    message_put_u32(writer, (uint32_t)size);
    for (uint32_t i = 0; i < ask->count; i++) {
        struct message_watch_ask entry = {.current = entries[i].current,
                                          .name = text_span(entries[i].name)};
        /* No reader has so long a name: it is unknown, cut or not. */
        if (entry.name.size > READER_NAME_MAX)
            entry.name.size = READER_NAME_MAX;
        message_put_watch_ask(writer, &entry);
    }
}

static bool read_entries(struct exchange *x, struct watch_entry *entries, uint32_t count)
{
    struct reply_watch reply;
    if (!message_get_reply_watch(&x->reader, &reply) || reply.count != count)
        return false;
    struct message_reader reader = {.bytes = reply.entries.bytes,
                                    .size = reply.entries.size};
    for (uint32_t i = 0; i < count; i++) {
        struct message_watch_reply entry;
        if (!message_get_watch_reply(&reader, &entry))
            return false;
        entries[i].event = entry.event;
        entries[i].atr_size = entry.atr.size;
        if (entry.atr.size > 0)
            memcpy(entries[i].atr, entry.atr.bytes, entry.atr.size);
    }
    return reader.at == reader.size;
}

enum sc_error service_watch(uint32_t context, enum watch_rule rule, uint64_t timeout_ms,
                            struct watch_entry *entries, uint32_t count)
{
    struct exchange x = {0};
    size_t size;
    enum sc_error error = entries_size(entries, count, &size);
    if (error == SC_OK)
        error = begin(&x, context);
    if (error != SC_OK)
        return error;
    struct ask_watch ask = {.context = mix(&x, context),
                            .rule = rule,
                            .timeout_ms = timeout_ms,
                            .count = count};
    if (!ask_room(&x, size + WATCH_FIXED))
        return end(&x, SC_E_NO_MEMORY, true);
    put_watch(&x, &ask, entries, size);
    error = run(&x, MESSAGE_watch);
    bool understood = is_bare(&x, error) || read_entries(&x, entries, count);
    return end(&x, error, understood);
}
