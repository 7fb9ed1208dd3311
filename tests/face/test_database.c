/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls on the smart card database, in a database of the test's own. */
#include "tests/face/database_place.h"
#include "tests/face/face_test.h"

#include <string.h>

static SCARDCONTEXT context;

static const GUID provider = {0x12345678, 0x9ABC, 0xDEF0, {1, 2, 3, 4, 5, 6, 7, 8}};
static const GUID interfaces[2] = {{1, 2, 3, {4}}, {5, 6, 7, {8}}};
static const GUID stranger = {9, 9, 9, {9}};
/* The ATR of the fake reader's card is what SCardStatus says. */
static BYTE card_atr[36];
static DWORD card_atr_size = sizeof(card_atr);

/* Is `name` in a multi-string? */
static bool listed(const char *list, const char *name)
{
    for (; *list != '\0'; list += strlen(list) + 1)
        if (strcmp(list, name) == 0)
            return true;
    return false;
}

static void check_card_types(void)
{
    GUID got[4];
    char text[256];
    DWORD size = sizeof(text), count = 4;
    static const BYTE mask[3] = {0xFF, 0xFF, 0x00};
    static const BYTE atr[3] = {0x3B, 0x01, 0x00};
    static const BYTE never[3] = {0x3B, 0x01, 0x77};
    EXPECT(SCardIntroduceCardTypeA(context, "One", &provider, interfaces, 2, card_atr,
                                   NULL, card_atr_size),
           0);
    EXPECT(SCardIntroduceCardTypeA(context, "Two", NULL, NULL, 0, atr, mask, 3), 0);
    /* A bit of the pattern that the mask leaves out: no card's ATR under it is that. */
    EXPECT(SCardIntroduceCardTypeA(context, "Never", NULL, NULL, 0, never, mask, 3), 0);
    EXPECT(SCardListCardsA(context, NULL, NULL, 0, text, &size), 0);
    CHECK(listed(text, "One") && listed(text, "Two"));
    size = sizeof(text);
    EXPECT(SCardListCardsA(0, card_atr, NULL, 0, text, &size), 0);
    CHECK(listed(text, "One") && !listed(text, "Two"));
    static const BYTE like[3] = {0x3B, 0x01, 0x77};
    size = sizeof(text);
    EXPECT(SCardListCardsA(context, like, NULL, 0, text, &size), 0);
    CHECK(listed(text, "Two") && !listed(text, "One") && !listed(text, "Never"));
    size = sizeof(text);
    EXPECT(SCardListCardsA(context, NULL, &interfaces[1], 1, text, &size), 0);
    CHECK(listed(text, "One") && !listed(text, "Two"));
    size = sizeof(text);
    EXPECT(SCardListCardsA(context, NULL, &stranger, 1, text, &size), 0);
    CHECK_EQ(size, 1);
    static const BYTE none[2] = {0x00, 0x00};
    size = sizeof(text);
    EXPECT(SCardListCardsA(context, none, NULL, 0, text, &size), SCARD_E_INVALID_ATR);
    EXPECT(SCardListInterfacesA(context, "one", got, &count), 0); /* without case */
    CHECK_EQ(count, 2);
    CHECK(memcmp(got, interfaces, sizeof(interfaces)) == 0);
    EXPECT(SCardGetProviderIdA(context, "One", got), 0);
    CHECK(memcmp(got, &provider, sizeof(provider)) == 0);
    EXPECT(SCardGetProviderIdA(context, "Two", got), SCARD_E_INVALID_TARGET);
    EXPECT(SCardGetProviderIdA(context, "Nobody", got), SCARD_E_UNKNOWN_CARD);
    EXPECT(SCardIntroduceCardTypeA(context, "Three", NULL, NULL, 0, atr, NULL, 37),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardIntroduceCardTypeA(context, NULL, NULL, NULL, 0, atr, NULL, 3),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardIntroduceCardTypeA(context, "Three", NULL, NULL, 0, NULL, NULL, 3),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardIntroduceCardTypeA(0x1234, "Three", NULL, NULL, 0, atr, NULL, 3),
           BAD_HANDLE);
}

