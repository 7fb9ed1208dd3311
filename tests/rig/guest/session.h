/* SPDX-License-Identifier: BSD-2-Clause */
/* The session's parts (session.c says what it is). */
#ifndef RIG_GUEST_SESSION_H
#define RIG_GUEST_SESSION_H

#include <reader.h>
#include <winscard.h>

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* An error without its SCARD_; of one call, until the next. */
const char *name_of(LONG error);
void print_bytes(const unsigned char *bytes, size_t size);

/* A connection to a card. */
struct session {
    SCARDHANDLE card;
    DWORD protocol;
    size_t longest; /* data of an extended APDU */
};

/* The whole session with one reader (session_card.c). */
void session_run(SCARDCONTEXT context, const char *reader, size_t longest);
/* Attributes and features (session_reader.c). */
void session_attributes(const struct session *session);
void session_features(const struct session *session);
/* Commands to the card (session_apdu.c). */
void session_apdus(const struct session *session);
/* One that tells whether the card is there and was reset: READ BINARY of what the PIN
 * protects. */
void session_probe(const struct session *session, const char *when);

#endif
