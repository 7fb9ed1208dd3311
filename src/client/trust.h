/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a socket that the environment names is that of a service: whoever listens there
 * gets PINs. */
#ifndef CLIENT_TRUST_H
#define CLIENT_TRUST_H

#include "os/socket.h"

/* os_judge_service() of the connection to the socket at `path`, which `setting` names.
 * What is not trusted is logged. */
bool client_trusts(struct os_socket socket, const char *path, const char *setting,
                   const char *usual) MUST_CHECK;

#endif
