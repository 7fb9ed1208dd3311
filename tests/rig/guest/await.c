/* SPDX-License-Identifier: BSD-2-Clause */
/* rig_await: says "ready", waits until a card is in any reader, and says "present" with the time
 * of CLOCK_REALTIME in ns. Against pcsc-lite's API, for whatever libpcsclite.so.1 is found. */
#include <reader.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <winscard.h>

enum { ROOM = 16384, READERS_MAX = 8 };

static char names[ROOM];
static SCARD_READERSTATE states[READERS_MAX + 1];

/* The entry for new readers first, then each reader. */
static DWORD list(SCARDCONTEXT context)
{
    DWORD size = sizeof(names), count = 1;
    states[0] = (SCARD_READERSTATE){.szReader = "\\\\?PnP?\\Notification"};
    if (SCardListReaders(context, NULL, names, &size) != SCARD_S_SUCCESS)
        return count;
    for (const char *name = names; *name != '\0' && count <= READERS_MAX;
         name += strlen(name) + 1)
        states[count++] = (SCARD_READERSTATE){.szReader = name};
    return count;
}

static bool is_present(DWORD count)
{
    for (DWORD i = 1; i < count; i++)
        if ((states[i].dwEventState & SCARD_STATE_PRESENT) != 0)
            return true;
    return false;
}

int main(void)
{
    SCARDCONTEXT context;
    struct timespec now;
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context)
        != SCARD_S_SUCCESS)
        return 1;
    DWORD count = list(context);
    puts("ready");
    (void)fflush(stdout);
    while (!is_present(count)) {
        LONG error = SCardGetStatusChange(context, INFINITE, states, count);
        if (error != SCARD_S_SUCCESS
            && (unsigned long)error != (unsigned long)SCARD_E_UNKNOWN_READER) {
            printf("waiting: %lX\n", (unsigned long)error);
            return 1;
        }
        if (is_present(count))
            break;
        /* A reader came or went, or another state of it is waited for. */
        bool changed = (states[0].dwEventState & SCARD_STATE_CHANGED) != 0
                       || error != SCARD_S_SUCCESS || count == 1;
        for (DWORD i = 0; i < count; i++)
            states[i].dwCurrentState =
                states[i].dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
        DWORD pnp = states[0].dwCurrentState;
        if (changed) {
            count = list(context);
            states[0].dwCurrentState = pnp;
        }
    }
    clock_gettime(CLOCK_REALTIME, &now);
    printf("present %lld\n", (long long)now.tv_sec * 1000000000 + now.tv_nsec);
    return 0;
}
