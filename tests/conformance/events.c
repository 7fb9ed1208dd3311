/* SPDX-License-Identifier: BSD-2-Clause */
/* SCardGetStatusChange: looking, waiting, being cancelled. */
#include "tests/conformance/interface.h"

#include "base/atomic.h"

#define PNP NAME("\\\\?PnP?\\Notification")

enum { CHANGED = SCARD_STATE_CHANGED, WAITERS = 2, CANCEL_TRIES = 6 };

/* What a look without a wait says of the reader; 0: there is none, and the row is skipped. */
static DWORD look(SCARDCONTEXT context, SCARD_READERSTATE *state)
{
    const unit *reader = find_reader(context);
    *state = (SCARD_READERSTATE){.szReader = reader};
    if (reader == NULL)
        return 0;
    EXPECT(call.SCardGetStatusChange(context, 0, state, 1), 0);
    EXPECT_TRUE((state->dwEventState & CHANGED) != 0);
    return state->dwEventState;
}

static void poll_once(void)
{
    SCARD_READERSTATE state;
    SCARDCONTEXT context = make_context();
    DWORD event = look(context, &state);
    if (event != 0) {
        bool in = (event & SCARD_STATE_PRESENT) != 0;
        EXPECT_TRUE(in != ((event & SCARD_STATE_EMPTY) != 0));
        EXPECT_TRUE(in ? state.cbAtr >= 2 && state.cbAtr <= 33 : state.cbAtr == 0);
    }
    EXPECT(call.SCardReleaseContext(context), 0);
}

static void steady(void)
{
    SCARD_READERSTATE state;
    SCARDCONTEXT context = make_context();
    DWORD event = look(context, &state);
    if (event != 0) {
        state.dwCurrentState = event & ~(DWORD)CHANGED;
        uint64_t began_ms = os_now_ms();
        EXPECT(call.SCardGetStatusChange(context, SHORT_MS, &state, 1), SCARD_E_TIMEOUT);
        EXPECT_TRUE(os_now_ms() - began_ms >= SHORT_MS - 20);
        EXPECT_TRUE((state.dwEventState & CHANGED) == 0);
        state.dwCurrentState = event; /* that bit is no harm */
        EXPECT(call.SCardGetStatusChange(context, 1, &state, 1), SCARD_E_TIMEOUT);
    }
    EXPECT(call.SCardReleaseContext(context), 0);
}

static void other_state(void)
{
    SCARD_READERSTATE state;
    SCARDCONTEXT context = make_context();
    DWORD event = look(context, &state);
    if (event != 0) {
        state.dwCurrentState =
            (event & SCARD_STATE_PRESENT) != 0 ? SCARD_STATE_EMPTY : SCARD_STATE_PRESENT;
        EXPECT(call.SCardGetStatusChange(context, INFINITE, &state, 1), 0);
        EXPECT_TRUE((state.dwEventState & CHANGED) != 0);
    }
    EXPECT(call.SCardReleaseContext(context), 0);
}

static void no_entries(void)
{
    SCARDCONTEXT context = make_context();
    EXPECT(call.SCardGetStatusChange(context, 0, NULL, 0), 0);
    EXPECT(call.SCardGetStatusChange(context, 0, NULL, 1), SCARD_E_INVALID_PARAMETER);
    EXPECT(call.SCardReleaseContext(context), 0);
}

static void bad_context(void)
{
    SCARD_READERSTATE state = {.szReader = PNP};
    SCARDCONTEXT context = make_context();
    EXPECT(call.SCardReleaseContext(context), 0);
    EXPECT(call.SCardGetStatusChange(context, 0, &state, 1), BAD_HANDLE);
}

static void unknown_reader(void)
{
    SCARD_READERSTATE state = {.szReader = NAME("No Such Reader 7")};
    SCARDCONTEXT context = make_context();
    EXPECT(call.SCardGetStatusChange(context, 0, &state, 1), SCARD_E_UNKNOWN_READER);
    EXPECT(call.SCardReleaseContext(context), 0);
}

