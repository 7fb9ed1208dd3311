/* SPDX-License-Identifier: BSD-2-Clause */
/* Several slots of a reader at once: each gets its own answers, no more commands are
 * under way than bMaxCCIDBusySlots, and a slow card holds up others only if the reader
 * can do no better. */
#include "ccid_rig.h"
#include "tests/rig/sim/fault.h"
#include "tests/support/check.h"

#include "base/alloc.h"
#include "os/thread.h"
#include "os/time.h"

enum { ROUNDS = 60, SLOW_MS = 400 };

struct user {
    struct ccid_rig *rig;
    uint32_t slot, protocol;
    bool slow; /* one command that takes SLOW_MS */
    unsigned failed, done;
    uint64_t longest; /* ms of a command */
    struct rig_result result;
    struct os_thread thread;
};

static void use(void *context)
{
    static const uint8_t wait[] = {0x80, 0xE2, SLOW_MS >> 8, SLOW_MS & 0xFF};
    struct user *user = context;
    if (user->slow) {
        ccid_rig_send(user->rig, user->slot, wait, sizeof(wait), &user->result);
        user->failed += user->result.sw != 0x9000;
        user->longest = user->result.ms;
        return;
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        size_t size = (i * 37 + user->slot * 5) % 256;
        user->failed += !ccid_rig_echoes(user->rig, user->slot, size, &user->result);
        if (user->longest < user->result.ms)
            user->longest = user->result.ms;
        user->done++;
    }
}

static struct user *users_new(struct ccid_rig *rig, uint32_t count, uint32_t protocol)
{
    struct user *users = mem_alloc(count * sizeof(*users));
    CHECK(users != NULL);
    for (uint32_t i = 0; users != NULL && i < count; i++) {
        memset(&users[i], 0, sizeof(users[i]));
        users[i].rig = rig;
        users[i].slot = i;
        users[i].protocol = protocol;
        CHECK_EQ(ccid_rig_connect(rig, i, protocol), SC_OK);
    }
    return users;
}

static void run(struct user *users, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        CHECK_EQ(os_thread_start(&users[i].thread, "user", use, &users[i]), SC_OK);
    for (uint32_t i = 0; i < count; i++) {
        os_thread_join(&users[i].thread);
        CHECK_EQ(users[i].failed, 0);
    }
}

static void try_all(const char *specification, uint32_t slots, uint32_t busy,
                    uint32_t protocol)
{
    enum sc_error error;
    struct ccid_rig *rig = ccid_rig_new(specification, 0, NULL, &error);
    CHECK(rig != NULL);
    if (rig == NULL)
        return;
    CHECK_EQ(rig->ccid.descriptor.slot_count, slots);
    CHECK_EQ(rig->ccid.descriptor.busy_slots, busy);
    struct user *users = users_new(rig, slots, protocol);
    run(users, slots);
    CHECK(rig->counter.most <= busy);
    printf("%s: at most %u of %u commands at once\n", specification,
           (unsigned)rig->counter.most, (unsigned)busy);
    mem_free(users);
    ccid_rig_free(rig);
}

/* Slow commands in all slots at once: as many run as the reader can. */
static void try_overlap(const char *specification, uint32_t slots, uint32_t busy,
                        uint32_t protocol)
{
    enum sc_error error;
    struct ccid_rig *rig = ccid_rig_new(specification, 0, NULL, &error);
    CHECK(rig != NULL);
    if (rig == NULL)
        return;
    struct user *users = users_new(rig, slots, protocol);
    for (uint32_t i = 0; i < slots; i++)
        users[i].slow = true;
    run(users, slots);
    CHECK_EQ(rig->counter.most, busy);
    mem_free(users);
    ccid_rig_free(rig);
}

