/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers to bulk IN, with what they are made wrong by (CCID 1.1, 6.2). */
#include "tests/rig/sim/internal.h"

#include <string.h>

enum {
    REPEAT_MS = 100,
    CUT_LENGTH = 500, /* what a message says that ends after one packet */
    NOISE_SIZE = 8,
    PADDING = 512, /* no packet is longer */
    BEHIND_ABOVE = 64
};

bool sim_slot_tells(const struct sim_slot *slot)
{
    return slot->number == 0 || !slot->iface->device->options.blind;
}

uint8_t sim_slot_status(const struct sim_slot *slot)
{
    if (!slot->present || (!slot->powered && !sim_slot_tells(slot)))
        return WIRE_ABSENT;
    return slot->powered ? WIRE_ACTIVE : WIRE_INACTIVE;
}

/* --- Answers ------------------------------------------------------------------------ */

struct answer {
    struct sim_slot *slot;
    const uint8_t *header; /* of the command */
    const struct sim_reply *reply;
    const struct sim_fault *fault;
    uint64_t at;
};

/* Queues the answer as it should be, or with another type, status and data. */
static struct sim_item *queue(const struct answer *answer, uint8_t type, uint8_t status,
                              uint8_t error, size_t size)
{
    struct sim_slot *slot = answer->slot;
    struct sim_item *item =
        sim_item_new(&slot->iface->in, WIRE_HEADER_SIZE + size, answer->at);
    if (item == NULL)
        return NULL;
    item->slot = slot->number;
    item->closing = slot->iface->device->options.empty_packets;
    item->bytes[0] = type;
    wire_put_u32(item->bytes + 1, (uint32_t)size);
    item->bytes[5] = answer->header[5];
    item->bytes[6] = answer->header[6];
    if (slot->iface->device->options.behind && slot->iface->message_size > BEHIND_ABOVE)
        item->bytes[6]--;
    item->bytes[7] = (uint8_t)(status | sim_slot_status(slot));
    item->bytes[8] = error;
    return item;
}

static struct sim_item *queue_reply(const struct answer *answer)
{
    const struct sim_reply *reply = answer->reply;
    struct sim_item *item = queue(answer, reply->type, reply->failed ? WIRE_FAILED : 0,
                                  reply->error, reply->size);
    if (item == NULL)
        return NULL;
    item->final = true;
    item->bytes[9] = reply->extra;
    if (reply->size != 0)
        memcpy(item->bytes + WIRE_HEADER_SIZE, reply->data, reply->size);
    return item;
}

/* Time extensions (CCID 6.2.1, bmCommandStatus) until `at`. */
static void queue_extensions(struct answer *answer, uint64_t first, uint64_t step,
                             uint64_t end, uint8_t multiplier)
{
    uint64_t at = answer->at;
    for (answer->at = first; answer->at < end; answer->at += step)
        (void)queue(answer, answer->reply->type, WIRE_EXTENSION, multiplier, 0);
    answer->at = at;
}

static void queue_stale(struct answer *answer)
{
    for (uint32_t i = answer->fault->arg; i > 0; i--) {
        struct sim_item *item = queue(answer, answer->reply->type, 0, 0, 2);
        if (item == NULL)
            return;
        item->bytes[6] = (uint8_t)(item->bytes[6] - i);
        memcpy(item->bytes + WIRE_HEADER_SIZE, "\x6F\x01", 2);
    }
}

static void queue_noise(struct sim_interface *iface, uint32_t count, uint64_t at)
{
    for (uint32_t i = 0; i < (count != 0 ? count : 1) && iface->interrupt.address != 0;
         i++) {
        struct sim_item *item = sim_item_new(&iface->interrupt, NOISE_SIZE, at);
        if (item == NULL)
            return;
        for (uint32_t k = 0; k < NOISE_SIZE; k++)
            item->bytes[k] = (uint8_t)(0xA5 * (i + 1) + 0x3B * k);
    }
}

static void queue_hardware_error(const struct answer *answer)
{
    struct sim_interface *iface = answer->slot->iface;
    if (iface->interrupt.address == 0)
        return;
    struct sim_item *item = sim_item_new(&iface->interrupt, 4, answer->at);
    if (item == NULL)
        return;
    item->bytes[0] = WIRE_HARDWARE_ERROR;
    item->bytes[1] = answer->header[5];
    item->bytes[2] = answer->header[6];
    item->bytes[3] = 0x01; /* overcurrent (6.3.2) */
}

static void queue_stall(struct sim_endpoint *endpoint, uint64_t at)
{
    if (endpoint->address == 0)
        return;
    struct sim_item *item = sim_item_new(endpoint, 0, at);
    if (item != NULL)
        item->kind = SIM_ITEM_STALL;
}

static void queue_empty_packets(const struct answer *answer)
{
    for (uint32_t i = 0; i < answer->fault->arg; i++) {
        struct sim_item *item = sim_item_new(&answer->slot->iface->in, 0, answer->at);
        if (item != NULL)
            item->slot = answer->slot->number;
    }
}

