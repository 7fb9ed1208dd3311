/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's virtual USB host controllers (vhci-hcd), through sysfs. */
#ifndef RIG_GUEST_VHCI_H
#define RIG_GUEST_VHCI_H

#include <stdbool.h>
#include <stddef.h>

#define VHCI_NO_PORT "no port is free" /* so far: a reason to try again */

/* Attaches a device of this speed (as in the kernel's enum: 2 full, 3 high), for which
 * the other end of the socket answers, to a free port; waits for one up to 0.2 s. The
 * kernel keeps `socket` for itself: the caller's may be closed. False: `why` says why. */
bool vhci_attach(int socket, int speed, char *why, size_t why_room);

#endif
