/* SPDX-License-Identifier: BSD-2-Clause */
/* SCARDCONTEXT and SCARDHANDLE have the width of a pointer, and programs pass them through
 * other widths: what is still the same number is the same handle, all else is none. */
#include "tests/face/face_test.h"

#include <windows.h>

static SCARDCONTEXT context;
static SCARDHANDLE card;

/* Every call that takes a context. */
static void check_no_context(SCARDCONTEXT none)
{
    char text[64];
    DWORD size = sizeof(text), active;
    SCARDHANDLE connected = 1;
    SCARD_READERSTATEA state = {.szReader = READER_0};
    SCARD_ATRMASK mask = {.cbAtr = 0};
    BYTE data[4] = {0};
    UUID id = {0};
    CHECK_EQ(SCardIsValidContext(none), ERROR_INVALID_HANDLE);
    CHECK_EQ(SCardCancel(none), ERROR_INVALID_HANDLE);
    CHECK_EQ(SCardReleaseContext(none), ERROR_INVALID_HANDLE);
    CHECK_EQ(SCardGetStatusChangeA(none, 0, &state, 1), ERROR_INVALID_HANDLE);
    CHECK_EQ(SCardConnectA(none, READER_0, SCARD_SHARE_SHARED, T01, &connected, &active),
             ERROR_INVALID_HANDLE);
    CHECK_EQ(SCardLocateCardsByATRA(none, &mask, 1, &state, 1), ERROR_INVALID_HANDLE);
    CHECK_EQ(SCardReadCacheA(none, &id, 0, text, data, &size), ERROR_INVALID_HANDLE);
    CHECK_EQ(SCardAudit(none, SCARD_AUDIT_CHV_SUCCESS), ERROR_INVALID_HANDLE);
    if (none == 0)
        return; /* these take it for no context at all */
    CHECK_EQ(SCardListReadersA(none, NULL, text, &size), ERROR_INVALID_HANDLE);
    CHECK_EQ(SCardListReaderGroupsA(none, text, &size), ERROR_INVALID_HANDLE);
    CHECK_EQ(SCardFreeMemory(none, NULL), ERROR_INVALID_HANDLE);
}

/* Every call that takes a card. */
static void check_no_card(SCARDHANDLE none)
{
    BYTE bytes[64];
    DWORD size = sizeof(bytes), active;
    CHECK_EQ(SCardStatusA(none, NULL, NULL, NULL, NULL, NULL, NULL),
             ERROR_INVALID_HANDLE);
    CHECK_EQ(SCardState(none, NULL, NULL, NULL, NULL), ERROR_INVALID_HANDLE);
    CHECK_EQ(SCardReconnect(none, SCARD_SHARE_SHARED, T01, SCARD_LEAVE_CARD, &active),
             ERROR_INVALID_HANDLE);
    CHECK_EQ(SCardBeginTransaction(none), ERROR_INVALID_HANDLE);
    CHECK_EQ(SCardEndTransaction(none, SCARD_LEAVE_CARD), ERROR_INVALID_HANDLE);
    CHECK_EQ(command(none), ERROR_INVALID_HANDLE);
    CHECK_EQ(SCardControl(none, SCARD_CTL_CODE(1), NULL, 0, bytes, size, &size),
             ERROR_INVALID_HANDLE);
    size = sizeof(bytes);
    CHECK_EQ(SCardGetAttrib(none, SCARD_ATTR_ATR_STRING, bytes, &size),
             ERROR_INVALID_HANDLE);
    CHECK_EQ(SCardSetAttrib(none, SCARD_ATTR_SUPRESS_T1_IFS_REQUEST, bytes, 1),
             ERROR_INVALID_HANDLE);
    CHECK_EQ(SCardGetTransmitCount(none, &size), ERROR_INVALID_HANDLE);
    CHECK_EQ(SCardDisconnect(none, SCARD_LEAVE_CARD), ERROR_INVALID_HANDLE);
}

static void check_none(ULONG_PTR none)
{
    check_no_context(none);
    check_no_card(none);
}

/* Numbers that programs have in the place of a handle; 64-bit ones are cut in a 32-bit
 * program, before a call can see them. */
static void check_garbage(void)
{
    static const uint64_t numbers[] = {0,
                                       1,
                                       0x7FFFFFFF,
                                       0x80000000,
                                       0xCCCCCCCC,
                                       0xFFFFFFFF,
                                       0xFFFFFFFF80000000,
                                       0xFFFFFFFFFFFFFFFF,
                                       0xDEADBEEFDEADBEEF,
                                       0x0000000100000000};
    for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        check_none((ULONG_PTR)numbers[i]);
    check_none((ULONG_PTR)&context);
    check_none((ULONG_PTR)GetCurrentProcess());
    check_no_context(card);
    check_no_card(context);
}

/* What a good handle is not any more: with its upper half set, or its lower half alone. */
static void check_near(ULONG_PTR good, void (*check)(ULONG_PTR none))
{
    check(good ^ 0x80000000);
    check(good + 1);
    check(~good);
#ifdef _WIN64
    check(good | 0x100000000);
    check(good | 0xFFFFFFFF00000000);
    check(good << 32);
    check(good << 32 | good);
#endif
}

static void check_context(ULONG_PTR none)
{
    check_no_context(none);
}

static void check_card(ULONG_PTR none)
{
    check_no_card(none);
}

/* Programs keep them in 32 bits, with and without a sign, and in pointers. */
static void check_narrow(void)
{
    CHECK_EQ(SCardIsValidContext((DWORD)context), 0);
    CHECK_EQ(SCardIsValidContext((ULONG_PTR)(LONG_PTR)(LONG)context), 0);
    CHECK_EQ(SCardIsValidContext((SCARDCONTEXT)(void *)context), 0);
    CHECK_EQ(command((DWORD)card), 0);
    CHECK_EQ(command((ULONG_PTR)(LONG_PTR)(LONG)card), 0);
}

/* Nothing is written beyond a handle. */
static void check_written(void)
{
    struct {
        ULONG_PTR before, handle, after;
    } place = {~(ULONG_PTR)0, ~(ULONG_PTR)0, ~(ULONG_PTR)0};
    DWORD active;
    CHECK_EQ(SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &place.handle), 0);
    CHECK_EQ(SCardIsValidContext(place.handle), 0);
    CHECK_EQ(SCardReleaseContext(place.handle), 0);
    CHECK_EQ(
        SCardConnectA(context, READER_0, SCARD_SHARE_SHARED, T01, &place.handle, &active),
        0);
    CHECK_EQ(SCardDisconnect(place.handle, SCARD_LEAVE_CARD), 0);
    CHECK_EQ(place.before, ~(ULONG_PTR)0);
    CHECK_EQ(place.after, ~(ULONG_PTR)0);
    check_none(place.handle); /* disconnected */
}

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?count=1&cards=1", 1);
    check_none(0x1234); /* before there is any */
    context = new_context();
    card = new_card(context, READER_0);
    CHECK_EQ(sizeof(SCARDCONTEXT), sizeof(void *));
    CHECK_EQ(sizeof(SCARDHANDLE), sizeof(void *));
    check_garbage();
    check_near(context, check_context);
    check_near(card, check_card);
    check_narrow();
    check_written();
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardReleaseContext(context), 0);
    check_none(card);
    check_none(context);
    return check_result();
}
