/* SPDX-License-Identifier: BSD-2-Clause */
/* Tokens without bulk endpoints: "Specification for USB Integrated Circuit(s) Card
 * Devices", revision 1.0, versions A and B, and the vendor requests of one that came
 * before it. */
#include "tests/rig/sim/internal.h"

#include <string.h>

enum {
    ICC_POWER_ON = 0x62,
    ICC_POWER_OFF = 0x63,
    XFR_BLOCK = 0x65,
    DATA_BLOCK = 0x6F,
    SLOT_STATUS = 0x81,
    GET_ICC_STATUS = 0xA0,
    /* Vendor requests. */
    OLD_HEADER = 0x80,
    OLD_READ = 0x81,
    OLD_WRITE = 0x82,
    OLD_ATR = 0x83,
    OLD_RESET = 0x90,
    VERSION_B = 2,
    /* Status bytes of version A. */
    READY = 0x00,
    DATA_STAGE = 0x10,
    SW_STAGE = 0x20,
    BUSY = 0x40,
    MUTE = 0x80,
    /* bResponseType of version B. */
    RESPONSE_STATUS = 0x40,
    RESPONSE_POLLING = 0x80,
    EXTENSION_MS = 100,
    RESET_MS = 50, /* into the command */
    HEADER_SIZE = 5
};

static bool give(struct sim_urb *urb, const uint8_t *bytes, size_t size)
{
    size = size < urb->size ? size : urb->size;
    if (size != 0)
        memcpy(urb->bytes, bytes, size);
    urb->done = size;
    return true;
}

/* What the command came to, for the requests that fetch it. */
static void keep(struct sim_slot *slot, const struct sim_reply *reply)
{
    struct sim_iccd *iccd = &slot->iccd;
    uint64_t delay_ms = reply->delay_ms;
    iccd->ready = iccd->fault.kind == SIM_FAULT_TIME_FOREVER
                      ? UINT64_MAX
                      : slot->iface->device->now + delay_ms;
    if (iccd->fault.kind == SIM_FAULT_SLOW
        || iccd->fault.kind == SIM_FAULT_TIME_EXTENSION)
        iccd->ready += (uint64_t)iccd->fault.arg * EXTENSION_MS;
    iccd->reply = *reply;
    iccd->waiting = true;
}

/* Counts a command, and lets a fault strike it. True: it is over with that. */
static bool strike(struct sim_slot *slot, struct sim_reply *reply)
{
    struct sim_device *device = slot->iface->device;
    struct sim_fault fault = {.kind = SIM_FAULT_NONE};
    device->messages++;
    sim_fault_choose(slot, WIRE_XFR_BLOCK, &fault);
    slot->iccd.fault = fault;
    if (fault.kind == SIM_FAULT_UNPLUG || fault.kind == SIM_FAULT_REMOVE)
        sim_event_add(device, SIM_EVENT_UNPLUG, device->now, NULL);
    if (fault.kind == SIM_FAULT_RESET) {
        sim_event_add(device, SIM_EVENT_RESET,
                      device->now + (fault.arg == 0 ? RESET_MS : 0), slot);
        slot->iccd.fault.kind = SIM_FAULT_MUTE; /* until then */
    }
    uint8_t error = sim_fault_error(fault.kind);
    if (error != 0)
        sim_reply_fail(reply, error);
    return error != 0;
}

static void power_on(struct sim_slot *slot, struct sim_reply *reply)
{
    const uint8_t message[WIRE_HEADER_SIZE] = {WIRE_POWER_ON, 0, 0, 0, 0, 0, 0, 1};
    struct sim_command command = {.slot = slot, .bytes = message};
    sim_power_on(&command, reply);
}

/* --- Version B ---------------------------------------------------------------------- */

static bool give_block(struct sim_slot *slot, struct sim_urb *urb)
{
    struct sim_iccd *iccd = &slot->iccd;
    uint8_t bytes[1 + WIRE_HEADER_SIZE + 261];
    uint64_t now = slot->iface->device->now;
    if (!iccd->waiting)
        return false;
    if (now < iccd->ready) {
        bytes[0] = RESPONSE_POLLING;
        wire_put_u16(bytes + 1, 1); /* ask again in 10 ms */
        return give(urb, bytes, 3);
    }
    const struct sim_reply *reply = &iccd->reply;
    iccd->waiting = false;
    if (reply->failed) {
        bytes[0] = RESPONSE_STATUS;
        bytes[1] = (uint8_t)(WIRE_FAILED | sim_slot_status(slot));
        bytes[2] = reply->error;
        return give(urb, bytes, 3);
    }
    bytes[0] = reply->extra;
    size_t size = reply->size < sizeof(bytes) - 1 ? reply->size : sizeof(bytes) - 1;
    if (size != 0)
        memcpy(bytes + 1, reply->data, size);
    return give(urb, bytes, 1 + size);
}

