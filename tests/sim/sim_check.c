/* SPDX-License-Identifier: BSD-2-Clause */
/* The invariants of the manager, looked at after every event. */
#include "tests/sim/sim.h"

#include "manager/limits.h"
#include "manager/slot_internal.h"

#include <stdlib.h>

void sim_fail(struct sim *sim, const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: seed %llu, step %llu: does not hold: %s\n", file, line,
            (unsigned long long)sim->seed, (unsigned long long)sim->steps, what);
    abort();
}

static uint32_t length(const struct list_link *head)
{
    uint32_t count = 0;
    for (const struct list_link *link = head->next; link != head; link = link->next)
        count++;
    return count;
}

static void check_sharing(struct sim *sim, const struct slot *slot)
{
    uint32_t exclusive = 0;
    bool holder_is_attached = false;
    SIM_REQUIRE(sim, slot->card_count == length(&slot->cards));
    for (const struct list_link *link = slot->cards.next; link != &slot->cards;
         link = link->next) {
        const struct card *card = LIST_ENTRY(link, struct card, in_slot);
        SIM_REQUIRE(sim, card->attached && card->slot == slot);
        exclusive += card == slot->exclusive;
        holder_is_attached |= card == slot->holder;
    }
    SIM_REQUIRE(sim, (slot->exclusive != NULL) == (exclusive == 1));
    SIM_REQUIRE(sim, slot->exclusive == NULL || slot->card_count == 1);
    /* One owner of the transaction, connected, and counted. */
    SIM_REQUIRE(sim, (slot->holder != NULL) == (slot->depth > 0));
    SIM_REQUIRE(sim, slot->holder == NULL || holder_is_attached);
}

/* A place is its handle's, and the handle with the turn is connected. */
static void check_turns(struct sim *sim, const struct slot *slot)
{
    bool next_is_attached = false;
    for (const struct list_link *link = slot->cards.next; link != &slot->cards;
         link = link->next)
        next_is_attached |= LIST_ENTRY(link, struct card, in_slot) == slot->next;
    SIM_REQUIRE(sim, slot->next == NULL || next_is_attached);
    for (const struct list_link *link = slot->queue.next; link != &slot->queue;
         link = link->next) {
        const struct request *request = LIST_ENTRY(link, struct request, link);
        bool barred = turn_owner(slot) != NULL && request->card != turn_owner(slot);
        SIM_REQUIRE(
            sim, !request->is_place
                     || (request->card->has_place && request == &request->card->place));
        /* Who is to be refused is, at that time. */
        if (barred && request->refusable && request->refuse_ms > sim->now_ms)
            SIM_REQUIRE(sim, slot_deadline(slot) <= request->refuse_ms);
    }
}

/* Nobody is forgotten: without an occupant, what waits waits for the holder alone, or for
 * who was refused and may go first; or, to have the card for itself, for the other
 * handles. */
static void check_queue(struct sim *sim, const struct slot *slot)
{
    SIM_REQUIRE(sim, slot->queue_size == length(&slot->queue));
    SIM_REQUIRE(sim, list_empty(&slot->ready));
    for (const struct list_link *link = slot->queue.next; link != &slot->queue;
         link = link->next) {
        const struct request *request = LIST_ENTRY(link, struct request, link);
        SIM_REQUIRE(sim, request->verdict == VERDICT_WAIT);
        SIM_REQUIRE(sim, !slot->dead);
        /* What has its answer has been given it. */
        SIM_REQUIRE(sim, request->is_place || !step_stands(slot, request));
        if (slot->occupant == NULL && !step_waits_alone(slot, request)) {
            SIM_REQUIRE(sim, turn_owner(slot) != NULL);
            SIM_REQUIRE(sim, request->card == NULL || request->is_place
                                 || request->card != turn_owner(slot));
        }
    }
    if (slot->occupant != NULL)
        SIM_REQUIRE(sim, slot->occupant->verdict == VERDICT_RUN);
}

