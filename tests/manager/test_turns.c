/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests that are refused where another's transaction is in the way, and the places
 * that are kept for those who come back. The clock is the test's. */
#include "manager/limits.h"
#include "manager/slot.h"
#include "tests/support/check.h"

enum { HANDLES = 4, HOLD_MS = 200 };

static struct slot slot;
static struct card_handle cards[HANDLES];

static enum verdict submit(struct request *request, uint64_t now_ms)
{
    return slot_submit(&slot, request, now_ms);
}

/* Direct handles on a reader without a card: no request of theirs needs a driver but
 * SCardControl. */
static void setup(void)
{
    struct reader_info info = {.card_present = false};
    slot_init(&slot, 0);
    slot_attach_reader(&slot, &info, 0);
    for (unsigned i = 0; i < HANDLES; i++) {
        struct request request = {
            .kind = REQUEST_CONNECT, .card = &cards[i], .share = SHARE_DIRECT};
        memset(&cards[i], 0, sizeof(cards[i]));
        list_init(&cards[i].in_slot);
        cards[i].slot = &slot;
        CHECK_EQ(submit(&request, 0), VERDICT_DONE);
        CHECK_EQ(request.error, SC_OK);
    }
}

static struct request make(enum request_kind kind, unsigned card)
{
    struct request request = {.kind = kind, .card = &cards[card], .share = SHARE_DIRECT};
    return request;
}

/* A client that is refused at once and asks again later. */
static enum sc_error ask(enum request_kind kind, unsigned card, uint64_t now_ms)
{
    struct request request = make(kind, card);
    request.patience = PATIENCE_RETURNS;
    request.refuse_ms = now_ms;
    enum verdict verdict = submit(&request, now_ms);
    CHECK(verdict != VERDICT_WAIT);
    if (verdict == VERDICT_RUN)
        CHECK_EQ(slot_job_done(&slot, &request, now_ms), VERDICT_DONE);
    return request.error;
}

static void end(unsigned card, uint64_t now_ms)
{
    struct request request = make(REQUEST_END, card);
    CHECK_EQ(submit(&request, now_ms), VERDICT_DONE);
    CHECK_EQ(request.error, SC_OK);
}

/* All that a transaction bars is refused, and the holder is not concerned. */
static void check_refusal(void)
{
    setup();
    CHECK_EQ(ask(REQUEST_BEGIN, 0, 0), SC_OK);
    CHECK_EQ(ask(REQUEST_BEGIN, 1, 0), SC_E_SHARING_VIOLATION);
    CHECK_EQ(ask(REQUEST_CONTROL, 1, 1), SC_E_SHARING_VIOLATION);
    CHECK_EQ(ask(REQUEST_RECONNECT, 1, 1), SC_E_SHARING_VIOLATION);
    CHECK_EQ(ask(REQUEST_SET_ATTRIBUTE, 2, 1), SC_E_SHARING_VIOLATION);
    CHECK_EQ(slot.queue_size, 2); /* a place for each of the two handles */
    CHECK_EQ(ask(REQUEST_CONTROL, 0, 2), SC_OK);
    end(0, 3);
    CHECK_EQ(ask(REQUEST_BEGIN, 1, 100), SC_OK);
    CHECK_EQ(slot.queue_size, 1);
}

/* First refused, first served, whoever asks first afterwards. */
static void check_order(void)
{
    setup();
    CHECK_EQ(ask(REQUEST_BEGIN, 0, 0), SC_OK);
    CHECK_EQ(ask(REQUEST_BEGIN, 1, 10), SC_E_SHARING_VIOLATION);
    CHECK_EQ(ask(REQUEST_BEGIN, 2, 20), SC_E_SHARING_VIOLATION);
    CHECK_EQ(ask(REQUEST_BEGIN, 1, 110), SC_E_SHARING_VIOLATION);
    end(0, 115);
    CHECK_EQ(ask(REQUEST_BEGIN, 0, 116), SC_E_SHARING_VIOLATION);
    CHECK_EQ(ask(REQUEST_BEGIN, 2, 120), SC_E_SHARING_VIOLATION);
    CHECK_EQ(ask(REQUEST_BEGIN, 1, 210), SC_OK);
    end(1, 211);
    CHECK_EQ(ask(REQUEST_BEGIN, 0, 216), SC_E_SHARING_VIOLATION);
    CHECK_EQ(ask(REQUEST_BEGIN, 2, 220), SC_OK);
    end(2, 221);
    CHECK_EQ(ask(REQUEST_BEGIN, 0, 316), SC_OK);
    end(0, 317);
    CHECK_EQ(slot.queue_size, 0);
}

/* Who can wait takes his turn among those who ask again; one who is refused after he has
 * waited keeps the place that he had. */
