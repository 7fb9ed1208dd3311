/* SPDX-License-Identifier: BSD-2-Clause */
/* scard apdu --wait: until the wanted reader has a card that can be used. */
#ifndef CLI_APDU_WAIT_H
#define CLI_APDU_WAIT_H

#include "cli/cli.h"

#include <stdint.h>

/* `wanted` as for readers_choose(). Waits until there is such a reader, a card in it, and
 * no program that has it alone; until end_ms (platform_now_ms()) at most, UINT64_MAX for ever.
 * CLI_OK, or says why not. */
int apdu_wait(struct cli *cli, const char *wanted, uint64_t end_ms);

#endif
