/* SPDX-License-Identifier: BSD-2-Clause */
/* The seeded simulation of the whole host: sim_host [first seed] [seeds] [steps per
 * client]. Clients, drivers and the host's own threads are fibers on a clock that is not
 * the system's (fibers.h). A failing run prints its seed: `sim_host SEED 1 STEPS` plays
 * it again. */
#include "base/alloc.h"
#include "host/host_internal.h"
#include "manager/invariant.h"
#include "os/time.h"
#include "tests/sim/fibers.h"
#include "tests/sim/sim_driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLIENTS = 10, CARDS = 3, ENTRIES = 3, RELEASED_MAX = 4096 };

/* One program's thread. Its context and cards are those of others too: any thread may use
 * any handle. */
struct client {
    uint32_t context;
    uint32_t cards[CARDS];
    bool busy;
};

static struct client clients[CLIENTS];
static uint64_t actions_left, answered, cancelled, abandoned;
static uint32_t living;
static char names[SIM_DEVICES][DRIVER_NAME_MAX];

/* --- Between two steps -------------------------------------------------------------- */

static void look_at_reader(struct reader *reader)
{
    struct host_slot *hs = host_slot_of(&reader->slot);
    if (hs == NULL || !fiber_lock_is_free(&hs->lock))
        return;
    const char *broken = slot_invariant(&reader->slot);
    if (broken != NULL)
        fibers_fail(broken, __FILE__, __LINE__);
    /* Without a job, no stop is left over for the next one. */
    FIBERS_REQUIRE(reader->slot.occupant != NULL || !os_stop_raised(&hs->stop));
}

static void look_at_host(void)
{
    struct host *host = host_current();
    if (host == NULL || fiber_random(4) != 0)
        return;
    for (uint32_t i = 0; i < host->manager.reader_used; i++)
        look_at_reader(host->manager.readers[i]);
    if (!fiber_lock_is_free(&host->lock))
        return;
    const char *broken = manager_invariant(&host->manager);
    if (broken != NULL)
        fibers_fail(broken, __FILE__, __LINE__);
    FIBERS_REQUIRE(list_empty(&host->manager.ready_watches));
}

/* --- Parked operations -------------------------------------------------------------- */

/* As a service does it: the fiber stands for the thread that has the call, and whoever
 * wakes it notes that alone. */
struct parked {
    struct host_op op;
    bool woken, over;
};

static void wake(struct host_op *op)
{
    struct parked *parked = (struct parked *)(void *)op;
    FIBERS_REQUIRE(!parked->over);
    parked->woken = true;
    fiber_wake(parked);
}

static enum sc_error finish(struct parked *parked, bool done)
{
    bool gives_up = fiber_random(8) == 0;
    while (!done) {
        uint64_t until_ms = host_op_until(&parked->op);
        uint64_t patience_ms = os_now_ms() + fiber_random(2000);
        if (gives_up && patience_ms < until_ms)
            until_ms = patience_ms;
        if (!parked->woken)
            (void)fiber_wait(parked, until_ms);
        parked->woken = false;
        if (gives_up && host_op_abandon(&parked->op)) {
            abandoned++;
            parked->op.error = SC_E_CANCELLED;
            break;
        }
        done = host_op_resume(&parked->op);
    }
    parked->over = true;
    return parked->op.error;
}

static struct parked *new_parked(void)
{
    struct parked *parked = calloc(1, sizeof(*parked));
    if (parked == NULL)
        exit(2);
    parked->op.wake = wake;
    return parked;
}

/* --- What clients do ---------------------------------------------------------------- */

static struct client *any_client(struct client *self)
{
    return fiber_random(8) == 0 ? &clients[fiber_random(CLIENTS)] : self;
}

