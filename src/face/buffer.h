/* SPDX-License-Identifier: BSD-2-Clause */
/* The rule for every buffer that a call fills: length pointer NULL is an error, buffer
 * NULL asks for the length, SCARD_AUTOALLOCATE asks for memory, too small says what is
 * needed.
 *
 * Memory of the library belongs to a context in the Windows ABI: what SCardFreeMemory has
 * not freed goes with the context (MS-Docs SCardReleaseContext). In pcsc-lite's it is
 * malloc's and nobody's: many programs release it with free(). */
#ifndef FACE_BUFFER_H
#define FACE_BUFFER_H

#include "base/alloc.h"
#include "face/abi.h"

/* `size` bytes of memory for the caller. `context`: whose, 0: of none. Errors:
 * SC_E_NO_MEMORY, SC_E_INVALID_HANDLE (the context was released meanwhile). */
static inline enum sc_error face_memory(uint32_t context, size_t size, void **memory)
{
#if FACE_IS_WINDOWS
    return client_memory_give(context, size, memory);
#else
    (void)context;
    *memory = mem_alloc(size);
    return *memory != NULL ? SC_OK : SC_E_NO_MEMORY;
#endif
}

/* `count` units of `unit` bytes go out. Errors: SC_E_INVALID_PARAMETER (length is NULL),
 * SC_E_INSUFFICIENT_BUFFER, those of face_memory(). */
static inline enum sc_error face_buffer_out(uint32_t context, void *buffer, DWORD *length,
                                            const void *data, size_t count, size_t unit)
{
    if (length == NULL)
        return SC_E_INVALID_PARAMETER;
    DWORD room = face_get(length);
    face_put(length, count);
    if (buffer == NULL)
        return SC_OK;
    if (room == SCARD_AUTOALLOCATE) {
        void *memory;
        enum sc_error error = face_memory(context, count * unit, &memory);
        if (error != SC_OK)
            return error;
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
