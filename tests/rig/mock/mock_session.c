/* SPDX-License-Identifier: BSD-2-Clause */
/* Our library on usb:, in this process, with simulated readers on a mocked bus.
 *
 *   mock_session readers [NAME...]        a card session with each reader of
 *                                         readers.list, or with these
 *   mock_session resets           other processes reset the device
 *   mock_session faults [NAME [FAULT]]    each fault of fault.h, or the one, on a few
 *                                         readers, or the one */
#include "os/time.h"
#include "tests/rig/mock/mock.h"
#include "tests/rig/mock/session_card.h"
#include "tests/rig/sim/fault.h"
#include "tests/rig/sim/readers.h"
#include "tests/support/check.h"

#include <stdlib.h>
#include <time.h>

enum {
    /* No test waits longer than this for what must happen: it is reached by a hang alone,
     * however busy the machine is. */
    HANG_MS = 120000,
    DEAD_MS = 120000, /* of test_quick_end's reader */
    IDLE_MS = 500,    /* longer than a reader that does not notify is left alone */
    IDLE_TRIES = 100
};

static struct mock *mock;
static struct session session;

struct reset_case {
    const char *specification;
    unsigned slots, resets; /* so many resets in a row */
    bool card_moves, tells; /* of an insertion, by an interrupt */
    bool powers_alone;      /* a card has power again after the reset, and may answer */
    bool blind;             /* nothing tells that the card has lost its power */
};

static struct mock_reader *plug(const char *specification)
{
    char why[MOCK_WHY] = "";
    struct mock_reader *reader = mock_plug(mock, specification, why);
    if (reader == NULL)
        CHECK_FAILED("%s: %s", specification, why);
    return reader;
}

/* Slots that its class descriptors tell of. */
static unsigned slots_of(const struct sim_reader_data *data)
{
    unsigned slots = 0;
    for (size_t i = 0; i < data->interface_count; i++)
        slots += data->interfaces[i].descriptor[4] + 1u;
    return slots;
}

/* USB-ICC: reader and card are one. */
static bool card_stays(const struct sim_reader_data *data)
{
    return data->interfaces[0].protocol != 0 && data->interfaces[0].bulk_in == 0;
}

static bool has_interrupt(const struct sim_reader_data *data)
{
    for (size_t i = 0; i < data->interface_count; i++)
        if (data->interfaces[i].interrupt_in == 0)
            return false;
    return true;
}

static void check_works(const char *reader, bool works, const char *what)
{
    check_add(&check_count);
    if (!works)
        CHECK_FAILED("%s, %s: %08X, status %04X, %u bytes, T=%u", reader, what,
                     (unsigned)session.result, session.status, (unsigned)session.size,
                     (unsigned)session.protocol - 1);
}

/* A card session in one slot. */
static void use_slot(const char *reader, const char *name)
{
    BYTE atr[36];
    DWORD atr_size = sizeof atr;
    LONG result = session_connect(&session, name);
    if (result != SCARD_S_SUCCESS) {
        CHECK_FAILED("%s: connect to \"%s\" gives %08X", reader, name, (unsigned)result);
        return;
    }
    CHECK_EQ(SCardStatusA(session.card, NULL, NULL, NULL, NULL, atr, &atr_size), 0);
    CHECK(atr_size >= 2 && (atr[0] == 0x3B || atr[0] == 0x3F));
    check_works(reader, session_counts(&session, 200), "200 bytes come");
    check_works(reader, session_echoes(&session, 100), "100 bytes come back");
    for (int i = 0; i < 5; i++)
        check_works(reader, session_counts(&session, (uint16_t)(1 + 50 * i)), "again");
    session_disconnect(&session);
}

/* A time in which nothing is asked of it. */
static struct mock_counts be_idle(struct mock_reader *reader)
{
    SCARD_READERSTATEA state = {.szReader = "\\\\?PnP?\\Notification",
                                .dwCurrentState = session_list(&session) << 16};
    (void)SCardGetStatusChangeA(session.context, IDLE_MS, &state, 1);
    return mock_counts(reader);
}

