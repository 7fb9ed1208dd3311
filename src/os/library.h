/* SPDX-License-Identifier: BSD-2-Clause */
/* This library as the system loaded it, and others that are loaded while it runs. */
#ifndef OS_LIBRARY_H
#define OS_LIBRARY_H

#include "base/compiler.h"

#include <stddef.h>

/* From now on the library, or the program that has this code in it, stays loaded until the
 * process ends, whatever the program unloads: for code that a thread of ours, or a call that
 * waits, will come back to. Where the library was linked so that it stays in any case,
 * nothing happens. */
void os_library_keep(void);

/* A library that is loaded until the process ends: nothing unloads it, so a call that waits
 * in it can always come back. */
struct os_library;
typedef void (*os_library_function)(void);

/* The library of this path, or, elsewhere than on Windows, of this name, where the system
 * looks for libraries. NULL: there is none, or, on Windows, it is the one that has this code
 * in it. */
struct os_library *os_library_open(const char *path) MUST_CHECK;
/* What it exports under this name; NULL: nothing. */
os_library_function os_library_find(struct os_library *library, const char *name);

/* --- On POSIX systems alone ------------------------------------------------------------ */

/* As os_library_open(). NULL: `why` is the system's reason, cut to its room. */
struct os_library *os_library_load(const char *path, char *why, size_t room) MUST_CHECK;

/* --- On Windows alone --------------------------------------------------------------- */

/* The library of this file name in the system's own directory (System32), which is looked
 * for nowhere else. NULL: as above. */
struct os_library *os_library_of_system(const char *name) MUST_CHECK;

#endif
