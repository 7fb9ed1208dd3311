/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may do what with a file, by its owner and its access control list. */
#ifndef OS_WINDOWS_RIGHTS_H
#define OS_WINDOWS_RIGHTS_H

#include "os/windows/api.h"

#include "os/trust.h"

enum { OS_SID_TEXT_MAX = 192 }; /* bytes of "S-1-5-...", with a NUL */

/* The user that this process acts as. False: it cannot be known. */
bool os_own_sid(char text[OS_SID_TEXT_MAX]) MUST_CHECK;

/* What is wrong with an open file, as a text of static storage that continues "PATH "; NULL:
 * nothing. It has to be this user's, the system's or the administrators', and nobody else
 * may write it; a secret nobody else may read either. */
const char *os_rights_fault(HANDLE file, enum os_care care);

/* For a new file, or a directory, which hands them down to what is made in it: the user, the
 * system and the administrators may do everything, others nothing. NULL: no memory, or the
 * user is not known; to be freed by LocalFree(). */
PSECURITY_DESCRIPTOR os_rights_of_own(bool directory);

#endif
