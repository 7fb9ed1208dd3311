/* SPDX-License-Identifier: BSD-2-Clause */
/* Jobs of the driver port, as tests ask for them. */
#include "ccid_rig.h"

#include "base/alloc.h"
#include "os/time.h"
#include "tests/rig/sim/fault.h"

#include <stdio.h>
#include <string.h>

struct driver_job ccid_rig_begin(struct ccid_rig *rig, uint32_t slot, uint32_t ms)
{
    os_mutex_lock(&rig->lock);
    rig->in_job[slot] = true;
    os_mutex_unlock(&rig->lock);
    return (struct driver_job){.deadline_ms = os_now_ms() + ms,
                               .stop = &rig->stops[slot]};
}

void ccid_rig_end(struct ccid_rig *rig, uint32_t slot)
{
    os_mutex_lock(&rig->lock);
    rig->in_job[slot] = false;
    os_stop_lower(&rig->stops[slot]);
    os_mutex_unlock(&rig->lock);
}

void ccid_rig_stop(struct ccid_rig *rig, uint32_t slot)
{
    os_mutex_lock(&rig->lock);
    if (rig->in_job[slot])
        os_stop_raise(&rig->stops[slot]);
    os_mutex_unlock(&rig->lock);
}

/* --- Rule 7 of driver.h ------------------------------------------------------------- */

static uint32_t count_told(struct ccid_rig *rig, uint32_t slot)
{
    os_mutex_lock(&rig->lock);
    uint32_t count = rig->told[slot].count;
    os_mutex_unlock(&rig->lock);
    return count;
}

/* What the answer of a job says of the card has been told. `before`: as many events were
 * told when it began. */
static enum sc_error check_told(struct ccid_rig *rig, uint32_t slot, uint32_t before,
                                enum sc_error error)
{
    struct ccid_slot *s = &rig->ccid.slots[slot];
    os_mutex_lock(&s->kit.lock);
    bool shown = s->kit.told % 2 != 0;
    os_mutex_unlock(&s->kit.lock);
    os_mutex_lock(&rig->lock);
    const struct rig_told *told = &rig->told[slot];
    bool empty = error == SC_E_NO_SMARTCARD && shown && told->count == before;
    bool removed =
        error == SC_W_REMOVED_CARD && told->powered && told->count == told->powered_at;
    os_mutex_unlock(&rig->lock);
    if (!empty && !removed)
        return error;
    fprintf(stderr, "slot %u: the host was not told before %s\n", (unsigned)slot,
            sc_error_name(error));
    return SC_F_INTERNAL_ERROR;
}

static void note_power(struct ccid_rig *rig, uint32_t slot, uint32_t before, bool on)
{
    os_mutex_lock(&rig->lock);
    rig->told[slot].powered = on;
    rig->told[slot].powered_at = before;
    os_mutex_unlock(&rig->lock);
}

/* --- Jobs --------------------------------------------------------------------------- */

enum sc_error ccid_rig_power(struct ccid_rig *rig, uint32_t slot,
                             enum power_action action)
{
    uint8_t atr[DRIVER_ATR_MAX];
    size_t size = 0;
    uint32_t before = count_told(rig, slot);
    struct driver_job job = ccid_rig_begin(rig, slot, RIG_JOB_MS);
    enum sc_error error =
        ccid_slot_power(&rig->ccid.slots[slot], action, &job, atr, &size);
    ccid_rig_end(rig, slot);
    bool wanted = error == SC_OK && action != POWER_OFF;
    if (wanted != (size >= 2 && size <= DRIVER_ATR_MAX) || (!wanted && size != 0))
        return SC_F_INTERNAL_ERROR; /* against the driver port */
    note_power(rig, slot, before, wanted);
    return check_told(rig, slot, before, error);
}

enum sc_error ccid_rig_connect(struct ccid_rig *rig, uint32_t slot, uint32_t protocol)
{
    enum sc_error error = ccid_rig_power(rig, slot, POWER_COLD_RESET);
    if (error != SC_OK)
        return error;
    uint32_t before = count_told(rig, slot);
    struct driver_job job = ccid_rig_begin(rig, slot, RIG_JOB_MS);
    error = ccid_slot_set_protocol(&rig->ccid.slots[slot], protocol, &job);
    ccid_rig_end(rig, slot);
    return check_told(rig, slot, before, error);
}

static void finish(struct rig_result *result, const struct transfer *t, uint64_t start)
{
    result->ms = os_now_ms() - start;
    result->size = t->out_size;
    if (result->error != SC_OK && t->out_size != 0)
        result->error = SC_F_INTERNAL_ERROR;
    if (result->size > sizeof(result->bytes))
        result->error = SC_F_INTERNAL_ERROR;
    result->sw = 0;
    if (result->error == SC_OK && result->size >= 2)
        result->sw = (uint16_t)(result->bytes[result->size - 2] << 8
                                | result->bytes[result->size - 1]);
}