static void ignored(void)
{
    SCARD_READERSTATE states[2];
    SCARDCONTEXT context = make_context();
    DWORD event = look(context, &states[0]);
    if (event != 0) {
        states[0].dwCurrentState = event & ~(DWORD)CHANGED;
        states[1] = states[0];
        states[1].dwCurrentState = SCARD_STATE_IGNORE;
        states[1].dwEventState = 0;
        EXPECT(call.SCardGetStatusChange(context, 1, states, 2), SCARD_E_TIMEOUT);
        EXPECT_TRUE((states[1].dwEventState & CHANGED) == 0);
    }
    EXPECT(call.SCardReleaseContext(context), 0);
}

static void new_readers(void)
{
    SCARD_READERSTATE states[2];
    SCARDCONTEXT context = make_context();
    if (look(context, &states[0]) != 0) {
        states[1] = (SCARD_READERSTATE){.szReader = PNP};
        states[0].dwCurrentState = SCARD_STATE_UNAWARE;
        states[0].cbAtr = 37; /* whatever stood there */
        EXPECT(call.SCardGetStatusChange(context, LONG_MS, states, 2), 0);
        EXPECT_TRUE(states[0].cbAtr <= 36);
        EXPECT_TRUE((states[1].dwEventState & SCARD_STATE_UNKNOWN) == 0);
    }
    EXPECT(call.SCardReleaseContext(context), 0);
}

static void in_use(void)
{
    struct card card;
    SCARD_READERSTATE state;
    if (!open_card(&card))
        return;
    SCARDCONTEXT context = make_context();
    DWORD event = look(context, &state);
    EXPECT_TRUE((event & SCARD_STATE_INUSE) != 0 && (event & SCARD_STATE_EXCLUSIVE) == 0);
    EXPECT(call.SCardReleaseContext(context), 0);
    close_card(&card);
}

static void exclusive(void)
{
    struct card card;
    SCARD_READERSTATE state;
    DWORD active = 0;
    if (!open_card(&card))
        return;
    EXPECT(call.SCardReconnect(card.handle, SCARD_SHARE_EXCLUSIVE, T01, SCARD_LEAVE_CARD,
                               &active),
           0);
    SCARDCONTEXT context = make_context();
    EXPECT_TRUE((look(context, &state) & SCARD_STATE_EXCLUSIVE) != 0);
    EXPECT(call.SCardReleaseContext(context), 0);
    close_card(&card);
}

/* --- Waiting in a thread ---------------------------------------------------------------- */

struct waiter {
    struct os_thread thread;
    SCARDCONTEXT context;
    SCARD_READERSTATE state;
    LONG result;
    uint32_t ended; /* atomic */
};

static void wait_for_event(void *data)
{
    struct waiter *waiter = data;
    waiter->result =
        call.SCardGetStatusChange(waiter->context, INFINITE, &waiter->state, 1);
    atomic_store_u32(&waiter->ended, 1);
}

/* False: there is no reader. */
static bool begin_wait(struct waiter *waiter, SCARDCONTEXT context)
{
    DWORD event = look(context, &waiter->state);
    if (event == 0)
        return false;
    waiter->context = context;
    waiter->ended = 0;
    waiter->state.dwCurrentState = event & ~(DWORD)CHANGED;
    return os_thread_start(&waiter->thread, "waiter", wait_for_event, waiter) == SC_OK;
}

/* What the library has in hand cannot be seen from here: the thread gets some time. */
static void pause_for(uint64_t ms)
{
    uint64_t until_ms = os_now_ms() + ms;
    while (os_now_ms() < until_ms)
        os_thread_yield();
}

static bool have_ended(struct waiter *waiters, size_t count, uint64_t in_ms)
{
    uint64_t until_ms = os_now_ms() + in_ms;
    size_t ended = 0;
    do {
        os_thread_yield();
        ended = 0;
        for (size_t i = 0; i < count; i++)
            ended += atomic_load_u32(&waiters[i].ended);
    } while (ended < count && os_now_ms() < until_ms);
    return ended == count;
}

