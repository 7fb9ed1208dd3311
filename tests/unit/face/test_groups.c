/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the database meets the readers: groups and introduced names in every call that
 * takes or gives the name of a reader. Compiled for A and W, in this process, through the
 * service and through a pcscd; the database is the program's own in all of them. */
#include "base/log.h"
#include "tests/unit/face/database_place.h"
#include "tests/unit/face/face_test.h"

#include <pthread.h>
#include <time.h>
#ifdef IN_PCSCD
#include "pcscd_setup.h"
#undef READER_0
#undef READER_1
#define READER_0   "Acme Reader 0"
#define READER_1   "Acme Reader 1"
#define OTHER_NAME "Acme Reader [CCID] (0816) 01 00" /* of reader 1, with pcsc-lite */
#else
#define OTHER_NAME "Fake Reader 01 00"
#endif

#define FIRST   TEXT(READER_0)
#define SECOND  TEXT(READER_1)
#define DEFAULT "SCard$DefaultReaders"
#define ALL     "SCard$AllReaders"
/* 200 characters, and some that are not ASCII's. */
#define TEN       "0123456789"
#define FIFTY     TEN TEN TEN TEN TEN
#define LONG_NAME TEXT(FIFTY FIFTY FIFTY FIFTY " \u00E9\u00E9")

static SCARDCONTEXT context;

/* --- The carrier's readers ------------------------------------------------------------
 */

#ifdef IN_PCSCD
static struct fake_pcscd *fake_daemon;

static void begin_readers(void)
{
    set_up();
    setenv("WINSCARD_CARRIER", "pcscd", 1);
    fake_daemon = start_fake(4);
}

static void end_readers(void)
{
    fake_stop(fake_daemon);
    rmdir(directory);
}

static void unplug_second(void)
{
    fake_reader(fake_daemon, 1, "", 0, 0, 0, NULL, 0);
}

static void plug_second(void)
{
    fake_reader(fake_daemon, 1, OTHER_NAME, ABSENT, 0, 0, NULL, 0);
}
#else
static void begin_readers(void)
{
    setenv("WINSCARD_READERS", "fake:?count=2&cards=1", 1);
}

static void end_readers(void)
{
}

static void unplug_second(void)
{
    fake_unplug(1);
}

static void plug_second(void)
{
    fake_plug(1);
}
#endif

/* --- Lists ----------------------------------------------------------------------------
 */

/* A multi-string of ASCII as one text: "a|b|". */
static const char *join(const TCHAR *list)
{
    static char text[1024];
    size_t size = 0;
    for (size_t i = 0; list[i] != 0 || (i > 0 && list[i - 1] != 0); i++)
        if (size < sizeof(text) - 1)
            text[size++] = list[i] == 0 ? '|' : (char)list[i];
    text[size] = '\0';
    return text;
}

/* What SCardListReaders gives, or its error as a number. */
static const char *list(const TCHAR *groups)
{
    static char text[16];
    TCHAR readers[1024];
    DWORD size = 1024;
    LONG error = SCardListReaders(context, groups, readers, &size);
    if (error == 0)
        return join(readers);
    snprintf(text, sizeof(text), "%08X", (unsigned)error);
    return text;
}

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
    /* The reader of an introduced name is there, or else All alone has it. */
    CHECK_STR(list(NULL), READER_0 "|" READER_1 "|Back|Front|");
    CHECK_STR(list(TEXT("")), READER_0 "|" READER_1 "|Back|Front|");
    CHECK_STR(list(SCARD_DEFAULT_READERS), READER_0 "|" READER_1 "|Back|Front|");
    CHECK_STR(list(SCARD_LOCAL_READERS), READER_0 "|" READER_1 "|Back|Front|");
    CHECK_STR(list(SCARD_SYSTEM_READERS), READER_0 "|" READER_1 "|Back|Front|");
    CHECK_STR(list(SCARD_ALL_READERS), READER_0 "|" READER_1 "|Away|Back|Front|");
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
    CHECK_STR(list(TEXT("Desk\0" ALL "\0")), READER_0 "|" READER_1 "|Away|Back|Front|");
    CHECK_STR(list(TEXT("scard$defaultreaders\0Desk\0")),
              READER_0 "|" READER_1 "|Back|Front|");
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
    EXPECT(SCardListReaders(0x1234, TEXT("Desk\0"), NULL, &size), SCARD_E_INVALID_HANDLE);
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
    EXPECT(SCardListReaderGroups(0x1234, text, &size), SCARD_E_INVALID_HANDLE);
    EXPECT(SCardForgetReaderGroup(context, TEXT("Desk")), 0);
}