void ccid_rig_send_in(struct ccid_rig *rig, uint32_t slot, const uint8_t *bytes,
                      size_t size, uint32_t ms, struct rig_result *result)
{
    struct ccid_slot *s = &rig->ccid.slots[slot];
    uint64_t start = os_now_ms();
    struct transfer t = {.in = bytes,
                         .in_size = size,
                         .out = result->bytes,
                         .out_room = sizeof(result->bytes),
                         .job = ccid_rig_begin(rig, slot, ms)};
    uint32_t before = count_told(rig, slot);
    result->error = ccid_slot_transmit(s, s->card.protocol, &t);
    ccid_rig_end(rig, slot);
    result->error = check_told(rig, slot, before, result->error);
    finish(result, &t, start);
}

void ccid_rig_send(struct ccid_rig *rig, uint32_t slot, const uint8_t *bytes, size_t size,
                   struct rig_result *result)
{
    ccid_rig_send_in(rig, slot, bytes, size, RIG_JOB_MS, result);
}

void ccid_rig_control(struct ccid_rig *rig, uint32_t slot, uint32_t code,
                      const uint8_t *bytes, size_t size, struct rig_result *result)
{
    uint64_t start = os_now_ms();
    struct transfer t = {.in = bytes,
                         .in_size = size,
                         .out = result->bytes,
                         .out_room = sizeof(result->bytes),
                         .job = ccid_rig_begin(rig, slot, RIG_JOB_MS)};
    uint32_t before = count_told(rig, slot);
    result->error = ccid_slot_control(&rig->ccid.slots[slot], code, &t);
    ccid_rig_end(rig, slot);
    result->error = check_told(rig, slot, before, result->error);
    finish(result, &t, start);
}

bool ccid_rig_attribute(struct ccid_rig *rig, uint32_t slot, uint32_t id, uint32_t *value)
{
    struct transfer t = {.out = (uint8_t *)(void *)value,
                         .out_room = sizeof(*value),
                         .job = ccid_rig_begin(rig, slot, RIG_JOB_MS)};
    enum sc_error error = ccid_slot_get_attribute(&rig->ccid.slots[slot], id, &t);
    ccid_rig_end(rig, slot);
    return error == SC_OK && t.out_size == sizeof(*value);
}

bool ccid_rig_counts(struct ccid_rig *rig, uint32_t slot, size_t size,
                     struct rig_result *result)
{
    uint8_t command[7] = {0x80, 0xE0, (uint8_t)(size >> 8), (uint8_t)size};
    command[5] = (uint8_t)(size >> 8);
    command[6] = (uint8_t)size;
    if (size <= 256)
        command[4] = (uint8_t)size;
    ccid_rig_send(rig, slot, command, size == 0 ? 4 : size <= 256 ? 5 : 7, result);
    if (result->error != SC_OK || result->sw != 0x9000 || result->size != size + 2)
        return false;
    for (size_t i = 0; i < size; i++)
        if (result->bytes[i] != (uint8_t)i)
            return false;
    return true;
}

bool ccid_rig_echoes(struct ccid_rig *rig, uint32_t slot, size_t size,
                     struct rig_result *result)
{
    uint8_t *command = mem_alloc(size + 9);
    bool extended = size > 255;
    size_t at = 4;
    if (command == NULL)
        return false;
    memcpy(command, (const uint8_t[]){0x80, 0xE1, 0, 0}, 4);
    if (extended) {
        command[at++] = 0;
        command[at++] = (uint8_t)(size >> 8);
    }
    if (size > 0)
        command[at++] = (uint8_t)size;
    uint8_t *data = command + at;
    for (size_t i = 0; i < size; i++)
        command[at++] = (uint8_t)(7 * i + slot);
    command[at++] = 0;
    if (extended)
        command[at++] = 0;
    ccid_rig_send(rig, slot, command, size == 0 ? 4 : at, result);
    bool same = result->error == SC_OK && result->sw == 0x9000 && result->size == size + 2
                && memcmp(result->bytes, data, size) == 0;
    mem_free(command);
    return same;
}

bool ccid_rig_fault(struct ccid_rig *rig, uint32_t slot, uint8_t fault, uint8_t arg,
                    uint8_t count)
{
    const uint8_t command[] = {SIM_FAULT_CLA, SIM_FAULT_INS, fault, arg, 1, count};
    struct rig_result *result = mem_alloc(sizeof(*result));
    if (result == NULL)
        return false;
    ccid_rig_send(rig, slot, command, count == 1 ? 4 : sizeof(command), result);
    bool armed = result->error == SC_OK && result->sw == 0x9000;
    mem_free(result);
    return armed;
}
