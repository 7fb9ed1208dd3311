/* SPDX-License-Identifier: BSD-2-Clause */
/* The readers that are there, their states, and which of them a person means. */
#ifndef CLI_READERS_H
#define CLI_READERS_H

#include "cli/api.h"
#include "cli/cli.h"

/* The names, in the order of the list command. */
struct readers {
    char *names; /* the multi-string they stand in; owned */
    const char **name;
    size_t count;
};

/* Opens a context. Returns CLI_OK, or says what is wrong. */
int readers_open(struct cli *cli, SCARDCONTEXT *context);

/* Asks for the readers; none is a success with count 0. Errors as SCardListReaders, and
 * SCARD_E_NO_MEMORY. readers_free afterwards, also on errors. */
uint32_t readers_get(SCARDCONTEXT context, struct readers *readers);
void readers_free(struct readers *readers);

/* The states of all readers now: states[count], zeroed by this. Errors as
 * SCardGetStatusChange, but a reader that vanished since the list was made is not an error:
 * its state is SCARD_STATE_UNKNOWN. */
uint32_t readers_states(SCARDCONTEXT context, const struct readers *readers,
                        SCARD_READERSTATEA *states);

/* Which reader a name, a number or a part of a name stands for, without a word. */
enum readers_matched { READERS_ONE, READERS_NONE, READERS_NO_NUMBER, READERS_SEVERAL };
enum readers_matched readers_match(const struct readers *readers, const char *wanted,
                                   size_t *index);

/* Which reader `wanted` names: the exact name, the number in the list (from 1), a part of
 * the name that no other has, or "-": the first one with a card, else the only one.
 * Returns CLI_OK and the index, or says why not. */
int readers_choose(struct cli *cli, SCARDCONTEXT context, const struct readers *readers,
                   const char *wanted, size_t *index);

/* Writes a state's bits as words: "card present, in use". */
void readers_state_words(uint32_t state, struct text *text);
/* The same as an array of JSON, each bit by its API name in lower case. */
void readers_state_json(struct json *json, const char *key, uint32_t state);

/* The bytes of an ATR in a state, never more than there is room for. */
size_t readers_atr_size(const SCARD_READERSTATEA *state);

/* "T=0", "T=1", "raw", "none". */
const char *readers_protocol_name(uint32_t protocol);

#endif
