/* SPDX-License-Identifier: BSD-2-Clause */
/* CTAPHID: how FIDO tokens carry messages in HID reports (CTAP 2.1, 11.2). A message is a
 * first packet, with channel, command and length, and packets that go on, with channel and
 * number. Nothing here trusts what comes. */
#ifndef PROTO_CTAPHID_H
#define PROTO_CTAPHID_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CTAPHID_REPORT_SIZE = 64, /* bytes of a packet */
    CTAPHID_FIRST_MAX = CTAPHID_REPORT_SIZE - 7,
    CTAPHID_NEXT_MAX = CTAPHID_REPORT_SIZE - 5,
    CTAPHID_PACKETS_MAX = 1 + 128,
    CTAPHID_MESSAGE_MAX = CTAPHID_FIRST_MAX + 128 * CTAPHID_NEXT_MAX, /* 7609 */
    CTAPHID_NONCE_SIZE = 8,
    CTAPHID_LOCK_MAX_S = 10 /* a lock's longest time */
};

#define CTAPHID_BROADCAST UINT32_C(0xFFFFFFFF)

enum ctaphid_command {
    CTAPHID_PING = 0x01,
    CTAPHID_MSG = 0x03, /* a raw message of U2F: an APDU with extended lengths */
    CTAPHID_LOCK = 0x04,
    CTAPHID_INIT = 0x06,
    CTAPHID_WINK = 0x08,
    CTAPHID_CBOR = 0x10, /* a command of CTAP2, and its parameters */
    CTAPHID_CANCEL = 0x11,
    CTAPHID_KEEPALIVE = 0x3B,
    CTAPHID_ERROR = 0x3F
};

/* What a KEEPALIVE says. */
enum { CTAPHID_PROCESSING = 1, CTAPHID_TOUCH_NEEDED = 2 };

/* What an ERROR says. */
enum ctaphid_error {
    CTAPHID_ERR_COMMAND = 0x01,
    CTAPHID_ERR_PARAMETER = 0x02,
    CTAPHID_ERR_LENGTH = 0x03,
    CTAPHID_ERR_SEQUENCE = 0x04,
    CTAPHID_ERR_TIMEOUT = 0x05,
    CTAPHID_ERR_BUSY = 0x06,
    CTAPHID_ERR_LOCK = 0x0A,
    CTAPHID_ERR_CHANNEL = 0x0B
};

/* Bits of what a token can. */
enum { CTAPHID_CAN_WINK = 1, CTAPHID_CAN_CBOR = 4, CTAPHID_NO_MSG = 8 };

/* Packets of a message of `size` bytes, 1 to CTAPHID_PACKETS_MAX; 0: it is too long. */
size_t ctaphid_packets(size_t size) MUST_CHECK;
/* Writes packet number `index` of a message, zeros behind it. */
void ctaphid_build(uint32_t channel, enum ctaphid_command command, const uint8_t *data,
                   size_t size, size_t index, uint8_t report[CTAPHID_REPORT_SIZE]);

enum ctaphid_found {
    CTAPHID_FOREIGN,   /* of another channel, or left of what was before: nothing */
    CTAPHID_MORE,      /* the message has begun, and is not all there */
    CTAPHID_WHOLE,     /* reply->data has it, reply->size bytes */
    CTAPHID_WAITS,     /* KEEPALIVE; reply->status */
    CTAPHID_REFUSED,   /* ERROR; reply->status */
    CTAPHID_BAD_SIZE,  /* a report that is not of 64 bytes */
    CTAPHID_BAD_ORDER, /* another packet than the next one */
    CTAPHID_BAD_LENGTH,
    CTAPHID_BAD_COMMAND /* an answer to what was not asked */
};

struct ctaphid_reply {
    uint32_t channel; /* whose packets are taken */
    uint8_t command;  /* whose answer they are */
    uint8_t status;
    bool begun;
    uint8_t next; /* number of the packet that is to come */
    size_t size, taken;
    uint8_t data[CTAPHID_MESSAGE_MAX];
};

/* An answer to this command is awaited on the channel, and nothing of it has come. */
void ctaphid_await(struct ctaphid_reply *reply, uint32_t channel,
                   enum ctaphid_command command);
/* Takes a report as it came. After WHOLE, REFUSED and the BAD ones: ctaphid_await(). While
 * the answer to INIT is awaited, all but that and errors are left of what was before. */
enum ctaphid_found ctaphid_take(struct ctaphid_reply *reply, const uint8_t *report,
                                size_t size) MUST_CHECK;
/* What is wrong, for the log: of the BAD ones. */
const char *ctaphid_words(enum ctaphid_found found);

/* What a token says of itself in its answer to INIT. */
struct ctaphid_init {
    uint32_t channel;
    uint8_t version, major, minor, build, capabilities;
};

/* Reads an answer to INIT. False: it answers another nonce, is too short, or gives a
 * channel that none can have; *init is as it was. */
bool ctaphid_read_init(const uint8_t *data, size_t size,
                       const uint8_t nonce[CTAPHID_NONCE_SIZE],
                       struct ctaphid_init *init) MUST_CHECK;

#endif
