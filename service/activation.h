/* SPDX-License-Identifier: BSD-2-Clause */
/* What systemd hands to a service and wants to hear from it, by the documented
 * environment (sd_listen_fds(3), sd_notify(3)), without its library. */
#ifndef SERVICE_ACTIVATION_H
#define SERVICE_ACTIVATION_H

#include <stdbool.h>
#include <stdint.h>

/* Sockets that are handed over: numbers 3 to 3 + count - 1. 0: none, or not for us. */
uint32_t activation_sockets(void);
/* Whether the socket with this number, from 0, is called so: FileDescriptorName=. */
bool activation_is_named(uint32_t number, const char *name);
/* "READY=1", "STOPPING=1", "RELOADING=1": told if anybody listens. */
void activation_notify(const char *state);

#endif
