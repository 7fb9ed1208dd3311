/* SPDX-License-Identifier: BSD-2-Clause */
/* session.exe WHAT: a Windows program with a card of the software reader.
 *   all           a session by A and one by W, on the program's own stack and on a small one
 *   hold          has the card in a transaction, and says "held", until its input ends
 *   watch         says "card", "no card" as it comes and goes, until the reader is "gone"
 *   share COUNT   so many transactions that no other program may come between */
#include "winscard.h"

#include "tests/support/check.h"

#include <stdbool.h>
#include <stdlib.h>
#include <windows.h>

enum { SMALL_STACK = 64 * 1024 };

static SCARDCONTEXT context;

static const BYTE select_application[] = {0x00, 0xA4, 0x04, 0x0C, 0x05,
                                          0xF0, 0x53, 0x4F, 0x46, 0x54};

/* The last two bytes of the answer, 0 for none. */
static unsigned command(SCARDHANDLE card, DWORD active, const BYTE *bytes, DWORD size)
{
    BYTE answer[300];
    DWORD room = sizeof(answer);
    LONG status =
        SCardTransmit(card, active == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1,
                      bytes, size, NULL, answer, &room);
    CHECK_EQ((uint32_t)status, 0);
    return status == 0 && room >= 2 ? (unsigned)answer[room - 2] << 8 | answer[room - 1]
                                    : 0;
}

static void session_a(void)
{
    char names[256] = "", own[256] = "";
    DWORD size = sizeof(names), own_size = sizeof(own), active, state, atr_size = 36;
    BYTE atr[36];
    SCARDHANDLE card;
    SCARD_READERSTATEA watched = {.szReader = names};
    CHECK_EQ(SCardListReadersA(context, NULL, names, &size), 0);
    CHECK_EQ(SCardGetStatusChangeA(context, 0, &watched, 1), 0);
    CHECK((watched.dwEventState & SCARD_STATE_PRESENT) != 0);
    CHECK_EQ(SCardConnectA(context, names, SCARD_SHARE_SHARED,
                           SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &active),
             0);
    CHECK_EQ(SCardStatusA(card, own, &own_size, &state, &active, atr, &atr_size), 0);
    CHECK_STR(own, names);
    CHECK_EQ(atr_size, watched.cbAtr);
    CHECK_MEM(atr, watched.rgbAtr, atr_size);
    CHECK_EQ(command(card, active, select_application, sizeof(select_application)),
             0x9000);
    CHECK_EQ(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
}

static void session_w(void)
{
    LPWSTR names = NULL;
    DWORD size = SCARD_AUTOALLOCATE, active;
    SCARDHANDLE card;
    CHECK_EQ(SCardListReadersW(context, NULL, (LPWSTR)&names, &size), 0);
    CHECK(names != NULL && size > 2);
    CHECK_EQ(SCardConnectW(context, names, SCARD_SHARE_EXCLUSIVE,
                           SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &active),
             0);
    CHECK_EQ(command(card, active, select_application, sizeof(select_application)),
             0x9000);
    CHECK_EQ(SCardDisconnect(card, SCARD_RESET_CARD), 0);
    CHECK_EQ(SCardFreeMemory(context, names), 0);
}

static DWORD WINAPI run_all(LPVOID argument)
{
    (void)argument;
    session_a();
    session_w();
    CHECK_EQ(WaitForSingleObject(SCardAccessStartedEvent(), 0), WAIT_OBJECT_0);
    SCardReleaseStartedEvent();
    CHECK_EQ(WaitForSingleObject(SCardAccessStartedEvent(), 0), WAIT_OBJECT_0);
    SCardReleaseAllEvents();
    return 0;
}

static void run_on_small_stack(void)
{
    HANDLE thread = CreateThread(NULL, SMALL_STACK, run_all, NULL,
                                 STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    CHECK(thread != NULL);
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CloseHandle(thread);
}

static SCARDHANDLE connect_first(DWORD *active)
{
    char names[256] = "";
    DWORD size = sizeof(names);
    SCARDHANDLE card = 0;
    CHECK_EQ(SCardListReadersA(context, NULL, names, &size), 0);
    CHECK_EQ(SCardConnectA(context, names, SCARD_SHARE_SHARED,
                           SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, active),
             0);
    return card;
}

static void hold(void)
{
    DWORD active;
    SCARDHANDLE card = connect_first(&active);
    CHECK_EQ(SCardBeginTransaction(card), 0);
    printf("held\n");
    fflush(stdout);
    while (getchar() != EOF)
        ;
    CHECK_EQ(SCardEndTransaction(card, SCARD_LEAVE_CARD), 0);
    CHECK_EQ(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
}

static void watch(void)
{
    const DWORD gone = SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE | SCARD_STATE_IGNORE;
    char names[256] = "";
    DWORD size = sizeof(names);
    SCARD_READERSTATEA reader = {.szReader = names};
    CHECK_EQ(SCardListReadersA(context, NULL, names, &size), 0);
    do {
        CHECK_EQ(SCardGetStatusChangeA(context, INFINITE, &reader, 1), 0);
        reader.dwCurrentState = reader.dwEventState;
        printf("%s\n", (reader.dwEventState & gone) != 0                  ? "gone"
                       : (reader.dwEventState & SCARD_STATE_PRESENT) != 0 ? "card"
                                                                          : "no card");
        fflush(stdout);
    } while ((reader.dwEventState & gone) == 0);
}

/* The card has been reset by a program that was killed: that is told once. */
static LONG begin(SCARDHANDLE card, DWORD *active)
{
    LONG status = SCardBeginTransaction(card);
    if (status != SCARD_W_RESET_CARD)
        return status;
    CHECK_EQ(SCardReconnect(card, SCARD_SHARE_SHARED,
                            SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, SCARD_LEAVE_CARD,
                            active),
             0);
    return SCardBeginTransaction(card);
}

/* Nobody else's command comes between: the card's count goes up by ours alone. */
static void share(unsigned count)
{
    DWORD active, before, after;
    SCARDHANDLE card = connect_first(&active);
    for (unsigned i = 0; i < count; i++) {
        CHECK_EQ(begin(card, &active), 0);
        CHECK_EQ(SCardGetTransmitCount(card, &before), 0);
        for (unsigned j = 0; j < 3; j++)
            CHECK_EQ(
                command(card, active, select_application, sizeof(select_application)),
                0x9000);
        CHECK_EQ(SCardGetTransmitCount(card, &after), 0);
        CHECK_EQ(after - before, 3);
        CHECK_EQ(SCardEndTransaction(card, SCARD_LEAVE_CARD), 0);
    }
    CHECK_EQ(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    CHECK_EQ(SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context), 0);
    if (strcmp(what, "all") == 0) {
        run_all(NULL);
        run_on_small_stack();
    } else if (strcmp(what, "hold") == 0) {
        hold();
    } else if (strcmp(what, "watch") == 0) {
        watch();
    } else if (strcmp(what, "share") == 0 && argc == 3) {
        share((unsigned)strtoul(argv[2], NULL, 10));
    } else {
        return 2;
    }
    CHECK_EQ(SCardReleaseContext(context), 0);
    return check_result();
}
