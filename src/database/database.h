/* SPDX-License-Identifier: BSD-2-Clause */
/* The smart card database ("Calais"): card types, and the names and groups of readers
 * that a program introduced. One interface over a store: SQLite here, the registry on
 * Windows (HKLM and HKCU \SOFTWARE\Microsoft\Cryptography\Calais), with the same keys and
 * values.
 *
 * Reading looks at the user's first, then at the machine's, then at what packages put
 * into cards.d; the first entry of a name is the one that counts. Writing goes to one
 * scope. Any thread and any number of processes may call at once. Text is UTF-8; names
 * compare without case, as in the registry. */
#ifndef DATABASE_DATABASE_H
#define DATABASE_DATABASE_H

#include "base/compiler.h"
#include "base/error.h"
#include "base/multistring.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DATABASE_NAME_MAX = 256,   /* bytes of a name, with its NUL: a registry key's 255 */
    DATABASE_VALUE_MAX = 1024, /* bytes of a provider's or device's name, with its NUL */
    DATABASE_ATR_MAX = 36,     /* as in SCARD_ATRMASK */
    DATABASE_INTERFACES_MAX = 64, /* GUIDs of one card type */
    DATABASE_GUID_SIZE = 16,      /* as in memory on Windows: little-endian fields */
    DATABASE_TEXTS = 3,           /* providers by text: CSP, KSP, module, in this order */
    DATABASE_GROUPS_MAX = 8192,   /* bytes of a reader's groups */
    DATABASE_PATH_MAX = 4096,
    DATABASE_LIST_MAX = 64 * 1024 * 1024, /* bytes of a list of names */
    DATABASE_FILE_MAX = 256 * 1024 * 1024 /* bytes of a .reg file */
};

enum database_scope { DATABASE_USER, DATABASE_SYSTEM };

/* SCARD_PROVIDER_*: the primary one is a GUID, the others are text. */
enum database_provider {
    DATABASE_PRIMARY = 1,
    DATABASE_CSP = 2,
    DATABASE_KSP = 3,
    DATABASE_MODULE = (int)0x80000001
};

struct database_card {
    char name[DATABASE_NAME_MAX];
    uint8_t atr[DATABASE_ATR_MAX], mask[DATABASE_ATR_MAX];
    size_t atr_size; /* 0: none */
    bool has_primary;
    uint8_t primary[DATABASE_GUID_SIZE];
    size_t interface_count;
    uint8_t interfaces[DATABASE_INTERFACES_MAX][DATABASE_GUID_SIZE];
};

/* All that is stored of a card type, and of a reader. */
struct database_entry {
    struct database_card card;
    char providers[DATABASE_TEXTS][DATABASE_VALUE_MAX]; /* "": none */
};

struct database_reader {
    char name[DATABASE_NAME_MAX];
    char device[DATABASE_VALUE_MAX];  /* "": not introduced, but in groups */
    char groups[DATABASE_GROUPS_MAX]; /* a multi-string */
};

/* Errors of all writing: SC_E_NO_ACCESS (no right to write there, or the user has no
 * home), SC_F_INTERNAL_ERROR (the store is damaged or of a later version, or the disk
 * full), SC_E_SERVER_TOO_BUSY (another process has been writing for 5 s), SC_E_NO_MEMORY,
 * SC_E_INVALID_VALUE (a name that no registry key can have: empty, too long, with a
 * backslash or control character; a text too long, or not in UTF-8),
 * SC_E_UNSUPPORTED_FEATURE (this build cannot write). When the call returns SC_OK, what
 * was written outlives any crash. A store that cannot be read is logged and skipped
 * when reading. */

/* --- Card types --------------------------------------------------------------------- */

/* Whether an ATR is of a type: what the mask leaves of it is the pattern, bit by bit. So
 * a pattern with a bit that its mask does not have fits none (MS-Docs
 * SCardIntroduceCardType: "if and only if A & M = pbAtr"). */
static inline bool database_fits(const uint8_t *atr, size_t atr_size,
                                 const uint8_t *pattern, const uint8_t *mask,
                                 size_t pattern_size)
{
    bool fits = atr_size == pattern_size && atr_size != 0;
    for (size_t i = 0; fits && i < atr_size; i++)
        fits = (atr[i] & mask[i]) == pattern[i];
    return fits;
}

