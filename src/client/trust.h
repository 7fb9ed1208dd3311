/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a socket that was found by a name of the environment is who it is taken for:
 * whoever listens there gets PINs. */
#ifndef CLIENT_TRUST_H
#define CLIENT_TRUST_H

#include "os/socket.h"

/* The connection to the Unix socket at `path`, which `setting` names (for the log). True:
 * root listens there, or this user, or `usual` (a user's name: the one that such a
 * service has), or the user that WINSCARD_SERVICE_USER names; and nobody else could have
 * put it there: its directory is not everybody's, as /tmp is. WINSCARD_SERVICE_USER=any
 * takes everything. What is not taken is logged. Who listens is who called listen(): root
 * for a socket of systemd's. */
bool client_trusts(struct os_socket socket, const char *path, const char *setting,
                   const char *usual) MUST_CHECK;

#endif
