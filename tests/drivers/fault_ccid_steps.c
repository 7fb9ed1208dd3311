/* SPDX-License-Identifier: BSD-2-Clause */
/* A fault at each step from opening to the first command: power, PPS, parameters, IFSD.
 * Every job ends soon after its deadline, and some tries later the card is in use, unless
 * the device is gone. And cards that do not come up. */
#include "os/time.h"
#include "tests/drivers/ccid_rig.h"
#include "tests/support/check.h"

enum {
    DEADLINE_MS = 200,
    SLACK_MS = CCID_ABORT_MS + 700,
    TRIES = 6, /* some faults strike a message of the recovery */
    STEPS = 12 /* messages until the first command's answer */
};

static struct rig_result result;
static uint64_t longest;

static void took(uint64_t start)
{
    uint64_t ms = os_now_ms() - start;
    if (longest < ms)
        longest = ms;
}

static enum sc_error connect_in(struct ccid_rig *rig, uint32_t protocol)
{
    struct ccid_slot *slot = &rig->ccid.slots[0];
    uint8_t atr[DRIVER_ATR_MAX];
    size_t size = 0;
    uint64_t start = os_now_ms();
    struct driver_job job = ccid_rig_begin(rig, 0, DEADLINE_MS);
    enum sc_error error = ccid_slot_power(slot, POWER_COLD_RESET, &job, atr, &size);
    ccid_rig_end(rig, 0);
    took(start);
    CHECK((error == SC_OK) == (size >= 2));
    if (error != SC_OK)
        return error;
    start = os_now_ms();
    job = ccid_rig_begin(rig, 0, DEADLINE_MS);
    error = ccid_slot_set_protocol(slot, protocol, &job);
    ccid_rig_end(rig, 0);
    took(start);
    return error;
}

static enum sc_error use(struct ccid_rig *rig, uint32_t protocol)
{
    static const uint8_t command[] = {0x80, 0xE0, 0x00, 0x05, 0x05};
    enum sc_error error = connect_in(rig, protocol);
    if (error != SC_OK)
        return error;
    uint64_t start = os_now_ms();
    ccid_rig_send_in(rig, 0, command, sizeof(command), DEADLINE_MS, &result);
    took(start);
    return result.error;
}

static bool is_known(enum sc_error error)
{
    return error == SC_OK || error == SC_F_COMM_ERROR || error == SC_E_TIMEOUT
           || error == SC_W_UNRESPONSIVE_CARD || error == SC_E_READER_UNAVAILABLE
           || error == SC_W_REMOVED_CARD || error == SC_E_NO_SMARTCARD
           || error == SC_E_PROTO_MISMATCH;
}

static void strike(const char *name, uint32_t protocol, const char *fault, unsigned step)
{
    char specification[96];
    enum sc_error error = SC_OK;
    bool leaves = strncmp(fault, "UNPLUG", 6) == 0;
    unsigned before = check_failures, tries = 0;
    (void)snprintf(specification, sizeof(specification), "%s&fault=%s@%u", name, fault,
                   step);
    longest = 0;
    struct ccid_rig *rig = ccid_rig_new(specification, 0, NULL, &error);
    if (rig == NULL) {
        CHECK(leaves && error == SC_E_READER_UNAVAILABLE);
    } else {
        do {
            error = use(rig, protocol);
            CHECK(is_known(error));
            tries++;
        } while (error != SC_OK && error != SC_E_READER_UNAVAILABLE && tries < TRIES);
        CHECK(error == SC_OK || (leaves && error == SC_E_READER_UNAVAILABLE));
        CHECK(longest <= DEADLINE_MS + SLACK_MS);
        ccid_rig_free(rig);
    }
    if (check_failures != before)
        fprintf(stderr, "... that was %s: %s, %u tries, %u ms\n", specification,
                sc_error_name(error), tries, (unsigned)longest);
}

