/* SPDX-License-Identifier: BSD-2-Clause */
/* A reader between the driver port and a bus. */
#include "drivers/kit/reader.h"

#include "base/atomic.h"
#include "base/log.h"
#include "os/time.h"

#include <assert.h>

/* --- Memory ------------------------------------------------------------------------- */

void kit_instance_init(struct kit_instance *instance, struct driver_host *host,
                       void (*destroy)(struct kit_instance *instance), const char *name,
                       uint64_t (*look)(void *instance))
{
    instance->host = host;
    instance->users = 1;
    instance->destroy = destroy;
    instance->end = &instance->readers;
    kit_attendant_init(&instance->attendant, name, look, instance);
}

static void raise_wake(struct kit_reader *reader, bool on)
{
    if (on)
        os_wake_raise(&reader->wake);
    else
        os_wake_lower(&reader->wake);
}

enum sc_error kit_instance_add_wakes(struct kit_instance *instance)
{
    struct kit_reader *reader = instance->readers;
    instance->interrupt = raise_wake;
    enum sc_error error = kit_attendant_add_wake(&instance->attendant);
    for (; reader != NULL && error == SC_OK; reader = reader->next)
        error = os_wake_init(&reader->wake);
    return error;
}

static void release_instance(struct kit_instance *instance)
{
    struct kit_reader *reader = instance->readers;
    if (atomic_sub_u32(&instance->users, 1) != 0)
        return;
    kit_attendant_destroy(&instance->attendant);
    for (; reader != NULL; reader = reader->next) {
        assert(reader->state == KIT_AWAY && reader->job == NULL && !reader->looked_at);
        os_wake_destroy(&reader->wake);
        os_cond_destroy(&reader->changed);
        os_mutex_destroy(&reader->lock);
    }
    instance->destroy(instance);
}

void kit_instance_stop(void *self)
{
    struct kit_instance *instance = self;
    struct kit_reader *reader = instance->readers;
    kit_attendant_stop(&instance->attendant);
    for (; reader != NULL; reader = reader->next)
        kit_reader_leave(reader);
    release_instance(instance);
}

void kit_reader_init(struct kit_reader *reader, struct kit_instance *instance)
{
    *reader = (struct kit_reader){
        .instance = instance, .number = instance->reader_count++, .wake = {-1, -1}};
    *instance->end = reader;
    instance->end = &reader->next;
    os_mutex_init(&reader->lock);
    os_cond_init(&reader->changed);
}

/* --- Coming and going --------------------------------------------------------------- */

enum sc_error kit_reader_arrive(struct kit_reader *reader, struct reader_info *info)
{
    struct kit_instance *instance = reader->instance;
    uint32_t id = 0;
    os_mutex_lock(&reader->lock);
    while (reader->posting) /* still of the time before */
        os_cond_wait(&reader->changed, &reader->lock, OS_FOREVER);
    bool away = reader->state == KIT_AWAY;
    if (away) {
        reader->state = KIT_ARRIVING;
        reader->powered = false;
        reader->told = reader->card;
        info->card_present = kit_reader_has_card(reader);
    }
    os_mutex_unlock(&reader->lock);
    if (!away)
        return SC_E_SHARING_VIOLATION;
    (void)atomic_add_u32(&instance->users, 1);
    enum sc_error error =
        instance->host->reader_arrived(instance->host, info, reader, &id);
    os_mutex_lock(&reader->lock);
    assert(reader->state == KIT_ARRIVING);
    reader->id = id;
    reader->state = error == SC_OK ? KIT_SERVED : KIT_AWAY;
    os_cond_broadcast(&reader->changed);
    kit_reader_unlock(reader); /* with what happened meanwhile */
    if (error != SC_OK)
        release_instance(instance); /* never the last: the caller is one */
    return error;
}

