/* SPDX-License-Identifier: BSD-2-Clause */
/* SCardTransmit and its buffers. */
#include "tests/conformance/interface.h"

static BYTE answer[BYTES_ROOM + 16];
static DWORD size;
static const BYTE command[] = {0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00};

static LONG send(const struct card *card, const SCARD_IO_REQUEST *request, DWORD room)
{
    size = room;
    return call.SCardTransmit(card->handle, request, command, sizeof(command), NULL,
                              answer, &size);
}

static void plain(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    EXPECT(send(&card, pci_of(card.protocol), 264), 0);
    EXPECT_TRUE(size >= 2 && size <= 258);
    close_card(&card);
}

static void request_of_own(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    SCARD_IO_REQUEST request = {card.protocol, sizeof(request)},
                     received = {0, sizeof(received)};
    size = 264;
    EXPECT(call.SCardTransmit(card.handle, &request, command, sizeof(command), &received,
                              answer, &size),
           0);
    EXPECT_TRUE(!IS_WINDOWS || received.dwProtocol == card.protocol);
    close_card(&card);
}

static void no_request(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    EXPECT(send(&card, NULL, 264), EITHER(0, SCARD_E_INVALID_PARAMETER));
    close_card(&card);
}

static void null_arguments(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    const SCARD_IO_REQUEST *request = pci_of(card.protocol);
    size = 264;
    EXPECT(call.SCardTransmit(card.handle, request, command, sizeof(command), NULL,
                              answer, NULL),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(call.SCardTransmit(card.handle, request, NULL, sizeof(command), NULL, answer,
                              &size),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(call.SCardTransmit(card.handle, request, command, sizeof(command), NULL, NULL,
                              &size),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(select_file(&card), 0);
    close_card(&card);
}

static void other_protocol(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    EXPECT(send(&card, pci_of(T01 ^ card.protocol), 264), SCARD_E_PROTO_MISMATCH);
    EXPECT(select_file(&card), 0);
    close_card(&card);
}

static void exact(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    EXPECT(send(&card, pci_of(card.protocol), 264), 0);
    DWORD needed = size;
    memset(answer, 0x5A, sizeof(answer));
    EXPECT(send(&card, pci_of(card.protocol), needed), 0);
    EXPECT_TRUE(size == needed && answer[needed] == 0x5A);
    close_card(&card);
}

static void too_small(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    memset(answer, 0x5A, sizeof(answer));
    EXPECT(send(&card, pci_of(card.protocol), 1),
           EITHER(ERROR_INSUFFICIENT_BUFFER, SCARD_E_INSUFFICIENT_BUFFER));
    EXPECT_TRUE(answer[1] == 0x5A);
    EXPECT(select_file(&card), 0);
    close_card(&card);
}

static void large_room(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    EXPECT(send(&card, pci_of(card.protocol), BYTES_ROOM), 0);
    EXPECT_TRUE(size >= 2 && size <= 258);
    close_card(&card);
}

static void same_buffer(void)
{
    struct card card;
    if (!open_card(&card))
        return;
    memcpy(answer, command, sizeof(command));
    size = 264;
    EXPECT(call.SCardTransmit(card.handle, pci_of(card.protocol), answer, sizeof(command),
                              NULL, answer, &size),
           0);
    EXPECT_TRUE(size >= 2 && size <= 258);
    close_card(&card);
}

static void bad_handle(void)
{
    struct card card = {.protocol = SCARD_PROTOCOL_T0};
    EXPECT(select_file(&card), BAD_HANDLE);
    card.handle = 123456;
    EXPECT(select_file(&card), BAD_HANDLE);
}

/* Windows lets nobody be beside it; in pcsc-lite the protocol in force is its own, too. */
static void direct(void)
{
    struct card card, other = {0};
    if (!open_card(&card))
        return;
    other.context = make_context();
    EXPECT(call.SCardConnect(other.context, card.reader, SCARD_SHARE_DIRECT, 0,
                             &other.handle, &other.protocol),
           EITHER(SCARD_E_SHARING_VIOLATION, 0));
    if (!IS_WINDOWS) {
        EXPECT_TRUE(other.protocol == card.protocol);
        EXPECT(send(&other, pci_of(card.protocol), 264), 0);
        EXPECT(call.SCardDisconnect(other.handle, SCARD_LEAVE_CARD), 0);
    }
    EXPECT(call.SCardReleaseContext(other.context), 0);
    EXPECT(select_file(&card), 0);
    close_card(&card);
}

const struct row CONFORM(exchange)[] = {
    {"transmit-plain", "a command and its answer", ROW_CARD, plain},
    {"transmit-requests", "a request of one's own, and the one that comes back", ROW_CARD,
     request_of_own},
    {"transmit-no-request", "whether the request may be left out", ROW_CARD, no_request},
    {"transmit-null", "what must be there", ROW_CARD, null_arguments},
    {"transmit-other-protocol", "refused, and the card works", ROW_CARD, other_protocol},
    {"transmit-exact", "room for the answer and no more", ROW_CARD, exact},
    {"transmit-too-small", "refused, and nothing is written beyond the room", ROW_CARD,
     too_small},
    {"transmit-large-room", "the room for the longest answer", ROW_CARD, large_room},
    {"transmit-same-buffer", "the answer where the command is", ROW_CARD, same_buffer},
    {"transmit-bad-handle", "a number that is none", 0, bad_handle},
    {"transmit-direct", "a direct connection beside a shared one", ROW_CARD, direct},
    {0}};
