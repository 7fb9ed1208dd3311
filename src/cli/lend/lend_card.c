/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/lend/lend_card.h"

#include <assert.h>
#include <string.h>

enum { PROTOCOLS = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1 };

static LONG reset_and_ask(struct lend_card *card)
{
    DWORD state = 0;
    card->atr_size = sizeof card->atr;
    LONG result = SCardReconnect(card->handle, SCARD_SHARE_EXCLUSIVE, PROTOCOLS,
                                 SCARD_RESET_CARD, &card->protocol);
    if (result == SCARD_S_SUCCESS)
        result = SCardStatusA(card->handle, NULL, NULL, &state, &card->protocol,
                              card->atr, &card->atr_size);
    return result;
}

uint32_t lend_card_take(struct lend_card *card, SCARDCONTEXT context, const char *reader)
{
    assert(card->handle == 0);
    LONG result = SCardConnectA(context, reader, SCARD_SHARE_EXCLUSIVE, PROTOCOLS,
                                &card->handle, &card->protocol);
    if (result != SCARD_S_SUCCESS) {
        card->handle = 0;
        return (uint32_t)result;
    }
    result = reset_and_ask(card);
    if (result != SCARD_S_SUCCESS)
        lend_card_give_back(card);
    return (uint32_t)result;
}

void lend_card_give_back(struct lend_card *card)
{
    if (card->handle != 0)
        SCardDisconnect(card->handle, SCARD_RESET_CARD);
    card->handle = 0;
}

uint32_t lend_card_transmit(const struct lend_card *card, const uint8_t *command,
                            size_t command_size, uint8_t *answer, DWORD *size)
{
    const SCARD_IO_REQUEST protocol = {card->protocol, sizeof protocol};
    return (uint32_t)SCardTransmit(card->handle, &protocol, command, (DWORD)command_size,
                                   NULL, answer, size);
}

enum lend_remedy lend_take_remedy(uint32_t result)
{
    switch ((LONG)result) {
    case SCARD_E_SHARING_VIOLATION:
        return LEND_IS_BUSY;
    case SCARD_E_NO_SMARTCARD:
    case SCARD_W_REMOVED_CARD:
    case SCARD_W_RESET_CARD:
    case SCARD_E_UNKNOWN_READER:
    case SCARD_E_READER_UNAVAILABLE:
    case SCARD_E_NO_READERS_AVAILABLE:
        return LEND_AGAIN;
    case SCARD_E_NO_SERVICE:
    case SCARD_E_SERVICE_STOPPED:
    case SCARD_E_INVALID_HANDLE:
    case SCARD_E_NO_MEMORY:
    case SCARD_W_SECURITY_VIOLATION:
        return LEND_IS_HOPELESS;
    default:
        return LEND_IS_MUTE;
    }
}

/* The protocol has no word by which the virtual machine could reset a card that is
 * confused, so that is done for it. */
enum lend_remedy lend_transmit_remedy(uint32_t result)
{
    switch ((LONG)result) {
    case SCARD_E_INVALID_PARAMETER:
    case SCARD_E_INVALID_VALUE:
    case SCARD_E_INSUFFICIENT_BUFFER:
    case SCARD_E_UNSUPPORTED_FEATURE:
    case SCARD_E_NO_MEMORY:
        return LEND_GO_ON;
    default:
        return LEND_AGAIN;
    }
}
