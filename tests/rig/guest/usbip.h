/* SPDX-License-Identifier: BSD-2-Clause */
/* A simulated device served to the kernel over USB/IP (Linux, Documentation/usb/
 * usbip_protocol.rst): the kernel's vhci-hcd is given one end of a socket pair, and what
 * it submits on it goes to the device. One thread at a time. */
#ifndef RIG_GUEST_USBIP_H
#define RIG_GUEST_USBIP_H

#include "tests/rig/sim/device.h"

struct usbip_port;

enum { USBIP_TRANSFER_MAX = 1 << 20 }; /* bytes; the connection is closed above it */

/* Makes the device and attaches it to a free port of the kernel's, for which it waits up
 * to 5 s. NULL: `why` says what failed. */
struct usbip_port *usbip_port_open(const char *specification, char *why, size_t why_room);
/* Unplugs it, and frees all. */
void usbip_port_close(struct usbip_port *port);

struct sim_device *usbip_port_device(struct usbip_port *port);
/* To poll for POLLIN. */
int usbip_port_descriptor(const struct usbip_port *port);

/* Takes what the kernel sent, without waiting. False: it has closed the connection. */
bool usbip_port_receive(struct usbip_port *port, uint64_t now_ms);
/* Lets the time pass, and gives back what is finished. *next: when to call again at the
 * latest, UINT64_MAX if never. False: the device has left, or the connection is closed.
 */
bool usbip_port_advance(struct usbip_port *port, uint64_t now_ms, uint64_t *next);

#endif
