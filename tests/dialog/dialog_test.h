/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of the dialogs share. They are written in TCHAR, and compiled for A and
 * for W. */
#ifndef TESTS_DIALOG_TEST_H
#define TESTS_DIALOG_TEST_H

#include "tests/support/check.h"

#include <stdbool.h>
#include <stdlib.h>
#include <tchar.h>
#include <windows.h>
#include <winscard.h>

#define ALPHA  TEXT("Alpha")
#define SECOND TEXT("M\u00fcller \u20ac")
#define EMPTY  TEXT("Empty")
#define READERS                                                                          \
    "soft:?name=Alpha;soft:?name=M%C3%BCller%20%E2%82%AC&protocol=t1;"                   \
    "soft:?name=Empty&card=absent"

enum {
    NAME_MAX_UNITS = 64,
    SOFT_EJECT = 0x00310018,
    SOFT_SWALLOW = 0x0031001C,
    SOFT_EJECT_LATER = 0x00312010
};

static SCARDCONTEXT context;
static TCHAR reader[NAME_MAX_UNITS], card[NAME_MAX_UNITS];

static inline bool same(const TCHAR *one, const TCHAR *other)
{
    size_t i = 0;
    while (one[i] != 0 && one[i] == other[i])
        i++;
    return one[i] == other[i];
}

/* A call of the software card's, with up to one number. */
static inline void control(const TCHAR *name, DWORD code, uint32_t number, DWORD size)
{
    SCARDHANDLE handle;
    DWORD protocol, got;
    uint8_t bytes[4] = {(uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16),
                        (uint8_t)(number >> 24)};
    CHECK_EQ(SCardConnect(context, name, SCARD_SHARE_DIRECT, 0, &handle, &protocol), 0);
    CHECK_EQ(SCardControl(handle, code, bytes, size, NULL, 0, &got), 0);
    CHECK_EQ(SCardDisconnect(handle, SCARD_LEAVE_CARD), 0);
}

/* A request for any card, with room for names. */
static inline OPENCARDNAME_EX request(DWORD flags)
{
    OPENCARDNAME_EX open;
    memset(&open, 0, sizeof(open));
    memset(reader, 0x55, sizeof(reader));
    memset(card, 0x55, sizeof(card));
    open.dwStructSize = sizeof(open);
    open.hSCardContext = context;
    open.dwFlags = flags;
    open.lpstrRdr = reader;
    open.nMaxRdr = NAME_MAX_UNITS;
    open.lpstrCard = card;
    open.nMaxCard = NAME_MAX_UNITS;
    return open;
}

#endif
