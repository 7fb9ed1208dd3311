/* SPDX-License-Identifier: BSD-2-Clause */
/* XfrBlock at the levels of TPDUs and APDUs (CCID 1.1, 6.1.4 and 3.2). */
#include "tests/rig/sim/internal.h"

#include "base/secret.h"
#include "proto/pps.h"

#include <string.h>

enum {
    PPSS = 0xFF,
    SHORT_COMMAND_MAX = 261,
    T1_OVERHEAD = 4, /* prologue and LRC of a block */
    T0_HEADER = 5
};

/* --- TPDU --------------------------------------------------------------------------- */

static bool is_pps(const struct sim_slot *slot, const uint8_t *bytes, size_t size)
{
    struct pps pps;
    return slot->card->fresh && size != 0 && bytes[0] == PPSS
           && pps_parse(bytes, size, &pps);
}

static void send_pps(struct sim_slot *slot, const uint8_t *bytes, size_t size,
                     struct sim_reply *reply)
{
    /* A PPS goes at the speed that the card has after its reset. */
    struct sim_line line = slot->line;
    line.fidi = slot->card->fidi;
    reply->size = sim_card_pps(slot->card, &line, bytes, size, slot->out);
    reply->data = slot->out;
    if (reply->size == 0)
        sim_reply_fail(reply, WIRE_MUTE);
}

/* The largest INF that the reader can take from the card and hand on. */
static uint8_t own_ifsd(const struct sim_slot *slot)
{
    const struct sim_class *class = &slot->iface->class;
    uint32_t room = class->message_max - WIRE_HEADER_SIZE - T1_OVERHEAD;
    return (uint8_t)(class->ifsd < room ? class->ifsd : room);
}

/* S(IFS request) of a reader that does it by itself (dwFeatures 400). */
static void tell_ifsd(struct sim_slot *slot)
{
    uint8_t ifsd = own_ifsd(slot), block[T1_BLOCK_MAX], out[SIM_CARD_ANSWER_MAX];
    struct sim_fault fault;
    uint32_t delay_ms;
    if (slot->ifsd_told || slot->line.protocol != 1
        || (slot->iface->class.features & WIRE_AUTO_IFSD) == 0)
        return;
    size_t size = t1_block_build(0, T1_PCB_S | T1_S_IFS, &ifsd, 1, T1_EDC_LRC, block);
    (void)sim_card_tpdu(slot->card, &slot->line, block, size, out, &delay_ms, &fault);
    slot->ifsd_told = true;
}

/* A command without data may come without P3 (ISO/IEC 7816-3:2006, 12.2.1). */
static bool complete_header(const struct sim_slot *slot, const uint8_t *bytes,
                            size_t *size, uint8_t tpdu[T0_HEADER])
{
    uint8_t want = slot->iface->device->options.case1;
    if (*size != 4)
        return *size >= T0_HEADER;
    if (want == 5)
        return false;
    memcpy(tpdu, bytes, 4);
    tpdu[4] = 0;
    *size = T0_HEADER;
    return true;
}

void sim_xfr_tpdu(struct sim_slot *slot, const uint8_t *bytes, size_t size, uint8_t bwi,
                  struct sim_reply *reply)
{
    uint8_t header[T0_HEADER];
    uint32_t delay_ms;
    if (slot->line.protocol == 0 && size == 4) {
        if (!complete_header(slot, bytes, &size, header)) {
            sim_reply_fail(reply, WIRE_BAD_LENGTH);
            return;
        }
        bytes = header;
    }
    tell_ifsd(slot);
    reply->size = sim_card_tpdu(slot->card, &slot->line, bytes, size, slot->out,
                                &delay_ms, &slot->fault);
    reply->data = slot->out;
    /* T=0 cards send procedure bytes 60 meanwhile; T=1 cards keep to the block waiting
     * time, times what the host granted them. */
    uint64_t wait_ms = sim_line_wait_ms(&slot->line, bwi);
    bool late = slot->line.protocol == 1 && delay_ms > wait_ms;
    reply->delay_ms = delay_ms;
    if (reply->size == 0 || late) {
        reply->delay_ms = wait_ms;
        sim_reply_fail(reply, WIRE_MUTE);
    } else if (slot->line.protocol == 1
               && reply->size > own_ifsd(slot) + (size_t)T1_OVERHEAD) {
        sim_reply_fail(reply, WIRE_OVERRUN);
    } else if (reply->size == 1) {
        sim_reply_fail(reply, WIRE_MUTE); /* half a status word */
    }
}

/* --- APDU --------------------------------------------------------------------------- */

bool sim_xfr_apdu(struct sim_slot *slot, size_t size, uint64_t *delay_ms)
{
    uint32_t busy_ms;
    slot->size = sim_card_apdu(slot->card, &slot->line, size, &busy_ms, &slot->fault);
    slot->given = 0;
    *delay_ms = busy_ms;
    return slot->size != 0;
}

