/* SPDX-License-Identifier: BSD-2-Clause */
/* SCardGetStatusChange by the service: any number of entries, and a wait of any length.
 */
#include "base/alloc.h"
#include "client/service_call.h"
#include "manager/limits.h"

static bool grow_request(struct exchange *x, size_t wanted)
{
    if (x->link->room < wanted) {
        uint8_t *larger = mem_resize(x->link->bytes, wanted);
        if (larger == NULL)
            return false;
        x->link->bytes = larger;
        x->link->room = wanted;
        exchange_prepare(x);
    }
    return true;
}

/* The size of the entries. Errors: SC_E_INVALID_VALUE (no name), SC_E_INVALID_PARAMETER
 * (too many). */
static enum sc_error watch_entries_size(const struct watch_entry *entries, uint32_t count,
                                        size_t *size)
{
    *size = 0;
    if (count > LIMIT_WATCH_ENTRIES)
        return SC_E_INVALID_PARAMETER;
    for (uint32_t i = 0; i < count; i++) {
        if (entries[i].name == NULL)
            return SC_E_INVALID_VALUE;
        size_t name = strlen(entries[i].name);
        *size += 8 + (name < MESSAGE_READER_MAX ? name : MESSAGE_READER_MAX);
    }
    return SC_OK;
}

static void put_watch(struct exchange *x, const struct message_request_watch *request,
                      const struct watch_entry *entries, size_t size)
{
    struct message_writer *writer = &x->writer;
    struct message_request_watch head = *request;
    head.entries = message_bytes(NULL, 0);
    message_put_request_watch(writer, &head);
    writer->size -= 4; /* the size of no entries */
    message_put_u32(writer, (uint32_t)size);
    for (uint32_t i = 0; i < request->count; i++) {
        struct message_watch_entry entry = {.current = entries[i].current,
                                            .name = message_text(entries[i].name)};
        /* No reader has so long a name: it is unknown, cut or not. */
        if (entry.name.size > MESSAGE_READER_MAX)
            entry.name.size = MESSAGE_READER_MAX;
        message_put_watch_entry(writer, &entry);
    }
}

static bool read_watch_results(struct exchange *x, struct watch_entry *entries,
                               uint32_t count)
{
    struct message_response_watch response;
    if (!message_get_response_watch(&x->reader, &response) || response.count != count)
        return false;
    struct message_reader reader = {.bytes = response.entries.bytes,
                                    .size = response.entries.size};
    for (uint32_t i = 0; i < count; i++) {
        struct message_watch_result entry;
        if (!message_get_watch_result(&reader, &entry))
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
    enum sc_error error = watch_entries_size(entries, count, &size);
    if (error == SC_OK)
        error = exchange_begin(&x, context);
    if (error != SC_OK)
        return error;
    struct message_request_watch request = {
        .context = context, .rule = rule, .timeout_ms = timeout_ms, .count = count};
    if (!grow_request(&x, size + MESSAGE_FIELDS_MAX))
        return exchange_end(&x, SC_E_NO_MEMORY, true);
    put_watch(&x, &request, entries, size);
    error = exchange_run(&x, MESSAGE_watch);
    bool understood =
        exchange_is_bare(&x, error) || read_watch_results(&x, entries, count);
    return exchange_end(&x, error, understood);
}
