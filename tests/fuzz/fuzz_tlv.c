/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the BER-TLV reader, and the writer with what was read. Input: objects. */
#include "proto/tlv.h"
#include "tests/fuzz/property.h"

/* Reads all objects of a level, and of the templates in it with a bounded stack. */
static size_t walk(const uint8_t *bytes, size_t size)
{
    struct tlv_reader stack[TLV_DEPTH_MAX];
    struct tlv item;
    size_t depth = 1;
    size_t count = 0;
    tlv_reader_init(&stack[0], bytes, size);
    while (depth != 0) {
        struct tlv_reader *reader = &stack[depth - 1];
        size_t left = reader->left;
        if (tlv_reader_next(reader, &item) != TLV_ITEM) {
            depth--;
            continue;
        }
        PROPERTY(reader->left < left);
        PROPERTY(item.value >= bytes && item.size <= (size_t)(bytes + size - item.value));
        PROPERTY(item.tag != 0);
        count++;
        if (tlv_is_constructed(item.tag) && depth < TLV_DEPTH_MAX)
            tlv_reader_init(&stack[depth++], item.value, item.size);
    }
    return count;
}

static void check_find(const uint8_t *bytes, size_t size)
{
    struct tlv_reader reader;
    struct tlv first;
    struct tlv found;
    tlv_reader_init(&reader, bytes, size);
    if (tlv_reader_next(&reader, &first) != TLV_ITEM)
        return;
    const uint32_t path[2] = {first.tag, 0x84};
    PROPERTY(tlv_find(bytes, size, path, 1, &found) && found.value == first.value);
    if (tlv_find(bytes, size, path, 2, &found))
        PROPERTY(found.tag == 0x84 && found.value > first.value);
}

/* Writes the objects of the top level again, in a template; reads them back. */
static void check_write(const uint8_t *bytes, size_t size)
{
    struct tlv_writer writer;
    struct tlv_reader reader;
    struct tlv_reader copied;
    struct tlv item;
    struct tlv again;
    size_t written = 0;
    const uint32_t template = 0x7F49;
    uint8_t *out = property_room(size + TLV_HEADER_MAX);
    tlv_writer_init(&writer, out, size + TLV_HEADER_MAX);
    tlv_open(&writer, template);
    tlv_reader_init(&reader, bytes, size);
    while (tlv_reader_next(&reader, &item) == TLV_ITEM)
        tlv_put(&writer, item.tag, item.value, item.size);
    tlv_close(&writer);
    PROPERTY(writer.size <= size + TLV_HEADER_MAX);
    PROPERTY(tlv_writer_finish(&writer, &written));
    PROPERTY(tlv_find(out, written, &template, 1, &item));
    tlv_reader_init(&copied, item.value, item.size);
    tlv_reader_init(&reader, bytes, size);
    while (tlv_reader_next(&reader, &item) == TLV_ITEM) {
        PROPERTY(tlv_reader_next(&copied, &again) == TLV_ITEM);
        PROPERTY(again.tag == item.tag && again.size == item.size);
        PROPERTY(memcmp(again.value, item.value, item.size) == 0);
    }
    PROPERTY(tlv_reader_next(&copied, &again) == TLV_END);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *bytes = property_copy(data, size);
    PROPERTY(walk(bytes, size) == walk(bytes, size));
    check_find(bytes, size);
    check_write(bytes, size);
    free(bytes);
    return 0;
}
