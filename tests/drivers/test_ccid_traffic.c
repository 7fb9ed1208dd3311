/* SPDX-License-Identifier: BSD-2-Clause */
/* How much goes over the bus: transfers are counted, not timed. An APDU takes no more
 * than the level of exchange needs, and a reader that is not used nothing at all. */
#include "ccid_rig.h"
#include "tests/support/check.h"

static struct rig_result result;

static struct ccid_rig *connected(const char *specification, uint32_t protocol)
{
    enum sc_error error;
    struct ccid_rig *rig = ccid_rig_new(specification, 0, NULL, &error);
    CHECK(rig != NULL);
    if (rig == NULL)
        return NULL;
    CHECK_EQ(ccid_rig_connect(rig, 0, protocol), SC_OK);
    return rig;
}

/* Bulk transfers that an echo of `size` bytes takes. */
static uint64_t echo_transfers(struct ccid_rig *rig, size_t size)
{
    struct sim_counts before = sim_direct_counts(rig->direct);
    CHECK(ccid_rig_echoes(rig, 0, size, &result));
    struct sim_counts after = sim_direct_counts(rig->direct);
    CHECK_EQ(after.control, before.control);
    CHECK_EQ(after.interrupt_in, before.interrupt_in);
    return after.bulk_out + after.bulk_in - before.bulk_out - before.bulk_in;
}

static size_t pieces(size_t size, size_t most)
{
    return size == 0 ? 1 : (size + most - 1) / most;
}

/* One message each way, or as many as the reader's messages are too short for. */
static void try_apdu_level(const char *specification)
{
    static const size_t sizes[] = {0, 1, 43, 54, 118, 255, 256, 1000, 5000, 65535};
    struct ccid_rig *rig = connected(specification, PROTOCOL_T1);
    if (rig == NULL)
        return;
    size_t most = rig->ccid.descriptor.message_max - CCID_HEADER_SIZE;
    bool extended = rig->ccid.descriptor.level == CCID_EXTENDED_APDU;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        size_t size = sizes[i], header = size == 0 ? 4 : size < 256 ? 6 : 9;
        if (size > 255 && !extended)
            break;
        size_t out = pieces(header + size, most), in = pieces(size + 2, most);
        /* The last command piece is answered by the first of the answer. */
        uint64_t took = echo_transfers(rig, size), least = 2 * (out + in - 1);
        CHECK_EQ(took, least);
        if (took != least)
            fprintf(stderr, "... that was %s, %u bytes\n", specification, (unsigned)size);
    }
    ccid_rig_free(rig);
}

/* Two for each block; a block that is not the last of its chain is answered by an R. */
static void try_t1(const char *specification)
{
    static const size_t sizes[] = {0, 1, 100, 247, 248, 255, 256, 1000, 5000};
    struct ccid_rig *rig = connected(specification, PROTOCOL_T1);
    if (rig == NULL)
        return;
    size_t ifsc = rig->ccid.slots[0].card.t1.ifsc, ifsd = rig->ccid.slots[0].card.t1.ifsd;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        size_t size = sizes[i], header = size == 0 ? 4 : size < 256 ? 6 : 9;
        size_t out = pieces(header + size, ifsc), in = pieces(size + 2, ifsd);
        CHECK_EQ(echo_transfers(rig, size), 2 * (out + in - 1));
    }
    ccid_rig_free(rig);
}

/* Two for each TPDU: the command, and GET RESPONSE for the answer; ENVELOPE for long
 * ones, 255 bytes each. */
static void try_t0(const char *specification)
{
    struct ccid_rig *rig = connected(specification, PROTOCOL_T0);
    if (rig == NULL)
        return;
    CHECK_EQ(echo_transfers(rig, 0), 2);
    for (size_t size = 1; size <= 255; size += 127)
        CHECK_EQ(echo_transfers(rig, size), 4);
    for (size_t size = 256; size <= 5000; size += 1186) {
        /* The header, Lc, data and Le; its end is an ENVELOPE without data unless there
         * is room for saying so (ISO/IEC 7816-3:2006, 12.2.5). */
        uint64_t envelopes = pieces(size + 9, 255), answers = pieces(size, 256);
        uint64_t took = echo_transfers(rig, size) / 2;
        CHECK(took >= envelopes + answers && took <= envelopes + answers + 1);
    }
    struct sim_counts before = sim_direct_counts(rig->direct);
    CHECK(ccid_rig_counts(rig, 0, 256, &result));
    CHECK_EQ(sim_direct_counts(rig->direct).bulk_out - before.bulk_out, 1);
    CHECK_EQ(sim_direct_counts(rig->direct).bulk_in - before.bulk_in, 1);
    ccid_rig_free(rig);
}

/* A reader that notifies is asked nothing while nobody uses it, with a card and without.
 */
static void try_idle(const char *specification)
{
    struct ccid_rig *rig = connected(specification, PROTOCOL_T1);
    if (rig == NULL)
        return;
    CHECK(rig->has_interrupt);
    ccid_rig_listen(rig);
    rig_sleep(100);
    struct sim_counts before = sim_direct_counts(rig->direct);
    rig_sleep(700);
    struct sim_counts after = sim_direct_counts(rig->direct);
    CHECK_EQ(after.bulk_out, before.bulk_out);
    CHECK_EQ(after.bulk_in, before.bulk_in);
    CHECK_EQ(after.control, before.control);
    CHECK(after.interrupt_in <= before.interrupt_in + 1);
    /* A removal takes one message. */
    sim_direct_remove(rig->direct, 0);
    CHECK(ccid_rig_wait_presence(rig, 0, false, 1000));
    struct sim_counts removed = sim_direct_counts(rig->direct);
    CHECK_EQ(removed.bulk_out, before.bulk_out);
    CHECK(removed.interrupt_in <= after.interrupt_in + 2);
    ccid_rig_free(rig);
}

int main(void)
{
    try_apdu_level("cherry_xx33?card=t1");
    try_apdu_level("yubikey?card=t1");
    try_apdu_level("omnikey_3121?card=t1");
    try_apdu_level("nitrokey_start?card=t1");
    try_apdu_level("kaan_advanced?card=t1");
    try_t1("gempc_twin?card=t1");
    try_t1("idbridge_ct30?card=t1");
    try_t1("scr331?card=t1");
    try_t1("nitrokey_pro?card=t1");
    try_t0("gempc_twin?card=t0");
    try_t0("acr38u?card=t0");
    try_idle("yubikey?card=t1");
    try_idle("gempc_twin?card=t1");
    return check_result();
}