static bool take_b(struct sim_slot *slot, struct sim_urb *urb, uint8_t request)
{
    struct sim_reply reply = {.type = WIRE_DATA_BLOCK};
    uint8_t message[WIRE_HEADER_SIZE] = {WIRE_XFR_BLOCK};
    struct sim_command command = {
        .slot = slot, .bytes = message, .data = urb->bytes, .size = urb->size};
    uint8_t status[3] = {sim_slot_status(slot), 0, 0};
    message[8] = urb->setup[3]; /* wLevelParameter is the high byte of wValue */
    switch (request) {
    case ICC_POWER_ON:
        slot->iccd.fault.kind = SIM_FAULT_NONE; /* that of the command before is over */
        power_on(slot, &reply);
        keep(slot, &reply);
        return true;
    case ICC_POWER_OFF:
        sim_power_off(slot);
        return true;
    case XFR_BLOCK:
        if (urb->size > slot->iface->class.message_max - WIRE_HEADER_SIZE)
            return false;
        if (!strike(slot, &reply)) {
            if (slot->powered)
                sim_xfr_chained(&command, &reply);
            else
                sim_reply_fail(&reply, WIRE_MUTE);
        }
        keep(slot, &reply);
        return true;
    case DATA_BLOCK:
        return give_block(slot, urb);
    case SLOT_STATUS:
        return give(urb, status, sizeof(status));
    default:
        return false;
    }
}

/* --- Version A, T=0 ----------------------------------------------------------------- */

static void run_tpdu(struct sim_slot *slot)
{
    struct sim_reply reply = {.type = WIRE_DATA_BLOCK};
    if (!strike(slot, &reply))
        sim_xfr_tpdu(slot, slot->in, slot->in_size, 0, &reply);
    slot->in_size = 0;
    slot->out_at = 0;
    slot->out_size = reply.size;
    keep(slot, &reply);
}

/* A header, or the data that its P3 announced. */
static bool take_bytes(struct sim_slot *slot, const struct sim_urb *urb)
{
    bool header = slot->in_size == 0;
    if (!slot->powered || slot->iccd.waiting || (header && urb->size != HEADER_SIZE)
        || urb->size > sizeof(slot->in) - slot->in_size)
        return false;
    memcpy(slot->in + slot->in_size, urb->bytes, urb->size);
    slot->in_size += urb->size;
    bool more =
        sim_takes_data(slot->in) && slot->in_size < HEADER_SIZE + (size_t)slot->in[4];
    if (!more)
        run_tpdu(slot);
    return true;
}

static uint8_t status_of(const struct sim_slot *slot)
{
    const struct sim_iccd *iccd = &slot->iccd;
    if (!iccd->waiting)
        return slot->in_size != 0 ? DATA_STAGE : READY;
    if (slot->iface->device->now < iccd->ready)
        return BUSY;
    if (iccd->reply.failed)
        return MUTE;
    return slot->out_size - slot->out_at > 2 ? DATA_STAGE : SW_STAGE;
}

/* The data of the answer, or its status word. */
static bool give_bytes(struct sim_slot *slot, struct sim_urb *urb)
{
    uint8_t status = status_of(slot);
    if (!slot->iccd.waiting || (status != DATA_STAGE && status != SW_STAGE))
        return false;
    size_t size = slot->out_size - slot->out_at - (status == DATA_STAGE ? 2 : 0);
    give(urb, slot->out + slot->out_at, size);
    slot->out_at += urb->done;
    slot->iccd.waiting = slot->out_at < slot->out_size;
    return true;
}

static bool give_atr(struct sim_slot *slot, struct sim_urb *urb)
{
    struct sim_reply reply = {.type = WIRE_DATA_BLOCK};
    slot->iccd.waiting = false;
    power_on(slot, &reply);
    return !reply.failed && give(urb, reply.data, reply.size);
}

static bool take_a(struct sim_slot *slot, struct sim_urb *urb, uint8_t request)
{
    uint8_t status = status_of(slot);
    switch (request) {
    case ICC_POWER_ON:
    case OLD_ATR:
        return give_atr(slot, urb);
    case ICC_POWER_OFF:
    case OLD_RESET:
        sim_power_off(slot);
        slot->iccd.waiting = false;
        return true;
    case XFR_BLOCK:
    case OLD_HEADER:
    case OLD_WRITE:
        return take_bytes(slot, urb);
    case DATA_BLOCK:
    case OLD_READ:
        return give_bytes(slot, urb);
    case GET_ICC_STATUS:
        if (slot->iccd.waiting && status == MUTE)
            slot->iccd.waiting = false;
        return give(urb, &status, 1);
    default:
        return false;
    }
}

/* Requests for what a command came to. */
static bool fetches(uint8_t request)
{
    return request == DATA_BLOCK || request == GET_ICC_STATUS || request == SLOT_STATUS;
}

bool sim_iccd_request(struct sim_interface *iface, struct sim_urb *urb)
{
    struct sim_device *device = iface->device;
    struct sim_slot *slot = &iface->slots[0];
    uint8_t type = urb->setup[0], request = urb->setup[1];
    bool vendor = iface->data->class_code == 0xFF;
    if ((type & 0x60) != (vendor ? 0x40 : 0x20))
        return false;
    if (slot->iccd.waiting && slot->iccd.fault.kind == SIM_FAULT_MUTE) {
        if (fetches(request)) {
            list_append(&device->stuck, &urb->link);
            return true;
        }
        slot->iccd.waiting = false; /* mute for that command, not for the next */
    }
    bool stalled = slot->iccd.waiting && slot->iccd.fault.kind == SIM_FAULT_IN_STALL;
    if (stalled)
        slot->iccd.waiting = false;
    bool done = !stalled
                && (iface->data->protocol == VERSION_B ? take_b(slot, urb, request)
                                                       : take_a(slot, urb, request));
    if (done && (type & 0x80) == 0)
        urb->done = urb->size;
    sim_urb_finish(device, urb, done ? SIM_OK : SIM_STALL);
    return true;
}
