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
