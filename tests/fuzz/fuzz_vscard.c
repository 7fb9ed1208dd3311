/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the messages of VSCard. Input: the size of the parts (byte), and a stream. */
#include "proto/vscard.h"
#include "tests/fuzz/property.h"

/* A message that is whole has the header that would be written. */
static void check_whole(const struct vscard_stream *stream)
{
    uint8_t head[VSCARD_HEADER_SIZE];
    uint32_t version;
    PROPERTY(stream->header.length <= VSCARD_DATA_MAX);
    vscard_write_header(&stream->header, head);
    PROPERTY(memcmp(head, stream->bytes, sizeof(head)) == 0);
    if (stream->header.type == VSCARD_INIT)
        (void)!vscard_read_init(vscard_data(stream), stream->header.length, &version);
    if (stream->header.type == VSCARD_ERROR)
        (void)!vscard_read_code(vscard_data(stream));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct vscard_stream stream;
    struct input input = {data, size};
    size_t step = (size_t)input_byte(&input) + 1;
    enum vscard_found found = VSCARD_MORE;
    stream.have = 0;
    while (input.left > 0 && found != VSCARD_WRONG) {
        uint8_t *where;
        size_t part = vscard_want(&stream, &where);
        PROPERTY(part > 0 && where >= stream.bytes
                 && part <= sizeof(stream.bytes) - (size_t)(where - stream.bytes));
        part = part < step ? part : step;
        part = part < input.left ? part : input.left;
        memcpy(where, input.at, part);
        input.at += part;
        input.left -= part;
        found = vscard_take(&stream, part);
        if (found == VSCARD_WHOLE)
            check_whole(&stream);
    }
    return 0;
}
