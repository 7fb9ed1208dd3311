/* SPDX-License-Identifier: BSD-2-Clause */
/* What readers are called: both styles, collisions, and a device that comes back. */
#include "manager/manager.h"
#include "tests/check.h"

#include <stdio.h>

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
    reader->held = false;
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

int main(void)
{
    CHECK_EQ(manager_init(&manager, 0), SC_OK);
    check_styles();
    check_given_names();
    manager_clear(&manager);
    return check_result();
}
