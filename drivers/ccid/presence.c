/* SPDX-License-Identifier: BSD-2-Clause */
/* Who uses a slot, and whether a card is in it. What the host is told follows from two
 * numbers under the slot's lock, so a change is told once and in order, whichever thread
 * noticed it. */
#include "base/atomic.h"
#include "base/log.h"
#include "drivers/ccid/slot.h"
#include "os/lock.h"
#include "os/time.h"

#include <assert.h>

/* --- Use ---------------------------------------------------------------------------- */

static bool is_aborted(struct ccid_slot *slot)
{
    os_mutex_lock(&slot->lock);
    bool aborted = slot->aborted;
    os_mutex_unlock(&slot->lock);
    return aborted;
}

/* False: the job was aborted before its turn came. */
static bool pass_gate(struct ccid_slot *slot)
{
    struct ccid_gate *gate = slot->ccid->gate;
    if (gate == NULL)
        return true;
    os_mutex_lock(&gate->lock);
    while (gate->closed && !is_aborted(slot))
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
    gate->closed = false;
    os_cond_broadcast(&gate->opened);
    os_mutex_unlock(&gate->lock);
}

static void leave(struct ccid_slot *slot)
{
    os_stop_forget(slot->stop, &slot->stop_call);
    os_mutex_lock(&slot->lock);
    bool aborted = slot->aborted, doubtful = slot->doubtful;
    slot->use = CCID_SLOT_FREE;
    slot->aborted = false;
    os_cond_broadcast(&slot->idle);
    os_mutex_unlock(&slot->lock);
    if (aborted)
        ccid_link_resume(&slot->ccid->link, slot->index);
    if (doubtful) /* now it can be asked */
        slot->ccid->changed(slot->ccid);
}

static bool was_reset(struct ccid_slot *slot)
{
    return slot->powered_resets != ccid_link_resets(&slot->ccid->link, slot->index);
}

/* Into step; a card may have lost its power before, or by that. */
static enum sc_error recover(struct ccid_slot *slot, uint64_t deadline_ms)
{
    enum sc_error error = ccid_link_recover(&slot->ccid->link, slot->index, deadline_ms);
    if (slot->powered && was_reset(slot))
        ccid_slot_lost_power(slot);
    return error;
}

static void stop_job(void *context);

/* The slot is the job's, now or when the poll has ended. The stop may be raised already:
 * the job has to be there for it. */
static void begin_job(struct ccid_slot *slot, struct os_stop *stop)
{
    os_mutex_lock(&slot->lock);
    assert(slot->use == CCID_SLOT_FREE || slot->use == CCID_SLOT_POLLED);
    slot->use = slot->use == CCID_SLOT_FREE ? CCID_SLOT_IN_JOB : CCID_SLOT_AWAITED;
    os_mutex_unlock(&slot->lock);
    slot->stop = stop;
    slot->stop_call = (struct os_stop_call){.run = stop_job, .context = slot};
    os_stop_call(stop, &slot->stop_call);
}

/* False: the job was aborted, and the poll goes on. */
static bool await_slot(struct ccid_slot *slot)
{
    os_mutex_lock(&slot->lock);
    while (slot->use == CCID_SLOT_AWAITED && !slot->aborted)
        os_cond_wait(&slot->idle, &slot->lock, OS_FOREVER);
    bool mine = slot->use == CCID_SLOT_IN_JOB;
    if (!mine) {
        slot->use = CCID_SLOT_POLLED;
        slot->aborted = false;
    }
    os_mutex_unlock(&slot->lock);
    return mine;
}

enum sc_error ccid_slot_enter(struct ccid_slot *slot, const struct driver_job *job)
{
    begin_job(slot, job->stop);
    if (!await_slot(slot)) {
        os_stop_forget(job->stop, &slot->stop_call);
        return SC_E_CANCELLED;
    }
    if (is_aborted(slot) || !pass_gate(slot)) {
        leave(slot);
        return SC_E_CANCELLED;
    }
    enum sc_error error = recover(slot, job->deadline_ms);
    if (error != SC_OK)
        error = ccid_slot_leave(slot, error);
    if (error == SC_E_READER_UNAVAILABLE)
        slot->ccid->changed(slot->ccid);
    return error;
}

