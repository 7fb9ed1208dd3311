/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands to a slot, whatever kind of interface it is of. */
#include "drivers/ccid/slot.h"
#include "os/time.h"

#include <string.h>

enum sc_error ccid_slot_call(struct ccid_slot *slot, struct ccid_call *call)
{
    struct ccid_interface *ccid = slot->ccid;
    uint32_t notices = ccid_slot_notices(slot);
    enum sc_error error = ccid->kind == CCID_KIND_BULK
                              ? ccid_link_call(&ccid->link, slot->index, call)
                              : ccid_iccd_call(ccid, call);
    if (error != SC_OK)
        return error;
    if (call->reply.icc == CCID_ICC_ABSENT && ccid_slot_is_blind(slot))
        call->reply.icc = slot->kit.powered ? CCID_ICC_ACTIVE : CCID_ICC_INACTIVE;
    ccid_slot_heed(slot, call, notices);
    return error;
}

enum sc_error ccid_slot_command(struct ccid_slot *slot, struct ccid_call *call)
{
    enum sc_error error = ccid_slot_call(slot, call);
    if (error == SC_OK && call->reply.outcome != CCID_DONE)
        return ccid_error_meaning(&call->reply, call->type == CCID_POWER_ON);
    return error;
}

enum sc_error ccid_slot_escape(struct ccid_slot *slot, const void *bytes, size_t size,
                               struct ccid_call *call)
{
    memset(call, 0, sizeof(*call));
    call->type = CCID_ESCAPE;
    call->data = bytes;
    call->size = size;
    call->timeout_ms = CCID_REPLY_MS;
    call->deadline_ms = os_now_ms() + CCID_ESCAPE_MS;
    return ccid_slot_command(slot, call);
}
