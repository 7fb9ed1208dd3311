/* SPDX-License-Identifier: BSD-2-Clause */
/* One reader of the software driver: its jobs, its card going in and out. */
#include "drivers/soft/reader.h"

#include "base/alloc.h"
#include "os/lock.h"
#include "os/stop.h"
#include "os/time.h"

#include <stdio.h>
#include <string.h>

void soft_reader_init(struct soft_reader *reader, struct soft *soft, uint32_t index,
                      bool present)
{
    static const struct soft_timer never = {.out_ms = OS_FOREVER, .back_ms = OS_FOREVER};
    reader->soft = soft;
    reader->index = index;
    reader->present = present;
    reader->reader_timer = never;
    reader->card_timer = never;
    os_mutex_init(&reader->lock);
    os_cond_init(&reader->changed);
}

void soft_reader_clear(struct soft_reader *reader)
{
    soft_session_free(reader->session);
    os_cond_destroy(&reader->changed);
    os_mutex_destroy(&reader->lock);
}

/* --- Events ------------------------------------------------------------------------- */

/* Tells the host of each change, once and in order: whoever comes while another tells
 * leaves it to that one. The reader is locked, and is again at return. */
static void post_events(struct soft_reader *reader)
{
    struct driver_host *host = reader->soft->host;
    if (reader->posting)
        return;
    reader->posting = true;
    while (reader->arrived && reader->events != 0) {
        reader->events--;
        reader->shown = !reader->shown;
        enum card_event event = reader->shown ? CARD_INSERTED : CARD_REMOVED;
        uint32_t id = reader->id;
        os_mutex_unlock(&reader->lock);
        host->card_event(host, id, event);
        os_mutex_lock(&reader->lock);
    }
    reader->posting = false;
}

void soft_reader_set_card(struct soft_reader *reader, bool present)
{
    os_mutex_lock(&reader->lock);
    if (reader->present != present) {
        reader->present = present;
        reader->insertions++;
        reader->events++;
        os_cond_broadcast(&reader->changed);
        post_events(reader);
    }
    os_mutex_unlock(&reader->lock);
}

/* Of this reader among all whose instances have the same name. */
static uint32_t number_in_family(const struct soft_reader *reader)
{
    return reader->soft->twin * SOFT_COUNT_MAX + reader->index;
}

static void describe(const struct soft_reader *reader, struct reader_info *info)
{
    const struct soft *soft = reader->soft;
    memset(info, 0, sizeof(*info));
    memcpy(info->name, soft->name, sizeof(info->name));
    snprintf(info->vendor, sizeof(info->vendor), "WinSCard");
    snprintf(info->product, sizeof(info->product), "Software Card");
    snprintf(info->device_id, sizeof(info->device_id), "SOFT\\%08X\\%u",
             (unsigned)soft->name_hash, (unsigned)number_in_family(reader));
    info->version = 0x01000000;
    info->type = READER_TYPE_VENDOR;
    info->channel_id = (uint32_t)READER_TYPE_VENDOR << 16 | reader->index;
    info->slot = 0;
    info->card_present = reader->present;
}

static void add_user(struct soft *soft)
{
    os_mutex_lock(&soft->lock);
    soft->users++;
    os_mutex_unlock(&soft->lock);
}

static void drop_user(struct soft *soft)
{
    os_mutex_lock(&soft->lock);
    soft->users--; /* never the last: the caller is one itself */
    os_mutex_unlock(&soft->lock);
}

enum sc_error soft_reader_arrive(struct soft_reader *reader)
{
    struct driver_host *host = reader->soft->host;
    struct reader_info info;
    uint32_t id = 0;
    os_mutex_lock(&reader->lock);
    if (reader->open) {
        os_mutex_unlock(&reader->lock);
        return SC_E_SHARING_VIOLATION;
    }
    reader->open = true;
    reader->gone = false;
    reader->posting = true; /* until the id is known */
    reader->events = 0;
    reader->shown = reader->present;
    reader->hang_ms = 0;
    reader->failures = 0;
    describe(reader, &info);
    os_mutex_unlock(&reader->lock);
    if (reader->session != NULL)
        soft_session_power_off(reader->session);
    add_user(reader->soft);
    enum sc_error error = host->reader_arrived(host, &info, reader, &id);
    os_mutex_lock(&reader->lock);
    reader->posting = false;
    reader->id = id;
    reader->arrived = error == SC_OK;
    if (error != SC_OK)
        reader->open = false;
    post_events(reader);
    os_mutex_unlock(&reader->lock);
    if (error != SC_OK)
        drop_user(reader->soft);
    return error;
}

void soft_reader_leave(struct soft_reader *reader)
{
    struct driver_host *host = reader->soft->host;
    os_mutex_lock(&reader->lock);
    bool arrived = reader->arrived;
    uint32_t id = reader->id;
    reader->arrived = false;
    reader->gone = true;
    os_cond_broadcast(&reader->changed);
    os_mutex_unlock(&reader->lock);
    if (arrived)
        host->reader_gone(host, id);
}

/* --- Jobs --------------------------------------------------------------------------- */

struct job {
    struct soft_line line; /* first: session.c hands it back */
    struct soft_reader *reader;
    const struct driver_job *asked;
    uint32_t insertion; /* the card that the job is about */
};

