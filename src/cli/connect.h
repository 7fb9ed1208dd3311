/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections to a card: opened for a command, and closed whatever happened. */
#ifndef CLI_CONNECT_H
#define CLI_CONNECT_H

#include "cli/api.h"
#include "cli/cli.h"
#include "cli/readers.h"

struct connection {
    SCARDCONTEXT context;
    struct readers readers;
    size_t index;     /* of the reader in `readers` */
    SCARDHANDLE card; /* 0: not connected */
    DWORD protocol;
};

/* Opens a context, lists the readers, of which there must be one, and chooses the wanted
 * one (NULL: none); does not connect. Says what is wrong. connection_close afterwards,
 * also on errors. */
int connection_choose(struct cli *cli, struct connection *connection, const char *wanted);

/* Connects to the card in a reader, shared, with T=0 or T=1; if there is no card that can
 * be talked to, to the reader itself. Results of SCardConnect. */
uint32_t connection_open_any(struct connection *connection, const char *reader);

/* Disconnects with this disposition; then everything else, too. */
void connection_disconnect(struct connection *connection, DWORD disposition);
void connection_close(struct connection *connection);

#endif
