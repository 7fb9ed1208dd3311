/* SPDX-License-Identifier: BSD-2-Clause */
/* News of one reader, for a thread that waits for sockets: another one waits in
 * SCardGetStatusChange, with a context of its own, and raises a wake-up. It waits only
 * when it is asked to, from a state that the asking thread knows, so no change between
 * that state and the wait is missed. */
#ifndef CLI_LEND_NEWS_H
#define CLI_LEND_NEWS_H

#include "cli/api.h"
#include "os/lock.h"
#include "os/socket.h"
#include "os/thread.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lend_news_step {
    LEND_NEWS_IDLE,
    LEND_NEWS_WAITING,
    LEND_NEWS_HERE, /* the wait is over; nobody has taken that yet */
    LEND_NEWS_ENDING,
    LEND_NEWS_ENDED
};

struct lend_news {
    SCARDCONTEXT context; /* 0: not started */
    struct os_thread thread;
    struct os_mutex mutex;
    struct os_cond cond;
    struct os_wake *wake;
    SCARD_READERSTATEA state; /* what to wait for a change of */
    enum lend_news_step step;
    uint32_t result; /* of the wait */
};

/* `wake` stays. Results as SCardEstablishContext, and SCARD_E_NO_MEMORY. */
uint32_t lend_news_start(struct lend_news *news, struct os_wake *wake);
/* Ends the wait, too. Also if it was not started. */
void lend_news_stop(struct lend_news *news);

/* Whether nobody waits, so that a wait can be asked for. */
bool lend_news_is_idle(struct lend_news *news);
/* Waits from now on until the reader's state is another one; the name stays. */
void lend_news_wait(struct lend_news *news, const char *reader, DWORD known);
/* Waits until there is another number of readers; where there is none, a second. */
void lend_news_wait_for_readers(struct lend_news *news, size_t count);
/* True: a wait has ended, and this was its result. */
bool lend_news_take(struct lend_news *news, uint32_t *result);

#endif
