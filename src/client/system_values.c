/* SPDX-License-Identifier: BSD-2-Clause */
/* Windows' values and ours: status codes, states of cards, names. */
#include "client/system.h"

#include "base/utf.h"

#include <string.h>

enum { FACILITY = 0x8010, KNOWN_CODES = 0x1000 };

/* A code of the smart card facility is its low word, in the vocabulary or not; any other
 * goes by its number. */
enum sc_error system_error(LONG status)
{
    uint32_t code = (uint32_t)status;
    if (code == 0)
        return SC_OK;
    if (code >> 16 == FACILITY && (code & 0xFFFF) != 0 && (code & 0xFFFF) < KNOWN_CODES)
        return (enum sc_error)(code & 0xFFFF);
    if (code == ERROR_INVALID_HANDLE)
        return SC_E_INVALID_HANDLE;
    if (code == ERROR_NOT_SUPPORTED)
        return SC_X_NOT_SUPPORTED;
    return code > UINT32_MAX - SC_X_WIN32 ? SC_F_UNKNOWN_ERROR
                                          : (enum sc_error)(code + SC_X_WIN32);
}

/* SCARD_POWERED, power without a known mode, is shown as what the mode then is after a
 * reset; a state that cannot be told as no card in position. */
enum card_state system_card_state(DWORD state)
{
    switch (state) {
    case SCARD_ABSENT:
        return CARD_ABSENT;
    case SCARD_SWALLOWED:
        return CARD_OFF;
    case SCARD_POWERED:
    case SCARD_NEGOTIABLE:
        return CARD_NEGOTIABLE;
    case SCARD_SPECIFIC:
        return CARD_SPECIFIC;
    default:
        return CARD_UNKNOWN;
    }
}

bool system_wide_name(const char *name, WCHAR wide[SYSTEM_NAME_MAX])
{
    size_t count, size = strlen(name) + 1;
    return utf8_to_utf16(name, size, wide, SYSTEM_NAME_MAX, &count) == SC_OK;
}

bool system_text(const WCHAR *wide, size_t units, char *text, size_t room)
{
    size_t count, length = utf16_length(wide, units);
    return length < units && utf16_to_utf8(wide, length + 1, text, room, &count) == SC_OK;
}
