/* SPDX-License-Identifier: BSD-2-Clause */
/* The card cache as programs see it: who shares it, what freshness does, its limits, and
 * when items end. Compiled for A and W, in this process and through the service. */
#include "tests/face/face_test.h"

#define T(text)   TEXT(text)
#define TEN       "0123456789"
#define FIFTY     TEN TEN TEN TEN TEN
#define LONG_NAME FIFTY FIFTY FIFTY FIFTY FIFTY "12345" /* 255 characters */

enum { ITEM_MAX = 65536, TOTAL_MAX = 4 * 1024 * 1024 }; /* database_calls.h */

static SCARDCONTEXT context;
static UUID first = {1, 2, 3, {4}}, second = {1, 2, 3, {5}};
static BYTE big[ITEM_MAX + 1];

static LONG put(UUID *card, DWORD freshness, LPTSTR name, const char *text)
{
    return SCardWriteCache(context, card, freshness, name, (PBYTE)(uintptr_t)text,
                           (DWORD)strlen(text) + 1);
}

/* What is kept, or the low byte of the error. */
static const char *get(SCARDCONTEXT who, UUID *card, DWORD freshness, LPTSTR name)
{
    static char text[64];
    DWORD size = sizeof(text);
    LONG error = SCardReadCache(who, card, freshness, name, (PBYTE)text, &size);
    if (error != 0)
        snprintf(text, sizeof(text), "%02X", (unsigned)error & 0xFF);
    return text;
}

#define NONE  "70"
#define STALE "71"

static void check_freshness(void)
{
    SCARDCONTEXT other = new_context();
    CHECK_STR(get(context, &first, 3, T("file")), NONE);
    EXPECT(put(&first, 3, T("file"), "three"), 0);
    CHECK_STR(get(context, &first, 3, T("file")), "three");
    CHECK_STR(get(other, &first, 3, T("file")), "three"); /* everybody's */
    CHECK_STR(get(context, &second, 3, T("file")), NONE);
    CHECK_STR(get(context, &first, 3, T("File")), NONE);
    /* An older one is refused, whether asked for or written, and changes nothing. */
    CHECK_STR(get(context, &first, 2, T("file")), STALE);
    EXPECT(put(&first, 2, T("file"), "two"), SCARD_W_CACHE_ITEM_STALE);
    CHECK_STR(get(context, &first, 3, T("file")), "three");
    /* One as fresh and a fresher one take its place. */
    EXPECT(put(&first, 3, T("file"), "3"), 0);
    CHECK_STR(get(other, &first, 3, T("file")), "3");
    EXPECT(put(&first, 4, T("file"), "four"), 0);
    CHECK_STR(get(context, &first, 3, T("file")), STALE);
    CHECK_STR(get(context, &first, 4, T("file")), "four");
    /* The card is fresher than what is kept: it goes. */
    CHECK_STR(get(context, &first, 5, T("file")), STALE);
    CHECK_STR(get(context, &first, 4, T("file")), NONE);
    EXPECT(put(&first, 1, T("file"), "one"), 0);
    EXPECT(SCardReleaseContext(other), 0);
    CHECK_STR(get(context, &first, 1, T("file")), "one");
}

