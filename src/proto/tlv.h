/* SPDX-License-Identifier: BSD-2-Clause */
/* BER-TLV data objects, after ISO/IEC 7816-4:2013, 5.2.2: tags of up to four bytes,
 * lengths of up to four bytes after the first, no indefinite length. */
#ifndef PROTO_TLV_H
#define PROTO_TLV_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TLV_HEADER_MAX = 4 + 5, /* tag, length */
    TLV_DEPTH_MAX = 8       /* of templates within templates */
};

/* A tag is its bytes as a number, most significant first: 0x84, 0x7F49, 0x5FC102. */
struct tlv {
    uint32_t tag;
    const uint8_t *value; /* borrowed */
    size_t size;
};

struct tlv_reader {
    const uint8_t *at;
    size_t left;
};

enum tlv_result { TLV_ITEM, TLV_END, TLV_BAD };

/* Reads the objects of one level. `bytes` may be NULL if size is 0. */
void tlv_reader_init(struct tlv_reader *reader, const uint8_t *bytes, size_t size);
/* The next object into *item. Bytes 00 between objects are skipped. TLV_BAD, and from
 * then on always, if what follows is not an object that ends within the bytes. */
enum tlv_result tlv_reader_next(struct tlv_reader *reader, struct tlv *item) MUST_CHECK;

/* Whether the value of an object with this tag is made of objects. */
bool tlv_is_constructed(uint32_t tag);

/* Finds the first object at path[0] / path[1] / ..., entering the first template of each
 * name. False, with *item untouched, if there is none, if the path is empty or longer
 * than TLV_DEPTH_MAX, or if bytes before it cannot be read. */
bool tlv_find(const uint8_t *bytes, size_t size, const uint32_t *path, size_t path_count,
              struct tlv *item) MUST_CHECK;

/* Writes objects into a caller's buffer. Errors stick: only tlv_writer_finish tells. */
struct tlv_writer {
    uint8_t *out;
    size_t room;
    size_t size;
    size_t open[TLV_DEPTH_MAX]; /* where the values of open templates begin */
    size_t depth;
    bool failed;
};

void tlv_writer_init(struct tlv_writer *writer, uint8_t *out, size_t room);
/* One whole object. `value` may be NULL if size is 0. */
void tlv_put(struct tlv_writer *writer, uint32_t tag, const uint8_t *value, size_t size);
/* Begins a template; what is put before the matching tlv_close is its value. */
void tlv_open(struct tlv_writer *writer, uint32_t tag);
void tlv_close(struct tlv_writer *writer);
/* True and *size if all went in: there was room, each tag was a valid one, and every
 * template is closed. */
bool tlv_writer_finish(const struct tlv_writer *writer, size_t *size) MUST_CHECK;

#endif
