/* SPDX-License-Identifier: BSD-2-Clause */
#include "proto/vscard.h"

#include <assert.h>
#include <string.h>

static const uint8_t magic[4] = {'V', 'S', 'C', 'D'};

static void write_word(uint32_t word, uint8_t out[4])
{
    out[0] = (uint8_t)(word >> 24);
    out[1] = (uint8_t)(word >> 16);
    out[2] = (uint8_t)(word >> 8);
    out[3] = (uint8_t)word;
}

static uint32_t read_word(const uint8_t bytes[4])
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8
           | bytes[3];
}

static bool length_fits(uint32_t type, uint32_t length)
{
    static const struct {
        uint32_t min, max;
    } limits[] = {[VSCARD_INIT] = {VSCARD_INIT_SIZE, VSCARD_INIT_MAX},
                  [VSCARD_ERROR] = {VSCARD_ERROR_SIZE, VSCARD_ERROR_SIZE},
                  [VSCARD_READER_ADD] = {0, VSCARD_NAME_MAX},
                  [VSCARD_READER_REMOVE] = {0, 0},
                  [VSCARD_ATR] = {0, VSCARD_ATR_MAX},
                  [VSCARD_CARD_REMOVE] = {0, 0},
                  [VSCARD_APDU] = {0, VSCARD_APDU_MAX},
                  [VSCARD_FLUSH] = {0, 0},
                  [VSCARD_FLUSH_COMPLETE] = {0, 0}};
    return type >= VSCARD_INIT && type <= VSCARD_FLUSH_COMPLETE
           && length >= limits[type].min && length <= limits[type].max;
}

void vscard_write_header(const struct vscard_header *header,
                         uint8_t out[VSCARD_HEADER_SIZE])
{
    assert(length_fits(header->type, header->length));
    write_word(header->type, out);
    write_word(header->reader_id, out + 4);
    write_word(header->length, out + 8);
}

bool vscard_read_header(const uint8_t bytes[VSCARD_HEADER_SIZE],
                        struct vscard_header *header)
{
    header->type = read_word(bytes);
    header->reader_id = read_word(bytes + 4);
    header->length = read_word(bytes + 8);
    return length_fits(header->type, header->length);
}

void vscard_write_init(uint8_t out[VSCARD_INIT_SIZE])
{
    memcpy(out, magic, sizeof(magic));
    write_word(VSCARD_VERSION, out + 4);
    write_word(0, out + 8);
}

bool vscard_read_init(const uint8_t *data, size_t size, uint32_t *version)
{
    assert(size >= VSCARD_INIT_SIZE);
    (void)size;
    *version = read_word(data + 4);
    return memcmp(data, magic, sizeof(magic)) == 0;
}

void vscard_write_code(uint32_t code, uint8_t out[VSCARD_ERROR_SIZE])
{
    write_word(code, out);
}

uint32_t vscard_read_code(const uint8_t data[VSCARD_ERROR_SIZE])
{
    return read_word(data);
}

/* --- Messages out of a stream ------------------------------------------------------- */

static size_t whole_size(const struct vscard_stream *stream)
{
    return stream->have < VSCARD_HEADER_SIZE
               ? VSCARD_HEADER_SIZE
               : VSCARD_HEADER_SIZE + (size_t)stream->header.length;
}

size_t vscard_want(struct vscard_stream *stream, uint8_t **where)
{
    if (stream->have == whole_size(stream))
        stream->have = 0;
    *where = stream->bytes + stream->have;
    return whole_size(stream) - stream->have;
}

enum vscard_found vscard_take(struct vscard_stream *stream, size_t size)
{
    assert(size <= whole_size(stream) - stream->have);
    bool had_header = stream->have >= VSCARD_HEADER_SIZE;
    stream->have += size;
    if (!had_header && stream->have == VSCARD_HEADER_SIZE
        && !vscard_read_header(stream->bytes, &stream->header))
        return VSCARD_WRONG;
    return stream->have >= VSCARD_HEADER_SIZE && stream->have == whole_size(stream)
               ? VSCARD_WHOLE
               : VSCARD_MORE;
}

const uint8_t *vscard_data(const struct vscard_stream *stream)
{
    return stream->bytes + VSCARD_HEADER_SIZE;
}
