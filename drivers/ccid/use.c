/* SPDX-License-Identifier: BSD-2-Clause */
/* Using a slot: by a job, and by the device's thread, which asks for its card. */
#include "base/atomic.h"
#include "drivers/ccid/slot.h"
#include "os/time.h"

#include <assert.h>

/* --- The gate ----------------------------------------------------------------------- */

/* False: `stop` was raised before its turn came. NULL: there is none. */
static bool pass_gate(struct ccid_slot *slot, const struct os_stop *stop)
{
    struct ccid_gate *gate = slot->ccid->gate;
    if (gate == NULL)
        return true;
    os_mutex_lock(&gate->lock);
    while (gate->closed && (stop == NULL || !os_stop_raised(stop)))
        os_cond_wait(&gate->opened, &gate->lock, OS_FOREVER);
    bool mine = !gate->closed;
    gate->closed = true;
    os_mutex_unlock(&gate->lock);
    return mine;
}

static void open_gate(struct ccid_slot *slot)
{
    struct ccid_gate *gate = slot->ccid->gate;
    if (gate == NULL)
        return;
    os_mutex_lock(&gate->lock);
    assert(gate->closed);
    gate->closed = false;
    os_cond_broadcast(&gate->opened);
    os_mutex_unlock(&gate->lock);
}

/* --- What both do ------------------------------------------------------------------- */

static bool was_reset(struct ccid_slot *slot)
{
    return slot->powered_resets != ccid_link_resets(&slot->ccid->link, slot->index);
}

/* Into step; a card may have lost its power before, or by that. */
static enum sc_error recover_slot(struct ccid_slot *slot, uint64_t deadline_ms)
{
    enum sc_error error = ccid_link_recover(&slot->ccid->link, slot->index, deadline_ms);
    if (slot->kit.powered && was_reset(slot))
        ccid_slot_lost_power(slot);
    return error;
}

/* The slot's card by GetSlotStatus. */
static enum sc_error ask_for_card(struct ccid_slot *slot)
{
    struct ccid_call call = {.type = CCID_GET_SLOT_STATUS,
                             .timeout_ms = CCID_REPLY_MS,
                             .deadline_ms = os_now_ms() + CCID_REPLY_MS};
    return ccid_slot_call(slot, &call);
}

/* --- Jobs --------------------------------------------------------------------------- */

void ccid_slot_interrupt(struct kit_reader *reader, bool on)
{
    struct ccid_slot *slot = CONTAINER_OF(reader, struct ccid_slot, kit);
    struct ccid_gate *gate = slot->ccid->gate;
    if (!on) {
        ccid_link_resume(&slot->ccid->link, slot->index);
        return;
    }
    ccid_link_interrupt(&slot->ccid->link, slot->index);
    if (gate == NULL)
        return;
    os_mutex_lock(&gate->lock);
    os_cond_broadcast(&gate->opened);
    os_mutex_unlock(&gate->lock);
}

static enum sc_error end_job(struct ccid_slot *slot, enum sc_error error)
{
    error = kit_job_end(&slot->job, error);
    if (ccid_slot_is_doubtful(slot)) /* now it can be asked */
        ccid_slot_wake(slot);
    return error;
}

enum sc_error ccid_slot_enter(struct ccid_slot *slot, const struct driver_job *job)
{
    kit_job_begin(&slot->job, &slot->kit, job, OS_FOREVER);
    if (os_stop_raised(job->stop) || !pass_gate(slot, job->stop))
        return end_job(slot, SC_E_CANCELLED);
    assert(!slot->kit.looked_at); /* it is the job's now */
    enum sc_error error = recover_slot(slot, job->deadline_ms);
    if (error != SC_OK)
        error = ccid_slot_leave(slot, error);
    if (error == SC_E_READER_UNAVAILABLE)
        ccid_slot_wake(slot);
    return error;
}

/* The host does not know, and will not learn of what is noted, that the card which it
 * knows of has left. */
static bool is_news_missing(struct ccid_slot *slot)
{
    kit_reader_lock(&slot->kit);
    bool missing = ccid_slot_has_same_card(slot);
    kit_reader_unlock(&slot->kit);
    return missing;
}

static enum sc_error ask_in_job(struct ccid_slot *slot)
{
    kit_reader_lock(&slot->kit);
    slot->doubtful = false;
    kit_reader_unlock(&slot->kit);
    return ask_for_card(slot);
}

/* The job found no card, or another one, and says so: what it goes by is noted first. A
 * reader that calls a slot empty only when the card in it is to be powered has a card
 * there that it cannot power. */
static enum sc_error own_up(struct ccid_slot *slot, enum sc_error error)
{
    if (slot->kit.powered && was_reset(slot))
        ccid_slot_lost_power(slot);
    if (error != SC_E_NO_SMARTCARD || !is_news_missing(slot))
        return error;
    enum sc_error failure = ask_in_job(slot);
    if (failure != SC_OK)
        return failure;
    return is_news_missing(slot) ? SC_W_UNRESPONSIVE_CARD : error;
}

enum sc_error ccid_slot_leave(struct ccid_slot *slot, enum sc_error error)
{
    if (error == SC_W_REMOVED_CARD || error == SC_E_NO_SMARTCARD)
        error = own_up(slot, error);
    open_gate(slot);
    return end_job(slot, error);
}

bool ccid_slot_card_changed(struct ccid_slot *slot)
{
    kit_reader_lock(&slot->kit);
    bool same = ccid_slot_has_same_card(slot);
    kit_reader_unlock(&slot->kit);
    return !same || was_reset(slot);
}

/* --- Questions ---------------------------------------------------------------------- */

enum sc_error ccid_slot_poll(struct ccid_slot *slot)
{
    kit_reader_lock(&slot->kit);
    /* A job's replies tell all where there are no notifications; else it is asked again
     * when the job is over. A doubt that arises meanwhile stays. */
    slot->doubtful = slot->kit.job != NULL && atomic_load_u32(&slot->ccid->notifies) != 0;
    if (!kit_reader_begin_look(&slot->kit))
        return SC_OK;
    (void)pass_gate(slot, NULL);
    enum sc_error error = recover_slot(slot, OS_FOREVER);
    if (error == SC_OK)
        error = ask_for_card(slot);
    open_gate(slot);
    kit_reader_end_look(&slot->kit);
    return error == SC_E_READER_UNAVAILABLE ? error : SC_OK;
}
