/* SPDX-License-Identifier: BSD-2-Clause */
/* Text between this project's UTF-8 and Windows' UTF-16. */
#ifndef OS_WINDOWS_TEXT_H
#define OS_WINDOWS_TEXT_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

enum { WIDE_PATH_MAX = 4096 }; /* units of a path, its NUL counted */

/* Both ways with a NUL. False: not well-formed, or longer than `room`. */
bool os_to_wide(const char *text, wchar_t *wide, size_t room) MUST_CHECK;
bool os_from_wide(const wchar_t *wide, char *text, size_t room) MUST_CHECK;
/* ASCII, cut to `room`. */
void os_ascii_to_wide(const char *text, wchar_t *wide, size_t room);

/* A path as Win32 calls take it: with backslashes, and where it is long with the prefix
 * that lifts the limit of 260 units (MS-Docs "Maximum Path Length Limitation"). A path
 * that begins with "\\?\" stays as it is. False: it is none, or too long. */
bool os_wide_path(const char *path, wchar_t wide[WIDE_PATH_MAX]) MUST_CHECK;

/* A path as GetFinalPathNameByHandle() gives it, "\\?\C:\...", loses what is before the
 * drive. False: it is of no drive, as on another machine; *why says so. */
bool os_path_is_of_drive(wchar_t *path, const char **why) MUST_CHECK;
/* Cuts a path of a drive behind its last separator but the one that it ends with, which
 * stays: "C:" alone is another directory. False: it is the drive's root. */
bool os_path_go_up(wchar_t *path) MUST_CHECK;

#endif
