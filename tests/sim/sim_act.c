/* SPDX-License-Identifier: BSD-2-Clause */
/* What clients, readers and the clock of the simulation do. */
#include "tests/sim/sim.h"

#include "manager/ioctl.h"

#include <string.h>

static const uint8_t sim_atr[] = {0x3B, 0x80, 0x80, 0x01, 0x01}; /* T=0 and T=1 */

/* --- Operations --------------------------------------------------------------------- */

static struct op *new_op(struct sim *sim)
{
    for (uint32_t i = 0; i < SIM_OPS; i++) {
        struct op *op = &sim->ops[i];
        if (op->state != OP_FREE)
            continue;
        memset(op, 0, sizeof(*op));
        if (i >= sim->op_count)
            sim->op_count = i + 1;
        return op;
    }
    return NULL;
}

static void publish(struct sim *sim, struct reader *reader);

static void free_card_unless_stuck(struct sim *sim, struct op *op)
{
    const struct request *occupant = op->reader->slot.occupant;
    if (occupant == NULL || occupant->card != op->request.card)
        manager_card_free(&sim->manager, op->request.card);
}

/* The connection is made: its handle becomes valid, unless its context is gone. */
static void settle_connect(struct sim *sim, struct op *op)
{
    struct card_handle *card = op->request.card;
    if (op->request.error != SC_OK) {
        SIM_REQUIRE(sim, card->stage == HANDLE_LOOSE);
        manager_card_free(&sim->manager, card);
        return;
    }
    SIM_REQUIRE(sim, card->stage != HANDLE_LOOSE);
    if (!manager_card_publish(&sim->manager, card)) {
        struct op undo = {.request = {.kind = REQUEST_DISCONNECT, .card = card}};
        undo.reader = op->reader;
        enum verdict verdict = slot_submit(&op->reader->slot, &undo.request, sim->now_ms);
        /* LEAVE needs no job; only an occupant can be in the way. */
        if (verdict == VERDICT_WAIT)
            slot_withdraw(&op->reader->slot, &undo.request);
        SIM_REQUIRE(sim,
                    undo.request.verdict == VERDICT_DONE && card->stage == HANDLE_LOOSE);
        manager_card_free(&sim->manager, card);
        return;
    }
    if (sim->card_count < SIM_OPS)
        sim->cards[sim->card_count++] = card->id;
    else
        sim->cards[sim_random(sim, SIM_OPS)] = card->id;
}

static void answer(struct sim *sim, struct op *op)
{
    SIM_REQUIRE(sim, !op->answered);
    SIM_REQUIRE(sim, op->request.verdict == VERDICT_DONE);
    ioctl_end(&op->request);
    SIM_REQUIRE(sim, op->request.kind != REQUEST_CONTROL || op->request.error != SC_OK
                         || op->request.transfer.out_size <= SIM_OUT);
    op->answered = true;
    op->state = OP_FREE;
    sim->answered++;
    if (op->request.kind == REQUEST_PROBE)
        watch_probe_done(&sim->manager, op->reader);
    if (op->request.kind == REQUEST_TEND)
        slot_tended(&op->reader->slot, sim->now_ms, true);
    if (op->request.kind == REQUEST_CONNECT)
        settle_connect(sim, op);
    else if (op->request.kind == REQUEST_DISCONNECT) {
        SIM_REQUIRE(sim, op->request.error == SC_OK
                             && op->request.card->stage == HANDLE_LOOSE);
        free_card_unless_stuck(sim, op);
    }
}

static void run_job(struct sim *sim, struct op *op)
{
    static const uint32_t durations_ms[] = {0, 1, 5, 40, 1000, 4000};
    op->state = OP_RUNNING;
    op->ends_ms = sim->now_ms + durations_ms[sim_random(sim, 6)];
    if (sim_random(sim, 40) == 0)
        op->ends_ms = UINT64_MAX; /* hangs: only abort ends it */
}

