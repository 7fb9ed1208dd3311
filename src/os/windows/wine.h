/* SPDX-License-Identifier: BSD-2-Clause */
/* Wine, which runs Windows programs on Unix, and lets them reach what is Unix's. */
#ifndef OS_WINDOWS_WINE_H
#define OS_WINDOWS_WINE_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

/* What stands before an absolute path of Unix: a name for the same file for Win32. */
#define OS_WINE_UNIX "\\\\?\\unix"

/* Whether Wine runs this program. A Wine that is told to hide itself is not seen. */
bool os_is_wine(void);
/* An absolute path of Unix as Win32 calls take it under Wine. False: it is not absolute,
 * or too long. */
bool os_wine_unix_path(const char *path, char *shown, size_t room) MUST_CHECK;

#endif
