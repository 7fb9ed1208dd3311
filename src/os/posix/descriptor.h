/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors 0, 1 and 2 are the program's. A program may have closed them (a daemon, a
 * program that was started so), and the next open() gives them out; if a socket of this
 * library became one, whatever the program or any library in it writes to its standard
 * error would go into the protocol, and what it reads from its standard input would come
 * out of it. So each descriptor that this library keeps has a number of 3 or more, as
 * those of SQLite have, for the same reason. */
#ifndef OS_POSIX_DESCRIPTOR_H
#define OS_POSIX_DESCRIPTOR_H

#include "base/compiler.h"

#include <stdbool.h>

/* Gives a new descriptor a number of 3 or more, and close-on-exec if it has to be moved.
 * Gives the number, or -1: it was -1, or there are no more descriptors; then it is
 * closed, and errno says why. */
int os_descriptor_raise(int descriptor) MUST_CHECK;
/* The same for two that belong together. False: both are closed. */
bool os_descriptors_raise(int pair[2]) MUST_CHECK;
#endif
