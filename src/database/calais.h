/* SPDX-License-Identifier: BSD-2-Clause */
/* The registry's keys and values of the smart card database, from and to .reg files:
 *
 *   ...\SOFTWARE\Microsoft\Cryptography\Calais\SmartCards\NAME
 *       ATR, ATRMask, "Primary Provider", "Supported Interfaces"   binary
 *       "Crypto Provider", "Smart Card Key Storage Provider", "80000001"   text
 *   ...\SOFTWARE\Microsoft\Cryptography\Calais\Readers\NAME
 *       Device   text; Groups   texts
 *
 * below HKEY_LOCAL_MACHINE and HKEY_CURRENT_USER, also in the part of 32-bit programs
 * (SOFTWARE\Wow6432Node). Other keys and values there are skipped. */
#ifndef DATABASE_CALAIS_H
#define DATABASE_CALAIS_H

#include "base/compiler.h"
#include "database/reg.h"
#include "database/store.h"

/* Letters of ASCII alone are equal in either case, as in SQLite's NOCASE. */
int calais_compare_names(const char *a, const char *b);
/* What can be the name of a card, reader or group: a registry key's, in UTF-8. */
bool calais_is_name(const char *name);

/* What can be a provider's or device's name: UTF-8 that is not too long. */
bool calais_is_text(const char *text);

/* What a key is: the database, all cards, one of them, and so on. */
enum calais_key {
    CALAIS_OTHER,
    CALAIS_ALL,
    CALAIS_CARDS,
    CALAIS_CARD,
    CALAIS_READERS,
    CALAIS_READER
};

/* `name` is set for a card or reader. */
enum calais_key calais_find_key(const char *key, char name[DATABASE_NAME_MAX]);

/* A key of the part of 32-bit programs, where installers put a second copy. */
bool calais_is_second(const char *key);

/* A card while its values come. */
struct calais_card {
    struct database_entry card;
    size_t mask_size;
    bool has_mask; /* a value said so */
};

/* Begins with a card as it is, or zeroed with its name. */
void calais_begin_card(struct calais_card *card);
/* Errors: SC_E_INVALID_VALUE (of the wrong type, or too long). */
enum sc_error calais_set_card(struct calais_card *card,
                              const struct reg_item *item) MUST_CHECK;
/* Without a mask all bits of the ATR count. Errors: SC_E_INVALID_VALUE (a mask of
 * another size than the ATR's). */
enum sc_error calais_end_card(struct calais_card *card) MUST_CHECK;
/* The same for a reader. */
enum sc_error calais_set_reader(struct database_reader *reader,
                                const struct reg_item *item) MUST_CHECK;

enum sc_error calais_write_card(enum database_scope scope,
                                const struct database_entry *card, reg_put *put,
                                void *context) MUST_CHECK;
enum sc_error calais_write_reader(enum database_scope scope,
                                  const struct database_reader *reader, reg_put *put,
                                  void *context) MUST_CHECK;

#endif