/* Follows a verdict. Whoever became ready is followed after it. */
static void follow(struct sim *sim, struct op *op)
{
    if (op->request.verdict == VERDICT_DONE)
        answer(sim, op);
    else if (op->request.verdict == VERDICT_RUN)
        run_job(sim, op);
    else
        op->state = OP_PARKED;
}

static void follow_ready(struct sim *sim, struct reader *reader)
{
    struct request *request;
    while ((request = slot_take_ready(&reader->slot)) != NULL)
        follow(sim, request->waiter);
    publish(sim, reader);
}

static void submit(struct sim *sim, struct op *op)
{
    op->request.waiter = op;
    sim->submitted++;
    slot_submit(&op->reader->slot, &op->request, sim->now_ms);
    follow(sim, op);
    follow_ready(sim, op->reader);
}

/* --- Watches ------------------------------------------------------------------------ */

/* In the host this is a thread of its own; without one to spare it ends at once. */
static void probe(struct sim *sim, struct reader *reader)
{
    struct op *op = new_op(sim);
    if (op == NULL) {
        watch_probe_done(&sim->manager, reader);
        return;
    }
    op->reader = reader;
    op->request.kind = REQUEST_PROBE;
    submit(sim, op);
}

static void end_watch(struct sim *sim, struct op *op)
{
    watch_end(&op->watch);
    op->state = OP_FREE;
    sim->answered++;
}

bool sim_looks_first(const struct watch *watch)
{
    bool first = false;
    for (uint32_t i = 0; i < watch->count; i++)
        first |= watch->entries[i].current == 0 && !watch->entries[i].is_pnp;
    return first;
}

/* Looks at a watch until it is idle, or has an answer. */
static void check_watch(struct sim *sim, struct op *op)
{
    struct reader *wanted = NULL;
    enum watch_verdict verdict;
    while ((verdict = watch_check(&sim->manager, &op->watch, sim->now_ms, &wanted))
           == WATCH_PROBE) {
        SIM_REQUIRE(sim, wanted->probing);
        probe(sim, wanted);
    }
    if (verdict != WATCH_READY)
        return;
    SIM_REQUIRE(sim, op->watch.error != SC_E_TIMEOUT || !sim_looks_first(&op->watch));
    end_watch(sim, op);
}

static void follow_watches(struct sim *sim)
{
    struct watch *watch;
    while ((watch = watch_take_ready(&sim->manager)) != NULL) {
        struct op *op = watch->waiter;
        check_watch(sim, op);
    }
}

static void publish(struct sim *sim, struct reader *reader)
{
    struct slot_view view;
    slot_view(&reader->slot, &view);
    manager_publish(&sim->manager, reader, &view);
}

/* None, a look without waiting, or a wait; and the call may be late with it. */
static uint64_t random_deadline(struct sim *sim)
{
    uint32_t what = sim_random(sim, 8);
    uint64_t late_ms = sim_random(sim, 1000);
    if (what == 0)
        return UINT64_MAX;
    return sim->now_ms + (what < 4 ? 0 : sim_random(sim, 20000)) - late_ms;
}

static void start_watch(struct sim *sim, uint32_t context)
{
    struct op *op = new_op(sim);
    if (op == NULL)
        return;
    op->state = OP_WATCHING;
    op->began_ms = sim->now_ms;
    op->watch.deadline_ms = random_deadline(sim);
    op->watch.context = context;
    op->watch.rule = (enum watch_rule)sim_random(sim, 4);
    op->watch.since = sim->manager.changes - sim_random(sim, 3);
    op->watch.entries = op->entries;
    op->watch.count = op->watch.rule == WATCH_NEWS || op->watch.rule == WATCH_STATES
                          ? 0
                          : 1 + sim_random(sim, SIM_WATCH_ENTRIES);
    op->watch.waiter = op;
    for (uint32_t i = 0; i < op->watch.count; i++) {
        const struct sim_device *device = &sim->devices[sim_random(sim, SIM_READERS)];
        op->entries[i].name = device->reader == NULL || sim_random(sim, 4) == 0
                                  ? "\\\\?PnP?\\Notification"
                                  : device->reader->names[0];
        op->entries[i].current =
            sim_random(sim, 3) == 0 || device->reader == NULL
                ? 0
                : device->reader->view.state | device->reader->view.events << 16;
    }
    sim->submitted++;
    if (watch_begin(&sim->manager, &op->watch) != SC_OK)
        end_watch(sim, op);
    else
        check_watch(sim, op);
}

