/* SPDX-License-Identifier: BSD-2-Clause */
/* Stop tokens, over a mutex: the same on all systems. */
#include "os/stop.h"

#include <assert.h>

void os_stop_init(struct os_stop *stop)
{
    stop->raised = 0;
    stop->calls = NULL;
    os_mutex_init(&stop->lock);
}

void os_stop_destroy(struct os_stop *stop)
{
    assert(stop->calls == NULL);
    os_mutex_destroy(&stop->lock);
}

void os_stop_raise(struct os_stop *stop)
{
    os_mutex_lock(&stop->lock);
    if (atomic_exchange_u32(&stop->raised, 1) == 0)
        for (struct os_stop_call *call = stop->calls; call != NULL; call = call->next)
            call->run(call->context);
    os_mutex_unlock(&stop->lock);
}

void os_stop_call(struct os_stop *stop, struct os_stop_call *call)
{
    assert(call->run != NULL);
    os_mutex_lock(&stop->lock);
    call->next = stop->calls;
    stop->calls = call;
    if (os_stop_raised(stop))
        call->run(call->context);
    os_mutex_unlock(&stop->lock);
}

void os_stop_forget(struct os_stop *stop, struct os_stop_call *call)
{
    os_mutex_lock(&stop->lock);
    struct os_stop_call **link = &stop->calls;
    while (*link != call) {
        assert(*link != NULL); /* it was not called for */
        link = &(*link)->next;
    }
    *link = call->next;
    os_mutex_unlock(&stop->lock);
}

/* --- Sleeping ----------------------------------------------------------------------- */

struct sleeper {
    struct os_mutex lock;
    struct os_cond woken;
};

static void wake_sleeper(void *context)
{
    struct sleeper *sleeper = context;
    os_mutex_lock(&sleeper->lock);
    os_cond_signal(&sleeper->woken);
    os_mutex_unlock(&sleeper->lock);
}

bool os_stop_wait(struct os_stop *stop, uint64_t deadline_ms)
{
    struct sleeper sleeper = {.lock = OS_MUTEX_INIT};
    struct os_stop_call call = {.run = wake_sleeper, .context = &sleeper};
    os_cond_init(&sleeper.woken);
    os_stop_call(stop, &call);
    os_mutex_lock(&sleeper.lock);
    while (!os_stop_raised(stop)
           && os_cond_wait(&sleeper.woken, &sleeper.lock, deadline_ms)) {
    }
    os_mutex_unlock(&sleeper.lock);
    os_stop_forget(stop, &call);
    os_cond_destroy(&sleeper.woken);
    os_mutex_destroy(&sleeper.lock);
    return os_stop_raised(stop);
}