static void establish(struct client *client)
{
    struct program program = {.abi = (enum program_abi)fiber_random(ABI_KINDS),
                              .process = fiber_random(4)};
    program.pid = program.process < 2 ? 0 : (uint32_t)program.process;
    uint32_t context;
    if (host_establish_for(&program, &context) == SC_OK) {
        if (client->context != 0) /* another thread was quicker */
            FIBERS_REQUIRE(host_release(context) == SC_OK);
        else
            client->context = context;
    }
}

static void release(struct client *client)
{
    uint32_t context = client->context, cards[CARDS];
    client->context = 0;
    memcpy(cards, client->cards, sizeof(cards));
    memset(client->cards, 0, sizeof(client->cards));
    enum sc_error error;
    if (fiber_random(2) == 0) {
        error = host_release(context);
    } else {
        struct parked *parked = new_parked();
        error = finish(parked, host_op_release(&parked->op, context));
        free(parked);
    }
    /* No handle outlives its context, whoever used it meanwhile. */
    FIBERS_REQUIRE(error == SC_OK);
    FIBERS_REQUIRE(host_check_context(context) == SC_E_INVALID_HANDLE);
    for (unsigned i = 0; i < CARDS; i++) {
        struct card_use use;
        FIBERS_REQUIRE(cards[i] == 0 || host_card_use(cards[i], &use) != SC_OK);
    }
}

static void connect_card(struct client *client, uint32_t *card)
{
    uint32_t context = client->context, made = 0;
    const char *name = names[fiber_random(SIM_DEVICES)];
    struct request request = {.share = 1 + (fiber_random(6) == 0 ? 0 : 1)};
    if (fiber_random(8) == 0)
        request.share = SHARE_DIRECT;
    request.alone = request.share == SHARE_DIRECT && fiber_random(2) == 0;
    request.protocols = fiber_random(4);
    enum sc_error error;
    if (fiber_random(2) == 0) {
        error = host_connect(context, name, &request, &made);
    } else {
        struct parked *parked = new_parked();
        parked->op.request = request;
        error = finish(parked, host_op_connect(&parked->op, context, name));
        made = parked->op.card;
        free(parked);
    }
    if (error != SC_OK)
        return;
    FIBERS_REQUIRE(made != 0);
    if (client->context == context && *card == 0)
        *card = made;
    else if (fiber_random(2) == 0) {
        struct request leave = {.kind = REQUEST_DISCONNECT};
        (void)host_card_call(made, &leave);
    }
}

static void call_card(uint32_t *card)
{
    static const enum request_kind kinds[] = {
        REQUEST_BEGIN,         REQUEST_BEGIN,         REQUEST_END,
        REQUEST_END,           REQUEST_TRANSMIT,      REQUEST_TRANSMIT,
        REQUEST_TRANSMIT,      REQUEST_RECONNECT,     REQUEST_CONTROL,
        REQUEST_GET_ATTRIBUTE, REQUEST_SET_ATTRIBUTE, REQUEST_DISCONNECT};
    uint8_t out[300];
    static const uint8_t in[5] = {0x00, 0xB0, 0x00, 0x00, 0x00};
    struct request request = {.kind = kinds[fiber_random(12)]};
    uint32_t id = *card;
    request.share = 1 + fiber_random(3);
    request.protocols = request.kind == REQUEST_RECONNECT ? fiber_random(4) : 0;
    request.disposition = fiber_random(2) == 0 ? DISPOSITION_LEAVE : fiber_random(4);
    request.number = 0x00310000 + fiber_random(20) * 4;
    request.transfer.in = in;
    request.transfer.in_size = sizeof(in);
    request.transfer.out = out;
    request.transfer.out_room = sizeof(out);
    if (request.kind != REQUEST_DISCONNECT && fiber_random(4) == 0)
        request.patience = fiber_random(2) == 0 ? PATIENCE_RETURNS : PATIENCE_ENDS;
    request.refuse_ms = os_now_ms() + (fiber_random(2) == 0 ? 0 : 200);
    if (request.kind == REQUEST_DISCONNECT)
        *card = 0;
    bool gives = request.kind == REQUEST_TRANSMIT;
    enum sc_error error;
    if (fiber_random(2) == 0) {
        error = host_card_call(id, &request);
    } else {
        struct parked *parked = new_parked();
        parked->op.request = request;
        error = finish(parked, host_op_card(&parked->op, id));
        request = parked->op.request;
        free(parked);
    }
    FIBERS_REQUIRE(!gives || error != SC_OK || request.transfer.out_size == 2);
}

