/* SPDX-License-Identifier: BSD-2-Clause */
/* The text of A calls. On Windows, and in a Windows program that Wine runs, it is in the
 * process's ANSI code page (ansi_windows.c); on Unix it is UTF-8 (ansi_posix.c).
 *
 * A code page has some characters alone. A name with others must neither become another
 * reader's nor be lost, so what the page lacks is written as its number, <U+1F4B3>, and a
 * name that has such text is understood: what the library gave can be passed back. A name
 * that has that very text itself can be passed to W calls alone. */
#ifndef FACE_ANSI_H
#define FACE_ANSI_H

#include "base/compiler.h"
#include "base/error.h"

#include <stddef.h>

/* A NUL-terminated name from the caller as UTF-8. Errors: SC_E_INVALID_VALUE: too long
 * for `room` bytes, or not text of the code page; SC_E_NO_MEMORY. */
enum sc_error face_ansi_in(const char *text, char *out, size_t room) MUST_CHECK;

/* Text for the caller: `bytes` has `size`. */
struct face_ansi {
    const char *bytes;
    size_t size;
    char *memory; /* to be freed; NULL: `bytes` are borrowed */
};

/* UTF-8, NULs and all. Errors: SC_E_INVALID_VALUE: malformed; SC_E_NO_MEMORY, also where
 * there are more than FACE_ANSI_MAX bytes. */
enum sc_error face_ansi_out(const char *bytes, size_t size,
                            struct face_ansi *text) MUST_CHECK;

enum { FACE_ANSI_MAX = 128 * 1024 * 1024 };

#endif
