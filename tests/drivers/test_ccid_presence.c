/* SPDX-License-Identifier: BSD-2-Clause */
/* Cards that come and go: each change is told once and in order, whoever noticed it
 * first, and a card that was away is never taken for the one before. */
#include "ccid_rig.h"
#include "drivers/ccid/slot.h"
#include "os/lock.h"
#include "os/time.h"
#include "tests/rig/sim/fault.h"
#include "tests/support/check.h"

enum { SOON_MS = CHECK_HANG_MS };

static struct rig_result result;

static void set_quiet(struct ccid_rig *rig, uint64_t until_ms)
{
    for (uint32_t i = 0; i < rig->ccid.descriptor.slot_count; i++) {
        struct ccid_slot *slot = &rig->ccid.slots[i];
        os_mutex_lock(&slot->kit.lock);
        slot->quiet_ms = until_ms;
        os_mutex_unlock(&slot->kit.lock);
    }
}

/* A reader tells of the cards that are in when somebody begins to listen. */
static void wait_for_first(struct ccid_rig *rig)
{
    struct ccid_slot *slot = &rig->ccid.slots[0];
    uint64_t limit = os_now_ms() + CHECK_HANG_MS;
    while (ccid_slot_is_present(slot) && ccid_slot_notices(slot) == 0
           && os_now_ms() < limit)
        rig_sleep(1);
    CHECK(os_now_ms() < limit);
}

static struct ccid_rig *opened(const char *specification, bool listening)
{
    enum sc_error error;
    struct ccid_rig *rig = ccid_rig_new(specification, 0, NULL, &error);
    CHECK(rig != NULL);
    if (rig != NULL && listening) {
        ccid_rig_listen(rig);
        wait_for_first(rig);
    }
    if (rig != NULL)
        set_quiet(rig, 0); /* nothing that comes now is of before */
    return rig;
}

/* The next event, "R" or "I"; "": none comes within `ms`. Doubtful slots are asked, as
 * the bus driver does. */
static const char *next_event(struct ccid_rig *rig, uint32_t slot, uint32_t ms)
{
    uint64_t end = os_now_ms() + ms;
    struct ccid_slot *s = &rig->ccid.slots[slot];
    enum card_event event;
    do {
        if (ccid_slot_is_doubtful(s))
            CHECK_EQ(ccid_slot_poll(s), SC_OK);
        if (ccid_rig_event(rig, slot, &event))
            return event == CARD_REMOVED ? "R" : "I";
        rig_sleep(2);
    } while (os_now_ms() < end);
    return "";
}

static void try_first(void)
{
    struct ccid_rig *with = opened("gempc_twin", false);
    struct ccid_rig *without = opened("gempc_twin?card=none", false);
    if (with == NULL || without == NULL)
        return;
    CHECK(ccid_slot_is_present(&with->ccid.slots[0]));
    CHECK(!ccid_slot_is_present(&without->ccid.slots[0]));
    CHECK_STR(next_event(with, 0, 0), "");
    CHECK_STR(next_event(without, 0, 0), "");
    CHECK_EQ(ccid_rig_power(without, 0, POWER_COLD_RESET), SC_E_NO_SMARTCARD);
    CHECK_STR(next_event(without, 0, 0), "");
    ccid_rig_free(with);
    ccid_rig_free(without);
}

/* The reader tells by itself; the card in use is another one after that. */
static void try_notified(const char *specification, uint32_t protocol, uint32_t slot)
{
    struct ccid_rig *rig = opened(specification, true);
    if (rig == NULL)
        return;
    CHECK(ccid_slot_is_present(&rig->ccid.slots[slot]));
    CHECK_EQ(ccid_rig_connect(rig, slot, protocol), SC_OK);
    CHECK_STR(next_event(rig, slot, 50), "");
    for (int i = 0; i < 3; i++) {
        sim_direct_remove(rig->direct, slot);
        CHECK_STR(next_event(rig, slot, SOON_MS), "R");
        CHECK_STR(next_event(rig, slot, 30), "");
        CHECK(!ccid_rig_counts(rig, slot, 3, &result));
        CHECK_EQ(result.error, SC_W_REMOVED_CARD);
        sim_direct_insert(rig->direct, slot);
        CHECK_STR(next_event(rig, slot, SOON_MS), "I");
        CHECK_STR(next_event(rig, slot, 30), "");
        CHECK(!ccid_rig_counts(rig, slot, 3, &result));
        CHECK_EQ(result.error, SC_W_REMOVED_CARD);
        CHECK_EQ(ccid_rig_connect(rig, slot, protocol), SC_OK);
        CHECK(ccid_rig_counts(rig, slot, 3, &result));
    }
    /* Faster than anybody looks: two events all the same. */
    sim_direct_remove(rig->direct, slot);
    sim_direct_insert(rig->direct, slot);
    CHECK_STR(next_event(rig, slot, SOON_MS), "R");
    CHECK_STR(next_event(rig, slot, SOON_MS), "I");
    CHECK_STR(next_event(rig, slot, 30), "");
    CHECK(!ccid_rig_counts(rig, slot, 3, &result));
    CHECK_EQ(result.error, SC_W_REMOVED_CARD);
    ccid_rig_free(rig);
}

