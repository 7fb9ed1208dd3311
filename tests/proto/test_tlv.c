/* SPDX-License-Identifier: BSD-2-Clause */
/* BER-TLV: forms of tags and lengths, templates, the writer's limits. */
#include "base/compiler.h"
#include "proto/tlv.h"
#include "tests/support/check.h"

static enum tlv_result read_one(const uint8_t *bytes, size_t size, struct tlv *item)
{
    struct tlv_reader reader;
    tlv_reader_init(&reader, bytes, size);
    return tlv_reader_next(&reader, item);
}

/* The bytes are kept until the next READ: the item points into them. */
static enum tlv_result read_kept(const uint8_t *bytes, size_t size, struct tlv *item)
{
    static uint8_t kept[16];
    memcpy(kept, bytes, size);
    return read_one(kept, size, item);
}

#define READ(item, ...)                                                                  \
    read_kept((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}),    \
              item)

static void test_tags(void)
{
    struct tlv item = {0};
    CHECK_EQ(READ(&item, 0x84, 0x01, 0xAA), TLV_ITEM);
    CHECK_EQ(item.tag, 0x84);
    CHECK_EQ(item.size, 1);
    CHECK_EQ(item.value[0], 0xAA);
    CHECK_EQ(READ(&item, 0x7F, 0x49, 0x00), TLV_ITEM);
    CHECK_EQ(item.tag, 0x7F49);
    CHECK_EQ(item.size, 0);
    CHECK_EQ(READ(&item, 0x5F, 0xC1, 0x02, 0x00), TLV_ITEM);
    CHECK_EQ(item.tag, 0x5FC102);
    CHECK_EQ(READ(&item, 0x5F, 0x81, 0x82, 0x03, 0x00), TLV_ITEM);
    CHECK_EQ(item.tag, 0x5F818203);
    CHECK_EQ(READ(&item, 0x5F, 0x81, 0x82, 0x83, 0x04, 0x00), TLV_BAD);
    CHECK_EQ(READ(&item, 0x5F), TLV_BAD);
    CHECK_EQ(READ(&item, 0x5F, 0xC1), TLV_BAD);
    CHECK_EQ(item.tag, 0x5F818203);
}

static void test_lengths(void)
{
    struct tlv item = {0};
    uint8_t bytes[0x10000 + 8] = {0x80, 0x82, 0x01, 0x00};
    CHECK_EQ(READ(&item, 0x80), TLV_BAD);
    CHECK_EQ(READ(&item, 0x80, 0x01), TLV_BAD);
    CHECK_EQ(READ(&item, 0x80, 0x80, 0x00, 0x00), TLV_BAD); /* indefinite */
    CHECK_EQ(READ(&item, 0x80, 0x81, 0x01, 0x55), TLV_ITEM);
    CHECK_EQ(READ(&item, 0x80, 0x84, 0, 0, 0, 1, 0x55), TLV_ITEM);
    CHECK_EQ(item.size, 1);
    CHECK_EQ(READ(&item, 0x80, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0x55), TLV_BAD);
    CHECK_EQ(READ(&item, 0x80, 0x85, 0, 0, 0, 0, 1, 0x55), TLV_BAD);
    CHECK_EQ(READ(&item, 0x80, 0xFF), TLV_BAD);
    CHECK_EQ(READ(&item, 0x80, 0x82, 0x01), TLV_BAD);
    CHECK_EQ(read_one(bytes, 4 + 256, &item), TLV_ITEM);
    CHECK_EQ(read_one(bytes, 3 + 256, &item), TLV_BAD);
    memcpy(bytes, (const uint8_t[]){0x80, 0x83, 0x01, 0x00, 0x00}, 5);
    CHECK_EQ(read_one(bytes, 5 + 65536, &item), TLV_ITEM);
    CHECK_EQ(item.size, 65536);
}

