/* SPDX-License-Identifier: BSD-2-Clause */
/* Every call on the database and what goes with it, row by row: arguments, good and bad,
 * and the documented code. Compiled for A and W, in this process and through the service.
 * What the calls then do is told by test_database.c and test_groups.c. */
#include "tests/face/database_place.h"
#include "tests/face/face_test.h"

#define T(text)     TEXT(text)
#define FIRST       T(READER_0)
#define BAD_CONTEXT 0x1234
#define TEN         "0123456789"
#define FIFTY       TEN TEN TEN TEN TEN
#define TOO_LONG    T(FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY) /* for a registry's key */

static SCARDCONTEXT context, machine;
static SCARDHANDLE card;

static const GUID guids[65] = {{1, 2, 3, {4}}, {5, 6, 7, {8}}};
static const BYTE atr[37] = {0x3B, 0x02, 0x14, 0x00};
static const BYTE mask[37] = {0xFF, 0xFF, 0xFF, 0x00};
/* What no name can be. */
static const TCHAR *const bad_names[] = {NULL, T(""), TOO_LONG, T("a\\b"), T("a\x01z")};
enum { BAD_NAMES = sizeof(bad_names) / sizeof(bad_names[0]) };

/* --- Readers and groups ------------------------------------------------------------- */

static void check_reader_rows(void)
{
    for (unsigned i = 0; i < BAD_NAMES; i++)
        EXPECT(SCardIntroduceReader(context, bad_names[i], FIRST),
               SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardIntroduceReader(context, T("One"), NULL), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardIntroduceReader(context, T("One"), T("")), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardIntroduceReader(0, T("One"), FIRST), BAD_HANDLE);
    EXPECT(SCardIntroduceReader(BAD_CONTEXT, T("One"), FIRST), BAD_HANDLE);
    EXPECT(SCardIntroduceReader(context, FIRST, FIRST), SCARD_E_DUPLICATE_READER);
    EXPECT(SCardIntroduceReader(context, T("One"), FIRST), 0);
    EXPECT(SCardIntroduceReader(context, T("One"), FIRST), SCARD_E_DUPLICATE_READER);
    EXPECT(SCardIntroduceReader(context, T("oNE"), T("other")), SCARD_E_DUPLICATE_READER);
    EXPECT(SCardIntroduceReader(context, T("Two"), T("no such device")), 0);
    EXPECT(SCardForgetReader(context, NULL), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardForgetReader(context, T("")), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardForgetReader(0, T("Two")), BAD_HANDLE);
    EXPECT(SCardForgetReader(BAD_CONTEXT, T("Two")), BAD_HANDLE);
    EXPECT(SCardForgetReader(machine, T("Two")), SCARD_E_UNKNOWN_READER);
    EXPECT(SCardForgetReader(context, T("TWO")), 0);
    EXPECT(SCardForgetReader(context, T("Two")), SCARD_E_UNKNOWN_READER);
    EXPECT(SCardForgetReader(context, T("nobody")), SCARD_E_UNKNOWN_READER);
}

