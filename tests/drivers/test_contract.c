/* SPDX-License-Identifier: BSD-2-Clause */
/* Rule 3 of the driver port, for the drivers that need no device (test_ccid_abort.c has the
 * same for CCID readers): a stop that is raised before a job, while it
 * runs, as it ends, and after it; a reader that goes while its job is being stopped. The
 * next job is never spoiled. */
#include "tests/support/check.h"

#include "base/compiler.h"
#include "drivers/registry.h"
#include "drivers/soft/soft.h"
#include "drivers/vpcd/vpcd.h"
#include "os/time.h"
#include "tests/support/fake_host.h"
#include "tests/support/fake_vicc.h"

#include <stdlib.h>

enum { ROUNDS = 40, BEFORE_MS = 30 };

static struct fake_host host;
static struct fake_vicc vicc;
static uint8_t out[DRIVER_TRANSFER_MAX];
static size_t size;
static uint32_t cards; /* that came so far, of the simulator */

/* How a driver's card is made to hang in the next command, and to work in those after. */
struct subject {
    const char *uri;
    void (*begin)(void); /* a card is in */
    void (*hang)(void);
    void (*mend)(void); /* whatever the stop has cost: a card that answers is in */
};

static void begin_soft(void)
{
}

static void hang_soft(void)
{
    CHECK_EQ(fake_control(&host, 0, SOFT_IOCTL_HANG, NULL, 0, NULL, 0, &size), SC_OK);
}

static void mend_soft(void)
{
}

static void insert(enum vicc_act on_command)
{
    uint8_t text[16] = {0};
    CHECK_EQ(fake_control(&host, 0, VPCD_IOCTL_PORT, NULL, 0, text, 15, &size), SC_OK);
    fake_vicc_start(&vicc, (uint16_t)strtoul((const char *)text, NULL, 10), VICC_ANSWER,
                    on_command);
    CHECK(fake_wait_events(&host, 0, 2 * cards++ + 1));
}

static void change_to(enum vicc_act on_command)
{
    fake_vicc_stop(&vicc);
    CHECK(fake_wait_events(&host, 0, 2 * cards));
    insert(on_command);
}

static void begin_vpcd(void)
{
    cards = 0;
    insert(VICC_ANSWER);
}

static void hang_vpcd(void)
{
    change_to(VICC_HANG);
}

static void mend_vpcd(void)
{
    change_to(VICC_ANSWER);
}

static const struct subject subjects[] = {
    {"soft:?protocol=t1", begin_soft, hang_soft, mend_soft},
    {"vpcd:0", begin_vpcd, hang_vpcd, mend_vpcd}};

/* --- Jobs --------------------------------------------------------------------------- */

static enum sc_error power(void)
{
    uint8_t atr[DRIVER_ATR_MAX];
    return fake_power(&host, 0, POWER_COLD_RESET, CHECK_HANG_MS, atr, &size);
}

static enum sc_error work(void)
{
    static const uint8_t command[] = {0x00, 0x84, 0x00, 0x00, 0x08};
    return fake_transmit(&host, 0, PROTOCOL_T1, CHECK_HANG_MS, command, sizeof(command),
                         out, sizeof(out), &size);
}

static void check_works(void)
{
    CHECK_EQ(power(), SC_OK);
    CHECK_EQ(fake_protocol(&host, 0, PROTOCOL_T1), SC_OK);
    CHECK_EQ(work(), SC_OK);
}

static void stop_later(void *context)
{
    const uint32_t *after_ms = context;
    struct os_stop never = OS_STOP_INIT;
    (void)os_stop_wait(&never, os_now_ms() + *after_ms);
    os_stop_destroy(&never);
    fake_abort(&host, 0);
}

static enum sc_error work_stopped(uint32_t after_ms)
{
    struct os_thread thread;
    CHECK_EQ(os_thread_start(&thread, "stop", stop_later, &after_ms), SC_OK);
    enum sc_error error = work();
    os_thread_join(&thread);
    return error;
}

/* --- Stops -------------------------------------------------------------------------- */

/* Raised before the job is there: it hardly begins, and the card does not hear of it. */
static void check_before(void)
{
    check_works();
    fake_stop_next(&host, 0);
    CHECK_EQ(work(), SC_E_CANCELLED);
    CHECK_EQ(work(), SC_OK);
    fake_stop_next(&host, 0);
    CHECK_EQ(power(), SC_E_CANCELLED);
    check_works();
}

static void check_during(const struct subject *subject)
{
    subject->hang();
    CHECK_EQ(power(), SC_OK);
    CHECK_EQ(fake_protocol(&host, 0, PROTOCOL_T1), SC_OK);
    uint64_t start_ms = os_now_ms();
    CHECK_EQ(work_stopped(BEFORE_MS), SC_E_CANCELLED);
    CHECK(os_now_ms() - start_ms < CHECK_HANG_MS / 2);
    subject->mend();
    check_works();
}

/* Anywhere, most of them as the job ends, or after it. */
static void check_around(const struct subject *subject)
{
    for (uint32_t i = 0; i < ROUNDS; i++) {
        enum sc_error error = work_stopped(i % 4 == 0 ? 1 : 0);
        CHECK(error == SC_OK || error == SC_E_CANCELLED);
        fake_abort(&host, 0); /* of no job */
        if (error != SC_OK) {
            subject->mend();
            check_works();
        }
        CHECK_EQ(work(), SC_OK);
    }
}

/* The reader goes, and the job that hangs in it is stopped, in any order. */
static void check_parting(void)
{
    static const uint8_t soon[] = {0, 0, 0, 0, BEFORE_MS, 0, 0, 0};
    hang_soft();
    CHECK_EQ(
        fake_control(&host, 0, SOFT_IOCTL_UNPLUG, soon, sizeof(soon), NULL, 0, &size),
        SC_OK);
    enum sc_error error = work_stopped(BEFORE_MS);
    CHECK(error == SC_E_CANCELLED || error == SC_E_READER_UNAVAILABLE);
    CHECK(fake_wait_gone(&host, 0));
    CHECK_EQ(work(), SC_E_READER_UNAVAILABLE);
}

int main(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(subjects); i++) {
        const struct subject *subject = &subjects[i];
        bool soft = subject->begin == begin_soft;
        fake_host_init(&host, driver_find(soft ? "soft" : "vpcd"));
        CHECK_EQ(fake_host_start(&host, subject->uri), SC_OK);
        subject->begin();
        check_before();
        check_during(subject);
        check_around(subject);
        if (soft)
            check_parting();
        else
            fake_vicc_stop(&vicc);
        fake_host_stop(&host);
    }
    return check_result();
}
