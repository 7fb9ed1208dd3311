/* SPDX-License-Identifier: BSD-2-Clause */
/* Each fault of a simulated reader (tests/rig/sim/fault.h), at each level of exchange: it
 * ends in the error that src/manager/driver.h documents, soon after its deadline at the
 * latest, and the next command works, or the card is reset first, or the reader is gone.
 */
#include "os/lock.h"
#include "os/time.h"
#include "tests/drivers/ccid_rig.h"
#include "tests/drivers/fault_errors.h"
#include "tests/rig/sim/fault.h"
#include "tests/support/check.h"

enum {
    DEADLINE_MS = 200,             /* of a command that may not end well */
    ENOUGH_MS = 10000,             /* of one that has to */
    SLACK_MS = CCID_ABORT_MS + 700 /* the abort, and a busy machine */
};

/* What has to be done for the next command to work. */
enum after { NOTHING, RESET, /* or nothing */ INSERT, NO_READER };

/* Where it strikes. */
enum {
    BLOCKS = 1, /* bulk, T=1 in blocks by the host: what the line spoils is repeated */
    BULK = 2,
    TOKEN = 4, /* ICCD */
    ALL = 7
};

static const struct trouble {
    uint8_t fault, arg, count;
    unsigned where;
    unsigned errors;
    enum after after;
} troubles[] = {
    {SIM_FAULT_SLOW, 1, 1, ALL, OK, NOTHING},
    {SIM_FAULT_SLOW, 20, 1, ALL, TIMEOUT, RESET},
    {SIM_FAULT_MUTE, 0, 1, ALL, TIMEOUT | COMM, RESET},
    {SIM_FAULT_IN_STALL, 0, 1, ALL, COMM, RESET},
    {SIM_FAULT_OUT_STALL, 0, 1, BLOCKS | BULK, COMM, RESET},
    {SIM_FAULT_BABBLE, 0, 1, BLOCKS | BULK, COMM, RESET},
    {SIM_FAULT_STALE, 3, 1, BLOCKS | BULK, OK, NOTHING},
    {SIM_FAULT_STALE, 30, 1, BLOCKS | BULK, COMM, RESET},
    {SIM_FAULT_WRONG_SEQ, 0, 1, BLOCKS | BULK, COMM | TIMEOUT, RESET},
    {SIM_FAULT_WRONG_SLOT, 0, 1, BLOCKS | BULK, COMM | TIMEOUT, RESET},
    {SIM_FAULT_TIME_EXTENSION, 2, 1, ALL, OK, NOTHING},
    {SIM_FAULT_TIME_FOREVER, 1, 1, BLOCKS | BULK, TIMEOUT, RESET},
    {SIM_FAULT_TIME_FOREVER, 0xFF, 1, BLOCKS | BULK, TIMEOUT, RESET},
    {SIM_FAULT_LENGTH_LARGE, 1, 1, BLOCKS | BULK, COMM, RESET},
    {SIM_FAULT_LENGTH_LARGE, 60, 1, BLOCKS | BULK, COMM | TIMEOUT, RESET},
    {SIM_FAULT_LENGTH_SMALL, 0, 1, BLOCKS | BULK, COMM, RESET},
    {SIM_FAULT_SHORT_HEADER, 1, 1, BLOCKS | BULK, COMM | TIMEOUT, RESET},
    {SIM_FAULT_SHORT_HEADER, 9, 1, BLOCKS | BULK, COMM | TIMEOUT, RESET},
    {SIM_FAULT_GARBAGE_TYPE, 0x42, 1, BLOCKS | BULK, COMM | TIMEOUT, RESET},
    {SIM_FAULT_CUT, 0, 1, BLOCKS | BULK, COMM | TIMEOUT, RESET},
    {SIM_FAULT_EMPTY_PACKETS, 3, 1, BLOCKS | BULK, OK, NOTHING},
    {SIM_FAULT_EMPTY_PACKETS, 30, 1, BLOCKS | BULK, COMM, RESET},
    {SIM_FAULT_BUSY, 0, 1, BLOCKS | BULK, OK, NOTHING},
    {SIM_FAULT_BUSY, 0, 9, BLOCKS | BULK, TIMEOUT, RESET},
    {SIM_FAULT_ERROR_MUTE, 0, 1, BLOCKS, OK, NOTHING},
    {SIM_FAULT_ERROR_MUTE, 0, 1, BULK | TOKEN, COMM, RESET},
    {SIM_FAULT_ERROR_MUTE, 0, 6, BLOCKS, COMM | TIMEOUT, RESET},
    {SIM_FAULT_ERROR_PARITY, 0, 1, BLOCKS, OK, NOTHING},
    {SIM_FAULT_ERROR_PARITY, 0, 1, BULK | TOKEN, COMM, RESET},
    {SIM_FAULT_ERROR_OVERRUN, 0, 1, ALL, COMM, RESET},
    {SIM_FAULT_ERROR_HARDWARE, 0, 1, ALL, COMM, RESET},
    {SIM_FAULT_ERROR_AUTO_BUSY, 0, 1, BLOCKS | BULK, OK, NOTHING},
    {SIM_FAULT_HARDWARE, 0, 1, BLOCKS | BULK, COMM, RESET},
    {SIM_FAULT_NOISE, 5, 1, BLOCKS | BULK, OK, NOTHING},
    {SIM_FAULT_REMOVE, 0, 1, BLOCKS | BULK, REMOVED, INSERT},
    {SIM_FAULT_REMOVE, 0, 1, TOKEN, GONE, NO_READER},
    {SIM_FAULT_SWAP, 0, 1, BLOCKS | BULK, REMOVED, RESET},
    {SIM_FAULT_UNPLUG, 0, 1, ALL, GONE, NO_READER},
    {SIM_FAULT_ABORT_REFUSED, 0, 1, BLOCKS | BULK, TIMEOUT, RESET},
    {SIM_FAULT_CHAIN_FOREVER, 0, 1, BLOCKS, OK, NOTHING},
    {SIM_FAULT_CHAIN_FOREVER, 0, 1, BULK, COMM, RESET},
    {SIM_FAULT_INTERRUPT_STALL, 0, 1, BLOCKS | BULK, OK, NOTHING},
    {SIM_FAULT_ABORT_IGNORED, 0, 1, BLOCKS | BULK, TIMEOUT, RESET},
    {SIM_FAULT_RESET, 0, 1, ALL, REMOVED, RESET},
    {SIM_FAULT_REMOVE_MUTE, 1, 1, BLOCKS | BULK, REMOVED | TIMEOUT, INSERT},
    {SIM_FAULT_REMOVE_DEAF, 1, 1, BLOCKS | BULK, REMOVED | TIMEOUT, INSERT},
};

