/* SPDX-License-Identifier: BSD-2-Clause */
/* The block of T=1, after ISO/IEC 7816-3:2006, 11.3. */
#include "proto/t1_block.h"

#include <string.h>

enum {
    LEN_AT = 2,
    LEN_RESERVED = 0xFF,
    CRC_POLYNOMIAL = 0x8408, /* x^16 + x^12 + x^5 + 1, lowest bit first */
    CRC_START = 0xFFFF,
    I_RESERVED_BITS = 0x1F,
    R_RESERVED_BITS = 0x2C,
    S_RESERVED_BITS = 0x1C
};

size_t t1_edc_size(enum t1_edc edc)
{
    return edc == T1_EDC_LRC ? 1 : 2;
}

static uint8_t compute_lrc(const uint8_t *bytes, size_t size)
{
    uint8_t lrc = 0;
    for (size_t i = 0; i < size; i++)
        lrc ^= bytes[i];
    return lrc;
}

static unsigned compute_crc(const uint8_t *bytes, size_t size)
{
    unsigned crc = CRC_START;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (unsigned bit = 0; bit < 8; bit++)
            crc = (crc & 1U) != 0 ? crc >> 1 ^ CRC_POLYNOMIAL : crc >> 1;
    }
    return crc;
}

size_t t1_edc_compute(enum t1_edc edc, const uint8_t *bytes, size_t size, uint8_t out[2])
{
    if (edc == T1_EDC_LRC) {
        out[0] = compute_lrc(bytes, size);
        return 1;
    }
    unsigned crc = compute_crc(bytes, size);
    if (edc == T1_EDC_CRC_COMPLEMENT)
        crc ^= 0xFFFFU;
    out[0] = (uint8_t)(crc >> 8);
    out[1] = (uint8_t)crc;
    return 2;
}

size_t t1_block_build(uint8_t nad, uint8_t pcb, const uint8_t *inf, size_t inf_size,
                      enum t1_edc edc, uint8_t *out)
{
    if (inf_size > T1_INF_MAX)
        return 0;
    out[0] = nad;
    out[1] = pcb;
    out[LEN_AT] = (uint8_t)inf_size;
    if (inf_size != 0)
        memcpy(out + T1_PROLOGUE_SIZE, inf, inf_size);
    size_t size = T1_PROLOGUE_SIZE + inf_size;
    return size + t1_edc_compute(edc, out, size, out + size);
}

size_t t1_block_rest(const uint8_t prologue[T1_PROLOGUE_SIZE], enum t1_edc edc)
{
    if (prologue[LEN_AT] == LEN_RESERVED)
        return 0;
    return prologue[LEN_AT] + t1_edc_size(edc);
}

static enum t1_block_result check_frame(const uint8_t *bytes, size_t size,
                                        enum t1_edc edc)
{
    size_t edc_size = t1_edc_size(edc);
    if (size < T1_PROLOGUE_SIZE + edc_size)
        return T1_BLOCK_SHORT;
    if (bytes[LEN_AT] == LEN_RESERVED)
        return T1_BLOCK_BAD_LEN;
    size_t body_size = T1_PROLOGUE_SIZE + (size_t)bytes[LEN_AT];
    if (size != body_size + edc_size)
        return size < body_size + edc_size ? T1_BLOCK_SHORT : T1_BLOCK_LONG;
    uint8_t wanted[2];
    t1_edc_compute(edc, bytes, body_size, wanted);
    return memcmp(bytes + body_size, wanted, edc_size) == 0 ? T1_BLOCK_OK
                                                            : T1_BLOCK_BAD_EDC;
}

static enum t1_block_result read_r(struct t1_block *block)
{
    block->kind = T1_KIND_R;
    block->sequence = (block->pcb & T1_PCB_R_SEQUENCE) != 0 ? 1 : 0;
    block->error = block->pcb & (T1_PCB_R_EDC | T1_PCB_R_OTHER);
    if ((block->pcb & R_RESERVED_BITS) != 0
        || block->error == (T1_PCB_R_EDC | T1_PCB_R_OTHER))
        return T1_BLOCK_BAD_PCB;
    return block->inf_size == 0 ? T1_BLOCK_OK : T1_BLOCK_BAD_LEN;
}

static enum t1_block_result read_s(struct t1_block *block)
{
    static const struct {
        enum t1_supervision supervision;
        uint8_t inf_size;
    } types[] = {{T1_S_RESYNCH, 0}, {T1_S_IFS, 1}, {T1_S_ABORT, 0}, {T1_S_WTX, 1}};
    unsigned type = block->pcb & 0x03;
    bool response = (block->pcb & T1_PCB_S_RESPONSE) != 0;
    block->kind = response ? T1_KIND_S_RESPONSE : T1_KIND_S_REQUEST;
    block->supervision = types[type].supervision;
    if ((block->pcb & S_RESERVED_BITS) != 0)
        return T1_BLOCK_BAD_PCB;
    return block->inf_size == types[type].inf_size ? T1_BLOCK_OK : T1_BLOCK_BAD_LEN;
}

static enum t1_block_result read_pcb(struct t1_block *block)
{
    if ((block->pcb & 0xC0) == T1_PCB_S)
        return read_s(block);
    if ((block->pcb & 0xC0) == T1_PCB_R)
        return read_r(block);
    block->kind = T1_KIND_I;
    block->sequence = (block->pcb & T1_PCB_I_SEQUENCE) != 0 ? 1 : 0;
    block->more = (block->pcb & T1_PCB_I_MORE) != 0;
    return (block->pcb & I_RESERVED_BITS) == 0 ? T1_BLOCK_OK : T1_BLOCK_BAD_PCB;
}

enum t1_block_result t1_block_parse(const uint8_t *bytes, size_t size, enum t1_edc edc,
                                    struct t1_block *block)
{
    enum t1_block_result result = check_frame(bytes, size, edc);
    if (result != T1_BLOCK_OK)
        return result;
    struct t1_block read = {0};
    read.nad = bytes[0];
    read.pcb = bytes[1];
    read.inf_size = bytes[LEN_AT];
    read.inf = bytes + T1_PROLOGUE_SIZE;
    result = read_pcb(&read);
    if (result == T1_BLOCK_OK)
        *block = read;
    return result;
}
