/* SPDX-License-Identifier: BSD-2-Clause */
/* One command to a card and what follows from it: GET RESPONSE, the repeat with the right
 * length, and the printed record. */
#ifndef CLI_APDU_RUN_H
#define CLI_APDU_RUN_H

#include "cli/api.h"
#include "cli/cli.h"

enum { APDU_ROUNDS_MAX = 5000 }; /* of GET RESPONSE for one command: more than 1 MB */

/* What is printed of each exchange. */
enum apdu_record {
    APDU_RECORD_MASKED, /* all but PINs */
    APDU_RECORD_PLAIN,  /* PINs, too */
    APDU_RECORD_NONE
};

struct apdu_run {
    struct cli *cli;
    SCARDHANDLE card;
    DWORD protocol;
    bool follow; /* 61xx and 6Cxx */
    enum apdu_record record;
    bool has_typed_pin;               /* the command: none of its data in the record */
    uint8_t answer[API_TRANSFER_MAX]; /* the last one, with its status word */
    size_t answer_size;
    uint16_t sw; /* its status word; 0 if it has none */
};

/* Sends a command, follows it up, and prints each exchange. Returns the result of the
 * last SCardTransmit; on success answer, answer_size and sw say what the card said at
 * last. */
uint32_t apdu_run_command(struct apdu_run *run, const uint8_t *command, size_t size);

#endif