/* --- Clients ------------------------------------------------------------------------ */

static uint32_t any_context(struct sim *sim)
{
    return sim->contexts[sim_random(sim, SIM_CONTEXTS)];
}

static void connect_card(struct sim *sim, uint32_t context)
{
    struct sim_device *device = &sim->devices[sim_random(sim, SIM_READERS)];
    struct op *op = device->reader != NULL ? new_op(sim) : NULL;
    if (op == NULL)
        return;
    op->reader = device->reader;
    op->request.kind = REQUEST_CONNECT;
    op->request.share = 1 + (sim_random(sim, 8) == 0 ? 0 : 1 + sim_random(sim, 8) / 6);
    op->request.alone = op->request.share == SHARE_DIRECT && sim_random(sim, 2) == 0;
    op->request.protocols = sim_random(sim, 4);
    if (manager_card_new(&sim->manager, context, op->reader, &op->request.card) != SC_OK)
        return; /* op is still OP_FREE */
    submit(sim, op);
}

static struct op *call_card(struct sim *sim, uint32_t id, enum request_kind kind,
                            uint32_t disposition, bool deserted)
{
    struct card_handle *card = manager_card_find(&sim->manager, id);
    struct op *op = card != NULL ? new_op(sim) : NULL;
    if (op == NULL)
        return NULL;
    op->reader = manager_reader_of_slot(card->slot);
    op->card_id = id;
    op->request.kind = kind;
    op->request.card = card;
    op->request.disposition = disposition;
    op->request.deserted = deserted;
    op->request.share = kind == REQUEST_RECONNECT ? 1 + sim_random(sim, 3) : 0;
    op->request.protocols = kind == REQUEST_RECONNECT ? sim_random(sim, 4) : 0;
    if (kind != REQUEST_DISCONNECT && sim_random(sim, 3) == 0)
        op->request.patience = sim_random(sim, 2) == 0 ? PATIENCE_RETURNS : PATIENCE_ENDS;
    op->request.refuse_ms = sim->now_ms + (sim_random(sim, 2) == 0 ? 0 : 200);
    if (kind == REQUEST_CONTROL && !sim_choose_control(sim, op))
        return NULL; /* op is still OP_FREE */
    if (kind == REQUEST_DISCONNECT) {
        SIM_REQUIRE(sim, manager_card_retire(card, id));
        slot_withdraw_card(card->slot, card, SC_E_INVALID_HANDLE);
    }
    submit(sim, op);
    return op;
}

/* Its client is gone. What that had from the card is gone with it: at once, or when the
 * card is reset, which nobody but the owner of a transaction can put off. */
static void desert_card(struct sim *sim, uint32_t id)
{
    struct card_handle *card = manager_card_find(&sim->manager, id);
    struct slot *slot = card != NULL ? card->slot : NULL;
    if (card == NULL)
        return;
    uint32_t resets = slot->resets, epoch = slot->epoch;
    bool bound = card->bound && card->epoch == epoch;
    bool powered = slot->state == CARD_NEGOTIABLE || slot->state == CARD_SPECIFIC;
    struct op *op = call_card(sim, id, REQUEST_DISCONNECT, DISPOSITION_RESET, true);
    if (op == NULL || !powered || !bound || epoch != slot->epoch || slot_is_dead(slot))
        return;
    SIM_REQUIRE(sim, op->state != OP_FREE || slot->amends == AMENDS_RESET
                         || slot->resets != resets);
}

