/* SPDX-License-Identifier: BSD-2-Clause */
/* Groups of readers in SCardListReaders and SCardListReaderGroups. Compiled for A and W,
 * in this process, through the service and through a pcscd; the database is the program's
 * own in all of them. */
#include "base/log.h"
#include "tests/face/two_readers.h"

#define DEFAULT "SCard$DefaultReaders"
#define ALL     "SCard$AllReaders"

static const char *groups(void)
{
    TCHAR names[1024];
    DWORD size = 1024;
    EXPECT(SCardListReaderGroups(context, names, &size), 0);
    return join(names);
}

static void check_groups(void)
{
    CHECK_STR(list(NULL), READER_0 "|" READER_1 "|");
    CHECK_STR(groups(), DEFAULT "|");
    EXPECT(SCardIntroduceReader(context, TEXT("Front"), FIRST), 0);
    EXPECT(SCardIntroduceReader(context, TEXT("Back"), TEXT(OTHER_NAME)), 0);
    EXPECT(SCardIntroduceReader(context, TEXT("Away"), TEXT("no such device")), 0);
    /* The reader of an introduced name is there, or else nobody lists it. */
    CHECK_STR(list(NULL), READER_0 "|" READER_1 "|Back|Front|");
    CHECK_STR(list(TEXT("")), READER_0 "|" READER_1 "|Back|Front|");
    CHECK_STR(list(SCARD_DEFAULT_READERS), READER_0 "|" READER_1 "|Back|Front|");
    CHECK_STR(list(SCARD_LOCAL_READERS), READER_0 "|" READER_1 "|Back|Front|");
    CHECK_STR(list(SCARD_SYSTEM_READERS), READER_0 "|" READER_1 "|Back|Front|");
    CHECK_STR(list(SCARD_ALL_READERS), READER_0 "|" READER_1 "|Back|Front|");
    CHECK_STR(groups(), DEFAULT "|");
    /* A group has who is in it; a name without case; several groups are joined. */
    EXPECT(SCardAddReaderToGroup(context, TEXT("Front"), TEXT("Desk")), 0);
    EXPECT(SCardAddReaderToGroup(context, TEXT("front"), TEXT("DESK")), 0);
    EXPECT(SCardAddReaderToGroup(context, TEXT("Away"), TEXT("Desk")), 0);
    EXPECT(SCardAddReaderToGroup(context, SECOND, TEXT("Desk")), 0);
    EXPECT(SCardAddReaderToGroup(context, TEXT("Front"), TEXT("Wall")), 0);
    EXPECT(SCardAddReaderToGroup(context, TEXT(OTHER_NAME), TEXT("Shelf")), 0);
    EXPECT(SCardAddReaderToGroup(context, TEXT("nobody"), TEXT("Desk")),
           SCARD_E_UNKNOWN_READER);
    CHECK_STR(groups(), DEFAULT "|Desk|Shelf|Wall|");
    CHECK_STR(list(TEXT("Desk\0")), READER_1 "|Front|");
    CHECK_STR(list(TEXT("deSK\0")), READER_1 "|Front|");
    CHECK_STR(list(TEXT("Shelf\0")), READER_1 "|"); /* by its other name */
    CHECK_STR(list(TEXT("Wall\0Desk\0")), READER_1 "|Front|");
    CHECK_STR(list(TEXT("Nobody\0")), "8010002E");
    CHECK_STR(list(TEXT("Nobody\0Wall\0")), "Front|");
    CHECK_STR(list(TEXT("Desk\0" ALL "\0")), READER_0 "|" READER_1 "|Back|Front|");
    CHECK_STR(list(TEXT("scard$defaultreaders\0Desk\0")),
              READER_0 "|" READER_1 "|Back|Front|");
}

