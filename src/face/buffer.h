/* SPDX-License-Identifier: BSD-2-Clause */
/* The rule for every buffer that a call fills: length pointer NULL is an error, buffer
 * NULL asks for the length, SCARD_AUTOALLOCATE asks for memory, too small says what is
 * needed. */
#ifndef FACE_BUFFER_H
#define FACE_BUFFER_H

#include "face/abi.h"

/* `count` units of `unit` bytes go out. Errors: SC_E_INVALID_PARAMETER (length is NULL),
 * SC_E_INSUFFICIENT_BUFFER, SC_E_NO_MEMORY. */
static inline enum sc_error face_buffer_out(void *buffer, DWORD *length, const void *data,
                                            size_t count, size_t unit)
{
    if (length == NULL)
        return SC_E_INVALID_PARAMETER;
    DWORD room = face_get(length);
    face_put(length, count);
    if (buffer == NULL)
        return SC_OK;
    if (room == SCARD_AUTOALLOCATE) {
        void *memory = client_memory_give(count * unit);
        if (memory == NULL)
            return SC_E_NO_MEMORY;
        memcpy(memory, data, count * unit);
        memcpy(buffer, &memory, sizeof(memory));
        return SC_OK;
    }
    if (room < count)
        return SC_E_INSUFFICIENT_BUFFER;
    if (count > 0)
        memcpy(buffer, data, count * unit);
    return SC_OK;
}

#endif