/* The first slot's card takes its time: others are done before it, or wait for it. */
static void try_slow(const char *specification, uint32_t slots, uint32_t busy,
                     uint32_t protocol)
{
    enum sc_error error;
    struct ccid_rig *rig = ccid_rig_new(specification, 0, NULL, &error);
    CHECK(rig != NULL);
    if (rig == NULL)
        return;
    struct user *users = users_new(rig, slots, protocol);
    users[0].slow = true;
    CHECK_EQ(os_thread_start(&users[0].thread, "slow", use, &users[0]), SC_OK);
    rig_sleep(50);
    uint64_t start = os_now_ms();
    CHECK(ccid_rig_echoes(rig, 1, 20, &users[1].result));
    uint64_t other = os_now_ms() - start;
    os_thread_join(&users[0].thread);
    CHECK_EQ(users[0].failed, 0);
    CHECK(users[0].longest >= SLOW_MS - 1);
    if (busy > 1)
        CHECK(other < SLOW_MS / 2);
    printf("%s: %u ms beside a command of %u ms\n", specification, (unsigned)other,
           SLOW_MS);
    mem_free(users);
    ccid_rig_free(rig);
}

/* A fault of one slot is no matter of the others: while it waits for its deadline, and
 * while it is brought back into step. */
static void try_fault(const char *specification, uint32_t protocol, uint8_t fault,
                      uint8_t arg)
{
    static const uint8_t command[] = {0x80, 0xE0, 0x00, 0x10, 0x10};
    enum sc_error error;
    unsigned before = check_failures;
    struct ccid_rig *rig = ccid_rig_new(specification, 0, NULL, &error);
    CHECK(rig != NULL);
    if (rig == NULL)
        return;
    struct user *users = users_new(rig, 3, protocol);
    CHECK(ccid_rig_fault(rig, 0, fault, arg, 1));
    for (uint32_t i = 1; i < 3; i++)
        CHECK_EQ(os_thread_start(&users[i].thread, "user", use, &users[i]), SC_OK);
    ccid_rig_send_in(rig, 0, command, sizeof(command), 200, &users[0].result);
    for (uint32_t i = 1; i < 3; i++) {
        os_thread_join(&users[i].thread);
        CHECK_EQ(users[i].failed, 0);
        CHECK_EQ(users[i].done, ROUNDS);
        CHECK(users[i].longest < 150);
    }
    if (fault == SIM_FAULT_REMOVE)
        sim_direct_insert(rig->direct, 0);
    if (!ccid_rig_counts(rig, 0, 7, &users[0].result))
        CHECK_EQ(ccid_rig_connect(rig, 0, protocol), SC_OK);
    CHECK(ccid_rig_counts(rig, 0, 7, &users[0].result));
    if (check_failures != before)
        fprintf(stderr, "... that was fault %02X: longest %u %u, last %s\n", fault,
                (unsigned)users[1].longest, (unsigned)users[2].longest,
                sc_error_name(users[1].result.error));
    mem_free(users);
    ccid_rig_free(rig);
}

int main(void)
{
    try_all("octsim?delay=2", 8, 8, PROTOCOL_T0);
    try_all("auriga?card=t0&delay=2", 3, 2, PROTOCOL_T0);
    try_all("auriga?card=t1&delay=2", 3, 2, PROTOCOL_T1);
    try_all("acr1281u?card=t1&delay=2", 3, 1, PROTOCOL_T1);
    try_overlap("octsim", 8, 8, PROTOCOL_T0);
    try_overlap("auriga?card=t0", 3, 2, PROTOCOL_T0);
    try_slow("octsim", 8, 8, PROTOCOL_T0);
    try_slow("auriga?card=t1", 3, 2, PROTOCOL_T1);
    try_slow("acr1281u?card=t1", 3, 1, PROTOCOL_T1);
    try_fault("octsim", PROTOCOL_T0, SIM_FAULT_MUTE, 0);
    try_fault("octsim", PROTOCOL_T0, SIM_FAULT_TIME_FOREVER, 1);
    try_fault("octsim", PROTOCOL_T0, SIM_FAULT_ABORT_REFUSED, 0);
    try_fault("octsim", PROTOCOL_T0, SIM_FAULT_ABORT_IGNORED, 0);
    try_fault("octsim", PROTOCOL_T0, SIM_FAULT_BUSY, 0);
    try_fault("octsim", PROTOCOL_T0, SIM_FAULT_STALE, 5);
    try_fault("octsim", PROTOCOL_T0, SIM_FAULT_ERROR_HARDWARE, 0);
    try_fault("octsim", PROTOCOL_T0, SIM_FAULT_REMOVE, 0);
    return check_result();
}