/* While nothing is asked of it, nothing goes over the bus, as soon as what was begun before is
 * over. */
static void check_idle(const char *name, struct mock_reader *reader)
{
    uint64_t urbs = 1, ioctls = 0;
    struct mock_counts before = mock_counts(reader);
    for (int i = 0; i < IDLE_TRIES && urbs != 0; i++) {
        struct mock_counts after = be_idle(reader);
        urbs = after.urbs.bulk_out - before.urbs.bulk_out + after.urbs.control
               - before.urbs.control;
        ioctls = after.ioctls - before.ioctls;
        before = after;
    }
    if (urbs != 0)
        CHECK_FAILED("%s: %u URBs in %d idle ms", name, (unsigned)urbs, IDLE_MS);
    CHECK(ioctls < 10); /* and no wake-ups */
}

static void move_card(const char *reader_name, struct mock_reader *reader,
                      const char *name)
{
    const uint8_t select_mf[] = {0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00};
    if (session_connect(&session, name) != SCARD_S_SUCCESS)
        return; /* told before */
    mock_card_remove(reader, 0);
    if (!session_wait_state(&session, name, SCARD_STATE_EMPTY, HANG_MS))
        CHECK_FAILED("%s: the removal is not told", reader_name);
    LONG result = session_transmit(&session, select_mf, sizeof select_mf);
    CHECK(result == (LONG)SCARD_W_REMOVED_CARD || result == (LONG)SCARD_E_NO_SMARTCARD);
    session_disconnect(&session);
    CHECK_EQ(session_connect(&session, name), SCARD_E_NO_SMARTCARD);
    mock_card_insert(reader, 0);
    if (!session_wait_state(&session, name, SCARD_STATE_PRESENT, HANG_MS))
        CHECK_FAILED("%s: the insertion is not told", reader_name);
    use_slot(reader_name, name);
}

/* Pulled out while it is connected, and plugged again: the same names. */
static struct mock_reader *replug(const char *specification, struct mock_reader *reader,
                                  unsigned slots)
{
    char names[SESSION_NAMES_MAX], name[256];
    memcpy(names, session.names, sizeof names);
    (void)snprintf(name, sizeof name, "%s", session_name(&session, 0));
    LONG result = session_connect(&session, name);
    mock_unplug(reader);
    CHECK_EQ(session_wait_readers(&session, 0, HANG_MS), 0);
    if (result == SCARD_S_SUCCESS) {
        const uint8_t command[] = {0x80, 0xE0, 0, 1, 0};
        uint64_t start = os_now_ms();
        result = session_transmit(&session, command, sizeof command);
        CHECK(result == (LONG)SCARD_E_READER_UNAVAILABLE
              || result == (LONG)SCARD_W_REMOVED_CARD);
        CHECK(os_now_ms() - start < HANG_MS);
        session_disconnect(&session);
    }
    reader = plug(specification);
    CHECK_EQ(session_wait_readers(&session, slots, HANG_MS), slots);
    CHECK_MEM(session.names, names, strlen(names) + 1);
    return reader;
}

static void test_reader(const struct sim_reader_data *data)
{
    struct mock_reader *reader = plug(data->name);
    if (reader == NULL)
        return;
    uint64_t start = os_now_ms();
    unsigned slots = slots_of(data);
    unsigned got = session_wait_readers(&session, slots, HANG_MS);
    if (got != slots)
        CHECK_FAILED("%s: %u slots are listed, there are %u", data->name, got, slots);
    for (unsigned i = 0; i < got; i++)
        use_slot(data->name, session_name(&session, i));
    if (got > 0) {
        char name[256];
        (void)snprintf(name, sizeof name, "%s", session_name(&session, 0));
        if (has_interrupt(data))
            check_idle(data->name, reader);
        if (!card_stays(data))
            move_card(data->name, reader, name);
        reader = replug(data->name, reader, got);
        use_slot(data->name, name);
    }
    printf("%-16s %u slots, %u ms, %s\n", data->name, got,
           (unsigned)(os_now_ms() - start), got > 0 ? session_name(&session, 0) : "-");
    if (reader != NULL) {
        mock_unplug(reader);
        CHECK_EQ(session_wait_readers(&session, 0, HANG_MS), 0);
    }
}

