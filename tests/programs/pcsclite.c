/* SPDX-License-Identifier: BSD-2-Clause */
/* A program of pcsc-lite's that shares one context among its threads, and one that looks
 * now and then. Which library it runs on is for LD_LIBRARY_PATH to say.
 *
 *     pcsclite threads      while one handle waits for another's transaction
 *     pcsclite look         a card that was put in while nobody looked
 *     pcsclite status       the same by SCardStatus
 *
 * It says what went wrong; what hangs is ended from outside. */
#include <pthread.h>
#include <reader.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <winscard.h>

enum {
    WAITING_US = 300000, /* by then the other thread is inside its call */
    TOUCH_CARD = 0x00312010
};

static SCARDCONTEXT context;
static char names[4096];
static const char *second_reader;
static int checks, failures;

static bool check(const char *what, const char *which, LONG got, LONG want)
{
    checks++;
    if (got == want)
        return true;
    failures++;
    printf("%s%s: %08lX, want %08lX\n", what, which, (unsigned long)got & 0xFFFFFFFFU,
           (unsigned long)want & 0xFFFFFFFFU);
    return false;
}

static SCARDHANDLE connect_reader(const char *reader, DWORD share, DWORD protocols)
{
    SCARDHANDLE card = 0;
    DWORD active;
    LONG result = SCardConnect(context, reader, share, protocols, &card, &active);
    if (!check("SCardConnect to ", reader, result, SCARD_S_SUCCESS))
        exit(1);
    return card;
}

static LONG transmit(SCARDHANDLE card)
{
    static const BYTE select_file[] = {0x00, 0xA4, 0x00, 0x0C, 0x02, 0x3F, 0x00};
    BYTE answer[258];
    DWORD size = sizeof(answer), active = 0, state, atr_size = 0;
    SCARD_IO_REQUEST pci = {SCARD_PROTOCOL_T1, sizeof(pci)};
    LONG result = SCardStatus(card, NULL, NULL, &state, &active, NULL, &atr_size);
    if (result != SCARD_S_SUCCESS)
        return result;
    pci.dwProtocol = active;
    return SCardTransmit(card, &pci, select_file, sizeof(select_file), NULL, answer,
                         &size);
}

static LONG control(SCARDHANDLE card)
{
    BYTE answer[16];
    DWORD size = 0;
    return SCardControl(card, CM_IOCTL_GET_FEATURE_REQUEST, NULL, 0, answer,
                        sizeof(answer), &size);
}

/* --- What waits --------------------------------------------------------------------- */

static LONG begin(SCARDHANDLE card)
{
    return SCardBeginTransaction(card);
}

static LONG reconnect(SCARDHANDLE card)
{
    DWORD active;
    return SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, SCARD_LEAVE_CARD,
                          &active);
}

static LONG come_and_go(SCARDHANDLE card)
{
    SCARDHANDLE other;
    DWORD active;
    (void)card;
    LONG result = SCardConnect(context, names, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY,
                               &other, &active);
    return result != SCARD_S_SUCCESS ? result : SCardDisconnect(other, SCARD_RESET_CARD);
}

struct wait {
    const char *name;
    LONG (*call)(SCARDHANDLE card);
    SCARDHANDLE card;
    LONG result;
};

static void *wait_for_turn(void *argument)
{
    struct wait *wait = argument;
    wait->result = wait->call(wait->card);
    return NULL;
}

