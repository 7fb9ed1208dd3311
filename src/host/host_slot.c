/* SPDX-License-Identifier: BSD-2-Clause */
/* A request's way through a slot: the asking thread runs the driver jobs itself. */
#include "base/alloc.h"
#include "base/log.h"
#include "base/secret.h"
#include "host/host_log.h"
#include "manager/invariant.h"
#include "os/lock.h"
#include "os/time.h"

#include <assert.h>
#include <string.h>

struct host_slot *host_slot_of(struct slot *slot)
{
    return slot->owner;
}

struct reader *host_next_reader(struct host *host, uint32_t *index)
{
    struct reader *found = NULL;
    os_mutex_lock(&host->lock);
    while (found == NULL && *index < host->manager.reader_used) {
        struct reader *reader = host->manager.readers[(*index)++];
        if (host_slot_of(&reader->slot) != NULL)
            found = reader;
    }
    os_mutex_unlock(&host->lock);
    return found;
}

/* --- Waking ------------------------------------------------------------------------- */

/* NULL: a thread that is about to wait, and looks before it does. */
static void wake_op(struct host_op *op)
{
    if (op->wake != NULL)
        op->wake(op);
}

static void wake_ready(struct slot *slot)
{
    struct request *request;
    while ((request = slot_take_ready(slot)) != NULL)
        wake_op(request->waiter);
}

void host_wake_watches(struct host *host)
{
    struct watch *watch;
    while ((watch = watch_take_ready(&host->manager)) != NULL)
        wake_op(watch->waiter);
}

/* --- Slots -------------------------------------------------------------------------- */

void host_slot_publish(struct host *host, struct host_slot *hs)
{
    struct slot_view view;
    os_mutex_lock(&host->lock);
    os_mutex_lock(&hs->lock);
    slot_view(hs->slot, &view);
    os_mutex_unlock(&hs->lock);
    manager_publish(&host->manager, manager_reader_of_slot(hs->slot), &view);
    host_wake_watches(host);
    os_mutex_unlock(&host->lock);
}

static void close_reader(struct host *host, struct host_slot *hs, void *device)
{
    hs->driver->close(device);
    os_mutex_lock(&host->lock);
    struct reader *reader = manager_reader_of_slot(hs->slot);
    assert(reader->presence == READER_LEFT);
    reader->presence = READER_CLOSED;
    os_mutex_unlock(&host->lock);
}

static void free_buffer(struct host_slot *hs)
{
    if (hs->buffer != NULL)
        secret_clear(hs->buffer, DRIVER_TRANSFER_MAX);
    mem_free(hs->buffer);
    hs->buffer = NULL;
}

void host_slot_unlock(struct host *host, struct host_slot *hs)
{
    struct slot *slot = hs->slot;
    void *device = NULL;
    wake_ready(slot);
    CHECKED(slot_invariant(slot) == NULL);
    bool changed = hs->shown != slot->version;
    hs->shown = slot->version;
    if (!slot_has_reader(slot) && slot->occupant == NULL) {
        device = hs->device;
        hs->device = NULL;
    }
    if (device != NULL)
        free_buffer(hs);
    uint64_t deadline_ms = slot_deadline(slot);
    os_mutex_unlock(&hs->lock);
    if (deadline_ms != OS_FOREVER)
        watchdog_need(&host->watchdog, deadline_ms);
    if (changed)
        host_slot_publish(host, hs);
    if (device != NULL)
        close_reader(host, hs, device);
}

void host_slot_cancel(struct host_slot *hs, struct card_handle *card)
{
    os_mutex_lock(&hs->lock);
    slot_cancel_card(hs->slot, card);
    wake_ready(hs->slot);
    os_mutex_unlock(&hs->lock);
}

void host_slot_touch(struct host_slot *hs, const struct card_handle *card)
{
    if (hs->slot->holder != NULL)
        slot_touch(hs->slot, card, os_now_ms());
}

void host_slot_stop_job(struct host_slot *hs)
{
    assert(hs->slot->occupant != NULL);
    os_stop_raise(&hs->stop);
}

/* --- Jobs --------------------------------------------------------------------------- */

typedef enum sc_error transfer_job(void *reader, uint32_t number,
                                   struct transfer *transfer);

/* The driver writes into the slot's own buffer, which has room for any answer; the caller
 * gets it if it fits. */
