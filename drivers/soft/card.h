/* SPDX-License-Identifier: BSD-2-Clause */
/* The software card above its transmission protocol: state, and commands as APDUs, after
 * ISO/IEC 7816-4:2013.
 *
 * CLA 00: SELECT A4, READ BINARY B0 B1, UPDATE BINARY D6 D7, VERIFY 20, CHANGE REFERENCE
 * DATA 24, GET CHALLENGE 84, GET DATA CA (7F66). GET RESPONSE C0 and ENVELOPE C2 belong
 * to T=0 (t0_card.h).
 * CLA 80 is for tests:
 *     E0 P1P2       answers P1P2 bytes 00 01 02 ...
 *     E1 00 00      answers the data of the command
 *     E2 P1P2       takes P1P2 milliseconds
 *     E3 00 00      answers a single byte, which is not an answer
 *     E4 00 00      answers nothing any more, until it is reset
 *     E5 00 n       breaks the check byte of its next n blocks (T=1; T=0: a single byte)
 *     E6 P1P2       answers the status word P1P2
 *
 * The PIN is P2 00, 01 or 81 of VERIFY: 4 to 8 ASCII digits, which may be followed by FF
 * up to 8 bytes. Three tries; a reset forgets that it was given, not the tries. CHANGE
 * REFERENCE DATA takes the old and the new one: 16 bytes with FF in both, or the old one
 * as long as it is, then the new one. */
#ifndef DRIVERS_SOFT_CARD_H
#define DRIVERS_SOFT_CARD_H

#include "drivers/soft/files.h"
#include "proto/apdu.h"

enum { SOFT_PIN_MIN = 4, SOFT_PIN_MAX = 8, SOFT_PIN_TRIES = 3 };

enum soft_status {
    SW_OK = 0x9000,
    SW_END_OF_FILE = 0x6282,
    SW_TRIES = 0x63C0,
    SW_MEMORY_FAILURE = 0x6581,
    SW_WRONG_LENGTH = 0x6700,
    SW_NO_CHANNELS = 0x6881,
    SW_NO_SECURE_MESSAGING = 0x6882,
    SW_NO_CHAINING = 0x6884,
    SW_NOT_ALLOWED = 0x6982,
    SW_BLOCKED = 0x6983,
    SW_CONDITIONS = 0x6985,
    SW_NO_CURRENT_EF = 0x6986,
    SW_WRONG_DATA = 0x6A80,
    SW_FILE_NOT_FOUND = 0x6A82,
    SW_FILE_FULL = 0x6A84,
    SW_WRONG_P1P2 = 0x6A86,
    SW_NOT_FOUND = 0x6A88,
    SW_WRONG_OFFSET = 0x6B00,
    SW_WRONG_LE = 0x6C00,
    SW_NO_INS = 0x6D00,
    SW_NO_CLA = 0x6E00,
    SW_FAILURE = 0x6F00
};

/* What a test command wants the transmission layer to do wrong. */
enum soft_fault { SOFT_FAULT_NONE, SOFT_FAULT_SHORT, SOFT_FAULT_MUTE, SOFT_FAULT_NOISE };

struct soft_card {
    /* Stays without power. */
    uint8_t pin[SOFT_PIN_MAX]; /* wiped by soft_card_clear */
    size_t pin_size;
    unsigned tries;
    uint32_t delay_ms; /* of each command */
    uint8_t serial[SOFT_SERIAL_SIZE];
    uint8_t *contents[SOFT_FILE_COUNT]; /* NULL: never written */
    /* Goes with it. */
    bool verified;
    int df, ef; /* indexes of files; ef may be SOFT_FILE_NONE */

    /* Buffers of the transmission layer. */
    uint8_t *command;  /* APDU_COMMAND_MAX bytes */
    uint8_t *response; /* APDU_RESPONSE_MAX bytes */
};

/* What a command came to. */
struct soft_answer {
    uint8_t *data; /* room for APDU_RESPONSE_MAX bytes, given by the caller */
    size_t size;   /* of the data */
    uint16_t status;
    uint32_t busy_ms; /* how long the card works for it */
    enum soft_fault fault;
    uint8_t noise; /* blocks */
};

/* A card that nobody used yet. `pin` has 4 to 8 digits. False if there is no memory. */
bool soft_card_init(struct soft_card *card, const char *pin, uint32_t delay_ms,
                    uint32_t number) MUST_CHECK;
/* Wipes and frees. */
void soft_card_clear(struct soft_card *card);
/* What goes with the power, or with a reset. */
void soft_card_reset(struct soft_card *card);

/* Carries out a command; sets all of *answer but data, which is filled. The data is what
 * there is to give: cutting it to Le is left to the caller. */
void soft_card_run(struct soft_card *card, const struct apdu *apdu,
                   struct soft_answer *answer);

/* The same from bytes to bytes, with the rules of Le that hold for whole APDUs (T=1, or
 * within ENVELOPE): the response, SW1 SW2 at its end, is left in card->response.
 * `keep_all`: the data stays even where the command has no Le (T=0). Gives its size. */
size_t soft_card_respond(struct soft_card *card, const uint8_t *command, size_t size,
                         bool keep_all, struct soft_answer *answer);

/* Commands in files of their own (card_files.c, card_pin.c). Each gives a status word and
 * sets answer->size if it gives data. */
typedef uint16_t soft_command(struct soft_card *card, const struct apdu *apdu,
                              struct soft_answer *answer);
soft_command soft_card_select, soft_card_read, soft_card_read_odd, soft_card_update,
    soft_card_update_odd;
soft_command soft_card_verify, soft_card_change_pin;

#endif