static void try_reader(const char *name, uint32_t protocol, bool bulk)
{
    static const char *const faults[] = {
        "UNPLUG",       "ERROR_HARDWARE", "ERROR_MUTE",      "MUTE",
        "IN_STALL",     "OUT_STALL",      "BABBLE",          "LENGTH_LARGE:7",
        "LENGTH_SMALL", "SHORT_HEADER:3", "GARBAGE_TYPE:66", "STALE:30"};
    uint64_t start = os_now_ms();
    for (unsigned step = 1; step <= STEPS; step++)
        for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
            if (bulk || i < 4)
                strike(name, protocol, faults[i], step);
    printf("%s: %u ms\n", name, (unsigned)(os_now_ms() - start));
}

/* --- Cards that do not come up ------------------------------------------------------ */

static void try_power(const char *name, const char *fault, bool comes_up)
{
    char specification[96];
    enum sc_error error;
    uint8_t atr[DRIVER_ATR_MAX];
    size_t size = 0;
    unsigned before = check_failures;
    (void)snprintf(specification, sizeof(specification), "%s&fault=%s", name, fault);
    struct ccid_rig *rig = ccid_rig_new(specification, 0, NULL, &error);
    CHECK(rig != NULL);
    if (rig == NULL)
        return;
    struct driver_job job = ccid_rig_begin(rig, 0, RIG_JOB_MS);
    error = ccid_slot_power(&rig->ccid.slots[0], POWER_COLD_RESET, &job, atr, &size);
    ccid_rig_end(rig, 0);
    CHECK_EQ(error, comes_up ? SC_OK : SC_W_UNRESPONSIVE_CARD);
    CHECK(comes_up ? size >= 2 && size <= DRIVER_ATR_MAX : size == 0);
    for (int i = 0; i < 4 && error != SC_OK; i++)
        error = ccid_rig_connect(rig, 0, PROTOCOL_T1);
    if (error == SC_OK)
        error = ccid_rig_connect(rig, 0, PROTOCOL_T1);
    CHECK_EQ(error, SC_OK);
    CHECK(ccid_rig_counts(rig, 0, 5, &result));
    ccid_rig_free(rig);
    if (check_failures != before)
        fprintf(stderr, "... that was %s\n", specification);
}

int main(void)
{
    /* One voltage after the other, all three of them. */
    try_power("gempc_twin?card=t1", "POWER_MUTE@3*5", false);
    try_power("gempc_twin?card=t1", "POWER_EMPTY@3*5", false);
    try_power("gempc_twin?card=t1", "POWER_GARBAGE@3*5", false);
    try_power("gempc_twin?card=t1", "POWER_GARBAGE@3", true);
    try_power("gempc_twin?card=t1", "POWER_LONG:64@3", true);
    /* The reader chooses. */
    try_power("yubikey?card=t1", "POWER_MUTE@3*2", false);
    try_power("yubikey?card=t1", "POWER_GARBAGE@3*2", false);
    /* Mute at the first power-on, and not at the next; with one voltage alone as well. */
    try_power("yubikey?card=t1", "POWER_MUTE@3", true);
    try_power("yubikey?card=t1", "POWER_GARBAGE@3", true);
    try_power("yubikey?card=t1", "POWER_EMPTY@3", true);
    try_power("gempc_twin?card=t1&voltage=5", "POWER_MUTE@3", true);
    try_power("gempc_twin?card=t1&voltage=3", "POWER_MUTE@3", true);
    try_reader("oz776?card=t1", PROTOCOL_T1, true);
    try_reader("gempc_twin?card=t0", PROTOCOL_T0, true);
    try_reader("gempc_twin?card=t1", PROTOCOL_T1, true);
    try_reader("kaan_advanced?card=t1", PROTOCOL_T1, true);
    try_reader("ibank2key?card=t0", PROTOCOL_T0, false);
    try_reader("gemalto_pdt?card=t1", PROTOCOL_T1, false);
    return check_result();
}