void kit_reader_leave(struct kit_reader *reader)
{
    struct driver_host *host = reader->instance->host;
    os_mutex_lock(&reader->lock);
    assert(reader->state != KIT_ARRIVING); /* the same thread does both */
    bool served = reader->state == KIT_SERVED;
    uint32_t id = reader->id;
    if (served)
        reader->state = KIT_LEFT;
    os_cond_broadcast(&reader->changed);
    os_mutex_unlock(&reader->lock);
    if (served)
        host->reader_gone(host, id);
}

void kit_reader_await_close(struct kit_reader *reader)
{
    os_mutex_lock(&reader->lock);
    while (reader->state == KIT_LEFT)
        os_cond_wait(&reader->changed, &reader->lock, OS_FOREVER);
    os_mutex_unlock(&reader->lock);
}

void kit_reader_close(void *self)
{
    struct kit_reader *reader = self;
    os_mutex_lock(&reader->lock);
    assert(reader->state == KIT_LEFT && reader->job == NULL); /* once, and after jobs */
    reader->state = KIT_AWAY;
    os_cond_broadcast(&reader->changed);
    os_mutex_unlock(&reader->lock);
    release_instance(reader->instance);
}

enum sc_error kit_instance_arrive(struct kit_instance *instance,
                                  void (*describe)(const struct kit_reader *reader,
                                                   struct reader_info *info))
{
    struct kit_reader *reader = instance->readers;
    enum sc_error error = SC_OK;
    for (; reader != NULL && error == SC_OK; reader = reader->next) {
        struct reader_info info = {.type = READER_TYPE_VENDOR};
        describe(reader, &info);
        error = kit_reader_arrive(reader, &info);
        if (error == SC_OK)
            continue;
        log_error("reader %s was refused: %s", info.device_id, sc_error_words(error));
        return reader == instance->readers ? error : SC_OK;
    }
    return SC_OK;
}

/* --- Cards -------------------------------------------------------------------------- */

void kit_reader_lock(struct kit_reader *reader)
{
    os_mutex_lock(&reader->lock);
}

/* The first change that the host does not know; *count: as many as that is. */
static enum card_event next_event(const struct kit_reader *reader, uint32_t *count)
    NEEDS_LOCK(reader->lock)
{
    bool was_in = reader->told % 2 != 0;
    *count = was_in && reader->card - reader->told >= 2 ? 2 : 1;
    if (!was_in)
        return CARD_INSERTED;
    return *count == 2 ? CARD_EXCHANGED : CARD_REMOVED;
}

void kit_reader_unlock(struct kit_reader *reader)
{
    struct driver_host *host = reader->instance->host;
    while (!reader->posting && reader->state == KIT_SERVED
           && reader->told != reader->card) {
        uint32_t id = reader->id, count;
        enum card_event event = next_event(reader, &count);
        reader->posting = true;
        os_mutex_unlock(&reader->lock);
        host->card_event(host, id, event);
        os_mutex_lock(&reader->lock);
        reader->posting = false;
        reader->told += count;
        assert(reader->card - reader->told <= UINT32_MAX / 2); /* told no more than is */
        os_cond_broadcast(&reader->changed);
    }
    os_mutex_unlock(&reader->lock);
}

bool kit_reader_has_card(const struct kit_reader *reader)
{
    return reader->card % 2 != 0;
}

bool kit_reader_note_card(struct kit_reader *reader, bool present)
{
    bool change = kit_reader_has_card(reader) != present;
    if (change) {
        reader->card++;
        os_cond_broadcast(&reader->changed);
    }
    return change;
}

void kit_reader_note_exchange(struct kit_reader *reader)
{
    assert(kit_reader_has_card(reader));
    reader->card += 2;
    os_cond_broadcast(&reader->changed);
}

bool kit_reader_set_card(struct kit_reader *reader, bool present)
{
    kit_reader_lock(reader);
    bool change = kit_reader_note_card(reader, present);
    kit_reader_unlock(reader);
    return change;
}