/* --- Introduced names -----------------------------------------------------------------
 */

static LONG look(SCARD_READERSTATE *state, LPCTSTR name, DWORD current, DWORD timeout)
{
    state->szReader = name;
    state->dwCurrentState = current;
    return SCardGetStatusChange(context, timeout, state, 1);
}

static void check_connect(LPCTSTR name, const char *names)
{
    SCARDHANDLE card = new_card(context, name), own = new_card(context, FIRST);
    TCHAR text[512], *allocated = NULL;
    DWORD size = 512, active;
    EXPECT(SCardStatus(card, text, &size, NULL, NULL, NULL, NULL), 0);
    if (names != NULL)
        CHECK_STR(join(text), names);
    CHECK_EQ(text[size - 1], 0);
    CHECK_EQ(text[size - 2], 0);
    DWORD small = size - 1;
    EXPECT(SCardStatus(card, text, &small, NULL, NULL, NULL, NULL),
           SCARD_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(small, size);
    small = SCARD_AUTOALLOCATE;
    EXPECT(SCardStatus(card, (LPTSTR)&allocated, &small, NULL, NULL, NULL, NULL), 0);
    CHECK_EQ(small, size);
    CHECK_MEM(allocated, text, size * sizeof(text[0]));
    EXPECT(SCardFreeMemory(context, allocated), 0);
    size = 512;
    EXPECT(SCardStatus(own, text, &size, NULL, NULL, NULL, NULL), 0);
    CHECK_STR(join(text), READER_0 "|");
#ifndef IN_PCSCD /* its fake does not look at who shares */
    SCARDHANDLE none = 1;
    EXPECT(SCardConnect(context, name, SCARD_SHARE_EXCLUSIVE, T01, &none, &active),
           SCARD_E_SHARING_VIOLATION);
    CHECK_EQ(none, 0);
#endif
    EXPECT(SCardReconnect(card, SCARD_SHARE_SHARED, T01, SCARD_LEAVE_CARD, &active), 0);
    EXPECT(SCardDisconnect(card, 9), SCARD_E_INVALID_VALUE);
    size = 0;
    EXPECT(SCardStatus(card, NULL, &size, NULL, NULL, NULL, NULL), 0);
    CHECK_EQ(size, small);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardDisconnect(own, SCARD_LEAVE_CARD), 0);
}

static void check_states(LPCTSTR name)
{
    SCARD_READERSTATE states[3] = {{.szReader = name}};
    EXPECT(look(&states[0], name, SCARD_STATE_UNAWARE, 0), 0);
    CHECK((states[0].dwEventState & SCARD_STATE_PRESENT) != 0);
    CHECK((states[0].dwEventState & SCARD_STATE_CHANGED) != 0);
    CHECK(states[0].cbAtr > 0);
    CHECK(states[0].szReader == name);
    DWORD seen = states[0].dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    EXPECT(look(&states[0], name, seen, 0), SCARD_E_TIMEOUT);
    CHECK_EQ(states[0].dwEventState, seen);
    EXPECT(look(&states[0], name, seen, 20), SCARD_E_TIMEOUT);
    EXPECT(look(&states[0], name, SCARD_STATE_EMPTY, INFINITE), 0);
    /* By its own name, by the other one, and one that nobody knows. */
    states[1].szReader = FIRST;
    states[2].szReader = TEXT("nobody");
    states[0].dwCurrentState = SCARD_STATE_UNAWARE;
    EXPECT(SCardGetStatusChange(context, INFINITE, states, 3), 0);
    CHECK_EQ(states[0].dwEventState, states[1].dwEventState);
    CHECK((states[2].dwEventState & SCARD_STATE_UNKNOWN) != 0);
    EXPECT(look(&states[0], TEXT("Away"), SCARD_STATE_UNAWARE, INFINITE),
           SCARD_E_UNKNOWN_READER);
    CHECK_EQ(states[0].dwEventState,
             SCARD_STATE_UNKNOWN | SCARD_STATE_CHANGED | SCARD_STATE_IGNORE);
    EXPECT(look(&states[0], name, SCARD_STATE_IGNORE, 0), 0);
}

