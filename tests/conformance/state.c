/* SPDX-License-Identifier: BSD-2-Clause */
/* SCardStatus: names, lengths, state, protocol, ATR. */
#include "tests/conformance/interface.h"

enum { ATR_ROOM = 36 };

static unit name[TEXT_ROOM];
static BYTE atr[ATR_ROOM];
static DWORD name_size, atr_size, state, protocol;

static LONG ask(const struct card *card)
{
    name_size = TEXT_ROOM;
    atr_size = sizeof(atr);
    return call.SCardStatus(card->handle, name, &name_size, &state, &protocol, atr,
                            &atr_size);
}

static void whole(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    EXPECT(ask(&card), 0);
    size_t length = length_of(card.reader);
    EXPECT_TRUE(memcmp(name, card.reader, (length + 1) * sizeof(unit)) == 0);
    /* A multi-string there, and a string here. */
    EXPECT_TRUE(name_size == length + (IS_WINDOWS ? 2 : 1));
    EXPECT_TRUE(!IS_WINDOWS || name[length + 1] == 0);
    EXPECT_TRUE(atr_size >= 2 && atr_size <= 33 && (atr[0] == 0x3B || atr[0] == 0x3F));
    EXPECT_TRUE(protocol == card.protocol);
    close_card(&card);
}

static void state_value(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    EXPECT(ask(&card), 0);
#if IS_WINDOWS
    EXPECT_TRUE(state == SCARD_SPECIFIC);
#else
    EXPECT_TRUE((state & 0xFFFF) == (SCARD_PRESENT | SCARD_POWERED | SCARD_NEGOTIABLE)
                || (state & 0xFFFF) == (SCARD_PRESENT | SCARD_POWERED | SCARD_SPECIFIC));
#endif
    close_card(&card);
}

static void lengths(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    EXPECT(ask(&card), 0);
    DWORD name_needed = 0, atr_needed = 0;
    EXPECT(call.SCardStatus(card.handle, NULL, &name_needed, &state, &protocol, NULL,
                            &atr_needed),
           0);
    EXPECT_TRUE(name_needed == name_size && atr_needed == atr_size);
    close_card(&card);
}

static void parts(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    name_size = TEXT_ROOM;
    atr_size = sizeof(atr);
    EXPECT(call.SCardStatus(card.handle, NULL, NULL, NULL, NULL, NULL, NULL), 0);
    EXPECT(call.SCardStatus(card.handle, NULL, NULL, &state, &protocol, NULL, NULL), 0);
    EXPECT(call.SCardStatus(card.handle, name, &name_size, NULL, NULL, NULL, NULL), 0);
    EXPECT(call.SCardStatus(card.handle, NULL, NULL, NULL, NULL, atr, &atr_size), 0);
    EXPECT_TRUE(protocol == card.protocol && atr_size >= 2);
    close_card(&card);
}

static void too_small(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    EXPECT(ask(&card), 0);
    DWORD short_name = 1, short_atr = 1, all_name = TEXT_ROOM;
    EXPECT(call.SCardStatus(card.handle, name, &short_name, &state, &protocol, atr,
                            &atr_size),
           SCARD_E_INSUFFICIENT_BUFFER);
    EXPECT_TRUE(short_name == name_size);
    EXPECT(call.SCardStatus(card.handle, name, &all_name, &state, &protocol, atr,
                            &short_atr),
           SCARD_E_INSUFFICIENT_BUFFER);
    EXPECT_TRUE(short_atr == atr_size);
    close_card(&card);
}

static void allocated(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    unit *made_name = NULL;
    BYTE *made_atr = NULL;
    DWORD made_name_size = SCARD_AUTOALLOCATE, made_atr_size = SCARD_AUTOALLOCATE;
    EXPECT(ask(&card), 0);
    EXPECT(call.SCardStatus(card.handle, (unit *)(void *)&made_name, &made_name_size,
                            &state, &protocol, (BYTE *)(void *)&made_atr, &made_atr_size),
           0);
    EXPECT_TRUE(made_name != NULL && made_name_size == name_size);
    EXPECT_TRUE(made_atr != NULL && made_atr_size == atr_size
                && memcmp(made_atr, atr, atr_size) == 0);
    EXPECT(call.SCardFreeMemory(card.context, made_name), 0);
    EXPECT(call.SCardFreeMemory(card.context, made_atr), 0);
    close_card(&card);
}

static void bad_handle(void)
{
    struct card card = {0};
    EXPECT(ask(&card), BAD_HANDLE);
    card.handle = 123456;
    EXPECT(ask(&card), BAD_HANDLE);
}

static void in_transaction(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    EXPECT(call.SCardBeginTransaction(card.handle), 0);
    EXPECT(ask(&card), 0);
    EXPECT_TRUE(memcmp(name, card.reader, length_of(card.reader) * sizeof(unit)) == 0);
    EXPECT(call.SCardEndTransaction(card.handle, SCARD_LEAVE_CARD), 0);
    close_card(&card);
}

static void direct(void)
{
    SCARDCONTEXT context = make_context();
    const unit *reader = find_reader(context);
    DWORD active = 0;
    struct card card = {.context = context, .reader = reader};
    if (reader != NULL) {
        EXPECT(call.SCardConnect(context, reader, SCARD_SHARE_DIRECT, 0, &card.handle,
                                 &active),
               0);
        EXPECT(ask(&card), 0);
        EXPECT_TRUE(protocol == active);
        EXPECT(call.SCardDisconnect(card.handle, SCARD_LEAVE_CARD), 0);
    }
    EXPECT(call.SCardReleaseContext(context), 0);
}

const struct row CONFORM(state)[] = {
    {"status-whole", "name, ATR and protocol", ROW_CARD, whole},
    {"status-state", "one value on Windows, bits in pcsc-lite", ROW_CARD, state_value},
    {"status-lengths", "without buffers it tells the lengths", ROW_CARD, lengths},
    {"status-parts", "what is not asked for may be NULL", ROW_CARD, parts},
    {"status-too-small", "what is needed is told", ROW_CARD, too_small},
    {"status-allocated", "in memory of the library", ROW_CARD, allocated},
    {"status-bad-handle", "a number that is none", 0, bad_handle},
    {"status-in-transaction", "the same inside a transaction", ROW_CARD, in_transaction},
    {"status-direct", "a direct connection: the protocol that it was told", 0, direct},
    {0}};