/* The node may be opened later than the device comes; or the device leaves first. */
static void test_late_node(void)
{
    mock_keep_nodes(mock, true);
    struct mock_reader *early = plug("gempc_twin"), *late = plug("gempc_twin");
    mock_keep_nodes(mock, false);
    if (early == NULL || late == NULL)
        return;
    CHECK_EQ(session_wait_readers(&session, 1, IDLE_MS), 0);
    mock_unplug(early);
    CHECK(mock_give_node(late));
    CHECK_EQ(session_wait_readers(&session, 1, HANG_MS), 1);
    use_slot("a late node", session_name(&session, 0));
    mock_unplug(late);
    CHECK_EQ(session_wait_readers(&session, 0, HANG_MS), 0);
}

/* It does not answer at first, or from some message on: it comes, or comes back, as soon
 * as it does. */
static void test_revived(const char *specification, bool mute_at_first)
{
    struct mock_reader *reader = plug(specification);
    if (reader == NULL)
        return;
    if (mute_at_first)
        CHECK_EQ(session_wait_readers(&session, 1, IDLE_MS), 0);
    CHECK_EQ(session_wait_readers(&session, 1, HANG_MS), 1);
    char name[256];
    (void)snprintf(name, sizeof name, "%s", session_name(&session, 0));
    if (!mute_at_first) {
        CHECK_EQ(session_connect(&session, name), SCARD_S_SUCCESS);
        CHECK(!session_counts(&session, 30)); /* its time is over */
        CHECK(!session_counts(&session, 30)); /* and so it is while it is aborted */
        CHECK(!session_counts(&session, 30)); /* not even a reset helps */
        uint64_t end = os_now_ms() + HANG_MS;
        session_disconnect(&session);
        /* To the handle it is a removed card by then, and nothing more is tried for it.
         */
        while (session_wait_readers(&session, 0, 50) != 0 && os_now_ms() < end)
            CHECK(session_connect(&session, name) != SCARD_S_SUCCESS);
        CHECK_EQ(session_list(&session), 0);
        mock_revive(reader);
        CHECK_EQ(session_wait_readers(&session, 1, HANG_MS), 1);
        CHECK_STR(session_name(&session, 0), name);
    }
    use_slot(specification, name);
    mock_unplug(reader);
    CHECK_EQ(session_wait_readers(&session, 0, HANG_MS), 0);
}

/* Strings in another language than English are read, too. */
static void test_language(void)
{
    struct mock_reader *reader = plug("gempc_twin?language=1031");
    if (reader == NULL)
        return;
    CHECK_EQ(session_wait_readers(&session, 1, HANG_MS), 1);
    CHECK_STR(session_name(&session, 0), "Gemalto PC Twin Reader 0");
    mock_unplug(reader);
    CHECK_EQ(session_wait_readers(&session, 0, HANG_MS), 0);
}

/* A reader that is just asked for the first time, in vain, holds up nobody who ends. */
static void test_quick_end(void)
{
    struct session last;
    CHECK_EQ(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &last.context), 0);
    struct mock_reader *reader = plug("gempc_twin?fault=DEAD:1200@1");
    if (reader == NULL)
        return;
    CHECK_EQ(session_wait_readers(&last, 1, IDLE_MS), 0);
    uint64_t start = os_now_ms();
    CHECK_EQ(SCardReleaseContext(last.context), 0);
    CHECK(os_now_ms() - start < DEAD_MS / 2);
    mock_unplug(reader);
}

/* --- Resets ------------------------------------------------------------------------- */

/* Plugged in; its slots' names are in session.names. NULL: told before. */
static struct mock_reader *plug_ready(const char *specification, unsigned slots)
{
    struct mock_reader *reader = plug(specification);
    if (reader == NULL)
        return NULL;
    unsigned got = session_wait_readers(&session, slots, HANG_MS);
    if (got == slots)
        return reader;
    CHECK_FAILED("%s: %u slots are listed", specification, got);
    mock_unplug(reader);
    return NULL;
}

