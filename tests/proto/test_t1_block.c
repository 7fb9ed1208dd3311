/* SPDX-License-Identifier: BSD-2-Clause */
/* Blocks of every PCB and every size. The examples are in tests/proto/vectors. */
#include "proto/t1_block.h"
#include "tests/support/check.h"

static const enum t1_edc edcs[] = {T1_EDC_LRC, T1_EDC_CRC, T1_EDC_CRC_COMPLEMENT};

/* The PCBs of ISO/IEC 7816-3:2006, 11.3.2.2, one by one, and the LEN each wants. */
static bool is_valid(unsigned pcb, unsigned len)
{
    static const uint8_t without_inf[] = {0x80, 0x81, 0x82, 0x90, 0x91,
                                          0x92, 0xC0, 0xE0, 0xC2, 0xE2};
    static const uint8_t with_one[] = {0xC1, 0xE1, 0xC3, 0xE3};
    if (pcb == 0x00 || pcb == 0x20 || pcb == 0x40 || pcb == 0x60)
        return true;
    if (len == 0)
        return memchr(without_inf, (int)pcb, sizeof(without_inf)) != NULL;
    return len == 1 && memchr(with_one, (int)pcb, sizeof(with_one)) != NULL;
}

static void test_every_pcb(void)
{
    static const uint8_t inf[2] = {1, 2};
    uint8_t bytes[T1_BLOCK_MAX];
    struct t1_block block;
    for (unsigned pcb = 0; pcb < 256; pcb++) {
        for (unsigned len = 0; len <= 2; len++) {
            size_t size = t1_block_build(0, (uint8_t)pcb, inf, len, T1_EDC_LRC, bytes);
            enum t1_block_result result = t1_block_parse(bytes, size, T1_EDC_LRC, &block);
            CHECK_EQ(result == T1_BLOCK_OK, is_valid(pcb, len));
        }
    }
}

static void test_every_size(void)
{
    uint8_t inf[T1_INF_MAX + 1];
    uint8_t bytes[T1_BLOCK_MAX];
    struct t1_block block = {0};
    memset(inf, 0x5A, sizeof(inf));
    for (unsigned e = 0; e < 3; e++) {
        for (size_t len = 0; len <= T1_INF_MAX; len++) {
            size_t size = t1_block_build(0x12, 0x60, inf, len, edcs[e], bytes);
            CHECK_EQ(size, 3 + len + t1_edc_size(edcs[e]));
            CHECK_EQ(t1_block_parse(bytes, size, edcs[e], &block), T1_BLOCK_OK);
            CHECK_EQ(block.inf_size, len);
            CHECK_EQ(block.nad, 0x12);
            CHECK_EQ(t1_block_parse(bytes, size - 1, edcs[e], &block), T1_BLOCK_SHORT);
        }
        CHECK_EQ(t1_block_build(0, 0, inf, T1_INF_MAX + 1, edcs[e], bytes), 0);
    }
}

/* Every code finds any single bit that is wrong, wherever it is. */
static void test_every_bit(void)
{
    static const uint8_t inf[] = {0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00};
    uint8_t bytes[T1_BLOCK_MAX];
    struct t1_block block;
    for (unsigned e = 0; e < 3; e++) {
        size_t size = t1_block_build(0, 0, inf, sizeof(inf), edcs[e], bytes);
        for (size_t bit = 0; bit < size * 8; bit++) {
            bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
            CHECK(t1_block_parse(bytes, size, edcs[e], &block) != T1_BLOCK_OK);
            bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
        CHECK_EQ(t1_block_parse(bytes, size, edcs[e], &block), T1_BLOCK_OK);
    }
}

static void test_rest(void)
{
    for (unsigned len = 0; len < 255; len++) {
        uint8_t prologue[T1_PROLOGUE_SIZE] = {0xEE, 0xEE, (uint8_t)len};
        CHECK_EQ(t1_block_rest(prologue, T1_EDC_LRC), len + 1);
        CHECK_EQ(t1_block_rest(prologue, T1_EDC_CRC), len + 2);
        CHECK_EQ(t1_block_rest(prologue, T1_EDC_CRC_COMPLEMENT), len + 2);
    }
    CHECK_EQ(t1_block_rest((const uint8_t[]){0, 0, 0xFF}, T1_EDC_LRC), 0);
    CHECK_EQ(t1_block_rest((const uint8_t[]){0, 0, 0xFF}, T1_EDC_CRC), 0);
}

int main(void)
{
    test_rest();
    test_every_pcb();
    test_every_size();
    test_every_bit();
    return check_result();
}