/* Lists that are none: endless, and with names that no group can have. */
static void check_lists(void)
{
    static TCHAR endless[70000], long_name[302];
    DWORD size = 0;
    for (size_t i = 0; i < sizeof(endless) / sizeof(endless[0]); i++)
        endless[i] = i % 50 == 49 ? 0 : 'x';
    EXPECT(SCardListReaders(context, endless, NULL, &size), SCARD_E_INVALID_PARAMETER);
    for (size_t i = 0; i < 300; i++)
        long_name[i] = 'x';
    CHECK_STR(list(long_name), "8010002E");
    memcpy(long_name + 295, TEXT("\0Wall\0"), 7 * sizeof(TCHAR));
    CHECK_STR(list(long_name), "Front|");
}

/* Out of groups, and groups that are left without readers. */
static void check_leaving(void)
{
    EXPECT(SCardRemoveReaderFromGroup(context, TEXT("Front"), TEXT(DEFAULT)), 0);
    CHECK_STR(list(SCARD_DEFAULT_READERS), READER_0 "|" READER_1 "|Back|");
    CHECK_STR(list(NULL), READER_0 "|" READER_1 "|Back|Front|");
    EXPECT(SCardRemoveReaderFromGroup(context, FIRST, TEXT(DEFAULT)),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardRemoveReaderFromGroup(context, FIRST, TEXT("Desk")), 0); /* is out */
    EXPECT(SCardRemoveReaderFromGroup(context, TEXT("nobody"), TEXT("Desk")),
           SCARD_E_UNKNOWN_READER);
    EXPECT(SCardRemoveReaderFromGroup(context, TEXT("Front"), TEXT("Wall")), 0);
    CHECK_STR(list(TEXT("Wall\0")), "8010002E");
    CHECK_STR(groups(), DEFAULT "|Desk|Shelf|");
    EXPECT(SCardForgetReaderGroup(context, TEXT("Desk")), 0);
    EXPECT(SCardForgetReaderGroup(context, TEXT("Shelf")), 0);
    CHECK_STR(list(TEXT("Desk\0")), "8010002E");
    CHECK_STR(groups(), DEFAULT "|");
    CHECK_STR(list(NULL), READER_0 "|" READER_1 "|Back|Front|");
}

/* The user's records and the machine's are one, whoever asks. */
static void check_scopes(void)
{
    SCARDCONTEXT machine = 0;
    EXPECT(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &machine), 0);
    EXPECT(SCardIntroduceReader(machine, TEXT("Ours"), SECOND), 0);
    EXPECT(SCardIntroduceReader(machine, TEXT("Front"), SECOND),
           SCARD_E_DUPLICATE_READER);
    EXPECT(SCardAddReaderToGroup(machine, TEXT("Front"), TEXT("Desk")), 0);
    EXPECT(SCardAddReaderToGroup(machine, TEXT("Ours"), TEXT("Desk")), 0);
    EXPECT(SCardAddReaderToGroup(context, TEXT("Ours"), TEXT("Wall")), 0);
    CHECK_STR(list(TEXT("Desk\0")), "Front|Ours|");
    CHECK_STR(list(TEXT("Wall\0")), "Ours|");
    CHECK_STR(list(NULL), READER_0 "|" READER_1 "|Back|Front|Ours|");
    CHECK_STR(groups(), DEFAULT "|Wall|Desk|");
    EXPECT(SCardForgetReader(context, TEXT("Ours")), SCARD_E_UNKNOWN_READER);
    EXPECT(SCardForgetReader(machine, TEXT("Ours")), 0);
    EXPECT(SCardForgetReaderGroup(context, TEXT("Wall")), 0);
    EXPECT(SCardForgetReaderGroup(machine, TEXT("Desk")), 0);
    CHECK_STR(groups(), DEFAULT "|");
    EXPECT(SCardReleaseContext(machine), 0);
}

/* Microsoft's sample of SCardIntroduceReader renames a reader in two steps: another name
 * for its device, then its own name is forgotten. The device is still there by it. */