/* Replaces one of the same name in this scope; its providers by text stay. */
enum sc_error database_put_card(enum database_scope scope,
                                const struct database_card *card) MUST_CHECK;
/* Errors: SC_E_UNKNOWN_CARD. */
enum sc_error database_remove_card(enum database_scope scope,
                                   const char *name) MUST_CHECK;
enum sc_error database_get_card(const char *name, struct database_card *card) MUST_CHECK;
/* A provider by text. Errors of both: SC_E_UNKNOWN_CARD; of get: SC_E_FILE_NOT_FOUND (the
 * card has none), of set: SC_E_INVALID_VALUE (DATABASE_PRIMARY, or no such provider). The
 * card to set it for must be in this scope. "" removes it. */
enum sc_error database_set_provider(enum database_scope scope, const char *name,
                                    enum database_provider provider,
                                    const char *value) MUST_CHECK;
/* The primary provider, likewise. Errors: SC_E_UNKNOWN_CARD. */
enum sc_error database_set_primary(enum database_scope scope, const char *name,
                                   const uint8_t guid[DATABASE_GUID_SIZE]) MUST_CHECK;
enum sc_error database_get_provider(const char *name, enum database_provider provider,
                                    char value[DATABASE_VALUE_MAX]) MUST_CHECK;
/* Adds the names of the cards that fit: all of them if atr_size is 0 and there are no
 * interfaces; those with an ATR that is this one under their mask; those that have all of
 * the interfaces. Each name once, in the order user, machine, cards.d; by name in each.
 */
enum sc_error database_list_cards(const uint8_t *atr, size_t atr_size,
                                  const uint8_t (*interfaces)[DATABASE_GUID_SIZE],
                                  size_t interface_count,
                                  struct multistring *names) MUST_CHECK;

/* --- Readers ------------------------------------------------------------------------ */

/* A name for a device (SCARD_ATTR_DEVICE_SYSTEM_NAME), in the group
 * SCard$DefaultReaders. Errors: SC_E_DUPLICATE_READER (in this scope: the user's may hide
 * the machine's). */
enum sc_error database_add_reader(enum database_scope scope, const char *name,
                                  const char *device) MUST_CHECK;
/* Errors: SC_E_UNKNOWN_READER (it was not introduced in this scope). */
enum sc_error database_remove_reader(enum database_scope scope,
                                     const char *name) MUST_CHECK;
/* The own name of a reader is not shown any more, and is in no group, until it is
 * introduced in this scope. It is kept as the one member of SCard$ForgottenReaders, which
 * is not a group for anybody else. Errors: SC_E_UNKNOWN_READER (it is forgotten already). */
enum sc_error database_forget_reader(enum database_scope scope,
                                     const char *name) MUST_CHECK;
/* The user's record of the name counts, or else the machine's. */
bool database_is_forgotten(const char *name);
/* The device behind an introduced name. Errors: SC_E_UNKNOWN_READER. */
enum sc_error database_get_device(const char *name,
                                  char device[DATABASE_VALUE_MAX]) MUST_CHECK;
/* Adds the names in a group, those of the user's scope and of the machine's; `group`
 * NULL: all introduced names. */
enum sc_error database_list_readers(const char *group,
                                    struct multistring *names) MUST_CHECK;
/* `reader` need not be introduced: then its own name is its device. Taking a reader out
 * of a group it is not in is not an error; a group without readers is none. Errors:
 * SC_E_UNKNOWN_READER (remove: in no group), SC_E_INVALID_VALUE (a group whose members
 * are the system's: SCard$AllReaders, SCard$LocalReaders, SCard$SystemReaders). */
enum sc_error database_add_to_group(enum database_scope scope, const char *reader,
                                    const char *group) MUST_CHECK;
enum sc_error database_remove_from_group(enum database_scope scope, const char *reader,
                                         const char *group) MUST_CHECK;
/* Takes all readers out of it. Errors: SC_E_INVALID_VALUE (a group of the system's,
 * SCard$DefaultReaders too). */
enum sc_error database_remove_group(enum database_scope scope,
                                    const char *group) MUST_CHECK;
