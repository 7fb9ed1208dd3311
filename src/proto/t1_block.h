/* SPDX-License-Identifier: BSD-2-Clause */
/* The block of T=1, after ISO/IEC 7816-3:2006, 11.3: NAD PCB LEN, INF, EDC. Both sides,
 * host and card, use it. */
#ifndef PROTO_T1_BLOCK_H
#define PROTO_T1_BLOCK_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    T1_PROLOGUE_SIZE = 3,
    T1_INF_MAX = 254,
    T1_BLOCK_MAX = T1_PROLOGUE_SIZE + T1_INF_MAX + 2
};

/* The error detection code. Implementations differ in whether the CRC is complemented at
 * the end, as ISO/IEC 13239 has it, so both are here; the high byte goes first. */
enum t1_edc { T1_EDC_LRC, T1_EDC_CRC, T1_EDC_CRC_COMPLEMENT };

/* Values of PCB, to be combined by OR. */
enum {
    T1_PCB_I = 0x00,
    T1_PCB_I_SEQUENCE = 0x40, /* N(S) */
    T1_PCB_I_MORE = 0x20,     /* M */
    T1_PCB_R = 0x80,
    T1_PCB_R_SEQUENCE = 0x10, /* N(R) */
    T1_PCB_R_EDC = 0x01,
    T1_PCB_R_OTHER = 0x02,
    T1_PCB_S = 0xC0,
    T1_PCB_S_RESPONSE = 0x20
};

enum t1_kind { T1_KIND_I, T1_KIND_R, T1_KIND_S_REQUEST, T1_KIND_S_RESPONSE };

/* The low bits of an S-block's PCB. */
enum t1_supervision { T1_S_RESYNCH, T1_S_IFS, T1_S_ABORT, T1_S_WTX };

struct t1_block {
    uint8_t nad;
    uint8_t pcb;
    enum t1_kind kind;
    uint8_t sequence; /* 0 or 1: N(S) of an I-block, N(R) of an R-block */
    bool more;        /* M of an I-block */
    uint8_t error;    /* of an R-block: 0, T1_PCB_R_EDC or T1_PCB_R_OTHER */
    enum t1_supervision supervision; /* of an S-block */
    const uint8_t *inf;              /* borrowed from the bytes parsed */
    uint8_t inf_size;
};

enum t1_block_result {
    T1_BLOCK_OK,
    T1_BLOCK_SHORT, /* fewer bytes than the smallest block, or than LEN says */
    T1_BLOCK_LONG,  /* more bytes than LEN says */
    T1_BLOCK_BAD_EDC,
    T1_BLOCK_BAD_LEN, /* FF; or LEN does not suit an R- or S-block */
    T1_BLOCK_BAD_PCB  /* a reserved value */
};

/* Bytes of an EDC: 1 or 2. */
size_t t1_edc_size(enum t1_edc edc);
/* Computes the EDC of `size` bytes into out; gives its size. */
size_t t1_edc_compute(enum t1_edc edc, const uint8_t *bytes, size_t size, uint8_t out[2]);

/* How many bytes follow a prologue, INF and EDC, for readers of single characters: 1 to
 * 256. 0: LEN is reserved, no block can be read. */
size_t t1_block_rest(const uint8_t prologue[T1_PROLOGUE_SIZE], enum t1_edc edc);

/* Writes a block; `out` has room for T1_BLOCK_MAX bytes. `inf` may be NULL if inf_size is
 * 0. Gives the size of the block, 0 if inf_size exceeds T1_INF_MAX. */
size_t t1_block_build(uint8_t nad, uint8_t pcb, const uint8_t *inf, size_t inf_size,
                      enum t1_edc edc, uint8_t *out) MUST_CHECK;

/* Reads exactly one block. *block is written only if the result is T1_BLOCK_OK. Checked
 * in this order: size, LEN against the size, EDC, PCB, LEN against PCB. The value of INF
 * in S-blocks and NAD are left to the caller. */
enum t1_block_result t1_block_parse(const uint8_t *bytes, size_t size, enum t1_edc edc,
                                    struct t1_block *block) MUST_CHECK;

#endif
