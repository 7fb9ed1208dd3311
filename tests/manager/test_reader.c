/* SPDX-License-Identifier: BSD-2-Clause */
/* What readers are called: both styles, collisions, and a device that comes back. */
#include "manager/limits.h"
#include "manager/manager.h"
#include "tests/support/check.h"

#include <stdio.h>
#include <string.h>

static struct manager manager;

static struct reader *add(const char *product, const char *device, uint32_t slot)
{
    struct reader_info info = {.vendor = "Maker", .serial = "007", .slot = slot};
    struct reader *reader = NULL;
    snprintf(info.product, sizeof(info.product), "%s", product);
    snprintf(info.device_id, sizeof(info.device_id), "%s", device);
    CHECK_EQ(manager_reader_add(&manager, &info, &reader), SC_OK);
    return reader;
}

static void take_away(struct reader *reader)
{
    manager_reader_remove(&manager, reader);
    reader->presence = READER_CLOSED;
}

static void check_styles(void)
{
    struct reader *first = add("One", "USB\\1", 0), *second = add("One", "USB\\2", 0);
    struct reader *slot = add("One", "USB\\2", 1), *other = add("Two", "USB\\3", 0);
    CHECK_STR(first->names[NAME_WINDOWS], "Maker One 0");
    CHECK_STR(first->names[NAME_PCSCLITE], "Maker One (007) 00 00");
    CHECK_STR(second->names[NAME_WINDOWS], "Maker One 1");
    CHECK_STR(second->names[NAME_PCSCLITE], "Maker One (007) 01 00");
    CHECK_STR(slot->names[NAME_WINDOWS], "Maker One 2");
    CHECK_STR(slot->names[NAME_PCSCLITE], "Maker One (007) 01 01");
    CHECK_STR(other->names[NAME_WINDOWS], "Maker Two 0");
    CHECK_STR(other->names[NAME_PCSCLITE], "Maker Two (007) 02 00");
    CHECK(manager_reader_find(&manager, "Maker One 1") == second);
    CHECK(manager_reader_find(&manager, "Maker One (007) 01 00") == second);
    CHECK(manager_reader_find(&manager, "Maker One") == NULL);
    /* Gone, it is unknown; back, it is called as before, whatever came between. */
    take_away(first);
    take_away(other);
    CHECK(manager_reader_find(&manager, "Maker One 0") == NULL);
    CHECK_EQ(manager.reader_count, 2);
    CHECK(add("Two", "USB\\3", 0) == other);
    CHECK_STR(other->names[NAME_PCSCLITE], "Maker Two (007) 02 00");
    CHECK(add("One", "USB\\1", 0) == first);
    CHECK_STR(first->names[NAME_WINDOWS], "Maker One 0");
    /* A driver that repeats a device id does not make two readers of one name. */
    struct reader *twin = add("One", "USB\\1", 0);
    CHECK_STR(twin->names[NAME_PCSCLITE], "Maker One (007) 03 00");
}

static void check_given_names(void)
{
    struct reader_info info = {.name = "Mine"};
    struct reader *first, *second;
    CHECK_EQ(manager_reader_add(&manager, &info, &first), SC_OK);
    CHECK_EQ(manager_reader_add(&manager, &info, &second), SC_OK);
    CHECK_STR(first->names[NAME_WINDOWS], "Mine");
    CHECK_STR(first->names[NAME_PCSCLITE], "Mine");
    CHECK_STR(second->names[NAME_PCSCLITE], "Mine 1");
    /* As long as can be, and the number still fits: cut before a character, not inside.
     */
    memset(info.name, 'x', sizeof(info.name));
    memcpy(info.name + DRIVER_NAME_MAX - 4, "\xE5\x8D\xA1", 4);
    CHECK_EQ(manager_reader_add(&manager, &info, &first), SC_OK);
    CHECK_EQ(strlen(first->names[NAME_WINDOWS]), DRIVER_NAME_MAX - 1);
    CHECK_EQ(manager_reader_add(&manager, &info, &second), SC_OK);
    CHECK_STR(second->names[NAME_WINDOWS] + DRIVER_NAME_MAX - 6, "xx 1");
}

/* --- The counter of insertions and removals ----------------------------------------- */

static struct reader *arrive(const char *device, bool card)
{
    struct reader_info info = {.product = "Counter", .card_present = card};
    struct slot_view view;
    struct reader *reader = NULL;
    snprintf(info.device_id, sizeof(info.device_id), "%s", device);
    CHECK_EQ(manager_reader_add(&manager, &info, &reader), SC_OK);
    slot_attach_reader(&reader->slot, &info, reader->events);
    slot_view(&reader->slot, &view);
    manager_publish(&manager, reader, &view);
    return reader;
}

static void leave(struct reader *reader)
{
    struct slot_view view;
    take_away(reader);
    slot_reader_gone(&reader->slot, 0);
    slot_view(&reader->slot, &view);
    manager_publish(&manager, reader, &view);
}

