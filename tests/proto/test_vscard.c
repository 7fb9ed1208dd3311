/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages of VSCard (libcacard's vscard_common.h, 0.0.2). */
#include "proto/vscard.h"
#include "tests/support/check.h"

/* Takes `size` bytes in parts of `step`; what the last one was. */
static enum vscard_found take(struct vscard_stream *stream, const uint8_t *bytes,
                              size_t size, size_t step)
{
    enum vscard_found found = VSCARD_MORE;
    while (size > 0 && found == VSCARD_MORE) {
        uint8_t *where;
        size_t part = vscard_want(stream, &where);
        part = part < step ? part : step;
        part = part < size ? part : size;
        memcpy(where, bytes, part);
        found = vscard_take(stream, part);
        bytes += part;
        size -= part;
    }
    return found;
}

/* The bytes that the other side's structures have, made in network order. */
static void check_layout(void)
{
    static const uint8_t init[] = {0, 0, 0, 1,  0xFF, 0xFF, 0xFF, 0xFF,
                                   0, 0, 0, 12, 'V',  'S',  'C',  'D',
                                   0, 0, 0, 2,  0,    0,    0,    0};
    static struct vscard_stream stream;
    uint8_t head[VSCARD_HEADER_SIZE], data[VSCARD_INIT_SIZE], code[VSCARD_ERROR_SIZE];
    const struct vscard_header header = {VSCARD_INIT, VSCARD_NO_READER, sizeof(data)};
    uint32_t version = 0;
    vscard_write_header(&header, head);
    vscard_write_init(data);
    CHECK_MEM(head, init, sizeof(head));
    CHECK_MEM(data, init + sizeof(head), sizeof(data));
    CHECK_EQ(take(&stream, init, sizeof(init), sizeof(init)), VSCARD_WHOLE);
    CHECK_EQ(stream.header.type, VSCARD_INIT);
    CHECK_EQ(stream.header.reader_id, VSCARD_NO_READER);
    CHECK_EQ(stream.header.length, 12);
    CHECK(vscard_read_init(vscard_data(&stream), stream.header.length, &version));
    CHECK_EQ(version, 2);
    data[3] ^= 1;
    CHECK(!vscard_read_init(data, sizeof(data), &version));
    vscard_write_code(VSCARD_CARD_ALREADY_IN, code);
    CHECK_MEM(code, "\0\0\0\3", 4);
    CHECK_EQ(vscard_read_code(code), VSCARD_CARD_ALREADY_IN);
}

/* The least and the most of each type, and one more. */
static void check_limits(void)
{
    static const struct {
        uint32_t type, min, max;
    } rows[] = {{VSCARD_INIT, 12, 256},       {VSCARD_ERROR, 4, 4},
                {VSCARD_READER_ADD, 0, 255},  {VSCARD_READER_REMOVE, 0, 0},
                {VSCARD_ATR, 0, 33},          {VSCARD_CARD_REMOVE, 0, 0},
                {VSCARD_APDU, 0, 65544},      {VSCARD_FLUSH, 0, 0},
                {VSCARD_FLUSH_COMPLETE, 0, 0}};
    uint8_t bytes[VSCARD_HEADER_SIZE];
    struct vscard_header header;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint32_t lengths[] = {rows[i].min, rows[i].max, rows[i].max + 1, UINT32_MAX};
        for (size_t k = 0; k < 4; k++) {
            memset(bytes, 0, sizeof(bytes));
            bytes[3] = (uint8_t)rows[i].type;
            for (size_t at = 0; at < 4; at++)
                bytes[8 + at] = (uint8_t)(lengths[k] >> (24 - 8 * at));
            CHECK_EQ(vscard_read_header(bytes, &header), k < 2);
            CHECK_EQ(header.length, lengths[k]);
        }
    }
    memset(bytes, 0, sizeof(bytes));
    CHECK(!vscard_read_header(bytes, &header));
    bytes[3] = VSCARD_FLUSH_COMPLETE + 1;
    CHECK(!vscard_read_header(bytes, &header));
    bytes[0] = 1;
    bytes[3] = VSCARD_FLUSH;
    CHECK(!vscard_read_header(bytes, &header));
}

/* Messages one behind the other, in parts of any size; and one that is wrong. */
static void check_stream(void)
{
    static const uint8_t bytes[] = {0,    0, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0x3B,
                                    0x00, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0, 0, 0};
    static const uint8_t wrong[] = {0, 0, 0, 6, 0, 0, 0, 1, 0, 0, 0, 1};
    for (size_t step = 1; step < sizeof(bytes); step++) {
        static struct vscard_stream stream;
        memset(&stream, 0, sizeof(stream));
        CHECK_EQ(take(&stream, bytes, 14, step), VSCARD_WHOLE);
        CHECK_EQ(stream.header.type, VSCARD_ATR);
        CHECK_MEM(vscard_data(&stream), "\x3B", 2);
        CHECK_EQ(take(&stream, bytes + 14, 12, step), VSCARD_WHOLE);
        CHECK_EQ(stream.header.type, VSCARD_CARD_REMOVE);
        CHECK_EQ(take(&stream, wrong, sizeof(wrong), step), VSCARD_WRONG);
    }
}

int main(void)
{
    check_layout();
    check_limits();
    check_stream();
    return check_result();
}
