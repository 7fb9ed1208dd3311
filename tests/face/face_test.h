/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of the exported calls share. Each source is compiled for Windows' A
 * calls and for pcsc-lite's; the plain names are those of the ABI it is compiled for. */
#ifndef TESTS_UNIT_FACE_FACE_TEST_H
#define TESTS_UNIT_FACE_FACE_TEST_H

#include "tests/support/check.h"
#include "tests/support/fake.h"

#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <winscard.h>
#ifdef WINSCARD_ABI_PCSCLITE
#include <reader.h>
#endif

#ifdef WINSCARD_ABI_PCSCLITE
#define IS_WINDOWS   0
#define READER_0     "Fake Reader 00 00"
#define READER_1     "Fake Reader 01 00"
#define BAD_HANDLE   SCARD_E_INVALID_HANDLE      /* of every call */
#define TOO_SMALL    SCARD_E_INSUFFICIENT_BUFFER /* of SCardTransmit */
#define EITHER(w, p) (p)
#else
#define IS_WINDOWS   1
#define READER_0     "Fake Reader 0"
#define READER_1     "Fake Reader 1"
#define BAD_HANDLE   ERROR_INVALID_HANDLE
#define TOO_SMALL    ERROR_INSUFFICIENT_BUFFER
#define EITHER(w, p) (w)
#endif

#define T01 (SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1)

/* Status codes by their 32 bits: LONG is wider in one ABI, and signed differently. */
#define EXPECT(call, want) CHECK_EQ((uint32_t)(call), (uint32_t)(want))

static inline void pause_ms(long ms)
{
    const struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

static inline uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static inline SCARDCONTEXT new_context(void)
{
    SCARDCONTEXT context = 0;
    EXPECT(SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context), 0);
    CHECK(context != 0);
    return context;
}

static inline SCARDHANDLE new_card(SCARDCONTEXT context, LPCTSTR reader)
{
    SCARDHANDLE card = 0;
    DWORD active = 0;
    EXPECT(SCardConnect(context, reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0, &card,
                        &active),
           0);
    CHECK_EQ(active, SCARD_PROTOCOL_T0);
    return card;
}

/* A command through `card`: the status of SCardTransmit. */
static inline LONG command(SCARDHANDLE card)
{
    static const BYTE bytes[] = {0x00, 0x84, 0x00, 0x00, 0x08};
    BYTE answer[300];
    DWORD size = sizeof(answer);
    return SCardTransmit(card, SCARD_PCI_T0, bytes, sizeof(bytes), NULL, answer, &size);
}

#endif
