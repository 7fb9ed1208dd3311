/* SPDX-License-Identifier: BSD-2-Clause */
/* What time brings to a reader, with the time given: how long a transaction may be idle,
 * by whose rules, what keeps it, and when a card that nobody is connected to loses its
 * power. */
#include "manager/limits.h"
#include "manager/slot.h"
#include "tests/support/check.h"

enum { HANDLES = 3, OWN = 1, FOREIGN = 2 };

static struct slot slot;
static struct slot_rules rules;
static struct card_handle cards[HANDLES];

/* A request that ends now; its jobs succeed. */
static enum sc_error ask(struct request *request, uint64_t now_ms)
{
    static const uint8_t atr[] = {0x3B, 0x80, 0x80, 0x01, 0x01};
    enum verdict verdict = slot_submit(&slot, request, now_ms);
    while (verdict == VERDICT_RUN) {
        request->job.error = SC_OK;
        memcpy(request->job.atr, atr, sizeof(atr));
        request->job.atr_size = sizeof(atr);
        request->transfer.out_size = 2;
        verdict = slot_job_done(&slot, request, now_ms);
    }
    CHECK_EQ(verdict, VERDICT_DONE);
    return request->error;
}

static enum sc_error call(enum request_kind kind, unsigned card, uint64_t now_ms)
{
    struct request request = {.kind = kind,
                              .card = &cards[card],
                              .share = SHARE_SHARED,
                              .protocols = kind == REQUEST_TRANSMIT ? 0 : PROTOCOL_T1};
    return ask(&request, now_ms);
}

/* Handle 0 has the transaction from time 0 on; handle 1 is of its process, 2 of another.
 */
static void setup(enum program_abi abi)
{
    struct reader_info info = {.card_present = true};
    slot_init(&slot, 0);
    rules = slot_default_rules;
    slot.rules = &rules;
    slot_attach_reader(&slot, &info, 0);
    for (unsigned i = 0; i < HANDLES; i++) {
        cards[i] = (struct card_handle){.slot = &slot};
        list_init(&cards[i].in_slot);
        cards[i].program = (struct program){.abi = abi, .process = i < 2 ? OWN : FOREIGN};
        CHECK_EQ(call(REQUEST_CONNECT, i, 0), SC_OK);
    }
    CHECK_EQ(call(REQUEST_BEGIN, 0, 0), SC_OK);
}

static struct request waiting;

static void wait_from(uint64_t now_ms)
{
    waiting = (struct request){.kind = REQUEST_BEGIN, .card = &cards[2]};
    CHECK_EQ(slot_submit(&slot, &waiting, now_ms), VERDICT_WAIT);
}

static void tick(uint64_t now_ms)
{
    struct slot_chores chores;
    (void)slot_tick(&slot, now_ms, &chores);
    CHECK(!chores.stop);
}

/* Nothing happens until just before this time, and then it is taken away. */
static void check_taken_at(uint64_t now_ms)
{
    CHECK_EQ(slot_deadline(&slot), now_ms);
    tick(now_ms - 1);
    CHECK(slot.holder == &cards[0]);
    tick(now_ms);
    CHECK(slot.holder != &cards[0]);
    /* For everybody the card was reset, before it is. */
    for (unsigned i = 0; i < HANDLES; i++)
        CHECK_EQ(slot_check_card(&slot, &cards[i]), SC_W_RESET_CARD);
    CHECK_EQ(call(REQUEST_END, 0, now_ms), SC_W_RESET_CARD);
}

static void check_waiter_is_told(void)
{
    CHECK(slot_take_ready(&slot) == &waiting);
    CHECK_EQ(waiting.error, SC_W_RESET_CARD);
}

/* It is idle for the time that its ABI has, counted from when the first one waits. */
static void check_idle(void)
{
    const uint64_t limits_ms[] = {[ABI_WINDOWS] = TRANSACTION_IDLE_MS,
                                  [ABI_PCSCLITE] = TRANSACTION_IDLE_PCSCLITE_MS};
    for (unsigned abi = 0; abi < ABI_KINDS; abi++) {
        setup((enum program_abi)abi);
        CHECK_EQ(slot_deadline(&slot), UINT64_MAX); /* nobody waits */
        tick(1000000);
        wait_from(1000000);
        check_taken_at(1000000 + limits_ms[abi]);
        check_waiter_is_told();
        setup((enum program_abi)abi);
        rules.idle_ms[abi] = 0;
        wait_from(0);
        CHECK_EQ(slot_deadline(&slot), UINT64_MAX);
    }
}

