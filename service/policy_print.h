/* SPDX-License-Identifier: BSD-2-Clause */
/* What is wrong with a policy file, for a person. */
#ifndef SERVICE_POLICY_PRINT_H
#define SERVICE_POLICY_PRINT_H

#include "service/policy.h"

/* Reads the file at `path`, and writes a line to standard error for everything that is
 * wrong with it. False: something is. With no file nothing is wrong, unless it
 * is_named. Names are looked up, which may block. */
bool policy_print_faults(const char *path, const struct policy_options *options);

#endif