/* The host knows of a card, or has known of one. */
static bool await_card(struct kit_reader *reader, uint64_t deadline_ms)
{
    os_mutex_lock(&reader->lock);
    while (reader->state == KIT_SERVED && reader->told == 0
           && os_cond_wait(&reader->changed, &reader->lock, deadline_ms)) {
    }
    bool came = reader->told != 0;
    os_mutex_unlock(&reader->lock);
    return came;
}

bool kit_instance_await_cards(struct kit_instance *instance, uint64_t deadline_ms)
{
    bool some = false;
    for (struct kit_reader *reader = instance->readers; reader != NULL;
         reader = reader->next)
        some |= await_card(reader, deadline_ms);
    return some;
}

/* --- Use ---------------------------------------------------------------------------- */

bool kit_reader_begin_look(struct kit_reader *reader)
{
    assert(reader->instance->interrupt != NULL);
    bool free = reader->job == NULL && !reader->looked_at;
    reader->looked_at |= free;
    kit_reader_unlock(reader);
    return free;
}

void kit_reader_end_look(struct kit_reader *reader)
{
    os_mutex_lock(&reader->lock);
    assert(reader->looked_at);
    reader->looked_at = false;
    os_cond_broadcast(&reader->changed);
    os_mutex_unlock(&reader->lock);
}

/* The job that runs is to end. The reader is locked. */
static bool is_stopped(const struct kit_reader *reader) NEEDS_LOCK(reader->lock)
{
    return reader->job != NULL && !reader->looked_at && os_stop_raised(reader->job->stop);
}

enum sc_error kit_reader_pause(struct kit_reader *reader, uint64_t ms)
{
    uint64_t until_ms = os_now_ms() + ms;
    os_mutex_lock(&reader->lock);
    while (!is_stopped(reader)
           && os_cond_wait(&reader->changed, &reader->lock, until_ms)) {
    }
    enum sc_error error = is_stopped(reader) ? SC_E_CANCELLED : SC_OK;
    os_mutex_unlock(&reader->lock);
    return error;
}

/* --- Jobs --------------------------------------------------------------------------- */

/* The job's stop is raised. What a look waits for on the bus is not the job's. */
static void interrupt_job(void *context)
{
    struct kit_job *job = context;
    struct kit_reader *reader = job->reader;
    os_mutex_lock(&reader->lock);
    assert(reader->job == job);
    os_cond_broadcast(&reader->changed);
    if (reader->instance->interrupt != NULL && !reader->looked_at) {
        job->interrupted = true;
        reader->instance->interrupt(reader, true);
    }
    os_mutex_unlock(&reader->lock);
}

/* From here to the job's end; a job that never waits does not need it. */
static void heed_stop(struct kit_job *job)
{
    if (job->stop_call.run != NULL)
        return;
    job->stop_call = (struct os_stop_call){.run = interrupt_job, .context = job};
    os_stop_call(job->stop, &job->stop_call);
}

static void await_look(struct kit_job *job)
{
    struct kit_reader *reader = job->reader;
    os_mutex_lock(&reader->lock);
    while (reader->looked_at && !os_stop_raised(job->stop))
        os_cond_wait(&reader->changed, &reader->lock, OS_FOREVER);
    job->card = reader->card;
    os_mutex_unlock(&reader->lock);
}

void kit_job_begin(struct kit_job *job, void *self, const struct driver_job *asked,
                   uint64_t limit_ms)
{
    struct kit_reader *reader = self;
    uint64_t until_ms = os_deadline_ms(limit_ms);
    job->reader = reader;
    job->stop = asked->stop;
    job->deadline_ms = until_ms < asked->deadline_ms ? until_ms : asked->deadline_ms;
    job->interrupted = false;
    job->stop_call.run = NULL;
    os_mutex_lock(&reader->lock);
    assert(reader->job == NULL); /* driver.h, rule 1 */
    reader->job = job;
    job->card = reader->card;
    bool waits = reader->looked_at;
    os_mutex_unlock(&reader->lock);
    if (reader->instance->interrupt != NULL)
        heed_stop(job);
    if (waits)
        await_look(job);
}