static void check_renaming(void)
{
    TCHAR system_name[128], text[256];
    DWORD size = sizeof(system_name);
    SCARDHANDLE card = new_card(context, FIRST);
    DWORD name = sizeof(TCHAR) == 1 ? SCARD_ATTR_DEVICE_SYSTEM_NAME_A
                                    : SCARD_ATTR_DEVICE_SYSTEM_NAME_W;
    EXPECT(SCardGetAttrib(card, name, (LPBYTE)system_name, &size), 0);
    EXPECT(SCardAddReaderToGroup(context, system_name, TEXT("Desk")), 0);
    EXPECT(SCardIntroduceReader(context, TEXT("Renamed"), system_name), 0);
    EXPECT(SCardForgetReader(context, system_name), 0);
    EXPECT(SCardForgetReader(context, system_name), SCARD_E_UNKNOWN_READER);
    CHECK_STR(list(NULL), READER_1 "|Back|Front|Renamed|");
    CHECK_STR(list(SCARD_DEFAULT_READERS), READER_1 "|Back|Renamed|");
    CHECK_STR(list(TEXT("Desk\0")), "8010002E");
    CHECK_STR(list(TEXT("SCard$ForgottenReaders\0")), "8010002E");
    CHECK_STR(groups(), DEFAULT "|");
    EXPECT(SCardAddReaderToGroup(context, system_name, TEXT("Desk")),
           SCARD_E_UNKNOWN_READER);
    size = 256;
    EXPECT(SCardGetReaderDeviceInstanceId(context, TEXT("Renamed"), text, &size), 0);
    if (text[0] != 0) { /* pcscd does not tell */
        TCHAR all[256];
        size = 256;
        EXPECT(SCardListReadersWithDeviceInstanceId(context, text, all, &size), 0);
        CHECK_STR(join(all), READER_0 "|Front|Renamed|");
    }
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    card = new_card(context, TEXT("Renamed"));
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardIntroduceReader(context, system_name, system_name), 0);
    CHECK_STR(list(NULL), READER_0 "|" READER_1 "|Back|Front|Renamed|");
    EXPECT(SCardForgetReader(context, system_name), 0); /* and once more */
    CHECK_STR(list(NULL), READER_1 "|Back|Front|Renamed|");
    EXPECT(SCardIntroduceReader(context, system_name, system_name), 0);
    EXPECT(SCardForgetReader(context, TEXT("Renamed")), 0);
}

/* A group without readers is not listed, the default one too. */
static void check_empty(void)
{
    DWORD size = 9;
    EXPECT(SCardForgetReader(context, FIRST), 0);
    CHECK_STR(groups(), DEFAULT "|");
    unplug_second();
    while (strcmp(groups(), "") != 0)
        pause_ms(2);
    CHECK_STR(list(NULL), "8010002E");
    EXPECT(SCardListReaderGroups(0, NULL, &size), 0);
    CHECK_EQ(size, 1);
    EXPECT(SCardIntroduceReader(context, TEXT("Away"), TEXT("no such device")), 0);
    CHECK_STR(groups(), DEFAULT "|"); /* it has a reader, though that is not there */
    EXPECT(SCardRemoveReaderFromGroup(context, TEXT("Away"), TEXT(DEFAULT)), 0);
    CHECK_STR(groups(), "");
    unplug(0);
    CHECK_STR(groups(), "");
}