static void check_counter(void)
{
    struct reader *reader = arrive("USB\\C", true);
    CHECK(reader->arrival == READER_NEW);
    CHECK_EQ(reader->view.events, 1);
    leave(reader);
    CHECK(arrive("USB\\C", false) == reader);
    CHECK(reader->arrival == READER_BACK);
    CHECK_EQ(reader->view.events, 2);
    leave(reader);
    arrive("USB\\C", true);
    CHECK_EQ(reader->view.events, 4);
    /* In an entry of its own, since a handle names the one that left. */
    reader->cards = 1;
    leave(reader);
    struct reader *other = arrive("USB\\C", true);
    CHECK(other != reader);
    CHECK_STR(other->names[NAME_WINDOWS], reader->names[NAME_WINDOWS]);
    CHECK_EQ(other->view.events, 6);
    leave(other);
    reader->cards = 0;
    CHECK_EQ(arrive("USB\\C", true)->view.events, 8); /* of the two, the later */
}

/* It was not served for a time: what counts is whether its card is as it was. */
static void check_rest(void)
{
    struct reader *reader = arrive("USB\\R", true);
    uint32_t events = reader->view.events;
    for (unsigned i = 0; i < 4; i++) {
        bool card = i == 0 || i == 3;
        bool same = i == 0 || i == 2;
        manager.resting = true;
        leave(reader);
        manager.resting = false;
        reader = arrive("USB\\R", card);
        CHECK(reader->arrival == READER_SERVED_AGAIN);
        events += same ? 0 : 1;
        CHECK_EQ(reader->view.events, events);
    }
}

/* The memory is bounded: of those that left long ago nothing is known. */
static void check_forgotten(void)
{
    enum { MANY = 3 * LIMIT_REMEMBERED };
    struct reader *first = arrive("USB\\F", true);
    char name[32];
    uint32_t used = 0;
    leave(first);
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(name, sizeof(name), "USB\\F%u", i);
        struct reader_info info = {.card_present = true};
        struct reader *reader = NULL;
        snprintf(info.product, sizeof(info.product), "Kind %u", i);
        snprintf(info.device_id, sizeof(info.device_id), "%s", name);
        CHECK_EQ(manager_reader_add(&manager, &info, &reader), SC_OK);
        CHECK(reader->arrival == READER_NEW);
        CHECK_EQ(reader->events, 1);
        take_away(reader);
        if (i == MANY / 2)
            used = manager.reader_used;
    }
    CHECK_EQ(manager.reader_used, used);
    CHECK(arrive("USB\\F", true)->arrival == READER_NEW);
}

/* In lists a device's slots are in order, whichever entries they got: here those that
 * left first, which are not the first ones. */
static void check_order(void)
{
    enum { SLOTS = 4, MANY = LIMIT_REMEMBERED + SLOTS };
    struct reader *gone[MANY];
    char name[32];
    manager_clear(&manager);
    CHECK_EQ(manager_init(&manager, 0), SC_OK);
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(name, sizeof(name), "USB\\O%u", i);
        gone[i] = add("Order", name, 0);
    }
    for (unsigned i = 0; i < SLOTS; i++)
        take_away(gone[SLOTS - 1 - i]);
    for (unsigned i = SLOTS; i < MANY; i++)
        take_away(gone[i]);
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        add("Slots", "USB\\S", slot);
    add("Order", "USB\\T", 0);
    uint32_t next = 0, listed = 0;
    bool descends = false;
    const struct reader *last = NULL;
    for (uint32_t i = 0; i < manager.reader_used; i++) {
        const struct reader *entry = manager.readers[i];
        const struct reader *reader = manager_reader_listed(&manager, i);
        CHECK_EQ(reader != NULL, reader_is_present(entry));
        listed += reader != NULL;
        if (reader != NULL && strcmp(reader->info.device_id, "USB\\S") == 0)
            CHECK_EQ(reader->info.slot, next++);
        if (!reader_is_present(entry) || strcmp(entry->info.device_id, "USB\\S") != 0)
            continue;
        descends |= last != NULL && entry->info.slot < last->info.slot;
        last = entry;
    }
    CHECK(descends); /* or nothing is tested */
    CHECK_EQ(next, SLOTS);
    CHECK_EQ(listed, manager.reader_count);
}

static struct reader *add_of_series(const char *product, const char *series)
{
    struct reader_info info = {.slot = 0};
    struct reader *reader = NULL;
    snprintf(info.product, sizeof(info.product), "%s", product);
    snprintf(info.series, sizeof(info.series), "%s", series);
    CHECK_EQ(manager_reader_add(&manager, &info, &reader), SC_OK);
    return reader;
}

/* Each series has numbers of its own, where that makes no name twice. */
static void check_series(void)
{
    CHECK_EQ(manager_init(&manager, 0), SC_OK);
    CHECK_STR(add_of_series("A", "one")->names[NAME_PCSCLITE], "A 00 00");
    CHECK_STR(add_of_series("B", "one")->names[NAME_PCSCLITE], "B 01 00");
    CHECK_STR(add_of_series("C", "two")->names[NAME_PCSCLITE], "C 00 00");
    CHECK_STR(add_of_series("D", "")->names[NAME_PCSCLITE], "D 00 00");
    CHECK_STR(add_of_series("A", "two")->names[NAME_PCSCLITE], "A 01 00");
    CHECK_STR(add_of_series("A", "")->names[NAME_PCSCLITE], "A 02 00");
    manager_clear(&manager);
}

int main(void)
{
    check_series();
    CHECK_EQ(manager_init(&manager, 0), SC_OK);
    check_styles();
    check_given_names();
    check_counter();
    check_rest();
    check_forgotten();
    check_order();
    manager_clear(&manager);
    return check_result();
}
