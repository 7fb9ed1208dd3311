/* SPDX-License-Identifier: BSD-2-Clause */
/* An ordinary Windows program: it shows that such a source compiles here unchanged, with
 * and without UNICODE, and talks to a card. Written along MS-Docs "Smart Card Functions".
 *
 *   windows_sample [SECONDS]    waits that long for a card, 0 by default
 *
 * Exit code: 0 a card answered, 2 there is no reader or no card, 1 anything else. */
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>

#include <winscard.h>

#define EXIT_NO_CARD 2
#define MAX_READERS  16

/* SELECT by identifier of the master file, ISO/IEC 7816-4:2013, 11.1.1. */
static const BYTE select_mf[] = {0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00};

/* Text of either encoding; what is not ASCII shows as a question mark. */
static void print_text(LPCTSTR text)
{
    for (; *text != 0; text++)
        putchar(*text > 0 && *text < 0x7f ? (int)*text : '?');
}

static void print_bytes(const char *what, const BYTE *bytes, DWORD length)
{
    DWORD i;

    printf("%s", what);
    for (i = 0; i < length; i++)
        printf(" %02X", bytes[i]);
    printf("\n");
}

static BOOL report(const char *call, LONG result)
{
    if (result == SCARD_S_SUCCESS)
        return TRUE;
    fprintf(stderr, "%s: 0x%08lX\n", call, (unsigned long)(DWORD)result);
    return FALSE;
}

/* One entry for each name of the multi-string, at most MAX_READERS; how many. */
static DWORD fill_states(LPCTSTR names, SCARD_READERSTATE *states)
{
    DWORD count = 0;

    ZeroMemory(states, MAX_READERS * sizeof(states[0]));
    while (*names != 0 && count < MAX_READERS) {
        states[count].szReader = names;
        states[count].dwCurrentState = SCARD_STATE_UNAWARE;
        count++;
        while (*names != 0)
            names++;
        names++;
    }
    return count;
}

/* The first reader with a card, waiting for one if need be; NULL if none comes. */
static LPCTSTR find_card(SCARDCONTEXT context, LPCTSTR names, DWORD timeout_ms)
{
    SCARD_READERSTATE states[MAX_READERS];
    DWORD count = fill_states(names, states);
    DWORD i;
    LONG result;
    int round;

    for (round = 0; round < 2; round++) {
        result =
            SCardGetStatusChange(context, round == 0 ? 0 : timeout_ms, states, count);
        if (result == SCARD_E_TIMEOUT)
            return NULL;
        if (!report("SCardGetStatusChange", result))
            return NULL;
        for (i = 0; i < count; i++) {
            print_text(states[i].szReader);
            printf(": state 0x%08lX\n", (unsigned long)states[i].dwEventState);
            if (states[i].dwEventState & SCARD_STATE_PRESENT)
                return states[i].szReader;
            states[i].dwCurrentState = states[i].dwEventState;
        }
    }
    return NULL;
}

static BOOL exchange(SCARDHANDLE card, DWORD protocol)
{
    const SCARD_IO_REQUEST *pci =
        protocol == SCARD_PROTOCOL_T1 ? SCARD_PCI_T1 : SCARD_PCI_T0;
    BYTE answer[258];
    DWORD length = sizeof(answer);

    if (!report("SCardTransmit", SCardTransmit(card, pci, select_mf, sizeof(select_mf),
                                               NULL, answer, &length)))
        return FALSE;
    print_bytes("answer:", answer, length);
    return length >= 2;
}

static BOOL show_status(SCARDCONTEXT context, SCARDHANDLE card)
{
    LPTSTR names = NULL;
    LPBYTE atr = NULL;
    DWORD names_length = SCARD_AUTOALLOCATE;
    DWORD atr_length = SCARD_AUTOALLOCATE;
    DWORD state = 0;
    DWORD protocol = 0;

    if (!report("SCardStatus", SCardStatus(card, (LPTSTR)&names, &names_length, &state,
                                           &protocol, (LPBYTE)&atr, &atr_length)))
        return FALSE;
    print_text(names);
    printf(": card state %lu, protocol %lu\n", (unsigned long)state,
           (unsigned long)protocol);
    print_bytes("ATR:", atr, atr_length);
    SCardFreeMemory(context, names);
    SCardFreeMemory(context, atr);
    return TRUE;
}

static BOOL talk(SCARDCONTEXT context, LPCTSTR reader)
{
    SCARDHANDLE card = 0;
    DWORD protocol = 0;
    BOOL good;

    if (!report("SCardConnect", SCardConnect(context, reader, SCARD_SHARE_SHARED,
                                             SCARD_PROTOCOL_Tx, &card, &protocol)))
        return FALSE;
    good = show_status(context, card);
    if (good && report("SCardBeginTransaction", SCardBeginTransaction(card))) {
        good = exchange(card, protocol);
        good = report("SCardEndTransaction", SCardEndTransaction(card, SCARD_LEAVE_CARD))
               && good;
    }
    return report("SCardDisconnect", SCardDisconnect(card, SCARD_RESET_CARD)) && good;
}

int main(int argc, char **argv)
{
    SCARDCONTEXT context = 0;
    LPTSTR names = NULL;
    LPCTSTR reader;
    DWORD length = SCARD_AUTOALLOCATE;
    DWORD timeout_ms = argc > 1 ? 1000 * (DWORD)strtoul(argv[1], NULL, 10) : 0;
    LONG result;
    int code = EXIT_FAILURE;

    result = SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context);
    if (!report("SCardEstablishContext", result))
        return EXIT_FAILURE;
    result = SCardListReaders(context, SCARD_ALL_READERS, (LPTSTR)&names, &length);
    if (result == SCARD_E_NO_READERS_AVAILABLE) {
        code = EXIT_NO_CARD;
    } else if (report("SCardListReaders", result)) {
        reader = find_card(context, names, timeout_ms);
        if (reader == NULL)
            code = EXIT_NO_CARD;
        else
            code = talk(context, reader) ? EXIT_SUCCESS : EXIT_FAILURE;
        SCardFreeMemory(context, names);
    }
    SCardReleaseContext(context);
    return code;
}
