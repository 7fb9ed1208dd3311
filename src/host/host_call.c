/* SPDX-License-Identifier: BSD-2-Clause */
/* The blocking calls: each is an operation, and a wait where that is parked. */
#include "host/host_internal.h"
#include "manager/limits.h"
#include "os/time.h"

enum sc_error host_connect(uint32_t context, const char *name, struct request *request,
                           uint32_t *card_id)
{
    struct host_op op;
    op.wake = NULL;
    if (!host_op_connect_by(&op, context, name, request))
        host_op_wait(&op);
    if (op.error == SC_OK)
        *card_id = op.card;
    return op.error;
}

/* These two mostly need no wait, and then nothing is kept for one. */
static enum sc_error begin_transaction(uint32_t id, struct request *request)
{
    const struct request as_asked = *request;
    struct host_op op;
    op.wake = NULL;
    if (host_op_card_by(&op, id, request) || !host_op_take_back(&op))
        return op.error;
    struct long_wait *wait = long_wait_new(NULL, 0);
    if (wait == NULL)
        return SC_E_NO_MEMORY;
    wait->request = as_asked;
    if (!host_op_card_by(&wait->op, id, &wait->request))
        long_wait_run(wait);
    request->error = wait->request.error;
    return long_wait_end(wait, NULL);
}

enum sc_error host_card_call(uint32_t id, struct request *request)
{
    struct host_op op;
    if (request->kind == REQUEST_BEGIN)
        return begin_transaction(id, request);
    op.wake = NULL;
    if (!host_op_card_by(&op, id, request))
        host_op_wait(&op);
    return op.error;
}

enum sc_error host_get_attribute(uint32_t card, enum name_style style, uint32_t id,
                                 uint8_t value[DRIVER_ATTRIBUTE_MAX], size_t *size)
{
    struct request request = {
        .kind = REQUEST_GET_ATTRIBUTE, .number = id, .style = style};
    request.transfer.out = value;
    request.transfer.out_room = DRIVER_ATTRIBUTE_MAX;
    enum sc_error error = host_card_call(card, &request);
    if (error == SC_OK)
        *size = request.transfer.out_size;
    return error;
}

enum sc_error host_watch(uint32_t context, enum watch_rule rule, uint64_t timeout_ms,
                         struct watch_entry *entries, uint32_t count)
{
    if (count > LIMIT_WATCH_ENTRIES)
        return host_check_context(context) == SC_OK ? SC_E_INVALID_PARAMETER
                                                    : SC_E_INVALID_HANDLE;
    struct watch watch = {.context = context,
                          .rule = rule,
                          .entries = entries,
                          .count = count,
                          .deadline_ms = os_deadline_ms(timeout_ms)};
    struct host_op op;
    op.wake = NULL;
    if (host_op_watch(&op, &watch) || !host_op_take_back(&op))
        return op.error;
    struct long_wait *wait = long_wait_new(entries, count);
    if (wait == NULL)
        return SC_E_NO_MEMORY;
    watch.entries = wait->entries;
    if (!host_op_watch(&wait->op, &watch))
        long_wait_run(wait);
    return long_wait_end(wait, entries);
}

enum sc_error host_release(uint32_t context)
{
    struct host_op op;
    op.wake = NULL;
    if (!host_op_release(&op, context))
        host_op_wait(&op);
    return op.error;
}