static void check_counters(struct sim *sim, const struct reader *reader)
{
    uint32_t i = reader->index;
    const struct slot *slot = &reader->slot;
    if (i >= SIM_READERS * 8)
        return;
    SIM_REQUIRE(sim, slot->version >= sim->last_version[i]);
    SIM_REQUIRE(sim, slot->epoch >= sim->last_epoch[i]);
    SIM_REQUIRE(sim, slot->serial >= sim->last_serial[i]);
    if (slot->serial == sim->last_serial[i])
        SIM_REQUIRE(sim, slot->events >= sim->last_events[i]);
    sim->last_version[i] = slot->version;
    sim->last_epoch[i] = slot->epoch;
    sim->last_serial[i] = slot->serial;
    sim->last_events[i] = slot->events;
}

static void check_state(struct sim *sim, const struct reader *reader)
{
    const struct slot *slot = &reader->slot;
    if (!slot->present || slot->dead || slot->state == CARD_ABSENT) {
        /* A transaction without a card is one on the reader, by a direct handle. */
        SIM_REQUIRE(sim, slot->holder == NULL || !slot->holder->bound);
        SIM_REQUIRE(sim, slot->protocol == 0 && slot->atr_size == 0);
    }
    if (slot->state == CARD_SPECIFIC)
        SIM_REQUIRE(sim, slot->protocol != 0 && slot->atr_size > 0);
    /* What was published is how it is. */
    SIM_REQUIRE(sim, reader->view.version == slot->version);
}

/* What a client left behind is never found by the next one. */
static void check_chores(struct sim *sim, const struct reader *reader)
{
    const struct slot *slot = &reader->slot;
    uint32_t chores = 0;
    for (uint32_t i = 0; i < sim->op_count; i++) {
        const struct op *op = &sim->ops[i];
        chores += op->state != OP_FREE && op->state != OP_WATCHING
                  && op->request.kind == REQUEST_TEND && op->reader == reader;
    }
    SIM_REQUIRE(sim, chores == (slot->tending ? 1U : 0U));
    /* A reset that is due comes before a transaction, one for later after it. */
    SIM_REQUIRE(sim, !slot->reset_due || slot->holder == NULL);
    SIM_REQUIRE(sim, !slot->reset_later || slot->holder != NULL);
    for (const struct list_link *link = slot->cards.next;
         slot->reset_due && link != &slot->cards; link = link->next)
        SIM_REQUIRE(sim,
                    !LIST_ENTRY(link, struct card, in_slot)->bound
                        || slot_check_card(slot, LIST_ENTRY(link, struct card, in_slot))
                               != SC_OK);
    SIM_REQUIRE(sim, !slot->resting || slot->state == CARD_OFF);
    /* DISCONNECT requests that were counted as under way are. */
    SIM_REQUIRE(sim, slot->leaving == 0 || slot->occupant != NULL);
}

/* After the clock was looked at: nobody keeps a transaction from others for longer than
 * he may, and no card keeps its power without being used. */
void sim_check_time(struct sim *sim, const struct slot *slot)
{
    if (slot->occupant != NULL || slot->dead || !slot->present)
        return;
    const struct slot_rules *rules = slot->rules;
    uint32_t idle_ms =
        slot->holder != NULL ? rules->idle_ms[slot->holder->program.abi] : 0;
    bool strict =
        rules->strict && slot->holder != NULL && slot->holder->program.abi == ABI_WINDOWS;
    if (idle_ms != 0 && (strict || slot_is_waited_for(slot)))
        SIM_REQUIRE(sim, sim->now_ms < slot->activity_ms + idle_ms);
    if (slot->holder == NULL && slot->card_count == 0 && slot_is_powered(slot)
        && !slot->tending && sim->now_ms >= slot->retry_ms && rules->power_off_ms != 0)
        SIM_REQUIRE(sim, sim->now_ms < slot->used_ms + rules->power_off_ms);
}

