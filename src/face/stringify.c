/* SPDX-License-Identifier: BSD-2-Clause */
/* pcsc_stringify_error: the texts pcsc-lite has for its codes, which programs print. */
#include "face/abi.h"

#include <stdio.h>

enum { TEXT_ROOM = 75 }; /* bytes of a thread's own text, as in pcsc-lite */

static const char *known_text(uint32_t code)
{
    static const struct {
        uint32_t code;
        const char *text;
    } texts[] = {
        {0x00000000, "Command successful."},
        {0x80100001, "Internal error."},
        {0x80100002, "Command cancelled."},
        {0x80100003, "Invalid handle."},
        {0x80100004, "Invalid parameter given."},
        {0x80100005, "Invalid target given."},
        {0x80100006, "Not enough memory."},
        {0x80100007, "Waited too long."},
        {0x80100008, "Insufficient buffer."},
        {0x80100009, "Unknown reader specified."},
        {0x8010000A, "Command timeout."},
        {0x8010000B, "Sharing violation."},
        {0x8010000C, "No smart card inserted."},
        {0x8010000D, "Unknown card."},
        {0x8010000E, "Cannot dispose handle."},
        {0x8010000F, "Card protocol mismatch."},
        {0x80100010, "Subsystem not ready."},
        {0x80100011, "Invalid value given."},
        {0x80100012, "System cancelled."},
        {0x80100013, "RPC transport error."},
        {0x80100014, "Unknown error."},
        {0x80100015, "Invalid ATR."},
        {0x80100016, "Transaction failed."},
        {0x80100017, "Reader is unavailable."},
        {0x80100019, "PCI struct too small."},
        {0x8010001A, "Reader is unsupported."},
        {0x8010001B, "Reader already exists."},
        {0x8010001C, "Card is unsupported."},
        {0x8010001D, "Service not available."},
        {0x8010001E, "Service was stopped."},
        {0x8010001F, "Feature not supported."},
        {0x8010002E, "Cannot find a smart card reader."},
        {0x80100065, "Card is not supported."},
        {0x80100066, "Card is unresponsive."},
        {0x80100067, "Card is unpowered."},
        {0x80100068, "Card was reset."},
        {0x80100069, "Card was removed."},
        {0x8010006A, "Access denied."},
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        if (texts[i].code == code)
            return texts[i].text;
    return NULL;
}

const char *pcsc_stringify_error(const LONG pcscError)
{
    static _Thread_local char text[TEXT_ROOM];
    uint32_t code = (uint32_t)pcscError;
    const char *known = known_text(code);
    if (known != NULL)
        return known;
    snprintf(text, sizeof(text), "Unknown error: 0x%08lX", (unsigned long)code);
    return text;
}
