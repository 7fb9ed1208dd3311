/* SPDX-License-Identifier: BSD-2-Clause */
/* Takes the blocks of t1.txt apart, and builds the good ones again from the parts. */
#include "proto/t1_block.h"
#include "tests/proto/vector.h"

static enum t1_edc edc_named(const struct vector *v, const char *name)
{
    if (strcmp(name, "crc") == 0)
        return T1_EDC_CRC;
    if (strcmp(name, "crc-complement") == 0)
        return T1_EDC_CRC_COMPLEMENT;
    VECTOR_STR(v, name, "lrc");
    return T1_EDC_LRC;
}

static void describe(const struct t1_block *block, char *out, size_t room)
{
    static const char *const types[] = {"RESYNCH", "IFS", "ABORT", "WTX"};
    static const char *const errors[] = {"", ",edc", ",other"};
    switch (block->kind) {
    case T1_KIND_I:
        snprintf(out, room, "I(%u%s)", (unsigned)block->sequence,
                 block->more ? ",M" : "");
        break;
    case T1_KIND_R:
        snprintf(out, room, "R(%u%s)", (unsigned)block->sequence, errors[block->error]);
        break;
    case T1_KIND_S_REQUEST:
        snprintf(out, room, "S(%s request)", types[block->supervision]);
        break;
    case T1_KIND_S_RESPONSE:
        snprintf(out, room, "S(%s response)", types[block->supervision]);
        break;
    }
}

static void take(const struct vector *v)
{
    static const char *const results[] = {"ok",      "short",   "long",
                                          "bad edc", "bad len", "bad pcb"};
    uint8_t bytes[VECTOR_BYTES_MAX];
    uint8_t inf[VECTOR_BYTES_MAX];
    uint8_t built[T1_BLOCK_MAX];
    char text[64];
    size_t size = vector_hex(v, 0, bytes);
    size_t inf_size = vector_hex(v, 3, inf);
    enum t1_edc edc = edc_named(v, v->fields[1]);
    struct t1_block block = {0};
    enum t1_block_result result = t1_block_parse(bytes, size, edc, &block);
    if (result != T1_BLOCK_OK) {
        VECTOR_STR(v, results[result], v->fields[2]);
        return;
    }
    describe(&block, text, sizeof(text));
    VECTOR_STR(v, text, v->fields[2]);
    VECTOR_EQ(v, block.inf_size, inf_size);
    VECTOR_EQ(v, memcmp(block.inf, inf, block.inf_size), 0);
    VECTOR_EQ(v, t1_block_build(bytes[0], bytes[1], inf, inf_size, edc, built), size);
    VECTOR_EQ(v, memcmp(built, bytes, size), 0);
}

int main(void)
{
    static const uint8_t digits[] = "123456789";
    uint8_t edc[2] = {0, 0};
    vector_run("t1.txt", 4, take);
    CHECK_EQ(t1_edc_compute(T1_EDC_CRC, digits, 9, edc), 2);
    CHECK_EQ(edc[0] << 8 | edc[1], 0x6F91);
    CHECK_EQ(t1_edc_compute(T1_EDC_CRC_COMPLEMENT, digits, 9, edc), 2);
    CHECK_EQ(edc[0] << 8 | edc[1], 0x906E);
    return check_result();
}
