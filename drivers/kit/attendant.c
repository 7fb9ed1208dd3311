/* SPDX-License-Identifier: BSD-2-Clause */
/* The thread that looks after devices. */
#include "drivers/kit/attendant.h"

#include <assert.h>

void kit_attendant_init(struct kit_attendant *attendant, const char *name,
                        uint64_t (*look)(void *context), void *context)
{
    *attendant = (struct kit_attendant){
        .name = name, .look = look, .context = context, .wake = {-1, -1}};
    os_mutex_init(&attendant->lock);
    os_cond_init(&attendant->roused);
}

enum sc_error kit_attendant_add_wake(struct kit_attendant *attendant)
{
    assert(attendant->state == KIT_ATTENDANT_NEW);
    enum sc_error error = os_wake_init(&attendant->wake);
    attendant->polls = error == SC_OK;
    return error;
}

void kit_attendant_destroy(struct kit_attendant *attendant)
{
    assert(attendant->state != KIT_ATTENDANT_RUNS);
    os_wake_destroy(&attendant->wake);
    os_cond_destroy(&attendant->roused);
    os_mutex_destroy(&attendant->lock);
}

static void run_attendant(void *context)
{
    struct kit_attendant *attendant = context;
    os_mutex_lock(&attendant->lock);
    while (attendant->state == KIT_ATTENDANT_RUNS) {
        if (attendant->woken && attendant->polls)
            os_wake_lower(&attendant->wake);
        attendant->woken = false;
        os_mutex_unlock(&attendant->lock);
        uint64_t next_ms = attendant->look(attendant->context);
        os_mutex_lock(&attendant->lock);
        while (attendant->state == KIT_ATTENDANT_RUNS && !attendant->woken
               && os_cond_wait(&attendant->roused, &attendant->lock, next_ms)) {
        }
    }
    os_mutex_unlock(&attendant->lock);
}

/* The attendant is locked. */
static void rouse(struct kit_attendant *attendant) NEEDS_LOCK(attendant->lock)
{
    attendant->woken = true;
    os_cond_signal(&attendant->roused);
    if (attendant->polls)
        os_wake_raise(&attendant->wake);
}

enum sc_error kit_attendant_start(struct kit_attendant *attendant)
{
    enum sc_error error = SC_OK;
    os_mutex_lock(&attendant->lock);
    if (attendant->state == KIT_ATTENDANT_NEW) {
        error = os_thread_start(&attendant->thread, attendant->name, run_attendant,
                                attendant);
        if (error == SC_OK)
            attendant->state = KIT_ATTENDANT_RUNS;
    }
    rouse(attendant);
    os_mutex_unlock(&attendant->lock);
    return error;
}

void kit_attendant_wake(struct kit_attendant *attendant)
{
    os_mutex_lock(&attendant->lock);
    rouse(attendant);
    os_mutex_unlock(&attendant->lock);
}

void kit_attendant_stop(struct kit_attendant *attendant)
{
    os_mutex_lock(&attendant->lock);
    bool runs = attendant->state == KIT_ATTENDANT_RUNS;
    attendant->state = KIT_ATTENDANT_STOPPED;
    rouse(attendant);
    os_mutex_unlock(&attendant->lock);
    if (runs)
        os_thread_join(&attendant->thread);
}
