/* SPDX-License-Identifier: BSD-2-Clause */
/* Every limit of the resource manager. Past one of them a call gives SC_E_NO_MEMORY, or
 * the error named beside it; none is reached by chance. */
#ifndef MANAGER_LIMITS_H
#define MANAGER_LIMITS_H

enum {
    LIMIT_CONTEXTS = 16384, /* contexts alive at once in one manager */
    LIMIT_CARDS = 32768,    /* card handles alive at once */
    LIMIT_READERS = 4096,   /* readers known at once, gone ones that are still held too */
    LIMIT_REMEMBERED = 64,  /* readers that left whose names are kept for their return */
    LIMIT_WATCH_ENTRIES =
        4096,                  /* SCARD_READERSTATE of one call: SC_E_INVALID_PARAMETER */
    LIMIT_LOCATE_CARDS = 4096, /* names in SCardLocateCards: SC_E_INVALID_PARAMETER */
    LIMIT_QUEUE = 32768,       /* requests waiting for one reader */
    LIMIT_CACHE_ITEM = 65536,  /* bytes of one cached item: SC_W_CACHE_ITEM_TOO_BIG */
    LIMIT_CACHE_NAME = 256,    /* bytes of its name: SC_E_INVALID_PARAMETER */
    LIMIT_CACHE_TOTAL = 4 * 1024 * 1024, /* bytes of a user's; the oldest make room */
    LIMIT_CACHE_ALL = 64 * 1024 * 1024   /* bytes of all users' items; the same */
};

/* Deadlines, in milliseconds. */
enum {
    JOB_POWER_MS = 60000,    /* an ATR may take 33 * 9600 etu, 29 s at 3.58 MHz. Not below
                               * a driver's own: CCID_POWER_MS of drivers/ccid */
    JOB_PROTOCOL_MS = 30000, /* PPS, parameters, S(IFS) */
    JOB_TRANSFER_MS = 600000, /* on-card key generation with time extensions */
    JOB_ATTRIBUTE_MS = 10000,
    JOB_STOP_MS = 5000, /* after its stop is raised: then the reader is declared dead */
    TURN_MS = 300, /* a refused handle keeps its place so long; libpcsclite asks again
                    * after 100 */
    PROBE_HOLD_MS = 3000, /* news of a card waits for its ATR; most give it within one */
    TRANSACTION_IDLE_MS =
        5000, /* the rule of Windows 8 and later, see SCardBeginTransaction */
    TRANSACTION_IDLE_PCSCLITE_MS =
        60000,             /* pcscd has none; this is for programs that hang */
    HOLDER_LOOK_MS = 1000, /* how often the process of a transaction is looked at */
    HOLDER_STOP_MS = 5000, /* it is stopped (SIGSTOP) for so long: it loses it */
    POWER_OFF_MS = 5000,   /* a card that nobody is connected to; as pcscd */
    CHORE_RETRY_MS = 1000  /* after the host could not begin a REQUEST_TEND */
};

#endif
