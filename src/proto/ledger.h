/* SPDX-License-Identifier: BSD-2-Clause */
/* How Ledger's hardware wallets carry APDUs in HID reports. A packet is a channel, a tag
 * and a number; the first part of a message begins with its length. There are no numbers of
 * messages: an answer is that to the last command. Nothing here trusts what comes. */
#ifndef PROTO_LEDGER_H
#define PROTO_LEDGER_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LEDGER_REPORT_SIZE = 64, /* bytes of a packet */
    LEDGER_FIRST_MAX = LEDGER_REPORT_SIZE - 7,
    LEDGER_NEXT_MAX = LEDGER_REPORT_SIZE - 5,
    LEDGER_COMMAND_MAX = 5 + 255, /* CLA INS P1 P2 Lc, data */
    LEDGER_ANSWER_MIN = 2,        /* SW1 SW2 */
    LEDGER_ANSWER_MAX = 65535     /* what its length can say */
};

/* Writes an APDU as the device takes it, with Lc always there and Le never. `bytes` has at
 * least four bytes. Gives its size; 0: it cannot be, as it is malformed or too long. */
size_t ledger_command(const uint8_t *bytes, size_t size,
                      uint8_t out[LEDGER_COMMAND_MAX]) MUST_CHECK;

/* Packets of a command of at most LEDGER_COMMAND_MAX bytes. */
size_t ledger_packets(size_t size) MUST_CHECK;
/* Writes packet number `index` of it, zeros behind it. */
void ledger_build(const uint8_t *command, size_t size, size_t index,
                  uint8_t report[LEDGER_REPORT_SIZE]);

enum ledger_found {
    LEDGER_FOREIGN, /* of another channel: nothing */
    LEDGER_MORE,    /* the answer has begun, and is not all there */
    LEDGER_WHOLE,   /* reply->size bytes; those beyond its room are lost */
    LEDGER_BAD_SIZE,
    LEDGER_BAD_TAG,
    LEDGER_BAD_ORDER,
    LEDGER_BAD_LENGTH
};

struct ledger_reply {
    uint8_t *out; /* the caller's */
    size_t room;
    size_t size, taken;
    uint32_t next; /* number of the packet that is to come */
};

/* Takes a report as it came; `reply` was zeros but for out and room. */
enum ledger_found ledger_take(struct ledger_reply *reply, const uint8_t *report,
                              size_t size) MUST_CHECK;
/* What is wrong, for the log: of the BAD ones. */
const char *ledger_words(enum ledger_found found);

#endif
