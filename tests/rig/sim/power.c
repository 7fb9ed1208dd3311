/* SPDX-License-Identifier: BSD-2-Clause */
/* Power and parameters (CCID 1.1, 6.1.1, 6.1.2, 6.1.7), as the features in the class
 * descriptor promise them. */
#include "tests/rig/sim/internal.h"

#include "proto/atr.h"
#include "proto/pps.h"
#include "proto/timing.h"

#include <string.h>

enum { ATR_GARBAGE_SIZE = 33, T0_SIZE = 5, T1_SIZE = 7 };

static const uint8_t default_t0[] = {0x11, 0x00, 0x00, 0x0A, 0x00};
static const uint8_t default_t1[] = {0x11, 0x10, 0x00, 0x4D, 0x00, 0x20, 0x00};

/* What is on the line from now on. */
static void set_line(struct sim_slot *slot, uint8_t protocol, const uint8_t *parameters)
{
    slot->line.protocol = protocol;
    slot->line.fidi = parameters[0];
    slot->line.guard = parameters[2];
    slot->line.waiting = parameters[3];
    memmove(slot->parameters, parameters, protocol == 1 ? T1_SIZE : T0_SIZE);
}

/* The parameters that an ATR asks for, at the speed `fidi`. */
static void set_line_by_atr(struct sim_slot *slot, uint8_t protocol, uint8_t fidi)
{
    const struct atr *atr = sim_card_atr(slot->card);
    uint8_t bytes[T1_SIZE];
    memcpy(bytes, default_t1, sizeof(bytes));
    bytes[0] = fidi;
    bytes[1] = (uint8_t)((protocol == 1 ? 0x10 : 0) | (atr->inverse ? 2 : 0));
    bytes[2] = atr->n;
    bytes[3] = protocol == 1 ? (uint8_t)(atr->bwi << 4 | atr->cwi) : atr->wi;
    bytes[4] = (uint8_t)atr->clock_stop;
    bytes[5] = atr->ifsc;
    set_line(slot, protocol, bytes);
}

/* Whether the reader can run a line with these Fi and Di. */
static bool can_speed(const struct sim_slot *slot, uint8_t fidi)
{
    const struct sim_class *class = &slot->iface->class;
    uint16_t f = atr_fi(fidi);
    uint8_t d = atr_di(fidi);
    if (f == 0 || d == 0)
        return false;
    uint64_t baud = timing_baud(slot->line.clock_khz, f, d);
    const struct sim_options *options = &slot->iface->device->options;
    bool listed = slot->number == 0 || options->slot_rate_count == 0;
    for (size_t i = 0; i < options->slot_rate_count && !listed; i++)
        listed = baud + 1 >= options->slot_rates[i] && baud <= options->slot_rates[i] + 1;
    if (!listed)
        return false;
    return fidi == PPS_FIDI_DEFAULT || baud <= class->max_rate + class->max_rate / 100;
}

/* A PPS that the reader does itself; true if the card agreed. */
static bool negotiate(struct sim_slot *slot, uint8_t protocol, uint8_t fidi)
{
    struct pps pps = {.protocol = protocol, .has_pps1 = true, .pps1 = fidi};
    uint8_t request[PPS_SIZE_MAX], answer[SIM_CARD_ANSWER_MAX], agreed = 0;
    size_t size = pps_build(&pps, request);
    size = sim_card_pps(slot->card, &slot->line, request, size, answer);
    return pps_accepts(&pps, answer, size, &agreed) && agreed == fidi;
}

/* After power-on: what the reader sets up before the host says anything. */
static void set_up(struct sim_slot *slot)
{
    const struct sim_class *class = &slot->iface->class;
    const struct atr *atr = sim_card_atr(slot->card);
    uint32_t able = atr_protocols(atr) & class->protocols;
    set_line(slot, 0, default_t0);
    if (able == 0
        || (class->features & (WIRE_AUTO_PARAMETERS | WIRE_AUTO_NEGOTIATION)) == 0)
        return;
    uint32_t first = atr_default_protocol(atr);
    uint8_t protocol = (first & able) != 0 ? slot->card->protocol : (uint8_t)(able >> 1);
    uint8_t fidi = slot->card->fidi;
    if ((class->features & WIRE_AUTO_NEGOTIATION) != 0 && !atr->specific) {
        uint8_t wanted = can_speed(slot, atr->ta1) ? atr->ta1 : PPS_FIDI_DEFAULT;
        bool needed = protocol != slot->card->protocol || wanted != fidi;
        slot->line.fidi = fidi;
        if (needed && negotiate(slot, protocol, wanted))
            fidi = wanted;
    }
    set_line_by_atr(slot, protocol, fidi);
}

/* The supply for bPowerSelect: false if the field is wrong. */
static bool can_power(const struct sim_interface *iface, uint8_t select)
{
    const struct sim_class *class = &iface->class;
    if (iface->device->options.select_auto)
        return select == 0;
    if (select == 0)
        return (class->features & WIRE_AUTO_VOLTAGE) != 0;
    return select <= 3 && (class->voltages == 0 || (class->voltages >> (select - 1) & 1));
}

