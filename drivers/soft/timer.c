/* SPDX-License-Identifier: BSD-2-Clause */
/* The thread that makes things happen by themselves: cards that blink, readers that are
 * pulled and plugged again. It runs only where somebody asked for such, and sleeps until
 * the next thing is due. */
#include "drivers/soft/reader.h"

#include "base/log.h"
#include "os/lock.h"
#include "os/thread.h"
#include "os/time.h"

enum { RETRY_MS = 10 }; /* while the host has not closed a reader that left */

enum turn { TURN_NONE, TURN_OUT, TURN_BACK };

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Which way a timer turns now. The reader is locked. */
static enum turn take_turn(struct soft_timer *timer, uint64_t now_ms)
{
    if (timer->out_ms <= now_ms) {
        timer->out_ms = OS_FOREVER;
        if (timer->pause_ms != 0)
            timer->back_ms = now_ms + timer->pause_ms;
        return TURN_OUT;
    }
    if (timer->back_ms <= now_ms) {
        timer->back_ms = OS_FOREVER;
        return TURN_BACK;
    }
    return TURN_NONE;
}

static void plug_in(struct soft_reader *reader)
{
    enum sc_error error = soft_reader_arrive(reader);
    if (error == SC_OK)
        return;
    if (error != SC_E_SHARING_VIOLATION) {
        log_error("a software reader could not come back: %s", sc_error_words(error));
        return;
    }
    os_mutex_lock(&reader->lock);
    reader->reader_timer.back_ms = os_now_ms() + RETRY_MS;
    os_mutex_unlock(&reader->lock);
}

/* Does what is due at one reader; gives the time of the next thing. */
static uint64_t serve_reader(struct soft_reader *reader)
{
    uint64_t now_ms = os_now_ms();
    os_mutex_lock(&reader->lock);
    enum turn reader_turn = take_turn(&reader->reader_timer, now_ms);
    enum turn card_turn = take_turn(&reader->card_timer, now_ms);
    os_mutex_unlock(&reader->lock);
    if (card_turn != TURN_NONE)
        soft_reader_set_card(reader, card_turn == TURN_BACK);
    if (reader_turn == TURN_OUT)
        soft_reader_leave(reader);
    if (reader_turn == TURN_BACK)
        plug_in(reader);
    os_mutex_lock(&reader->lock);
    uint64_t next_ms =
        lesser(lesser(reader->reader_timer.out_ms, reader->reader_timer.back_ms),
               lesser(reader->card_timer.out_ms, reader->card_timer.back_ms));
    os_mutex_unlock(&reader->lock);
    return next_ms;
}

static void blink(struct soft *soft)
{
    for (uint32_t i = 0; i < soft->count; i++) {
        struct soft_reader *reader = &soft->readers[i];
        os_mutex_lock(&reader->lock);
        bool present = reader->present;
        os_mutex_unlock(&reader->lock);
        soft_reader_set_card(reader, !present);
    }
}

static uint64_t serve_all(struct soft *soft)
{
    uint64_t now_ms = os_now_ms();
    if (soft->blink_ms != 0 && now_ms >= soft->blink_at_ms) {
        blink(soft);
        soft->blink_at_ms = now_ms + soft->blink_ms;
    }
    uint64_t next_ms = soft->blink_ms != 0 ? soft->blink_at_ms : OS_FOREVER;
    for (uint32_t i = 0; i < soft->count; i++)
        next_ms = lesser(next_ms, serve_reader(&soft->readers[i]));
    return next_ms;
}

static void run(void *context)
{
    struct soft *soft = context;
    soft->blink_at_ms = os_now_ms() + soft->blink_ms;
    os_mutex_lock(&soft->lock);
    while (!soft->stopping) {
        soft->kicked = false;
        os_mutex_unlock(&soft->lock);
        uint64_t next_ms = serve_all(soft);
        os_mutex_lock(&soft->lock);
        while (!soft->stopping && !soft->kicked
               && os_cond_wait(&soft->wake, &soft->lock, next_ms)) {
        }
    }
    os_mutex_unlock(&soft->lock);
}

enum sc_error soft_timer_kick(struct soft *soft)
{
    enum sc_error error = SC_OK;
    os_mutex_lock(&soft->lock);
    soft->kicked = true;
    if (soft->threaded) {
        os_cond_signal(&soft->wake);
    } else if (!soft->stopping) {
        error = os_thread_start(&soft->thread, "scard-soft", run, soft);
        soft->threaded = error == SC_OK;
    }
    os_mutex_unlock(&soft->lock);
    return error;
}

void soft_timer_stop(struct soft *soft)
{
    os_mutex_lock(&soft->lock);
    soft->stopping = true;
    bool threaded = soft->threaded;
    soft->threaded = false;
    os_cond_signal(&soft->wake);
    os_mutex_unlock(&soft->lock);
    if (threaded)
        os_thread_join(&soft->thread);
}
