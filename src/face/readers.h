/* SPDX-License-Identifier: BSD-2-Clause */
/* What the two ABIs do differently with readers: the same functions in reader_windows.c
 * and reader_pcsclite.c, each in its library. Text is UTF-8. There is a carrier, unless
 * said otherwise. */
#ifndef FACE_READERS_H
#define FACE_READERS_H

#include "base/compiler.h"
#include "base/multistring.h"
#include "face/abi.h"
#if FACE_IS_WINDOWS
#include "database/database.h"
#else
#include "manager/limits.h"
#endif

/* FACE_NAME_MAX: bytes of a reader's name from the caller, with its NUL: one of ours, or
 * one that was introduced. pcsc-lite has no database, and its face has none.
 * FACE_LIST_MAX: bytes of a list of names. */
#if FACE_IS_WINDOWS
enum { FACE_NAME_MAX = DATABASE_NAME_MAX, FACE_LIST_MAX = DATABASE_LIST_MAX };
#else
enum {
    FACE_NAME_MAX = DRIVER_NAME_MAX,
    FACE_LIST_MAX = LIMIT_READERS * DRIVER_NAME_MAX + 1
};
#endif

/* Connects as the carrier does; in the Windows ABI also by an introduced name. */
enum sc_error face_connect_reader(uint32_t context, const char *name,
                                  struct request *request, uint32_t *card) MUST_CHECK;

/* The readers of these groups (NULL: all). There may be no carrier. Errors:
 * SC_E_NO_SERVICE, SC_E_NO_READERS_AVAILABLE, those of the carrier. */
enum sc_error face_list_readers(SCARDCONTEXT handle, const struct multistring *groups,
                                struct multistring *names) MUST_CHECK;
/* The groups that have a reader. There may be no carrier. Errors: the same, and
 * SC_E_INVALID_HANDLE. */
enum sc_error face_reader_groups(SCARDCONTEXT handle,
                                 struct multistring *names) MUST_CHECK;

/* The room for the name of an entry. */
struct face_entry_name {
    char text[FACE_NAME_MAX];
    bool asked; /* the database was asked what reader it is */
};

/* Watches as the carrier does; in the Windows ABI introduced names are replaced in `names`
 * by those of the readers behind them. */
enum sc_error face_watch_entries(uint32_t context, uint64_t timeout_ms,
                                 struct watch_entry *entries,
                                 struct face_entry_name *names, size_t count) MUST_CHECK;

#endif
