/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls, and back into step when one has failed: the abort sequence of CCID 5.3.1 and
 * 6.1.12, and the ladder for when that does not help. */
#include "base/log.h"
#include "drivers/ccid/link_internal.h"
#include "os/lock.h"
#include "os/time.h"

enum { REQUEST_ABORT = 0x01, TYPE_CLASS_OUT = 0x21 };

/* Both requests carry the number of the bulk one. The reader takes commands to the slot
 * again when it has seen both, in either order. A bus without control requests has no
 * such sequence. */
static enum sc_error abort_sequence(struct ccid_link *link, uint32_t slot,
                                    uint32_t limit_ms)
{
    struct ccid_transport *transport = link->transport;
    struct ccid_call call = {.type = CCID_ABORT, .timeout_ms = limit_ms};
    uint64_t deadline_ms = os_now_ms() + limit_ms;
    if (!ccid_link_can(link, CCID_BUS_CONTROL))
        return SC_F_COMM_ERROR;
    os_mutex_lock(&link->lock);
    call.seq = link->seq++;
    call.numbered = true;
    os_mutex_unlock(&link->lock);
    struct ccid_control control = {.type = TYPE_CLASS_OUT,
                                   .request = REQUEST_ABORT,
                                   .value = (uint16_t)((uint32_t)call.seq << 8 | slot)};
    enum sc_error error = transport->control(transport, slot, &control, deadline_ms);
    if (error != SC_OK)
        return error;
    call.deadline_ms = deadline_ms;
    error = ccid_link_exchange(link, slot, &call);
    if (error == SC_OK && call.reply.outcome != CCID_DONE)
        return SC_F_COMM_ERROR;
    return error;
}

/* After a command that found no proper end. Leaves the slot marked as stuck if that does
 * not help within CCID_ABORT_MS. */
static void abort_command(struct ccid_link *link, uint32_t slot)
{
    /* The interruption was for the job, which ends now; this still belongs to it. */
    ccid_link_resume(link, slot);
    if (abort_sequence(link, slot, CCID_ABORT_MS) == SC_OK)
        return;
    os_mutex_lock(&link->lock);
    link->lines[slot].step = CCID_STUCK;
    os_mutex_unlock(&link->lock);
}

static bool answers(struct ccid_link *link, uint32_t slot, enum ccid_type type)
{
    struct ccid_call call = {.type = type,
                             .timeout_ms = CCID_RECOVER_MS,
                             .deadline_ms = os_now_ms() + CCID_RECOVER_MS};
    /* A reader that still waits for the rest of an abort refuses all else (CCID 5.3.1).
     */
    return ccid_link_exchange(link, slot, &call) == SC_OK
           && !(call.reply.outcome == CCID_FAILED
                && call.reply.error == CCID_ERROR_ABORTED);
}

/* What leaves the other slots alone. */
static bool recover_gently(struct ccid_link *link, uint32_t slot)
{
    struct ccid_transport *transport = link->transport;
    bool well = abort_sequence(link, slot, CCID_RECOVER_MS) == SC_OK;
    if (!well
        && (!ccid_link_can(link, CCID_BUS_HALT)
            || transport->clear_halt(transport) == SC_OK)) {
        os_mutex_lock(&link->lock);
        link->lines[slot].resets++;
        os_mutex_unlock(&link->lock);
        well = abort_sequence(link, slot, CCID_RECOVER_MS) == SC_OK
               || (answers(link, slot, CCID_POWER_OFF)
                   && answers(link, slot, CCID_GET_SLOT_STATUS));
    }
    return well;
}

enum sc_error ccid_link_recover(struct ccid_link *link, uint32_t slot,
                                uint64_t deadline_ms)
{
    struct ccid_transport *transport = link->transport;
    os_mutex_lock(&link->lock);
    enum ccid_line_step step = link->lines[slot].step;
    bool gone = link->gone;
    os_mutex_unlock(&link->lock);
    if (gone)
        return SC_E_READER_UNAVAILABLE;
    if (step == CCID_IN_STEP)
        return SC_OK;
    bool well = step == CCID_STUCK && recover_gently(link, slot);
    /* A job that is stopped is not a reason for other slots' cards to lose their power. */
    if (!well && ccid_link_interrupted(link, slot))
        return SC_E_CANCELLED;
    if (!well && os_now_ms() >= deadline_ms) {
        os_mutex_lock(&link->lock);
        link->lines[slot].step = CCID_DEAF_TO_ALL;
        os_mutex_unlock(&link->lock);
        return SC_E_TIMEOUT;
    }
    if (!well && ccid_link_can(link, CCID_BUS_RESET)) {
        log_error("ccid: the reader does not answer: resetting it");
        if (transport->reset(transport) != SC_OK) {
            ccid_link_gone(link);
            return SC_E_READER_UNAVAILABLE;
        }
        ccid_link_was_reset(link);
        well = answers(link, slot, CCID_GET_SLOT_STATUS);
    }
    if (ccid_link_interrupted(link, slot))
        return SC_E_CANCELLED;
    if (!well) {
        log_error("ccid: the reader does not answer any more: given up");
        ccid_link_gone(link);
        return SC_E_READER_UNAVAILABLE;
    }
    os_mutex_lock(&link->lock);
    link->lines[slot].step = CCID_IN_STEP;
    os_mutex_unlock(&link->lock);
    return SC_OK;
}

/* --- Calls -------------------------------------------------------------------------- */

static bool says_busy(const struct ccid_reply *reply)
{
    return reply->outcome == CCID_FAILED
           && (reply->error == CCID_ERROR_BUSY || reply->error == CCID_ERROR_AUTO_BUSY);
}

enum sc_error ccid_link_call(struct ccid_link *link, uint32_t slot,
                             struct ccid_call *call)
{
    enum sc_error error = SC_OK;
    uint32_t resets = ccid_link_resets(link, slot);
    for (int i = 0; i <= CCID_BUSY_RETRIES && error == SC_OK; i++) {
        if (i > 0)
            error = ccid_link_pause(link, slot, CCID_BUSY_PAUSE_MS);
        if (error == SC_OK)
            error = ccid_link_exchange(link, slot, call);
        if (error != SC_OK || !says_busy(&call->reply))
            break;
    }
    if (error != SC_OK && error != SC_E_READER_UNAVAILABLE
        && error != SC_E_INVALID_PARAMETER) {
        if (ccid_link_resets(link, slot) == resets)
            abort_command(link, slot);
        else
            ccid_link_resume(link, slot); /* nothing is left of the command */
    }
    return error;
}
