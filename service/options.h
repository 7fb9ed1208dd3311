/* SPDX-License-Identifier: BSD-2-Clause */
/* Options that winscardd has on every system. What is wrong with one is said on standard
 * error. */
#ifndef SERVICE_OPTIONS_H
#define SERVICE_OPTIONS_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stdint.h>

/* --exit-idle: 1 to 86400. */
bool options_read_seconds(const char *text, uint32_t *seconds) MUST_CHECK;
/* Whether all readers of --readers are served, which may be NULL: what a person who starts
 * it is to know before it goes on. The host runs. */
bool options_readers_complete(const char *readers) MUST_CHECK;

#endif
