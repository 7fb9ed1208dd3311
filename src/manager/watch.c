/* SPDX-License-Identifier: BSD-2-Clause */
/* What SCardGetStatusChange reports, and when. The two ABIs differ in what counts as a
 * difference: Windows compares the bits, pcsc-lite (winscard_clnt of 1.9.9, observed)
 * looks for a bit in dwCurrentState that is no longer true. */
#include "manager/watch.h"

#include "manager/limits.h"

#include <assert.h>
#include <string.h>

enum {
    STATE_COMPARED = VIEW_UNAVAILABLE | VIEW_EMPTY | VIEW_PRESENT | VIEW_EXCLUSIVE
                     | VIEW_INUSE | VIEW_MUTE,
    PROBES_PER_READER = 4
};

static int lower_case(char c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static bool equal_ignoring_case(const char *a, const char *b)
{
    while (*a != '\0' && lower_case(*a) == lower_case(*b)) {
        a++;
        b++;
    }
    return lower_case(*a) == lower_case(*b);
}

enum sc_error watch_begin(struct manager *manager, struct watch *watch)
{
    list_init(&watch->link);
    list_init(&watch->ready_link);
    if (manager_context_find(manager, watch->context) == NULL)
        return SC_E_INVALID_HANDLE;
    if (watch->count > LIMIT_WATCH_ENTRIES)
        return SC_E_INVALID_PARAMETER;
    watch->error = SC_OK;
    watch->woken = false;
    watch->probes = 0;
    watch->patience_ms = 0;
    watch->first_changes = manager->reader_changes;
    if (watch->rule == WATCH_NEWS && watch->since == 0)
        watch->since = manager->changes;
    for (uint32_t i = 0; i < watch->count; i++) {
        struct watch_entry *entry = &watch->entries[i];
        if (entry->name == NULL)
            return SC_E_INVALID_VALUE;
        entry->reader = entry->hidden = NULL;
        entry->seen = false;
        entry->atr_size = 0;
        entry->event = 0;
        entry->is_pnp = equal_ignoring_case(entry->name, "\\\\?PnP?\\Notification")
                        || equal_ignoring_case(entry->name, "\\\\?\\PnP\\Notification");
    }
    list_append(&manager->watches, &watch->link);
    return SC_OK;
}

/* --- One entry ---------------------------------------------------------------------- */

static bool is_unaware(const struct watch_entry *entry)
{
    return (entry->current & 0xFFFF & ~(uint32_t)ENTRY_CHANGED) == 0;
}

/* What a caller of Windows' ABI believes: an unavailable or an empty reader has none of
 * the bits that follow, and some bits are those of a card (MS-Docs SCARD_READERSTATE). */
static uint32_t bits_believed(uint32_t current)
{
    const uint32_t of_card = ENTRY_ATRMATCH | VIEW_EXCLUSIVE | VIEW_INUSE;
    if ((current & VIEW_UNAVAILABLE) != 0)
        return current & (VIEW_UNKNOWN | VIEW_UNAVAILABLE);
    if ((current & VIEW_EMPTY) != 0)
        return current & (VIEW_UNKNOWN | VIEW_EMPTY);
    return (current & of_card) != 0 ? current | VIEW_PRESENT : current;
}

/* pcsc-lite: what else is claimed of an empty reader is ignored, but for a card
 * (pcscd 1.9.9, observed). */
static bool bits_contradict(uint32_t claimed, uint32_t state)
{
    if ((claimed & state & VIEW_EMPTY) != 0)
        claimed &= ~(uint32_t)(VIEW_EXCLUSIVE | VIEW_INUSE | VIEW_MUTE);
    const uint32_t lost = VIEW_EMPTY | VIEW_PRESENT | VIEW_UNAVAILABLE | VIEW_UNKNOWN
                          | VIEW_EXCLUSIVE | VIEW_INUSE | VIEW_MUTE;
    if ((claimed & lost & ~state) != 0)
        return true;
    const uint32_t new_bits = VIEW_UNAVAILABLE | VIEW_MUTE;
    if ((state & new_bits & ~claimed) != 0)
        return true;
    return (claimed & VIEW_INUSE) != 0 && (state & VIEW_EXCLUSIVE) != 0;
}

static bool entry_differs(const struct watch *watch, const struct watch_entry *entry,
                          uint32_t state, uint32_t events)
{
    uint32_t counter = entry->current >> 16;
    if (is_unaware(entry))
        return true;
    if ((counter != 0 && counter != events) || entry->first_events != events)
        return true;
    if (watch->rule == WATCH_PCSCLITE)
        return bits_contradict(entry->current, state);
    return ((bits_believed(entry->current) ^ state) & (STATE_COMPARED | VIEW_UNKNOWN))
           != 0;
}

/* pcsc-lite reports one of EXCLUSIVE and INUSE, and knows no powered-off card. */
static uint32_t state_shown(const struct watch *watch, const struct slot_view *view)
{
    uint32_t state = view->state;
    if (watch->rule == WATCH_PCSCLITE) {
        if ((state & VIEW_EXCLUSIVE) != 0)
            state &= ~(uint32_t)VIEW_INUSE;
        state &= ~(uint32_t)VIEW_UNPOWERED;
    }
    return state;
}

static bool report_reader(const struct watch *watch, struct watch_entry *entry)
{
    const struct slot_view *view = &entry->reader->view;
    uint32_t state = state_shown(watch, view);
    if (!entry->seen) {
        entry->seen = true;
        entry->first_events = view->events;
    }
    entry->event = state | view->events << 16;
    entry->atr_size = view->atr_size;
    memcpy(entry->atr, view->atr, view->atr_size);
    if (!entry_differs(watch, entry, state, view->events))
        return false;
    entry->event |= ENTRY_CHANGED;
    return true;
}

/* A reader that was there when the call began, and went. */
static bool report_gone(struct watch_entry *entry)
{
    entry->event = VIEW_UNKNOWN | VIEW_UNAVAILABLE | ENTRY_CHANGED;
    entry->atr_size = 0;
    return true;
}

static bool report_unknown(const struct watch *watch, struct watch_entry *entry)
{
    entry->event = VIEW_UNKNOWN;
    entry->atr_size = 0;
    if (watch->rule == WATCH_PCSCLITE || (entry->current & VIEW_UNKNOWN) != 0)
        return false;
    entry->event |= ENTRY_CHANGED | ENTRY_IGNORE;
    return true;
}

/* The high word is the number of readers on Windows, where 0 means that the caller knows
 * of none (MS-RDPESC 2.2.7), so that no reader is lost between SCardListReaders and the
 * wait. In pcsc-lite it is that of changes, and 0 there waits for the next one. */
static bool report_pnp(const struct manager *manager, const struct watch *watch,
                       struct watch_entry *entry)
{
    bool changes = watch->rule == WATCH_PCSCLITE;
    uint32_t number =
        (changes ? manager->reader_changes : manager->reader_count) & 0xFFFF;
    uint32_t known = entry->current >> 16;
    bool same = known == number || (changes && known == 0);
    entry->event = number << 16;
    if (manager->reader_changes == watch->first_changes && same)
        return false;
    entry->event |= ENTRY_CHANGED;
    return true;
}

/* The reader of an entry's name, if the caller may know of it: it may have come since the
 * watch began. */
static struct reader *find_visible_reader(struct manager *manager,
                                          const struct watch *watch,
                                          struct watch_entry *entry)
{
    struct reader *reader = manager_reader_find(manager, entry->name);
    if (reader == NULL || watch->may_see == NULL)
        return reader;
    if (reader == entry->hidden && entry->serial == reader->slot.serial)
        return NULL;
    entry->serial = reader->slot.serial;
    entry->hidden = watch->may_see(watch->viewer, reader->names) ? NULL : reader;
    return entry->hidden == NULL ? reader : NULL;
}

static bool report_entry(struct manager *manager, const struct watch *watch,
                         struct watch_entry *entry)
{
    if ((entry->current & ENTRY_IGNORE) != 0) {
        entry->event = 0;
        return false;
    }
    if (entry->is_pnp)
        return report_pnp(manager, watch, entry);
    if (entry->reader != NULL
        && (!reader_is_present(entry->reader)
            || entry->serial != entry->reader->slot.serial))
        return report_gone(entry);
    if (entry->reader == NULL) {
        entry->reader = find_visible_reader(manager, watch, entry);
        if (entry->reader == NULL)
            return report_unknown(watch, entry);
        entry->serial = entry->reader->slot.serial;
    }
    return report_reader(watch, entry);
}

/* --- New cards ---------------------------------------------------------------------- */

/* How many probes a watch may ask for: a card pulled at every one must not keep it. */
static uint32_t most_probes(const struct manager *manager, const struct watch *watch)
{
    return PROBES_PER_READER
           * (watch_is_about_all(watch) ? manager->reader_used : watch->count);
}

static void begin_hold(const struct manager *manager, struct reader *reader,
                       uint64_t now_ms)
{
    reader->hold_ms = now_ms + manager->probe_hold_ms;
    reader->hold_epoch = reader->view.epoch;
}

static bool begin_probe(const struct manager *manager, struct watch *watch,
                        struct reader *reader, uint64_t now_ms)
{
    if (reader == NULL || !reader_is_present(reader) || !reader->view.needs_probe
        || reader->probing || watch->probes >= most_probes(manager, watch))
        return false;
    assert(!reader->probing);
    watch->probes++;
    reader->probing = true;
    begin_hold(manager, reader, now_ms);
    return true;
}

/* A reader of this watch whose card has to be asked for its ATR; NULL: none. */
static struct reader *wanted_probe(const struct manager *manager, struct watch *watch,
                                   uint64_t now_ms)
{
    bool all = watch_is_about_all(watch);
    uint32_t count = all ? manager->reader_used : watch->count;
    for (uint32_t i = 0; i < count; i++) {
        struct reader *reader = all ? manager->readers[i] : watch->entries[i].reader;
        if (begin_probe(manager, watch, reader, now_ms))
            return reader;
    }
    return NULL;
}

/* Its card is being asked, however long. */
static bool is_asked(const struct reader *reader)
{
    return reader != NULL && reader_is_present(reader) && reader->view.needs_probe
           && reader->probing;
}

/* And the ATR may come any moment. */
static bool is_held(const struct manager *manager, struct reader *reader, uint64_t now_ms)
{
    if (!is_asked(reader))
        return false;
    /* Another card, behind the probe of one that is out again. */
    if (reader->hold_epoch != reader->view.epoch)
        begin_hold(manager, reader, now_ms);
    return now_ms < reader->hold_ms;
}

/* --- The whole ---------------------------------------------------------------------- */

/* What a look at all entries, or at all readers, shows. */
struct findings {
    bool news;        /* something that the caller knew is different */
    bool first;       /* something that the caller did not know at all */
    bool held;        /* a card whose ATR is waited for */
    uint64_t hold_ms; /* until then */
};

/* When a watch with a time limit is over, whatever it holds. */
static uint64_t last_moment(const struct manager *manager, const struct watch *watch)
{
    return watch->deadline_ms < UINT64_MAX - manager->probe_hold_ms
               ? watch->deadline_ms + manager->probe_hold_ms
               : UINT64_MAX;
}

/* Whether one that asks for the first time waits any longer. */
static bool is_patient(const struct manager *manager, const struct watch *watch,
                       uint64_t now_ms)
{
    return (watch->patience_ms == 0 || now_ms < watch->patience_ms)
           && now_ms < last_moment(manager, watch);
}

static void hold(struct findings *found, const struct reader *reader)
{
    found->held = true;
    if (reader->hold_ms < found->hold_ms)
        found->hold_ms = reader->hold_ms;
}

/* Whether it tells what the caller did not know at all: a number of readers too, where
 * Windows' callers say that they know of none, unless it has changed since they asked. So one
 * question for all readers and their number waits for the ATR of a card as one without does. */
static bool is_first(const struct manager *manager, const struct watch *watch,
                     const struct watch_entry *entry)
{
    if (!is_unaware(entry) || !entry->is_pnp)
        return is_unaware(entry);
    return watch->rule == WATCH_WINDOWS && entry->current >> 16 == 0
           && manager->reader_changes == watch->first_changes;
}

static void look_at_entries(struct manager *manager, struct watch *watch, uint64_t now_ms,
                            struct findings *found)
{
    for (uint32_t i = 0; i < watch->count; i++) {
        struct watch_entry *entry = &watch->entries[i];
        bool differs = report_entry(manager, watch, entry);
        if (is_held(manager, entry->reader, now_ms)
            && entry->serial == entry->reader->slot.serial
            && (!is_unaware(entry) || is_patient(manager, watch, now_ms))) {
            hold(found, entry->reader);
            entry->event = entry->current & ~(uint32_t)ENTRY_CHANGED;
            entry->atr_size = 0;
        } else if (is_first(manager, watch, entry)) {
            found->first |= differs;
        } else {
            found->news |= differs;
        }
    }
}

/* Watches of all readers are not shown a card before its probe has ended,
 * however long that takes: until then it is not news, and only WATCH_STATES waits. */
static void look_at_readers(const struct manager *manager, const struct watch *watch,
                            uint64_t now_ms, struct findings *found)
{
    bool reports = watch->rule == WATCH_NEWS || watch->since != 0;
    for (uint32_t i = 0; i < manager->reader_used; i++) {
        struct reader *reader = manager->readers[i];
        uint64_t changed = is_asked(reader) ? reader->arrived : reader->changed;
        found->news |= reports && changed > watch->since;
        if (!is_asked(reader))
            continue;
        if (watch->rule == WATCH_STATES && is_held(manager, reader, now_ms))
            hold(found, reader);
    }
}

/* What the call gives when no entry can ever change; SC_OK if some can. */
static enum sc_error hopeless(struct watch *watch)
{
    uint32_t known = 0, unknown = 0, ignored = 0;
    for (uint32_t i = 0; i < watch->count; i++) {
        const struct watch_entry *entry = &watch->entries[i];
        if ((entry->current & ENTRY_IGNORE) != 0)
            ignored++;
        else if (entry->reader == NULL && !entry->is_pnp)
            unknown +=
                watch->rule == WATCH_PCSCLITE || (entry->event & ENTRY_IGNORE) != 0;
        else
            known++;
    }
    if (watch->rule == WATCH_PCSCLITE)
        return unknown > 0 ? SC_E_UNKNOWN_READER : SC_OK;
    return unknown > 0 && known == 0 && unknown + ignored == watch->count
               ? SC_E_UNKNOWN_READER
               : SC_OK;
}

static bool all_ignored(const struct watch *watch)
{
    for (uint32_t i = 0; i < watch->count; i++)
        if ((watch->entries[i].current & ENTRY_IGNORE) == 0)
            return false;
    return true;
}

static bool is_to_report(const struct manager *manager, const struct watch *watch,
                         const struct findings *found, uint64_t now_ms)
{
    bool waits = found->held && is_patient(manager, watch, now_ms);
    switch (watch->rule) {
    case WATCH_NEWS:
        return found->news;
    case WATCH_STATES:
        return found->news || !waits;
    case WATCH_WINDOWS:
    case WATCH_PCSCLITE:
        break;
    }
    return found->news || (found->first && !waits) || all_ignored(watch);
}

/* Time is up: the entries say how things are, without CHANGED. */
static enum watch_verdict expire(struct watch *watch)
{
    for (uint32_t i = 0; i < watch->count; i++)
        watch->entries[i].event &= ~(uint32_t)ENTRY_CHANGED;
    watch->error = SC_E_TIMEOUT;
    return WATCH_READY;
}

static uint64_t earlier_look(uint64_t a_ms, uint64_t b_ms)
{
    return a_ms < b_ms ? a_ms : b_ms;
}

/* When an idle watch is to look again. */
static uint64_t next_look(const struct manager *manager, const struct watch *watch,
                          const struct findings *found, uint64_t now_ms)
{
    uint64_t next_ms = found->hold_ms;
    if (!found->held)
        return watch->deadline_ms;
    if (is_patient(manager, watch, now_ms))
        next_ms = earlier_look(next_ms, watch->patience_ms);
    return earlier_look(next_ms, last_moment(manager, watch));
}

enum watch_verdict watch_check(struct manager *manager, struct watch *watch,
                               uint64_t now_ms, struct reader **probe)
{
    struct findings found = {.hold_ms = UINT64_MAX};
    watch->woken = false;
    list_remove(&watch->ready_link);
    assert(!list_empty(&watch->link)); /* watch_begin() was called, watch_end() not yet */
    if (watch->error != SC_OK)
        return WATCH_READY;
    if (watch_is_about_all(watch))
        look_at_readers(manager, watch, now_ms, &found);
    else
        look_at_entries(manager, watch, now_ms, &found);
    watch->error = hopeless(watch);
    if (watch->error != SC_OK)
        return WATCH_READY;
    *probe = wanted_probe(manager, watch, now_ms);
    if (*probe != NULL)
        return WATCH_PROBE;
    if (is_to_report(manager, watch, &found, now_ms))
        return WATCH_READY;
    if (found.held && watch->patience_ms == 0)
        watch->patience_ms = now_ms + manager->probe_hold_ms;
    watch->until_ms = next_look(manager, watch, &found, now_ms);
    return now_ms < watch->until_ms ? WATCH_IDLE : expire(watch);
}

void watch_probe_done(struct manager *manager, struct reader *reader)
{
    assert(reader->probing);
    reader->probing = false;
    /* Else what it found has been published, and every watch woken. */
    if (reader->view.needs_probe)
        watch_notify(manager, reader);
}
