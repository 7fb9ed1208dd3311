/* SPDX-License-Identifier: BSD-2-Clause */
/* A card's answer to reset in plain words (ISO/IEC 7816-3:2006, 8; 7816-4:2013, 12.1). */
#ifndef CLI_ATR_WORDS_H
#define CLI_ATR_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ATR_LINE_MAX = 200, ATR_PROTOCOL_GLOBAL = 15, ATR_PROTOCOL_T1 = 1 << 1 };

/* Whether protocol and speed can be chosen (TA2). */
enum atr_mode {
    ATR_NEGOTIABLE,
    ATR_SPECIFIC,      /* one protocol; a reset may bring negotiation back */
    ATR_SPECIFIC_FIXED /* one protocol for good */
};

/* The check byte TCK at the end. */
enum atr_check {
    ATR_CHECK_NONE, /* there is none, nor should there be */
    ATR_CHECK_BAD,  /* missing or wrong */
    ATR_CHECK_GOOD
};

/* What the interface bytes say. */
struct atr_facts {
    bool inverse;       /* TS is 3F */
    uint32_t protocols; /* bit T for each protocol offered; T=15 is not one */
    enum atr_mode mode;
    unsigned specific_protocol; /* unless it is negotiable */
    unsigned f, d;              /* of TA1, or 372 and 1; 0: a reserved value */
    unsigned clock_khz;         /* the highest clock; 0: reserved */
    unsigned guard;             /* TC1, in etu; 255 is special */
    /* For T=1, said or default. */
    unsigned ifsc; /* bytes in a block to the card */
    unsigned bwi, cwi;
    bool crc;            /* else LRC */
    bool has_global;     /* the two below are said */
    unsigned clock_stop; /* 0 no, 1 low, 2 high, 3 either */
    unsigned classes;    /* 1: A, 5 V; 2: B, 3 V; 4: C, 1.8 V */
    size_t historical;   /* offset of the historical bytes */
    size_t historical_size;
    size_t historical_missing; /* fewer than announced by so many */
    enum atr_check check;
    size_t extra; /* bytes after the end */
};

/* Reads an ATR. False if it is not one: shorter than 2 bytes, TS neither 3B nor 3F, or ended
 * amid the interface bytes. Smaller faults are facts. */
bool atr_facts_read(const uint8_t *atr, size_t size, struct atr_facts *facts);

/* Gives the words line by line, each shorter than ATR_LINE_MAX, without new lines. */
void atr_words_write(const uint8_t *atr, size_t size,
                     void (*line)(void *context, const char *words), void *context);

/* The part on historical bytes, used by the above (atr_history.c). */
void atr_history_write(const uint8_t *bytes, size_t size,
                       void (*line)(void *context, const char *words), void *context);

#endif
