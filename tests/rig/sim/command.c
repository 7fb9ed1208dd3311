/* SPDX-License-Identifier: BSD-2-Clause */
/* CCID commands (CCID 1.1, 6.1), those that need no card. */
#include "tests/rig/sim/internal.h"

#include <string.h>

enum { RATE_SIZE = 8, VENDOR_GEMALTO = 0x08E6, VENDOR_ECHO = 0x45 };

void sim_reply_fail(struct sim_reply *reply, uint8_t error)
{
    reply->failed = true;
    reply->error = error;
    reply->size = 0;
    reply->extra = 0;
}

/* Escape: the echo of our own, and Gemalto's question for the firmware. */
static void escape(const struct sim_command *command, struct sim_reply *reply)
{
    static const uint8_t firmware[] = "GemTwRC2-V2.10-GB03";
    uint16_t vendor = command->slot->interface->device->reader.vendor;
    if (command->size >= 1 && command->data[0] == VENDOR_ECHO) {
        reply->data = command->data + 1;
        reply->size = command->size - 1;
    } else if (vendor == VENDOR_GEMALTO && command->size == 1
               && command->data[0] == 0x02) {
        reply->data = firmware;
        reply->size = sizeof(firmware) - 1;
    } else {
        sim_reply_fail(reply, WIRE_UNSUPPORTED);
    }
}

static void clock(const struct sim_command *command, struct sim_reply *reply)
{
    struct sim_slot *slot = command->slot;
    if ((slot->interface->class.features & WIRE_CLOCK_STOP) == 0)
        sim_reply_fail(reply, WIRE_UNSUPPORTED);
    else if (command->bytes[7] > 1)
        sim_reply_fail(reply, WIRE_BAD_P1);
    else if (!slot->powered)
        sim_reply_fail(reply, WIRE_MUTE);
    else
        slot->clock_stopped = command->bytes[7] == 1;
}

static void mechanical(const struct sim_command *command, struct sim_reply *reply)
{
    /* bFunction 1 to 5: accept, eject, capture, lock, unlock. */
    static const uint8_t needs[] = {0, 1, 2, 4, 8, 8};
    uint8_t function = command->bytes[7];
    uint32_t able = command->slot->interface->class.mechanical;
    if (able == 0)
        sim_reply_fail(reply, WIRE_UNSUPPORTED);
    else if (function == 0 || function >= sizeof(needs) || (able & needs[function]) == 0)
        sim_reply_fail(reply, WIRE_BAD_P1);
}

static void set_rate(const struct sim_command *command, struct sim_reply *reply)
{
    const struct sim_class *class = &command->slot->interface->class;
    if (command->size != RATE_SIZE) {
        sim_reply_fail(reply, WIRE_BAD_LENGTH);
        return;
    }
    uint32_t khz = wire_u32(command->data), rate = wire_u32(command->data + 4);
    if (khz < class->clock_khz || khz > class->max_clock_khz) {
        sim_reply_fail(reply, WIRE_BAD_DATA);
        return;
    }
    if (rate < class->rate || rate > class->max_rate) {
        sim_reply_fail(reply, WIRE_BAD_DATA + 4);
        return;
    }
    command->slot->line.clock_khz = khz;
    reply->data = command->data;
    reply->size = RATE_SIZE;
}

static void give_parameters(const struct sim_command *command, struct sim_reply *reply)
{
    struct sim_slot *slot = command->slot;
    reply->extra = slot->line.protocol;
    reply->data = slot->parameters;
    reply->size = slot->line.protocol == 1 ? 7 : 5;
}

/* GetParameters and ResetParameters. */
static void parameters(const struct sim_command *command, struct sim_reply *reply)
{
    if (!command->slot->powered) {
        sim_reply_fail(reply, WIRE_MUTE);
        return;
    }
    if (command->bytes[0] == WIRE_RESET_PARAMETERS)
        sim_reset_parameters(command->slot);
    give_parameters(command, reply);
}

/* T0APDU changes classes that only this simulator's short way of T=0 does not need. */
static void t0_apdu(const struct sim_command *command, struct sim_reply *reply)
{
    const uint32_t apdu = WIRE_LEVEL_SHORT | WIRE_LEVEL_EXTENDED;
    if ((command->slot->interface->class.features & apdu) == 0)
        sim_reply_fail(reply, WIRE_UNSUPPORTED);
    else if (command->bytes[7] > 3)
        sim_reply_fail(reply, WIRE_BAD_P1);
}

/* Commands without data say so. */
static bool takes_data(uint8_t type)
{
    return type == WIRE_SET_PARAMETERS || type == WIRE_SECURE || type == WIRE_ESCAPE
           || type == WIRE_XFR_BLOCK || type == WIRE_SET_RATE;
}

static void run_small(const struct sim_command *command, struct sim_reply *reply)
{
    switch (command->bytes[0]) {
    case WIRE_POWER_OFF:
        sim_power_off(command->slot);
        break;
    case WIRE_GET_SLOT_STATUS:
        break;
    case WIRE_ESCAPE:
        escape(command, reply);
        break;
    case WIRE_GET_PARAMETERS:
    case WIRE_RESET_PARAMETERS:
        parameters(command, reply);
        break;
    case WIRE_CLOCK:
        clock(command, reply);
        break;
    case WIRE_MECHANICAL:
        mechanical(command, reply);
        break;
    case WIRE_SET_RATE:
        set_rate(command, reply);
        break;
    case WIRE_T0_APDU:
        t0_apdu(command, reply);
        break;
    default:
        sim_reply_fail(reply, WIRE_UNSUPPORTED);
    }
}

void sim_command_run(const struct sim_command *command, struct sim_reply *reply)
{
    uint8_t type = command->bytes[0];
    struct sim_slot *slot = command->slot;
    if (command->size != 0 && !takes_data(type)) {
        sim_reply_fail(reply, WIRE_BAD_LENGTH);
    } else if (type == WIRE_POWER_ON) {
        sim_power_on(command, reply);
    } else if (type == WIRE_SET_PARAMETERS) {
        sim_set_parameters(command, reply);
        if (!reply->failed)
            give_parameters(command, reply);
    } else if (type == WIRE_XFR_BLOCK) {
        sim_xfr(command, reply);
    } else if (type == WIRE_SECURE) {
        sim_secure(command, reply);
    } else {
        run_small(command, reply);
    }
    /* bClockStatus of a SlotStatus. */
    if (reply->type == WIRE_SLOT_STATUS)
        reply->extra = slot->clock_stopped ? 1 : 0;
}
