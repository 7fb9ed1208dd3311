/* SPDX-License-Identifier: BSD-2-Clause */
/* CCID commands (CCID 1.1, 6.1), those that need no card. */
#include "tests/rig/sim/internal.h"

#include <string.h>

enum {
    RATE_SIZE = 8,
    VENDOR_CHERRY = 0x046A,
    VENDOR_COVADIS = 0x0982,
    VENDOR_GEMALTO = 0x08E6,
    VENDOR_SCM = 0x04E6,
    VENDOR_ECHO = 0x45,
    GEMALTO_FEATURES = 0x6A
};

void sim_reply_fail(struct sim_reply *reply, uint8_t error)
{
    reply->failed = true;
    reply->error = error;
    reply->size = 0;
    reply->extra = 0;
}

/* Vendor commands that some readers know, by their first bytes; the answer is empty, but
 * for the question for the firmware. */
static const struct {
    uint16_t vendor;
    uint8_t size, bytes[3];
} known[] = {
    {VENDOR_GEMALTO, 1, {0x02}},         /* firmware */
    {VENDOR_GEMALTO, 2, {0x1F, 0x01}},   /* ISO mode */
    {VENDOR_GEMALTO, 1, {0xB2}},         /* texts for the display */
    {VENDOR_GEMALTO, 2, {0xB5, 0x00}},   /* tries left are not shown */
    {VENDOR_CHERRY, 2, {0x1F, 0x01}},    /* ISO mode */
    {VENDOR_COVADIS, 1, {0xB2}},         /* texts for the display */
    {VENDOR_SCM, 3, {0x80, 0x02, 0x00}}, /* the next PIN command has no data */
};

static bool is_known(const struct sim_command *command, uint16_t vendor)
{
    for (size_t i = 0; i < ARRAY_SIZE(known); i++)
        if (known[i].vendor == vendor && command->size >= known[i].size
            && memcmp(command->data, known[i].bytes, known[i].size) == 0)
            return true;
    return false;
}

/* Escape: the echo of our own, and the vendors'. */
static void escape(const struct sim_command *command, struct sim_reply *reply)
{
    static const uint8_t firmware[] = "GemTwRC2-V2.10-GB03";
    struct sim_device *device = command->slot->iface->device;
    if (command->size >= 1 && command->data[0] == VENDOR_ECHO) {
        reply->data = command->data + 1;
        reply->size = command->size - 1;
        return;
    }
    const struct sim_options *options = &device->options;
    if (command->size >= 1 && command->data[0] == GEMALTO_FEATURES
        && options->features_size != 0) {
        reply->data = options->features;
        reply->size = options->features_size;
        return;
    }
    if (!is_known(command, device->reader.vendor)) {
        sim_reply_fail(reply, WIRE_UNSUPPORTED);
        return;
    }
    if (command->data[0] == 0x1F)
        device->options.emv = false;
    if (command->data[0] == 0x02) {
        reply->data = firmware;
        reply->size = sizeof(firmware) - 1;
    }
}

static void clock(const struct sim_command *command, struct sim_reply *reply)
{
    struct sim_slot *slot = command->slot;
    if ((slot->iface->class.features & WIRE_CLOCK_STOP) == 0)
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
    uint32_t able = command->slot->iface->class.mechanical;
    if (able == 0)
        sim_reply_fail(reply, WIRE_UNSUPPORTED);
    else if (function == 0 || function >= sizeof(needs) || (able & needs[function]) == 0)
        sim_reply_fail(reply, WIRE_BAD_P1);
}

static void set_rate(const struct sim_command *command, struct sim_reply *reply)
{
    const struct sim_class *class = &command->slot->iface->class;
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
    if ((command->slot->iface->class.features & apdu) == 0)
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