static const struct level {
    const char *specification;
    uint32_t protocol;
    unsigned where;
} levels[] = {
    {"oz776?card=t0", PROTOCOL_T0, BULK},      /* characters */
    {"oz776?card=t1", PROTOCOL_T1, BLOCKS},    /* the same */
    {"gempc_twin?card=t0", PROTOCOL_T0, BULK}, /* TPDU */
    {"gempc_twin?card=t1", PROTOCOL_T1, BLOCKS},
    {"cherry_xx33?card=t1", PROTOCOL_T1, BULK},    /* short APDU */
    {"yubikey?card=t1", PROTOCOL_T1, BULK},        /* extended APDU */
    {"nitrokey_start?card=t1", PROTOCOL_T1, BULK}, /* without notifications */
    {"ibank2key?card=t0", PROTOCOL_T0, TOKEN},     /* ICCD A */
    {"gemalto_pdt?card=t1", PROTOCOL_T1, TOKEN},   /* ICCD B */
};

static struct rig_result result;

static bool is_gone(struct ccid_rig *rig)
{
    return ccid_link_is_gone(&rig->ccid.link);
}

/* Readers that do not notify tell it when they are asked. */
static bool comes_back(struct ccid_rig *rig)
{
    if (rig->has_interrupt)
        return ccid_rig_wait_presence(rig, 0, true, 1000);
    rig_sleep(120);
    return true;
}

static void afterwards(struct ccid_rig *rig, const struct trouble *trouble,
                       uint32_t protocol)
{
    if (trouble->after == NO_READER) {
        CHECK(!ccid_rig_counts(rig, 0, 5, &result));
        CHECK_EQ(result.error, SC_E_READER_UNAVAILABLE);
        CHECK(is_gone(rig));
        return;
    }
    if (trouble->after == INSERT) {
        CHECK(!ccid_rig_counts(rig, 0, 5, &result));
        CHECK_EQ(result.error, SC_W_REMOVED_CARD);
        CHECK_EQ(ccid_rig_power(rig, 0, POWER_COLD_RESET), SC_E_NO_SMARTCARD);
        sim_direct_insert(rig->direct, 0);
    }
    if (trouble->fault == SIM_FAULT_SWAP || trouble->after == INSERT)
        CHECK(comes_back(rig));
    bool works = ccid_rig_counts(rig, 0, 5, &result);
    if (trouble->after == NOTHING)
        CHECK(works);
    if (!works) {
        CHECK_EQ(ccid_rig_connect(rig, 0, protocol), SC_OK);
        CHECK(ccid_rig_counts(rig, 0, 5, &result));
    }
    CHECK(ccid_rig_echoes(rig, 0, 255, &result));
}

static void strike(const struct level *level, const struct trouble *trouble)
{
    static const uint8_t command[] = {0x80, 0xE0, 0x00, 0x70, 0x70};
    enum sc_error error;
    unsigned before = check_failures;
    struct ccid_rig *rig = ccid_rig_new(level->specification, 0, NULL, &error);
    CHECK(rig != NULL);
    if (rig == NULL)
        return;
    if (rig->has_interrupt)
        ccid_rig_listen(rig);
    CHECK_EQ(ccid_rig_connect(rig, 0, level->protocol), SC_OK);
    CHECK(ccid_rig_fault(rig, 0, trouble->fault, trouble->arg, trouble->count));
    ccid_rig_send_in(rig, 0, command, sizeof(command),
                     trouble->errors == OK ? ENOUGH_MS : DEADLINE_MS, &result);
    enum sc_error got = result.error;
    uint64_t ms = result.ms;
    CHECK((as_bit(got) & trouble->errors) != 0);
    CHECK(got != SC_OK || (result.size == 0x72 && result.sw == 0x9000));
    CHECK(ms <= DEADLINE_MS + SLACK_MS);
    uint64_t start = os_now_ms();
    afterwards(rig, trouble, level->protocol);
    uint64_t later = os_now_ms() - start;
    if (check_failures != before || later + ms > 600)
        fprintf(stderr, "... that was %s, fault %02X %u x %u: %s after %u ms, +%u\n",
                level->specification, trouble->fault, trouble->arg, trouble->count,
                sc_error_name(got), (unsigned)ms, (unsigned)later);
    ccid_rig_free(rig);
}

int main(void)
{
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        uint64_t start = os_now_ms();
        for (size_t k = 0; k < sizeof(troubles) / sizeof(troubles[0]); k++)
            if ((troubles[k].where & levels[i].where) != 0)
                strike(&levels[i], &troubles[k]);
        printf("%s: %u ms\n", levels[i].specification, (unsigned)(os_now_ms() - start));
    }
    return check_result();
}