/* One that is valid, if there is such among a few. */
static uint32_t any_card(struct sim *sim)
{
    uint32_t id = 0;
    for (uint32_t i = 0; i < 16 && sim->card_count > 0; i++) { /* most are stale by now */
        id = sim->cards[sim_random(sim, sim->card_count)];
        if (manager_card_find(&sim->manager, id) != NULL)
            break;
    }
    return id;
}

/* SCardStatus, and what else is answered without a request. */
static void touch_card(struct sim *sim)
{
    const struct card_handle *card = manager_card_find(&sim->manager, any_card(sim));
    if (card != NULL)
        slot_touch(card->slot, card, sim->now_ms);
}

static void random_call(struct sim *sim)
{
    static const enum request_kind kinds[] = {
        REQUEST_BEGIN,      REQUEST_BEGIN,    REQUEST_END,       REQUEST_END,
        REQUEST_TRANSMIT,   REQUEST_TRANSMIT, REQUEST_TRANSMIT,  REQUEST_RECONNECT,
        REQUEST_DISCONNECT, REQUEST_CONTROL,  REQUEST_DISCONNECT};
    uint32_t id = any_card(sim);
    enum request_kind kind = kinds[sim_random(sim, 11)];
    bool leave = sim_random(sim, 2) == 0;
    uint32_t highest = kind == REQUEST_RECONNECT ? 3 : 4;
    (void)call_card(sim, id, kind, leave ? 0 : sim_random(sim, highest), false);
}

/* Also how a client dies: at any point of whatever it is doing. */
static void release_context(struct sim *sim, uint32_t id)
{
    struct context *context = manager_context_release(&sim->manager, id);
    uint32_t card;
    if (context == NULL)
        return;
    follow_watches(sim);
    while ((card = manager_context_next_card(&sim->manager, context)) != 0)
        desert_card(sim, card);
}

/* SCardCancel. */
static void cancel_context(struct sim *sim, uint32_t id)
{
    struct context *context = manager_context_find(&sim->manager, id);
    struct list_link *at;
    watch_cancel(&sim->manager, id);
    if (context == NULL)
        return;
    LIST_FOR_EACH(at, &context->cards)
    {
        struct card_handle *card = LIST_ENTRY(at, struct card_handle, in_context);
        slot_cancel_card(card->slot, card);
        follow_ready(sim, manager_reader_of_slot(card->slot));
    }
}

/* Some clients are of the same process, some of processes that can be looked at. */
static void new_context(struct sim *sim, uint32_t *id)
{
    if (manager_context_new(&sim->manager, id) != SC_OK) {
        *id = 0;
        return;
    }
    struct program *program = &manager_context_find(&sim->manager, *id)->program;
    program->abi = (enum program_abi)sim_random(sim, ABI_KINDS);
    program->process = sim_random(sim, 8);
    program->pid = program->process < 4 ? 0 : (uint32_t)program->process;
}

static void change_context(struct sim *sim)
{
    uint32_t *context = &sim->contexts[sim_random(sim, SIM_CONTEXTS)];
    if (*context == 0) {
        new_context(sim, context);
    } else if (sim_random(sim, 3) == 0) {
        release_context(sim, *context);
        *context = 0;
    }
}

/* A parked operation gives up: its thread was cancelled, its client died. */
static void withdraw_some(struct sim *sim)
{
    struct op *op = &sim->ops[sim_random(sim, sim->op_count + 1)];
    if (op->state != OP_PARKED || op->request.kind != REQUEST_BEGIN)
        return;
    SIM_REQUIRE(sim, slot_withdraw(&op->reader->slot, &op->request));
    follow(sim, op);
    follow_ready(sim, op->reader);
}

/* --- Readers ------------------------------------------------------------------------ */

