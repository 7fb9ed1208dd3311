/* SPDX-License-Identifier: BSD-2-Clause */
/* What drivers are asked for, and what they answer. */
#include "tests/sim/sim.h"

#include "manager/ioctl.h"

#include <string.h>

bool sim_choose_control(struct sim *sim, struct op *op)
{
    static const uint32_t codes[] = {
        IOCTL_POWER,           IOCTL_GET_ATTRIBUTE, IOCTL_SET_ATTRIBUTE,
        IOCTL_CONFISCATE,      IOCTL_TRANSMIT,      IOCTL_EJECT,
        IOCTL_SWALLOW,         IOCTL_IS_PRESENT,    IOCTL_IS_ABSENT,
        IOCTL_SET_PROTOCOL,    IOCTL_GET_STATE,     IOCTL_GET_LAST_ERROR,
        IOCTL_ESCAPE_PCSCLITE, 0x00312000,          IOCTL_POWER,
        IOCTL_SET_PROTOCOL};
    struct transfer *transfer = &op->request.transfer;
    op->request.number = codes[sim_random(sim, sizeof(codes) / sizeof(codes[0]))];
    const uint32_t words[] = {sim_random(sim, 4), 8, sim_random(sim, 4)};
    memcpy(op->in, words, sizeof(op->in));
    transfer->in = op->in;
    transfer->in_size = sim_random(sim, 4) == 0 ? sim_random(sim, SIM_IN) : SIM_IN;
    transfer->out = op->out;
    transfer->out_room = sim_random(sim, 4) == 0 ? sim_random(sim, SIM_OUT) : SIM_OUT;
    return ioctl_begin(&op->request);
}

enum sc_error sim_random_error(struct sim *sim, const struct op *op)
{
    static const enum sc_error errors[] = {
        SC_F_COMM_ERROR,     SC_E_TIMEOUT,   SC_E_NO_SMARTCARD, SC_W_UNRESPONSIVE_CARD,
        SC_E_PROTO_MISMATCH, SC_E_CANCELLED, SC_W_REMOVED_CARD};
    if (!slot_has_reader(&op->reader->slot))
        return SC_E_READER_UNAVAILABLE;
    return sim_random(sim, 6) == 0 ? errors[sim_random(sim, 7)] : SC_OK;
}

static bool says_removed(enum sc_error error)
{
    return error == SC_E_NO_SMARTCARD || error == SC_W_REMOVED_CARD;
}

void sim_tell_removal(struct sim *sim, struct op *op, enum sc_error error)
{
    struct slot *slot = &op->reader->slot;
    if (!says_removed(error) || !slot_has_reader(slot)
        || op->request.epoch != slot->epoch)
        return;
    for (uint32_t i = 0; i < SIM_READERS; i++) {
        struct sim_device *device = &sim->devices[i];
        if (device->reader != op->reader)
            continue;
        device->card = sim_random(sim, 3) == 0;
        if (device->card && sim_random(sim, 2) == 0) {
            slot_card_exchanged(slot, sim->now_ms);
            return;
        }
        slot_card_event(slot, false, sim->now_ms);
        if (device->card)
            slot_card_event(slot, true, sim->now_ms);
    }
}

void sim_check_removed(struct sim *sim, const struct op *op)
{
    const struct slot *slot = &op->reader->slot;
    if (op->request.kind == REQUEST_TRANSMIT && op->request.verdict == VERDICT_DONE
        && op->request.error == SC_W_REMOVED_CARD && op->request.card->bound)
        SIM_REQUIRE(sim, slot_check_card(slot, op->request.card) != SC_OK);
}
