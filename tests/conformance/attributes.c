/* SPDX-License-Identifier: BSD-2-Clause */
/* SCardGetAttrib, SCardSetAttrib, SCardControl. */
#include "tests/conformance/interface.h"

enum { NO_SUCH_ATTRIBUTE = 0x7FFE1234 };

static BYTE bytes[BYTES_ROOM];

static void atr_is_status_s(void)
{
    struct card card;
    BYTE atr[36];
    DWORD atr_size = sizeof(atr), size = 264;
    if (!open_card(&card))
        return;
    EXPECT(call.SCardStatus(card.handle, NULL, NULL, NULL, NULL, atr, &atr_size), 0);
    EXPECT(call.SCardGetAttrib(card.handle, SCARD_ATTR_ATR_STRING, bytes, &size), 0);
    EXPECT_TRUE(size == atr_size && memcmp(bytes, atr, size) == 0);
    close_card(&card);
}

static void lengths(void)
{
    struct card card;
    DWORD needed = 0, size = 1;
    if (!open_card(&card))
        return;
    EXPECT(call.SCardGetAttrib(card.handle, SCARD_ATTR_ATR_STRING, NULL, &needed), 0);
    EXPECT_TRUE(needed >= 2 && needed <= 33);
    EXPECT(call.SCardGetAttrib(card.handle, SCARD_ATTR_ATR_STRING, bytes, &size),
           SCARD_E_INSUFFICIENT_BUFFER);
    EXPECT_TRUE(size == needed);
    EXPECT(call.SCardGetAttrib(card.handle, SCARD_ATTR_ATR_STRING, bytes, &size), 0);
    EXPECT(call.SCardGetAttrib(card.handle, SCARD_ATTR_ATR_STRING, bytes, NULL),
           SCARD_E_INVALID_PARAMETER);
    close_card(&card);
}

static void allocated(void)
{
    struct card card;
    BYTE *made = NULL;
    DWORD size = SCARD_AUTOALLOCATE;
    if (!open_card(&card))
        return;
    EXPECT(call.SCardGetAttrib(card.handle, SCARD_ATTR_ATR_STRING, (BYTE *)(void *)&made,
                               &size),
           0);
    EXPECT_TRUE(made != NULL && size <= 33);
    EXPECT(call.SCardFreeMemory(card.context, made), 0);
    close_card(&card);
}

static void unknown(void)
{
    struct card card;
    DWORD size = 264;
    if (!open_card(&card))
        return;
    EXPECT(call.SCardGetAttrib(card.handle, NO_SUCH_ATTRIBUTE, bytes, &size),
           EITHER(ERROR_NOT_SUPPORTED, SCARD_E_UNSUPPORTED_FEATURE));
    close_card(&card);
}

static void atr_is_not_set(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    EXPECT_TRUE(
        call.SCardSetAttrib(card.handle, SCARD_ATTR_ATR_STRING, (const BYTE *)"", 1)
        != 0);
    EXPECT(select_file(&card), 0);
    close_card(&card);
}

static void bad_handle(void)
{
    DWORD size = 264;
    EXPECT(call.SCardGetAttrib(0, SCARD_ATTR_ATR_STRING, bytes, &size), BAD_HANDLE);
    EXPECT(call.SCardSetAttrib(0, SCARD_ATTR_ATR_STRING, bytes, 1), BAD_HANDLE);
    EXPECT(call.SCardControl(0, SCARD_CTL_CODE(3400), NULL, 0, bytes, 264, &size),
           BAD_HANDLE);
}

static void features(void)
{
    struct card card;
    DWORD size = 0;
    if (!open_card(&card))
        return;
    EXPECT(
        call.SCardControl(card.handle, SCARD_CTL_CODE(3400), NULL, 0, bytes, 264, &size),
        0);
    EXPECT_TRUE(size % 6 == 0); /* records of 6 bytes: PC/SC part 10, 2.2 */
    for (DWORD at = 0; at + 6 <= size; at += 6)
        EXPECT_TRUE(bytes[at + 1] == 4);
    close_card(&card);
}

static void control_unknown(void)
{
    struct card card;
    DWORD size = 0;
    if (!open_card(&card))
        return;
    EXPECT_TRUE(
        call.SCardControl(card.handle, SCARD_CTL_CODE(2999), NULL, 0, bytes, 264, &size)
        != 0);
    EXPECT(select_file(&card), 0);
    close_card(&card);
}

const struct row CONFORM(attributes)[] = {
    {"attribute-atr", "that of SCardStatus", ROW_CARD, atr_is_status_s},
    {"attribute-lengths", "by length, too small, and whole", ROW_CARD, lengths},
    {"attribute-allocated", "in memory of the library", ROW_CARD, allocated},
    {"attribute-unknown", "one that is not there", ROW_CARD, unknown},
    {"attribute-atr-stays", "the ATR cannot be set", ROW_CARD, atr_is_not_set},
    {"attribute-bad-handle", "a number that is none", 0, bad_handle},
    {"control-features", "a list of features, which may be empty", ROW_CARD, features},
    {"control-unknown", "an unknown code is refused, and breaks nothing", ROW_CARD,
     control_unknown},
    {0}};