static void check_group_rows(void)
{
    static const TCHAR *const fixed[] = {T("SCard$AllReaders"), T("scard$localreaders"),
                                         T("SCard$SystemReaders"),
                                         T("SCard$ForgottenReaders")};
    for (unsigned i = 0; i < 3; i++)
        EXPECT(SCardIntroduceReaderGroup(context, bad_names[i]),
               SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardIntroduceReaderGroup(0, T("G")), 0); /* of the system's scope */
    EXPECT(SCardIntroduceReaderGroup(BAD_CONTEXT, T("G")), BAD_HANDLE);
    EXPECT(SCardIntroduceReaderGroup(context, T("G")), 0);
    EXPECT(SCardIntroduceReaderGroup(context, T("G")), 0); /* it left no record */
    for (unsigned i = 0; i < BAD_NAMES; i++) {
        EXPECT(SCardAddReaderToGroup(context, T("One"), bad_names[i]),
               SCARD_E_INVALID_PARAMETER);
        EXPECT(SCardForgetReaderGroup(context, bad_names[i]), SCARD_E_INVALID_PARAMETER);
    }
    for (unsigned i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        EXPECT(SCardAddReaderToGroup(context, T("One"), fixed[i]),
               SCARD_E_INVALID_PARAMETER);
        EXPECT(SCardRemoveReaderFromGroup(context, T("One"), fixed[i]),
               SCARD_E_INVALID_PARAMETER);
        EXPECT(SCardForgetReaderGroup(context, fixed[i]), SCARD_E_INVALID_PARAMETER);
    }
    EXPECT(SCardForgetReaderGroup(context, T("SCard$DefaultReaders")),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardAddReaderToGroup(context, T("One"), T("SCard$MyOwnGroup")), 0);
    EXPECT(SCardRemoveReaderFromGroup(context, T("One"), T("SCard$MyOwnGroup")), 0);
    EXPECT(SCardForgetReaderGroup(context, T("SCard$MyOwnGroup")), 0);
    EXPECT(SCardAddReaderToGroup(context, NULL, T("G")), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardAddReaderToGroup(context, T("nobody"), T("G")), SCARD_E_UNKNOWN_READER);
    EXPECT(SCardAddReaderToGroup(0, T("One"), T("G")), BAD_HANDLE);
    EXPECT(SCardAddReaderToGroup(BAD_CONTEXT, T("One"), T("G")), BAD_HANDLE);
    EXPECT(SCardAddReaderToGroup(context, T("One"), T("G")), 0);
    EXPECT(SCardAddReaderToGroup(context, T("One"), T("G")), 0);
    EXPECT(SCardAddReaderToGroup(context, FIRST, T("G")), 0);
    EXPECT(SCardRemoveReaderFromGroup(context, NULL, T("G")), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardRemoveReaderFromGroup(context, T("One"), NULL),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardRemoveReaderFromGroup(0, T("One"), T("G")), BAD_HANDLE);
    EXPECT(SCardRemoveReaderFromGroup(context, T("nobody"), T("G")),
           SCARD_E_UNKNOWN_READER);
    EXPECT(SCardRemoveReaderFromGroup(context, T("One"), T("H")), 0);
    EXPECT(SCardRemoveReaderFromGroup(context, T("ONE"), T("g")), 0);
    EXPECT(SCardForgetReaderGroup(0, T("G")), BAD_HANDLE);
    EXPECT(SCardForgetReaderGroup(BAD_CONTEXT, T("G")), BAD_HANDLE);
    EXPECT(SCardForgetReaderGroup(context, T("G")), 0);
    EXPECT(SCardForgetReaderGroup(context, T("G")), 0); /* gone as it is */
    EXPECT(SCardForgetReader(context, T("One")), 0);
}

