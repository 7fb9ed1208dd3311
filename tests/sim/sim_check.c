/* SPDX-License-Identifier: BSD-2-Clause */
/* The invariants of the manager, looked at after every event. */
#include "tests/sim/sim.h"

#include "manager/invariant.h"
#include "manager/limits.h"
#include "manager/slot_internal.h"

#include <stdlib.h>

void sim_fail(struct sim *sim, const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: seed %llu, step %llu: does not hold: %s\n", file, line,
            (unsigned long long)sim->seed, (unsigned long long)sim->steps, what);
    abort();
}

static void require_kept(struct sim *sim, const char *broken)
{
    if (broken != NULL)
        sim_fail(sim, broken, __FILE__, __LINE__);
}

/* Who is to be refused is, at that time. */
static void check_turns(struct sim *sim, const struct slot *slot)
{
    const struct list_link *link;
    LIST_FOR_EACH(link, &slot->queue)
    {
        const struct request *request = LIST_ENTRY(link, struct request, link);
        bool barred = turn_owner(slot) != NULL && request->card != turn_owner(slot);
        if (barred && request->patience != PATIENCE_ENDLESS
            && request->refuse_ms > sim->now_ms)
            SIM_REQUIRE(sim, slot_deadline(slot) <= request->refuse_ms);
    }
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
    /* What was published is how it is. */
    SIM_REQUIRE(sim, reader->view.version == reader->slot.version);
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
    for (const struct list_link *link = slot->cards.next;
         slot_reset_is_due(slot) && link != &slot->cards; link = link->next)
        SIM_REQUIRE(sim, !LIST_ENTRY(link, struct card_handle, in_slot)->bound
                             || slot_check_card(
                                    slot, LIST_ENTRY(link, struct card_handle, in_slot))
                                    != SC_OK);
}

/* After the clock was looked at: nobody keeps a transaction from others for longer than
 * he may, and no card keeps its power without being used. */
void sim_check_time(struct sim *sim, const struct slot *slot)
{
    if (slot->occupant != NULL || !slot_is_usable(slot))
        return;
    const struct slot_rules *rules = slot->rules;
    uint32_t idle_ms =
        slot->holder != NULL ? rules->idle_ms[slot->holder->program.abi] : 0;
    bool strict =
        rules->strict && slot->holder != NULL && slot->holder->program.abi == ABI_WINDOWS;
    if (idle_ms != 0 && (strict || hold_is_waited_for(slot)))
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
        const struct card_handle *card = manager->cards[i];
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
        bool number =
            entry->is_pnp && (watch->rule != WATCH_WINDOWS || entry->current >> 16 != 0);
        bool first = (entry->current & 0xFFFF) == 0 && !number;
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
    require_kept(sim, manager_invariant(&sim->manager));
    for (uint32_t i = 0; i < sim->manager.reader_used; i++) {
        const struct reader *reader = sim->manager.readers[i];
        require_kept(sim, slot_invariant(&reader->slot));
        check_turns(sim, &reader->slot);
        check_counters(sim, reader);
        check_state(sim, reader);
        check_probe(sim, reader);
        check_chores(sim, reader);
    }
    check_handles(sim);
    check_watches(sim);
    check_answers(sim);
}
