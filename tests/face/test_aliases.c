/* SPDX-License-Identifier: BSD-2-Clause */
/* Names that were introduced for readers, in every call that takes or gives a reader's
 * name. Compiled for A and W, in this process, through the service and through a pcscd.
 */
#include "tests/face/two_readers.h"

#include <pthread.h>
#include <time.h>

/* 200 characters, and some that are not ASCII's. */
#define TEN       "0123456789"
#define FIFTY     TEN TEN TEN TEN TEN
#define LONG_NAME TEXT(FIFTY FIFTY FIFTY FIFTY " \u00E9\u00E9")

/* --- Introduced names --------------------------------------------------------------- */

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
    EXPECT(SCardGetDeviceTypeId(context, name, &type), 0);
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
           BAD_HANDLE);
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

/* --- A reader that goes and comes --------------------------------------------------- */

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
    CHECK_STR(list(SCARD_ALL_READERS), READER_0 "|Front|");
    /* A caller that knows it is not there waits for it. */
    CHECK_EQ(pthread_create(&thread, NULL, plug_later, NULL), 0);
    EXPECT(look(&state, TEXT("Back"), state.dwEventState, 5000), 0);
    CHECK((state.dwEventState & (SCARD_STATE_EMPTY | SCARD_STATE_CHANGED))
          == (SCARD_STATE_EMPTY | SCARD_STATE_CHANGED));
    pthread_join(thread, NULL);
    CHECK_STR(list(NULL), READER_0 "|" READER_1 "|Back|Front|");
}

/* A reader goes before an introduced name that is the same. */
static void check_same_name(void)
{
    SCARD_READERSTATE state = {.cbAtr = 0};
    unplug_second();
    while (strcmp(list(NULL), READER_0 "|Front|") != 0)
        ;
    EXPECT(SCardIntroduceReader(context, SECOND, FIRST), 0);
    CHECK_STR(list(NULL), READER_0 "|" READER_1 "|Front|");
    EXPECT(look(&state, SECOND, SCARD_STATE_UNAWARE, 0), 0);
    CHECK((state.dwEventState & SCARD_STATE_PRESENT) != 0); /* the first's card */
    SCARDHANDLE card = new_card(context, SECOND);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    plug_second();
    while (strcmp(list(NULL), READER_0 "|" READER_1 "|Back|Front|") != 0)
        ;
    EXPECT(look(&state, SECOND, SCARD_STATE_UNAWARE, 0), 0);
    CHECK((state.dwEventState & SCARD_STATE_EMPTY) != 0);
    EXPECT(look(&state, SECOND, SCARD_STATE_UNKNOWN, 0), 0); /* who was told otherwise */
    CHECK((state.dwEventState & SCARD_STATE_EMPTY) != 0);
#ifndef IN_PCSCD /* its fake does not look for the card */
    EXPECT(SCardConnect(context, SECOND, SCARD_SHARE_SHARED, T01, &card, NULL),
           SCARD_E_NO_SMARTCARD);
#endif
    EXPECT(SCardForgetReader(context, SECOND), 0);
}

int main(void)
{
    place_begin();
    begin_readers();
    context = new_context();
    EXPECT(SCardIntroduceReader(context, TEXT("Front"), FIRST), 0);
    EXPECT(SCardIntroduceReader(context, TEXT("Back"), TEXT(OTHER_NAME)), 0);
    EXPECT(SCardIntroduceReader(context, TEXT("Away"), TEXT("no such device")), 0);
    check_names();
    check_system_name();
    check_coming();
    check_same_name();
    EXPECT(SCardReleaseContext(context), 0);
    end_readers();
    place_end();
    return check_result();
}