/* The slot is locked. */
static bool has_card(const struct ccid_slot *slot)
{
    return slot->card_number % 2 != 0;
}

/* The slot's card by GetSlotStatus. The slot is this thread's. */
static enum sc_error ask(struct ccid_slot *slot)
{
    struct ccid_call call = {.type = CCID_GET_SLOT_STATUS,
                             .timeout_ms = CCID_REPLY_MS,
                             .deadline_ms = os_now_ms() + CCID_REPLY_MS};
    return ccid_slot_call(slot, &call);
}

/* The same in a job, whose stop ends it. */
static enum sc_error ask_in_job(struct ccid_slot *slot)
{
    os_mutex_lock(&slot->lock);
    slot->use = CCID_SLOT_ASKED;
    slot->doubtful = false;
    os_mutex_unlock(&slot->lock);
    enum sc_error error = ask(slot);
    os_mutex_lock(&slot->lock);
    slot->use = CCID_SLOT_IN_JOB;
    os_mutex_unlock(&slot->lock);
    return error;
}

/* The host does not know, and would not learn by ccid_slot_tell(), that the card which it
 * knows of has left. */
static bool is_news_missing(struct ccid_slot *slot)
{
    os_mutex_lock(&slot->lock);
    bool missing = has_card(slot) && slot->powered_number == slot->card_number;
    os_mutex_unlock(&slot->lock);
    return missing;
}

/* The job found no card, or another one, and says so: what it goes by is noted first. A
 * reader that calls a slot empty only when the card in it is to be powered has a card
 * there that it cannot power. */
static enum sc_error own_up(struct ccid_slot *slot, enum sc_error error)
{
    if (slot->powered && was_reset(slot))
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
    leave(slot);
    ccid_slot_tell(slot);
    return error;
}

/* The job's stop is raised. */
static void stop_job(void *context)
{
    struct ccid_slot *slot = context;
    os_mutex_lock(&slot->lock);
    slot->aborted = true;
    os_cond_broadcast(&slot->idle);
    if (slot->use == CCID_SLOT_IN_JOB || slot->use == CCID_SLOT_ASKED)
        ccid_link_interrupt(&slot->ccid->link, slot->index);
    os_mutex_unlock(&slot->lock);
    struct ccid_gate *gate = slot->ccid->gate;
    if (gate == NULL)
        return;
    os_mutex_lock(&gate->lock);
    os_cond_broadcast(&gate->opened);
    os_mutex_unlock(&gate->lock);
}

/* --- Presence ----------------------------------------------------------------------- */

/* The slot is locked. True: it is news, to be told without the lock. */
static bool note_locked(struct ccid_slot *slot, bool present, bool swapped)
{
    uint32_t before = slot->card_number;
    if (present != has_card(slot))
        slot->card_number++;
    else if (swapped)
        slot->card_number += 2;
    return slot->card_number != before;
}

/* The same of what the reader has said otherwise: its notification of that may be still
 * to come. */
static bool note_said_locked(struct ccid_slot *slot, bool present, bool swapped)
{
    bool news = note_locked(slot, present, swapped);
    if (news)
        slot->first_ms = os_now_ms() + CCID_FIRST_MS;
    return news;
}

/* The card that is in is the one that was powered. The slot is locked. */
static bool is_in_use_locked(const struct ccid_slot *slot)
{
    return has_card(slot) && slot->powered && slot->powered_number == slot->card_number;
}

/* What a notification says of the slot. "Changed" to what it is already: the card was
 * away in between, if it was in use. Else the notification is an old one, of what
 * GetSlotStatus has told; where it may be, the reader is asked. The slot is locked. */
