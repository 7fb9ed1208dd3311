/* SPDX-License-Identifier: BSD-2-Clause */
/* There are no policies on Windows: clients come by TCP, with the token of the service's
 * own user, and a policy is about other users. */
#include "service/policy_file.h"

enum sc_error policy_file_read(const char *path, uint32_t owner, char **text,
                               size_t *size, struct policy_fault *fault)
{
    (void)path;
    (void)owner;
    (void)text;
    (void)size;
    (void)fault;
    return SC_E_FILE_NOT_FOUND;
}