/* A reader without notifications is asked; jobs notice it as well. */
static void try_polled(void)
{
    struct ccid_rig *rig = opened("nitrokey_start", false);
    if (rig == NULL)
        return;
    struct ccid_slot *slot = &rig->ccid.slots[0];
    CHECK(!rig->has_interrupt && ccid_slot_is_present(slot));
    CHECK_EQ(ccid_rig_connect(rig, 0, PROTOCOL_T1), SC_OK);
    uint64_t sent = rig->counter.sent;
    CHECK_EQ(ccid_slot_poll(slot), SC_OK);
    CHECK_EQ(rig->counter.sent - sent, 1);
    CHECK_STR(next_event(rig, 0, 0), "");
    sim_direct_remove(rig->direct, 0);
    CHECK_STR(next_event(rig, 0, 20), "");
    CHECK_EQ(ccid_slot_poll(slot), SC_OK);
    CHECK_STR(next_event(rig, 0, 0), "R");
    sim_direct_insert(rig->direct, 0);
    CHECK_EQ(ccid_slot_poll(slot), SC_OK);
    CHECK_STR(next_event(rig, 0, 0), "I");
    CHECK_EQ(ccid_rig_connect(rig, 0, PROTOCOL_T1), SC_OK);
    CHECK(ccid_rig_counts(rig, 0, 3, &result));
    CHECK_STR(next_event(rig, 0, 0), "");
    /* In a command. */
    sim_direct_remove(rig->direct, 0);
    CHECK(!ccid_rig_counts(rig, 0, 3, &result));
    CHECK_EQ(result.error, SC_W_REMOVED_CARD);
    CHECK_STR(next_event(rig, 0, 0), "R");
    /* Away and back between two questions: it has no power any more. */
    sim_direct_insert(rig->direct, 0);
    CHECK_EQ(ccid_slot_poll(slot), SC_OK);
    CHECK_STR(next_event(rig, 0, 0), "I");
    CHECK_EQ(ccid_rig_connect(rig, 0, PROTOCOL_T1), SC_OK);
    sim_direct_remove(rig->direct, 0);
    sim_direct_insert(rig->direct, 0);
    CHECK_EQ(ccid_slot_poll(slot), SC_OK);
    CHECK_STR(next_event(rig, 0, 0), "R");
    CHECK_STR(next_event(rig, 0, 0), "I");
    CHECK(!ccid_rig_counts(rig, 0, 3, &result));
    CHECK_EQ(result.error, SC_W_REMOVED_CARD);
    ccid_rig_free(rig);
}

/* During an exchange. */
static void try_mid_exchange(const char *specification, uint32_t protocol, bool back)
{
    struct ccid_rig *rig = opened(specification, true);
    if (rig == NULL)
        return;
    CHECK(ccid_slot_is_present(&rig->ccid.slots[0]));
    CHECK_EQ(ccid_rig_connect(rig, 0, protocol), SC_OK);
    CHECK(ccid_rig_fault(rig, 0, back ? SIM_FAULT_SWAP : SIM_FAULT_REMOVE, 0, 1));
    CHECK(!ccid_rig_counts(rig, 0, 200, &result));
    CHECK_EQ(result.error, SC_W_REMOVED_CARD);
    CHECK_STR(next_event(rig, 0, SOON_MS), "R");
    if (!back)
        sim_direct_insert(rig->direct, 0);
    CHECK_STR(next_event(rig, 0, SOON_MS), "I");
    CHECK_STR(next_event(rig, 0, 30), "");
    CHECK(!ccid_rig_counts(rig, 0, 3, &result));
    CHECK_EQ(result.error, SC_W_REMOVED_CARD);
    CHECK_EQ(ccid_rig_connect(rig, 0, protocol), SC_OK);
    CHECK(ccid_rig_counts(rig, 0, 200, &result));
    ccid_rig_free(rig);
}

/* During an exchange, in a reader that never answers then; the card would have had nearly
 * a minute by its waiting time. */
