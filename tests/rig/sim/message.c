/* SPDX-License-Identifier: BSD-2-Clause */
/* Bulk OUT bytes to messages, and which of them are carried out (CCID 1.1, 6.1). */
#include "tests/rig/sim/internal.h"

#include "base/secret.h"

#include <string.h>

enum {
    REMOVE_MS = 50, /* into the command */
    FAULT_MS = 100  /* for each of an ARG */
};

/* --- Aborting ----------------------------------------------------------------------- */

void sim_message_aborted(struct sim_slot *slot)
{
    uint8_t header[WIRE_HEADER_SIZE] = {WIRE_ABORT,    0, 0, 0, 0, slot->number,
                                        slot->bulk_seq};
    static const struct sim_fault none;
    struct sim_reply reply = {.type = WIRE_SLOT_STATUS};
    slot->control_abort = false;
    slot->bulk_abort = false;
    slot->taking = false;
    sim_queue_drop(&slot->iface->in, slot->number);
    bool ignored = slot->abort_fault == SIM_FAULT_ABORT_IGNORED;
    slot->abort_fault = SIM_FAULT_NONE;
    if (!ignored)
        sim_message_answer(slot, header, &reply, &none);
}

static void take_abort(struct sim_slot *slot, uint8_t seq)
{
    slot->bulk_abort = true;
    slot->bulk_seq = seq;
    if (slot->control_abort && slot->control_seq == seq)
        sim_message_aborted(slot);
}

/* --- Commands ----------------------------------------------------------------------- */

/* The type of the answer to a command (CCID 6.1, tables). */
static uint8_t reply_type(uint8_t command)
{
    switch (command) {
    case WIRE_POWER_ON:
    case WIRE_XFR_BLOCK:
    case WIRE_SECURE:
        return WIRE_DATA_BLOCK;
    case WIRE_SET_PARAMETERS:
    case WIRE_GET_PARAMETERS:
    case WIRE_RESET_PARAMETERS:
        return WIRE_PARAMETERS;
    case WIRE_ESCAPE:
        return WIRE_ESCAPE_REPLY;
    case WIRE_SET_RATE:
        return WIRE_RATE;
    default:
        return WIRE_SLOT_STATUS;
    }
}

static uint32_t busy_count(const struct sim_interface *iface)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < iface->class.slot_count; i++)
        count += iface->slots[i].busy_until > iface->device->now;
    return count;
}

void sim_fault_choose(struct sim_slot *slot, uint8_t type, struct sim_fault *fault)
{
    struct sim_device *device = slot->iface->device;
    if (sim_fault_strikes(&slot->fault, device->messages, type))
        *fault = slot->fault;
    for (size_t i = 0; i < SIM_FAULTS_MAX && fault->kind == SIM_FAULT_NONE; i++)
        if (sim_fault_strikes(&device->options.faults[i], device->messages, type))
            *fault = device->options.faults[i];
}

/* Faults that change the world, or come before the card. True: nothing is carried out. */
static bool strike(const struct sim_command *command, struct sim_reply *reply)
{
    struct sim_slot *slot = command->slot;
    struct sim_device *device = slot->iface->device;
    uint8_t error = sim_fault_error(command->fault.kind);
    switch ((unsigned)command->fault.kind) {
    case SIM_FAULT_UNPLUG:
        device->leaves_after = device->messages + command->fault.arg;
        return false;
    case SIM_FAULT_RESET:
        sim_event_add(device, SIM_EVENT_RESET, device->now + REMOVE_MS, slot);
        return true;
    case SIM_FAULT_REMOVE_MUTE:
    case SIM_FAULT_REMOVE_DEAF:
        sim_event_add(device, SIM_EVENT_REMOVE,
                      device->now + FAULT_MS * command->fault.arg, slot);
        return true;
    case SIM_FAULT_SWAP:
    case SIM_FAULT_REMOVE:
        sim_event_add(device, SIM_EVENT_REMOVE, device->now, slot);
        if (command->fault.kind == SIM_FAULT_SWAP)
            sim_event_add(device, SIM_EVENT_INSERT, device->now + 2 * REMOVE_MS, slot);
        (void)sim_advance(device, device->now);
        reply->delay_ms = REMOVE_MS;
        sim_reply_fail(reply, WIRE_MUTE);
        return true;
    default:
        if (command->fault.kind == SIM_FAULT_POWER_MUTE)
            sim_power_off(slot);
        if (error != 0)
            sim_reply_fail(reply, error);
        return error != 0;
    }
}

/* The moment has come that an UNPLUG waits for. */
static bool leaves(struct sim_device *device)
{
    if (device->leaves_after == 0 || device->messages < device->leaves_after)
        return false;
    sim_event_add(device, SIM_EVENT_UNPLUG, device->now, NULL);
    return true;
}

/* What the bytes say of their length; 0 if that is right. */
static uint8_t judge_length(const struct sim_interface *iface)
{
    size_t length = wire_u32(iface->message + 1);
    bool too_long = iface->message_size > iface->class.message_max;
    return too_long || length != iface->message_size - WIRE_HEADER_SIZE ? WIRE_BAD_LENGTH
                                                                        : 0;
}

/* Whether a command finds the slot, or the reader, at work (bMaxCCIDBusySlots). */
static bool is_busy(const struct sim_slot *slot)
{
    const struct sim_interface *iface = slot->iface;
    return slot->busy_until > iface->device->now
           || busy_count(iface) >= iface->class.busy_slots;
}