/* Every access of its process keeps it, by whatever handle; none of another's does. */
static void check_accesses(void)
{
    static const enum request_kind kinds[] = {REQUEST_TRANSMIT, REQUEST_CONTROL,
                                              REQUEST_GET_ATTRIBUTE,
                                              REQUEST_SET_ATTRIBUTE, REQUEST_BEGIN};
    uint64_t now_ms = 100;
    setup(ABI_WINDOWS);
    wait_from(now_ms);
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        now_ms += TRANSACTION_IDLE_MS - 1;
        CHECK_EQ(call(kinds[i], 0, now_ms), SC_OK);
        CHECK_EQ(slot_deadline(&slot), now_ms + TRANSACTION_IDLE_MS);
        tick(now_ms);
        CHECK(slot.holder == &cards[0]);
    }
    slot_touch(&slot, &cards[1], ++now_ms); /* SCardStatus */
    CHECK_EQ(slot_deadline(&slot), now_ms + TRANSACTION_IDLE_MS);
    CHECK_EQ(call(REQUEST_DISCONNECT, 1, now_ms + 1), SC_OK);
    slot_touch(&slot, &cards[0], ++now_ms);
    slot_touch(&slot, &cards[2], now_ms + 9); /* of another process */
    CHECK_EQ(call(REQUEST_END, 2, now_ms + 9), SC_E_NOT_TRANSACTED);
    check_taken_at(now_ms + TRANSACTION_IDLE_MS);
    check_waiter_is_told();
}

/* As Windows does it: nobody need wait. Programs of pcsc-lite's ABI are not concerned. */
static void check_strict(void)
{
    setup(ABI_WINDOWS);
    rules.strict = true;
    check_taken_at(TRANSACTION_IDLE_MS);
    setup(ABI_WINDOWS);
    rules.strict = true;
    wait_from(TRANSACTION_IDLE_MS - 10); /* no reason to be kinder */
    check_taken_at(TRANSACTION_IDLE_MS);
    setup(ABI_PCSCLITE);
    rules.strict = true;
    CHECK_EQ(slot_deadline(&slot), UINT64_MAX);
}

static bool is_asked_for(uint64_t now_ms)
{
    struct program program;
    return slot_asks_for_holder(&slot, now_ms, &program);
}

/* The owner's process is looked at once a second while somebody waits. */
static void check_process(void)
{
    setup(ABI_PCSCLITE);
    cards[0].program.pid = 77;
    CHECK(!is_asked_for(100000)); /* nobody waits */
    wait_from(100000);
    CHECK(!is_asked_for(100000));
    CHECK_EQ(slot_deadline(&slot), 100000 + HOLDER_LOOK_MS);
    CHECK(is_asked_for(101000));
    slot_note_holder(&slot, PROGRAM_RUNS, 101000);
    CHECK(!is_asked_for(101000));
    slot_note_holder(&slot, PROGRAM_STOPPED, 102000);
    slot_note_holder(&slot, PROGRAM_RUNS, 103000); /* it goes on */
    for (uint64_t now_ms = 104000; now_ms < 104000 + HOLDER_STOP_MS; now_ms += 1000) {
        slot_note_holder(&slot, PROGRAM_STOPPED, now_ms);
        tick(now_ms);
        CHECK(slot.holder == &cards[0]);
    }
    slot_note_holder(&slot, PROGRAM_STOPPED, 104000 + HOLDER_STOP_MS - 500);
    check_taken_at(104000 + HOLDER_STOP_MS);
    check_waiter_is_told();

    setup(ABI_PCSCLITE);
    cards[0].program.pid = 77;
    rules.idle_ms[ABI_PCSCLITE] = 0;
    wait_from(0);
    slot_note_holder(&slot, PROGRAM_STOPPED, 1000);
    tick(1000 + 10 * HOLDER_STOP_MS);
    CHECK(slot.holder == &cards[0]);
}

/* A program that forked and ended, whose child goes on with its connection, keeps its
 * transaction: for as long as any other may be idle. */
static void check_daemon(void)
{
    setup(ABI_PCSCLITE);
    cards[0].program.pid = 77;
    wait_from(0);
    slot_note_holder(&slot, PROGRAM_STOPPED, 1000);
    slot_note_holder(&slot, PROGRAM_GONE, 2000); /* no longer stopped, then */
    for (uint64_t now_ms = 3000; now_ms < 30000; now_ms += 1000) {
        CHECK(is_asked_for(now_ms));
        slot_note_holder(&slot, PROGRAM_GONE, now_ms);
        tick(now_ms);
        CHECK(slot.holder == &cards[0]);
    }
    CHECK_EQ(call(REQUEST_END, 0, 30000), SC_OK);

    setup(ABI_PCSCLITE);
    cards[0].program.pid = 77;
    wait_from(0);
    slot_note_holder(&slot, PROGRAM_GONE, TRANSACTION_IDLE_PCSCLITE_MS - 10);
    check_taken_at(TRANSACTION_IDLE_PCSCLITE_MS);
    check_waiter_is_told();
}