static void check_buffers(void)
{
    static const TCHAR wanted[] = TEXT("Front\0");
    TCHAR text[64], *allocated = NULL;
    DWORD size = 0;
    EXPECT(SCardAddReaderToGroup(context, TEXT("Front"), TEXT("Desk")), 0);
    EXPECT(SCardListReaders(context, TEXT("Desk\0"), NULL, NULL),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardListReaders(context, TEXT("Desk\0"), NULL, &size), 0);
    CHECK_EQ(size, 7);
    size = 6;
    text[0] = 'x';
    EXPECT(SCardListReaders(context, TEXT("Desk\0"), text, &size),
           SCARD_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(size, 7);
    CHECK_EQ(text[0], 'x');
    EXPECT(SCardListReaders(context, TEXT("Desk\0"), text, &size), 0);
    CHECK_MEM(text, wanted, sizeof(wanted));
    size = SCARD_AUTOALLOCATE;
    EXPECT(SCardListReaders(0, TEXT("Desk\0"), (LPTSTR)&allocated, &size), 0);
    CHECK_EQ(size, 7);
    CHECK_MEM(allocated, wanted, sizeof(wanted));
    EXPECT(SCardFreeMemory(context, allocated), 0);
    EXPECT(SCardListReaders(0x1234, TEXT("Desk\0"), NULL, &size), BAD_HANDLE);
    size = 0;
    EXPECT(SCardListReaderGroups(0, NULL, &size), 0);
    CHECK_EQ(size, sizeof(DEFAULT) + sizeof("Desk") + 1);
    size--;
    EXPECT(SCardListReaderGroups(context, text, &size), SCARD_E_INSUFFICIENT_BUFFER);
    EXPECT(SCardListReaderGroups(context, text, &size), 0);
    CHECK_STR(join(text), DEFAULT "|Desk|");
    size = SCARD_AUTOALLOCATE;
    EXPECT(SCardListReaderGroups(context, (LPTSTR)&allocated, &size), 0);
    CHECK_STR(join(allocated), DEFAULT "|Desk|");
    EXPECT(SCardFreeMemory(context, allocated), 0);
    EXPECT(SCardListReaderGroups(context, text, NULL), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardListReaderGroups(0x1234, text, &size), BAD_HANDLE);
    EXPECT(SCardForgetReaderGroup(context, TEXT("Desk")), 0);
}

/* --- What it costs ------------------------------------------------------------------ */

static unsigned complaints;

static void count_complaints(enum log_level level, const char *line)
{
    (void)level;
    complaints += strstr(line, PLACE_COMPLAINT) != NULL;
}

/* A database that is damaged is complained of when it is opened: never for a reader that
 * is there. Nor is one made by looking. */
static void check_cost(void)
{
    SCARD_READERSTATE states[2] = {{.szReader = FIRST}, {.szReader = SECOND}};
    place_break();
    log_set_sink(count_complaints);
    log_set_level(LOG_ERROR);
    SCARDHANDLE card = new_card(context, FIRST);
    DWORD size = 0, type;
    EXPECT(SCardGetStatusChange(context, 0, states, 2), 0);
    states[0].dwCurrentState = states[0].dwEventState;
    states[1].dwCurrentState = states[1].dwEventState;
    EXPECT(SCardGetStatusChange(context, 10, states, 2), SCARD_E_TIMEOUT);
    EXPECT(SCardStatus(card, NULL, &size, NULL, NULL, NULL, NULL), 0);
    EXPECT(SCardGetDeviceTypeId(context, SECOND, &type), 0);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    CHECK_EQ(complaints, 0);
    /* Where it is asked for, reading goes on without it. */
    CHECK_STR(list(NULL), READER_0 "|" READER_1 "|");
    CHECK(complaints > 0);
    CHECK_STR(groups(), DEFAULT "|");
    EXPECT(SCardConnect(context, TEXT("Front"), SCARD_SHARE_SHARED, T01, &card, NULL),
           SCARD_E_UNKNOWN_READER);
    EXPECT(SCardIntroduceReader(context, TEXT("X"), FIRST), SCARD_F_INTERNAL_ERROR);
    log_set_level(LOG_OFF);
    log_set_sink(NULL);
    place_empty();
    CHECK_STR(list(NULL), READER_0 "|" READER_1 "|");
    CHECK_STR(groups(), DEFAULT "|");
    EXPECT(SCardForgetReader(context, TEXT("X")), SCARD_E_UNKNOWN_READER);
    CHECK(place_is_empty());
}

int main(void)
{
    place_begin();
    begin_readers();
    context = new_context();
    check_groups();
    check_lists();
    check_leaving();
    check_scopes();
    check_buffers();
    check_renaming();
    check_cost();
    check_empty();
    EXPECT(SCardReleaseContext(context), 0);
    end_readers();
    place_end();
    return check_result();
}