/* Who is said to be asked for the ATR is being asked, and nobody twice. */
static void check_probe(struct sim *sim, const struct reader *reader)
{
    uint32_t probes = 0;
    for (uint32_t i = 0; i < sim->op_count; i++) {
        const struct op *op = &sim->ops[i];
        if (op->state == OP_FREE || op->state == OP_WATCHING
            || op->request.kind != REQUEST_PROBE || op->reader != reader)
            continue;
        probes++;
        /* It waits for jobs, and never for a transaction. */
        SIM_REQUIRE(sim, op->state == OP_RUNNING || reader->slot.occupant != NULL);
    }
    SIM_REQUIRE(sim, probes == (reader->probing ? 1U : 0U));
}

/* No handle outlives its context. */
static void check_handles(struct sim *sim)
{
    struct manager *manager = &sim->manager;
    for (uint32_t i = 0; i < manager->card_ids.used; i++) {
        const struct card *card = manager->cards[i];
        if (card == NULL || card->id == 0)
            continue;
        SIM_REQUIRE(sim, manager_context_find(manager, card->context) != NULL);
        SIM_REQUIRE(sim, manager_card_find(manager, card->id) == card);
    }
}

/* What a sleeping watch keeps to itself is about cards that are being powered alone. */
static void check_held(struct sim *sim, const struct op *op)
{
    const struct watch *watch = &op->watch;
    bool held = false;
    bool waits = watch->rule == WATCH_STATES || sim_looks_first(watch);
    for (uint32_t i = 0; i < watch->count; i++) {
        const struct watch_entry *entry = &watch->entries[i];
        bool powers = entry->reader != NULL && entry->reader->probing;
        bool first = (entry->current & 0xFFFF) == 0 && !entry->is_pnp;
        held |= powers;
        SIM_REQUIRE(sim, powers || first || (entry->event & 0x0002) == 0);
    }
    for (uint32_t i = 0; i < watch->count && !held; i++)
        SIM_REQUIRE(sim, (watch->entries[i].event & 0x0002) == 0);
    if (watch->until_ms != watch->deadline_ms)
        SIM_REQUIRE(sim, watch->until_ms <= sim->now_ms + PROBE_HOLD_MS);
    SIM_REQUIRE(sim, !waits || sim->now_ms < op->began_ms + PROBE_HOLD_MS);
    SIM_REQUIRE(sim, watch->deadline_ms == UINT64_MAX
                         || sim->now_ms < watch->deadline_ms + PROBE_HOLD_MS);
}

/* A watch that sleeps has nothing to say: asked again, it is idle. */
static void check_watches(struct sim *sim)
{
    for (uint32_t i = 0; i < sim->op_count; i++) {
        struct op *op = &sim->ops[i];
        struct reader *probe = NULL;
        if (op->state != OP_WATCHING)
            continue;
        SIM_REQUIRE(sim, !op->watch.woken);
        SIM_REQUIRE(sim, watch_check(&sim->manager, &op->watch, sim->now_ms, &probe)
                             == WATCH_IDLE);
        SIM_REQUIRE(sim, sim->now_ms < op->watch.until_ms);
        check_held(sim, op);
    }
    SIM_REQUIRE(sim, list_empty(&sim->manager.ready_watches));
}

/* Every request is answered exactly once: those not answered are under way. */
static void check_answers(struct sim *sim)
{
    uint64_t under_way = 0;
    for (uint32_t i = 0; i < sim->op_count; i++)
        under_way += sim->ops[i].state != OP_FREE;
    SIM_REQUIRE(sim, sim->submitted == sim->answered + under_way);
}

void sim_check(struct sim *sim)
{
    uint32_t present = 0;
    for (uint32_t i = 0; i < sim->manager.reader_used; i++) {
        const struct reader *reader = sim->manager.readers[i];
        check_sharing(sim, &reader->slot);
        check_queue(sim, &reader->slot);
        check_turns(sim, &reader->slot);
        check_counters(sim, reader);
        check_state(sim, reader);
        check_probe(sim, reader);
        check_chores(sim, reader);
        present += reader->present;
    }
    SIM_REQUIRE(sim, present == sim->manager.reader_count);
    check_handles(sim);
    check_watches(sim);
    check_answers(sim);
}