/* --- Power -------------------------------------------------------------------------- */

static bool is_tended(uint64_t now_ms)
{
    struct slot_chores chores;
    (void)slot_tick(&slot, now_ms, &chores);
    return chores.tend;
}

static void tend(uint64_t now_ms)
{
    struct request request = {.kind = REQUEST_TEND};
    CHECK_EQ(ask(&request, now_ms), SC_OK);
    slot_tended(&slot, now_ms, true);
}

static uint32_t state(void)
{
    struct slot_view view;
    slot_view(&slot, &view);
    return view.state;
}

/* So long after the last handle is gone, and not before; nobody sees it. */
static void check_rest(void)
{
    setup(ABI_WINDOWS);
    CHECK_EQ(call(REQUEST_END, 0, 10), SC_OK);
    CHECK_EQ(call(REQUEST_DISCONNECT, 0, 10), SC_OK);
    CHECK_EQ(call(REQUEST_DISCONNECT, 1, 20), SC_OK);
    CHECK_EQ(slot_deadline(&slot), UINT64_MAX);
    CHECK_EQ(call(REQUEST_DISCONNECT, 2, 1000000), SC_OK);
    CHECK_EQ(slot_deadline(&slot), 1000000 + POWER_OFF_MS);
    CHECK(!is_tended(1000000 + POWER_OFF_MS - 1));
    CHECK(is_tended(1000000 + POWER_OFF_MS));
    CHECK_EQ(slot_deadline(&slot), UINT64_MAX); /* asked for once */
    slot_tended(&slot, 1000000 + POWER_OFF_MS, false);
    CHECK_EQ(slot_deadline(&slot), 1000000 + POWER_OFF_MS + CHORE_RETRY_MS);
    CHECK(is_tended(1000000 + POWER_OFF_MS + CHORE_RETRY_MS));
    uint32_t before = state();
    tend(1010000);
    CHECK_EQ(slot.state, CARD_OFF);
    CHECK_EQ(state(), before);
    CHECK_EQ(slot_deadline(&slot), UINT64_MAX);
    /* Somebody was quicker than the job: it does nothing. */
    CHECK_EQ(call(REQUEST_CONNECT, 0, 1020000), SC_OK);
    CHECK_EQ(slot.state, CARD_SPECIFIC);
    CHECK_EQ(call(REQUEST_DISCONNECT, 0, 1020000), SC_OK);
    CHECK(is_tended(1020000 + POWER_OFF_MS));
    CHECK_EQ(call(REQUEST_CONNECT, 0, 1030000), SC_OK);
    tend(1030000);
    CHECK_EQ(slot.state, CARD_SPECIFIC);
    CHECK_EQ(call(REQUEST_DISCONNECT, 0, 1030000), SC_OK);
    rules.power_off_ms = 0;
    CHECK_EQ(slot_deadline(&slot), UINT64_MAX);
}

/* A handle whose client is gone, within another's transaction: that goes on, and the
 * reset is made when it is over, without anybody asking for it. */
static void check_deserted(void)
{
    struct request gone = {.kind = REQUEST_DISCONNECT,
                           .card = &cards[2],
                           .disposition = DISPOSITION_RESET,
                           .deserted = true};
    setup(ABI_WINDOWS);
    CHECK_EQ(ask(&gone, 10), SC_OK);
    CHECK_EQ(call(REQUEST_TRANSMIT, 0, 20), SC_OK);
    CHECK_EQ(slot_deadline(&slot), UINT64_MAX);
    uint32_t resets = slot.resets;
    CHECK_EQ(call(REQUEST_END, 0, 30), SC_OK);
    CHECK_EQ(slot_check_card(&slot, &cards[0]), SC_W_RESET_CARD);
    CHECK(slot_deadline(&slot) <= 30);
    CHECK_EQ(slot.resets, resets);
    CHECK(is_tended(30));
    tend(30);
    CHECK_EQ(slot.resets, resets + 1);
    CHECK_EQ(slot.state, CARD_NEGOTIABLE); /* the others are still connected */
    CHECK_EQ(call(REQUEST_TRANSMIT, 1, 40), SC_W_RESET_CARD);
    CHECK_EQ(call(REQUEST_RECONNECT, 1, 40), SC_OK);
    CHECK_EQ(slot.resets, resets + 1); /* once */
}

int main(void)
{
    check_idle();
    check_accesses();
    check_strict();
    check_process();
    check_daemon();
    check_rest();
    check_deserted();
    return check_result();
}