static enum sc_error run_transfer(struct host_slot *hs, struct request *request,
                                  transfer_job *job)
{
    struct transfer *mine = &request->transfer;
    struct transfer theirs = {
        .in = mine->in,
        .in_size = mine->in_size,
        .out = request->direct ? mine->out : hs->buffer,
        .out_room = DRIVER_TRANSFER_MAX,
        .job = {.deadline_ms = request->job.deadline_ms, .stop = &hs->stop}};
    if (job == NULL)
        return SC_X_NOT_SUPPORTED;
    if (theirs.out == NULL)
        return SC_E_NO_MEMORY;
    enum sc_error error = job(hs->device, request->job.number, &theirs);
    mine->out_size = 0;
    if (error != SC_OK)
        return error;
    mine->out_size = theirs.out_size;
    if (theirs.out_size > mine->out_room)
        return SC_E_INSUFFICIENT_BUFFER;
    if (theirs.out_size > 0 && !request->direct)
        memcpy(mine->out, hs->buffer, theirs.out_size);
    return SC_OK;
}

static enum sc_error run_power(struct host_slot *hs, struct job *job)
{
    struct driver_job power = {.deadline_ms = job->deadline_ms, .stop = &hs->stop};
    job->atr_size = 0;
    enum sc_error error =
        hs->driver->power(hs->device, job->action, &power, job->atr, &job->atr_size);
    if (error == SC_OK && job->action != POWER_OFF
        && (job->atr_size < 2 || job->atr_size > DRIVER_ATR_MAX))
        return SC_W_UNRESPONSIVE_CARD;
    return error;
}

static enum sc_error run_protocol(struct host_slot *hs, const struct job *job)
{
    struct driver_job protocol = {.deadline_ms = job->deadline_ms, .stop = &hs->stop};
    return hs->driver->set_protocol(hs->device, job->number, &protocol);
}

/* Without the lock: the slot is occupied by this request, so driver and device stay. */
static enum sc_error run_job(struct host_slot *hs, struct request *request)
{
    struct job *job = &request->job;
    switch (job->kind) {
    case JOB_POWER:
        return run_power(hs, job);
    case JOB_PROTOCOL:
        return run_protocol(hs, job);
    case JOB_TRANSMIT:
        return run_transfer(hs, request, hs->driver->transmit);
    case JOB_CONTROL:
        return run_transfer(hs, request, hs->driver->control);
    case JOB_GET_ATTRIBUTE:
        return run_transfer(hs, request, hs->driver->get_attribute);
    case JOB_SET_ATTRIBUTE:
        return run_transfer(hs, request, hs->driver->set_attribute);
    }
    return SC_F_INTERNAL_ERROR;
}

/* Looking at the clock costs more than all else that is done for a request. Its time is
 * that of deadlines far away, unless it waits for less than forever, or is one of the
 * host's own, which are due at a time. */
static uint64_t now_for(const struct request *request)
{
    return request->card == NULL || request->patience != PATIENCE_ENDLESS
               ? os_now_ms()
               : os_now_about_ms();
}

/* The stop was the job's that has ended: the next one begins with it lowered. The slot is
 * locked all the time from the end of the one to the turn of the other. */
static enum verdict end_job(struct host_slot *hs, struct request *request)
{
    enum verdict verdict = slot_job_done(hs->slot, request, now_for(request));
    os_stop_lower(&hs->stop);
    return verdict;
}

/* The slot is locked, and is unlocked at return. */
static void run_jobs(struct host *host, struct host_slot *hs, struct request *request,
                     enum verdict verdict) UNLOCKS(hs->lock)
{
    const bool logs = log_is_on(LOG_DEBUG);
    while (verdict == VERDICT_RUN) {
        assert(hs->slot->occupant == request && hs->device != NULL);
        wake_ready(hs->slot); /* what the caller withdrew, or the last job answered */
        os_mutex_unlock(&hs->lock);
        watchdog_need(&host->watchdog, request->job.deadline_ms);
        uint64_t begin_ms = logs ? os_now_ms() : 0;
        enum sc_error error = run_job(hs, request);
        if (logs)
            host_log_job(hs, request, error, os_now_ms() - begin_ms);
        os_mutex_lock(&hs->lock);
        request->job.error = error;
        verdict = end_job(hs, request);
    }
    if (logs && verdict == VERDICT_DONE)
        host_log_done(hs, request);
    host_slot_unlock(host, hs);
}

bool host_slot_start(struct host *host, struct host_slot *hs, struct host_op *op)
{
    struct request *request = op->pending;
    assert(op->slot == hs && op->next != NULL);
    request->waiter = op;
    enum verdict verdict = slot_submit(hs->slot, request, now_for(request));
    if (verdict == VERDICT_WAIT) {
        host_log_wait(hs, request);
        host_slot_unlock(host, hs);
        return false;
    }
    run_jobs(host, hs, request, verdict);
    return true;
}

bool host_slot_resume(struct host *host, struct host_slot *hs, struct request *request)
{
    os_mutex_lock(&hs->lock);
    if (request->verdict == VERDICT_WAIT) {
        os_mutex_unlock(&hs->lock);
        return false;
    }
    run_jobs(host, hs, request, request->verdict);
    return true;
}
