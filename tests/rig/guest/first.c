/* SPDX-License-Identifier: BSD-2-Clause */
/* rig_first READERS COMMANDS: waits until there are so many readers, and sends as many commands
 * to the first card among them. Against pcsc-lite's API, for whatever libpcsclite.so.1 is found. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <winscard.h>

enum { ROOM = 16384, LOOKS = 60000, LOOK_US = 1000 };

static char names[ROOM];

static size_t count_names(SCARDCONTEXT context)
{
    DWORD size = sizeof(names);
    size_t count = 0;
    if (SCardListReaders(context, NULL, names, &size) != SCARD_S_SUCCESS)
        return 0;
    for (const char *name = names; *name != '\0'; name += strlen(name) + 1)
        count++;
    return count;
}

static int send(SCARDHANDLE card, DWORD protocol, unsigned long commands)
{
    static const unsigned char command[] = {0x00, 0xA4, 0x04, 0x0C, 0x05,
                                            0xF0, 0x53, 0x4F, 0x46, 0x54};
    unsigned char answer[300];
    for (unsigned long i = 0; i < commands; i++) {
        DWORD size = sizeof(answer);
        LONG error = SCardTransmit(
            card, protocol == SCARD_PROTOCOL_T1 ? SCARD_PCI_T1 : SCARD_PCI_T0, command,
            sizeof(command), NULL, answer, &size);
        if (error != SCARD_S_SUCCESS || size < 2) {
            printf("command %lu: %lX\n", i, (unsigned long)error);
            return 1;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    SCARDCONTEXT context;
    SCARDHANDLE card;
    DWORD protocol;
    if (argc != 3)
        return 2;
    size_t wanted = strtoul(argv[1], NULL, 10);
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context)
        != SCARD_S_SUCCESS)
        return 1;
    for (int i = 0; i < LOOKS; i++) {
        if (count_names(context) < wanted) {
            usleep(LOOK_US);
            continue;
        }
        for (const char *name = names; *name != '\0'; name += strlen(name) + 1) {
            LONG error =
                SCardConnect(context, name, SCARD_SHARE_SHARED,
                             SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol);
            printf("%s: %lX\n", name, (unsigned long)error);
            if (error == SCARD_S_SUCCESS)
                return send(card, protocol, strtoul(argv[2], NULL, 10))
                       | (SCardDisconnect(card, SCARD_LEAVE_CARD) != SCARD_S_SUCCESS)
                       | (SCardReleaseContext(context) != SCARD_S_SUCCESS);
        }
        usleep(LOOK_US); /* the card may be about to come */
    }
    return 1;
}
