/* SPDX-License-Identifier: BSD-2-Clause */
/* What each code of winerror.h's smart card section means to the person at the terminal.
 */
#include "cli/errors.h"

#include "cli/api.h"
#include "cli/text.h"

#include <stddef.h>

struct error {
    uint32_t code;
    const char *name;
    const char *words;
};

#define ERROR_ENTRY(name, words)                                                         \
    {                                                                                    \
        (uint32_t) name, #name, words                                                    \
    }

static const struct error errors[] = {
    ERROR_ENTRY(SCARD_S_SUCCESS, "success"),
    ERROR_ENTRY(SCARD_F_INTERNAL_ERROR, "the library met a fault of its own"),
    ERROR_ENTRY(SCARD_E_CANCELLED, "cancelled"),
    ERROR_ENTRY(SCARD_E_INVALID_HANDLE, "the connection is not valid any more"),
    ERROR_ENTRY(SCARD_E_INVALID_PARAMETER, "a parameter is not accepted"),
    ERROR_ENTRY(SCARD_E_INVALID_TARGET, "the system's settings are damaged"),
    ERROR_ENTRY(SCARD_E_NO_MEMORY, "out of memory"),
    ERROR_ENTRY(SCARD_F_WAITED_TOO_LONG, "an internal wait took too long"),
    ERROR_ENTRY(SCARD_E_INSUFFICIENT_BUFFER, "the answer is longer than expected"),
    ERROR_ENTRY(SCARD_E_UNKNOWN_READER, "no such reader"),
    ERROR_ENTRY(SCARD_E_TIMEOUT, "it took too long"),
    ERROR_ENTRY(SCARD_E_SHARING_VIOLATION,
                "another program holds the card or the reader"),
    ERROR_ENTRY(SCARD_E_NO_SMARTCARD, "there is no card in the reader"),
    ERROR_ENTRY(SCARD_E_UNKNOWN_CARD, "this type of card is not known"),
    ERROR_ENTRY(SCARD_E_CANT_DISPOSE, "the card cannot be left that way"),
    ERROR_ENTRY(SCARD_E_PROTO_MISMATCH, "the card does not speak this protocol"),
    ERROR_ENTRY(SCARD_E_NOT_READY, "the reader or card is not ready"),
    ERROR_ENTRY(SCARD_E_INVALID_VALUE, "a value is not accepted"),
    ERROR_ENTRY(SCARD_E_SYSTEM_CANCELLED, "cancelled by the system, which shuts down"),
    ERROR_ENTRY(SCARD_F_COMM_ERROR, "the connection to the smart card service failed"),
    ERROR_ENTRY(SCARD_F_UNKNOWN_ERROR, "an error without a known cause"),
    ERROR_ENTRY(SCARD_E_INVALID_ATR, "the card's answer to reset is not valid"),
    ERROR_ENTRY(SCARD_E_NOT_TRANSACTED, "the exchange with the card failed"),
    ERROR_ENTRY(SCARD_E_READER_UNAVAILABLE, "the reader is gone or cannot be used now"),
    ERROR_ENTRY(SCARD_P_SHUTDOWN, "the system shuts down"),
    ERROR_ENTRY(SCARD_E_PCI_TOO_SMALL, "the protocol header's buffer is too small"),
    ERROR_ENTRY(SCARD_E_READER_UNSUPPORTED,
                "the reader's driver does not do all it must"),
    ERROR_ENTRY(SCARD_E_DUPLICATE_READER, "a reader of this name exists already"),
    ERROR_ENTRY(SCARD_E_CARD_UNSUPPORTED, "the card does not do all it must"),
    ERROR_ENTRY(SCARD_E_NO_SERVICE, "the smart card service is not running"),
    ERROR_ENTRY(SCARD_E_SERVICE_STOPPED, "the smart card service has stopped"),
    ERROR_ENTRY(SCARD_E_UNEXPECTED, "an unexpected card error"),
    ERROR_ENTRY(SCARD_E_ICC_INSTALLATION, "the card has no provider"),
    ERROR_ENTRY(SCARD_E_ICC_CREATEORDER, "objects were made in an order not supported"),
    ERROR_ENTRY(SCARD_E_UNSUPPORTED_FEATURE, "not supported by this reader"),
    ERROR_ENTRY(SCARD_E_DIR_NOT_FOUND, "no such directory on the card"),
    ERROR_ENTRY(SCARD_E_FILE_NOT_FOUND, "no such file on the card"),
    ERROR_ENTRY(SCARD_E_NO_DIR, "not a directory of the card"),
    ERROR_ENTRY(SCARD_E_NO_FILE, "not a file of the card"),
    ERROR_ENTRY(SCARD_E_NO_ACCESS, "access to the file is denied"),
    ERROR_ENTRY(SCARD_E_WRITE_TOO_MANY, "the card has no room for more"),
    ERROR_ENTRY(SCARD_E_BAD_SEEK, "a wrong position in a file of the card"),
    ERROR_ENTRY(SCARD_E_INVALID_CHV, "the PIN is not valid"),
    ERROR_ENTRY(SCARD_E_UNKNOWN_RES_MNG, "an error the library does not know"),
    ERROR_ENTRY(SCARD_E_NO_SUCH_CERTIFICATE, "no such certificate"),
    ERROR_ENTRY(SCARD_E_CERTIFICATE_UNAVAILABLE, "the certificate cannot be read"),
    ERROR_ENTRY(SCARD_E_NO_READERS_AVAILABLE, "no reader is connected"),
    ERROR_ENTRY(SCARD_E_COMM_DATA_LOST, "data was lost on the way to the reader"),
    ERROR_ENTRY(SCARD_E_NO_KEY_CONTAINER, "no such key container"),
    ERROR_ENTRY(SCARD_E_SERVER_TOO_BUSY, "the smart card service is too busy"),
    ERROR_ENTRY(SCARD_E_PIN_CACHE_EXPIRED, "the remembered PIN has expired"),
    ERROR_ENTRY(SCARD_E_NO_PIN_CACHE, "the PIN may not be remembered"),
    ERROR_ENTRY(SCARD_E_READ_ONLY_CARD, "the card cannot be written"),
    ERROR_ENTRY(SCARD_W_UNSUPPORTED_CARD,
                "the card cannot be talked to with these settings"),
    ERROR_ENTRY(SCARD_W_UNRESPONSIVE_CARD,
                "the card does not answer; is it the right way up?"),
    ERROR_ENTRY(SCARD_W_UNPOWERED_CARD, "the card has no power"),
    ERROR_ENTRY(SCARD_W_RESET_CARD, "another program has reset the card"),
    ERROR_ENTRY(SCARD_W_REMOVED_CARD, "the card was taken out"),
    ERROR_ENTRY(SCARD_W_SECURITY_VIOLATION, "not permitted"),
    ERROR_ENTRY(SCARD_W_WRONG_CHV, "the PIN is wrong"),
    ERROR_ENTRY(SCARD_W_CHV_BLOCKED, "the PIN is blocked"),
    ERROR_ENTRY(SCARD_W_EOF, "the end of the file was reached"),
    ERROR_ENTRY(SCARD_W_CANCELLED_BY_USER, "cancelled by the user"),
    ERROR_ENTRY(SCARD_W_CARD_NOT_AUTHENTICATED, "no PIN was presented"),
    ERROR_ENTRY(SCARD_W_CACHE_ITEM_NOT_FOUND, "not in the cache"),
    ERROR_ENTRY(SCARD_W_CACHE_ITEM_STALE, "the cached item is out of date"),
    ERROR_ENTRY(SCARD_W_CACHE_ITEM_TOO_BIG, "too big for the cache"),
    /* Plain Win32 codes that SCard calls give too; winerror.h names them, and the
     * project's headers need not. */
    {1, "ERROR_INVALID_FUNCTION", "the reader does not know this request"},
    {2, "ERROR_FILE_NOT_FOUND", "it is not there"},
    {5, "ERROR_ACCESS_DENIED", "not permitted"},
    {6, "ERROR_INVALID_HANDLE", "the connection is not valid any more"},
    {50, "ERROR_NOT_SUPPORTED", "not supported by this reader"},
    {87, "ERROR_INVALID_PARAMETER", "a parameter is not accepted"},
    {109, "ERROR_BROKEN_PIPE", "the connection to the smart card service broke"},
    {122, "ERROR_INSUFFICIENT_BUFFER", "the answer is longer than expected"},
    {183, "ERROR_ALREADY_EXISTS", "there is one already"},
};

static const struct error *find_error(uint32_t code)
{
    for (size_t i = 0; i < TEXT_COUNT(errors); i++)
        if (errors[i].code == code)
            return &errors[i];
    return NULL;
}

const char *error_name(uint32_t code)
{
    const struct error *error = find_error(code);
    return error != NULL ? error->name : NULL;
}

const char *error_words(uint32_t code)
{
    const struct error *error = find_error(code);
    return error != NULL ? error->words : "an error this tool has no words for";
}
