/* SPDX-License-Identifier: BSD-2-Clause */
/* BER-TLV data objects, after ISO/IEC 7816-4:2013, 5.2.2. */
#include "proto/tlv.h"

#include <assert.h>
#include <string.h>

enum {
    TAG_SIZE_MAX = 4,
    TAG_NUMBER_FOLLOWS = 0x1F, /* in the first byte: the number is in the next bytes */
    TAG_CONSTRUCTED = 0x20,
    TAG_CONTINUES = 0x80,
    LENGTH_LONG = 0x80,
    LENGTH_SIZE_MAX = 4 /* after the first byte */
};

void tlv_reader_init(struct tlv_reader *reader, const uint8_t *bytes, size_t size)
{
    reader->at = bytes;
    reader->left = size;
}

static bool next_octet(struct tlv_reader *reader, uint8_t *byte)
{
    if (reader->left == 0)
        return false;
    *byte = *reader->at++;
    reader->left--;
    return true;
}

static bool take_tag(struct tlv_reader *reader, uint32_t *tag)
{
    uint8_t byte = 0;
    if (!next_octet(reader, &byte))
        return false;
    *tag = byte;
    if ((byte & TAG_NUMBER_FOLLOWS) != TAG_NUMBER_FOLLOWS)
        return true;
    for (unsigned size = 1; size < TAG_SIZE_MAX; size++) {
        if (!next_octet(reader, &byte))
            return false;
        *tag = *tag << 8 | byte;
        if ((byte & TAG_CONTINUES) == 0)
            return true;
    }
    return false;
}

static bool take_length(struct tlv_reader *reader, uint32_t *length)
{
    uint8_t byte = 0;
    if (!next_octet(reader, &byte))
        return false;
    *length = byte;
    if (byte < LENGTH_LONG)
        return true;
    unsigned size = byte - LENGTH_LONG;
    if (size == 0 || size > LENGTH_SIZE_MAX)
        return false;
    *length = 0;
    while (size-- != 0) {
        if (!next_octet(reader, &byte))
            return false;
        *length = *length << 8 | byte;
    }
    return true;
}

enum tlv_result tlv_reader_next(struct tlv_reader *reader, struct tlv *item)
{
    struct tlv_reader r = *reader;
    while (r.left != 0 && *r.at == 0) {
        r.at++;
        r.left--;
    }
    if (r.left == 0) {
        *reader = r;
        return TLV_END;
    }
    uint32_t tag = 0;
    uint32_t length = 0;
    if (!take_tag(&r, &tag) || !take_length(&r, &length) || length > r.left)
        return TLV_BAD;
    item->tag = tag;
    item->value = r.at;
    item->size = length;
    r.at += length;
    r.left -= length;
    *reader = r;
    return TLV_ITEM;
}

bool tlv_is_constructed(uint32_t tag)
{
    while (tag > 0xFF)
        tag >>= 8;
    return (tag & TAG_CONSTRUCTED) != 0;
}

static bool find_here(const uint8_t *bytes, size_t size, uint32_t tag, struct tlv *item)
{
    struct tlv_reader reader;
    tlv_reader_init(&reader, bytes, size);
    while (tlv_reader_next(&reader, item) == TLV_ITEM)
        if (item->tag == tag)
            return true;
    return false;
}

bool tlv_find(const uint8_t *bytes, size_t size, const uint32_t *path, size_t path_count,
              struct tlv *item)
{
    struct tlv found = {0, bytes, size};
    if (path_count == 0 || path_count > TLV_DEPTH_MAX)
        return false;
    for (size_t i = 0; i < path_count; i++) {
        if (i != 0 && !tlv_is_constructed(found.tag))
            return false;
        if (!find_here(found.value, found.size, path[i], &found))
            return false;
    }
    *item = found;
    return true;
}

void tlv_writer_init(struct tlv_writer *writer, uint8_t *out, size_t room)
{
    memset(writer, 0, sizeof(*writer));
    writer->out = out;
    writer->room = room;
}

/* Bytes of a tag, 0 if it is none: its form must be that which take_tag reads. */
static size_t tag_size(uint32_t tag)
{
    size_t size = 1;
    for (uint32_t rest = tag >> 8; rest != 0; rest >>= 8)
        size++;
    unsigned first = tag >> (8 * (size - 1)) & 0xFF;
    bool follows = (first & TAG_NUMBER_FOLLOWS) == TAG_NUMBER_FOLLOWS;
    if (first == 0 || follows != (size > 1))
        return 0;
    for (size_t i = 1; i < size; i++) {
        bool continues = (tag >> (8 * (size - 1 - i)) & TAG_CONTINUES) != 0;
        if (continues != (i + 1 < size))
            return 0;
    }
    return size;
}

static size_t length_size(size_t length)
{
    if (length < LENGTH_LONG)
        return 1;
    size_t size = 1;
    for (size_t rest = length; rest != 0; rest >>= 8)
        size++;
    return size;
}

static void put_big_endian(uint8_t *out, size_t number, size_t size)
{
    while (size-- != 0) {
        out[size] = (uint8_t)number;
        number >>= 8;
    }
}

static void put_length(uint8_t *out, size_t length)
{
    size_t size = length_size(length);
    out[0] = (uint8_t)(size == 1 ? length : LENGTH_LONG + size - 1);
    put_big_endian(out + 1, length, size - 1);
}

/* Room for `size` more bytes, or NULL, and then for ever. */
static uint8_t *claim(struct tlv_writer *writer, size_t size)
{
    if (writer->failed || size > writer->room - writer->size) {
        writer->failed = true;
        return NULL;
    }
    assert(writer->size <= writer->room);
    uint8_t *at = writer->out + writer->size;
    writer->size += size;
    return at;
}

void tlv_put(struct tlv_writer *writer, uint32_t tag, const uint8_t *value, size_t size)
{
    size_t tag_bytes = tag_size(tag);
    size_t head = tag_bytes + length_size(size);
    if (tag_bytes == 0 || size > UINT32_MAX || size > writer->room) {
        writer->failed = true;
        return;
    }
    uint8_t *at = claim(writer, head + size);
    if (at == NULL)
        return;
    put_big_endian(at, tag, tag_bytes);
    put_length(at + tag_bytes, size);
    if (size != 0)
        memcpy(at + head, value, size);
}

void tlv_open(struct tlv_writer *writer, uint32_t tag)
{
    size_t tag_bytes = tag_size(tag);
    if (tag_bytes == 0 || !tlv_is_constructed(tag) || writer->depth == TLV_DEPTH_MAX) {
        writer->failed = true;
        return;
    }
    uint8_t *at = claim(writer, tag_bytes + 1); /* one byte is kept for the length */
    if (at == NULL)
        return;
    put_big_endian(at, tag, tag_bytes);
    writer->open[writer->depth++] = writer->size;
}

void tlv_close(struct tlv_writer *writer)
{
    if (writer->failed || writer->depth == 0) {
        writer->failed = true;
        return;
    }
    size_t start = writer->open[--writer->depth];
    assert(start > 0 && start <= writer->size);
    size_t size = writer->size - start;
    size_t more = length_size(size) - 1;
    if (claim(writer, more) == NULL)
        return;
    uint8_t *value = writer->out + start;
    memmove(value + more, value, size);
    put_length(value - 1, size);
}

bool tlv_writer_finish(const struct tlv_writer *writer, size_t *size)
{
    if (writer->failed || writer->depth != 0)
        return false;
    *size = writer->size;
    return true;
}
