/* SPDX-License-Identifier: BSD-2-Clause */
/* A reader lent to a virtual machine, from the first message to the last. */
#ifndef CLI_LEND_SESSION_H
#define CLI_LEND_SESSION_H

#include "cli/api.h"
#include "cli/cli.h"
#include "cli/lend/lend_card.h"
#include "cli/lend/lend_link.h"
#include "cli/lend/lend_news.h"
#include "cli/lend/lend_show.h"
#include "os/socket.h"

#include <stdbool.h>
#include <stdint.h>

enum lend_phase {
    LEND_GREETING, /* Init was sent; the other side's is awaited */
    LEND_ADDING,   /* the reader was offered */
    LEND_IS_LENT,
    LEND_IS_OVER /* session->code is the exit code */
};

struct lend_session {
    struct cli *cli;
    SCARDCONTEXT context;
    const char *reader;
    const char *place; /* ADDRESS:PORT */
    struct os_wake *wake;
    struct lend_link link;
    struct lend_card card;
    struct lend_news news;
    enum lend_phase phase;
    uint64_t deadline_ms; /* of the phase */
    uint32_t reader_id;   /* as the other side has it */
    bool error_said;
    int code;
    /* lend_reader.c: */
    uint64_t retry_ms; /* when to look at the reader again, whatever the news are */
    DWORD counter;     /* of insertions: that of the card taken */
    DWORD mute_counter;
    enum lend_remedy
        hindrance; /* LEND_GO_ON: none. LEND_IS_MUTE is that of mute_counter */
    bool gone;     /* the reader */
    uint8_t answer[API_TRANSFER_MAX];
};

/* lend_session.c: with session->link open, until one of both sides ends it. `wake` is raised
 * after platform_interrupted(). Gives an exit code, and says why. */
int lend_session_run(struct lend_session *session);

#endif