static void check_reader_questions(void)
{
    static const TCHAR *const strangers[] = {T("nobody"), T(""), TOO_LONG};
    TCHAR text[256], device[256];
    BYTE icon[1024];
    DWORD size = 256, type;
    EXPECT(SCardGetReaderDeviceInstanceId(context, FIRST, device, &size), 0);
    for (unsigned i = 0; i < 3; i++) {
        size = 256;
        EXPECT(SCardGetReaderIcon(context, strangers[i], icon, &size),
               SCARD_E_UNKNOWN_READER);
        EXPECT(SCardGetDeviceTypeId(context, strangers[i], &type),
               SCARD_E_UNKNOWN_READER);
        EXPECT(SCardGetReaderDeviceInstanceId(context, strangers[i], text, &size),
               SCARD_E_UNKNOWN_READER);
        EXPECT(SCardListReadersWithDeviceInstanceId(context, strangers[i], text, &size),
               SCARD_E_NO_READERS_AVAILABLE);
    }
    EXPECT(SCardGetReaderIcon(context, NULL, icon, &size), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardGetReaderIcon(context, FIRST, icon, NULL), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardGetReaderIcon(BAD_CONTEXT, FIRST, icon, &size), BAD_HANDLE);
    EXPECT(SCardGetReaderIcon(context, FIRST, NULL, &size), 0);
    CHECK_EQ(size, 326);
    EXPECT(SCardGetDeviceTypeId(context, NULL, &type), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardGetDeviceTypeId(BAD_CONTEXT, FIRST, &type), BAD_HANDLE);
    EXPECT(SCardGetReaderDeviceInstanceId(context, NULL, text, &size),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardGetReaderDeviceInstanceId(BAD_CONTEXT, FIRST, text, &size), BAD_HANDLE);
    EXPECT(SCardListReadersWithDeviceInstanceId(context, NULL, text, &size),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardListReadersWithDeviceInstanceId(context, device, text, NULL),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardListReadersWithDeviceInstanceId(0, device, text, &size), BAD_HANDLE);
    EXPECT(SCardListReadersWithDeviceInstanceId(BAD_CONTEXT, device, text, &size),
           BAD_HANDLE);
    size = sizeof(READER_0);
    EXPECT(SCardListReadersWithDeviceInstanceId(context, device, text, &size),
           SCARD_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(size, sizeof(READER_0) + 1);
    EXPECT(SCardListReadersWithDeviceInstanceId(context, device, text, &size), 0);
}

/* --- Card types --------------------------------------------------------------------- */

static LONG introduce(SCARDCONTEXT where, LPCTSTR name, LPCGUID interfaces, DWORD count,
                      LPCBYTE bytes, LPCBYTE under, DWORD size)
{
    return SCardIntroduceCardType(where, name, &guids[0], interfaces, count, bytes, under,
                                  size);
}

static void check_introduce_rows(void)
{
    for (unsigned i = 0; i < BAD_NAMES; i++)
        EXPECT(introduce(context, bad_names[i], NULL, 0, atr, NULL, 4),
               SCARD_E_INVALID_PARAMETER);
    EXPECT(introduce(0, T("C"), NULL, 0, atr, NULL, 4), BAD_HANDLE);
    EXPECT(introduce(BAD_CONTEXT, T("C"), NULL, 0, atr, NULL, 4), BAD_HANDLE);
    EXPECT(introduce(context, T("C"), NULL, 0, NULL, NULL, 4), SCARD_E_INVALID_PARAMETER);
    EXPECT(introduce(context, T("C"), NULL, 0, atr, NULL, 0), SCARD_E_INVALID_PARAMETER);
    EXPECT(introduce(context, T("C"), NULL, 0, atr, NULL, 37), SCARD_E_INVALID_PARAMETER);
    EXPECT(introduce(context, T("C"), NULL, 1, atr, NULL, 4), SCARD_E_INVALID_PARAMETER);
    EXPECT(introduce(context, T("C"), guids, 65, atr, NULL, 4),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(introduce(context, T("C"), guids, 64, atr, NULL, 36), 0);
    EXPECT(introduce(context, T("c"), guids, 2, atr, mask, 4), ERROR_ALREADY_EXISTS);
    EXPECT(introduce(machine, T("C"), NULL, 0, atr, NULL, 4), 0); /* another scope's */
    EXPECT(SCardForgetCardType(machine, T("C")), 0);
    EXPECT(SCardForgetCardType(context, T("C")), 0);
    EXPECT(introduce(context, T("C"), guids, 2, atr, mask, 4), 0);
    EXPECT(introduce(context, T("D"), NULL, 0, atr, NULL, 1), 0);
    EXPECT(SCardForgetCardType(context, NULL), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardForgetCardType(context, T("")), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardForgetCardType(0, T("D")), BAD_HANDLE);
    EXPECT(SCardForgetCardType(BAD_CONTEXT, T("D")), BAD_HANDLE);
    EXPECT(SCardForgetCardType(machine, T("D")), SCARD_E_UNKNOWN_CARD);
    EXPECT(SCardForgetCardType(context, T("d")), 0);
    EXPECT(SCardForgetCardType(context, T("D")), SCARD_E_UNKNOWN_CARD);
}

static void check_list_rows(void)
{
    static const BYTE no_atr[2] = {0x12, 0x00};
    TCHAR text[16], *allocated = NULL;
    DWORD size = 16;
    GUID found[4], *some = NULL;
    EXPECT(SCardListCards(context, atr, NULL, 0, text, NULL), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardListCards(BAD_CONTEXT, atr, NULL, 0, text, &size), BAD_HANDLE);
    EXPECT(SCardListCards(context, no_atr, NULL, 0, text, &size), SCARD_E_INVALID_ATR);
    EXPECT(SCardListCards(context, NULL, guids, 65, text, &size),
           SCARD_E_INVALID_PARAMETER);
    size = 2;
    EXPECT(SCardListCards(context, atr, guids, 2, text, &size),
           SCARD_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(size, 3);
    EXPECT(SCardListCards(0, atr, guids, 2, text, &size), 0);
    CHECK(text[0] == 'C' && text[1] == 0 && text[2] == 0);
    size = SCARD_AUTOALLOCATE;
    EXPECT(SCardListCards(context, NULL, NULL, 0, (LPTSTR)&allocated, &size), 0);
    CHECK_EQ(size, 3);
    EXPECT(SCardFreeMemory(context, allocated), 0);
    size = 4;
    EXPECT(SCardListInterfaces(context, NULL, found, &size), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardListInterfaces(context, T("C"), found, NULL), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardListInterfaces(BAD_CONTEXT, T("C"), found, &size), BAD_HANDLE);
    EXPECT(SCardListInterfaces(context, T("X"), found, &size), SCARD_E_UNKNOWN_CARD);
    size = 1;
    EXPECT(SCardListInterfaces(context, T("C"), found, &size),
           SCARD_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(size, 2);
    EXPECT(SCardListInterfaces(0, T("C"), found, &size), 0);
    CHECK_MEM(found, guids, 2 * sizeof(guids[0]));
    size = SCARD_AUTOALLOCATE;
    EXPECT(SCardListInterfaces(context, T("C"), (LPGUID)&some, &size), 0);
    CHECK_MEM(some, guids, 2 * sizeof(guids[0]));
    EXPECT(SCardFreeMemory(context, some), 0);
}

static void check_provider_rows(void)
{
    TCHAR text[64];
    DWORD size = 64;
    GUID found;
    EXPECT(SCardGetProviderId(context, NULL, &found), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardGetProviderId(context, T("C"), NULL), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardGetProviderId(BAD_CONTEXT, T("C"), &found), BAD_HANDLE);
    EXPECT(SCardGetProviderId(context, T("X"), &found), SCARD_E_UNKNOWN_CARD);
    EXPECT(SCardSetCardTypeProviderName(BAD_CONTEXT, T("C"), SCARD_PROVIDER_CSP, T("P")),
           BAD_HANDLE);
    EXPECT(SCardGetProviderId(0, T("C"), &found), 0);
    CHECK_MEM(&found, &guids[0], sizeof(found));
    static const DWORD ids[] = {SCARD_PROVIDER_CSP, SCARD_PROVIDER_KSP,
                                SCARD_PROVIDER_CARD_MODULE};
    for (unsigned i = 0; i < 3; i++) {
        EXPECT(SCardGetCardTypeProviderName(context, T("C"), ids[i], text, &size),
               ERROR_FILE_NOT_FOUND); /* none so far */
        EXPECT(SCardSetCardTypeProviderName(0, T("C"), ids[i], T("P")),
               SCARD_E_UNKNOWN_CARD); /* not in the system's scope */
        EXPECT(SCardSetCardTypeProviderName(context, NULL, ids[i], T("P")),
               SCARD_E_INVALID_PARAMETER);
        EXPECT(SCardSetCardTypeProviderName(context, T("C"), ids[i], NULL),
               SCARD_E_INVALID_PARAMETER);
        EXPECT(SCardSetCardTypeProviderName(context, T("X"), ids[i], T("P")),
               SCARD_E_UNKNOWN_CARD);
        EXPECT(SCardSetCardTypeProviderName(machine, T("C"), ids[i], T("P")),
               SCARD_E_UNKNOWN_CARD);
        EXPECT(SCardSetCardTypeProviderName(context, T("C"), ids[i], T("P")), 0);
        size = 1;
        EXPECT(SCardGetCardTypeProviderName(context, T("C"), ids[i], text, &size),
               SCARD_E_INSUFFICIENT_BUFFER);
        CHECK_EQ(size, 2);
        EXPECT(SCardGetCardTypeProviderName(0, T("C"), ids[i], text, &size), 0);
        CHECK(text[0] == 'P' && text[1] == 0);
        EXPECT(SCardGetCardTypeProviderName(context, T("C"), ids[i], text, NULL),
               SCARD_E_INVALID_PARAMETER);
        EXPECT(SCardGetCardTypeProviderName(context, NULL, ids[i], text, &size),
               SCARD_E_INVALID_PARAMETER);
        EXPECT(SCardGetCardTypeProviderName(context, T("X"), ids[i], text, &size),
               SCARD_E_UNKNOWN_CARD);
        EXPECT(SCardGetCardTypeProviderName(BAD_CONTEXT, T("C"), ids[i], text, &size),
               BAD_HANDLE);
    }
    static const DWORD none[] = {0, 4, 0x80000000, 0x80000002};
    for (unsigned i = 0; i < 4; i++) {
        EXPECT(SCardGetCardTypeProviderName(context, T("C"), none[i], text, &size),
               SCARD_E_INVALID_PARAMETER);
        EXPECT(SCardSetCardTypeProviderName(context, T("C"), none[i], T("P")),
               SCARD_E_INVALID_PARAMETER);
    }
    EXPECT(SCardSetCardTypeProviderName(context, T("C"), SCARD_PROVIDER_PRIMARY,
                                        T("no GUID")),
           SCARD_E_INVALID_PARAMETER);
}

/* A user's context changes the user's card types alone: another's does not become the
 * user's, without what else it has. */
static void check_primary(void)
{
    static const TCHAR text_id[] = T("{00000005-0006-0007-0800-000000000000}");
    TCHAR text[64];
    DWORD size = 64;
    GUID found;
    EXPECT(SCardIntroduceCardType(machine, T("Theirs"), NULL, NULL, 0, atr, NULL, 4), 0);
    EXPECT(SCardGetProviderId(machine, T("Theirs"), &found), SCARD_E_INVALID_TARGET);
    EXPECT(SCardSetCardTypeProviderName(machine, T("Theirs"), SCARD_PROVIDER_CSP, T("P")),
           0);
    EXPECT(SCardSetCardTypeProviderName(context, T("Theirs"), SCARD_PROVIDER_PRIMARY,
                                        text_id),
           SCARD_E_UNKNOWN_CARD);
    EXPECT(SCardSetCardTypeProviderName(machine, T("theirs"), SCARD_PROVIDER_PRIMARY,
                                        text_id),
           0);
    EXPECT(SCardGetProviderId(context, T("Theirs"), &found), 0);
    CHECK_MEM(&found, &guids[1], sizeof(found));
    EXPECT(SCardGetCardTypeProviderName(context, T("Theirs"), SCARD_PROVIDER_PRIMARY,
                                        text, &size),
           0);
    CHECK_EQ(size, sizeof(text_id) / sizeof(text_id[0]));
    CHECK_MEM(text, text_id, sizeof(text_id));
    size = 64;
    EXPECT(SCardGetCardTypeProviderName(context, T("Theirs"), SCARD_PROVIDER_CSP, text,
                                        &size),
           0);
    EXPECT(SCardForgetCardType(machine, T("Theirs")), 0);
}

static void check_locate_rows(void)
{
    SCARD_READERSTATE states[2] = {{.szReader = FIRST}, {.szReader = T("nobody")}};
    SCARD_READERSTATE unnamed = {.szReader = NULL};
    SCARD_ATRMASK masks[2] = {{.cbAtr = 36}, {.cbAtr = 37}};
    EXPECT(SCardLocateCards(context, NULL, states, 1), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardLocateCards(context, T("C\0"), NULL, 1), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardLocateCards(context, T("C\0"), states, 4097), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardLocateCards(context, T("C\0"), &unnamed, 1), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardLocateCards(0, T("C\0"), states, 1), BAD_HANDLE);
    EXPECT(SCardLocateCards(BAD_CONTEXT, T("C\0"), states, 1), BAD_HANDLE);
    EXPECT(SCardLocateCards(context, T("C\0X\0"), states, 1), 0);
    EXPECT(SCardLocateCards(context, T("C\0"), states + 1, 1), SCARD_E_UNKNOWN_READER);
    EXPECT(SCardLocateCards(context, T("C\0"), states, 2), 0);
    CHECK((states[1].dwEventState & SCARD_STATE_UNKNOWN) != 0);
    EXPECT(SCardLocateCardsByATR(context, NULL, 1, states, 1), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardLocateCardsByATR(context, masks, 1, NULL, 1), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardLocateCardsByATR(context, masks, 2, states, 1),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardLocateCardsByATR(0, masks, 1, states, 1), BAD_HANDLE);
    EXPECT(SCardLocateCardsByATR(BAD_CONTEXT, masks, 1, states, 1), BAD_HANDLE);
    EXPECT(SCardLocateCardsByATR(context, masks, 1, states + 1, 1),
           SCARD_E_UNKNOWN_READER);
    EXPECT(SCardLocateCardsByATR(context, masks, 0, states, 1), 0);
    EXPECT(SCardLocateCardsByATR(context, masks, 1, states, 1), 0);
    CHECK((states[0].dwEventState & SCARD_STATE_ATRMATCH) == 0);
}

/* --- The rest ----------------------------------------------------------------------- */

static void check_state_rows(void)
{
    BYTE bytes[36], *allocated = NULL;
    DWORD state = 99, protocol = 99, size = sizeof(bytes);
    EXPECT(SCardState(0, &state, &protocol, bytes, &size), BAD_HANDLE);
    EXPECT(SCardState(BAD_CONTEXT, &state, &protocol, bytes, &size), BAD_HANDLE);
    EXPECT(SCardState(card, NULL, NULL, NULL, NULL), 0);
    EXPECT(SCardState(card, &state, &protocol, bytes, &size), 0);
    CHECK_EQ(state, SCARD_SPECIFIC);
    CHECK_EQ(protocol, SCARD_PROTOCOL_T0);
    CHECK_EQ(size, fake_atr_size);
    CHECK_MEM(bytes, fake_atr, fake_atr_size);
    size = 4;
    EXPECT(SCardState(card, NULL, NULL, bytes, &size), SCARD_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(size, fake_atr_size);
    EXPECT(SCardState(card, NULL, NULL, NULL, &size), 0);
    size = SCARD_AUTOALLOCATE;
    EXPECT(SCardState(card, NULL, NULL, (LPBYTE)&allocated, &size), 0);
    CHECK_EQ(size, fake_atr_size);
    CHECK_MEM(allocated, fake_atr, fake_atr_size);
    EXPECT(SCardFreeMemory(context, allocated), 0);
    EXPECT(SCardGetTransmitCount(0, &state), BAD_HANDLE);
    EXPECT(SCardGetTransmitCount(card, &state), 0);
    EXPECT(SCardAudit(context, SCARD_AUDIT_CHV_FAILURE), 0);
    EXPECT(SCardAudit(context, SCARD_AUDIT_CHV_SUCCESS), 0);
    EXPECT(SCardAudit(context, 2), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardAudit(0, SCARD_AUDIT_CHV_SUCCESS), BAD_HANDLE);
    EXPECT(SCardAudit(BAD_CONTEXT, SCARD_AUDIT_CHV_SUCCESS), BAD_HANDLE);
    EXPECT(ClassInstall32(0, NULL, NULL), 0xE000020E);
}

/* What became of a card is told with its code, as by SCardStatus. */
static void check_state_after(void)
{
    BYTE bytes[36];
    DWORD state = 99, active, size = sizeof(bytes);
    SCARDHANDLE other = new_card(context, FIRST);
    EXPECT(SCardReconnect(other, SCARD_SHARE_SHARED, T01, SCARD_RESET_CARD, &active), 0);
    EXPECT(SCardState(card, &state, NULL, bytes, &size), SCARD_W_RESET_CARD);
    CHECK_EQ(size, fake_atr_size);
    EXPECT(SCardDisconnect(other, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardReconnect(card, SCARD_SHARE_SHARED, T01, SCARD_LEAVE_CARD, &active), 0);
    fake_remove(0);
    EXPECT(SCardState(card, &state, NULL, NULL, NULL), SCARD_W_REMOVED_CARD);
    CHECK_EQ(state, SCARD_ABSENT);
    fake_insert(0);
}

/* Where there can be no database writing says so, and reading finds nothing. */
static void check_rights(void)
{
    TCHAR text[64];
    DWORD size = 64;
    char *home = getenv("HOME");
    if (home != NULL)
        home = strdup(home);
    place_take_away();
    const SCARDCONTEXT both[] = {context, machine};
    for (unsigned i = 0; i < 2; i++) {
        EXPECT(SCardIntroduceReader(both[i], T("One"), FIRST),
               SCARD_W_SECURITY_VIOLATION);
        EXPECT(SCardAddReaderToGroup(both[i], FIRST, T("G")), SCARD_W_SECURITY_VIOLATION);
        EXPECT(introduce(both[i], T("C"), NULL, 0, atr, NULL, 4),
               SCARD_W_SECURITY_VIOLATION);
        EXPECT(SCardForgetReader(both[i], T("One")), PLACE_TAKEN(SCARD_E_UNKNOWN_READER));
        EXPECT(SCardForgetReader(both[i], FIRST), SCARD_W_SECURITY_VIOLATION);
        EXPECT(SCardForgetCardType(both[i], T("C")), PLACE_TAKEN(SCARD_E_UNKNOWN_CARD));
        EXPECT(SCardForgetReaderGroup(both[i], T("G")), PLACE_TAKEN(0));
    }
    EXPECT(SCardListReaders(context, NULL, text, &size), 0);
    CHECK_EQ(size, 2 * sizeof(READER_0) + 1);
    size = 64;
    EXPECT(SCardListCards(context, NULL, NULL, 0, text, &size), 0);
    CHECK_EQ(size, 1);
    if (home != NULL)
        setenv("HOME", home, 1);
    free(home);
}

/* What is in a database that cannot be written stays. */
static void check_read_only(void)
{
    EXPECT(SCardIntroduceReader(machine, T("One"), FIRST), 0);
    EXPECT(SCardAddReaderToGroup(machine, T("One"), T("G")), 0);
    EXPECT(introduce(machine, T("C"), NULL, 0, atr, NULL, 4), 0);
    place_set_read_only(1);
    EXPECT(SCardForgetReader(machine, T("One")), SCARD_W_SECURITY_VIOLATION);
    EXPECT(SCardForgetReaderGroup(machine, T("G")), SCARD_W_SECURITY_VIOLATION);
    EXPECT(SCardRemoveReaderFromGroup(machine, T("One"), T("G")),
           SCARD_W_SECURITY_VIOLATION);
    EXPECT(SCardForgetCardType(machine, T("C")), SCARD_W_SECURITY_VIOLATION);
    EXPECT(SCardSetCardTypeProviderName(machine, T("C"), SCARD_PROVIDER_CSP, T("P")),
           SCARD_W_SECURITY_VIOLATION);
}

int main(void)
{
    place_begin();
    setenv("WINSCARD_READERS", "fake:?count=2&cards=1", 1);
    context = new_context();
    EXPECT(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &machine), 0);
    card = new_card(context, FIRST);
    check_reader_rows();
    check_group_rows();
    check_reader_questions();
    check_introduce_rows();
    check_list_rows();
    check_provider_rows();
    check_primary();
    check_locate_rows();
    check_state_rows();
    check_state_after();
    check_read_only();
    check_rights();
    EXPECT(SCardReleaseContext(machine), 0);
    EXPECT(SCardReleaseContext(context), 0);
    EXPECT(SCardReleaseContext(context), BAD_HANDLE);
    place_end();
    return check_result();
}