static void check_locate(LPCTSTR name)
{
    SCARD_READERSTATE states[2] = {{.szReader = FIRST}, {.szReader = name}};
    SCARD_ATRMASK mask = {0};
    EXPECT(SCardGetStatusChange(context, 0, states, 1), 0);
    mask.cbAtr = states[0].cbAtr;
    memcpy(mask.rgbAtr, states[0].rgbAtr, states[0].cbAtr);
    memset(mask.rgbMask, 0xFF, sizeof(mask.rgbMask));
    EXPECT(SCardIntroduceCardType(context, TEXT("Card"), NULL, NULL, 0, mask.rgbAtr, NULL,
                                  mask.cbAtr),
           0);
    EXPECT(SCardLocateCards(context, TEXT("Card\0"), states, 2), 0);
    CHECK((states[0].dwEventState & SCARD_STATE_ATRMATCH) != 0);
    CHECK((states[1].dwEventState & SCARD_STATE_ATRMATCH) != 0);
    EXPECT(SCardLocateCardsByATR(context, &mask, 1, states + 1, 1), 0);
    CHECK((states[1].dwEventState & SCARD_STATE_ATRMATCH) != 0);
    mask.rgbAtr[0] ^= 4;
    EXPECT(SCardLocateCardsByATR(context, &mask, 1, states + 1, 1), 0);
    CHECK((states[1].dwEventState & SCARD_STATE_ATRMATCH) == 0);
    EXPECT(SCardForgetCardType(context, TEXT("Card")), 0);
}

static void check_devices(LPCTSTR name)
{
    TCHAR own[128], device[128], text[1024];
    DWORD own_size = 128, size = 128, own_type = 0, type = 0;
    BYTE icon[1024];
    EXPECT(SCardGetReaderDeviceInstanceId(context, FIRST, own, &own_size), 0);
    EXPECT(SCardGetReaderDeviceInstanceId(context, name, device, &size), 0);
    CHECK_EQ(size, own_size);
    CHECK_MEM(own, device, size * sizeof(own[0]));
    size = 1024;
    LONG error = SCardListReadersWithDeviceInstanceId(context, device, text, &size);
    if (device[0] == 0) { /* pcscd does not tell */
        EXPECT(error, SCARD_E_NO_READERS_AVAILABLE);
    } else {
        EXPECT(error, 0);
        CHECK_STR(join(text), READER_0 "|Front|");
    }
    EXPECT(SCardGetDeviceTypeId(context, FIRST, &own_type), 0);
    EXPECT(SCardGetDeviceTypeId(0, name, &type), 0);
    CHECK_EQ(type, own_type);
    size = sizeof(icon);
    EXPECT(SCardGetReaderIcon(context, name, icon, &size), 0);
    size = sizeof(icon);
    EXPECT(SCardGetReaderIcon(context, TEXT("Away"), icon, &size),
           SCARD_E_UNKNOWN_READER);
}

/* What a reader's device is called, it says itself. */
static void check_system_name(void)
{
    SCARDHANDLE card = new_card(context, FIRST);
    TCHAR device[128];
    DWORD size = sizeof(device);
    EXPECT(SCardGetAttrib(card, SCARD_ATTR_DEVICE_SYSTEM_NAME, (LPBYTE)device, &size), 0);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardIntroduceReader(context, TEXT("By device"), device), 0);
    check_connect(TEXT("By device"), "By device|" READER_0 "|");
    EXPECT(SCardForgetReader(context, TEXT("By device")), 0);
}

