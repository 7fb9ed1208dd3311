/* SPDX-License-Identifier: BSD-2-Clause */
/* What happens to the lent reader, a line each, or with --json an object. */
#ifndef CLI_LEND_SHOW_H
#define CLI_LEND_SHOW_H

#include "cli/cli.h"

#include <stddef.h>
#include <stdint.h>

enum lend_event {
    LEND_WAITING, /* nobody listens yet */
    LEND_LENT,
    LEND_CARD_INSERTED, /* the virtual machine has a card now */
    LEND_CARD_REMOVED,
    LEND_CARD_BUSY, /* another program has it */
    LEND_CARD_MUTE,
    LEND_READER_REMOVED,
    LEND_READER_ADDED,
    LEND_ERROR, /* the virtual machine says that something went wrong there */
    LEND_RETURNED
};

/* `words` may be "", `size` of the ATR 0. */
void lend_show_event(struct cli *cli, enum lend_event event, const char *reader,
                     const char *words, const uint8_t *atr, size_t size);

#endif
