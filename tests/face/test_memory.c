/* SPDX-License-Identifier: BSD-2-Clause */
/* A whole session again and again, with the first allocation failing, then the second,
 * and so on: each call succeeds or says SCARD_E_NO_MEMORY, and the next session works. */
#include "base/alloc.h"
#include "tests/face/face_test.h"

static unsigned refused;

/* True if the call went well. */
static bool worked(LONG status)
{
    if ((uint32_t)status == (uint32_t)SCARD_E_NO_MEMORY)
        refused++;
    else
        EXPECT(status, 0);
    return status == 0;
}

static void use_reader(SCARDCONTEXT context)
{
    static const BYTE bytes[] = {0x00, 0xB0, 0x00, 0x00, 0x00};
    char *readers = NULL;
    BYTE answer[258], *atr = NULL;
    DWORD size = SCARD_AUTOALLOCATE, active;
    SCARD_READERSTATE states[12];
    SCARDHANDLE card;
    memset(states, 0, sizeof(states));
    for (unsigned i = 0; i < 12; i++)
        states[i].szReader = READER_0;
    if (worked(SCardListReaders(context, NULL, (LPSTR)&readers, &size)))
        EXPECT(SCardFreeMemory(context, readers), 0);
    worked(SCardGetStatusChange(context, 0, states, 12));
    if (!worked(SCardConnect(context, READER_0, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0,
                             &card, &active)))
        return;
    size = sizeof(answer);
    worked(SCardTransmit(card, SCARD_PCI_T0, bytes, sizeof(bytes), NULL, answer, &size));
    size = SCARD_AUTOALLOCATE;
    if (worked(SCardStatus(card, NULL, NULL, NULL, NULL, (LPBYTE)&atr, &size)))
        EXPECT(SCardFreeMemory(context, atr), 0);
    worked(SCardDisconnect(card, SCARD_RESET_CARD));
}

/* The fake driver refuses to start without memory: then there is no reader. */
static bool has_reader(SCARDCONTEXT context)
{
    DWORD size = 0;
    return SCardListReaders(context, NULL, NULL, &size) == 0;
}

static void session(void)
{
    SCARDCONTEXT context;
    if (!worked(SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context)))
        return;
    if (has_reader(context))
        use_reader(context);
    EXPECT(SCardReleaseContext(context), 0);
}

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?count=1&cards=1", 1);
    for (uint32_t n = 1; n <= 60; n++) {
        mem_fail_at(n);
        session();
        mem_fail_at(0);
    }
    CHECK(refused > 5);
    unsigned before = refused;
    session();
    CHECK_EQ(refused, before);
    return check_result();
}
