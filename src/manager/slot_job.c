/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver jobs of a request, and what the results of those for power and protocols
 * make of the card. */
#include "manager/limits.h"
#include "manager/slot_internal.h"
#include "proto/atr.h"

#include <assert.h>
#include <string.h>

enum verdict step_done(struct request *request, enum sc_error error)
{
    request->error = error;
    return VERDICT_DONE;
}

enum verdict step_run(struct request *request, enum step step, enum job_kind kind,
                      uint32_t number, uint64_t deadline_ms)
{
    assert(step != STEP_NONE);
    request->step = step;
    request->job.kind = kind;
    request->job.number = number;
    request->job.deadline_ms = deadline_ms;
    return VERDICT_RUN;
}

enum verdict step_run_power(struct request *request, enum step step,
                            enum power_action action, uint64_t now_ms)
{
    request->job.action = action;
    return step_run(request, step, JOB_POWER, 0, now_ms + JOB_POWER_MS);
}

static void take_atr(struct slot *slot, const struct job *job)
{
    struct atr atr;
    slot->atr_size = job->atr_size <= DRIVER_ATR_MAX ? job->atr_size : DRIVER_ATR_MAX;
    memcpy(slot->atr, job->atr, slot->atr_size);
    atr_parse(&atr, slot->atr, slot->atr_size);
    slot->offered = atr_protocols(&atr) & slot->able;
    slot->first = atr_default_protocol(&atr);
    slot->state = CARD_NEGOTIABLE;
}

enum sc_error step_settle_power(struct slot *slot, struct request *request)
{
    const struct job *job = &request->job;
    assert(job->kind == JOB_POWER);
    if (!slot_is_usable(slot))
        return SC_E_READER_UNAVAILABLE;
    if (request->epoch != slot->epoch)
        return slot->state == CARD_ABSENT ? SC_E_NO_SMARTCARD : SC_W_REMOVED_CARD;
    bool was_powered = slot_is_powered(slot);
    slot->version++;
    slot->amends = AMENDS_NONE;
    slot->protocol = PROTOCOL_UNDEFINED;
    if (was_powered)
        slot->resets++;
    if (job->error != SC_OK) {
        slot->state = job->error == SC_E_CANCELLED ? CARD_UNKNOWN : CARD_MUTE;
        slot->atr_size = 0;
        return job->error;
    }
    if (job->action == POWER_OFF)
        slot->state = CARD_OFF;
    else
        take_atr(slot, job);
    return SC_OK;
}

enum sc_error step_settle_protocol(struct slot *slot, struct request *request)
{
    const struct job *job = &request->job;
    assert(job->kind == JOB_PROTOCOL);
    if (!slot_is_usable(slot))
        return SC_E_READER_UNAVAILABLE;
    if (request->epoch != slot->epoch)
        return SC_W_REMOVED_CARD;
    if (job->error != SC_OK)
        return job->error;
    slot->protocol = job->number;
    slot->state = CARD_SPECIFIC;
    slot->version++;
    return SC_OK;
}

uint32_t step_choose_protocol(const struct slot *slot, const struct request *request)
{
    uint32_t wanted = request->protocols;
    uint32_t common = wanted & slot->offered;
    if (slot->protocol != PROTOCOL_UNDEFINED)
        common &= slot->protocol;
    if ((common & slot->first) != 0 && request->preference == PREFER_FIRST)
        return slot->first;
    if ((common & PROTOCOL_T1) != 0)
        return PROTOCOL_T1;
    if ((common & PROTOCOL_T0) != 0)
        return PROTOCOL_T0;
    return (wanted & PROTOCOL_RAW) != 0 ? PROTOCOL_RAW : PROTOCOL_UNDEFINED;
}