/* A cancel before the wait has begun is none, so there is another one. */
static void end_waits(struct waiter *waiters, size_t count)
{
    while (!have_ended(waiters, count, SHORT_MS))
        EXPECT(call.SCardCancel(waiters->context), 0);
    for (size_t i = 0; i < count; i++)
        os_thread_join(&waiters[i].thread);
}

/* So many waits end by one cancel, if they have begun by then: after a pause that is longer
 * each time that it was too short. */
static void check_cancel(size_t wanted)
{
    struct waiter waiters[WAITERS];
    SCARDCONTEXT context = make_context();
    bool by_one = false;
    size_t count = wanted;
    for (uint64_t i = 0; i < CANCEL_TRIES && !by_one && count == wanted; i++) {
        count = 0;
        while (count < wanted && begin_wait(&waiters[count], context))
            count++;
        if (count == 0)
            break;
        pause_for((uint64_t)SHORT_MS << i);
        EXPECT(call.SCardCancel(context), 0);
        by_one = have_ended(waiters, count, (uint64_t)SHORT_MS << i);
        end_waits(waiters, count);
        for (size_t k = 0; k < count; k++)
            EXPECT(waiters[k].result, SCARD_E_CANCELLED);
    }
    EXPECT_TRUE(by_one || count == 0);
    EXPECT(call.SCardIsValidContext(context), 0);
    EXPECT(call.SCardReleaseContext(context), 0);
}

static void cancelled(void)
{
    check_cancel(1);
}

static void cancelled_both(void)
{
    check_cancel(WAITERS);
}

static void others_go_on(void)
{
    struct waiter waiter;
    DWORD size = 0;
    SCARDCONTEXT context = make_context(), other = make_context();
    if (begin_wait(&waiter, context)) {
        pause_for(SHORT_MS);
        uint64_t began_ms = os_now_ms();
        EXPECT(call.SCardListReaders(other, NULL, NULL, &size), 0);
        EXPECT_TRUE(os_now_ms() - began_ms < LONG_MS);
        end_waits(&waiter, 1);
    }
    EXPECT(call.SCardReleaseContext(other), 0);
    EXPECT(call.SCardReleaseContext(context), 0);
}

static void wakes_for_use(void)
{
    struct waiter waiter;
    struct card card;
    SCARDCONTEXT context = make_context();
    if (begin_wait(&waiter, context)) {
        if (open_card(&card)) {
            EXPECT(select_file(&card), 0);
            pause_for(SHORT_MS);
            close_card(&card);
        }
        pause_for(SHORT_MS);
        end_waits(&waiter, 1);
        EXPECT(waiter.result, EITHER(0, SCARD_E_CANCELLED));
    }
    EXPECT(call.SCardReleaseContext(context), 0);
}

const struct row CONFORM(events)[] = {
    {"event-poll", "a look: a card and its ATR, or none", 0, poll_once},
    {"event-steady", "nothing new: the wait takes its time", 0, steady},
    {"event-other-state", "what is not so is news at once", 0, other_state},
    {"event-no-entries", "none is nothing to wait for", 0, no_entries},
    {"event-bad-context", "a released context sees nothing", 0, bad_context},
    {"event-unknown-reader", "a reader that is not there", 0, unknown_reader},
    {"event-ignored", "an entry to be left out is", 0, ignored},
    {"event-new-readers", "the entry for new readers beside a reader", 0, new_readers},
    {"event-in-use", "a shared connection shows", ROW_CARD, in_use},
    {"event-exclusive", "an exclusive connection shows", ROW_CARD, exclusive},
    {"event-cancelled", "a cancel ends the wait, and not the context", 0, cancelled},
    {"event-cancelled-both", "a cancel ends each wait of the context", 0, cancelled_both},
    {"event-others-go-on", "another context lists readers meanwhile", 0, others_go_on},
    {"event-use-wakes", "whether a connection of another's is news",
     ROW_CARD | ROW_DOCUMENTED, wakes_for_use},
    {0}};