/* The holder does its work and ends while the other thread waits, which then goes on. */
static void check_wait(SCARDHANDLE holder, SCARDHANDLE elsewhere, struct wait *wait)
{
    pthread_t thread;
    check("SCardBeginTransaction before ", wait->name, begin(holder), SCARD_S_SUCCESS);
    if (pthread_create(&thread, NULL, wait_for_turn, wait) != 0)
        exit(1);
    usleep(WAITING_US);
    check("SCardTransmit during ", wait->name, transmit(holder), SCARD_S_SUCCESS);
    if (second_reader != NULL) {
        LONG there = control(elsewhere);
        bool done = there == SCARD_S_SUCCESS || there == SCARD_E_UNSUPPORTED_FEATURE;
        check("another reader during ", wait->name, done ? 0 : there, SCARD_S_SUCCESS);
    }
    check("SCardEndTransaction during ", wait->name,
          SCardEndTransaction(holder, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
    pthread_join(thread, NULL);
    /* pcscd's clients are told at once that the reader is busy. */
    if (wait->call != control || wait->result != SCARD_E_SHARING_VIOLATION)
        check(wait->name, "", wait->result, SCARD_S_SUCCESS);
    if (wait->call == begin)
        check("SCardEndTransaction after ", wait->name,
              SCardEndTransaction(wait->card, SCARD_LEAVE_CARD), SCARD_S_SUCCESS);
}

static void check_threads(void)
{
    struct wait waits[] = {{"SCardBeginTransaction", begin, 0, 0},
                           {"SCardTransmit", transmit, 0, 0},
                           {"SCardReconnect", reconnect, 0, 0},
                           {"SCardControl", control, 0, 0},
                           {"SCardConnect and SCardDisconnect", come_and_go, 0, 0}};
    SCARDHANDLE holder = connect_reader(names, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY);
    SCARDHANDLE waiter = connect_reader(names, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY);
    SCARDHANDLE elsewhere = 0;
    if (second_reader != NULL)
        elsewhere = connect_reader(second_reader, SCARD_SHARE_DIRECT, 0);
    for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
        waits[i].card = waiter;
        check_wait(holder, elsewhere, &waits[i]);
    }
}

/* --- Looking ------------------------------------------------------------------------ */

/* Whether the card is in and its ATR known, by a look that waits for nothing. */
static bool look(void)
{
    SCARD_READERSTATE state;
    memset(&state, 0, sizeof(state));
    state.szReader = names;
    LONG result = SCardGetStatusChange(context, 0, &state, 1);
    return result == SCARD_S_SUCCESS && (state.dwEventState & SCARD_STATE_PRESENT) != 0
           && state.cbAtr > 0;
}

/* Has the card taken out and put in, and waits until that has happened. */
static void replug_card(void)
{
    static const uint32_t times_ms[2] = {1, 20};
    BYTE answer[8];
    DWORD size = 0;
    SCARDHANDLE card = connect_reader(names, SCARD_SHARE_DIRECT, 0);
    check("the card goes and comes", "",
          SCardControl(card, TOUCH_CARD, times_ms, sizeof(times_ms), answer,
                       sizeof(answer), &size),
          SCARD_S_SUCCESS);
    check("SCardDisconnect", "", SCardDisconnect(card, SCARD_LEAVE_CARD),
          SCARD_S_SUCCESS);
    sleep(1); /* nobody may look: so nothing tells when it is done */
}

static void check_look(void)
{
    check("the first look", "", look(), true);
    replug_card();
    check("a look at the next card", "", look(), true);
}

/* pcscd powers each card, so its clients find the ATR without connecting to it. */
static void check_status(void)
{
    DWORD state, active, atr_size = 33, name_size = sizeof(names);
    BYTE atr[33];
    char name[4096];
    replug_card();
    SCARDHANDLE card = connect_reader(names, SCARD_SHARE_DIRECT, 0);
    check("SCardStatus", "",
          SCardStatus(card, name, &name_size, &state, &active, atr, &atr_size),
          SCARD_S_SUCCESS);
    check("SCardStatus: the ATR", "", atr_size > 0 && (state & SCARD_PRESENT) != 0, true);
}

int main(int argc, char **argv)
{
    DWORD size = sizeof(names);
    (void)argc;
    if (!check("SCardEstablishContext", "",
               SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context),
               SCARD_S_SUCCESS)
        || !check("SCardListReaders", "", SCardListReaders(context, NULL, names, &size),
                  SCARD_S_SUCCESS))
        return 1;
    if (names[strlen(names) + 1] != '\0')
        second_reader = names + strlen(names) + 1;
    if (strcmp(argv[1], "threads") == 0)
        check_threads();
    else if (strcmp(argv[1], "look") == 0)
        check_look();
    else
        check_status();
    check("SCardReleaseContext", "", SCardReleaseContext(context), SCARD_S_SUCCESS);
    printf("%s: %d checks, %d failed\n", argv[1], checks, failures);
    return failures != 0;
}
