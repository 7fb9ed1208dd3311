/* SPDX-License-Identifier: BSD-2-Clause */
/* A program with one card, which does what its input says, a word a line, and answers each
 * with a line "WORD STATUS": the status in hexadecimal digits. It is compiled for Windows with
 * 64 and 32 bits and for Unix, to have all of them at one card.
 *   open       a context, and the first reader's card, shared
 *   close      gives the context back, and with it the card
 *   begin, end a transaction
 *   reconnect
 *   exchange   twenty commands that nobody else's comes between */
#include "winscard.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { EXCHANGES = 20, WORD_ROOM = 32, NOT_ALONE = 1, NO_SUCH_WORD = 2 };

static const DWORD protocols = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;
static SCARDCONTEXT context;
static SCARDHANDLE card;
static DWORD active;

static LONG open_card(void)
{
    char names[256];
    DWORD size = sizeof(names);
    LONG status = SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context);
    if (status == SCARD_S_SUCCESS)
        status = SCardListReadersA(context, NULL, names, &size);
    if (status == SCARD_S_SUCCESS)
        status =
            SCardConnectA(context, names, SCARD_SHARE_SHARED, protocols, &card, &active);
    return status;
}

static LONG select_application(void)
{
    static const BYTE command[] = {0x00, 0xA4, 0x04, 0x0C, 0x05,
                                   0xF0, 0x53, 0x4F, 0x46, 0x54};
    BYTE answer[300];
    DWORD room = sizeof(answer);
    LONG status =
        SCardTransmit(card, active == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1,
                      command, sizeof(command), NULL, answer, &room);
    if (status != SCARD_S_SUCCESS)
        return status;
    return room == 2 && answer[0] == 0x90 && answer[1] == 0 ? SCARD_S_SUCCESS
                                                            : SCARD_F_COMM_ERROR;
}

/* The card's count goes up by these alone. */
static LONG exchange(void)
{
    DWORD before, after;
    LONG status = SCardGetTransmitCount(card, &before);
    for (unsigned i = 0; i < EXCHANGES && status == SCARD_S_SUCCESS; i++)
        status = select_application();
    if (status == SCARD_S_SUCCESS)
        status = SCardGetTransmitCount(card, &after);
    if (status == SCARD_S_SUCCESS && after - before != EXCHANGES)
        return NOT_ALONE;
    return status;
}

static LONG obey(const char *word)
{
    if (strcmp(word, "open") == 0)
        return open_card();
    if (strcmp(word, "close") == 0)
        return SCardReleaseContext(context);
    if (strcmp(word, "begin") == 0)
        return SCardBeginTransaction(card);
    if (strcmp(word, "end") == 0)
        return SCardEndTransaction(card, SCARD_LEAVE_CARD);
    if (strcmp(word, "reconnect") == 0)
        return SCardReconnect(card, SCARD_SHARE_SHARED, protocols, SCARD_LEAVE_CARD,
                              &active);
    if (strcmp(word, "exchange") == 0)
        return exchange();
    return NO_SUCH_WORD;
}

int main(void)
{
    char word[WORD_ROOM];
    while (scanf("%31s", word) == 1) {
        printf("%s %08lX\n", word, (unsigned long)(uint32_t)obey(word));
        if (fflush(stdout) != 0)
            return 1;
    }
    return 0;
}
