/* SPDX-License-Identifier: BSD-2-Clause */
/* The registry store's parts: registry_store.c (opening, what is put back),
 * registry_entries.c (one card, one reader), registry_lists.c (all of them). */
#ifndef DATABASE_REGISTRY_INTERNAL_H
#define DATABASE_REGISTRY_INTERNAL_H

#include "database/names.h"
#include "database/registry_values.h"
#include "database/store.h"

enum registry_kind { REGISTRY_CARDS, REGISTRY_READERS, REGISTRY_KINDS };

struct undo;

struct store {
    HKEY keys[REGISTRY_KINDS]; /* NULL: there is none */
    HANDLE mutex;              /* of a writer; NULL: it reads, or could not have one */
    struct undo *undo;
};

/* The key of an entry, to be closed. Errors: SC_E_FILE_NOT_FOUND. */
enum sc_error registry_open_entry(struct store *store, enum registry_kind kind,
                                  const char *name, HKEY *key) MUST_CHECK;
enum sc_error registry_delete_entry(struct store *store, enum registry_kind kind,
                                    const char *name) MUST_CHECK;
/* Writes what differs from `old`, which is what is there; NULL: nothing is. */
enum sc_error registry_put_card(struct store *store, const struct database_entry *old,
                                const struct database_entry *card) MUST_CHECK;
enum sc_error registry_put_reader(struct store *store, const struct database_reader *old,
                                  const struct database_reader *reader) MUST_CHECK;
/* ATR and mask alone. */
enum sc_error registry_read_atr(HKEY key, struct database_card *card) MUST_CHECK;

/* All names, sorted; to be freed whatever comes back. */
enum sc_error registry_collect(struct store *store, enum registry_kind kind,
                               struct names *names) MUST_CHECK;
const char *registry_name_at(const struct names *names, size_t at);
/* The name as it is spelt there. False: there is none. */
bool registry_find_name(struct store *store, enum registry_kind kind, const char *name,
                        char found[DATABASE_NAME_MAX]) MUST_CHECK;

#endif
