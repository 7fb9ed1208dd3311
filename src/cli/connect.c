/* SPDX-License-Identifier: BSD-2-Clause */
/* How connections are opened and closed (winscard.h, card_calls.h). */
#include "cli/connect.h"

#include <assert.h>
#include <string.h>

int connection_choose(struct cli *cli, struct connection *connection, const char *wanted)
{
    memset(connection, 0, sizeof *connection);
    int code = readers_open(cli, &connection->context);
    if (code != CLI_OK)
        return code;
    uint32_t result = readers_get(connection->context, &connection->readers);
    if (result != SCARD_S_SUCCESS)
        return cli_fail(cli, result, "cannot list the readers");
    if (connection->readers.count == 0)
        return cli_fail(cli, (uint32_t)SCARD_E_NO_READERS_AVAILABLE, "nothing to ask");
    if (wanted == NULL)
        return CLI_OK;
    return readers_choose(cli, connection->context, &connection->readers, wanted,
                          &connection->index);
}

uint32_t connection_open_any(struct connection *connection, const char *reader)
{
    assert(connection->card == 0); /* one at a time, or it would stay open */
    LONG result = SCardConnectA(connection->context, reader, SCARD_SHARE_SHARED,
                                SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &connection->card,
                                &connection->protocol);
    if (result == SCARD_E_NO_SMARTCARD || result == SCARD_W_UNRESPONSIVE_CARD
        || result == SCARD_E_PROTO_MISMATCH || result == SCARD_W_REMOVED_CARD
        || result == SCARD_W_UNSUPPORTED_CARD || result == SCARD_W_UNPOWERED_CARD)
        result = SCardConnectA(connection->context, reader, SCARD_SHARE_DIRECT, 0,
                               &connection->card, &connection->protocol);
    if (result != SCARD_S_SUCCESS)
        connection->card = 0;
    return (uint32_t)result;
}

void connection_disconnect(struct connection *connection, DWORD disposition)
{
    if (connection->card != 0)
        SCardDisconnect(connection->card, disposition);
    connection->card = 0;
}

void connection_close(struct connection *connection)
{
    connection_disconnect(connection, SCARD_LEAVE_CARD);
    readers_free(&connection->readers);
    if (connection->context != 0)
        SCardReleaseContext(connection->context);
    connection->context = 0;
}