/* Why the job has to end now, or SC_OK. The reader is locked. */
static enum sc_error judge(const struct job *job, uint64_t now_ms)
{
    const struct soft_reader *reader = job->reader;
    if (os_stop_raised(job->asked->stop))
        return SC_E_CANCELLED;
    if (reader->gone)
        return SC_E_READER_UNAVAILABLE;
    if (!reader->present || reader->insertions != job->insertion)
        return SC_W_REMOVED_CARD;
    return now_ms >= job->asked->deadline_ms ? SC_E_TIMEOUT : SC_OK;
}

/* The reader is locked. */
static enum sc_error sleep_until(struct job *job, uint64_t until_ms)
{
    struct soft_reader *reader = job->reader;
    uint64_t limit_ms = job->asked->deadline_ms;
    uint64_t now_ms = os_now_ms();
    enum sc_error error = judge(job, now_ms);
    while (error == SC_OK && now_ms < until_ms) {
        os_cond_wait(&reader->changed, &reader->lock,
                     until_ms < limit_ms ? until_ms : limit_ms);
        now_ms = os_now_ms();
        error = judge(job, now_ms);
    }
    return error;
}

/* A job's stop is raised. */
static void wake(void *context)
{
    struct soft_reader *reader = context;
    os_mutex_lock(&reader->lock);
    os_cond_broadcast(&reader->changed);
    os_mutex_unlock(&reader->lock);
}

static enum sc_error wait_line(struct soft_line *line, uint64_t ms)
{
    struct job *job = (struct job *)(void *)line;
    struct soft_reader *reader = job->reader;
    struct os_stop_call call = {.run = wake, .context = reader};
    if (ms > 0)
        os_stop_call(job->asked->stop, &call);
    os_mutex_lock(&reader->lock);
    enum sc_error error = sleep_until(job, os_now_ms() + ms);
    os_mutex_unlock(&reader->lock);
    if (ms > 0)
        os_stop_forget(job->asked->stop, &call);
    return error;
}

static void begin(struct job *job, struct soft_reader *reader,
                  const struct driver_job *asked)
{
    job->line.wait = wait_line;
    job->reader = reader;
    job->asked = asked;
    os_mutex_lock(&reader->lock);
    job->insertion = reader->insertions;
    os_mutex_unlock(&reader->lock);
}

/* SC_OK if the card is in that was powered, and has power. */
static enum sc_error find_card(struct job *job)
{
    struct soft_reader *reader = job->reader;
    enum sc_error error = wait_line(&job->line, 0);
    if (error == SC_W_REMOVED_CARD)
        return SC_E_NO_SMARTCARD;
    if (error != SC_OK)
        return error;
    if (reader->session == NULL || reader->powered_insertion != job->insertion)
        return SC_W_REMOVED_CARD;
    return reader->session->powered ? SC_OK : SC_F_COMM_ERROR;
}

static bool take_mute(struct soft_reader *reader)
{
    os_mutex_lock(&reader->lock);
    bool mute = reader->mute;
    reader->mute = false;
    os_mutex_unlock(&reader->lock);
    return mute;
}

static enum sc_error power_on(struct job *job, uint8_t atr[DRIVER_ATR_MAX],
                              size_t *atr_size)
{
    struct soft_reader *reader = job->reader;
    struct soft *soft = reader->soft;
    enum sc_error error = wait_line(&job->line, 0);
    if (error != SC_OK)
        return error == SC_W_REMOVED_CARD ? SC_E_NO_SMARTCARD : error;
    if (reader->session == NULL)
        reader->session =
            soft_session_new(&soft->options, soft->name_hash + number_in_family(reader));
    if (reader->session == NULL)
        return SC_E_NO_MEMORY;
    if (take_mute(reader)) {
        soft_session_power_off(reader->session);
        return SC_W_UNRESPONSIVE_CARD;
    }
    reader->powered_insertion = job->insertion;
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
    enum sc_error error = SC_OK;
    begin(&job, reader, asked);
    if (action != POWER_OFF)
        error = power_on(&job, atr, atr_size);
    else if (reader->session != NULL)
        soft_session_power_off(reader->session);
    return error;
}

enum sc_error soft_reader_set_protocol(void *self, uint32_t protocol,
                                       const struct driver_job *asked)
{
    struct soft_reader *reader = self;
    struct job job;
    begin(&job, reader, asked);
    enum sc_error error = find_card(&job);
    if (error == SC_OK) {
        reader->session->no_ifs = reader->no_ifs;
        error = soft_session_set_protocol(reader->session, protocol, &job.line);
    }
    return error;
}

/* Does what a test asked for: waits, or fails. */
static enum sc_error misbehave(struct job *job)
{
    struct soft_reader *reader = job->reader;
    os_mutex_lock(&reader->lock);
    uint32_t hang_ms = reader->hang_ms;
    bool fails = reader->failures != 0;
    reader->hang_ms = 0;
    reader->failures -= fails ? 1 : 0;
    os_mutex_unlock(&reader->lock);
    enum sc_error error = wait_line(&job->line, hang_ms);
    return error == SC_OK && fails ? SC_F_COMM_ERROR : error;
}

enum sc_error soft_reader_transmit(void *self, uint32_t protocol, struct transfer *t)
{
    struct soft_reader *reader = self;
    struct job job;
    begin(&job, reader, &t->job);
    enum sc_error error = find_card(&job);
    if (error == SC_OK)
        error = misbehave(&job);
    if (error == SC_OK)
        error = soft_session_transmit(reader->session, protocol, t, &job.line);
    return error;
}