/* Forgets an answer that was given, or is not wanted any more. */
static void forget_answer(struct sim_slot *slot)
{
    secret_clear(slot->card->session->card.response, slot->size);
    slot->size = 0;
    slot->given = 0;
}

void sim_xfr_next_piece(struct sim_slot *slot, size_t max, struct sim_reply *reply)
{
    size_t left = slot->size - slot->given;
    bool first = slot->given == 0;
    reply->data = slot->card->session->card.response + slot->given;
    reply->size = left < max ? left : max;
    slot->given += reply->size;
    bool last = slot->given == slot->size;
    reply->extra =
        first ? (last ? WIRE_WHOLE : WIRE_FIRST) : (last ? WIRE_LAST : WIRE_MIDDLE);
}

static void run_apdu(struct sim_slot *slot, size_t size, struct sim_reply *reply)
{
    uint8_t *command = slot->card->session->card.command;
    bool there = sim_xfr_apdu(slot, size, &reply->delay_ms);
    secret_clear(command, size);
    if (!there) {
        sim_reply_fail(reply, WIRE_MUTE);
        reply->delay_ms = sim_line_wait_ms(&slot->line, 1);
        return;
    }
    if (slot->size == 1) {
        forget_answer(slot);
        sim_reply_fail(reply, WIRE_PARITY); /* half a status word */
        return;
    }
    sim_xfr_next_piece(slot, slot->iface->class.message_max - WIRE_HEADER_SIZE, reply);
}

static void short_apdu(const struct sim_command *command, struct sim_reply *reply)
{
    struct sim_slot *slot = command->slot;
    if (wire_u16(command->bytes + 8) != 0) {
        sim_reply_fail(reply, WIRE_BAD_LEVEL);
        return;
    }
    if (command->size < 4 || command->size > SHORT_COMMAND_MAX) {
        sim_reply_fail(reply, WIRE_BAD_LENGTH);
        return;
    }
    forget_answer(slot);
    memcpy(slot->card->session->card.command, command->data, command->size);
    run_apdu(slot, command->size, reply);
}

/* A piece of a command that is chained (6.1.4, wLevelParameter). */
static void take_piece(const struct sim_command *command, uint16_t level,
                       struct sim_reply *reply)
{
    struct sim_slot *slot = command->slot;
    bool first = level == WIRE_WHOLE || level == WIRE_FIRST;
    bool last = level == WIRE_WHOLE || level == WIRE_LAST;
    if (first == slot->taking) {
        slot->taking = false;
        sim_reply_fail(reply, WIRE_BAD_LEVEL);
        return;
    }
    if (first) {
        forget_answer(slot);
        slot->taken = 0;
    }
    slot->taking = !last;
    if (command->size > APDU_COMMAND_MAX - slot->taken
        || (level != WIRE_WHOLE && command->size == 0)) {
        slot->taking = false;
        sim_reply_fail(reply, WIRE_BAD_LENGTH);
        return;
    }
    if (command->size != 0)
        memcpy(slot->card->session->card.command + slot->taken, command->data,
               command->size);
    slot->taken += command->size;
    if (last)
        run_apdu(slot, slot->taken, reply);
    else
        reply->extra = WIRE_CONTINUE;
}

void sim_xfr_chained(const struct sim_command *command, struct sim_reply *reply)
{
    struct sim_slot *slot = command->slot;
    uint16_t level = wire_u16(command->bytes + 8);
    if (level == WIRE_CONTINUE) {
        if (command->size != 0 || slot->taking || slot->given == slot->size)
            sim_reply_fail(reply, WIRE_BAD_LEVEL);
        else
            sim_xfr_next_piece(slot, slot->iface->class.message_max - WIRE_HEADER_SIZE,
                               reply);
        return;
    }
    if (level > WIRE_MIDDLE)
        sim_reply_fail(reply, WIRE_BAD_LEVEL);
    else
        take_piece(command, level, reply);
}

void sim_xfr(const struct sim_command *command, struct sim_reply *reply)
{
    struct sim_slot *slot = command->slot;
    uint32_t features = slot->iface->class.features;
    const uint32_t levels = WIRE_LEVEL_TPDU | WIRE_LEVEL_SHORT | WIRE_LEVEL_EXTENDED;
    if (!slot->powered || slot->clock_stopped) {
        sim_reply_fail(reply, WIRE_MUTE);
    } else if ((features & levels) == 0) {
        sim_xfr_characters(command, reply);
    } else if ((features & WIRE_AUTO_NEGOTIATION) == 0
               && is_pps(slot, command->data, command->size)) {
        send_pps(slot, command->data, command->size, reply);
    } else if ((features & WIRE_LEVEL_EXTENDED) != 0) {
        sim_xfr_chained(command, reply);
    } else if ((features & WIRE_LEVEL_SHORT) != 0) {
        short_apdu(command, reply);
    } else if (wire_u16(command->bytes + 8) != 0) {
        sim_reply_fail(reply, WIRE_BAD_LEVEL);
    } else {
        sim_xfr_tpdu(slot, command->data, command->size, command->bytes[7], reply);
    }
}