void sim_power_off(struct sim_slot *slot)
{
    if (slot->card != NULL)
        sim_card_off(slot->card);
    slot->powered = false;
    slot->clock_stopped = false;
    slot->taking = false;
    slot->taken = 0;
    slot->size = 0;
    slot->given = 0;
    slot->in_size = 0;
    slot->out_size = 0;
    slot->out_at = 0;
    slot->nulls = 0;
    slot->ifsd_told = false;
    slot->iccd.waiting = false;
}

/* What the card says, or what the fault lets it say. */
static void give_atr(const struct sim_command *command, struct sim_reply *reply)
{
    static const uint8_t garbage[SIM_ATR_MAX] = {0xFF, 0x00, 0xA5, 0x5A,
                                                 0xC3, 0x3C, 0x69};
    static uint8_t long_atr[SIM_ATR_MAX] = {0x3B, 0x00};
    reply->data = sim_card_atr_bytes(command->slot->card, &reply->size);
    if (command->fault.kind == SIM_FAULT_POWER_EMPTY)
        reply->size = 0;
    if (command->fault.kind == SIM_FAULT_POWER_GARBAGE) {
        reply->data = garbage;
        reply->size = ATR_GARBAGE_SIZE;
    }
    if (command->fault.kind == SIM_FAULT_POWER_LONG) {
        reply->data = long_atr;
        reply->size = command->fault.arg < SIM_ATR_MAX ? command->fault.arg : SIM_ATR_MAX;
    }
}

void sim_power_on(const struct sim_command *command, struct sim_reply *reply)
{
    struct sim_slot *slot = command->slot;
    const struct sim_options *options = &slot->iface->device->options;
    uint8_t select = command->bytes[7];
    bool automatic = select == 0;
    if (!can_power(slot->iface, select)) {
        sim_reply_fail(reply, WIRE_BAD_P1);
        return;
    }
    sim_power_off(slot);
    if (options->emv && slot->present) {
        sim_reply_fail(reply, WIRE_EMV_MODE);
        return;
    }
    if (!slot->present
        || (!automatic && options->card.voltage != 0
            && options->card.voltage != select)) {
        sim_reply_fail(reply, WIRE_MUTE);
        return;
    }
    sim_card_reset(slot->card);
    slot->powered = true;
    set_up(slot);
    give_atr(command, reply);
}

void sim_reset_parameters(struct sim_slot *slot)
{
    set_up(slot);
}

/* The field of SetParameters that is wrong: its offset in the message, or 0. */
static uint8_t judge_parameters(const struct sim_command *command)
{
    const struct sim_slot *slot = command->slot;
    const struct sim_class *class = &slot->iface->class;
    uint8_t protocol = command->bytes[7];
    if (protocol > 1 || (class->protocols & 1U << protocol) == 0)
        return WIRE_BAD_P1;
    if (command->size != (protocol == 1 ? T1_SIZE : T0_SIZE))
        return WIRE_BAD_LENGTH;
    if ((atr_protocols(sim_card_atr(slot->card)) & 1U << protocol) == 0)
        return WIRE_BAD_P1;
    if (!can_speed(slot, command->data[0]))
        return WIRE_BAD_DATA;
    /* bmTCCKST: only the bits for the convention, and CRC with T=1. */
    if ((command->data[1] & (protocol == 1 ? 0xFC : 0xFD)) != (protocol == 1 ? 0x10 : 0))
        return WIRE_BAD_DATA + 1;
    if (command->data[4] > 3)
        return WIRE_BAD_DATA + 4;
    if (protocol == 1 && (command->data[5] == 0 || command->data[5] == 0xFF))
        return WIRE_BAD_DATA + 5;
    if (protocol == 1 && command->data[6] != 0 && (class->features & WIRE_NAD) == 0)
        return WIRE_BAD_DATA + 6;
    return 0;
}

/* Whether a fault stands against what is well-formed. */
static bool is_refused(const struct sim_command *command)
{
    return command->fault.kind == SIM_FAULT_PARAMETERS_REFUSED
           || (command->fault.kind == SIM_FAULT_RATE_REFUSED && command->size != 0
               && command->data[0] != PPS_FIDI_DEFAULT);
}

void sim_set_parameters(const struct sim_command *command, struct sim_reply *reply)
{
    struct sim_slot *slot = command->slot;
    struct sim_card *card = slot->card;
    uint32_t features = slot->iface->class.features;
    uint8_t protocol = command->bytes[7];
    if (!slot->powered) {
        sim_reply_fail(reply, WIRE_MUTE);
        return;
    }
    uint8_t wrong = judge_parameters(command);
    if (is_refused(command)) {
        sim_reply_fail(reply, (uint8_t)command->fault.arg);
        return;
    }
    if (wrong != 0) {
        sim_reply_fail(reply, wrong);
        return;
    }
    if ((features & WIRE_AUTO_NEGOTIATION) != 0) {
        /* Settled at power-on: it can be asked for, not changed. */
        if (protocol != slot->line.protocol)
            sim_reply_fail(reply, WIRE_BAD_P1);
        return;
    }
    uint8_t fidi = command->data[0];
    bool other = protocol != card->protocol || fidi != card->fidi;
    if ((features & WIRE_AUTO_PPS) != 0 && other) {
        slot->line.fidi = card->fidi;
        if (!negotiate(slot, protocol, fidi)) {
            sim_reply_fail(reply, WIRE_MUTE);
            return;
        }
    }
    set_line(slot, protocol, command->data);
}
