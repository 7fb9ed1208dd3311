/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/protocol.h"

#include "base/atomic.h"
#include "service/call.h"
#include "service/server.h"

bool protocol_start(struct call *call)
{
    call->op.wake = server_wake;
    call->response_size = 0;
    call->done = false;
    atomic_store_u32(&call->asking, CALL_NOT_ASKING);
    return call->protocol->begin(call);
}

bool protocol_resume(struct call *call)
{
    switch (atomic_load_u32(&call->asking)) {
    case CALL_ASKING:
        return false;
    case CALL_REFUSED:
        call->op.error = SC_W_SECURITY_VIOLATION;
        call->protocol->end(call);
        return true;
    case CALL_ALLOWED: /* from its beginning, now that it may */
        atomic_store_u32(&call->asking, CALL_PERMITTED);
        return call->protocol->begin(call);
    default:
        if (!host_op_resume(&call->op))
            return false;
        call->protocol->end(call);
        return true;
    }
}
