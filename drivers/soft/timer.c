/* SPDX-License-Identifier: BSD-2-Clause */
/* What happens by itself: cards that blink, readers that are pulled and plugged again. */
#include "drivers/soft/reader.h"

#include "base/log.h"
#include "os/time.h"

enum turn { TURN_NONE, TURN_OUT, TURN_BACK };

static uint64_t sooner_ms(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Which way a timer turns now. The reader is locked. */
static enum turn turn_timer(struct soft_timer *timer, uint64_t now_ms)
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
    kit_reader_await_close(&reader->kit); /* its jobs end as it has left */
    enum sc_error error = soft_reader_arrive(reader);
    if (error != SC_OK)
        log_error("a software reader could not come back: %s", sc_error_words(error));
}

/* Does what is due at one reader; gives the time of the next thing. */
static uint64_t serve_reader(struct soft_reader *reader)
{
    uint64_t now_ms = os_now_ms();
    kit_reader_lock(&reader->kit);
    enum turn reader_turn = turn_timer(&reader->reader_timer, now_ms);
    enum turn card_turn = turn_timer(&reader->card_timer, now_ms);
    kit_reader_unlock(&reader->kit);
    if (card_turn != TURN_NONE)
        (void)kit_reader_set_card(&reader->kit, card_turn == TURN_BACK);
    if (reader_turn == TURN_OUT)
        kit_reader_leave(&reader->kit);
    if (reader_turn == TURN_BACK)
        plug_in(reader);
    kit_reader_lock(&reader->kit);
    uint64_t next_ms =
        sooner_ms(sooner_ms(reader->reader_timer.out_ms, reader->reader_timer.back_ms),
                  sooner_ms(reader->card_timer.out_ms, reader->card_timer.back_ms));
    kit_reader_unlock(&reader->kit);
    return next_ms;
}

static void blink(struct soft *soft)
{
    for (uint32_t i = 0; i < soft->count; i++) {
        struct soft_reader *reader = &soft->readers[i];
        kit_reader_lock(&reader->kit);
        (void)kit_reader_note_card(&reader->kit, !kit_reader_has_card(&reader->kit));
        kit_reader_unlock(&reader->kit);
    }
}

uint64_t soft_look(void *context)
{
    struct soft *soft = context;
    uint64_t now_ms = os_now_ms();
    if (soft->blink_ms != 0 && now_ms >= soft->blink_at_ms) {
        blink(soft);
        soft->blink_at_ms = now_ms + soft->blink_ms;
    }
    uint64_t next_ms = soft->blink_ms != 0 ? soft->blink_at_ms : OS_FOREVER;
    for (uint32_t i = 0; i < soft->count; i++)
        next_ms = sooner_ms(next_ms, serve_reader(&soft->readers[i]));
    return next_ms;
}