static void unplug(struct mock_reader *reader)
{
    mock_unplug(reader);
    CHECK_EQ(session_wait_readers(&session, 0, HANG_MS), 0);
}

/* After SCARD_W_REMOVED_CARD nothing finds the card any more, at once. */
static void check_removed(const char *specification)
{
    DWORD state, protocol;
    LONG begun = SCardBeginTransaction(session.card);
    LONG status = SCardStatusA(session.card, NULL, NULL, &state, &protocol, NULL, NULL);
    if (begun != (LONG)SCARD_W_REMOVED_CARD || status != (LONG)SCARD_W_REMOVED_CARD)
        CHECK_FAILED("%s: after a removed card: transaction %08X, status %08X",
                     specification, (unsigned)begun, (unsigned)status);
}

/* The reader still tells of its cards. */
static void check_told(const char *specification, struct mock_reader *reader,
                       const char *name)
{
    mock_card_remove(reader, 0);
    if (!session_wait_state(&session, name, SCARD_STATE_EMPTY, HANG_MS))
        CHECK_FAILED("%s: the removal after a reset is not told", specification);
    mock_card_insert(reader, 0);
    if (!session_wait_state(&session, name, SCARD_STATE_PRESENT, HANG_MS))
        CHECK_FAILED("%s: the insertion after a reset is not told", specification);
    use_slot(specification, name);
}

/* Another process resets the device while nothing is under way: to all handles the cards
 * are others, and the next command of a new one works. */
static void reset_idle(const struct reset_case *of, struct mock_reader *reader)
{
    struct session other = {.context = session.context};
    const char *name = session_name(&session, 0), *last = NULL;
    bool connected = session_connect(&session, name) == SCARD_S_SUCCESS;
    if (of->slots > 1) {
        last = session_name(&session, of->slots - 1);
        connected &= session_connect(&other, last) == SCARD_S_SUCCESS;
    }
    if (!connected) {
        CHECK_FAILED("%s: no connection", of->specification);
        return;
    }
    mock_reset(reader);
    bool works = session_counts(&session, 30);
    CHECK((works && of->powers_alone) || session.result == (LONG)SCARD_W_REMOVED_CARD
          || (of->blind && session.result == (LONG)SCARD_F_COMM_ERROR));
    if (session.result == (LONG)SCARD_W_REMOVED_CARD)
        check_removed(of->specification);
    if (last != NULL) {
        works = session_counts(&other, 30);
        CHECK((works && of->powers_alone) || other.result == (LONG)SCARD_W_REMOVED_CARD);
        session_disconnect(&other);
    }
    session_disconnect(&session);
    use_slot(of->specification, name);
    if (last != NULL)
        use_slot(of->specification, last);
}

/* During a command; `at_once`: before the token is asked for the answer. */
static void reset_at_work(const struct reset_case *of, bool at_once)
{
    const uint8_t arm[] = {0x80, 0xF0, SIM_FAULT_RESET, at_once};
    const char *name = session_name(&session, 0);
    if (session_connect(&session, name) != SCARD_S_SUCCESS
        || session_transmit(&session, arm, sizeof arm) != SCARD_S_SUCCESS) {
        CHECK_FAILED("%s: no connection", of->specification);
        return;
    }
    CHECK(!session_counts(&session, 30));
    CHECK(session.result == (LONG)SCARD_W_REMOVED_CARD
          || (of->blind && session.result == (LONG)SCARD_F_COMM_ERROR));
    if (session.result == (LONG)SCARD_W_REMOVED_CARD)
        check_removed(of->specification);
    session_disconnect(&session);
    use_slot(of->specification, name);
}

