/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a card is in a slot: by notifications, and by what replies say. Each change is
 * noted in the slot's kit reader, which tells the host. */
#include "base/atomic.h"
#include "base/log.h"
#include "drivers/ccid/slot.h"
#include "os/time.h"

/* The device's thread is to look at the slot. */
void ccid_slot_wake(struct ccid_slot *slot)
{
    kit_attendant_wake(&slot->kit.instance->attendant);
}

/* `swapped`: if a card was in already, it is another one. The slot is locked. True: it is
 * news. */
static bool note_locked(struct ccid_slot *slot, bool present, bool swapped)
    NEEDS_LOCK(slot->kit.lock)
{
    if (kit_reader_note_card(&slot->kit, present))
        return true;
    if (swapped)
        kit_reader_note_exchange(&slot->kit);
    return swapped;
}

/* The same of what the reader has said otherwise: its notification of that may be still
 * to come. */
static bool note_said_locked(struct ccid_slot *slot, bool present, bool swapped)
    NEEDS_LOCK(slot->kit.lock)
{
    bool news = note_locked(slot, present, swapped);
    if (news)
        slot->first_ms = os_now_ms() + CCID_FIRST_MS;
    return news;
}

bool ccid_slot_has_same_card(const struct ccid_slot *slot)
{
    return kit_reader_has_card(&slot->kit) && slot->kit.powered_card == slot->kit.card;
}

/* The card that is in has power from us. The slot is locked. */
static bool is_in_use_locked(const struct ccid_slot *slot) NEEDS_LOCK(slot->kit.lock)
{
    return slot->kit.powered && ccid_slot_has_same_card(slot);
}

/* What a notification says of the slot. "Changed" to what it is already: the card was
 * away in between, if it was in use. Else the notification is an old one, of what
 * GetSlotStatus has told; where it may be, the reader is asked. The slot is locked. */
static bool notice_locked(struct ccid_slot *slot, bool present, bool changed, bool *left)
    NEEDS_LOCK(slot->kit.lock)
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
        kit_reader_lock(&slot->kit);
        slot->first_ms = now_ms + CCID_FIRST_MS;
        kit_reader_unlock(&slot->kit);
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
        kit_reader_lock(&slot->kit);
        bool news = notice_locked(slot, present, changed, &left);
        if (left)
            ccid_link_card_left(&ccid->link, i);
        kit_reader_unlock(&slot->kit);
        if (news)
            ccid_slot_wake(slot);
    }
}

/* A reply that was on its way when the card was pulled still says that it is there, and
 * may be read after the notification: it is not believed, but a reason to ask. So is one
 * to a command that was sent before the last notification, whatever it says. The slot is
 * locked until what is believed is noted, or a notification could come in between. */
static bool is_believable(const struct ccid_slot *slot, const struct ccid_call *call,
                          uint32_t notices) NEEDS_LOCK(slot->kit.lock)
{
    bool present = call->reply.icc != CCID_ICC_ABSENT;
    bool asked = call->type == CCID_GET_SLOT_STATUS;
    bool overtaken =
        present != kit_reader_has_card(&slot->kit) && notices != slot->notices;
    return !overtaken
           && (!present || kit_reader_has_card(&slot->kit) || asked
               || atomic_load_u32(&slot->ccid->notifies) == 0);
}

uint32_t ccid_slot_notices(struct ccid_slot *slot)
{
    kit_reader_lock(&slot->kit);
    uint32_t notices = slot->notices;
    kit_reader_unlock(&slot->kit);
    return notices;
}

void ccid_slot_heed(struct ccid_slot *slot, const struct ccid_call *call,
                    uint32_t notices)
{
    enum ccid_icc icc = call->reply.icc;
    bool news;
    kit_reader_lock(&slot->kit);
    if (is_believable(slot, call, notices)) {
        news = note_said_locked(slot, icc != CCID_ICC_ABSENT, false);
    } else {
        news = !slot->doubtful;
        slot->doubtful = true;
    }
    kit_reader_unlock(&slot->kit);
    if (news)
        ccid_slot_wake(slot);
    if (icc != CCID_ICC_ACTIVE && slot->kit.powered)
        ccid_slot_lost_power(slot);
}

void ccid_slot_lost_power(struct ccid_slot *slot)
{
    kit_reader_lock(&slot->kit);
    bool news = is_in_use_locked(slot) && note_said_locked(slot, true, true);
    slot->kit.powered = false;
    kit_reader_unlock(&slot->kit);
    slot->card.protocol = 0;
    if (news) {
        log_info("ccid: slot %u: the card has lost its power", (unsigned)slot->index);
        ccid_slot_wake(slot);
    }
}

void ccid_interface_was_reset(void *context)
{
    struct ccid_interface *ccid = context;
    ccid_link_was_reset(&ccid->link);
    for (uint32_t i = 0; i < ccid->descriptor.slot_count; i++) {
        struct ccid_slot *slot = &ccid->slots[i];
        kit_reader_lock(&slot->kit);
        if (is_in_use_locked(slot))
            note_locked(slot, true, true);
        slot->doubtful = true;
        slot->quiet_ms = os_now_ms() + CCID_QUIET_MS;
        kit_reader_unlock(&slot->kit);
    }
    ccid_slot_wake(&ccid->slots[0]);
}

bool ccid_slot_is_doubtful(struct ccid_slot *slot)
{
    kit_reader_lock(&slot->kit);
    bool doubtful = slot->doubtful;
    kit_reader_unlock(&slot->kit);
    return doubtful;
}

bool ccid_slot_is_present(struct ccid_slot *slot)
{
    kit_reader_lock(&slot->kit);
    bool present = kit_reader_has_card(&slot->kit);
    kit_reader_unlock(&slot->kit);
    return present;
}
