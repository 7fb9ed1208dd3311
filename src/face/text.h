/* SPDX-License-Identifier: BSD-2-Clause */
/* Text between the caller's encoding and UTF-8, in files that are compiled per encoding:
 * with UNICODE for the W calls, where TCHAR is a unit of UTF-16, and without it (ansi.h). */
#ifndef FACE_TEXT_H
#define FACE_TEXT_H

#include "base/utf.h"
#include "face/ansi.h"
#include "face/buffer.h"

/* UTF-8 bytes, NULs and all, to the caller: `bytes` has `size` of them. */
static inline enum sc_error face_text_out(uint32_t context, TCHAR *buffer, DWORD *length,
                                          const char *bytes, size_t size)
{
#ifdef UNICODE
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
    struct face_ansi text;
    enum sc_error error = face_ansi_out(bytes, size, &text);
    if (error == SC_OK) {
        error = face_buffer_out(context, buffer, length, text.bytes, text.size, 1);
        mem_free(text.memory);
    }
    return error;
#endif
}

/* A NUL-terminated name from the caller as UTF-8. Errors: SC_E_INVALID_VALUE: too long
 * for `room`, or not well-formed: no name of ours in either case. A: SC_E_NO_MEMORY too.
 * `text` is not NULL. */
static inline enum sc_error face_text_in(const TCHAR *text, char *out, size_t room)
{
#ifdef UNICODE
    size_t count;
    size_t units = utf16_length((const uint16_t *)text, room);
    if (units == room
        || utf16_to_utf8((const uint16_t *)text, units, out, room - 1, &count) != SC_OK)
        return SC_E_INVALID_VALUE;
    out[count] = '\0';
    return SC_OK;
#else
    return face_ansi_in(text, out, room);
#endif
}

/* SCardGetStatusChange without its checks: the context and `count` are looked at by the
 * carrier (reader_text.c). */
#if FACE_IS_WINDOWS
#define face_watch WINSCARD_NAME_AW(face_watch)
#endif
enum sc_error face_watch(SCARDCONTEXT context, uint64_t timeout_ms,
                         SCARD_READERSTATE *states, size_t count);

#endif