static void watch(const struct client *client)
{
    struct watch_entry entries[ENTRIES] = {0};
    uint32_t count = 1 + fiber_random(ENTRIES);
    uint64_t timeout_ms = fiber_random(3) == 0 ? 0 : fiber_random(20000);
    uint64_t began_ms = os_now_ms();
    enum sc_error error;
    for (uint32_t i = 0; i < count; i++) {
        entries[i].name = fiber_random(4) == 0 ? "\\\\?PnP?\\Notification"
                                               : names[fiber_random(SIM_DEVICES)];
        entries[i].current = fiber_random(3) == 0 ? 0 : fiber_random(3) << 16 | 0x20U;
    }
    if (fiber_random(2) == 0) {
        error = host_watch(client->context, (enum watch_rule)fiber_random(2), timeout_ms,
                           entries, count);
    } else {
        struct watch asked = {.context = client->context,
                              .rule = (enum watch_rule)fiber_random(4),
                              .entries = entries,
                              .count = count,
                              .deadline_ms = os_deadline_ms(timeout_ms)};
        if (asked.rule == WATCH_NEWS || asked.rule == WATCH_STATES)
            asked.count = 0;
        struct parked *parked = new_parked();
        error = finish(parked, host_op_watch(&parked->op, &asked));
        free(parked);
    }
    if (error == SC_E_TIMEOUT)
        FIBERS_REQUIRE(os_now_ms() >= began_ms + timeout_ms);
}

static void see(void *context, const struct reader_state *reader)
{
    (void)context;
    FIBERS_REQUIRE(reader->names[NAME_WINDOWS][0] != '\0');
}

static void look(const struct client *client, uint32_t card)
{
    struct card_status status;
    struct multistring list = {0};
    uint64_t changes;
    (void)host_card_status(card, NAME_WINDOWS, &status);
    (void)host_list_readers(client->context, NAME_PCSCLITE, &list);
    multistring_clear(&list);
    (void)host_visit_readers(see, NULL, &changes);
}

static void act(struct client *self)
{
    struct client *client = any_client(self);
    uint32_t *card = &client->cards[fiber_random(CARDS)];
    uint32_t what = fiber_random(100);
    if (client->context == 0)
        establish(client);
    else if (what < 4)
        release(client);
    else if (*card == 0)
        connect_card(client, card);
    else if (what < 70)
        call_card(card);
    else if (what < 82)
        watch(client);
    else if (what < 86)
        (void)host_cancel(client->context);
    else if (what < 89)
        host_op_hurry_card(*card);
    else if (what < 93)
        look(client, *card);
    else
        fiber_sleep(fiber_random(3) == 0 ? 7000 : fiber_random(50));
    answered++;
}

/* --- The run ------------------------------------------------------------------------ */

static void run_client(void *context);

/* pthread_cancel() or TerminateThread() ended its thread: another one goes on for it. */
static void client_cancelled(void *context)
{
    cancelled++;
    FIBERS_REQUIRE(fiber_start(run_client, context));
}

static void run_client(void *context)
{
    struct client *client = context;
    fiber_allow_cancel(client_cancelled, client);
    while (actions_left > 0) {
        actions_left--;
        act(client);
    }
    living--;
    fiber_wake(&living);
}

static void run_world(void *context)
{
    (void)context;
    while (living > 0) {
        sim_driver_event();
        fiber_sleep(1 + (fiber_random(3) == 0 ? fiber_random(9000) : fiber_random(60)));
    }
}

