/* SPDX-License-Identifier: BSD-2-Clause */
/* The blocking calls: each is an operation, and a wait where that is parked. */
#include "host/host_internal.h"
#include "os/time.h"

enum sc_error host_connect(uint32_t context, const char *name, struct request *request,
                           uint32_t *card_id)
{
    struct host_op op;
    op.wake = NULL;
    if (!host_op_connect_by(&op, context, name, request))
        host_op_wait(&op, false);
    if (op.error == SC_OK)
        *card_id = op.card;
    return op.error;
}

enum sc_error host_card_call(uint32_t id, struct request *request)
{
    struct host_op op;
    op.wake = NULL;
    if (!host_op_card_by(&op, id, request))
        host_op_wait(&op, request->kind == REQUEST_BEGIN);
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
    struct watch watch = {.context = context,
                          .rule = rule,
                          .entries = entries,
                          .count = count,
                          .deadline_ms = os_deadline_ms(timeout_ms)};
    struct host_op op;
    op.wake = NULL;
    if (!host_op_watch(&op, &watch))
        host_op_wait(&op, true);
    return op.error;
}

enum sc_error host_release(uint32_t context)
{
    struct host_op op;
    op.wake = NULL;
    if (!host_op_release(&op, context))
        host_op_wait(&op, false);
    return op.error;
}