static void check_providers(void)
{
    char text[256];
    WCHAR wide[64], module[] = {'m', 0xE9, '.', 'd', 'l', 'l', 0};
    WCHAR name[] = {'O', 'n', 'e', 0};
    DWORD size = sizeof(text);
    EXPECT(SCardGetCardTypeProviderNameA(context, "One", SCARD_PROVIDER_PRIMARY, text,
                                         &size),
           0);
    CHECK(strcmp(text, "{12345678-9ABC-DEF0-0102-030405060708}") == 0);
    EXPECT(
        SCardSetCardTypeProviderNameW(context, name, SCARD_PROVIDER_CARD_MODULE, module),
        0);
    size = 64;
    EXPECT(SCardGetCardTypeProviderNameW(context, name, SCARD_PROVIDER_CARD_MODULE, wide,
                                         &size),
           0);
    CHECK_EQ(size, 7);
    CHECK(memcmp(wide, module, sizeof(module)) == 0);
    size = sizeof(text);
    EXPECT(SCardGetCardTypeProviderNameA(context, "One", SCARD_PROVIDER_CSP, text, &size),
           ERROR_FILE_NOT_FOUND); /* it has none */
    size = sizeof(text);
    EXPECT(SCardGetCardTypeProviderNameA(context, "One", 77, text, &size),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardSetCardTypeProviderNameA(context, "Nobody", SCARD_PROVIDER_CSP, "x"),
           SCARD_E_UNKNOWN_CARD);
    EXPECT(SCardSetCardTypeProviderNameA(context, "One", SCARD_PROVIDER_PRIMARY,
                                         "{00000009-0009-0009-0900-000000000000}"),
           0);
    GUID got;
    EXPECT(SCardGetProviderIdA(context, "One", &got), 0);
    CHECK(memcmp(&got, &stranger, sizeof(got)) == 0);
}

static void check_locate(void)
{
    SCARD_READERSTATEA states[2];
    memset(states, 0, sizeof(states));
    states[0].szReader = READER_0;
    states[1].szReader = "\\\\?PnP?\\Notification";
    EXPECT(SCardLocateCardsA(context, "Two\0One\0", states, 2), 0);
    CHECK((states[0].dwEventState & SCARD_STATE_ATRMATCH) != 0);
    CHECK((states[0].dwEventState & SCARD_STATE_PRESENT) != 0);
    EXPECT(SCardLocateCardsA(context, "Two\0", states, 1), 0);
    CHECK((states[0].dwEventState & SCARD_STATE_ATRMATCH) == 0);
    EXPECT(SCardLocateCardsA(context, "Nobody\0", states, 1), 0); /* nobody knows it */
    CHECK((states[0].dwEventState & SCARD_STATE_ATRMATCH) == 0);
    CHECK((states[0].dwEventState & SCARD_STATE_PRESENT) != 0);
    EXPECT(SCardLocateCardsA(context, "Nobody\0One\0No\\name\0", states, 1), 0);
    CHECK((states[0].dwEventState & SCARD_STATE_ATRMATCH) != 0);
    EXPECT(SCardLocateCardsA(context, "", states, 1), 0);
    CHECK((states[0].dwEventState & SCARD_STATE_ATRMATCH) == 0);
    SCARD_ATRMASK pattern = {.cbAtr = card_atr_size};
    memset(pattern.rgbMask, 0, sizeof(pattern.rgbMask));
    EXPECT(SCardLocateCardsByATRA(context, &pattern, 1, states, 1), 0);
    CHECK((states[0].dwEventState & SCARD_STATE_ATRMATCH) != 0);
    pattern.rgbMask[0] = 0xFF;
    EXPECT(SCardLocateCardsByATRA(context, &pattern, 1, states, 1), 0);
    CHECK((states[0].dwEventState & SCARD_STATE_ATRMATCH) == 0);
    pattern.cbAtr = 37;
    EXPECT(SCardLocateCardsByATRA(context, &pattern, 1, states, 1),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardForgetCardTypeA(context, "Two"), 0);
    EXPECT(SCardForgetCardTypeA(context, "Two"), SCARD_E_UNKNOWN_CARD);
}

