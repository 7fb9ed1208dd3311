/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that may have to wait, as operations. Where one would block it is parked: the
 * call returns, and the caller is woken later, when it can go on. The blocking calls of
 * host.h are these operations and a wait (host_wait.c).
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

#include "manager/request.h"
#include "manager/watch.h"

struct host;
struct host_slot;
struct os_cond;

struct host_op {
    /* Set by the caller. */
    void (*wake)(struct host_op *op);
    /* CONNECT, CARD: as for host_connect() and host_card_call(). */
    struct request request;

    /* Results, when it is finished. */
    enum sc_error error; /* SC_OK until then */
    uint32_t card;       /* CONNECT: the new handle */

    /* The host's own. */
    struct host *host;
    struct host_slot *slot;  /* where its request is; NULL: it is a watch */
    struct request *pending; /* that one: `request`, or the one of a blocking caller */
    bool (*next)(struct host_op *op); /* what follows on it. True: finished */
    struct os_cond *thread;           /* of a thread that waits for it (host_wait.c) */
    uint32_t id;                      /* CARD: the handle */
    struct watch watch;               /* WATCH */
    struct context *released;         /* RELEASE */
};

/* True: finished at once. */
bool host_op_connect(struct host_op *op, uint32_t context, const char *reader) MUST_CHECK;
bool host_op_card(struct host_op *op, uint32_t card) MUST_CHECK;
/* The caller sets the watch's context, rule, deadline_ms, entries and count, and may_see
 * and viewer if not all readers are shown. The entries and the names in them stay the
 * caller's, and so does the viewer; the watch is copied. */
bool host_op_watch(struct host_op *op, const struct watch *watch) MUST_CHECK;
/* Waits for the first change of anything about any reader since what host_visit_readers()
 * told `since`; 0: since now. SC_E_CANCELLED: by host_cancel() of the context. */
bool host_op_news(struct host_op *op, uint32_t context, uint64_t since) MUST_CHECK;
/* Finished when it is time for host_visit_readers(): cards whose ATR nobody knows have
 * been asked for it, or are being asked for longer than PROBE_HOLD_MS, or there is news
 * without them since what it told `since`; 0: it told nothing so far. SC_E_CANCELLED: as
 * above. */
bool host_op_states(struct host_op *op, uint32_t context, uint64_t since) MUST_CHECK;
/* host_release(): every card is disconnected, without waiting in this thread. */
bool host_op_release(struct host_op *op, uint32_t context) MUST_CHECK;
/* Whether a parked one is that: it makes others ready between its jobs. */
bool host_op_releases(const struct host_op *op);

/* After wake(), at host_op_until(), or for no reason. */
bool host_op_resume(struct host_op *op) MUST_CHECK;
/* When a parked op is to be resumed even if nothing wakes it; OS_FOREVER: never. */
uint64_t host_op_until(const struct host_op *op);

/* The caller no longer wants it. True: the op is over, and wake() will not come. False:
 * it has been woken, or will be; resume it, and if that does not end it, abandon it
 * again. What releases and disconnects is never over before it is done. */
bool host_op_abandon(struct host_op *op) MUST_CHECK;
/* What the reader is doing for this card ends soon, as the card's client is gone. */
void host_op_hurry_card(uint32_t id);

#endif
