/* SPDX-License-Identifier: BSD-2-Clause */
/* A smart card library of a few scripted readers, to run the command line tool against.
 */
#ifndef TESTS_FAKE_SCARD_H
#define TESTS_FAKE_SCARD_H

#include "cli/api.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FAKE_READERS_MAX = 4, FAKE_EXCHANGES_MAX = 16, FAKE_LOG_MAX = 2000 };

struct fake_reader {
    const char *name;
    DWORD state;        /* as SCardGetStatusChange tells it, counter included */
    const char *atr;    /* hex, or NULL */
    const char *device; /* its instance id; NULL: that of a USB reader */
    bool gone;          /* in the list, but no call finds it */
    const char *card;   /* what the database calls its ATR; NULL: nothing */
};

struct fake_exchange {
    const char *command; /* hex */
    const char *answer;  /* hex; NULL: the result below */
    LONG result;
    const char *opened; /* the answer once a VERIFY has succeeded; NULL: the same */
};

struct fake {
    LONG establish; /* results of the calls */
    LONG list;
    LONG connect;
    LONG connect_direct;
    LONG begin;
    LONG wait; /* of a waiting SCardGetStatusChange, once the steps are used up */
    struct fake_reader readers[FAKE_READERS_MAX];
    size_t reader_count;
    struct fake_exchange
        exchanges[FAKE_EXCHANGES_MAX]; /* anything else is answered 6D00 */
    size_t exchange_count;
    /* What happens in the next waits of SCardGetStatusChange; false: nothing more. */
    bool (*step)(unsigned number);
    unsigned steps;
    bool verified;          /* a VERIFY has succeeded */
    unsigned challenges;    /* GET CHALLENGE was answered so many times */
    bool dull;              /* and always the same */
    char log[FAKE_LOG_MAX]; /* the calls that reached a card: "connect 2 3;begin;..." */
    int contexts;           /* open ones */
    int cards;              /* open ones */
    int allocations;        /* not freed */
    uint32_t cancelled;     /* atomic: SCardCancel comes from a thread */
};

extern struct fake fake;

/* Empties it: no reader, every call works. */
void fake_reset(void);
void fake_add_reader(const char *name, DWORD state, const char *atr);
void fake_add_exchange(const char *command, const char *answer);

#endif