enum sc_error kit_job_end(struct kit_job *job, enum sc_error error)
{
    struct kit_reader *reader = job->reader;
    if (job->stop_call.run != NULL)
        os_stop_forget(job->stop, &job->stop_call);
    bool removed = error == SC_W_REMOVED_CARD || error == SC_E_NO_SMARTCARD;
    os_mutex_lock(&reader->lock);
    assert(reader->job == job);
    if (job->interrupted)
        reader->instance->interrupt(reader, false);
    reader->job = NULL;
    os_cond_broadcast(&reader->changed);
    while (removed && (reader->posting || reader->state == KIT_ARRIVING))
        os_cond_wait(&reader->changed, &reader->lock, OS_FOREVER);
    os_mutex_unlock(&reader->lock);
    return error;
}

/* Why the job has to end now, or SC_OK. The reader is locked. */
static enum sc_error why_job_ends(const struct kit_reader *reader,
                                  const struct kit_job *job, uint64_t now_ms)
    NEEDS_LOCK(reader->lock)
{
    if (os_stop_raised(job->stop))
        return SC_E_CANCELLED;
    if (reader->state == KIT_LEFT)
        return SC_E_READER_UNAVAILABLE;
    if (reader->card != job->card || job->card % 2 == 0)
        return SC_W_REMOVED_CARD;
    return now_ms >= job->deadline_ms ? SC_E_TIMEOUT : SC_OK;
}

enum sc_error kit_job_wait(struct kit_job *job, uint64_t ms)
{
    struct kit_reader *reader = job->reader;
    /* Without a wait: a job that has come so far may end some milliseconds late. */
    uint64_t now_ms = ms > 0 ? os_now_ms() : os_now_about_ms(), until_ms = now_ms + ms;
    uint64_t wake_ms = until_ms < job->deadline_ms ? until_ms : job->deadline_ms;
    if (ms > 0)
        heed_stop(job);
    os_mutex_lock(&reader->lock);
    enum sc_error error = why_job_ends(reader, job, now_ms);
    while (error == SC_OK && now_ms < until_ms) {
        os_cond_wait(&reader->changed, &reader->lock, wake_ms);
        now_ms = os_now_ms();
        error = why_job_ends(reader, job, now_ms);
    }
    os_mutex_unlock(&reader->lock);
    return error;
}

enum sc_error kit_job_await(struct kit_job *job,
                            bool (*done)(const struct kit_reader *reader))
{
    struct kit_reader *reader = job->reader;
    enum sc_error error = SC_OK;
    heed_stop(job);
    os_mutex_lock(&reader->lock);
    while (!done(reader)) {
        error = why_job_ends(reader, job, os_now_ms());
        if (error != SC_OK)
            break;
        os_cond_wait(&reader->changed, &reader->lock, job->deadline_ms);
    }
    os_mutex_unlock(&reader->lock);
    return error;
}

enum sc_error kit_job_find_card(struct kit_job *job)
{
    struct kit_reader *reader = job->reader;
    os_mutex_lock(&reader->lock);
    enum sc_error error = why_job_ends(reader, job, os_now_ms());
    os_mutex_unlock(&reader->lock);
    return error == SC_W_REMOVED_CARD ? SC_E_NO_SMARTCARD : error;
}

enum sc_error kit_job_find_powered(struct kit_job *job)
{
    const struct kit_reader *reader = job->reader;
    enum sc_error error = kit_job_find_card(job);
    if (error != SC_OK)
        return error;
    if (reader->powered_card != job->card)
        return SC_W_REMOVED_CARD;
    return reader->powered ? SC_OK : SC_F_COMM_ERROR;
}

bool kit_job_is_on(const struct kit_job *job)
{
    return job->reader->powered && job->reader->powered_card == job->card;
}

void kit_job_note_power(struct kit_job *job, bool on)
{
    assert(job->reader->job == job);
    job->reader->powered = on;
    if (on)
        job->reader->powered_card = job->card;
}