static void test_sequence(void)
{
    static const uint8_t bytes[] = {0x00, 0x80, 0x01, 0x11, 0x00, 0x00,
                                    0x81, 0x00, 0x82, 0x02, 0x01, 0x00};
    struct tlv_reader reader;
    struct tlv item = {0};
    tlv_reader_init(&reader, bytes, sizeof(bytes));
    CHECK_EQ(tlv_reader_next(&reader, &item), TLV_ITEM);
    CHECK_EQ(item.tag, 0x80);
    CHECK_EQ(tlv_reader_next(&reader, &item), TLV_ITEM);
    CHECK_EQ(item.tag, 0x81);
    CHECK_EQ(tlv_reader_next(&reader, &item), TLV_ITEM);
    CHECK_EQ(item.tag, 0x82);
    CHECK_EQ(tlv_reader_next(&reader, &item), TLV_END);
    CHECK_EQ(tlv_reader_next(&reader, &item), TLV_END);
    tlv_reader_init(&reader, bytes, sizeof(bytes) - 1);
    CHECK_EQ(tlv_reader_next(&reader, &item), TLV_ITEM);
    CHECK_EQ(tlv_reader_next(&reader, &item), TLV_ITEM);
    CHECK_EQ(tlv_reader_next(&reader, &item), TLV_BAD);
    CHECK_EQ(tlv_reader_next(&reader, &item), TLV_BAD);
    tlv_reader_init(&reader, NULL, 0);
    CHECK_EQ(tlv_reader_next(&reader, &item), TLV_END);
}

/* 6F { 84 A000, A5 { 50 "x", BF0C { 5F2D "en" } } }, 84 { FF } */
static const uint8_t fci[] = {0x6F, 0x13, 0x84, 0x02, 0xA0, 0x00, 0xA5, 0x0D,
                              0x50, 0x01, 'x',  0xBF, 0x0C, 0x07, 0x5F, 0x2D,
                              0x02, 'e',  'n',  0x80, 0x00, 0x84, 0x01, 0xFF};

#define FIND(item, ...)                                                                  \
    tlv_find(fci, sizeof(fci), (const uint32_t[]){__VA_ARGS__},                          \
             ARRAY_SIZE(((const uint32_t[]){__VA_ARGS__})), item)

static void test_find(void)
{
    struct tlv item = {0};
    CHECK(FIND(&item, 0x6F, 0xA5, 0xBF0C, 0x5F2D));
    CHECK_EQ(item.size, 2);
    CHECK_MEM(item.value, "en", 2);
    CHECK(FIND(&item, 0x6F, 0x84));
    CHECK_EQ(item.size, 2);
    CHECK(FIND(&item, 0x84));
    CHECK_EQ(item.value[0], 0xFF);
    CHECK(!FIND(&item, 0x85));
    CHECK(!FIND(&item, 0x6F, 0x50));
    CHECK(!FIND(&item, 0x84, 0xFF)); /* not a template */
    CHECK_EQ(item.tag, 0x84);
    CHECK(!tlv_find(fci, sizeof(fci), NULL, 0, &item));
    uint32_t deep[TLV_DEPTH_MAX + 1] = {0x6F};
    CHECK(!tlv_find(fci, sizeof(fci), deep, ARRAY_SIZE(deep), &item));
    CHECK(tlv_is_constructed(0x6F) && tlv_is_constructed(0xBF0C));
    CHECK(!tlv_is_constructed(0x84) && !tlv_is_constructed(0x5FC120));
}

static void write_fci(struct tlv_writer *writer)
{
    tlv_open(writer, 0x6F);
    tlv_put(writer, 0x84, (const uint8_t[]){0xA0, 0x00}, 2);
    tlv_open(writer, 0xA5);
    tlv_put(writer, 0x50, (const uint8_t *)"x", 1);
    tlv_open(writer, 0xBF0C);
    tlv_put(writer, 0x5F2D, (const uint8_t *)"en", 2);
    tlv_put(writer, 0x80, NULL, 0);
    tlv_close(writer);
    tlv_close(writer);
    tlv_close(writer);
    tlv_put(writer, 0x84, (const uint8_t[]){0xFF}, 1);
}

