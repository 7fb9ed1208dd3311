/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections: names, modes, protocols, who may be beside whom, and how they end. */
#include "tests/conformance/interface.h"

static SCARDHANDLE handle;
static DWORD active;

static void unknown_reader(void)
{
    SCARDCONTEXT context = make_context();
    handle = 0;
    EXPECT(call.SCardConnect(context, NAME("No Such Reader 7"), SCARD_SHARE_SHARED, T01,
                             &handle, &active),
           SCARD_E_UNKNOWN_READER);
    EXPECT_TRUE(handle == 0);
    EXPECT(call.SCardReleaseContext(context), 0);
}

static void null_handle(void)
{
    SCARDCONTEXT context = make_context();
    EXPECT(call.SCardConnect(context, NAME("No Such Reader 7"), SCARD_SHARE_SHARED, T01,
                             NULL, &active),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(call.SCardReleaseContext(context), 0);
}

static void bad_context(void)
{
    SCARDCONTEXT context = make_context();
    EXPECT(call.SCardReleaseContext(context), 0);
    EXPECT(call.SCardConnect(context, NAME("No Such Reader 7"), SCARD_SHARE_SHARED, T01,
                             &handle, &active),
           BAD_HANDLE);
}

static void bad_mode(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    EXPECT(call.SCardConnect(card.context, card.reader, 17, T01, &handle, &active),
           SCARD_E_INVALID_VALUE);
    close_card(&card);
}

static void no_protocol(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    EXPECT(call.SCardConnect(card.context, card.reader, SCARD_SHARE_SHARED, 0, &handle,
                             &active),
           SCARD_E_PROTO_MISMATCH);
    EXPECT(select_file(&card), 0);
    close_card(&card);
}

static void null_protocol(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    LONG error = call.SCardConnect(card.context, card.reader, SCARD_SHARE_SHARED, T01,
                                   &handle, NULL);
    EXPECT(error, EITHER(0, SCARD_E_INVALID_PARAMETER));
    if (error == 0)
        EXPECT(call.SCardDisconnect(handle, SCARD_LEAVE_CARD), 0);
    close_card(&card);
}

static void twice(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    handle = 0;
    EXPECT(call.SCardConnect(card.context, card.reader, SCARD_SHARE_SHARED, T01, &handle,
                             &active),
           0);
    EXPECT_TRUE(handle != 0 && handle != card.handle && active == card.protocol);
    EXPECT(call.SCardDisconnect(handle, SCARD_LEAVE_CARD), 0);
    EXPECT(select_file(&card), 0);
    close_card(&card);
}

static void other_protocol(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    EXPECT(call.SCardConnect(card.context, card.reader, SCARD_SHARE_SHARED,
                             T01 ^ card.protocol, &handle, &active),
           SCARD_E_PROTO_MISMATCH);
    close_card(&card);
}

static void exclusive_alone(void)
{
    struct card card;
    SCARDHANDLE exclusive = 0;
    if (!open_card(&card))
        return;
    EXPECT(call.SCardConnect(card.context, card.reader, SCARD_SHARE_EXCLUSIVE, T01,
                             &handle, &active),
           SCARD_E_SHARING_VIOLATION);
    EXPECT(call.SCardDisconnect(card.handle, SCARD_LEAVE_CARD), 0);
    EXPECT(call.SCardConnect(card.context, card.reader, SCARD_SHARE_EXCLUSIVE, T01,
                             &exclusive, &active),
           0);
    SCARDCONTEXT other = make_context();
    EXPECT(
        call.SCardConnect(other, card.reader, SCARD_SHARE_SHARED, T01, &handle, &active),
        SCARD_E_SHARING_VIOLATION);
    EXPECT(call.SCardConnect(other, card.reader, SCARD_SHARE_DIRECT, 0, &handle, &active),
           SCARD_E_SHARING_VIOLATION);
    EXPECT(call.SCardDisconnect(exclusive, SCARD_LEAVE_CARD), 0);
    EXPECT(
        call.SCardConnect(other, card.reader, SCARD_SHARE_SHARED, T01, &handle, &active),
        0);
    EXPECT(call.SCardReleaseContext(other), 0);
    EXPECT(call.SCardReleaseContext(card.context), 0);
}

static void exclusive_gone(void)
{
    struct card card;
    SCARDHANDLE second = 0;
    if (!open_card(&card))
        return;
    EXPECT(call.SCardConnect(card.context, card.reader, SCARD_SHARE_SHARED, T01, &second,
                             &active),
           0);
    EXPECT(call.SCardBeginTransaction(card.handle), 0);
    EXPECT(call.SCardDisconnect(second, SCARD_LEAVE_CARD), 0);
    EXPECT(call.SCardEndTransaction(card.handle, SCARD_LEAVE_CARD), 0);
    EXPECT(call.SCardDisconnect(card.handle, SCARD_LEAVE_CARD), 0);
    EXPECT(call.SCardConnect(card.context, card.reader, SCARD_SHARE_EXCLUSIVE, T01,
                             &card.handle, &active),
           0);
    close_card(&card);
}

static void direct(void)
{
    SCARDCONTEXT context = make_context();
    const unit *reader = find_reader(context);
    if (reader != NULL) {
        active = 7;
        EXPECT(
            call.SCardConnect(context, reader, SCARD_SHARE_DIRECT, 0, &handle, &active),
            0);
        EXPECT_TRUE(active <= SCARD_PROTOCOL_T1); /* the one in force */
        EXPECT(call.SCardDisconnect(handle, SCARD_LEAVE_CARD), 0);
    }
    EXPECT(call.SCardReleaseContext(context), 0);
}

static void bad_disposition(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    EXPECT(call.SCardDisconnect(card.handle, 17), SCARD_E_INVALID_VALUE);
    EXPECT(select_file(&card), 0);
    close_card(&card);
}

static void disconnected_twice(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    EXPECT(call.SCardDisconnect(card.handle, SCARD_LEAVE_CARD), 0);
    EXPECT(call.SCardDisconnect(card.handle, SCARD_LEAVE_CARD), BAD_HANDLE);
    EXPECT(select_file(&card), BAD_HANDLE);
    EXPECT(call.SCardReleaseContext(card.context), 0);
}

static void reconnect_each(void)
{
    static const DWORD dispositions[] = {SCARD_LEAVE_CARD, SCARD_RESET_CARD,
                                         SCARD_UNPOWER_CARD};
    struct card card;
    if (!open_card(&card))
        return;
    for (size_t i = 0; i < ARRAY_SIZE(dispositions); i++) {
        active = 0;
        EXPECT(call.SCardReconnect(card.handle, SCARD_SHARE_SHARED, T01, dispositions[i],
                                   &active),
               0);
        EXPECT_TRUE(active == card.protocol);
        EXPECT(select_file(&card), 0);
    }
    close_card(&card);
}

static void reconnect_null_protocol(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    EXPECT(
        call.SCardReconnect(card.handle, SCARD_SHARE_SHARED, T01, SCARD_LEAVE_CARD, NULL),
        EITHER(0, SCARD_E_INVALID_PARAMETER));
    EXPECT(select_file(&card), 0);
    close_card(&card);
}

static void reconnect_wrong(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    EXPECT(call.SCardReconnect(card.handle, 17, T01, SCARD_LEAVE_CARD, &active),
           SCARD_E_INVALID_VALUE);
    EXPECT(call.SCardReconnect(card.handle, SCARD_SHARE_SHARED, T01, 17, &active),
           SCARD_E_INVALID_VALUE);
    EXPECT(call.SCardReconnect(0, SCARD_SHARE_SHARED, T01, SCARD_LEAVE_CARD, &active),
           BAD_HANDLE);
    EXPECT(select_file(&card), 0);
    close_card(&card);
}

static void reconnect_exclusive(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    EXPECT(call.SCardReconnect(card.handle, SCARD_SHARE_EXCLUSIVE, T01, SCARD_LEAVE_CARD,
                               &active),
           0);
    SCARDCONTEXT other = make_context();
    EXPECT(
        call.SCardConnect(other, card.reader, SCARD_SHARE_SHARED, T01, &handle, &active),
        SCARD_E_SHARING_VIOLATION);
    EXPECT(call.SCardReleaseContext(other), 0);
    close_card(&card);
}

const struct row CONFORM(connecting)[] = {
    {"connect-unknown-reader", "a reader that is not there", 0, unknown_reader},
    {"connect-null-handle", "a connection needs a place", 0, null_handle},
    {"connect-bad-context", "a released context connects nothing", 0, bad_context},
    {"connect-bad-mode", "an unknown mode is refused", ROW_CARD, bad_mode},
    {"connect-no-protocol", "shared without a protocol is refused, and breaks nothing",
     ROW_CARD, no_protocol},
    {"connect-null-protocol", "whether the protocol may be left untold", ROW_CARD,
     null_protocol},
    {"connect-twice", "another handle, and both work", ROW_CARD, twice},
    {"connect-other-protocol", "the card speaks one with everybody", ROW_CARD,
     other_protocol},
    {"connect-exclusive", "beside nobody, and nobody beside it", ROW_CARD,
     exclusive_alone},
    {"connect-exclusive-gone", "once every other has gone", ROW_CARD, exclusive_gone},
    {"connect-direct", "to the reader, whatever the card does", 0, direct},
    {"disconnect-bad-disposition", "refused, and the handle stays", ROW_CARD,
     bad_disposition},
    {"disconnect-twice", "the second time it is none", ROW_CARD, disconnected_twice},
    {"reconnect-dispositions", "left, reset, powered off: the card works",
     ROW_CARD | ROW_DESTROYS, reconnect_each},
    {"reconnect-null-protocol", "whether the protocol may be left untold", ROW_CARD,
     reconnect_null_protocol},
    {"reconnect-wrong", "what is refused changes nothing", ROW_CARD, reconnect_wrong},
    {"reconnect-exclusive", "a shared connection alone becomes exclusive", ROW_CARD,
     reconnect_exclusive},
    {0}};
