/* SPDX-License-Identifier: BSD-2-Clause */
/* The rows of winscard-conform, whichever interface they are compiled for, and what they say
 * of themselves. Each row runs in a process of its own. */
#ifndef TESTS_CONFORMANCE_ROW_H
#define TESTS_CONFORMANCE_ROW_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

/* What a row needs, and what its expectation rests on. */
enum {
    ROW_CARD = 1 << 0,      /* a reader with a card that answers SELECT (main.c) */
    ROW_DESTROYS = 1 << 1,  /* resets or powers off the card: to be asked for */
    ROW_DOCUMENTED = 1 << 2 /* documentation alone: no other library was seen to do it */
};

struct row {
    const char *name; /* subject-what */
    const char *what; /* in a sentence */
    unsigned flags;
    void (*run)(void);
};

/* One interface's. */
struct row_set {
    const char *name;
    const char *mark;                /* a library that exports this has the interface */
    const struct row *const *tables; /* a subject each, ended by NULL as its rows are */
    /* Finds the calls by find(), and takes the reader whose name has this in it ("": the
     * first). A call that is not there ends the row that makes it. */
    void (*load)(void *(*find)(const char *name), const char *reader);
};

extern const struct row_set rows_windows_a, rows_windows_w, rows_pcsclite;

/* --- While a row runs ------------------------------------------------------------------- */

/* Something is not as it has to be; the row goes on. */
void row_failed(const char *file, int line, const char *format, ...) PRINTF_LIKE(3, 4);
/* The row cannot be tried here; it is to return. */
void row_skip(const char *why);
/* Ends the row: the library does not export what it needs. */
void row_lacks_call(void);

#endif