static void try_silent(const char *specification, uint32_t protocol, uint8_t fault)
{
    struct ccid_rig *rig = opened(specification, true);
    if (rig == NULL)
        return;
    CHECK(ccid_slot_is_present(&rig->ccid.slots[0]));
    CHECK_EQ(ccid_rig_connect(rig, 0, protocol), SC_OK);
    CHECK(ccid_rig_fault(rig, 0, fault, 1, 1));
    CHECK(!ccid_rig_counts(rig, 0, 200, &result));
    CHECK_EQ(result.error, SC_W_REMOVED_CARD);
    CHECK(result.ms < RIG_JOB_MS);
    CHECK_STR(next_event(rig, 0, SOON_MS), "R");
    CHECK_EQ(ccid_rig_power(rig, 0, POWER_COLD_RESET), SC_E_NO_SMARTCARD);
    sim_direct_insert(rig->direct, 0);
    CHECK_STR(next_event(rig, 0, SOON_MS), "I");
    CHECK_EQ(ccid_rig_connect(rig, 0, protocol), SC_OK);
    CHECK(ccid_rig_counts(rig, 0, 200, &result));
    CHECK_EQ(rig->counter.resets, 0);
    ccid_rig_free(rig);
}

/* And so it is while it is powered. */
static void try_silent_power(void)
{
    struct ccid_rig *rig = opened("gempc_twin?fault=REMOVE_MUTE:1@3", true);
    if (rig == NULL)
        return;
    CHECK(ccid_slot_is_present(&rig->ccid.slots[0]));
    CHECK_EQ(ccid_rig_power(rig, 0, POWER_COLD_RESET), SC_E_NO_SMARTCARD);
    CHECK_STR(next_event(rig, 0, SOON_MS), "R");
    sim_direct_insert(rig->direct, 0);
    CHECK_STR(next_event(rig, 0, SOON_MS), "I");
    CHECK_EQ(ccid_rig_connect(rig, 0, PROTOCOL_T1), SC_OK);
    CHECK(ccid_rig_counts(rig, 0, 3, &result));
    ccid_rig_free(rig);
}

/* Slots of one message. */
static void try_slots(void)
{
    struct ccid_rig *rig = opened("octsim?present=5", true);
    if (rig == NULL)
        return;
    for (uint32_t i = 0; i < 8; i++)
        CHECK_EQ(ccid_slot_is_present(&rig->ccid.slots[i]), i == 0 || i == 2);
    sim_direct_insert(rig->direct, 7);
    CHECK_STR(next_event(rig, 7, SOON_MS), "I");
    sim_direct_remove(rig->direct, 2);
    CHECK_STR(next_event(rig, 2, SOON_MS), "R");
    for (uint32_t i = 0; i < 8; i++)
        CHECK_STR(next_event(rig, i, 5), "");
    CHECK_EQ(ccid_rig_connect(rig, 7, PROTOCOL_T0), SC_OK);
    CHECK(ccid_rig_counts(rig, 7, 3, &result));
    CHECK_EQ(ccid_rig_power(rig, 2, POWER_COLD_RESET), SC_E_NO_SMARTCARD);
    ccid_rig_free(rig);
}

/* A slot that cannot tell counts as having a card; one that is not there is mute. */
static void try_blind(void)
{
    struct ccid_rig *rig = opened("gemcore_sim_pro?card=t0", true);
    if (rig == NULL)
        return;
    struct ccid_slot *slot = &rig->ccid.slots[1];
    CHECK(ccid_slot_is_present(slot));
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(ccid_rig_connect(rig, 1, PROTOCOL_T0), SC_OK);
        CHECK(ccid_rig_counts(rig, 1, 200, &result));
        CHECK_EQ(ccid_slot_poll(slot), SC_OK);
        CHECK(ccid_rig_counts(rig, 1, 3, &result));
        CHECK_STR(next_event(rig, 1, 30), "");
        sim_direct_remove(rig->direct, 1);
        CHECK(!ccid_rig_counts(rig, 1, 3, &result));
        CHECK_EQ(ccid_rig_power(rig, 1, POWER_COLD_RESET), SC_W_UNRESPONSIVE_CARD);
        CHECK_STR(next_event(rig, 1, 30), "");
        sim_direct_insert(rig->direct, 1);
    }
    ccid_rig_free(rig);
}

/* A reader may have kept a notification since before somebody listened: the first one is
 * no reason to give up the card in use, which the reader is asked for. */
