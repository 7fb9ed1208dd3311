/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of libwinport share. The library stands on the public headers, the C
 * library and POSIX threads alone: it is linked into other people's programs. */
#ifndef PORT_PORT_H
#define PORT_PORT_H

#include <windows.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if !defined(WINSCARD_WITH_PORT) || WCHAR_MAX <= 0xffff
#error "libwinport is compiled with its own headers and the platform's wchar_t"
#endif

/* Sets the last error and gives FALSE. */
BOOL winport_fail(DWORD code);
/* The code of winerror.h for one of errno.h. */
DWORD winport_error_of_errno(int number);

/* Bytes of a path or a name of the system's, the NUL included. */
#define WINPORT_PATH_MAX 4096

/* --- Text for both encodings (text.c) ----------------------------------------------- */

/* UTF-8 of a wide argument, in memory of malloc(). NULL: ERROR_NOT_ENOUGH_MEMORY, or
 * ERROR_INVALID_PARAMETER for NULL. */
char *winport_narrow(LPCWSTR wide);

/* Where an out argument's text goes: `room` characters of either encoding. */
struct winport_out {
    LPSTR narrow;
    LPWSTR wide; /* instead of it */
    size_t room;
};
/* One for wide text. NULL has no room, and stays one for wide text. */
struct winport_out winport_out_wide(LPWSTR wide, size_t room);
/* Characters that `text` has there, without its NUL. */
size_t winport_out_length(const struct winport_out *out, const char *text);
/* Writes it with its NUL, cut where it does not fit. */
void winport_out_put(const struct winport_out *out, const char *text);
/* As many calls answer: the length without the NUL; where there is no room, what is needed
 * with the NUL, and nothing is written. */
DWORD winport_out_answer(const struct winport_out *out, const char *text);

#endif
