/* SPDX-License-Identifier: BSD-2-Clause */
/* The file system of the software card, after ISO/IEC 7816-4:2013, 7.2 and 11. */
#include "drivers/soft/files.h"

#include "proto/tlv.h"

#include <string.h>

/* F0 begins the name of a proprietary application: no registration is needed (12.2.3.4).
 */
static const uint8_t application_name[] = {0xF0, 'S', 'O', 'F', 'T'};

static const uint8_t ef_dir[] = {0x61, 0x13, 0x4F, 0x05, 0xF0, 'S',  'O',
                                 'F',  'T',  0x50, 0x04, 'D',  'e',  'm',
                                 'o',  0x51, 0x04, 0x3F, 0x00, 0x7F, 0x10};

/* Card service data and capabilities as in the ATR; the longest command and response. */
static const uint8_t ef_atr[] = {0x43, 0x01, 0xB8, 0x47, 0x03, 0xB4, 0x21,
                                 0x60, 0x7F, 0x66, 0x0A, 0x02, 0x03, 0x01,
                                 0x00, 0x08, 0x02, 0x03, 0x01, 0x00, 0x02};

static const char text_file[] = "This is a software card. It lives in the memory of the "
                                "program that reads it, and forgets all when that ends.";
static const char secret[] = "Only who knows the PIN reads this.";
static const char nested[] = "Found by its path.";

#define FILE_BYTES(bytes, count)                                                         \
    .initial = (const uint8_t *)(bytes), .initial_size = (count)

enum { ROOT, APPLICATION = 4, OTHER = 9, INNER = 10 };

const struct soft_file soft_files[SOFT_FILE_COUNT] = {
    [ROOT] = {.id = 0x3F00, .parent = SOFT_FILE_NONE, .is_df = true},
    {.id = 0x2F00,
     .parent = ROOT,
     .sfi = 0x1E,
     .size = sizeof(ef_dir),
     .update = SOFT_ACCESS_NEVER,
     FILE_BYTES(ef_dir, sizeof(ef_dir))},
    {.id = 0x2F01,
     .parent = ROOT,
     .sfi = 0x1D,
     .size = sizeof(ef_atr),
     .update = SOFT_ACCESS_NEVER,
     FILE_BYTES(ef_atr, sizeof(ef_atr))},
    {.id = 0x2F02,
     .parent = ROOT,
     .sfi = 0x02,
     .size = SOFT_SERIAL_SIZE,
     .update = SOFT_ACCESS_NEVER,
     .content = SOFT_CONTENT_SERIAL},
    [APPLICATION] = {.id = 0x7F10,
                     .parent = ROOT,
                     .is_df = true,
                     .name = application_name,
                     .name_size = sizeof(application_name)},
    {.id = 0x0001,
     .parent = APPLICATION,
     .sfi = 0x01,
     .size = 256,
     FILE_BYTES(text_file, sizeof(text_file) - 1)},
    {.id = 0x0002,
     .parent = APPLICATION,
     .sfi = 0x02,
     .size = SOFT_BIG_SIZE,
     .content = SOFT_CONTENT_PATTERN},
    {.id = 0x0003,
     .parent = APPLICATION,
     .sfi = 0x03,
     .size = 256,
     .read = SOFT_ACCESS_PIN,
     .update = SOFT_ACCESS_PIN,
     FILE_BYTES(secret, sizeof(secret) - 1)},
    {.id = 0x0004,
     .parent = APPLICATION,
     .sfi = 0x04,
     .size = 1024,
     .update = SOFT_ACCESS_PIN},
    [OTHER] = {.id = 0x7F20, .parent = ROOT, .is_df = true},
    [INNER] = {.id = 0x5F01, .parent = OTHER, .is_df = true},
    {.id = 0x6F01,
     .parent = INNER,
     .sfi = 0x01,
     .size = sizeof(nested) - 1,
     .update = SOFT_ACCESS_NEVER,
     FILE_BYTES(nested, sizeof(nested) - 1)},
};

