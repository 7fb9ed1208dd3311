/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may do what with a file, by its owner and its access control list. */
#ifndef OS_WINDOWS_RIGHTS_H
#define OS_WINDOWS_RIGHTS_H

#include "os/windows/api.h"

#include "os/own_file.h"
#include "os/trust.h"

enum { OS_SID_TEXT_MAX = 192 }; /* bytes of "S-1-5-...", with a NUL */

/* The user that this process acts as. False: it cannot be known. */
bool os_own_sid(char text[OS_SID_TEXT_MAX]) MUST_CHECK;

/* What is wrong with an open file, as a text of static storage that continues "PATH "; NULL:
 * nothing. It has to be this user's, the system's or the administrators', and nobody else
 * may write it; a secret nobody else may read either. */
const char *os_rights_fault(HANDLE file, enum os_care care);

/* The same for a directory, out of which nobody else may take anything, nor take it away;
 * others may put something in. */
const char *os_place_fault(HANDLE directory, enum os_care care);
/* The same for the owner alone. */
const char *os_owner_fault(HANDLE file);
/* The same for the list of rights alone, as the first two judge it. */
const char *os_list_fault(PACL acl, enum os_care care);
const char *os_list_place_fault(PACL acl, enum os_care care);

/* PLACE: of the machine's directories, where users may read. */
enum os_kind { OS_KIND_FILE, OS_KIND_DIRECTORY, OS_KIND_PLACE };

/* For a new file, or a directory, which hands them down to what is made in it: the owner, the
 * system and the administrators may do everything, others nothing. NULL: no memory, or the
 * user is not known; to be freed by LocalFree(). */
PSECURITY_DESCRIPTOR os_rights_for(enum os_owner owner, enum os_kind kind);
/* Gives them to what is there, opened with WRITE_DAC and WRITE_OWNER. False: GetLastError()
 * says why. */
bool os_rights_give(HANDLE file, PSECURITY_DESCRIPTOR rights) MUST_CHECK;

#endif