/* As many names as a list may have, and one more. */
static void check_many(void)
{
    enum { MANY = 4096 };
    static char names[4 * (MANY + 1) + 1];
    SCARD_READERSTATEA state = {.szReader = READER_0};
    for (unsigned i = 0; i < MANY; i++)
        memcpy(names + 4 * i, "One", 4);
    EXPECT(SCardLocateCardsA(context, names, &state, 1), 0);
    CHECK((state.dwEventState & SCARD_STATE_ATRMATCH) != 0);
    memcpy(names + 4 * MANY, "One", 4);
    EXPECT(SCardLocateCardsA(context, names, &state, 1), SCARD_E_INVALID_PARAMETER);
}

static void check_readers(void)
{
    char text[512];
    BYTE icon[1024];
    DWORD size = sizeof(text), active;
    SCARDHANDLE card;
    EXPECT(SCardIntroduceReaderA(context, "My reader", READER_0), 0);
    EXPECT(SCardIntroduceReaderA(context, "My reader", READER_0),
           SCARD_E_DUPLICATE_READER);
    EXPECT(SCardIntroduceReaderA(context, READER_0, READER_0), SCARD_E_DUPLICATE_READER);
    EXPECT(SCardConnectA(context, "My reader", SCARD_SHARE_SHARED, T01, &card, &active),
           0);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardIntroduceReaderGroupA(context, "Desk"), 0);
    EXPECT(SCardAddReaderToGroupA(context, "My reader", "Desk"), 0);
    EXPECT(SCardAddReaderToGroupA(context, "nobody's reader", "Desk"),
           SCARD_E_UNKNOWN_READER);
    EXPECT(SCardRemoveReaderFromGroupA(context, "My reader", "Desk"), 0);
    EXPECT(SCardForgetReaderGroupA(context, "SCard$AllReaders"),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardForgetReaderA(context, "My reader"), 0);
    EXPECT(SCardForgetReaderA(context, "My reader"), SCARD_E_UNKNOWN_READER);
    EXPECT(SCardConnectA(context, "My reader", SCARD_SHARE_SHARED, T01, &card, &active),
           SCARD_E_UNKNOWN_READER);
    EXPECT(SCardGetReaderDeviceInstanceIdA(context, READER_0, text, &size), 0);
    char device[512];
    memcpy(device, text, size);
    size = sizeof(text);
    EXPECT(SCardListReadersWithDeviceInstanceIdA(context, device, text, &size), 0);
    CHECK(listed(text, READER_0));
    size = sizeof(text);
    EXPECT(SCardListReadersWithDeviceInstanceIdA(context, "NO\\SUCH", text, &size),
           SCARD_E_NO_READERS_AVAILABLE);
    size = sizeof(icon);
    EXPECT(SCardGetReaderIconA(context, READER_0, icon, &size), 0);
    CHECK_EQ(size, 326);
    CHECK(icon[2] == 1 && icon[6] == 32);
    size = 10;
    EXPECT(SCardGetReaderIconA(context, READER_0, icon, &size),
           SCARD_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(size, 326);
    EXPECT(SCardGetReaderIconA(context, "nobody", icon, &size), SCARD_E_UNKNOWN_READER);
}

int main(void)
{
    DWORD state, protocol;
    place_begin();
    setenv("WINSCARD_READERS", "fake:?count=2&cards=1", 1);
    context = new_context();
    SCARDHANDLE card = new_card(context, READER_0);
    EXPECT(SCardStatusA(card, NULL, NULL, &state, &protocol, card_atr, &card_atr_size),
           0);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_card_types();
    check_providers();
    check_locate();
    check_many();
    check_readers();
    EXPECT(SCardReleaseContext(context), 0);
    place_end();
    return check_result();
}
