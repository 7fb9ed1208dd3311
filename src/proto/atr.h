/* SPDX-License-Identifier: BSD-2-Clause */
/* What an Answer To Reset says, after ISO/IEC 7816-3:2006, 8: read once into a structure
 * whose numbers can be used as they are, with defaults in place of what is missing or
 * reserved. The raw bytes are never changed: the application gets those. */
#ifndef PROTO_ATR_H
#define PROTO_ATR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ATR_SIZE_MAX = 33,       /* TS and at most 32 more (8.2.1): what the API hands out */
    ATR_INPUT_MAX = 64,      /* bytes that are looked at; the rest is dropped */
    ATR_HISTORICAL_MAX = 15, /* K has four bits */
    ATR_LEVELS_MAX = 8       /* groups TAi TBi TCi TDi that are followed */
};

/* Protocols as bits, the values of manager/driver.h. */
enum { ATR_PROTOCOL_T0 = 1, ATR_PROTOCOL_T1 = 2 };

/* A value of T that names no protocol: the global interface bytes (8.2.3). */
enum { ATR_T_GLOBAL = 15 };

enum atr_verdict {
    ATR_OK,       /* as the standard wants it */
    ATR_ACCEPTED, /* usable; `notes` says what is wrong and was replaced by a default */
    ATR_UNUSABLE  /* only the raw bytes are of use: neither T=0 nor T=1 can be spoken */
};

/* Bits of struct atr.notes. Any bit makes the verdict ACCEPTED at best. */
enum {
    ATR_NOTE_TCK_BAD = 1 << 0,
    ATR_NOTE_TCK_MISSING = 1 << 1,
    ATR_NOTE_EXTRA = 1 << 2,            /* bytes after the last one; extra_size of them */
    ATR_NOTE_HISTORICAL_SHORT = 1 << 3, /* fewer historical bytes than K */
    ATR_NOTE_FI_RFU = 1 << 4,           /* TA1: 372/1 is used */
    ATR_NOTE_DI_RFU = 1 << 5,           /* TA1: 372/1 is used */
    ATR_NOTE_WI_ZERO = 1 << 6,          /* TC2 is 0: 10 is used */
    ATR_NOTE_IFSC_RFU = 1 << 7,         /* 00: 32 is used; FF: 254 is used */
    ATR_NOTE_BWI_RFU = 1 << 8,          /* above 9: 9 is used */
    ATR_NOTE_EDC_RFU = 1 << 9,          /* TC of T=1 has bits besides the lowest */
    ATR_NOTE_LONG = 1 << 10,            /* more than ATR_SIZE_MAX bytes */
    /* These make it unusable: */
    ATR_NOTE_TS = 1 << 16,          /* the first byte is neither 3B nor 3F */
    ATR_NOTE_SHORT = 1 << 17,       /* fewer than two bytes */
    ATR_NOTE_TRUNCATED = 1 << 18,   /* ends inside the interface bytes */
    ATR_NOTE_CHAIN = 1 << 19,       /* more than ATR_LEVELS_MAX groups */
    ATR_NOTE_NO_PROTOCOL = 1 << 20, /* neither T=0 nor T=1 may be used */
    ATR_NOTES_UNUSABLE = ATR_NOTE_TS | ATR_NOTE_SHORT | ATR_NOTE_TRUNCATED
                         | ATR_NOTE_CHAIN | ATR_NOTE_NO_PROTOCOL
};

enum atr_tck {
    ATR_TCK_NONE, /* none belongs there, or the historical bytes already stop short */
    ATR_TCK_OK,
    ATR_TCK_BAD,
    ATR_TCK_MISSING
};

/* Bits of struct atr_level.present. */
enum { ATR_TA = 1, ATR_TB = 2, ATR_TC = 4, ATR_TD = 8 };

/* One group of interface bytes, as received. Level index 0 holds TA1 to TD1. */
struct atr_level {
    uint8_t present; /* ATR_TA... */
    uint8_t owner;   /* T in the TD before it; 0 at index 0 */
    uint8_t ta, tb, tc, td;
};

enum atr_clock_stop { /* 8.3, X of the first TA for T=15 */
                      ATR_CLOCK_STOP_NONE,
                      ATR_CLOCK_STOP_LOW,
                      ATR_CLOCK_STOP_HIGH,
                      ATR_CLOCK_STOP_ANY
};

