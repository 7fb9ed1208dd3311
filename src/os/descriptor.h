/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors 0, 1 and 2 are the program's. A program may have closed them (a daemon, a
 * program that was started so), and the next open() gives them out; if a socket of this
 * library became one, whatever the program or any library in it writes to its standard
 * error would go into the protocol, and what it reads from its standard input would come
 * out of it. So each descriptor that this library keeps has a number of 3 or more, as
 * those of SQLite have, for the same reason. POSIX systems alone. */
#ifndef OS_DESCRIPTOR_H
#define OS_DESCRIPTOR_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stdint.h>

/* Gives a new descriptor a number of 3 or more, and close-on-exec if it has to be moved.
 * Gives the number, or -1: it was -1, or there are no more descriptors; then it is
 * closed, and errno says why. */
int os_descriptor_raise(int descriptor) MUST_CHECK;
/* The same for two that belong together. False: both are closed. */
bool os_descriptors_raise(int pair[2]) MUST_CHECK;
/* How many descriptors this process may have; UINT32_MAX: no end to it. */
uint32_t os_descriptor_limit(void);
/* For libraries that open descriptors of their own: those of 0, 1 and 2 that are closed
 * become /dev/null, which can be read (it is empty) and not written, and is closed in
 * programs that this one starts. They stay, as another thread may make them its own at
 * any time, so that closing them again might close that. */
void os_descriptors_fill(void);

#endif