static void test_reset(const struct reset_case *of)
{
    struct mock_reader *reader = plug_ready(of->specification, of->slots);
    if (reader == NULL)
        return;
    uint64_t start = os_now_ms();
    const char *name = session_name(&session, 0);
    for (unsigned i = 0; i < of->resets; i++) {
        const struct timespec pause = {0, 100000000}; /* as long as a port's reset */
        reset_idle(of, reader);
        if (of->card_moves)
            check_told(of->specification, reader, name);
        nanosleep(&pause, NULL);
    }
    reset_at_work(of, false);
    if (!of->card_moves) /* a token without bulk endpoints */
        reset_at_work(of, true);
    if (of->card_moves)
        check_told(of->specification, reader, name);
    if (of->tells)
        check_idle(of->specification, reader); /* it did not fall back to polling */
    printf("%-40s %u ms\n", of->specification, (unsigned)(os_now_ms() - start));
    unplug(reader);
}

/* The library resets a reader that does not answer: then it works again, and tells. A
 * busy machine may have given it up before it heeds messages again; it then comes back. */
static void test_own_reset(const char *specification)
{
    struct mock_reader *reader = plug_ready(specification, 1);
    if (reader == NULL)
        return;
    char name[256];
    (void)snprintf(name, sizeof name, "%s", session_name(&session, 0));
    bool works = false;
    uint64_t end = os_now_ms() + HANG_MS;
    while (!works && os_now_ms() < end) {
        if (session_connect(&session, name) == SCARD_S_SUCCESS) {
            works = session_counts(&session, 30) && session_counts(&session, 30);
            session_disconnect(&session);
        } else {
            (void)session_wait_readers(&session, 1, HANG_MS);
        }
    }
    check_works(specification, works, "after the reset");
    check_told(specification, reader, name);
    check_idle(specification, reader);
    unplug(reader);
}

