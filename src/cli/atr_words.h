/* SPDX-License-Identifier: BSD-2-Clause */
/* A card's answer to reset in plain words (ISO/IEC 7816-3:2006, 8; 7816-4:2013, 12.1). */
#ifndef CLI_ATR_WORDS_H
#define CLI_ATR_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ATR_LINE_MAX = 200, ATR_PROTOCOL_GLOBAL = 15 };

/* What the interface bytes say. */
struct atr_facts {
    bool inverse;       /* TS is 3F */
    uint32_t protocols; /* bit T for each protocol offered; T=15 is none */
    bool specific;      /* TA2: one protocol, no negotiation */
    unsigned specific_protocol;
    bool specific_fixed; /* a reset does not bring negotiation back */
    unsigned f, d;       /* of TA1, or 372 and 1; 0: a reserved value */
    unsigned clock_khz;  /* the highest clock; 0: reserved */
    unsigned guard;      /* TC1, in etu; 255 is special */
    bool has_t1;         /* the three below are said or default */
    unsigned ifsc;       /* bytes in a block to the card */
    unsigned bwi, cwi;
    bool crc;            /* else LRC */
    bool has_global;     /* the two below are said */
    unsigned clock_stop; /* 0 no, 1 low, 2 high, 3 either */
    unsigned classes;    /* 1: A, 5 V; 2: B, 3 V; 4: C, 1.8 V */
    size_t historical;   /* offset of the historical bytes */
    size_t historical_size;
    bool shortened;    /* fewer historical bytes than said */
    bool check_wanted; /* a TCK belongs at the end */
    bool check_right;  /* it is there, and right */
    size_t extra;      /* bytes after the end */
};

/* Reads an ATR. False if it is none: shorter than 2 bytes, TS neither 3B nor 3F, or ended
 * amid the interface bytes. Smaller faults are facts. */
bool atr_facts_read(const uint8_t *atr, size_t size, struct atr_facts *facts);

/* Gives the words line by line, each shorter than ATR_LINE_MAX, without new lines. */
void atr_words_write(const uint8_t *atr, size_t size,
                     void (*line)(void *context, const char *words), void *context);

/* The part on historical bytes, used by the above (atr_history.c). */
void atr_history_write(const uint8_t *bytes, size_t size,
                       void (*line)(void *context, const char *words), void *context);

#endif
