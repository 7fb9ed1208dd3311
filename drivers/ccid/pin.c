/* SPDX-License-Identifier: BSD-2-Clause */
/* PIN entry at the reader: VERIFY_PIN_DIRECT and MODIFY_PIN_DIRECT (PC/SC part 10, 2.5)
 * by PC_to_RDR_Secure (CCID 6.1.11). The PIN itself never gets here. */
#include "base/alloc.h"
#include "base/secret.h"
#include "drivers/ccid/slot.h"
#include "drivers/feature.h"

#include <string.h>

struct entry {
    struct ccid_pin pin;
    struct ccid_pin_options options;
    uint8_t *bytes; /* abData */
    size_t room;
    const struct driver_job *job;
    bool ended;    /* at the keys: cancelled, or no key in time */
    uint8_t sw[2]; /* what the program gets then */
};

static enum sc_error secure(struct ccid_slot *slot, struct entry *entry,
                            struct ccid_call *call)
{
    size_t size = 0;
    enum sc_error error =
        ccid_pin_build(&entry->pin, &entry->options, entry->bytes, entry->room, &size);
    if (error == SC_OK)
        error = ccid_keypad_prepare(slot, &entry->pin);
    if (error != SC_OK)
        return error;
    memset(call, 0, sizeof(*call));
    call->type = CCID_SECURE;
    call->data = entry->bytes;
    call->size = size;
    call->timeout_ms = ccid_pin_wait_ms(&entry->pin);
    call->deadline_ms = entry->job->deadline_ms;
    error = ccid_slot_call(slot, call);
    if (error != SC_OK || call->reply.outcome == CCID_DONE)
        return error;
    entry->ended = ccid_pin_status(call->reply.error, entry->sw);
    return entry->ended ? SC_OK : ccid_error_meaning(&call->reply, false);
}

/* Two bytes are not a block of T=1 but a status word of the reader itself, such as 64 03
 * for a PIN of the wrong length (part 10, 2.5.2). */
static void heed_reader(struct entry *entry, const struct ccid_reply *reply)
{
    if (entry->ended || reply->size != sizeof(entry->sw))
        return;
    memcpy(entry->sw, reply->data, sizeof(entry->sw));
    entry->ended = true;
}

/* At TPDU level with T=1 the reader completes one I-block, and the engine goes on with
 * what the card answers to it. */
static enum sc_error enter_pin_t1(struct ccid_slot *slot, struct entry *entry,
                                  struct transfer *t)
{
    struct t1 *t1 = &slot->card.t1;
    enum sc_error error = SC_OK;
    enum t1_step step = t1_start_at_reader(t1, entry->pin.template,
                                           entry->pin.template_size, t->out, t->out_room);
    while (step == T1_SEND && error == SC_OK) {
        struct ccid_call call;
        if (t1->block[1] >= T1_PCB_R) {
            error = iso_t1_block(&slot->card, entry->job, &step);
            continue;
        }
        entry->options.prologue = t1->block;
        error = secure(slot, entry, &call);
        if (error == SC_OK)
            heed_reader(entry, &call.reply);
        if (error == SC_OK && entry->ended) {
            t1_withdraw(t1);
            t1_clear(t1);
            return SC_OK;
        }
        if (error == SC_OK)
            step = t1_receive(t1, call.reply.data, call.reply.size);
    }
    if (error == SC_OK && step == T1_FAIL)
        error = t1->error;
    t->out_size = error == SC_OK ? t1->out_size : 0;
    t1_clear(t1);
    return error;
}

static enum sc_error enter_pin(struct ccid_slot *slot, struct entry *entry,
                               struct transfer *t)
{
    struct ccid_call call;
    if (slot->ccid->descriptor.level == CCID_TPDU && slot->card.protocol == PROTOCOL_T1)
        return enter_pin_t1(slot, entry, t);
    enum sc_error error = secure(slot, entry, &call);
    if (error == SC_OK && !entry->ended)
        error = feature_reply(t, call.reply.data, call.reply.size);
    return error;
}

static enum sc_error with_card(struct ccid_slot *slot, struct entry *entry,
                               struct transfer *t)
{
    if (!slot->kit.powered || ccid_slot_card_changed(slot))
        return SC_W_REMOVED_CARD;
    if (slot->card.protocol == 0)
        return SC_E_PROTO_MISMATCH;
    entry->room = slot->ccid->descriptor.message_max - CCID_HEADER_SIZE;
    entry->bytes = mem_alloc(entry->room);
    if (entry->bytes == NULL)
        return SC_E_NO_MEMORY;
    enum sc_error error = enter_pin(slot, entry, t);
    if (error == SC_OK && entry->ended)
        error = feature_reply(t, entry->sw, sizeof(entry->sw));
    secret_clear(entry->bytes, entry->room);
    mem_free(entry->bytes);
    return error;
}

enum sc_error ccid_slot_pin(struct ccid_slot *slot, enum ccid_pin_operation operation,
                            struct transfer *t)
{
    uint8_t needed = operation == CCID_PIN_OP_VERIFY ? CCID_PIN_VERIFY : CCID_PIN_MODIFY;
    struct entry entry = {.job = &t->job};
    if ((slot->ccid->descriptor.pin & needed) == 0)
        return SC_E_UNSUPPORTED_FEATURE;
    enum sc_error error = ccid_pin_parse(operation, t->in, t->in_size, &entry.pin);
    if (error != SC_OK)
        return error;
    ccid_keypad_options(slot->ccid, operation, &entry.options);
    error = ccid_slot_enter(slot, &t->job);
    if (error != SC_OK)
        return error;
    error = with_card(slot, &entry, t);
    return ccid_slot_leave(slot, error);
}
