/* SPDX-License-Identifier: BSD-2-Clause */
/* Systems without Unix sockets: no pcscd can be there. */
#include "client/client.h"

bool client_finds_pcscd(void)
{
    return false;
}

const struct carrier *client_pcscd(void)
{
    return NULL;
}