static void test_write(void)
{
    struct tlv_writer writer;
    uint8_t out[sizeof(fci)];
    size_t size = 0;
    for (size_t room = 0; room < sizeof(fci); room++) {
        tlv_writer_init(&writer, out, room);
        write_fci(&writer);
        CHECK(!tlv_writer_finish(&writer, &size));
        CHECK(writer.size <= room);
    }
    tlv_writer_init(&writer, out, sizeof(out));
    write_fci(&writer);
    CHECK(tlv_writer_finish(&writer, &size));
    CHECK_EQ(size, sizeof(fci));
    CHECK_MEM(out, fci, sizeof(fci));
}

static void check_written_size(size_t value_size, size_t head)
{
    static uint8_t value[70000];
    static uint8_t out[70020];
    struct tlv_writer writer;
    struct tlv item = {0};
    size_t size = 0;
    tlv_writer_init(&writer, out, sizeof(out));
    tlv_open(&writer, 0x30);
    tlv_put(&writer, 0x04, value, value_size);
    tlv_close(&writer);
    CHECK(tlv_writer_finish(&writer, &size));
    CHECK(tlv_find(out, size, (const uint32_t[]){0x30, 0x04}, 2, &item));
    CHECK_EQ(item.size, value_size);
    CHECK_EQ(item.value - out + (ptrdiff_t)value_size, size);
    tlv_writer_init(&writer, out, sizeof(out));
    tlv_put(&writer, 0x04, value, value_size);
    CHECK(tlv_writer_finish(&writer, &size));
    CHECK_EQ(size, head + value_size);
}

static void test_written_lengths(void)
{
    check_written_size(0, 2);
    check_written_size(0x7D, 2);
    check_written_size(0x7F, 2);
    check_written_size(0x80, 3);
    check_written_size(0xFF, 3);
    check_written_size(0x100, 4);
    check_written_size(0xFFFF, 4);
    check_written_size(0x10000, 5);
}

/* A template that is too long for the one byte kept for its length, and no room for more.
 */
static void test_no_room_to_close(void)
{
    static const uint8_t value[0x7E];
    uint8_t out[0x83];
    for (size_t room = sizeof(out) - 1; room <= sizeof(out); room++) {
        struct tlv_writer writer;
        size_t size = 0;
        tlv_writer_init(&writer, out, room);
        tlv_open(&writer, 0x30);
        tlv_put(&writer, 0x04, value, sizeof(value));
        CHECK(!writer.failed);
        tlv_close(&writer);
        CHECK_EQ(tlv_writer_finish(&writer, &size), room == sizeof(out));
    }
}

static bool can_write(uint32_t tag)
{
    struct tlv_writer writer;
    uint8_t out[16];
    size_t size = 0;
    tlv_writer_init(&writer, out, sizeof(out));
    tlv_put(&writer, tag, NULL, 0);
    return tlv_writer_finish(&writer, &size);
}

static void test_refused_tags(void)
{
    CHECK(can_write(0x84) && can_write(0x7F49) && can_write(0x5FC102));
    CHECK(!can_write(0) && !can_write(0x5F) && !can_write(0x8401));
    CHECK(!can_write(0x5FC1) && !can_write(0x5F4102) && !can_write(0x5F818283));
}

static void test_unbalanced(void)
{
    struct tlv_writer writer;
    uint8_t out[64];
    size_t size = 0;
    tlv_writer_init(&writer, out, sizeof(out));
    tlv_open(&writer, 0x30);
    CHECK(!tlv_writer_finish(&writer, &size));
    tlv_close(&writer);
    CHECK(tlv_writer_finish(&writer, &size));
    tlv_close(&writer);
    CHECK(!tlv_writer_finish(&writer, &size));
    tlv_writer_init(&writer, out, sizeof(out));
    for (unsigned i = 0; i <= TLV_DEPTH_MAX; i++)
        tlv_open(&writer, 0x30);
    CHECK(writer.failed);
    tlv_writer_init(&writer, out, sizeof(out));
    tlv_open(&writer, 0x04);
    CHECK(writer.failed);
}

int main(void)
{
    test_tags();
    test_lengths();
    test_sequence();
    test_find();
    test_write();
    test_written_lengths();
    test_no_room_to_close();
    test_refused_tags();
    test_unbalanced();
    return check_result();
}
