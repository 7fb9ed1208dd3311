/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of the error vocabulary. */
#include "base/error.h"

const char *sc_error_name(enum sc_error error)
{
    switch (error) {
    case SC_OK:
        return "SCARD_S_SUCCESS";
#define ERR(name, code, abi)                                                             \
    case name:                                                                           \
        return abi;
#include "base/error.def"
#undef ERR
    }
    return "unknown";
}

const char *sc_error_words(enum sc_error error)
{
    switch ((int)error) {
    case SC_OK:
        return "there is no error";
    case SC_E_NO_MEMORY:
        return "there is no memory, or no descriptor, left";
    case SC_E_FILE_NOT_FOUND:
        return "no such file or directory";
    case SC_E_NO_ACCESS:
        return "not permitted";
    case SC_E_SHARING_VIOLATION:
        return "another program has it";
    case SC_E_READER_UNAVAILABLE:
        return "it is not there, or another program has it";
    case SC_E_READER_UNSUPPORTED:
        return "this kind of reader is not supported";
    case SC_E_DUPLICATE_READER:
        return "there is a reader of this name already";
    case SC_E_INVALID_VALUE:
    case SC_E_INVALID_PARAMETER:
        return "a value in it is not valid";
    case SC_E_INSUFFICIENT_BUFFER:
        return "it is too long";
    case SC_E_NOT_READY:
    case SC_E_TIMEOUT:
        return "there was no answer in time";
    case SC_E_UNSUPPORTED_FEATURE:
        return "this system does not have that";
    case SC_F_COMM_ERROR:
        return "the connection broke";
    case SC_E_PROTO_MISMATCH:
        return "there is no protocol that both sides know";
    case SC_W_UNRESPONSIVE_CARD:
        return "the card does not answer";
    case SC_W_UNPOWERED_CARD:
    case SC_E_NO_SMARTCARD:
    case SC_W_REMOVED_CARD:
        return "there is no card";
    case SC_E_NO_SERVICE:
    case SC_E_SERVICE_STOPPED:
        return "the service does not run";
    case SC_E_CANCELLED:
    case SC_E_SYSTEM_CANCELLED:
        return "it was cancelled";
    default:
        return "an internal error";
    }
}