/* Faults that are for more than the message that they strike. */
static void outlive(struct sim_command *command)
{
    struct sim_slot *slot = command->slot;
    struct sim_device *device = slot->iface->device;
    enum sim_fault_kind kind = command->fault.kind;
    bool goes_on =
        command->bytes[0] == WIRE_XFR_BLOCK && command->bytes[8] == WIRE_CONTINUE;
    if (kind == SIM_FAULT_ABORT_REFUSED || kind == SIM_FAULT_ABORT_IGNORED)
        slot->abort_fault = kind; /* for one abort */
    if (kind == SIM_FAULT_REMOVE_DEAF)
        slot->abort_fault = SIM_FAULT_ABORT_IGNORED;
    if (kind == SIM_FAULT_DEAD)
        device->dead_until = device->now + FAULT_MS * command->fault.arg;
    if (slot->endless && goes_on)
        command->fault.kind = SIM_FAULT_CHAIN_FOREVER;
    slot->endless = command->fault.kind == SIM_FAULT_CHAIN_FOREVER;
}

static void run_on(struct sim_slot *slot, struct sim_command *command,
                   struct sim_reply *reply)
{
    struct sim_interface *iface = slot->iface;
    uint64_t busy_until = slot->busy_until;
    uint8_t wrong = judge_length(iface);
    bool busy = is_busy(slot);
    if (slot->control_abort) {
        sim_reply_fail(reply, WIRE_ABORTED);
    } else if (busy) {
        sim_reply_fail(reply, WIRE_SLOT_BUSY);
    } else if (wrong != 0) {
        sim_reply_fail(reply, wrong);
    } else {
        sim_fault_choose(slot, command->bytes[0], &command->fault);
        outlive(command);
        if (!strike(command, reply))
            sim_command_run(command, reply);
        if (leaves(iface->device))
            return;
    }
    sim_message_answer(slot, command->bytes, reply, &command->fault);
    if (busy)
        slot->busy_until = busy_until;
}

static void run(struct sim_interface *iface)
{
    const uint8_t *bytes = iface->message;
    struct sim_slot stray = {.iface = iface, .number = bytes[5]};
    struct sim_command command = {.bytes = bytes,
                                  .data = bytes + WIRE_HEADER_SIZE,
                                  .size = iface->message_size - WIRE_HEADER_SIZE};
    struct sim_reply reply = {.type = reply_type(bytes[0])};
    if (bytes[5] >= iface->class.slot_count) {
        sim_reply_fail(&reply, WIRE_BAD_SLOT);
        sim_message_answer(&stray, bytes, &reply, &command.fault);
        return;
    }
    struct sim_slot *slot = &iface->slots[bytes[5]];
    command.slot = slot;
    if (bytes[0] == WIRE_ABORT) {
        take_abort(slot, bytes[6]);
        return;
    }
    run_on(slot, &command, &reply);
}

/* Whether the message that begins with these bytes is refused on the bus. */
static bool refuses(struct sim_interface *iface, const uint8_t *bytes, size_t size)
{
    struct sim_device *device = iface->device;
    struct sim_fault fault = {.kind = SIM_FAULT_NONE};
    if (iface->message_size != 0 || size < 6 || bytes[5] >= iface->class.slot_count)
        return false;
    struct sim_slot *slot = &iface->slots[bytes[5]];
    struct sim_fault *all[1 + SIM_FAULTS_MAX] = {&slot->fault};
    for (size_t i = 0; i < SIM_FAULTS_MAX; i++)
        all[1 + i] = &device->options.faults[i];
    for (size_t i = 0; i < ARRAY_SIZE(all); i++)
        if (all[i]->kind == SIM_FAULT_OUT_STALL
            && sim_fault_strikes(all[i], device->messages + 1, bytes[0]))
            fault = *all[i];
    return fault.kind != SIM_FAULT_NONE;
}

/* Whether what has come is a message; also one that ended too early. */
static bool is_whole(const struct sim_interface *iface, bool ended)
{
    size_t size = iface->message_size;
    if (size < WIRE_HEADER_SIZE)
        return false;
    return ended || size >= WIRE_HEADER_SIZE + (size_t)wire_u32(iface->message + 1);
}

void sim_message_take(struct sim_interface *iface, struct sim_urb *urb)
{
    struct sim_device *device = iface->device;
    bool ended = urb->size % iface->out.packet != 0;
    if (iface->out.halted || refuses(iface, urb->bytes, urb->size)
        || urb->size > sizeof(iface->message) - iface->message_size) {
        iface->out.halted = true;
        iface->message_size = 0;
        sim_urb_finish(device, urb, SIM_STALL);
        return;
    }
    if (urb->size != 0)
        memcpy(iface->message + iface->message_size, urb->bytes, urb->size);
    iface->message_size += urb->size;
    urb->done = urb->size;
    sim_urb_finish(device, urb, SIM_OK);
    if (is_whole(iface, ended)) {
        device->messages++;
        sim_queue_end_repeats(&iface->in, iface->message[5]);
        if (device->now >= device->dead_until)
            run(iface);
        secret_clear(iface->message, iface->message_size);
        iface->message_size = 0;
    } else if (ended) {
        iface->message_size = 0; /* not even a header */
    }
}
