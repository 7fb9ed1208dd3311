/* SPDX-License-Identifier: BSD-2-Clause */
/* XfrBlock at character level (CCID 1.1, 6.1.4): bytes go to the card as they come, and
 * wLevelParameter says how many are wanted back. */
#include "tests/rig/sim/internal.h"

#include "proto/pps.h"

#include <string.h>

enum { HEADER_SIZE = 5, P3_AT = 4, PROCEDURE_NULL = 0x60, NULL_MS = 200, PPSS = 0xFF };

bool sim_takes_data(const uint8_t header[5])
{
    static const uint8_t instructions[] = {0x20, 0x24, 0xA4, 0xC2,         0xD6,
                                           0xD7, 0xDA, 0xE1, SIM_FAULT_INS};
    return header[P3_AT] != 0
           && memchr(instructions, header[1], sizeof(instructions)) != NULL;
}

static void put(struct sim_slot *slot, const uint8_t *bytes, size_t size)
{
    if (size <= sizeof(slot->out) - slot->out_size) {
        memcpy(slot->out + slot->out_size, bytes, size);
        slot->out_size += size;
    }
}

/* The bytes so far, as one TPDU or block, to the card. */
static uint32_t run(struct sim_slot *slot, uint8_t *answer, size_t *size)
{
    uint32_t delay_ms = 0;
    struct sim_fault fault = {.kind = SIM_FAULT_NONE, .from = UINT64_MAX};
    *size = sim_card_tpdu(slot->card, &slot->line, slot->in, slot->in_size, answer,
                          &delay_ms, &fault);
    slot->in_size = 0;
    if (fault.from != UINT64_MAX) { /* holds when its answer was fetched */
        slot->held = fault;
        slot->has_held = true;
    }
    return delay_ms;
}

/* ISO/IEC 7816-3:2006, 10.3.3: header, procedure byte, data one way, SW1 SW2. */
static void feed_t0(struct sim_slot *slot)
{
    uint8_t answer[SIM_CARD_ANSWER_MAX], ins = slot->in[1];
    size_t size = slot->in_size;
    if (size < HEADER_SIZE || !sim_card_hears(slot->card, &slot->line))
        return;
    bool taking = sim_takes_data(slot->in);
    if (taking && size == HEADER_SIZE) {
        put(slot, &ins, 1);
        return;
    }
    if (taking && size < HEADER_SIZE + (size_t)slot->in[P3_AT])
        return;
    slot->nulls = run(slot, answer, &size) / NULL_MS;
    if (size > 2)
        put(slot, &ins, 1);
    put(slot, answer, size);
}

static uint32_t feed_t1(struct sim_slot *slot)
{
    uint8_t answer[SIM_CARD_ANSWER_MAX];
    size_t size = slot->in_size;
    if (size < T1_PROLOGUE_SIZE || size < T1_PROLOGUE_SIZE + (size_t)slot->in[2] + 1)
        return 0;
    uint32_t delay_ms = run(slot, answer, &size);
    put(slot, answer, size);
    return delay_ms;
}

static void feed_pps(struct sim_slot *slot)
{
    uint8_t answer[SIM_CARD_ANSWER_MAX];
    struct sim_line line = slot->line;
    line.fidi = slot->card->fidi;
    if (slot->in_size < 3 || slot->in_size < pps_size(slot->in[1]))
        return;
    size_t size = sim_card_pps(slot->card, &line, slot->in, slot->in_size, answer);
    slot->in_size = 0;
    put(slot, answer, size);
}

/* Hands out what the host asked for. False: it is not there. */
static bool fetch(struct sim_slot *slot, size_t wanted, struct sim_reply *reply)
{
    size_t nulls = wanted < slot->nulls ? wanted : slot->nulls;
    size_t rest = wanted - nulls;
    if (rest > slot->out_size - slot->out_at)
        return false;
    memset(slot->fetched, PROCEDURE_NULL, nulls);
    memcpy(slot->fetched + nulls, slot->out + slot->out_at, rest);
    slot->nulls -= (uint32_t)nulls;
    slot->out_at += rest;
    reply->delay_ms += nulls * NULL_MS;
    reply->data = slot->fetched;
    reply->size = wanted;
    return true;
}

void sim_xfr_characters(const struct sim_command *command, struct sim_reply *reply)
{
    struct sim_slot *slot = command->slot;
    size_t wanted = wire_u16(command->bytes + 8);
    if (wanted > sizeof(slot->fetched)
        || wanted > slot->iface->class.message_max - WIRE_HEADER_SIZE) {
        sim_reply_fail(reply, WIRE_BAD_LEVEL);
        return;
    }
    if (command->size > sizeof(slot->in) - slot->in_size) {
        sim_reply_fail(reply, WIRE_BAD_LENGTH);
        return;
    }
    if (command->size != 0) {
        /* The host speaks: what it did not fetch is lost. */
        slot->out_at = 0;
        slot->out_size = 0;
        memcpy(slot->in + slot->in_size, command->data, command->size);
        slot->in_size += command->size;
        if (slot->card->fresh && slot->in[0] == PPSS)
            feed_pps(slot);
        else if (slot->line.protocol == 0)
            feed_t0(slot);
        else
            reply->delay_ms = feed_t1(slot);
    }
    uint64_t wait_ms = sim_line_wait_ms(&slot->line, command->bytes[7]);
    bool late = slot->line.protocol == 1 && reply->delay_ms > wait_ms;
    if (late || !fetch(slot, wanted, reply)) {
        slot->in_size = 0;
        slot->out_size = 0;
        slot->out_at = 0;
        reply->delay_ms = wait_ms;
        sim_reply_fail(reply, WIRE_MUTE);
    }
    if (slot->has_held && slot->out_at == slot->out_size) {
        slot->fault = slot->held;
        slot->has_held = false;
    }
}
