/* SPDX-License-Identifier: BSD-2-Clause */
/* rig_after_reset READER: a program that has a reader, for whom its device is reset by
 * another process. READER may be a part of the name. A command a line, one line of answer
 * each:
 *
 *     use          a command on the handle that there is, if any; then connects anew, and
 *                  sends one: "OK" in the end, or the call that failed and its error
 *     wait BITS    waits until the reader's state has all of these (hexadecimal), for
 *                  two minutes at most: "OK MS", or "no STATE" */
#include <reader.h>
#include <winscard.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LIST_ROOM = 4096, LINE_ROOM = 64, WAIT_MS = 120000 };

static SCARDCONTEXT context;
static SCARDHANDLE card;
static SCARD_READERSTATE state;

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int find(const char *part)
{
    static char list[LIST_ROOM];
    DWORD size = sizeof(list);
    if (SCardListReaders(context, NULL, list, &size) != SCARD_S_SUCCESS)
        return 0;
    for (const char *at = list; *at != '\0'; at += strlen(at) + 1) {
        if (strstr(at, part) != NULL) {
            state.szReader = at;
            return 1;
        }
    }
    return 0;
}

static LONG transmit(void)
{
    static const BYTE command[] = {0x80, 0xE0, 0x00, 0x10, 0x10};
    BYTE answer[258];
    DWORD size = sizeof(answer);
    return SCardTransmit(card, SCARD_PCI_T1, command, sizeof(command), NULL, answer,
                         &size);
}

static void use(void)
{
    DWORD protocol;
    if (card != 0) {
        printf("old handle: %08lX, ", (unsigned long)transmit() & 0xFFFFFFFF);
        SCardDisconnect(card, SCARD_LEAVE_CARD);
        card = 0;
    }
    LONG error = SCardConnect(context, state.szReader, SCARD_SHARE_SHARED,
                              SCARD_PROTOCOL_T1, &card, &protocol);
    if (error != SCARD_S_SUCCESS) {
        printf("connect %08lX\n", (unsigned long)error & 0xFFFFFFFF);
        return;
    }
    error = transmit();
    if (error == SCARD_S_SUCCESS)
        printf("OK\n");
    else
        printf("transmit %08lX\n", (unsigned long)error & 0xFFFFFFFF);
}

static void wait_for(DWORD bits)
{
    uint64_t start = now_ms(), now = start;
    for (; now < start + WAIT_MS; now = now_ms()) {
        LONG error =
            SCardGetStatusChange(context, (DWORD)(start + WAIT_MS - now), &state, 1);
        state.dwCurrentState = state.dwEventState;
        if (error == SCARD_S_SUCCESS && (state.dwEventState & bits) == bits) {
            printf("OK %u ms\n", (unsigned)(now_ms() - start));
            return;
        }
    }
    printf("no %lX\n", (unsigned long)state.dwEventState);
}

int main(int argc, char **argv)
{
    char line[LINE_ROOM];
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    if (argc != 2
        || SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context)
               != SCARD_S_SUCCESS)
        return 1;
    for (int i = 0; !find(argv[1]); i++) {
        const struct timespec pause = {0, 100000000};
        if (i == WAIT_MS / 100)
            return 1;
        nanosleep(&pause, NULL);
    }
    printf("found %s\n", state.szReader);
    while (fgets(line, sizeof(line), stdin) != NULL) {
        if (strncmp(line, "use", 3) == 0)
            use();
        else if (strncmp(line, "wait ", 5) == 0)
            wait_for(strtoul(line + 5, NULL, 16));
    }
    return SCardReleaseContext(context) == SCARD_S_SUCCESS ? 0 : 1;
}
