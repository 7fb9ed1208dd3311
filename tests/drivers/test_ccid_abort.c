/* SPDX-License-Identifier: BSD-2-Clause */
/* A job's stop is raised while the reader or the card keeps it waiting: the job ends
 * soon with SC_E_CANCELLED, and the reader works afterwards (driver port, rule 3). */
#include "ccid_rig.h"
#include "os/lock.h"
#include "os/thread.h"
#include "os/time.h"
#include "tests/rig/sim/fault.h"
#include "tests/support/check.h"

enum {
    BEFORE_MS = 40,
    SOON_MS = RIG_JOB_MS / 10, /* long before the job would end by itself */
    CODE_VERIFY = 0x00310000 | 0xF06 << 2
};

static struct rig_result result, job_result;

struct job {
    struct ccid_rig *rig;
    bool pin, power;
};

static void send(void *context)
{
    static const uint8_t command[] = {0x80, 0xE0, 0x00, 0x70, 0x70};
    static const uint8_t verify[] = {
        30, 0, 0x82, 8, 0,    8, 4, 2, 1,    9,    4,    0,    0,    0,    0,    13,
        0,  0, 0,    0, 0x20, 0, 1, 8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    struct job *job = context;
    if (job->power)
        job_result.error = ccid_rig_power(job->rig, 0, POWER_COLD_RESET);
    else if (job->pin)
        ccid_rig_control(job->rig, 0, CODE_VERIFY, verify, sizeof(verify), &job_result);
    else
        ccid_rig_send(job->rig, 0, command, sizeof(command), &job_result);
}

static uint64_t traffic(struct ccid_rig *rig)
{
    os_mutex_lock(&rig->counter.lock);
    uint64_t count = rig->counter.sent + rig->counter.controls;
    os_mutex_unlock(&rig->counter.lock);
    return count;
}

/* Runs the job, aborts it that long after its first request; how long it took to end. */
static uint64_t abort_job(struct job *job, uint32_t before_ms)
{
    struct os_thread thread;
    uint64_t requests = traffic(job->rig), limit = os_now_ms() + CHECK_HANG_MS;
    CHECK_EQ(os_thread_start(&thread, "job", send, job), SC_OK);
    while (traffic(job->rig) == requests && os_now_ms() < limit)
        rig_sleep(1);
    rig_sleep(before_ms);
    uint64_t start = os_now_ms();
    ccid_rig_stop(job->rig, 0);
    os_thread_join(&thread);
    return os_now_ms() - start;
}

static void works(struct ccid_rig *rig, uint32_t protocol)
{
    ccid_rig_stop(rig, 0); /* without a job it does nothing */
    if (!ccid_rig_counts(rig, 0, 5, &result))
        CHECK_EQ(ccid_rig_connect(rig, 0, protocol), SC_OK);
    CHECK(ccid_rig_counts(rig, 0, 5, &result));
    CHECK(ccid_rig_echoes(rig, 0, 200, &result));
}

static void try_fault(const char *specification, uint32_t protocol, uint8_t fault,
                      uint8_t arg, uint8_t count)
{
    enum sc_error error;
    unsigned before = check_failures;
    struct ccid_rig *rig = ccid_rig_new(specification, 0, NULL, &error);
    struct job job = {.rig = rig};
    CHECK(rig != NULL);
    if (rig == NULL)
        return;
    CHECK_EQ(ccid_rig_connect(rig, 0, protocol), SC_OK);
    CHECK(ccid_rig_fault(rig, 0, fault, arg, count));
    uint64_t ms = abort_job(&job, BEFORE_MS);
    CHECK_EQ(job_result.error, SC_E_CANCELLED);
    CHECK(ms <= SOON_MS);
    if (fault == SIM_FAULT_ABORT_IGNORED || fault == SIM_FAULT_ABORT_REFUSED) {
        /* What comes before the next job can be aborted as well. */
        ms = abort_job(&job, 0);
        CHECK(ms <= SOON_MS);
    }
    works(rig, protocol);
    /* The device was not reset for it: its other slots go on. */
    CHECK_EQ(rig->counter.resets, 0);
    ccid_rig_free(rig);
    if (check_failures != before)
        fprintf(stderr, "... that was %s, fault %02X: %s, %u ms\n", specification, fault,
                sc_error_name(job_result.error), (unsigned)ms);
}

static void try_level(const char *specification, uint32_t protocol, bool bulk)
{
    try_fault(specification, protocol, SIM_FAULT_MUTE, 0, 1);
    try_fault(specification, protocol, SIM_FAULT_SLOW, 10, 1);
    if (!bulk)
        return;
    try_fault(specification, protocol, SIM_FAULT_TIME_FOREVER, 1, 1);
    try_fault(specification, protocol, SIM_FAULT_BUSY, 0, 6);
    try_fault(specification, protocol, SIM_FAULT_ABORT_REFUSED, 0, 1);
    try_fault(specification, protocol, SIM_FAULT_ABORT_IGNORED, 0, 1);
    try_fault(specification, protocol, SIM_FAULT_CUT, 0, 1);
}

/* Nobody types at the keypad. */
static void try_pin(const char *specification, uint32_t protocol)
{
    enum sc_error error;
    struct ccid_rig *rig = ccid_rig_new(specification, 0, NULL, &error);
    struct job job = {.rig = rig, .pin = true};
    CHECK(rig != NULL);
    if (rig == NULL)
        return;
    CHECK_EQ(ccid_rig_connect(rig, 0, protocol), SC_OK);
    CHECK(abort_job(&job, BEFORE_MS) <= SOON_MS);
    CHECK_EQ(job_result.error, SC_E_CANCELLED);
    works(rig, protocol);
    ccid_rig_free(rig);
}

/* From some message on the reader is dead. What is tried then, up to a reset of the whole
 * device, ends with the abort, and is not done. */
static void try_dead(void)
{
    enum sc_error error;
    struct ccid_rig *rig =
        ccid_rig_new("yubikey?card=t1&fault=ABORT_IGNORED@5*100", 0, NULL, &error);
    struct job job = {.rig = rig};
    CHECK(rig != NULL);
    if (rig == NULL)
        return;
    CHECK_EQ(ccid_rig_connect(rig, 0, PROTOCOL_T1), SC_OK);
    CHECK(ccid_rig_counts(rig, 0, 5, &result));
    for (int i = 0; i < 3; i++) {
        CHECK(abort_job(&job, BEFORE_MS) <= SOON_MS);
        CHECK_EQ(job_result.error, SC_E_CANCELLED);
    }
    CHECK_EQ(rig->counter.resets, 0);
    ccid_rig_free(rig);
}

/* The stop is raised before the job begins: nothing is sent, and the next job works. */
static void try_before(const char *specification, uint32_t protocol)
{
    static uint8_t command[] = {0x80, 0xE0, 0x00, 0x05, 0x05}, out[16];
    enum sc_error error;
    struct ccid_rig *rig = ccid_rig_new(specification, 0, NULL, &error);
    CHECK(rig != NULL);
    if (rig == NULL)
        return;
    CHECK_EQ(ccid_rig_connect(rig, 0, protocol), SC_OK);
    uint64_t requests = traffic(rig);
    struct transfer t = {.job = ccid_rig_begin(rig, 0, RIG_JOB_MS),
                         .in = command,
                         .in_size = sizeof(command),
                         .out = out,
                         .out_room = sizeof(out)};
    ccid_rig_stop(rig, 0);
    CHECK_EQ(ccid_slot_transmit(&rig->ccid.slots[0], protocol, &t), SC_E_CANCELLED);
    ccid_rig_end(rig, 0);
    CHECK_EQ(traffic(rig), requests);
    CHECK(ccid_rig_counts(rig, 0, 5, &result));
    ccid_rig_free(rig);
}

/* A bus without control requests, halts and resets, as a serial line is: the job ends just
 * as soon, and the next one begins with the card switched off. */
static void try_bare_bus(uint8_t fault, uint8_t arg)
{
    enum sc_error error;
    struct ccid_rig *rig = ccid_rig_new("gempc_twin?card=t1", 0, NULL, &error);
    struct job job = {.rig = rig};
    CHECK(rig != NULL);
    if (rig == NULL)
        return;
    rig->counter.transport.capabilities = 0;
    CHECK_EQ(ccid_rig_connect(rig, 0, PROTOCOL_T1), SC_OK);
    CHECK(ccid_rig_fault(rig, 0, fault, arg, 1));
    CHECK(abort_job(&job, BEFORE_MS) <= SOON_MS);
    CHECK_EQ(job_result.error, SC_E_CANCELLED);
    works(rig, PROTOCOL_T1);
    CHECK_EQ(rig->counter.controls, 0);
    CHECK_EQ(rig->counter.resets, 0);
    ccid_rig_free(rig);
}

/* The same with a reader that answers nothing any more: it is given up, as nothing else
 * can be done. */
static void try_dead_on_bare_bus(void)
{
    enum sc_error error;
    struct ccid_rig *rig =
        ccid_rig_new("yubikey?card=t1&fault=ABORT_IGNORED@5*100", 0, NULL, &error);
    struct job job = {.rig = rig};
    CHECK(rig != NULL);
    if (rig == NULL)
        return;
    rig->counter.transport.capabilities = 0;
    CHECK_EQ(ccid_rig_connect(rig, 0, PROTOCOL_T1), SC_OK);
    CHECK(ccid_rig_counts(rig, 0, 5, &result));
    CHECK(abort_job(&job, BEFORE_MS) <= SOON_MS);
    CHECK_EQ(job_result.error, SC_E_CANCELLED);
    CHECK_EQ(ccid_rig_connect(rig, 0, PROTOCOL_T1), SC_E_READER_UNAVAILABLE);
    CHECK(ccid_link_is_gone(&rig->ccid.link));
    CHECK_EQ(rig->counter.resets, 0);
    ccid_rig_free(rig);
}

/* A power-on, before or while it waits for its answer. */
static void try_power(const char *specification)
{
    enum sc_error error;
    struct ccid_rig *rig = ccid_rig_new(specification, 0, NULL, &error);
    struct job job = {.rig = rig, .power = true};
    CHECK(rig != NULL);
    if (rig == NULL)
        return;
    for (uint32_t before = 0; before < 20; before += 3) {
        CHECK(abort_job(&job, before) <= SOON_MS);
        CHECK(job_result.error == SC_E_CANCELLED || job_result.error == SC_OK);
    }
    works(rig, PROTOCOL_T1);
    ccid_rig_free(rig);
}

int main(void)
{
    try_level("oz776?card=t0", PROTOCOL_T0, true);
    try_level("gempc_twin?card=t1", PROTOCOL_T1, true);
    try_level("cherry_xx33?card=t1", PROTOCOL_T1, true);
    try_level("yubikey?card=t1", PROTOCOL_T1, true);
    try_level("ibank2key?card=t0", PROTOCOL_T0, false);
    try_level("gemalto_pdt?card=t1", PROTOCOL_T1, false);
    try_pin("spr532?card=t1&pin=timeout", PROTOCOL_T1);
    try_pin("spr532?card=t0&pin=timeout", PROTOCOL_T0);
    try_pin("cyberjack_one?card=t1&pin=timeout", PROTOCOL_T1);
    try_before("gempc_twin?card=t1", PROTOCOL_T1);
    try_before("ibank2key?card=t0", PROTOCOL_T0);
    try_dead();
    try_bare_bus(SIM_FAULT_MUTE, 0);
    try_bare_bus(SIM_FAULT_SLOW, 10);
    try_dead_on_bare_bus();
    try_power("gempc_twin");
    try_power("auriga?card=t1");
    return check_result();
}
