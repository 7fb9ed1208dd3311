/* SPDX-License-Identifier: BSD-2-Clause */
/* What the database says of readers, joined with those that are there (Windows ABI; text
 * is UTF-8). All of it is done in the program's own process, whichever carrier it uses:
 * the database is the user's and the machine's, the readers may be another machine's. */
#ifndef FACE_GROUPS_H
#define FACE_GROUPS_H

#include "base/compiler.h"
#include "base/multistring.h"
#include "client/client.h"

/* The reader behind an introduced name; it need not be there. Opens the database: ask
 * when no reader that is there has the name. Errors: SC_E_UNKNOWN_READER. */
enum sc_error face_find_device(const char *name, char reader[DRIVER_NAME_MAX]) MUST_CHECK;

/* SC_OK if a reader of this name is there and not forgotten, or was introduced. Errors:
 * SC_E_UNKNOWN_READER, SC_E_NO_SERVICE, those of the carrier. */
enum sc_error face_reader_exists(uint32_t context, const char *name) MUST_CHECK;

/* Which readers SCardListReaders is asked for, of those that are there. Zeroed, and
 * `groups` begun, it is none. */
struct face_selection {
    bool present;              /* all by their own names */
    bool introduced;           /* all introduced names */
    struct multistring groups; /* and the members of these */
};

/* Adds a group of the caller's list; one that nobody knows has no readers. Errors:
 * SC_E_NO_MEMORY. */
enum sc_error face_select_group(struct face_selection *selection,
                                const char *group) MUST_CHECK;
/* Adds each reader once: own names that are not forgotten in the order they came, then
 * introduced names as database_each_member() gives them. Errors:
 * SC_E_NO_READERS_AVAILABLE, SC_E_INVALID_HANDLE, those of the carrier. */
enum sc_error face_list_selected(uint32_t context, const struct face_selection *selection,
                                 struct multistring *names) MUST_CHECK;
/* Adds the names of the readers of a device (reader_info.device_id), in the same order,
 * forgotten ones too: a caller that asks for the device gets it. Errors: the same. */
enum sc_error face_list_device(uint32_t context, const char *device,
                               struct multistring *names) MUST_CHECK;
/* Adds SCard$DefaultReaders, if it has a reader, and the database's groups. Errors: those
 * of the carrier, SC_E_NO_MEMORY. */
enum sc_error face_list_groups(uint32_t context, struct multistring *names) MUST_CHECK;

#endif