static bool notice_locked(struct ccid_slot *slot, bool present, bool changed, bool *left)
{
    uint64_t now_ms = os_now_ms();
    bool old = now_ms < slot->quiet_ms || now_ms < slot->first_ms;
    bool again = present && changed && is_in_use_locked(slot);
    *left = (again && !old) || !present;
    slot->notices++;
    slot->first_ms = 0;
    slot->doubtful |= again && old;
    return note_locked(slot, present, again && !old) || (again && old);
}

bool ccid_slot_is_blind(const struct ccid_slot *slot)
{
    return (slot->ccid->quirks & QUIRK_BLIND_SLOTS) != 0 && slot->index > 0;
}

void ccid_interface_listening(struct ccid_interface *ccid)
{
    uint64_t now_ms = os_now_ms();
    for (uint32_t i = 0; i < ccid->descriptor.slot_count; i++) {
        struct ccid_slot *slot = &ccid->slots[i];
        os_mutex_lock(&slot->lock);
        slot->first_ms = now_ms + CCID_FIRST_MS;
        os_mutex_unlock(&slot->lock);
    }
}

void ccid_interface_notify(struct ccid_interface *ccid, const uint8_t *bytes, size_t size)
{
    if (size >= 4 && bytes[0] == CCID_HARDWARE_ERROR) {
        log_error("ccid: slot %u: hardware error %02X", (unsigned)bytes[1],
                  (unsigned)bytes[3]);
        return;
    }
    for (uint32_t i = 0; i < ccid->descriptor.slot_count; i++) {
        struct ccid_slot *slot = &ccid->slots[i];
        bool present, changed, left;
        if (ccid_slot_is_blind(slot)
            || !ccid_slot_change(bytes, size, i, &present, &changed))
            continue;
        os_mutex_lock(&slot->lock);
        bool news = notice_locked(slot, present, changed, &left);
        os_mutex_unlock(&slot->lock);
        if (left)
            ccid_link_card_left(&ccid->link, i);
        if (news)
            ccid->changed(ccid);
    }
}

/* A reply that was on its way when the card was pulled still says that it is there, and
 * may be read after the notification: it is not believed, but a reason to ask. So is one
 * to a command that was sent before the last notification, whatever it says. The slot is
 * locked until what is believed is noted, or a notification could come in between. */
static bool is_believable(const struct ccid_slot *slot, bool present, uint32_t notices)
{
    bool overtaken = present != has_card(slot) && notices != slot->notices;
    bool asked = slot->use == CCID_SLOT_POLLED || slot->use == CCID_SLOT_AWAITED
                 || slot->use == CCID_SLOT_ASKED;
    return !overtaken
           && (!present || has_card(slot) || asked
               || atomic_load_u32(&slot->ccid->notifies) == 0);
}

uint32_t ccid_slot_notices(struct ccid_slot *slot)
{
    os_mutex_lock(&slot->lock);
    uint32_t notices = slot->notices;
    os_mutex_unlock(&slot->lock);
    return notices;
}

void ccid_slot_heed(struct ccid_slot *slot, const struct ccid_reply *reply,
                    uint32_t notices)
{
    bool present = reply->icc != CCID_ICC_ABSENT, news;
    os_mutex_lock(&slot->lock);
    if (is_believable(slot, present, notices)) {
        news = note_said_locked(slot, present, false);
    } else {
        news = !slot->doubtful;
        slot->doubtful = true;
    }
    os_mutex_unlock(&slot->lock);
    if (news)
        slot->ccid->changed(slot->ccid);
    if (reply->icc != CCID_ICC_ACTIVE && slot->powered)
        ccid_slot_lost_power(slot);
}

void ccid_slot_lost_power(struct ccid_slot *slot)
{
    os_mutex_lock(&slot->lock);
    bool news = is_in_use_locked(slot) && note_said_locked(slot, true, true);
    slot->powered = false;
    os_mutex_unlock(&slot->lock);
    slot->card.protocol = 0;
    if (news) {
        log_info("ccid: slot %u: the card has lost its power", (unsigned)slot->index);
        slot->ccid->changed(slot->ccid);
    }
}

