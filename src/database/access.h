/* SPDX-License-Identifier: BSD-2-Clause */
/* What the calls of database.h begin and end with. One call of a process works at a time,
 * and none while it forks. */
#ifndef DATABASE_ACCESS_H
#define DATABASE_ACCESS_H

#include "base/compiler.h"
#include "database/packaged.h"
#include "database/store.h"

enum { ACCESS_SCOPES = 2 };

/* Begins a call, which then cannot be cancelled, and ends it. */
void access_begin(void);
void access_end(void);

/* All there is to read: user's, machine's. */
struct access {
    struct store *stores[ACCESS_SCOPES]; /* NULL: none, or it cannot be read */
    const struct packaged *packaged;
};

/* Errors: SC_E_NO_MEMORY. */
enum sc_error access_open(struct access *access) MUST_CHECK;
/* Without cards.d, which has no readers; a look at two files where there is no store. */
enum sc_error access_open_stores(struct access *access) MUST_CHECK;
void access_close(struct access *access);
/* A store that failed is used no more. SC_E_NO_MEMORY stays an error, others are passed
 * over. */
enum sc_error access_pass_over(struct access *access, int scope,
                               enum sc_error error) MUST_CHECK;
/* The first card of that name in the scopes before `end`, or in any with ACCESS_ALL.
 * Errors: SC_E_UNKNOWN_CARD, SC_E_NO_MEMORY. */
enum { ACCESS_ALL = ACCESS_SCOPES + 1 };
enum sc_error access_find_card(struct access *access, const char *name, int end,
                               struct database_entry *card) MUST_CHECK;
/* Opens for writing what is there to be changed, and makes nothing. Errors:
 * SC_E_FILE_NOT_FOUND, and those of store_open_write(). */
enum sc_error access_open_existing(enum database_scope scope,
                                   struct store **store) MUST_CHECK;
/* Commits what was written if `error` is none, and closes. */
enum sc_error access_finish_write(struct store *store, enum sc_error error) MUST_CHECK;

#endif