static void test_resets(void)
{
    static const struct reset_case cases[] = {
        {"gempc_twin", 1, 7, true, true, false, false},
        {"yubikey?card=t1", 1, 2, true, true, true, false},
        {"omnikey_5422", 2, 2, true, true, false, false},
        {"octsim", 8, 2, true, true, false, false},
        {"nitrokey_start", 1, 2, true, false, false, false},
        {"ibank2key", 1, 2, false, false, false, true},
        {"gemalto_pdt", 1, 2, false, false, false, false},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        test_reset(&cases[i]);
    test_own_reset("gempc_twin?fault=DEAD:45@7");
}

/* Those that are named, or all. */
static void test_readers(char **names, int count)
{
    struct sim_reader_data data;
    for (int i = 0; i < count; i++) {
        if (sim_reader_find(names[i], &data))
            test_reader(&data);
        else
            CHECK_FAILED("%s: no such reader", names[i]);
    }
    size_t all = 0;
    for (; count == 0 && sim_reader_get(all, &data); all++)
        test_reader(&data);
    CHECK(count > 0 || all >= 25);
}

struct fault_name {
    uint8_t number;
    const char *name;
};
#define FAULT_ROW(number, name, when, what) {(number), #name},
static const struct fault_name faults[] = {SIM_FAULT_TABLE(FAULT_ROW)};

/* Arms the fault by the card's command, and lets it strike. */
static LONG strike(uint8_t number, unsigned *took_ms)
{
    const uint8_t arm[] = {0x80, 0xF0, number, 3};
    const uint8_t command[] = {0x80, 0xE0, 0, 20, 0};
    LONG result = session_transmit(&session, arm, sizeof arm);
    if (result != SCARD_S_SUCCESS || session.status != 0x9000)
        CHECK_FAILED("the fault is not taken: %08X %04X", (unsigned)result,
                     session.status);
    uint64_t start = os_now_ms();
    result = session_transmit(&session, command, sizeof command);
    if (number >= SIM_FAULT_POWER_MUTE && result == SCARD_S_SUCCESS)
        result = SCardReconnect(session.card, SCARD_SHARE_SHARED,
                                SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, SCARD_UNPOWER_CARD,
                                &session.protocol);
    *took_ms = (unsigned)(os_now_ms() - start);
    return result;
}

/* After a fault the reader works, at most after connecting again; or it is gone. */
static bool recovers(const char *name)
{
    const uint64_t end = os_now_ms() + HANG_MS;
    do {
        if (session_connect(&session, name) == SCARD_S_SUCCESS) {
            bool works = session_counts(&session, 30);
            session_disconnect(&session);
            if (works)
                return true;
        }
        if (session_wait_readers(&session, 0, 100) == 0)
            return false;
    } while (os_now_ms() < end);
    return false;
}

/* A device that a fault takes away stops answering a moment before the bus takes it out.
 */
static bool leaves(struct mock_reader *reader)
{
    const uint64_t end = os_now_ms() + HANG_MS;
    while (mock_plugged(reader) && os_now_ms() < end)
        (void)session_wait_readers(&session, 0, 50);
    return !mock_plugged(reader);
}

static void test_fault(const char *specification, const struct fault_name *fault)
{
    struct mock_reader *reader = plug(specification);
    if (reader == NULL)
        return;
    unsigned took = 0;
    unsigned got = session_wait_readers(&session, 1, HANG_MS);
    char name[256] = "";
    if (got > 0)
        (void)snprintf(name, sizeof name, "%s", session_name(&session, 0));
    if (got == 0 || session_connect(&session, name) != SCARD_S_SUCCESS) {
        CHECK_FAILED("%s: no connection", specification);
        mock_unplug(reader);
        return;
    }
    LONG result = strike(fault->number, &took);
    session_disconnect(&session);
    if (fault->number == SIM_FAULT_REMOVE || fault->number == SIM_FAULT_REMOVE_MUTE
        || fault->number == SIM_FAULT_REMOVE_DEAF)
        mock_card_insert(reader, 0);
    bool works = recovers(name);
    bool gone = !works && leaves(reader);
    printf("%-16s %-16s %08X %6u ms, then %s\n", specification, fault->name,
           (unsigned)result, took,
           works  ? "works"
           : gone ? "gone"
                  : "BROKEN");
    CHECK(took < HANG_MS);
    CHECK(works || gone);
    CHECK_EQ(gone, fault->number == SIM_FAULT_UNPLUG);
    mock_unplug(reader);
    CHECK_EQ(session_wait_readers(&session, 0, HANG_MS), 0);
}

/* Without a card that never answers to reset, unless asked for by name: that is waited
 * for a minute. */
static void test_faults(const char *only, const char *fault)
{
    static const char *const readers[] = {"gempc_twin", "omnikey_3121", "acr38u"};
    for (size_t r = 0; r < (only != NULL ? 1 : ARRAY_SIZE(readers)); r++)
        for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
            if (fault != NULL ? strcmp(fault, faults[i].name) == 0
                              : faults[i].number != SIM_FAULT_POWER_NEVER)
                test_fault(only != NULL ? only : readers[r], &faults[i]);
}

int main(int count, char **words)
{
    const char *only = count > 2 ? words[2] : NULL;
    mock = mock_start();
    if (mock == NULL || count < 2) {
        fprintf(stderr, "umockdev-wrapper mock_session readers [NAME...] | resets"
                        " | faults [NAME [FAULT]]\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    bool with_faults = strcmp(words[1], "faults") == 0;
    bool with_readers = strcmp(words[1], "readers") == 0;
    /* Ten minutes for a command are what a user wants, but not who waits for a test. */
    setenv("WINSCARD_READERS", with_readers ? "usb:" : "usb:?apdu_timeout=1500", 1);
    setenv("WINSCARD_CARRIER", "local", 1);
    CHECK_EQ(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &session.context), 0);
    if (with_faults)
        test_faults(only, count > 3 ? words[3] : NULL);
    else if (with_readers)
        test_readers(words + 2, count - 2);
    else
        test_resets();
    if (with_readers) {
        test_late_node();
        test_language();
    }
    if (with_faults && only == NULL) {
        test_revived("gempc_twin?fault=MUTE@1*4", true);
        test_revived("gempc_twin?fault=DEAD:60000@6", false);
    }
    CHECK_EQ(SCardReleaseContext(session.context), 0);
    if (with_readers)
        test_quick_end();
    mock_stop(mock);
    return check_result();
}
