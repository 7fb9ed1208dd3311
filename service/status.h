/* SPDX-License-Identifier: BSD-2-Clause */
/* winscardd --status: what a service that runs says of its clients. */
#ifndef SERVICE_STATUS_H
#define SERVICE_STATUS_H

#include <stdbool.h>

/* Asks the service at `path`, or, if that is NULL, where programs find one (`machine`: that of
 * the machine alone, where it has a file), and prints a
 * line for all card handles of a client to a reader that are alike, and for each client
 * without one. Waits a few seconds at most.
 * False: no service answered; standard error says why. */
bool status_print(const char *path, bool machine);

#endif
