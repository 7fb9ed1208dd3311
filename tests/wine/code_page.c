/* SPDX-License-Identifier: BSD-2-Clause */
/* code_page.exe: the text of A calls in the ANSI code page that Wine took from LC_ALL. The
 * reader's name has characters that only some pages have. */
#include "tests/face/face_test.h"

#ifdef WITH_DATABASE
#include "tests/face/database_place.h"
#endif

#include <windows.h>

/* "Ридер 卡 💳 é" */
#define NAME_URI "%D0%A0%D0%B8%D0%B4%D0%B5%D1%80%20%E5%8D%A1%20%F0%9F%92%B3%20%C3%A9"
static const WCHAR name_w[] = {0x0420, 0x0438, 0x0434, 0x0435, 0x0440, ' ', 0x5361,
                               ' ',    0xD83D, 0xDCB3, ' ',    0x00E9, 0};

/* That name, a word that is no name of a reader, "ключ", and bytes that are no text. */
static const struct page {
    unsigned number;
    const char *name, *word, *malformed;
} pages[] = {
    {1251, "\xD0\xE8\xE4\xE5\xF0 <U+5361> <U+1F4B3> <U+00E9>", "\xEA\xEB\xFE\xF7", NULL},
    {932, "\x84Q\x84y\x84t\x84u\x84\x82 <U+5361> <U+1F4B3> <U+00E9>",
     "\x84{\x84|\x84\x90\x84\x89", "\x84"},
    {1252, "<U+0420><U+0438><U+0434><U+0435><U+0440> <U+5361> <U+1F4B3> \xE9",
     "<U+043A><U+043B><U+044E><U+0447>", NULL},
};
static const WCHAR word_w[] = {0x043A, 0x043B, 0x044E, 0x0447, 0};

static const struct page *page;
static SCARDCONTEXT context;

