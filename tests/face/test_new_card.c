/* SPDX-License-Identifier: BSD-2-Clause */
/* SCardGetStatusChange while a card that was put in does not answer to reset: nobody
 * waits for it but who asks for that card alone, and he not for long. */
#include "tests/face/face_test.h"
#include "tests/support/inside.h"

#include <pthread.h>
#include <stdio.h>

/* HOLD_MS: how long news of a card waits for its ATR in these tests. SOON_MS: surely
 * without that, on a busy machine too. */
enum {
    READERS = 24,
    LAST = READERS - 1,
    MUTE = 20,
    HOLD_MS = CHECK_HANG_MS,
    SOON_MS = HOLD_MS / 2,
    SHORT_HOLD_MS = 500,
    PAUSE_MS = 60
};

#ifdef WINSCARD_ABI_PCSCLITE
#define NAME "Fake Reader %02X 00"
#else
#define NAME "Fake Reader %u"
#endif

static SCARDCONTEXT context;
static char names[READERS][32];

/* --- A call under way --------------------------------------------------------------- */

struct watcher {
    pthread_t thread;
    SCARDCONTEXT context;
    SCARD_READERSTATE states[READERS];
    DWORD count;
    LONG status;
    uint64_t ended_ms;
    bool ended; /* atomic */
};

static void *watch(void *argument)
{
    struct watcher *watcher = argument;
    watcher->status =
        SCardGetStatusChange(watcher->context, INFINITE, watcher->states, watcher->count);
    watcher->ended_ms = now_ms();
    __atomic_store_n(&watcher->ended, true, __ATOMIC_RELEASE);
    return NULL;
}

/* The first `count` readers, all of them in `current`. */
static void set(struct watcher *watcher, DWORD count, DWORD current)
{
    memset(watcher, 0, sizeof(*watcher));
    watcher->context = context;
    watcher->count = count;
    for (DWORD i = 0; i < count; i++) {
        watcher->states[i].szReader = names[i];
        watcher->states[i].dwCurrentState = current;
    }
}

static void set_one(struct watcher *watcher, DWORD reader, DWORD current)
{
    set(watcher, 1, current);
    watcher->states[0].szReader = names[reader];
}

static bool has_ended(const struct watcher *watcher)
{
    return __atomic_load_n(&watcher->ended, __ATOMIC_ACQUIRE);
}

/* Returns when the call waits, or has ended. */
static void start(struct watcher *watcher)
{
    uint32_t before = inside_watches();
    uint64_t hang_ms = now_ms() + CHECK_HANG_MS;
    __atomic_store_n(&watcher->ended, false, __ATOMIC_RELEASE);
    CHECK_EQ(pthread_create(&watcher->thread, NULL, watch, watcher), 0);
    while (!has_ended(watcher) && inside_watches() <= before && now_ms() < hang_ms)
        pause_ms(1);
    pause_ms(PAUSE_MS); /* for one that ends at once */
}

/* Waits for its end. Gives how long after `since_ms` it came. */
static uint64_t end(struct watcher *watcher, uint64_t since_ms)
{
    pthread_join(watcher->thread, NULL);
    return watcher->ended_ms - since_ms;
}

/* What was told is known. */
static void go_on(struct watcher *watcher)
{
    for (DWORD i = 0; i < watcher->count; i++)
        watcher->states[i].dwCurrentState = watcher->states[i].dwEventState;
}

static LONG look(SCARD_READERSTATE *state, DWORD reader, DWORD current)
{
    state->szReader = names[reader];
    state->dwCurrentState = current;
    return SCardGetStatusChange(context, 0, state, 1);
}

static void check_shown(const SCARD_READERSTATE *state, bool with_atr)
{
    CHECK_EQ(state->dwEventState & 0xFFFF, SCARD_STATE_CHANGED | SCARD_STATE_PRESENT);
    CHECK_EQ(state->cbAtr, with_atr ? fake_atr_size : 0);
}

/* --- The checks --------------------------------------------------------------------- */

