/* SPDX-License-Identifier: BSD-2-Clause */
/* One reader of the software driver: what it is, and its jobs. */
#include "drivers/soft/reader.h"

#include "os/time.h"

#include <stdio.h>
#include <string.h>

void soft_reader_init(struct soft_reader *reader, struct soft *soft)
{
    static const struct soft_timer never = {.out_ms = OS_FOREVER, .back_ms = OS_FOREVER};
    reader->soft = soft;
    reader->reader_timer = never;
    reader->card_timer = never;
    kit_reader_init(&reader->kit, &soft->kit);
    (void)kit_reader_set_card(&reader->kit, soft->has_cards);
}

/* Of this reader among all whose instances have the same name. */
static uint32_t number_in_family(const struct soft_reader *reader)
{
    return reader->soft->twin * SOFT_COUNT_MAX + reader->kit.number;
}

static void power_session_off(struct soft_reader *reader)
{
    reader->kit.powered = false;
    if (reader->session != NULL)
        soft_session_power_off(reader->session);
}

/* The host has closed it, if it ever knew it: no job runs. */
static void forget_old_jobs(struct soft_reader *reader)
{
    reader->hang_ms = 0;
    reader->failures = 0;
    power_session_off(reader);
}

void soft_reader_describe(const struct kit_reader *kit, struct reader_info *info)
{
    const struct soft_reader *reader = (const struct soft_reader *)(const void *)kit;
    const struct soft *soft = reader->soft;
    memcpy(info->name, soft->name, sizeof(info->name));
    snprintf(info->vendor, sizeof(info->vendor), "WinSCard");
    snprintf(info->product, sizeof(info->product), "Software Card");
    snprintf(info->device_id, sizeof(info->device_id), "SOFT\\%08X\\%u",
             (unsigned)soft->name_hash, (unsigned)number_in_family(reader));
    info->version = 0x01000000;
    info->channel_id = info->type << 16 | reader->kit.number;
}

enum sc_error soft_reader_arrive(struct soft_reader *reader)
{
    struct reader_info info = {.type = READER_TYPE_VENDOR};
    soft_reader_describe(&reader->kit, &info);
    kit_reader_lock(&reader->kit);
    if (reader->kit.state == KIT_AWAY)
        forget_old_jobs(reader);
    kit_reader_unlock(&reader->kit);
    return kit_reader_arrive(&reader->kit, &info);
}

/* --- Jobs --------------------------------------------------------------------------- */

struct job {
    struct soft_line line; /* first: session.c hands it back */
    struct kit_job kit;
};

static enum sc_error wait_line(struct soft_line *line, uint64_t ms)
{
    struct job *job = (struct job *)(void *)line;
    return kit_job_wait(&job->kit, ms);
}

static void begin_soft_job(struct job *job, struct soft_reader *reader,
                           const struct driver_job *asked)
{
    job->line.wait = wait_line;
    kit_job_begin(&job->kit, reader, asked, OS_FOREVER);
}

static bool take_mute(struct soft_reader *reader)
{
    kit_reader_lock(&reader->kit);
    bool mute = reader->mute;
    reader->mute = false;
    kit_reader_unlock(&reader->kit);
    return mute;
}

static enum sc_error power_session_on(struct soft_reader *reader, struct job *job,
                                      uint8_t atr[DRIVER_ATR_MAX], size_t *atr_size)
{
    struct soft *soft = reader->soft;
    enum sc_error error = kit_job_find_card(&job->kit);
    if (error != SC_OK)
        return error;
    if (reader->session == NULL)
        reader->session =
            soft_session_new(&soft->options, soft->name_hash + number_in_family(reader));
    if (reader->session == NULL)
        return SC_E_NO_MEMORY;
    if (take_mute(reader)) {
        power_session_off(reader);
        return SC_W_UNRESPONSIVE_CARD;
    }
    kit_job_note_power(&job->kit, true);
    soft_session_reset(reader->session);
    memcpy(atr, reader->session->atr_bytes, reader->session->atr_size);
    *atr_size = reader->session->atr_size;
    return SC_OK;
}

enum sc_error soft_reader_power(void *self, enum power_action action,
                                const struct driver_job *asked,
                                uint8_t atr[DRIVER_ATR_MAX], size_t *atr_size)
{
    struct soft_reader *reader = self;
    struct job job;
    begin_soft_job(&job, reader, asked);
    enum sc_error error = SC_OK;
    if (action == POWER_OFF)
        power_session_off(reader);
    else
        error = power_session_on(reader, &job, atr, atr_size);
    return kit_job_end(&job.kit, error);
}

enum sc_error soft_reader_set_protocol(void *self, uint32_t protocol,
                                       const struct driver_job *asked)
{
    struct soft_reader *reader = self;
    struct job job;
    begin_soft_job(&job, reader, asked);
    enum sc_error error = kit_job_find_powered(&job.kit);
    if (error == SC_OK) {
        reader->session->no_ifs = reader->no_ifs;
        error = soft_session_set_protocol(reader->session, protocol, &job.line);
    }
    return kit_job_end(&job.kit, error);
}

/* Does what a test asked for: waits, or fails. */
static enum sc_error misbehave(struct soft_reader *reader, struct job *job)
{
    kit_reader_lock(&reader->kit);
    uint32_t hang_ms = reader->hang_ms;
    bool fails = reader->failures != 0;
    reader->hang_ms = 0;
    reader->failures -= fails ? 1 : 0;
    kit_reader_unlock(&reader->kit);
    enum sc_error error = kit_job_wait(&job->kit, hang_ms);
    return error == SC_OK && fails ? SC_F_COMM_ERROR : error;
}

enum sc_error soft_reader_transmit(void *self, uint32_t protocol, struct transfer *t)
{
    struct soft_reader *reader = self;
    struct job job;
    begin_soft_job(&job, reader, &t->job);
    enum sc_error error = kit_job_find_powered(&job.kit);
    if (error == SC_OK)
        error = misbehave(reader, &job);
    if (error == SC_OK)
        error = soft_session_transmit(reader->session, protocol, t, &job.line);
    return kit_job_end(&job.kit, error);
}