static void try_kept(bool away)
{
    static const uint8_t there[] = {0x50, 0x03};
    struct ccid_rig *rig = opened("gempc_twin?card=t1", false);
    if (rig == NULL)
        return;
    struct ccid_interface *ccid = &rig->ccid;
    ccid->notifies = true;
    CHECK(ccid_slot_is_present(&ccid->slots[0]));
    CHECK_EQ(ccid_rig_connect(rig, 0, PROTOCOL_T1), SC_OK);
    ccid_interface_listening(ccid);
    if (away) {
        sim_direct_remove(rig->direct, 0);
        sim_direct_insert(rig->direct, 0);
    }
    ccid_interface_notify(ccid, there, sizeof(there));
    CHECK(ccid_slot_is_doubtful(&ccid->slots[0]));
    CHECK_STR(next_event(rig, 0, 0), away ? "R" : "");
    CHECK_STR(next_event(rig, 0, 0), away ? "I" : "");
    CHECK_EQ(ccid_rig_connect(rig, 0, PROTOCOL_T1), SC_OK);
    /* The second is believed; but not where the reader has said as much itself. */
    ccid_interface_notify(ccid, there, sizeof(there));
    CHECK_STR(next_event(rig, 0, 0), away ? "" : "R");
    CHECK_STR(next_event(rig, 0, 0), away ? "" : "I");
    ccid_rig_free(rig);
}

/* Any bytes will do as a notification, and old ones do no harm. */
static void try_noise(void)
{
    static const uint8_t messages[][4] = {
        {0}, {0x50}, {0x51, 0}, {0x51, 0, 0, 1}, {0x52, 3, 3, 3}};
    static const uint8_t there[] = {0x50, 0x03}, still[] = {0x50, 0x01};
    struct ccid_rig *rig = opened("gempc_twin?card=t1", false);
    if (rig == NULL)
        return;
    struct ccid_interface *ccid = &rig->ccid;
    ccid->notifies = true;
    CHECK(ccid_slot_is_present(&ccid->slots[0]));
    set_quiet(rig, os_now_ms() + 10000);
    CHECK_EQ(ccid_rig_connect(rig, 0, PROTOCOL_T1), SC_OK);
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
        for (size_t size = 0; size <= 4; size++)
            if (size < 2 || messages[i][0] != 0x50)
                ccid_interface_notify(ccid, messages[i], size);
    ccid_interface_notify(ccid, there, sizeof(there)); /* of the insertion before */
    CHECK_STR(next_event(rig, 0, 0), "");
    CHECK(ccid_rig_counts(rig, 0, 3, &result));
    set_quiet(rig, 0);
    ccid_interface_notify(ccid, still, sizeof(still));
    CHECK_STR(next_event(rig, 0, 0), "");
    CHECK(ccid_rig_counts(rig, 0, 3, &result));
    ccid_interface_notify(ccid, there, sizeof(there));
    CHECK_STR(next_event(rig, 0, 0), "R");
    CHECK_STR(next_event(rig, 0, 0), "I");
    CHECK(!ccid_rig_counts(rig, 0, 3, &result));
    ccid_rig_free(rig);
}

int main(void)
{
    try_first();
    try_notified("gempc_twin?card=t1", PROTOCOL_T1, 0);
    try_notified("yubikey?card=t1", PROTOCOL_T1, 0);
    try_notified("oz776?card=t0", PROTOCOL_T0, 0);
    try_notified("octsim", PROTOCOL_T0, 5);
    try_polled();
    try_mid_exchange("gempc_twin?card=t1", PROTOCOL_T1, false);
    try_mid_exchange("gempc_twin?card=t0", PROTOCOL_T0, true);
    try_mid_exchange("yubikey?card=t1", PROTOCOL_T1, true);
    try_mid_exchange("cherry_xx33?card=t1", PROTOCOL_T1, false);
    try_silent("gempc_twin?atr=3B80812195B5", PROTOCOL_T1, SIM_FAULT_REMOVE_MUTE);
    try_silent("gempc_twin?atr=3B80812195B5", PROTOCOL_T1, SIM_FAULT_REMOVE_DEAF);
    try_silent("cherry_xx33?atr=3B80812195B5", PROTOCOL_T1, SIM_FAULT_REMOVE_MUTE);
    try_silent("yubikey?atr=3B80812195B5", PROTOCOL_T1, SIM_FAULT_REMOVE_MUTE);
    try_silent("octsim?card=t0", PROTOCOL_T0, SIM_FAULT_REMOVE_MUTE);
    try_silent_power();
    try_slots();
    try_blind();
    try_kept(false);
    try_kept(true);
    try_noise();
    return check_result();
}