/* News of other readers comes while cards hang, and theirs when they answer. */
static void check_others(void)
{
    struct watcher watcher;
    set(&watcher, READERS, SCARD_STATE_EMPTY);
    start(&watcher);
    uint64_t since_ms = now_ms();
    for (uint32_t i = 0; i < MUTE; i++) {
        fake_hang(i);
        fake_insert(i);
    }
    pause_ms(PAUSE_MS);
    CHECK(!has_ended(&watcher));
    fake_insert(MUTE);
    CHECK(end(&watcher, since_ms) < SOON_MS);
    EXPECT(watcher.status, 0);
    check_shown(&watcher.states[MUTE], true);
    for (uint32_t i = 0; i < MUTE; i++) {
        CHECK_EQ(watcher.states[i].dwEventState, SCARD_STATE_EMPTY);
        CHECK_EQ(watcher.states[i].cbAtr, 0);
    }
    EXPECT(SCardDisconnect(new_card(context, names[MUTE]), SCARD_LEAVE_CARD), 0);
    go_on(&watcher);
    start(&watcher);
    CHECK(!has_ended(&watcher));
    fake_answer(7);
    CHECK(end(&watcher, since_ms) < SOON_MS);
    EXPECT(watcher.status, 0);
    check_shown(&watcher.states[7], true);
    CHECK_EQ(watcher.states[6].dwEventState, SCARD_STATE_EMPTY);
    for (uint32_t i = 0; i < MUTE; i++) {
        fake_answer(i);
        fake_remove(i);
    }
    fake_remove(MUTE);
}

/* Who asks about this card waits for it, within limits, once. */
static void check_hold(void)
{
    SCARD_READERSTATE state = {0};
    struct watcher watcher;
    inside_set_hold(SHORT_HOLD_MS);
    EXPECT(look(&state, LAST, SCARD_STATE_UNAWARE), 0);
    set_one(&watcher, LAST, state.dwEventState);
    fake_hang(LAST);
    start(&watcher);
    uint64_t since_ms = now_ms();
    fake_insert(LAST);
    CHECK(end(&watcher, since_ms) >= SHORT_HOLD_MS);
    EXPECT(watcher.status, 0);
    check_shown(&watcher.states[0], false);
    inside_set_hold(HOLD_MS);
    since_ms = now_ms();
    EXPECT(look(&state, LAST, SCARD_STATE_UNAWARE), 0);
    check_shown(&state, false);
    EXPECT(look(&state, LAST, state.dwEventState), SCARD_E_TIMEOUT);
    CHECK(now_ms() - since_ms < SOON_MS);
    /* Another card behind it is another matter. */
    fake_remove(LAST);
    EXPECT(look(&state, LAST, state.dwEventState), 0);
    set_one(&watcher, LAST, state.dwEventState);
    start(&watcher);
    since_ms = now_ms();
    fake_insert(LAST);
    pause_ms(PAUSE_MS);
    CHECK(!has_ended(&watcher));
    fake_answer(LAST);
    CHECK(end(&watcher, since_ms) < SOON_MS);
    check_shown(&watcher.states[0], true);
    fake_remove(LAST);
}

/* That a card has none is news too. */
static void check_failure(void)
{
    SCARD_READERSTATE state = {0};
    struct watcher watcher;
    EXPECT(look(&state, LAST, SCARD_STATE_UNAWARE), 0);
    set_one(&watcher, LAST, state.dwEventState);
    start(&watcher);
    fake_hang(LAST);
    uint64_t since_ms = now_ms();
    fake_insert(LAST);
    pause_ms(PAUSE_MS);
    CHECK(!has_ended(&watcher));
    fake_behaviour(LAST)->power = SC_W_UNRESPONSIVE_CARD;
    fake_answer(LAST);
    CHECK(end(&watcher, since_ms) < SOON_MS);
    CHECK_EQ(watcher.states[0].dwEventState & 0xFFFF,
             SCARD_STATE_CHANGED | SCARD_STATE_PRESENT | SCARD_STATE_MUTE);
    fake_behaviour(LAST)->power = SC_OK;
    fake_remove(LAST);
}

/* The first look of a program finds out what is in, as far as that answers. */
static void check_first_look(void)
{
    struct watcher watcher;
    fake_hang(0);
    fake_insert(0);
    fake_insert(1);
    set(&watcher, 3, SCARD_STATE_UNAWARE);
    uint64_t since_ms = now_ms();
    start(&watcher);
    CHECK(!has_ended(&watcher));
    pause_ms(PAUSE_MS);
    fake_answer(0);
    CHECK(end(&watcher, since_ms) < SOON_MS);
    EXPECT(watcher.status, 0);
    check_shown(&watcher.states[0], true);
    check_shown(&watcher.states[1], true);
    CHECK_EQ(watcher.states[2].dwEventState & 0xFFFF,
             SCARD_STATE_CHANGED | SCARD_STATE_EMPTY);
    fake_remove(0);
    fake_remove(1);
}

