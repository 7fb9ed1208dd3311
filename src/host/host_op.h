/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that may have to wait, for who has no thread to spare: the same as those of
 * host.h, but where they would block they return, and say later that they can go on.
 *
 *     if (!host_op_card(&op, card))        not finished: op is parked
 *         ... op.wake(&op) is called, by any thread, with locks held: note it, and then
 *         ... in a thread that may run driver jobs:
 *     if (host_op_resume(&op))             finished: op.error and the results stand
 *
 * Between two wakes nothing touches the op. It stays in place until it is finished; so
 * does what it points to. */
#ifndef HOST_HOST_OP_H
#define HOST_HOST_OP_H

#include "host/host_internal.h"

enum host_op_kind { HOST_OP_CONNECT, HOST_OP_CARD, HOST_OP_WATCH, HOST_OP_RELEASE };

struct host_op {
    /* Set by the caller. */
    void (*wake)(struct host_op *op);
    struct request
        request; /* CONNECT, CARD: as for host_connect() and host_card_call() */

    /* Results, when it is finished. */
    enum sc_error error;
    uint32_t card; /* CONNECT: the new handle */

    /* The host's own. */
    enum host_op_kind kind;
    struct host_waiter waiter;
    struct host *host;
    struct host_slot *slot;
    uint32_t id;              /* CARD: the handle */
    struct watch watch;       /* WATCH */
    struct context *released; /* RELEASE */
    bool stands;              /* CONNECT: the handle is valid */
};

/* True: finished at once. */
bool host_op_connect(struct host_op *op, uint32_t context, const char *reader) MUST_CHECK;
bool host_op_card(struct host_op *op, uint32_t card) MUST_CHECK;
/* The caller sets the watch's context, rule, deadline_ms, entries and count, and may_see
 * and viewer if not all readers are shown. The entries and the names in them stay the
 * caller's, and so does the viewer; the watch is copied. */
bool host_op_watch(struct host_op *op, const struct watch *watch) MUST_CHECK;
/* Waits for the first change of anything about any reader since what host_reader_states()
 * told `since`; 0: since now. SC_E_CANCELLED: by host_cancel() of the context. */
bool host_op_news(struct host_op *op, uint32_t context, uint64_t since) MUST_CHECK;
/* Finished when it is time for host_reader_states(): cards whose ATR nobody knows have
 * been asked for it, or are being asked for longer than PROBE_HOLD_MS, or there is news
 * without them since what it told `since`; 0: it told nothing so far. SC_E_CANCELLED: as
 * above. */
bool host_op_states(struct host_op *op, uint32_t context, uint64_t since) MUST_CHECK;
/* host_release(): every card is disconnected, without waiting in this thread. */
bool host_op_release(struct host_op *op, uint32_t context) MUST_CHECK;

/* After wake(), at host_op_until(), or for no reason. */
bool host_op_resume(struct host_op *op) MUST_CHECK;
/* When a parked op is to be resumed even if nothing wakes it; OS_FOREVER: never. */
uint64_t host_op_until(const struct host_op *op);

/* The asker is gone. True: the op is over, and wake() will not come. False: it has been
 * woken, or will be; resume it, and if that does not end it, say so again. What releases
 * and disconnects is never over before it is done. */
bool host_op_abandon(struct host_op *op) MUST_CHECK;

#endif
