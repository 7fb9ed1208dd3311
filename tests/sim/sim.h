/* SPDX-License-Identifier: BSD-2-Clause */
/* The simulated world: one manager, readers that are numbers, clients that are
 * operations, and a clock that the seed moves. One thread; the same seed gives the same
 * run. */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include "manager/manager.h"
#include "manager/watch.h"

#include <stdio.h>

enum {
    SIM_READERS = 6,
    SIM_CONTEXTS = 128,
    SIM_OPS = 4096,
    SIM_WATCH_ENTRIES = 3,
    SIM_IN = 12,
    SIM_OUT = 64
};

enum op_state { OP_FREE, OP_PARKED, OP_RUNNING, OP_WATCHING };

/* Something a client asked for and has no answer to yet. */
struct op {
    enum op_state state;
    struct request request;
    uint8_t in[SIM_IN], out[SIM_OUT]; /* of a CONTROL */
    uint32_t card_id;
    struct reader *reader;
    uint64_t ends_ms; /* RUNNING: when the driver returns; UINT64_MAX: never by itself */
    bool connecting;
    bool answered;
    struct watch watch;
    struct watch_entry entries[SIM_WATCH_ENTRIES];
    uint64_t began_ms; /* WATCHING */
};

struct sim_device {
    struct reader *reader; /* NULL: unplugged */
    bool card;
    bool stuck; /* ignores abort */
};

struct sim {
    uint64_t random;
    uint64_t seed;
    uint64_t now_ms;
    struct manager manager;
    struct sim_device devices[SIM_READERS];
    struct slot_rules rules;         /* of all readers */
    uint32_t contexts[SIM_CONTEXTS]; /* ids; 0: none */
    struct op ops[SIM_OPS];
    uint32_t op_count;       /* entries of ops[] that were ever used */
    uint32_t cards[SIM_OPS]; /* ids of connected cards, some of them stale */
    uint32_t card_count;
    uint64_t submitted, answered, steps;
    uint32_t last_events[SIM_READERS * 8], last_epoch[SIM_READERS * 8];
    uint32_t last_version[SIM_READERS * 8], last_serial[SIM_READERS * 8];
    bool verbose;
};

/* Fails the run with the seed and the step that show it. */
#define SIM_REQUIRE(sim, condition)                                                      \
    do {                                                                                 \
        if (!(condition))                                                                \
            sim_fail((sim), #condition, __FILE__, __LINE__);                             \
    } while (0)

void sim_fail(struct sim *sim, const char *what, const char *file, int line);
/* Everything that must hold between two events. */
void sim_check(struct sim *sim);
/* What must hold of a reader when the clock has been looked at. */
void sim_check_time(struct sim *sim, const struct slot *slot);

/* A number from 0 to n-1. */
uint32_t sim_random(struct sim *sim, uint32_t n);
/* Whether the watch asks about some reader for the first time. */
bool sim_looks_first(const struct watch *watch);
/* A random action of a client, a reader or the clock. */
void sim_act(struct sim *sim);
/* Ends everything: jobs return, time passes, contexts are released. */
void sim_drain(struct sim *sim);

/* sim_job.c: a control code, the manager's own or a driver's, with what it may be
 * given. False: it cannot be asked for like that. */
bool sim_choose_control(struct sim *sim, struct op *op);
/* What the driver's job of `op` may end with. */
enum sc_error sim_random_error(struct sim *sim, const struct op *op);
/* Rule 7 of driver.h: the events come before the answer that speaks of them. */
void sim_tell_removal(struct sim *sim, struct op *op, enum sc_error error);
/* Whoever is told that the card is out does not find it any more. */
void sim_check_removed(struct sim *sim, const struct op *op);

#endif