static void check_names(void)
{
    SCARDHANDLE card;
    EXPECT(SCardIntroduceReader(context, LONG_NAME, FIRST), 0);
    check_connect(TEXT("Front"), "Front|" READER_0 "|");
    check_connect(TEXT("fRONT"), "fRONT|" READER_0 "|");
    check_connect(LONG_NAME, NULL);
    EXPECT(SCardConnect(context, TEXT("Away"), SCARD_SHARE_SHARED, T01, &card, NULL),
           SCARD_E_UNKNOWN_READER);
    EXPECT(SCardConnect(0x1234, TEXT("Front"), SCARD_SHARE_SHARED, T01, &card, NULL),
           SCARD_E_INVALID_HANDLE);
    check_states(TEXT("Front"));
    check_states(LONG_NAME);
    check_locate(TEXT("Front"));
    EXPECT(SCardForgetReader(context, LONG_NAME), 0);
    check_devices(TEXT("Front"));
    EXPECT(SCardConnect(context, LONG_NAME, SCARD_SHARE_SHARED, T01, &card, NULL),
           SCARD_E_UNKNOWN_READER);
    /* A handle outlives the name it was connected by. */
    EXPECT(SCardIntroduceReader(context, TEXT("Brief"), FIRST), 0);
    card = new_card(context, TEXT("Brief"));
    EXPECT(SCardForgetReader(context, TEXT("Brief")), 0);
    EXPECT(command(card), 0);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
}

/* --- A reader that goes and comes -----------------------------------------------------
 */

static void *plug_later(void *unused)
{
    const struct timespec pause = {0, 50 * 1000 * 1000};
    (void)unused;
    nanosleep(&pause, NULL);
    plug_second();
    return NULL;
}

static void *unplug_later(void *unused)
{
    const struct timespec pause = {0, 50 * 1000 * 1000};
    (void)unused;
    nanosleep(&pause, NULL);
    unplug_second();
    return NULL;
}

static void check_coming(void)
{
    SCARD_READERSTATE state = {.cbAtr = 0};
    pthread_t thread;
    EXPECT(look(&state, TEXT("Back"), SCARD_STATE_UNAWARE, 0), 0);
    CHECK((state.dwEventState & SCARD_STATE_EMPTY) != 0 || state.cbAtr > 0);
    CHECK_EQ(pthread_create(&thread, NULL, unplug_later, NULL), 0);
    EXPECT(look(&state, TEXT("Back"), state.dwEventState, 5000), 0);
    CHECK_EQ(state.dwEventState & 0xFFFF,
             SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE | SCARD_STATE_CHANGED);
    pthread_join(thread, NULL);
    CHECK_STR(list(NULL), READER_0 "|Front|");
    CHECK_STR(list(SCARD_ALL_READERS), READER_0 "|Away|Back|Front|");
    /* A caller that knows it is not there waits for it. */
    CHECK_EQ(pthread_create(&thread, NULL, plug_later, NULL), 0);
    EXPECT(look(&state, TEXT("Back"), state.dwEventState, 5000), 0);
    CHECK((state.dwEventState & (SCARD_STATE_EMPTY | SCARD_STATE_CHANGED))
          == (SCARD_STATE_EMPTY | SCARD_STATE_CHANGED));
    pthread_join(thread, NULL);
    CHECK_STR(list(NULL), READER_0 "|" READER_1 "|Back|Front|");
}

/* --- What it costs --------------------------------------------------------------------
 */

static unsigned complaints;

static void count_complaints(enum log_level level, const char *line)
{
    (void)level;
    complaints += strstr(line, "database") != NULL;
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
    check_leaving();
    check_scopes();
    check_buffers();
    check_names();
    check_system_name();
    check_coming();
    check_cost();
    EXPECT(SCardReleaseContext(context), 0);
    end_readers();
    place_end();
    return check_result();
}