static void check_list(void)
{
    char names[128], *allocated = NULL;
    DWORD size = 0, needed = (DWORD)strlen(page->name) + 2;
    EXPECT(SCardListReadersA(context, NULL, NULL, &size), 0);
    CHECK_EQ(size, needed);
    size = needed - 1;
    EXPECT(SCardListReadersA(context, NULL, names, &size), SCARD_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(size, needed);
    EXPECT(SCardListReadersA(context, NULL, names, &size), 0);
    CHECK_STR(names, page->name);
    CHECK_EQ(names[needed - 1], 0);
    size = SCARD_AUTOALLOCATE;
    EXPECT(SCardListReadersA(context, NULL, (LPSTR)&allocated, &size), 0);
    CHECK_EQ(size, needed);
    CHECK_STR(allocated, page->name);
    EXPECT(SCardFreeMemory(context, allocated), 0);
}

static void check_card(void)
{
    char text[128];
    WCHAR wide[32];
    DWORD size = sizeof(text), needed = (DWORD)strlen(page->name) + 1;
    SCARDHANDLE card = new_card(context, page->name);
    EXPECT(SCardStatusA(card, text, &size, NULL, NULL, NULL, NULL), 0);
    CHECK_STR(text, page->name);
    CHECK_EQ(size, needed + 1);
    size = sizeof(text);
    EXPECT(SCardGetAttrib(card, SCARD_ATTR_DEVICE_FRIENDLY_NAME_A, (LPBYTE)text, &size),
           0);
    CHECK_STR(text, page->name);
    CHECK_EQ(size, needed);
    size = needed - 1;
    EXPECT(SCardGetAttrib(card, SCARD_ATTR_DEVICE_FRIENDLY_NAME_A, (LPBYTE)text, &size),
           SCARD_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(size, needed);
    size = sizeof(wide);
    EXPECT(SCardGetAttrib(card, SCARD_ATTR_DEVICE_FRIENDLY_NAME_W, (LPBYTE)wide, &size),
           0);
    CHECK_MEM(wide, name_w, sizeof(name_w));
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
}

static LONG look(const char *name)
{
    SCARD_READERSTATEA state = {.szReader = name};
    return SCardGetStatusChangeA(context, 0, &state, 1);
}

/* No name is taken for another: neither one with substitutes, nor text that is none. */
static void check_other_names(void)
{
    char text[128];
    EXPECT(look(page->name), 0);
    EXPECT(look(page->word), SCARD_E_UNKNOWN_READER);
    EXPECT(look("<U+0041>"), SCARD_E_UNKNOWN_READER);
    EXPECT(look("<U+1F4B3"), SCARD_E_UNKNOWN_READER);
    if (page->malformed != NULL)
        EXPECT(look(page->malformed), SCARD_E_UNKNOWN_READER);
    WideCharToMultiByte(CP_ACP, 0, name_w, -1, text, sizeof(text), NULL, NULL);
    CHECK(strcmp(text, page->name) != 0); /* what Windows would have made of it */
    EXPECT(look(text), SCARD_E_UNKNOWN_READER);
}

static void check_cache(void)
{
    BYTE data[4] = {1, 2, 3, 4}, got[4];
    DWORD size = sizeof(got);
    UUID card = {.Data1 = 1};
    EXPECT(SCardWriteCacheA(context, &card, 0, (LPSTR)(uintptr_t)page->word, data, 4), 0);
    EXPECT(SCardReadCacheW(context, &card, 0, (LPWSTR)(uintptr_t)word_w, got, &size), 0);
    CHECK_EQ(size, 4);
    CHECK_MEM(got, data, 4);
}

#ifdef WITH_DATABASE
/* Names that are the same but for what the page lacks: an A program tells them apart. */
static void check_introduced(void)
{
    static const WCHAR one[] = {'X', 0x5361, 0}, other[] = {'X', 0x4F60, 0};
    static const char expected[] = "X<U+4F60>\0X<U+5361>\0";
    char names[256], *at;
    DWORD size = sizeof(names);
    EXPECT(SCardIntroduceReaderW(context, one, name_w), 0);
    EXPECT(SCardIntroduceReaderW(context, other, name_w), 0);
    EXPECT(SCardAddReaderToGroupA(context, "X<U+5361>", page->word), 0);
    EXPECT(SCardListReadersA(context, NULL, names, &size), 0);
    at = names + strlen(names) + 1;
    CHECK_MEM(at, expected, sizeof(expected));
    size = sizeof(names);
    char group[64] = "";
    memcpy(group, page->word, strlen(page->word));
    EXPECT(SCardListReadersA(context, group, names, &size), 0);
    CHECK_STR(names, "X<U+5361>");
    SCARDHANDLE card = new_card(context, "X<U+4F60>");
    size = sizeof(names);
    EXPECT(SCardStatusA(card, names, &size, NULL, NULL, NULL, NULL), 0);
    CHECK_STR(names, "X<U+4F60>");
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
}

static void check_card_types(void)
{
    static const BYTE mask[] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    char list[64] = "", names[64];
    DWORD size = sizeof(names);
    SCARD_READERSTATEA state = {.szReader = page->name};
    EXPECT(SCardIntroduceCardTypeW(context, word_w, NULL, NULL, 0, fake_atr, mask, 5), 0);
    memcpy(list, page->word, strlen(page->word));
    EXPECT(SCardLocateCardsA(context, list, &state, 1), 0);
    CHECK((state.dwEventState & SCARD_STATE_ATRMATCH) != 0);
    EXPECT(SCardListCardsA(context, NULL, NULL, 0, names, &size), 0);
    CHECK_STR(names, page->word);
    CHECK_EQ(size, strlen(page->word) + 2);
}
#endif

int main(void)
{
    for (unsigned i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
        if (pages[i].number == GetACP())
            page = &pages[i];
    if (page == NULL) {
        fprintf(stderr, "code page %u is not among the tested ones\n", GetACP());
        return 1;
    }
    setenv("WINSCARD_READERS", "fake:?cards=1&name=" NAME_URI, 1);
#ifdef WITH_DATABASE
    place_begin();
#endif
    context = new_context();
    check_list();
    check_card();
    check_other_names();
    check_cache();
#ifdef WITH_DATABASE
    check_introduced();
    check_card_types();
    place_end();
#endif
    EXPECT(SCardReleaseContext(context), 0);
    return check_result();
}