enum sc_error database_list_groups(struct multistring *names) MUST_CHECK;
/* The groups that are Microsoft's: All, Default, Local and System, and the one where this
 * database keeps what is forgotten. Other names are anybody's, with "SCard$" or not. */
#define DATABASE_DEFAULT_GROUP   "SCard$DefaultReaders"
#define DATABASE_FORGOTTEN_GROUP "SCard$ForgottenReaders"
bool database_is_system_group(const char *group);
/* Calls take() for each reader that is in one of `groups`, a multi-string, in any scope;
 * NULL: for each introduced one. Once for each name: the user's by name, then the rest of
 * the machine's. `device` is the name itself if it was not introduced. For each name that
 * is forgotten as well, whatever the groups: then `device` is NULL. take() may call
 * nothing of this header but database_same_name(), and fail with SC_E_NO_MEMORY, which
 * ends it. Cheap where nobody has a database: a look for two files. */
enum sc_error database_each_member(const char *groups,
                                   enum sc_error (*take)(void *context, const char *name,
                                                         const char *device),
                                   void *context) MUST_CHECK;
/* The order of names, in which the letters of ASCII are equal in either case; and whether
 * two are one. */
int database_compare_names(const char *a, const char *b);
static inline bool database_same_name(const char *a, const char *b)
{
    return database_compare_names(a, b) == 0;
}

/* --- Whole databases, for scard db -------------------------------------------------- */

/* What is read, one behind the other. The last one has no readers. */
enum database_layer {
    DATABASE_LAYER_USER = DATABASE_USER,
    DATABASE_LAYER_SYSTEM = DATABASE_SYSTEM,
    DATABASE_LAYER_PACKAGES,
    DATABASE_LAYERS
};

/* As SCardIntroduceCardType, with the providers by text, all or nothing. Without
 * `replace` one of the same name in this scope stays: *kept says so, and SC_OK. */
enum sc_error database_add_entry(enum database_scope scope,
                                 const struct database_entry *entry, bool replace,
                                 bool *kept) MUST_CHECK;
/* What is in one layer, by name, no matter what the others have. An error of `take` ends
 * it; it must be quick, since writers wait meanwhile, and must not call the database.
 * Errors besides: those of writing; here a store that cannot be read is an error. */
enum sc_error database_each_card(
    enum database_layer layer,
    enum sc_error (*take)(void *context, const struct database_entry *entry),
    void *context) MUST_CHECK;
enum sc_error database_each_reader(
    enum database_layer layer,
    enum sc_error (*take)(void *context, const struct database_reader *reader),
    void *context) MUST_CHECK;
/* The file of a scope, which need not be there. False: there can be none. */
bool database_get_path(enum database_scope scope, char path[DATABASE_PATH_MAX]);

struct database_import {
    /* Called for each key that does not belong to the database; must not call it. May be NULL.
     */
    void (*pass_over)(void *context, uint32_t line, const char *key);
    void *context;
    /* What came of it. */
    uint32_t cards, readers, removed; /* keys */
    uint32_t line;                    /* of the first error; 0: of none */
    const char *reason;               /* what is wrong there; static; NULL: nothing */
};

/* Adds what a .reg file says (as regedit writes it: UTF-16 or UTF-8, "Windows Registry
 * Editor Version 5.00" or "REGEDIT4") below ...\Calais to a scope, whichever of the two
 * the file has it in; keys in brackets with a minus are removed. Keys elsewhere are
 * skipped. Errors: SC_E_INVALID_VALUE (no such file format, or a broken line; nothing
 * is written), SC_E_NO_MEMORY (also: past a limit, such as DATABASE_FILE_MAX). */
enum sc_error database_import(enum database_scope scope, const uint8_t *bytes,
                              size_t size, struct database_import *import) MUST_CHECK;

enum database_encoding {
    DATABASE_UTF16, /* little-endian, with its mark: what regedit reads in full */
    DATABASE_UTF8   /* for people; regedit takes what is beyond ASCII for ANSI */
};

/* Writes a scope as such a file: hands it to `write` piece by piece, which must not call
 * the database; writers wait meanwhile. */
enum sc_error database_export(enum database_scope scope, enum database_encoding encoding,
                              void (*write)(void *context, const char *bytes,
                                            size_t size),
                              void *context) MUST_CHECK;

#endif
