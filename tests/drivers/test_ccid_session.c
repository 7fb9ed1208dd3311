/* SPDX-License-Identifier: BSD-2-Clause */
/* Every simulated reader, with a card of either protocol: power, protocol, commands of
 * all sizes that it can, and what it must refuse. */
#include "ccid_rig.h"
#include "os/time.h"
#include "tests/support/check.h"

static struct rig_result result;

/* Levels that carry extended lengths: the host's T=1, ENVELOPE over T=0, chains. */
static bool carries_extended(const struct ccid_rig *rig)
{
    return rig->ccid.descriptor.level != CCID_SHORT_APDU;
}

static void try_power(struct ccid_rig *rig)
{
    CHECK_EQ(ccid_rig_power(rig, 0, POWER_WARM_RESET), SC_OK);
    CHECK_EQ(ccid_rig_power(rig, 0, POWER_COLD_RESET), SC_OK);
    CHECK_EQ(ccid_rig_power(rig, 0, POWER_WARM_RESET), SC_OK);
    CHECK_EQ(ccid_rig_power(rig, 0, POWER_OFF), SC_OK);
    CHECK_EQ(ccid_rig_power(rig, 0, POWER_OFF), SC_OK);
    CHECK(!ccid_rig_counts(rig, 0, 1, &result));
    CHECK_EQ(result.error, SC_W_REMOVED_CARD);
}

static void try_sizes(struct ccid_rig *rig)
{
    static const size_t few[] = {0,  1,  2,   31,  32,  33,  53, 54,
                                 63, 64, 127, 128, 253, 254, 255};
    static const size_t large[] = {256, 257, 1000, 4096, 65535};
    for (size_t i = 0; i < sizeof(few) / sizeof(few[0]); i++) {
        CHECK(ccid_rig_counts(rig, 0, few[i], &result));
        CHECK(ccid_rig_echoes(rig, 0, few[i], &result));
    }
    CHECK(ccid_rig_counts(rig, 0, 256, &result));
    for (size_t i = 0; i < sizeof(large) / sizeof(large[0]); i++) {
        bool can = carries_extended(rig);
        CHECK_EQ(ccid_rig_echoes(rig, 0, large[i], &result), can);
        if (!can)
            CHECK_EQ(result.error, SC_E_INVALID_PARAMETER);
    }
    CHECK(ccid_rig_counts(rig, 0, 5, &result));
}

static void session(const char *name, size_t number, const char *card, uint32_t protocol)
{
    char specification[96];
    enum sc_error error = SC_OK;
    unsigned before = check_failures;
    (void)snprintf(specification, sizeof(specification), "%s?card=%s", name, card);
    struct ccid_rig *rig = ccid_rig_new(specification, number, NULL, &error);
    CHECK(rig != NULL);
    if (rig == NULL)
        return;
    if ((rig->ccid.descriptor.protocols & protocol) != 0) {
        try_power(rig);
        CHECK_EQ(ccid_rig_connect(rig, 0, protocol), SC_OK);
        try_sizes(rig);
    }
    ccid_rig_free(rig);
    if (check_failures != before)
        fprintf(stderr, "... that was %s, interface %u\n", specification,
                (unsigned)number);
}

/* Readers with ways of their own: "card" and what follows of the specification. */
static void try_own_ways(void)
{
    /* No longer message than they say, where a command can be split. */
    session("yubikey", 0, "t1&message=262", PROTOCOL_T1);
    session("yubikey", 0, "t1&message=266", PROTOCOL_T1);
    session("omnikey_3121", 0, "t0&message=262", PROTOCOL_T0);
    session("gemalto_pdt", 0, "t1&message=261", PROTOCOL_T1);
    session("gempc_twin", 0, "t1&message=263", PROTOCOL_T1);
    session("oz776", 0, "t0&message=262", PROTOCOL_T0);
    session("oz776", 0, "t1&message=262", PROTOCOL_T1);
    /* Automatic activation, no automatic voltage: named voltages alone, or none. */
    session("gempc_twin", 0, "t1&dwfeatures=00010234", PROTOCOL_T1);
    session("gempc_twin", 0, "t1&dwfeatures=00010234&select=1", PROTOCOL_T1);
    /* bSeq one less in answers to long messages. */
    session("acr122u", 0, "t1&behind=1", PROTOCOL_T1);
}

int main(void)
{
    try_own_ways();
    struct sim_reader_data reader;
    for (size_t i = 0; sim_reader_get(i, &reader); i++)
        for (size_t n = 0; n < reader.interface_count; n++) {
            uint64_t start = os_now_ms();
            session(reader.name, n, "t0", PROTOCOL_T0);
            session(reader.name, n, "t1", PROTOCOL_T1);
            printf("%s/%u %u ms\n", reader.name, (unsigned)n,
                   (unsigned)(os_now_ms() - start));
        }
    return check_result();
}