static void plug(struct sim *sim, uint32_t number)
{
    struct sim_device *device = &sim->devices[number];
    struct reader_info info = {.vendor = "Sim", .product = "Reader"};
    info.card_present = device->card = sim_random(sim, 2) != 0;
    snprintf(info.device_id, sizeof(info.device_id), "SIM\\%u", (unsigned)number);
    if (manager_reader_add(&sim->manager, &info, &device->reader) != SC_OK) {
        device->reader = NULL;
        return;
    }
    device->stuck = sim_random(sim, 10) == 0;
    device->reader->slot.rules = &sim->rules;
    slot_attach_reader(&device->reader->slot, &info, device->reader->events);
    follow_ready(sim, device->reader);
}

static void unplug(struct sim *sim, struct sim_device *device)
{
    struct reader *reader = device->reader;
    device->reader = NULL;
    manager_reader_remove(&sim->manager, reader);
    slot_reader_gone(&reader->slot, sim->now_ms);
    if (reader->slot.occupant != NULL) {
        /* The driver makes the job fail soon, and closes after it. */
        struct op *op = reader->slot.occupant->waiter;
        op->ends_ms = sim->now_ms;
    }
    follow_ready(sim, reader);
}

/* The host stops, or a context is released: a job is asked to end now. */
static void hurry_some(struct sim *sim)
{
    struct sim_device *device = &sim->devices[sim_random(sim, SIM_READERS)];
    if (device->reader == NULL)
        return;
    const struct request *occupant = device->reader->slot.occupant;
    if (slot_hurry(&device->reader->slot, sim->now_ms) && !device->stuck) {
        struct op *op = occupant->waiter;
        op->ends_ms = sim->now_ms;
    }
}

static void change_reader(struct sim *sim)
{
    uint32_t number = sim_random(sim, SIM_READERS);
    struct sim_device *device = &sim->devices[number];
    if (device->reader == NULL) {
        plug(sim, number);
    } else if (sim_random(sim, 12) == 0) {
        unplug(sim, device);
    } else {
        device->card = !device->card;
        slot_card_event(&device->reader->slot, device->card, sim->now_ms);
        follow_ready(sim, device->reader);
    }
}

static void finish_job(struct sim *sim, struct op *op, enum sc_error error)
{
    struct job *job = &op->request.job;
    SIM_REQUIRE(sim, op->reader->slot.occupant == &op->request);
    job->error = error;
    memcpy(job->atr, sim_atr, sizeof(sim_atr));
    job->atr_size = sizeof(sim_atr);
    op->request.transfer.out_size = 2;
    struct slot *slot = &op->reader->slot;
    sim_tell_removal(sim, op, error);
    bool asked = op->request.kind == REQUEST_PROBE && op->request.epoch == slot->epoch
                 && slot_is_usable(slot);
    enum verdict verdict = slot_job_done(slot, &op->request, sim->now_ms);
    sim_check_removed(sim, op);
    /* It is not to be asked again; unless that was the reset before, which was stopped. */
    SIM_REQUIRE(sim, !asked || verdict == VERDICT_RUN || slot->state != CARD_UNKNOWN);
    follow(sim, op);
    if (op->reader->slot.occupant == NULL && !slot_has_reader(&op->reader->slot))
        op->reader->presence = READER_CLOSED;
    follow_ready(sim, op->reader);
}

/* --- The clock ---------------------------------------------------------------------- */

static void finish_due_jobs(struct sim *sim)
{
    for (uint32_t i = 0; i < sim->op_count; i++) {
        struct op *op = &sim->ops[i];
        if (op->state == OP_RUNNING && op->ends_ms <= sim->now_ms)
            finish_job(sim, op, sim_random_error(sim, op));
        else if (op->state == OP_WATCHING && op->watch.until_ms <= sim->now_ms)
            check_watch(sim, op);
    }
}

/* The process of the transaction's owner is looked at. */
static void look_at_holder(struct sim *sim, struct slot *slot)
{
    struct program program;
    if (!slot_asks_for_holder(slot, sim->now_ms, &program))
        return;
    SIM_REQUIRE(sim, program.pid != 0 && slot->holder->program.pid == program.pid);
    uint32_t what = sim_random(sim, 20);
    slot_note_holder(slot,
                     what == 0   ? PROGRAM_GONE
                     : what < 15 ? PROGRAM_RUNS
                                 : PROGRAM_STOPPED,
                     sim->now_ms);
}

