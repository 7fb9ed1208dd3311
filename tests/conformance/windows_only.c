/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that pcsc-lite has not: the count of commands, the cache, card types, groups. */
#include "tests/conformance/interface.h"

#define CARD  NAME("winscard-conform card")
#define GROUP NAME("winscard-conform group")

/* A type whose mask leaves out one byte. */
static const BYTE atr[] = {0x3B, 0x75, 0x94, 0x00, 0x00, 0x62, 0x02, 0x02, 0x01, 0x01};
static const BYTE mask[] = {0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

static void count_of_commands(void)
{
    struct card card;
    DWORD before = 0, after = 0;
    if (!open_card(&card))
        return;
    EXPECT(call.SCardGetTransmitCount(card.handle, &before), 0);
    EXPECT(select_file(&card), 0);
    EXPECT(call.SCardGetTransmitCount(card.handle, &after), 0);
    EXPECT_TRUE(after == before + 1);
    EXPECT(call.SCardGetTransmitCount(card.handle, NULL), SCARD_E_INVALID_PARAMETER);
    close_card(&card);
}

static void cache(void)
{
    static unit name[] = NAME("winscard-conform");
    UUID id = {0x12345678, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};
    BYTE written[] = "testdata", found[32];
    SCARDCONTEXT context = make_context();
    DWORD size = sizeof(found);
    EXPECT(call.SCardReadCache(context, &id, 1, name, found, &size),
           SCARD_W_CACHE_ITEM_NOT_FOUND);
    EXPECT(call.SCardWriteCache(context, &id, 1, name, written, sizeof(written)), 0);
    size = sizeof(found);
    EXPECT(call.SCardReadCache(context, &id, 1, name, found, &size), 0);
    EXPECT_TRUE(size == sizeof(written) && memcmp(found, written, size) == 0);
    size = sizeof(found);
    EXPECT(call.SCardReadCache(context, &id, 2, name, found, &size),
           SCARD_W_CACHE_ITEM_STALE);
    EXPECT(call.SCardReleaseContext(context), 0);
}

static void started_event(void)
{
    SCARDCONTEXT context = make_context();
    EXPECT_TRUE(call.SCardAccessStartedEvent() != NULL);
    call.SCardReleaseStartedEvent();
    EXPECT(call.SCardReleaseContext(context), 0);
}

/* By an ATR of the caller's own. */
static void locate_by_atr(void)
{
    struct card card;
    SCARD_ATRMASK wanted = {0};
    if (!open_card(&card))
        return;
    SCARD_READERSTATE state = {.szReader = card.reader};
    DWORD size = sizeof(wanted.rgbAtr);
    EXPECT(call.SCardStatus(card.handle, NULL, NULL, NULL, NULL, wanted.rgbAtr, &size),
           0);
    wanted.cbAtr = size;
    memset(wanted.rgbMask, 0xFF, size);
    EXPECT(call.SCardLocateCardsByATR(card.context, &wanted, 1, &state, 1), 0);
    EXPECT_TRUE((state.dwEventState & SCARD_STATE_ATRMATCH) != 0);
    wanted.rgbAtr[size - 1] ^= 1;
    state.dwCurrentState = SCARD_STATE_UNAWARE;
    EXPECT(call.SCardLocateCardsByATR(card.context, &wanted, 1, &state, 1), 0);
    EXPECT_TRUE((state.dwEventState & SCARD_STATE_ATRMATCH) == 0);
    close_card(&card);
}

static void card_type(void)
{
    static const GUID primary = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
    static const GUID interfaces[] = {{2, 0, 0, {0}}, {3, 0, 0, {0}}};
    GUID found[4];
    DWORD count = ARRAY_SIZE(found), size = TEXT_ROOM;
    static unit names[TEXT_ROOM];
    SCARDCONTEXT context = make_context();
    (void)call.SCardForgetCardType(context, CARD);
    EXPECT(call.SCardIntroduceCardType(context, CARD, &primary, interfaces, 2, atr, mask,
                                       sizeof(atr)),
           0);
    EXPECT(call.SCardListInterfaces(context, CARD, found, &count), 0);
    EXPECT_TRUE(count == 2 && memcmp(found, interfaces, sizeof(interfaces)) == 0);
    EXPECT(call.SCardListCards(context, atr, NULL, 0, names, &size), 0);
    EXPECT_TRUE(memcmp(names, CARD, (length_of(CARD) + 1) * sizeof(unit)) == 0);
    size = TEXT_ROOM;
    EXPECT(call.SCardGetCardTypeProviderName(context, CARD, SCARD_PROVIDER_CSP, names,
                                             &size),
           ERROR_FILE_NOT_FOUND);
    EXPECT(call.SCardForgetCardType(context, CARD), 0);
    EXPECT_TRUE(call.SCardForgetCardType(context, CARD) != 0);
    EXPECT(call.SCardReleaseContext(context), 0);
}

static bool has_group(SCARDCONTEXT context)
{
    static unit names[TEXT_ROOM];
    DWORD size = TEXT_ROOM;
    EXPECT(call.SCardListReaderGroups(context, names, &size), 0);
    const unit *name = names;
    while (*name != 0
           && (length_of(name) != length_of(GROUP)
               || memcmp(name, GROUP, length_of(GROUP) * sizeof(unit)) != 0))
        name += length_of(name) + 1;
    return *name != 0;
}

static void group(void)
{
    SCARDCONTEXT context = make_context();
    const unit *reader = find_reader(context);
    if (reader != NULL) {
        EXPECT(call.SCardIntroduceReaderGroup(context, GROUP), 0);
        EXPECT(call.SCardAddReaderToGroup(context, reader, GROUP), 0);
        EXPECT_TRUE(has_group(context));
        EXPECT(call.SCardRemoveReaderFromGroup(context, reader, GROUP), 0);
        (void)call.SCardForgetReaderGroup(context, GROUP);
        EXPECT_TRUE(!has_group(context));
    }
    EXPECT(call.SCardReleaseContext(context), 0);
}

const struct row CONFORM(windows_only)[] = {
    {"transmit-count", "commands are counted", ROW_CARD, count_of_commands},
    {"cache", "written, read, and stale", ROW_DOCUMENTED, cache},
    {"started-event", "there is one", 0, started_event},
    {"locate-by-atr", "an ATR that fits, and one that does not", ROW_CARD, locate_by_atr},
    {"database-card-type", "introduced, found, forgotten", ROW_DESTROYS, card_type},
    {"database-group", "a group with a reader in it, and without", ROW_DESTROYS, group},
    {0}};
