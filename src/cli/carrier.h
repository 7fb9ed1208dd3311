/* SPDX-License-Identifier: BSD-2-Clause */
/* Which way the library goes to the readers. It does not say, so this is found out from the
 * sockets that the process is connected to while a context is open. */
#ifndef CLI_CARRIER_H
#define CLI_CARRIER_H

#include <stdbool.h>
#include <stddef.h>

enum carrier_kind {
    CARRIER_NONE, /* no context could be had */
    CARRIER_LOCAL,
    CARRIER_PCSCD,
    CARRIER_SERVICE,
    CARRIER_SYSTEM,
    CARRIER_UNSEEN /* the library's connections are not this process's */
};

enum { CARRIER_ENDPOINT_ROOM = 256 };

/* `endpoint` gets the path of the socket, of a service over TCP its address, else "". */
enum carrier_kind carrier_find(char endpoint[CARRIER_ENDPOINT_ROOM]);

enum { CARRIER_SERVICES_MAX = 3 };

/* Where a service may be: at a Unix socket, or where a file tells. */
struct carrier_place {
    char path[CARRIER_ENDPOINT_ROOM];
    bool file;
};

/* The places where the library looks for a service, in its order: that of `setting`
 * (WINSCARD_SERVICE) if there is one, else this user's and the machine's. Gives how many:
 * none for a service over TCP whose address is named. */
size_t carrier_services(const char *setting,
                        struct carrier_place places[CARRIER_SERVICES_MAX]);

/* "local", "pcscd", "service", "system", "unknown" or "none". */
const char *carrier_name(enum carrier_kind carrier);

#endif
