/* SPDX-License-Identifier: BSD-2-Clause */
/* Contexts: establishing, asking, releasing, cancelling. */
#include "tests/conformance/interface.h"

enum { MANY = 50 };

static void null_out(void)
{
    EXPECT(call.SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, NULL),
           SCARD_E_INVALID_PARAMETER);
}

static void scopes(void)
{
    static const DWORD known[] = {SCARD_SCOPE_USER, SCARD_SCOPE_SYSTEM};
    for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
        SCARDCONTEXT context = 0;
        EXPECT(call.SCardEstablishContext(known[i], NULL, NULL, &context), 0);
        EXPECT(call.SCardReleaseContext(context), 0);
    }
}

static void scope_unknown(void)
{
    SCARDCONTEXT context = 0;
    EXPECT(call.SCardEstablishContext(99, NULL, NULL, &context), SCARD_E_INVALID_VALUE);
    EXPECT_TRUE(context == 0);
}

static void life(void)
{
    SCARDCONTEXT context = make_context();
    EXPECT(call.SCardIsValidContext(context), 0);
    EXPECT(call.SCardReleaseContext(context), 0);
    EXPECT(call.SCardIsValidContext(context), BAD_HANDLE);
}

static void zero(void)
{
    EXPECT(call.SCardIsValidContext(0), BAD_HANDLE);
    EXPECT(call.SCardCancel(0), BAD_HANDLE);
    EXPECT(call.SCardReleaseContext(0), BAD_HANDLE);
    EXPECT(call.SCardDisconnect(0, SCARD_LEAVE_CARD), BAD_HANDLE);
}

static void stranger(void)
{
    SCARDCONTEXT context = make_context();
    EXPECT(call.SCardIsValidContext(context + 1), BAD_HANDLE);
    EXPECT(call.SCardReleaseContext(context + 1), BAD_HANDLE);
    EXPECT(call.SCardCancel(context + 1), BAD_HANDLE);
    EXPECT(call.SCardIsValidContext(context), 0);
    EXPECT(call.SCardReleaseContext(context), 0);
}

static void released_twice(void)
{
    SCARDCONTEXT context = make_context();
    EXPECT(call.SCardReleaseContext(context), 0);
    EXPECT(call.SCardReleaseContext(context), BAD_HANDLE);
}

static void cancel_idle(void)
{
    SCARDCONTEXT context = make_context();
    SCARD_READERSTATE state = {.szReader = NAME("\\\\?PnP?\\Notification")};
    EXPECT(call.SCardCancel(context), 0);
    EXPECT(call.SCardIsValidContext(context), 0);
    if (!IS_WINDOWS) /* there the entry has news at once */
        EXPECT(call.SCardGetStatusChange(context, 1, &state, 1), SCARD_E_TIMEOUT);
    EXPECT(call.SCardReleaseContext(context), 0);
}

static void many(void)
{
    SCARDCONTEXT contexts[MANY];
    for (size_t i = 0; i < MANY; i++) {
        contexts[i] = make_context();
        for (size_t j = 0; j < i; j++)
            EXPECT_TRUE(contexts[i] != contexts[j]);
    }
    for (size_t i = 0; i < MANY; i++)
        EXPECT(call.SCardReleaseContext(contexts[i]), 0);
}

static void card_is_none(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    EXPECT(call.SCardIsValidContext((SCARDCONTEXT)card.handle), BAD_HANDLE);
    EXPECT(call.SCardReleaseContext((SCARDCONTEXT)card.handle), BAD_HANDLE);
    EXPECT(call.SCardDisconnect((SCARDHANDLE)card.context, SCARD_LEAVE_CARD), BAD_HANDLE);
    EXPECT(select_file(&card), 0);
    EXPECT(call.SCardDisconnect(card.handle, SCARD_LEAVE_CARD), 0);
    EXPECT(call.SCardReleaseContext(card.context), 0);
}

static void takes_cards(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    EXPECT(call.SCardReleaseContext(card.context), 0);
    EXPECT(call.SCardBeginTransaction(card.handle), BAD_HANDLE);
    EXPECT(call.SCardDisconnect(card.handle, SCARD_LEAVE_CARD), BAD_HANDLE);
    EXPECT(select_file(&card), BAD_HANDLE);
}

const struct row CONFORM(contexts)[] = {
    {"context-null-out", "a context needs a place", 0, null_out},
    {"context-scopes", "of the user and of the system", 0, scopes},
    {"context-scope-unknown", "another scope is refused", 0, scope_unknown},
    {"context-life", "valid until it is released", 0, life},
    {"context-zero", "0 is none", 0, zero},
    {"context-stranger", "a number beside one is none", 0, stranger},
    {"context-released-twice", "the second time it is none", 0, released_twice},
    {"context-cancel-idle", "nothing waits, and nothing is cancelled later", 0,
     cancel_idle},
    {"context-many", "fifty at once, each another", 0, many},
    {"context-not-a-card", "a handle of the other kind is none", ROW_CARD, card_is_none},
    {"context-takes-cards", "its connections end with it", ROW_CARD, takes_cards},
    {0}};
