/* SPDX-License-Identifier: BSD-2-Clause */
/* The one error vocabulary, from driver to face (error.def lists it).
 * Full 0x8010xxxx codes cannot be enumerators in C11, since they exceed INT_MAX. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

enum sc_error {
    SC_OK = 0,
#define ERR(name, code, abi) name = code,
#include "base/error.def"
#undef ERR
};

/* A status of Windows that the vocabulary lacks is its code and this, modulo 2^32. */
enum { SC_X_WIN32 = 0x1100 };

/* The ABI's name of an error, such as "SCARD_E_TIMEOUT"; "SCARD_S_SUCCESS" for SC_OK, and
 * "unknown" for a value outside the vocabulary. Never NULL; static storage. */
const char *sc_error_name(enum sc_error error);
/* The reason in words, for a message about files, sockets, drivers or the service itself,
 * such as "no such file or directory". Never NULL; static storage. */
const char *sc_error_words(enum sc_error error);

#endif
