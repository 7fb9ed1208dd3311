/* SPDX-License-Identifier: BSD-2-Clause */
/* The protocol between who has cards and who uses them in a virtual machine (QEMU's
 * ccid-card-passthru; libcacard's vscard_common.h, protocol 0.0.2). The host uses cards,
 * the client has them. A message is a header of three words, most significant byte first,
 * and its data. Nothing here trusts what comes. */
#ifndef PROTO_VSCARD_H
#define PROTO_VSCARD_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum vscard_type {
    VSCARD_INIT = 1, /* client and host, once each: struct vscard_init */
    VSCARD_ERROR, /* a code: the answer to READER_ADD, READER_REMOVE, ATR and CARD_REMOVE
                     * (with the number that the reader has got), or instead of an APDU */
    VSCARD_READER_ADD, /* client: a name in UTF-8; its reader_id is VSCARD_NO_READER */
    VSCARD_READER_REMOVE,
    VSCARD_ATR, /* client: a card came, or was reset */
    VSCARD_CARD_REMOVE,
    VSCARD_APDU,  /* host: a command; client: its answer */
    VSCARD_FLUSH, /* host: say FLUSH_COMPLETE when all commands so far are answered */
    VSCARD_FLUSH_COMPLETE
};

enum vscard_code {
    VSCARD_SUCCESS = 0,
    VSCARD_GENERAL_ERROR = 1,
    VSCARD_NO_MORE_READERS = 2,
    VSCARD_CARD_ALREADY_IN = 3
};

#define VSCARD_NO_READER UINT32_C(0xFFFFFFFF)
#define VSCARD_VERSION   UINT32_C(2) /* 11 bits of major, 11 of middle, 10 of minor */

enum {
    VSCARD_HEADER_SIZE = 12, /* bytes */
    VSCARD_INIT_SIZE = 12,   /* magic, version, one word of capabilities */
    VSCARD_INIT_MAX = 256,   /* the capabilities may grow */
    VSCARD_ERROR_SIZE = 4,
    VSCARD_NAME_MAX = 255,
    VSCARD_ATR_MAX = 33,
    VSCARD_APDU_MAX = 65544, /* 4 + 3 + 65535 + 2: the longest command */
    VSCARD_DATA_MAX = VSCARD_APDU_MAX
};

struct vscard_header {
    uint32_t type; /* enum vscard_type */
    uint32_t reader_id;
    uint32_t length; /* bytes of data */
};

void vscard_write_header(const struct vscard_header *header,
                         uint8_t out[VSCARD_HEADER_SIZE]);
/* False: there is no such type, or its data has another length than it can have. */
bool vscard_read_header(const uint8_t bytes[VSCARD_HEADER_SIZE],
                        struct vscard_header *header) MUST_CHECK;

/* The data of VSCARD_INIT, without capabilities: none is defined. */
void vscard_write_init(uint8_t out[VSCARD_INIT_SIZE]);
/* False: it is not from this protocol. `size` is one that vscard_read_header let pass. */
bool vscard_read_init(const uint8_t *data, size_t size, uint32_t *version) MUST_CHECK;

/* The data of VSCARD_ERROR. */
void vscard_write_code(uint32_t code, uint8_t out[VSCARD_ERROR_SIZE]);
uint32_t vscard_read_code(const uint8_t data[VSCARD_ERROR_SIZE]) MUST_CHECK;

/* --- Messages out of a stream ------------------------------------------------------- */

struct vscard_stream {
    struct vscard_header header; /* when the message is whole */
    size_t have;                 /* bytes of it, header included */
    uint8_t bytes[VSCARD_HEADER_SIZE + VSCARD_DATA_MAX];
};

enum vscard_found {
    VSCARD_MORE,  /* it goes on */
    VSCARD_WHOLE, /* stream->header, and vscard_data() */
    VSCARD_WRONG  /* no message begins so: the stream is of no more use */
};

/* Where the next bytes of the stream belong, and how many: never 0. A message that was
 * whole is over. */
size_t vscard_want(struct vscard_stream *stream, uint8_t **where) MUST_CHECK;
/* `size` bytes were put there, at most as many as were wanted. */
enum vscard_found vscard_take(struct vscard_stream *stream, size_t size) MUST_CHECK;
const uint8_t *vscard_data(const struct vscard_stream *stream) MUST_CHECK;

#endif