static void check_patience(void)
{
    struct request waits = make(REQUEST_BEGIN, 1), parked = make(REQUEST_BEGIN, 2);
    struct slot_chores chores;
    setup();
    waits.patience = PATIENCE_RETURNS;
    waits.refuse_ms = HOLD_MS;
    CHECK_EQ(ask(REQUEST_BEGIN, 0, 0), SC_OK);
    CHECK_EQ(submit(&waits, 0), VERDICT_WAIT);
    CHECK_EQ(submit(&parked, 1), VERDICT_WAIT);
    CHECK_EQ(slot_deadline(&slot), HOLD_MS);
    (void)slot_tick(&slot, HOLD_MS - 1, &chores);
    CHECK_EQ(waits.verdict, VERDICT_WAIT);
    (void)slot_tick(&slot, HOLD_MS, &chores);
    CHECK_EQ(waits.verdict, VERDICT_DONE);
    CHECK_EQ(waits.error, SC_E_SHARING_VIOLATION);
    CHECK(slot_take_ready(&slot) == &waits);
    end(0, HOLD_MS + 10);
    CHECK_EQ(parked.verdict, VERDICT_WAIT);
    CHECK_EQ(ask(REQUEST_BEGIN, 1, HOLD_MS + 100), SC_OK);
    end(1, HOLD_MS + 101);
    CHECK_EQ(parked.verdict, VERDICT_DONE);
    CHECK_EQ(parked.error, SC_OK);
    CHECK(slot_take_ready(&slot) == &parked);
    end(2, HOLD_MS + 102);
}

/* Who does not come back is waited for so long, and no longer. */
static void check_lost_turn(void)
{
    struct request parked = make(REQUEST_BEGIN, 2);
    struct slot_chores chores;
    setup();
    CHECK_EQ(ask(REQUEST_BEGIN, 0, 0), SC_OK);
    CHECK_EQ(ask(REQUEST_BEGIN, 1, 10), SC_E_SHARING_VIOLATION);
    CHECK_EQ(submit(&parked, 20), VERDICT_WAIT);
    end(0, 30);
    CHECK_EQ(slot_deadline(&slot), 30 + TURN_MS);
    (void)slot_tick(&slot, 30 + TURN_MS, &chores);
    CHECK(slot_take_ready(&slot) == &parked);
    CHECK_EQ(parked.error, SC_OK);
    CHECK_EQ(ask(REQUEST_BEGIN, 3, 400), SC_E_SHARING_VIOLATION);
    end(2, 400 + TURN_MS); /* and a place is void by then too */
    CHECK_EQ(ask(REQUEST_BEGIN, 0, 401 + TURN_MS), SC_OK);
    end(0, 402 + TURN_MS);
    /* Without anybody in the queue there is no deadline, and the turn is lost as well. */
    CHECK_EQ(ask(REQUEST_BEGIN, 0, 1000), SC_OK);
    CHECK_EQ(ask(REQUEST_BEGIN, 1, 1000), SC_E_SHARING_VIOLATION);
    end(0, 1010);
    CHECK_EQ(slot_deadline(&slot), UINT64_MAX);
    CHECK_EQ(ask(REQUEST_CONTROL, 2, 1010 + TURN_MS), SC_OK);
}

/* With the handle its place goes, and the turn that it has. */
static void check_disconnect(void)
{
    struct request gone = make(REQUEST_DISCONNECT, 1);
    setup();
    CHECK_EQ(ask(REQUEST_BEGIN, 0, 0), SC_OK);
    CHECK_EQ(ask(REQUEST_BEGIN, 1, 0), SC_E_SHARING_VIOLATION);
    CHECK_EQ(ask(REQUEST_BEGIN, 2, 0), SC_E_SHARING_VIOLATION);
    end(0, 1);
    slot_withdraw_card(&slot, &cards[1], SC_E_INVALID_HANDLE);
    CHECK_EQ(submit(&gone, 2), VERDICT_DONE);
    CHECK_EQ(ask(REQUEST_BEGIN, 2, 3), SC_OK);
    gone = make(REQUEST_DISCONNECT, 3);
    CHECK_EQ(ask(REQUEST_BEGIN, 3, 4), SC_E_SHARING_VIOLATION);
    slot_withdraw_card(&slot, &cards[3], SC_E_INVALID_HANDLE);
    CHECK_EQ(slot.queue_size, 0);
    CHECK_EQ(submit(&gone, 5), VERDICT_DONE);
    end(2, 6);
    CHECK(slot.next == NULL);
}

/* A transaction is taken from an idle holder for those who still come back, and not for
 * one who asked once. */
static void check_idle_holder(void)
{
    struct slot_chores chores;
    setup();
    CHECK_EQ(ask(REQUEST_BEGIN, 0, 0), SC_OK);
    CHECK_EQ(ask(REQUEST_BEGIN, 1, 0), SC_E_SHARING_VIOLATION);
    (void)slot_tick(&slot, TRANSACTION_IDLE_MS, &chores);
    CHECK(slot.holder == &cards[0]);
    uint64_t now_ms = TRANSACTION_IDLE_MS;
    for (; now_ms < 2 * TRANSACTION_IDLE_MS; now_ms += 100)
        CHECK_EQ(ask(REQUEST_BEGIN, 1, now_ms), SC_E_SHARING_VIOLATION);
    (void)slot_tick(&slot, now_ms, &chores);
    CHECK(slot.holder == NULL);
    CHECK_EQ(ask(REQUEST_BEGIN, 1, now_ms + 1), SC_OK);
}

int main(void)
{
    check_refusal();
    check_order();
    check_patience();
    check_lost_turn();
    check_disconnect();
    check_idle_holder();
    return check_result();
}
