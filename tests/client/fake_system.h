/* SPDX-License-Identifier: BSD-2-Clause */
/* A winscard.dll that stands for System32's: it does what a test says, and writes down how
 * it was called. */
#ifndef TESTS_CLIENT_FAKE_SYSTEM_H
#define TESTS_CLIENT_FAKE_SYSTEM_H

#ifndef WINSCARDAPI
#define WINSCARDAPI
#endif
#include "winscard.h"

#include <stdbool.h>
#include <stdint.h>

enum { FAKE_LOG_MAX = 4096, FAKE_ANSWER_MAX = 66000 };

struct fake_system {
    char log[FAKE_LOG_MAX]; /* a line for each call; a test empties it */
    bool silent;            /* nothing is written */
    LONG result;            /* of every call */
    LONG check_result;      /* of SCardIsValidContext */
    ULONG_PTR next_handle;  /* of a context or a card; each is one more */
    WCHAR readers[512];     /* multi-string */
    WCHAR names[512];       /* what SCardStatus tells, a multi-string too */
    DWORD state, protocol, count, type, event;
    BYTE answer[FAKE_ANSWER_MAX];
    DWORD answer_size;            /* may be more than the caller has room for */
    unsigned allocated, released; /* memory; contexts */
    bool waits;                   /* SCardGetStatusChange waits for SCardCancel, */
    HANDLE waiting, cancelled;    /* says so, and is told of it; the test's events */
    HANDLE started;
};

/* Its export of this name gives that. */
typedef struct fake_system *(*fake_system_function)(void);

#endif