static void release_all(void)
{
    for (unsigned i = 0; i < CLIENTS; i++)
        if (clients[i].context != 0)
            release(&clients[i]);
}

/* A client may wait for others for ever (RECONNECT, until it is alone), and then for the
 * release of its context. */
static void await_clients(void)
{
    for (unsigned round = 0; living > 0; round++) {
        FIBERS_REQUIRE(round < 1000);
        if (!fiber_wait(&living, os_now_ms() + 2000000))
            release_all();
    }
}

/* Everybody ends: nothing may be left. */
static void run_end(void *context)
{
    (void)context;
    for (unsigned round = 0;; round++) {
        await_clients();
        sim_driver_calm(true);
        release_all();
        if (!sim_driver_runs() && sim_driver_open() == 0)
            break;
        /* A job that ignored its stop: the driver is left running until it comes back,
         * and stops with the next last context. */
        FIBERS_REQUIRE(round < 3);
        fiber_sleep(1500000);
        establish(&clients[0]);
    }
    struct host *host = host_current();
    FIBERS_REQUIRE(host == NULL || !host->running);
    FIBERS_REQUIRE(host == NULL || host->manager.context_count == 0);
    for (uint32_t i = 0; host != NULL && i < host->manager.reader_used; i++) {
        const struct slot *slot = &host->manager.readers[i]->slot;
        FIBERS_REQUIRE(slot->card_count == 0 && slot->queue_size == 0);
        FIBERS_REQUIRE(slot->occupant == NULL && !slot_has_reader(slot));
    }
}

/* As a child of fork() begins, but that nothing of the parent is kept. */
static void forget_host(void)
{
    struct host *host = host_current();
    fibers_forget_process();
    if (host == NULL)
        return;
    for (uint32_t i = 0; i < host->manager.reader_used; i++) {
        struct host_slot *hs = host_slot_of(&host->manager.readers[i]->slot);
        if (hs != NULL)
            mem_free(hs->buffer);
        mem_free(hs);
    }
    manager_clear(&host->manager);
    mem_free(host);
}

static void run(uint64_t seed, uint64_t steps)
{
    fibers_begin(seed);
    memset(clients, 0, sizeof(clients));
    actions_left = steps;
    living = CLIENTS;
    sim_driver_calm(false);
    for (unsigned i = 0; i < SIM_DEVICES; i++)
        snprintf(names[i], sizeof(names[i]), "Sim Reader %u", i);
    for (unsigned i = 0; i < CLIENTS; i++)
        FIBERS_REQUIRE(fiber_start(run_client, &clients[i]));
    FIBERS_REQUIRE(fiber_start(run_world, NULL) && fiber_start(run_end, NULL));
    fibers_run();
    forget_host();
}

int main(int argc, char **argv)
{
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    uint64_t seeds = argc > 2 ? strtoull(argv[2], NULL, 10) : 20;
    uint64_t steps = argc > 3 ? strtoull(argv[3], NULL, 10) : 2000;
    fibers_set_check(look_at_host);
    for (uint64_t i = 0; i < seeds; i++)
        run(first + i, steps);
    const struct sim_driver_counts *counts = &sim_driver_counts;
    printf("%llu seeds: %llu calls, %llu threads cancelled, %llu operations abandoned, "
           "%llu jobs, of them %llu stopped, %llu that ignored it, %llu late answers, "
           "%llu readers gone\n",
           (unsigned long long)seeds, (unsigned long long)answered,
           (unsigned long long)cancelled, (unsigned long long)abandoned,
           (unsigned long long)counts->jobs, (unsigned long long)counts->stopped,
           (unsigned long long)counts->ignored, (unsigned long long)counts->late,
           (unsigned long long)counts->gone_while_stopped);
    return answered > 0 ? 0 : 1;
}