/* Bits of TA2. */
enum {
    ATR_TA2_IMPLICIT = 0x10, /* F and D are not in TA1 but agreed elsewhere */
    ATR_TA2_LOCKED = 0x80    /* the mode cannot change by another reset */
};

enum atr_edc { ATR_EDC_LRC, ATR_EDC_CRC };

/* Bits of struct atr.classes: the supply voltages. */
enum { ATR_CLASS_A_5V = 1, ATR_CLASS_B_3V = 2, ATR_CLASS_C_1V8 = 4 };

struct atr {
    enum atr_verdict verdict;
    uint32_t notes; /* ATR_NOTE_... */

    /* As received. */
    bool inverse; /* TS is 3F */
    uint8_t level_count;
    struct atr_level levels[ATR_LEVELS_MAX];
    uint8_t historical_count; /* K, as T0 says */
    uint8_t historical_size;  /* those that are there; fewer after a truncation */
    uint8_t historical_offset;
    uint8_t historical[ATR_HISTORICAL_MAX];
    enum atr_tck tck;
    uint8_t extra_size;

    /* Protocols: the distinct values of T, 15 left out, in the order offered. T=0 stands
     * first if there is no TD1, or if TD1 (wrongly) says 15. At least one. */
    uint8_t offered[ATR_LEVELS_MAX];
    uint8_t offered_count;
    bool specific;      /* TA2 is there: no PPS (6.3.1) */
    uint8_t specific_t; /* T in TA2 */
    uint8_t ta2;        /* ATR_TA2_...; 0 if it is not there */

    /* Numbers ready for use: defaults stand in for what is absent or reserved. */
    uint8_t ta1;       /* Fi and Di code, 0x11 if absent or reserved */
    uint16_t fi;       /* 372 to 2048 */
    uint8_t di;        /* 1 to 64 */
    uint16_t fmax_khz; /* 4000 to 20000 */
    uint8_t n;         /* TC1: extra guard time, 0 to 255 */
    uint16_t guard_fi; /* if T=15 is offered, N counts in Fi/Di of TA1 whatever F and D */
    uint8_t guard_di;  /* are in force (8.3, TC1); else 0 */
    uint8_t wi;        /* T=0: 1 to 255 */
    uint8_t ifsc;      /* T=1: 1 to 254 */
    uint8_t bwi;       /* T=1: 0 to 9 */
    uint8_t cwi;       /* T=1: 0 to 15 */
    enum atr_edc edc;  /* T=1 */
    bool has_global;   /* an interface byte of T=15 is there */
    enum atr_clock_stop clock_stop;
    uint8_t classes; /* ATR_CLASS_..., class A alone if absent */
    uint8_t spu;     /* first TB for T=15: use of contact C6; 0 if absent */
};

/* Reads an ATR. Any bytes will do, also none (then `bytes` may be NULL); never fails, the
 * verdict tells. *atr is wholly overwritten and borrows nothing. */
void atr_parse(struct atr *atr, const uint8_t *bytes, size_t size);

/* How many bytes an ATR lacks at least that begins so; 0: it is whole, or has more than
 * ATR_LEVELS_MAX groups. For who reads one byte by byte (8.2.1). */
size_t atr_missing(const uint8_t *bytes, size_t size);

/* The protocols that may be used, ATR_PROTOCOL_T0 | ATR_PROTOCOL_T1: those offered, in
 * specific mode only the one of TA2. 0 if the ATR is unusable. */
uint32_t atr_protocols(const struct atr *atr);

/* The protocol that is in force without a PPS, as one bit: the one of TA2, else the first
 * offered. 0 if that is neither T=0 nor T=1, or the ATR is unusable. */
uint32_t atr_default_protocol(const struct atr *atr);

/* Fi of a TA1 (or PPS1) byte, 0 if reserved (ISO/IEC 7816-3:2006, table 7). */
uint16_t atr_fi(uint8_t ta1);
/* Di of a TA1 (or PPS1) byte, 0 if reserved (table 8). */
uint8_t atr_di(uint8_t ta1);
/* The highest clock frequency of a TA1 byte, 0 if reserved (table 7). */
uint16_t atr_fmax_khz(uint8_t ta1);

/* One character of the inverse convention, as a receiver set to the direct one sees it,
 * and the other way (8.1): 3F comes in as 03. Its own inverse. */
uint8_t atr_swap_convention(uint8_t character);

#endif
