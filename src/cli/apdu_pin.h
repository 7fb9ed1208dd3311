/* SPDX-License-Identifier: BSD-2-Clause */
/* The word PIN in a command: the person at the terminal is asked for it, and what is
 * typed shows nowhere. PIN stands for Lc and the digits in ASCII, PIN8 for eight bytes,
 * filled up with FF (as PIV, ISO/IEC 7816-4 and GlobalPlatform cards want it). */
#ifndef CLI_APDU_PIN_H
#define CLI_APDU_PIN_H

#include <stdbool.h>
#include <stddef.h>

enum { APDU_PIN_MAX = 64 };

enum apdu_pin_result {
    APDU_PIN_OK,
    APDU_PIN_NO_TERMINAL, /* there is nobody to ask, or nothing was typed */
    APDU_PIN_LONG,        /* more than APDU_PIN_MAX characters, or than 8 for PIN8 */
    APDU_PIN_MEMORY
};

struct apdu_pin {
    bool asked;
    char typed[APDU_PIN_MAX + 2]; /* to be wiped with the structure */
};

bool apdu_pin_wanted(const char *text);
/* A copy of `text` with the bytes of the PIN in hex in place of the words, for the caller
 * to wipe and free; asks once for all. */
enum apdu_pin_result apdu_pin_fill(struct apdu_pin *pin, const char *text, char **filled);
/* What is wrong, as a sentence. */
const char *apdu_pin_words(enum apdu_pin_result result);

#endif