/* Faults that stand before the answer, or in its place. False: there is no answer. */
static bool queue_before(struct answer *answer)
{
    struct sim_interface *iface = answer->slot->iface;
    uint32_t arg = answer->fault->arg;
    struct sim_item *item;
    switch ((unsigned)answer->fault->kind) {
    case SIM_FAULT_SLOW:
        answer->at += arg * REPEAT_MS;
        return true;
    case SIM_FAULT_MUTE:
    case SIM_FAULT_DEAD:
    case SIM_FAULT_RESET:
    case SIM_FAULT_REMOVE_MUTE:
    case SIM_FAULT_REMOVE_DEAF:
    case SIM_FAULT_POWER_NEVER:
    case SIM_FAULT_ABORT_REFUSED:
    case SIM_FAULT_ABORT_IGNORED:
        return false;
    case SIM_FAULT_IN_STALL:
        queue_stall(&iface->in, answer->at);
        return false;
    case SIM_FAULT_STALE:
        queue_stale(answer);
        return true;
    case SIM_FAULT_TIME_EXTENSION:
        queue_extensions(answer, answer->at, REPEAT_MS, answer->at + arg * REPEAT_MS, 1);
        answer->at += arg * REPEAT_MS;
        return true;
    case SIM_FAULT_TIME_FOREVER:
        item = queue(answer, answer->reply->type, WIRE_EXTENSION, (uint8_t)arg, 0);
        if (item != NULL)
            item->repeat_ms = REPEAT_MS;
        return false;
    case SIM_FAULT_EMPTY_PACKETS:
        queue_empty_packets(answer);
        return true;
    case SIM_FAULT_HARDWARE:
        queue_hardware_error(answer);
        return true;
    case SIM_FAULT_NOISE:
        queue_noise(iface, arg, answer->at);
        return true;
    case SIM_FAULT_INTERRUPT_STALL:
        queue_stall(&iface->interrupt, answer->at);
        return true;
    default:
        return true;
    }
}

/* Faults in the answer. */
static void spoil(const struct answer *answer, struct sim_item *item)
{
    uint32_t arg = answer->fault->arg;
    uint32_t length = (uint32_t)(item->size - WIRE_HEADER_SIZE);
    uint16_t packet = answer->slot->iface->in.packet;
    switch ((unsigned)answer->fault->kind) {
    case SIM_FAULT_BABBLE:
        item->kind = SIM_ITEM_BABBLE;
        break;
    case SIM_FAULT_WRONG_SEQ:
        item->bytes[6] ^= 0x55;
        item->repeat_ms = REPEAT_MS;
        break;
    case SIM_FAULT_WRONG_SLOT:
        item->bytes[5] = arg != 0 ? (uint8_t)arg : answer->slot->iface->class.slot_count;
        break;
    case SIM_FAULT_LENGTH_LARGE:
        wire_put_u32(item->bytes + 1, length + (arg != 0 ? arg : 1));
        break;
    case SIM_FAULT_LENGTH_SMALL:
        wire_put_u32(item->bytes + 1, length != 0 ? length - 1 : UINT32_MAX);
        break;
    case SIM_FAULT_SHORT_HEADER:
        item->size = arg < WIRE_HEADER_SIZE ? arg : WIRE_HEADER_SIZE - 1;
        break;
    case SIM_FAULT_GARBAGE_TYPE:
        item->bytes[0] = (uint8_t)arg;
        break;
    case SIM_FAULT_CUT:
        wire_put_u32(item->bytes + 1,
                     length > packet ? length : CUT_LENGTH + (uint32_t)packet);
        item->size = packet;
        item->closing = false;
        break;
    case SIM_FAULT_CHAIN_FOREVER:
        wire_put_u32(item->bytes + 1, 0);
        item->size = WIRE_HEADER_SIZE;
        item->bytes[7] &= 3;
        item->bytes[8] = 0;
        item->bytes[9] = WIRE_MIDDLE;
        break;
    default:
        break;
    }
}

void sim_message_answer(struct sim_slot *slot, const uint8_t *header,
                        const struct sim_reply *reply, const struct sim_fault *fault)
{
    struct sim_device *device = slot->iface->device;
    uint8_t padding[PADDING];
    struct sim_reply padded = *reply;
    struct answer answer = {.slot = slot,
                            .header = header,
                            .reply = reply,
                            .fault = fault,
                            .at = device->now + reply->delay_ms};
    if (reply->delay_ms > SIM_EXTENSION_MS)
        queue_extensions(&answer, device->now + SIM_EXTENSION_MS, SIM_EXTENSION_MS,
                         answer.at, 1);
    slot->busy_until = answer.at;
    if (!queue_before(&answer))
        return;
    slot->busy_until = answer.at;
    if (fault->kind == SIM_FAULT_CUT && reply->size < sizeof(padding)) {
        memset(padding, 0, sizeof(padding));
        if (reply->size != 0)
            memcpy(padding, reply->data, reply->size);
        padded.data = padding;
        padded.size = sizeof(padding);
        answer.reply = &padded;
    }
    struct sim_item *item = queue_reply(&answer);
    if (item != NULL)
        spoil(&answer, item);
}
