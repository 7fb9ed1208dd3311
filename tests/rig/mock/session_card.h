/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program does with a reader: thin wrappers of the API, with ready waits. */
#ifndef RIG_SESSION_CARD_H
#define RIG_SESSION_CARD_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <windows.h>

#include <winscard.h>

enum { SESSION_NAMES_MAX = 4096, SESSION_ANSWER_MAX = 65538 };

struct session {
    SCARDCONTEXT context;
    SCARDHANDLE card;
    DWORD protocol;
    char names[SESSION_NAMES_MAX]; /* a multi-string */
    uint8_t answer[SESSION_ANSWER_MAX];
    size_t size;     /* of the answer without the status word */
    LONG result;     /* of the last transmit */
    uint16_t status; /* and its status word, 0 if there is none */
};

/* How many readers there are now; their names go to session->names. */
unsigned session_list(struct session *session);
/* Waits for that many; what there was in the end. */
unsigned session_wait_readers(struct session *session, unsigned want, unsigned ms);
/* The name at this place of session->names, or NULL. */
const char *session_name(const struct session *session, unsigned index);

LONG session_connect(struct session *session, const char *name);
void session_disconnect(struct session *session);

/* One command, with GET RESPONSE and the right Le as T=0 wants them. */
LONG session_transmit(struct session *session, const uint8_t *command, size_t size);
/* Test command of the card (drivers/soft/card.h): P1P2 bytes 00 01 02 ... come. */
bool session_counts(struct session *session, uint16_t bytes);
/* E1: `bytes` go and come back; more than 255 as an extended APDU. */
bool session_echoes(struct session *session, uint16_t bytes);

/* Waits until the reader's state has all of `bits`. */
bool session_wait_state(struct session *session, const char *name, DWORD bits,
                        unsigned ms);

#endif