/* In the host this is a thread of its own, which there may be none for. */
static void tend(struct sim *sim, struct reader *reader)
{
    struct op *op = sim_random(sim, 8) != 0 ? new_op(sim) : NULL;
    if (op == NULL) {
        slot_tended(&reader->slot, sim->now_ms, false);
        return;
    }
    op->reader = reader;
    op->request.kind = REQUEST_TEND;
    submit(sim, op);
}

static void tick(struct sim *sim)
{
    for (uint32_t i = 0; i < sim->manager.reader_used; i++) {
        struct reader *reader = sim->manager.readers[i];
        struct slot_chores chores;
        look_at_holder(sim, &reader->slot);
        uint64_t next_ms = slot_tick(&reader->slot, sim->now_ms, &chores);
        SIM_REQUIRE(sim, next_ms == slot_deadline(&reader->slot));
        struct op *op =
            reader->slot.occupant != NULL ? reader->slot.occupant->waiter : NULL;
        bool stuck = false;
        for (uint32_t d = 0; d < SIM_READERS; d++)
            stuck |= sim->devices[d].reader == reader && sim->devices[d].stuck;
        if (chores.stop && op != NULL && !stuck && op->state == OP_RUNNING)
            op->ends_ms = sim->now_ms;
        follow_ready(sim, reader);
        if (chores.tend)
            tend(sim, reader);
        sim_check_time(sim, &reader->slot);
        if (!slot_has_reader(&reader->slot) && reader->slot.occupant == NULL)
            reader->presence = READER_CLOSED;
    }
}

static void pass_time(struct sim *sim)
{
    static const uint32_t steps_ms[] = {1, 10, 100, 700, 1500, 6000, 70000};
    sim->now_ms += steps_ms[sim_random(sim, 7)];
    finish_due_jobs(sim);
    tick(sim);
}

void sim_act(struct sim *sim)
{
    uint32_t context = any_context(sim);
    uint32_t what = sim_random(sim, 100);
    sim->steps++;
    if (what < 8)
        change_context(sim);
    else if (what < 20 && context != 0)
        connect_card(sim, context);
    else if (what < 65)
        random_call(sim);
    else if (what < 67)
        touch_card(sim);
    else if (what < 72 && context != 0)
        start_watch(sim, context);
    else if (what < 74 && context != 0)
        cancel_context(sim, context);
    else if (what < 76)
        withdraw_some(sim);
    else if (what < 78)
        hurry_some(sim);
    else if (what < 82)
        change_reader(sim);
    else
        pass_time(sim);
    follow_watches(sim);
}

void sim_drain(struct sim *sim)
{
    for (uint32_t i = 0; i < SIM_CONTEXTS; i++)
        release_context(sim, sim->contexts[i]);
    for (uint32_t round = 0; round < 64; round++) {
        sim->now_ms += 700000;
        tick(sim);
        for (uint32_t i = 0; i < sim->op_count; i++)
            if (sim->ops[i].state == OP_RUNNING)
                finish_job(sim, &sim->ops[i], SC_E_CANCELLED);
        follow_watches(sim);
    }
    for (uint32_t i = 0; i < sim->op_count; i++)
        SIM_REQUIRE(sim, sim->ops[i].state == OP_FREE);
    SIM_REQUIRE(sim, sim->submitted == sim->answered);
    SIM_REQUIRE(sim, sim->manager.context_count == 0);
    for (uint32_t i = 0; i < sim->manager.reader_used; i++) {
        const struct slot *slot = &sim->manager.readers[i]->slot;
        SIM_REQUIRE(sim, slot->card_count == 0);
        SIM_REQUIRE(
            sim, slot->rules->power_off_ms == 0
                     || (slot->state != CARD_NEGOTIABLE && slot->state != CARD_SPECIFIC));
    }
}
