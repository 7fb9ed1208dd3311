/* SPDX-License-Identifier: BSD-2-Clause */
/* The contexts and card handles that this process has from the service, as the program
 * knows them: so that each of them hears once that its service stopped. Under the
 * session's lock (service_wire.c). */
#ifndef CLIENT_SERVICE_HANDLES_H
#define CLIENT_SERVICE_HANDLES_H

#include <stdbool.h>
#include <stdint.h>

enum {
    /* More are not noted, nor any without memory: after the service's end they are
     * handles of nothing at once. */
    SERVICE_HANDLES_MAX = 65536
};

/* A new handle; `context`: of the one that the card was connected with, 0 for a context
 * itself; `stopped`: its service is gone already. */
void handles_add(uint32_t handle, uint32_t context, bool stopped);
/* It is given back; with a context its cards are. */
void handles_remove(uint32_t handle);
/* The service is gone, and with it all of them. */
void handles_stop(void);
/* Whether the service of this handle is gone, and no call with this handle has said so.
 * `once`: this tells. */
bool handles_is_stopped(uint32_t handle, bool once);
/* Whether there is any such handle; without the lock, and not exact. */
bool handles_any_stopped(void);
/* In the child of a fork: the parent's are none of its own. No memory is freed, for
 * another thread may have been at it. */
void handles_forget(void);

#endif