bool ccid_slot_card_changed(struct ccid_slot *slot)
{
    os_mutex_lock(&slot->lock);
    bool same = has_card(slot) && slot->powered_number == slot->card_number;
    os_mutex_unlock(&slot->lock);
    return !same || was_reset(slot);
}

void ccid_interface_was_reset(void *context)
{
    struct ccid_interface *ccid = context;
    ccid_link_was_reset(&ccid->link);
    for (uint32_t i = 0; i < ccid->descriptor.slot_count; i++) {
        struct ccid_slot *slot = &ccid->slots[i];
        os_mutex_lock(&slot->lock);
        if (is_in_use_locked(slot))
            note_locked(slot, true, true);
        slot->doubtful = true;
        slot->quiet_ms = os_now_ms() + CCID_QUIET_MS;
        os_mutex_unlock(&slot->lock);
    }
    ccid->changed(ccid);
}

enum sc_error ccid_slot_poll(struct ccid_slot *slot)
{
    os_mutex_lock(&slot->lock);
    bool busy = slot->use != CCID_SLOT_FREE;
    if (!busy)
        slot->use = CCID_SLOT_POLLED;
    /* A job's replies tell all where there are no notifications; else it is asked again
     * when the job is over. A doubt that arises meanwhile stays. */
    slot->doubtful = busy && atomic_load_u32(&slot->ccid->notifies) != 0;
    os_mutex_unlock(&slot->lock);
    if (busy)
        return SC_OK;
    bool passed = pass_gate(slot);
    enum sc_error error = passed ? recover(slot, OS_FOREVER) : SC_E_CANCELLED;
    if (error == SC_OK)
        error = ask(slot);
    if (passed)
        open_gate(slot);
    os_mutex_lock(&slot->lock);
    slot->use = slot->use == CCID_SLOT_AWAITED ? CCID_SLOT_IN_JOB : CCID_SLOT_FREE;
    os_cond_broadcast(&slot->idle);
    os_mutex_unlock(&slot->lock);
    return error == SC_E_READER_UNAVAILABLE ? error : SC_OK;
}

bool ccid_slot_is_doubtful(struct ccid_slot *slot)
{
    os_mutex_lock(&slot->lock);
    bool doubtful = slot->doubtful;
    os_mutex_unlock(&slot->lock);
    return doubtful;
}

bool ccid_slot_is_present(struct ccid_slot *slot)
{
    os_mutex_lock(&slot->lock);
    bool present = has_card(slot);
    os_mutex_unlock(&slot->lock);
    return present;
}

bool ccid_slot_first_presence(struct ccid_slot *slot)
{
    os_mutex_lock(&slot->lock);
    slot->told_number = slot->card_number;
    bool present = has_card(slot);
    os_mutex_unlock(&slot->lock);
    return present;
}

/* The slot is locked. */
static bool next_event(struct ccid_slot *slot, enum card_event *event)
{
    bool was_in = slot->told_number % 2 != 0, is_in = has_card(slot);
    if (slot->told_number == slot->card_number)
        return false;
    *event = !was_in ? CARD_INSERTED : is_in ? CARD_EXCHANGED : CARD_REMOVED;
    slot->told_number = slot->card_number;
    return was_in || is_in;
}

void ccid_slot_tell(struct ccid_slot *slot)
{
    enum card_event event;
    os_mutex_lock(&slot->lock);
    while (slot->telling)
        os_cond_wait(&slot->idle, &slot->lock, OS_FOREVER);
    slot->telling = true;
    while (next_event(slot, &event)) {
        os_mutex_unlock(&slot->lock);
        slot->ccid->tell(slot, event);
        os_mutex_lock(&slot->lock);
    }
    slot->telling = false;
    os_cond_broadcast(&slot->idle);
    os_mutex_unlock(&slot->lock);
}
