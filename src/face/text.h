/* SPDX-License-Identifier: BSD-2-Clause */
/* Text between the caller's encoding and UTF-8, in files that are compiled per encoding.
 */
#ifndef FACE_TEXT_H
#define FACE_TEXT_H

#include "base/utf.h"
#include "face/buffer.h"
#if FACE_IS_WINDOWS
#include "database/database.h"
#endif

/* Bytes of a reader's name from the caller, with its NUL: one of ours, or one that was
 * introduced. pcsc-lite has no database, and its face has none. */
#if FACE_IS_WINDOWS
enum { FACE_NAME_MAX = DATABASE_NAME_MAX };
#else
enum { FACE_NAME_MAX = DRIVER_NAME_MAX };
#endif

/* UTF-8 bytes, NULs and all, to the caller: `bytes` has `size` of them. */
static inline enum sc_error face_text_out(uint32_t context, face_char *buffer,
                                          DWORD *length, const char *bytes, size_t size)
{
#ifdef FACE_WIDE
    size_t count = 0;
    uint16_t *wide = mem_alloc_array(size + 1, sizeof(*wide));
    if (wide == NULL)
        return SC_E_NO_MEMORY;
    enum sc_error error = utf8_to_utf16(bytes, size, wide, size + 1, &count);
    if (error == SC_OK)
        error = face_buffer_out(context, buffer, length, wide, count, sizeof(*wide));
    mem_free(wide);
    return error;
#else
    return face_buffer_out(context, buffer, length, bytes, size, 1);
#endif
}

/* A NUL-terminated name from the caller as UTF-8. Errors: SC_E_INVALID_VALUE: too long
 * for `room`, or not well-formed: no name of ours in either case. `text` is not NULL. */
static inline enum sc_error face_text_in(const face_char *text, char *out, size_t room)
{
#ifdef FACE_WIDE
    size_t count;
    size_t units = utf16_length((const uint16_t *)text, room);
    if (units == room
        || utf16_to_utf8((const uint16_t *)text, units, out, room - 1, &count) != SC_OK)
        return SC_E_INVALID_VALUE;
    out[count] = '\0';
#else
    const char *end = memchr(text, '\0', room);
    if (end == NULL)
        return SC_E_INVALID_VALUE;
    memcpy(out, text, (size_t)(end - text) + 1);
#endif
    return SC_OK;
}

/* What the files that are compiled per encoding have for each other. */

/* SCardGetStatusChange without its checks: the context and `count` are looked at by the
 * carrier (reader_text.c). */
enum sc_error FACE(face_watch)(SCARDCONTEXT context, uint64_t timeout_ms,
                               face_readerstate *states, size_t count);

#if FACE_IS_WINDOWS
/* SC_OK if a reader of this name is there and not forgotten, or was introduced;
 * SC_E_UNKNOWN_READER (windows_text.c). */
enum sc_error FACE(face_reader_exists)(SCARDCONTEXT context, const char *name);
#endif

#endif
