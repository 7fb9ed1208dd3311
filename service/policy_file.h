/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading a policy file, if it can be trusted. */
#ifndef SERVICE_POLICY_FILE_H
#define SERVICE_POLICY_FILE_H

#include "service/policy.h"

/* The file must be a plain one of at most POLICY_TEXT_MAX bytes, belong to root or
 * `owner`, and be writable by nobody else. The text is for mem_free(). Errors:
 * SC_E_FILE_NOT_FOUND (there is none), SC_E_NO_ACCESS (*fault says why), SC_E_NO_MEMORY.
 */
enum sc_error policy_file_read(const char *path, uint32_t owner, char **text,
                               size_t *size, struct policy_fault *fault) MUST_CHECK;

#endif