/* Everything else that ends a wait does so. */
static void check_ends(void)
{
    struct watcher watcher;
    SCARD_READERSTATE state = {0};
    SCARDCONTEXT dying = new_context();
    EXPECT(look(&state, 0, SCARD_STATE_UNAWARE), 0);
    set(&watcher, 1, state.dwEventState);
    fake_hang(0);
    fake_insert(0);
    uint64_t since_ms = now_ms();
    start(&watcher);
    EXPECT(SCardCancel(context), 0);
    CHECK(end(&watcher, since_ms) < SOON_MS);
    EXPECT(watcher.status, SCARD_E_CANCELLED);
    watcher.context = dying;
    start(&watcher);
    EXPECT(SCardReleaseContext(dying), 0);
    CHECK(end(&watcher, since_ms) < SOON_MS);
    EXPECT(watcher.status, SCARD_E_CANCELLED);
    watcher.context = context;
    start(&watcher);
    CHECK(!has_ended(&watcher));
    fake_remove(0); /* in and out again: the counter tells */
    CHECK(end(&watcher, since_ms) < SOON_MS);
    EXPECT(watcher.status, 0);
    CHECK_EQ(watcher.states[0].dwEventState & 0xFFFF,
             SCARD_STATE_CHANGED | SCARD_STATE_EMPTY);
    CHECK_EQ((watcher.states[0].dwEventState >> 16) - (state.dwEventState >> 16), 2);
    go_on(&watcher);
    fake_insert(0); /* behind the one that still hangs */
    start(&watcher);
    CHECK(!has_ended(&watcher));
    fake_unplug(0);
    CHECK(end(&watcher, since_ms) < SOON_MS);
    CHECK_EQ(watcher.states[0].dwEventState,
             SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE | SCARD_STATE_CHANGED);
    fake_answer(0);
}

/* Who has the reader for himself without the card's power is not disturbed by those who
 * look at it, and nobody waits for his end. */
static void check_direct(void)
{
    SCARD_READERSTATE state = {0};
    SCARDHANDLE card;
    DWORD active;
    uint64_t since_ms = now_ms();
    uint32_t powered = fake_counts(2).power;
    fake_insert(2);
    EXPECT(SCardConnect(context, names[2], SCARD_SHARE_DIRECT, 0, &card, &active), 0);
    EXPECT(SCardBeginTransaction(card), 0);
    EXPECT(look(&state, 2, SCARD_STATE_UNAWARE), 0);
    CHECK((state.dwEventState & SCARD_STATE_PRESENT) != 0);
    CHECK_EQ(state.cbAtr, 0);
    CHECK(now_ms() - since_ms < SOON_MS);
    CHECK_EQ(fake_counts(2).power, powered);
    EXPECT(SCardEndTransaction(card, SCARD_LEAVE_CARD), 0);
    EXPECT(look(&state, 2, SCARD_STATE_UNAWARE), 0);
    CHECK_EQ(state.cbAtr, fake_atr_size);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    fake_remove(2);
}

static void *connect_card(void *result)
{
    SCARDHANDLE card;
    DWORD active;
    *(LONG *)result =
        SCardConnect(context, names[1], SCARD_SHARE_SHARED, T01, &card, &active);
    return NULL;
}

/* The last context goes while a card hangs, in a program's own connect, and there are
 * those who wait for what comes of it. */
static void check_stop(void)
{
    SCARD_READERSTATE state = {0};
    struct watcher watcher;
    pthread_t connecting;
    LONG status = 0;
    EXPECT(look(&state, 1, SCARD_STATE_UNAWARE), 0);
    fake_hang(1);
    fake_insert(1);
    CHECK_EQ(pthread_create(&connecting, NULL, connect_card, &status), 0);
    pause_ms(PAUSE_MS);
    set_one(&watcher, 1, SCARD_STATE_UNAWARE);
    start(&watcher);
    CHECK(!has_ended(&watcher));
    uint64_t since_ms = now_ms();
    EXPECT(SCardReleaseContext(context), 0);
    CHECK(end(&watcher, since_ms) < SOON_MS);
    EXPECT(watcher.status, SCARD_E_CANCELLED);
    CHECK(now_ms() - since_ms < SOON_MS);
    pthread_join(connecting, NULL);
    CHECK(status != 0);
}

int main(void)
{
    char uri[64];
    (void)snprintf(uri, sizeof(uri), "fake:?count=%d", READERS);
    setenv("WINSCARD_READERS", uri, 1);
    for (unsigned i = 0; i < READERS; i++)
        (void)snprintf(names[i], sizeof(names[i]), NAME, i);
    context = new_context();
    inside_set_hold(HOLD_MS);
    check_others();
    check_hold();
    check_failure();
    check_first_look();
    check_ends();
    check_direct();
    check_stop();
    return check_result();
}
