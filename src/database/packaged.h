/* SPDX-License-Identifier: BSD-2-Clause */
/* The card types that packages put into cards.d: PREFIX/share/winscard/cards.d, where
 * PREFIX is that of this build, and /usr/share/winscard/cards.d, each file *.reg
 * (WINSCARD_CARDS_DIR names a directory in place of both). They are read once, and again
 * when a file came, went or changed. Of two cards of one name that of the first file
 * counts: in the order of the directories, then of the files' names by bytes. A broken
 * file is logged and skipped. Calls are not for two threads at once. */
#ifndef DATABASE_PACKAGED_H
#define DATABASE_PACKAGED_H

#include "database/store.h"

enum {
    PACKAGED_FILE_MAX = 64 * 1024 * 1024, /* bytes of a file */
    PACKAGED_CARDS_MAX = 200000           /* of all files; more are skipped */
};

/* As in struct database_entry, without the unused room. */
struct packaged_card {
    char *name;
    char *providers[DATABASE_TEXTS]; /* NULL: none */
    uint8_t (*interfaces)[DATABASE_GUID_SIZE];
    size_t interface_count;
    size_t order; /* in which it was read */
    bool has_primary;
    uint8_t primary[DATABASE_GUID_SIZE];
    uint8_t atr_size, atr[DATABASE_ATR_MAX], mask[DATABASE_ATR_MAX];
};

/* Borrowed until the next packaged_load(); by name. */
struct packaged {
    struct packaged_card *cards;
    size_t count;
};

/* Errors: SC_E_NO_MEMORY. */
enum sc_error packaged_load(const struct packaged **cards) MUST_CHECK;
/* NULL: none of that name. */
const struct packaged_card *packaged_find(const struct packaged *cards, const char *name);
void packaged_get(const struct packaged_card *from, struct database_entry *card);
/* Forgets what was read. */
void packaged_clear(void);

#endif
