/* SPDX-License-Identifier: BSD-2-Clause */
/* What a card's status word SW1-SW2 means (ISO/IEC 7816-4:2013, 5.6, tables 5 and 6), and
 * what a command's instruction byte asks for (table 4). */
#ifndef CLI_STATUS_WORDS_H
#define CLI_STATUS_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STATUS_WORDS_MAX = 120 };

/* Writes the meaning in plain words, NUL-terminated; "" is never left. */
void status_words_write(uint16_t sw, char words[STATUS_WORDS_MAX]);

/* 9000, or 61xx: done, with more to fetch. */
bool status_is_success(uint16_t sw);

/* The interindustry name of an instruction, such as "SELECT"; "" when it has none. */
const char *instruction_name(uint8_t instruction);

/* Where in a command APDU bytes stand that may be a PIN: the body of VERIFY, CHANGE
 * REFERENCE DATA, RESET RETRY COUNTER, DISABLE and ENABLE VERIFICATION REQUIREMENT, in
 * any class, short and extended. Returns the offset of the first such byte and sets
 * *size; *size is 0 if there are none. A command whose lengths make no sense is secret
 * from its fifth byte on. */
size_t command_secret(const uint8_t *command, size_t command_size, size_t *size);

#endif
