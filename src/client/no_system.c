/* SPDX-License-Identifier: BSD-2-Clause */
/* Systems that have no winscard.dll of their own. */
#include "client/client.h"

bool client_may_have_system(void)
{
    return false;
}

bool client_finds_system(void)
{
    return false;
}

const struct carrier *client_system(void)
{
    return NULL;
}
