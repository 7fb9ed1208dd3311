/* SPDX-License-Identifier: BSD-2-Clause */
/* Character level: the reader moves bytes, and wLevelParameter says how many are to come
 * back (CCID 6.1.4). What they mean is for us to know. */
#include "base/log.h"
#include "drivers/ccid/slot.h"
#include "proto/t0_bytes.h"

#include <string.h>

enum { FULL_PACKET = 64, CLA_READER = 0xFF, ANSWER_MAX = T1_BLOCK_MAX };

static size_t most_at_once(const struct ccid_slot *slot)
{
    return slot->ccid->descriptor.message_split - CCID_HEADER_SIZE;
}

/* As many as a message has room for; some firmware hangs when its message fills a packet:
 * then fewer. The rest is asked for next. */
static uint16_t to_ask(const struct ccid_slot *slot, size_t expect)
{
    if (expect > most_at_once(slot))
        expect = most_at_once(slot);
    bool full = (CCID_HEADER_SIZE + expect) % FULL_PACKET == 0;
    if (full && (slot->ccid->quirks & QUIRK_NO_FULL_PACKET) != 0)
        return 1;
    return (uint16_t)expect;
}

/* Sends call->data and asks for `expect` bytes back; what a message has no room for goes
 * ahead in messages that ask for nothing. */
static enum sc_error move(struct ccid_slot *slot, struct ccid_call *call, uint8_t bwi,
                          size_t expect)
{
    while (call->size > most_at_once(slot)) {
        size_t rest = call->size - most_at_once(slot);
        const uint8_t *next = call->data + most_at_once(slot);
        call->size = most_at_once(slot);
        enum sc_error error = ccid_slot_block(slot, call, bwi, 0);
        if (error != SC_OK)
            return error;
        call->data = next;
        call->size = rest;
    }
    return ccid_slot_block(slot, call, bwi, to_ask(slot, expect));
}

static uint32_t wait_ms(const struct ccid_slot *slot, size_t characters)
{
    uint64_t ms = timing_wwt_us(&slot->timing) / 1000 * (characters + 1);
    if (ms < TIMING_MINIMUM_MS)
        return TIMING_MINIMUM_MS;
    return ms < CCID_EXCHANGE_MAX_MS ? (uint32_t)ms : CCID_EXCHANGE_MAX_MS;
}

enum sc_error ccid_slot_t0_characters(struct ccid_slot *slot, const uint8_t *command,
                                      size_t size, size_t answer_max,
                                      uint64_t deadline_ms, uint8_t *out,
                                      size_t *out_size)
{
    static const uint8_t no_class[] = {0x6E, 0x00};
    struct t0_bytes line;
    *out_size = sizeof(no_class);
    if (command[0] == CLA_READER) {
        /* Commands to readers (PC/SC part 3, 3.2): the card would take it for a PPS, and
         * this reader has no ear for them. */
        memcpy(out, no_class, sizeof(no_class));
        return SC_OK;
    }
    enum t0_bytes_step step = t0_bytes_start(&line, command, size, answer_max,
                                             T0_BYTES_NULLS_ANY, out, answer_max);
    while (step == T0_BYTES_SEND) {
        struct ccid_call call = {.data = line.send,
                                 .size = line.send_size,
                                 .timeout_ms = wait_ms(slot, line.expect),
                                 .deadline_ms = deadline_ms};
        enum sc_error error = move(slot, &call, 0, line.expect);
        if (error != SC_OK)
            return error;
        step = t0_bytes_receive(&line, call.reply.data, call.reply.size);
    }
    *out_size = step == T0_BYTES_DONE ? line.out_size : 0;
    return step == T0_BYTES_DONE ? SC_OK : line.error;
}

/* Bytes that the card sends of one block: what is asked for, or until nothing more comes.
 */
static enum sc_error read_bytes(struct ccid_slot *slot, struct ccid_call *call,
                                uint8_t *bytes, size_t *have, size_t wanted, uint8_t bwi)
{
    enum sc_error error = SC_OK;
    while (*have < wanted && error == SC_OK) {
        error = move(slot, call, bwi, wanted - *have);
        if (error == SC_OK && call->reply.size == 0)
            break;
        call->data = NULL;
        call->size = 0;
        if (error != SC_OK)
            break;
        size_t room = ANSWER_MAX - *have;
        size_t more = call->reply.size < room ? call->reply.size : room;
        memcpy(bytes + *have, call->reply.data, more);
        *have += more;
    }
    return error;
}

enum sc_error ccid_slot_t1_characters(struct ccid_slot *slot, struct ccid_call *call,
                                      uint8_t bwi, uint8_t block[T1_BLOCK_MAX],
                                      size_t *size)
{
    *size = 0;
    enum sc_error error = read_bytes(slot, call, block, size, T1_PROLOGUE_SIZE, bwi);
    if (error != SC_OK || *size < T1_PROLOGUE_SIZE)
        return error;
    size_t whole = T1_PROLOGUE_SIZE + t1_block_rest(block, slot->t1.edc);
    if (whole > ANSWER_MAX)
        whole = ANSWER_MAX;
    return read_bytes(slot, call, block, size, whole, bwi);
}
