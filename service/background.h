/* SPDX-License-Identifier: BSD-2-Clause */
/* Going to the background as daemon(3) does, but for two things: the program that was
 * started stays until the service runs, so that all that is wrong with a start is read
 * where it was made, and gives the exit status; and the log goes to syslog(3) then. */
#ifndef SERVICE_BACKGROUND_H
#define SERVICE_BACKGROUND_H

#include <stdbool.h>

/* Comes back in a child, before there are threads; the program that calls it ends when
 * background_ready() is called or the child ends, with 0 or the child's exit status, or
 * with 1 after a minute. False: there is no child; standard error says why. */
bool background_begin(void);
/* The service runs: it leaves the terminal, and, unless it is to stay there, the working
 * directory. The log goes to syslog from now on, facility "daemon". Threads may run.
 * False: it could not; standard error says why. */
bool background_ready(bool stay);

#endif