int soft_file_child(int df, uint16_t id)
{
    for (int i = 0; i < SOFT_FILE_COUNT; i++)
        if (soft_files[i].parent == df && soft_files[i].id == id)
            return i;
    return SOFT_FILE_NONE;
}

int soft_file_by_sfi(int df, uint8_t sfi)
{
    for (int i = 0; i < SOFT_FILE_COUNT; i++)
        if (soft_files[i].parent == df && !soft_files[i].is_df
            && soft_files[i].sfi == sfi)
            return i;
    return SOFT_FILE_NONE;
}

int soft_file_by_name(const uint8_t *name, size_t size)
{
    for (int i = 0; i < SOFT_FILE_COUNT; i++)
        if (soft_files[i].name_size == size && size != 0
            && memcmp(soft_files[i].name, name, size) == 0)
            return i;
    return SOFT_FILE_NONE;
}

int soft_file_near(int df, uint16_t id)
{
    if (id == soft_files[SOFT_FILE_MF].id)
        return SOFT_FILE_MF;
    if (id == soft_files[df].id)
        return df;
    int found = soft_file_child(df, id);
    int parent = soft_files[df].parent;
    if (found != SOFT_FILE_NONE || parent == SOFT_FILE_NONE)
        return found;
    return id == soft_files[parent].id ? parent : soft_file_child(parent, id);
}

int soft_file_by_path(int df, const uint8_t *path, size_t size)
{
    if (size == 0 || size % 2 != 0)
        return SOFT_FILE_NONE;
    for (size_t at = 0; at < size && df != SOFT_FILE_NONE; at += 2)
        df = soft_file_child(df, (uint16_t)(path[at] << 8 | path[at + 1]));
    return df;
}

void soft_file_initial(int file, const uint8_t serial[SOFT_SERIAL_SIZE], size_t offset,
                       uint8_t *out, size_t size)
{
    const struct soft_file *f = &soft_files[file];
    if (f->content == SOFT_CONTENT_PATTERN) {
        for (size_t i = 0; i < size; i++)
            out[i] = (uint8_t)((offset + i) ^ (offset + i) >> 8);
        return;
    }
    bool is_serial = f->content == SOFT_CONTENT_SERIAL;
    const uint8_t *bytes = is_serial ? serial : f->initial;
    size_t there = is_serial ? SOFT_SERIAL_SIZE : f->initial_size;
    size_t copied = offset < there ? there - offset : 0;
    if (copied > size)
        copied = size;
    if (copied != 0)
        memcpy(out, bytes + offset, copied);
    memset(out + copied, 0, size - copied);
}

size_t soft_file_control(int file, uint32_t tag, uint8_t *out, size_t room)
{
    const struct soft_file *f = &soft_files[file];
    uint8_t size[] = {(uint8_t)(f->size >> 16), (uint8_t)(f->size >> 8),
                      (uint8_t)f->size};
    uint8_t descriptor = f->is_df ? 0x38 : 0x01; /* DF; transparent working EF */
    uint8_t id[] = {(uint8_t)(f->id >> 8), (uint8_t)f->id};
    uint8_t sfi = (uint8_t)(f->sfi << 3);
    uint8_t activated = 0x05;
    size_t skipped = f->size > 0xFFFF ? 0 : 1;
    size_t written;
    struct tlv_writer writer;
    tlv_writer_init(&writer, out, room);
    tlv_open(&writer, tag);
    if (!f->is_df)
        tlv_put(&writer, 0x80, size + skipped, sizeof(size) - skipped);
    tlv_put(&writer, 0x82, &descriptor, 1);
    tlv_put(&writer, 0x83, id, sizeof(id));
    if (f->name != NULL)
        tlv_put(&writer, 0x84, f->name, f->name_size);
    if (!f->is_df)
        tlv_put(&writer, 0x88, &sfi, 1);
    tlv_put(&writer, 0x8A, &activated, 1);
    tlv_close(&writer);
    return tlv_writer_finish(&writer, &written) ? written : 0;
}
