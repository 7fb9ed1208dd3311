/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of readers and of groups, and how out buffers are filled. */
#include "tests/conformance/interface.h"

enum { MARK = 0x5A };

static unit names[TEXT_ROOM];

/* The units of the list, its ends included; 0: there is no reader, and the row is skipped. */
static DWORD list_size(SCARDCONTEXT context)
{
    DWORD size = 0;
    if (find_reader(context) == NULL)
        return 0;
    EXPECT(call.SCardListReaders(context, NULL, NULL, &size), 0);
    EXPECT_TRUE(size > 2 && size <= TEXT_ROOM);
    return size <= TEXT_ROOM ? size : 0;
}

static void length(void)
{
    SCARDCONTEXT context = make_context();
    (void)list_size(context);
    EXPECT(call.SCardReleaseContext(context), 0);
}

static void length_null(void)
{
    SCARDCONTEXT context = make_context();
    EXPECT(call.SCardListReaders(context, NULL, names, NULL), SCARD_E_INVALID_PARAMETER);
    EXPECT(call.SCardListReaders(context, NULL, NULL, NULL), SCARD_E_INVALID_PARAMETER);
    EXPECT(call.SCardReleaseContext(context), 0);
}

static void one_short(void)
{
    SCARDCONTEXT context = make_context();
    DWORD needed = list_size(context), size = needed - 1;
    if (needed > 0) {
        memset(names, MARK, sizeof(names));
        EXPECT(call.SCardListReaders(context, NULL, names, &size),
               SCARD_E_INSUFFICIENT_BUFFER);
        EXPECT_TRUE(size == needed);
        EXPECT_TRUE(((const BYTE *)&names[needed - 1])[0] == MARK);
    }
    EXPECT(call.SCardReleaseContext(context), 0);
}

/* Names, each with its end, and one end more, which is where the length says. */
static void check_list(const unit *list, DWORD size)
{
    DWORD at = 0;
    while (at < size && list[at] != 0)
        at += (DWORD)length_of(list + at) + 1;
    EXPECT_TRUE(at + 1 == size);
}

static void exact(void)
{
    SCARDCONTEXT context = make_context();
    DWORD needed = list_size(context), size = needed;
    if (needed > 0) {
        memset(names, MARK, sizeof(names));
        EXPECT(call.SCardListReaders(context, NULL, names, &size), 0);
        EXPECT_TRUE(size == needed);
        check_list(names, size);
        EXPECT_TRUE(((const BYTE *)&names[needed])[0] == MARK);
    }
    EXPECT(call.SCardReleaseContext(context), 0);
}

static void allocated(void)
{
    SCARDCONTEXT context = make_context();
    DWORD needed = list_size(context), size = SCARD_AUTOALLOCATE;
    unit *list = NULL;
    if (needed > 0) {
        EXPECT(call.SCardListReaders(context, NULL, (unit *)(void *)&list, &size), 0);
        EXPECT_TRUE(size == needed && list != NULL);
        if (list != NULL) {
            check_list(list, size);
            EXPECT(call.SCardFreeMemory(context, list), 0);
        }
    }
    EXPECT(call.SCardReleaseContext(context), 0);
}

static void bad_context(void)
{
    DWORD size = TEXT_ROOM;
    SCARDCONTEXT context = make_context();
    EXPECT(call.SCardReleaseContext(context), 0);
    EXPECT(call.SCardListReaders(context, NULL, names, &size), BAD_HANDLE);
    EXPECT(call.SCardListReaderGroups(context, names, &size), BAD_HANDLE);
    EXPECT_TRUE(size == TEXT_ROOM);
}

static void default_group(void)
{
    static const unit group[] = NAME("SCard$DefaultReaders\0");
    SCARDCONTEXT context = make_context();
    DWORD needed = list_size(context), size = TEXT_ROOM;
    if (needed > 0) {
        EXPECT(call.SCardListReaders(context, group, names, &size), 0);
        check_list(names, size);
    }
    EXPECT(call.SCardReleaseContext(context), 0);
}

static void groups(void)
{
    SCARDCONTEXT context = make_context();
    DWORD needed = 0, size = 1;
    EXPECT(call.SCardListReaderGroups(context, NULL, &needed), 0);
    EXPECT_TRUE(needed > 2 && needed <= TEXT_ROOM);
    EXPECT(call.SCardListReaderGroups(context, names, &size),
           SCARD_E_INSUFFICIENT_BUFFER);
    EXPECT_TRUE(size == needed);
    EXPECT(call.SCardListReaderGroups(context, names, &size), 0);
    check_list(names, size);
    EXPECT_TRUE(memcmp(names, NAME("SCard$DefaultReaders"), 21 * sizeof(unit)) == 0);
    EXPECT(call.SCardReleaseContext(context), 0);
}

static void groups_allocated(void)
{
    SCARDCONTEXT context = make_context();
    DWORD size = SCARD_AUTOALLOCATE;
    unit *list = NULL;
    EXPECT(call.SCardListReaderGroups(context, (unit *)(void *)&list, &size), 0);
    EXPECT_TRUE(list != NULL);
    if (list != NULL) {
        check_list(list, size);
        EXPECT(call.SCardFreeMemory(context, list), 0);
    }
    EXPECT(call.SCardReleaseContext(context), 0);
}

const struct row CONFORM(readers)[] = {
    {"list-length", "a list without a buffer tells its length", 0, length},
    {"list-length-null", "a list needs a place for its length", 0, length_null},
    {"list-one-short", "too small by one: nothing is written but what is needed", 0,
     one_short},
    {"list-exact", "just large enough, and every end is there", 0, exact},
    {"list-allocated", "in memory of the library", 0, allocated},
    {"list-bad-context", "a released context lists nothing", 0, bad_context},
    {"list-default-group", "the default group has readers", 0, default_group},
    {"groups", "by length, too small, and whole", 0, groups},
    {"groups-allocated", "in memory of the library", 0, groups_allocated},
    {0}};
