/* SPDX-License-Identifier: BSD-2-Clause */
/* Text in both encodings of the Windows ABI: lengths in the call's own characters, names
 * beyond ASCII that survive, and text that is no text. */
#include "tests/face/face_test.h"

/* "Lécteur 卡 💳": 2, 3 and 4 bytes in UTF-8; the last is two units in UTF-16. */
static const char name_a[] = "L\xC3\xA9"
                             "cteur \xE5\x8D\xA1 \xF0\x9F\x92\xB3";
static const WCHAR name_w[] = {'L', 0xE9,   'c', 't',    'e',    'u', 'r',
                               ' ', 0x5361, ' ', 0xD83D, 0xDCB3, 0};
enum { BYTES_A = sizeof(name_a), UNITS_W = sizeof(name_w) / sizeof(name_w[0]) };

static SCARDCONTEXT context;

static void check_lists(void)
{
    char a[64];
    WCHAR w[64], *allocated = NULL;
    DWORD size = 0;
    EXPECT(SCardListReadersA(context, NULL, NULL, &size), 0);
    CHECK_EQ(size, BYTES_A + 1);
    EXPECT(SCardListReadersW(context, NULL, NULL, &size), 0);
    CHECK_EQ(size, UNITS_W + 1);
    size = UNITS_W;
    EXPECT(SCardListReadersW(context, NULL, w, &size), SCARD_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(size, UNITS_W + 1);
    EXPECT(SCardListReadersW(context, NULL, w, &size), 0);
    CHECK_MEM(w, name_w, sizeof(name_w));
    CHECK_EQ(w[UNITS_W], 0);
    size = sizeof(a);
    EXPECT(SCardListReadersA(context, NULL, a, &size), 0);
    CHECK_MEM(a, name_a, sizeof(name_a));
    size = SCARD_AUTOALLOCATE;
    EXPECT(SCardListReadersW(context, NULL, (LPWSTR)&allocated, &size), 0);
    CHECK(allocated != NULL && size == UNITS_W + 1);
    EXPECT(SCardFreeMemory(context, allocated), 0);
    EXPECT(SCardFreeMemory(context, allocated == NULL ? a : (void *)w),
           SCARD_E_INVALID_PARAMETER); /* not ours */
    EXPECT(SCardFreeMemory(0, NULL), 0);
    EXPECT(SCardListReadersW(context, NULL, w, NULL), SCARD_E_INVALID_PARAMETER);
}

static void check_groups(void)
{
    static const WCHAR all_w[] = {'S', 'C', 'a', 'r', 'd', '$', 'A', 'l', 'l',
                                  'R', 'e', 'a', 'd', 'e', 'r', 's', 0,   0};
    WCHAR w[64];
    DWORD size = 0;
    EXPECT(SCardListReadersA(context, "SCard$DefaultReaders\0", NULL, &size), 0);
    EXPECT(SCardListReadersA(context, "no such group\0", NULL, &size),
           SCARD_E_NO_READERS_AVAILABLE);
    EXPECT(SCardListReadersA(context, "no such\0SCard$AllReaders\0", NULL, &size), 0);
    EXPECT(SCardListReadersW(context, all_w, NULL, &size), 0);
    EXPECT(SCardListReadersA(0, NULL, NULL, &size), 0); /* without a context */
    size = 64;
    EXPECT(SCardListReaderGroupsW(context, w, &size), 0);
    CHECK_EQ(size, 22);
    CHECK_EQ(w[0], 'S');
    EXPECT(SCardListReaderGroupsA(0, NULL, &size), 0);
    CHECK_EQ(size, 22);
}

static void check_names_in(void)
{
    static const WCHAR lone[] = {'L', 0xD83D, 0};
    WCHAR endless[200];
    SCARD_READERSTATEW state = {.szReader = name_w};
    SCARDHANDLE card;
    DWORD active, type = 0;
    EXPECT(SCardConnectW(context, lone, SCARD_SHARE_SHARED, T01, &card, &active),
           SCARD_E_UNKNOWN_READER);
    for (unsigned i = 0; i < 200; i++)
        endless[i] = 0x5361;
    endless[199] = 0;
    EXPECT(SCardConnectW(context, endless, SCARD_SHARE_SHARED, T01, &card, &active),
           SCARD_E_UNKNOWN_READER);
    EXPECT(SCardGetStatusChangeW(context, 0, &state, 1), 0);
    CHECK((state.dwEventState & SCARD_STATE_PRESENT) != 0);
    state.szReader = lone;
    EXPECT(SCardGetStatusChangeW(context, 0, &state, 1), SCARD_E_UNKNOWN_READER);
    EXPECT(SCardGetDeviceTypeIdW(context, name_w, &type), 0);
    CHECK_EQ(type, SCARD_READER_TYPE_VENDOR);
    EXPECT(SCardGetDeviceTypeIdA(context, name_a, NULL), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardGetDeviceTypeIdA(context, "none", &type), SCARD_E_UNKNOWN_READER);
}

static void check_cards(void)
{
    SCARDHANDLE card;
    DWORD active, size, state = 0, count = 0;
    WCHAR w[64];
    char a[64];
    BYTE atr[36];
    EXPECT(SCardConnectW(context, name_w, SCARD_SHARE_SHARED, T01, &card, &active), 0);
    size = 64;
    DWORD atr_size = sizeof(atr);
    EXPECT(SCardStatusW(card, w, &size, &state, &active, atr, &atr_size), 0);
    CHECK_EQ(size, UNITS_W + 1);
    CHECK_MEM(w, name_w, sizeof(name_w));
    CHECK_EQ(state, SCARD_SPECIFIC);
    CHECK_EQ(atr_size, fake_atr_size);
    size = 3;
    EXPECT(SCardStatusA(card, a, &size, NULL, NULL, NULL, NULL),
           SCARD_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(size, BYTES_A + 1);
    size = sizeof(w);
    EXPECT(SCardGetAttrib(card, SCARD_ATTR_DEVICE_FRIENDLY_NAME_W, (LPBYTE)w, &size), 0);
    CHECK_EQ(size, sizeof(name_w));
    CHECK_MEM(w, name_w, sizeof(name_w));
    EXPECT(SCardState(card, &state, NULL, NULL, NULL), 0);
    CHECK_EQ(state, SCARD_SPECIFIC);
    EXPECT(SCardGetTransmitCount(card, &count), 0);
    CHECK_EQ(count, 0);
    EXPECT(command(card), 0);
    EXPECT(SCardGetTransmitCount(card, &count), 0);
    CHECK_EQ(count, 1);
    EXPECT(SCardGetTransmitCount(card, NULL), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
}

static void check_device_ids(void)
{
    char a[64];
    WCHAR w[64];
    DWORD size = sizeof(a);
    EXPECT(SCardGetReaderDeviceInstanceIdA(context, name_a, a, &size), 0);
    CHECK_STR(a, "FAKE\\0000");
    CHECK_EQ(size, 10);
    size = 9;
    EXPECT(SCardGetReaderDeviceInstanceIdW(context, name_w, w, &size),
           SCARD_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(size, 10);
    EXPECT(SCardGetReaderDeviceInstanceIdA(context, name_a, a, NULL),
           SCARD_E_INVALID_PARAMETER);
}

static void check_cache(void)
{
    static WCHAR key_w[] = {'k', 0xE9, 0};
    static char key_a[] = "k\xC3\xA9";
    static BYTE data[70000] = {1, 2, 3};
    UUID card = {0};
    BYTE got[16];
    DWORD size = sizeof(got);
    EXPECT(SCardReadCacheA(context, &card, 5, key_a, got, &size),
           SCARD_W_CACHE_ITEM_NOT_FOUND);
    EXPECT(SCardWriteCacheA(context, &card, 5, key_a, data, 3), 0);
    EXPECT(SCardReadCacheW(context, &card, 5, key_w, got, &size), 0);
    CHECK_EQ(size, 3);
    CHECK_MEM(got, data, 3);
    EXPECT(SCardWriteCacheA(context, &card, 4, key_a, data, 3), SCARD_W_CACHE_ITEM_STALE);
    size = 2;
    EXPECT(SCardReadCacheA(context, &card, 5, key_a, got, &size),
           SCARD_E_INSUFFICIENT_BUFFER);
    EXPECT(SCardReadCacheA(context, &card, 6, key_a, got, &size),
           SCARD_W_CACHE_ITEM_STALE);
    EXPECT(SCardReadCacheA(context, &card, 5, key_a, got, &size),
           SCARD_W_CACHE_ITEM_NOT_FOUND);
    EXPECT(SCardWriteCacheA(context, &card, 5, key_a, data, sizeof(data)),
           SCARD_W_CACHE_ITEM_TOO_BIG);
    EXPECT(SCardWriteCacheA(context, NULL, 5, key_a, data, 3), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardWriteCacheA(context, &card, 5, NULL, data, 3), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardWriteCacheA(context, &card, 5, key_a, NULL, 3),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardReadCacheA(context, &card, 5, key_a, got, NULL),
           SCARD_E_INVALID_PARAMETER);
}

static void check_rest(void)
{
    EXPECT(SCardIntroduceReaderGroupA(context, "group"), 0);
    EXPECT(SCardIntroduceReaderGroupW(0x1234, name_w), BAD_HANDLE);
    EXPECT(SCardLocateCardsA(context, "card\0", NULL, 0), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardAudit(context, 0), 0);
    EXPECT(SCardAudit(context, 2), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardAudit(0x1234, 0), BAD_HANDLE);
    CHECK(SCardAccessStartedEvent() != NULL);
    SCardReleaseStartedEvent();
    SCardReleaseStartedEvent(); /* one too many */
    CHECK(SCardAccessNewReaderEvent() != NULL);
    SCardReleaseNewReaderEvent();
    SCardReleaseAllEvents();
    CHECK_EQ(ClassInstall32(0, NULL, NULL), 0xE000020E);
}

int main(void)
{
    setenv("WINSCARD_READERS",
           "fake:?cards=1&name=L%C3%A9cteur%20%E5%8D%A1%20%F0%9F%92%B3", 1);
    context = new_context();
    check_lists();
    check_groups();
    check_names_in();
    check_cards();
    check_device_ids();
    check_cache();
    check_rest();
    EXPECT(SCardReleaseContext(context), 0);
    return check_result();
}
