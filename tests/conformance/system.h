/* SPDX-License-Identifier: BSD-2-Clause */
/* Libraries and processes, as the system has them. */
#ifndef TESTS_CONFORMANCE_SYSTEM_H
#define TESTS_CONFORMANCE_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { COMMAND_ROOM = 8192 }; /* bytes of a command line */

/* Loads it for good. False: why not is in `why`. */
bool system_load(const char *path, char *why, size_t room);
/* NULL: the library that was loaded does not export it. */
void *system_find(const char *name);
/* Starts a program and reads what it says. NULL: it cannot be started. */
FILE *system_start(const char *const *words);
/* Waits for its end. False: it was ended, or failed, as `why` says. */
bool system_end(FILE *program, char *why, size_t room);

#endif