static void check_arguments(void)
{
    BYTE byte, *allocated = NULL;
    DWORD size = 1;
    EXPECT(SCardReadCache(0, &first, 1, T("file"), &byte, &size), BAD_HANDLE);
    EXPECT(SCardReadCache(0x1234, &first, 1, T("file"), &byte, &size), BAD_HANDLE);
    EXPECT(SCardReadCache(context, NULL, 1, T("file"), &byte, &size),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardReadCache(context, &first, 1, NULL, &byte, &size),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardReadCache(context, &first, 1, T("file"), &byte, NULL),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardReadCache(context, &first, 1, T("file"), &byte, &size),
           SCARD_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(size, 4);
    EXPECT(SCardReadCache(context, &first, 1, T("file"), NULL, &size), 0);
    CHECK_EQ(size, 4);
    size = SCARD_AUTOALLOCATE;
    EXPECT(SCardReadCache(context, &first, 1, T("file"), (PBYTE)&allocated, &size), 0);
    CHECK_EQ(size, 4);
    CHECK_STR((char *)allocated, "one");
    EXPECT(SCardFreeMemory(context, allocated), 0);
    EXPECT(SCardWriteCache(0, &first, 1, T("a"), &byte, 1), BAD_HANDLE);
    EXPECT(SCardWriteCache(0x1234, &first, 1, T("a"), &byte, 1), BAD_HANDLE);
    EXPECT(SCardWriteCache(context, NULL, 1, T("a"), &byte, 1),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardWriteCache(context, &first, 1, NULL, &byte, 1),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardWriteCache(context, &first, 1, T("a"), NULL, 1),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardWriteCache(context, &first, 1, T(""), big, 1), SCARD_E_INVALID_PARAMETER);
    CHECK_STR(get(context, &first, 1, T("")), NONE);
    EXPECT(SCardWriteCache(context, &first, 1, T(LONG_NAME "6"), big, 1),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardWriteCache(context, &first, 1, T(LONG_NAME), big, 1), 0);
    CHECK_STR(get(context, &first, 1, T(LONG_NAME)), "");
    EXPECT(SCardWriteCache(context, &first, 1, T("empty"), NULL, 0), 0);
    size = 9;
    EXPECT(SCardReadCache(context, &first, 1, T("empty"), &byte, &size), 0);
    CHECK_EQ(size, 0);
}

/* It belongs to the card, which may be in any reader or in none; freshness tells whether
 * it still holds. */
static void check_removal(void)
{
    EXPECT(put(&first, 1, T("kept"), "kept"), 0);
    SCARDHANDLE card = new_card(context, TEXT(READER_0));
    EXPECT(SCardDisconnect(card, SCARD_UNPOWER_CARD), 0);
    fake_remove(0);
    CHECK_STR(get(context, &first, 1, T("kept")), "kept");
    fake_insert(0);
    fake_unplug(0);
    CHECK_STR(get(context, &first, 1, T("kept")), "kept");
}

static void check_limits(void)
{
    TCHAR name[2] = {0, 0};
    DWORD size = 0;
    unsigned kept = 0;
    EXPECT(SCardWriteCache(context, &first, 1, T("big"), big, ITEM_MAX + 1),
           SCARD_W_CACHE_ITEM_TOO_BIG);
    CHECK_STR(get(context, &first, 1, T("big")), NONE);
    EXPECT(SCardWriteCache(context, &first, 1, T("big"), big, ITEM_MAX), 0);
    EXPECT(SCardReadCache(context, &first, 1, T("big"), NULL, &size), 0);
    CHECK_EQ(size, ITEM_MAX);
    /* The oldest make room. */
    EXPECT(put(&second, 1, T("old"), "old"), 0);
    for (unsigned i = 0; i < TOTAL_MAX / ITEM_MAX + 5; i++) {
        name[0] = (TCHAR)(' ' + 1 + i);
        EXPECT(SCardWriteCache(context, &first, 1, name, big, ITEM_MAX), 0);
    }
    CHECK_STR(get(context, &second, 1, T("old")), NONE);
    for (unsigned i = 0; i < TOTAL_MAX / ITEM_MAX + 5; i++) {
        name[0] = (TCHAR)(' ' + 1 + i);
        kept += SCardReadCache(context, &first, 1, name, NULL, &size) == 0;
    }
    CHECK(kept < TOTAL_MAX / ITEM_MAX && kept > TOTAL_MAX / ITEM_MAX - 5);
    EXPECT(SCardReadCache(context, &first, 1, name, NULL, &size), 0); /* the newest */
}

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?cards=1", 1);
    context = new_context();
    check_freshness();
    check_arguments();
    check_removal();
    check_limits();
    EXPECT(put(&first, 1, T("last"), "last"), 0);
    EXPECT(SCardReleaseContext(context), 0);
    context = new_context();
    /* The manager ended with its last context, and all items with it. */
    CHECK_STR(get(context, &first, 1, T("last")), NONE);
    EXPECT(SCardReleaseContext(context), 0);
    return check_result();
}
