/* SPDX-License-Identifier: BSD-2-Clause */
/* The names that sources define or declare themselves. */
#ifndef CLI_PORT_OWN_H
#define CLI_PORT_OWN_H

#include "cli/port/port_walk.h"

/* Called for each header that a source includes, in its order. */
typedef void port_own_include(void *context, const char *name, size_t size, bool quoted);

/* Adds to `own` what this file defines. False: no memory, or too many names. */
bool port_own_add(struct port_map *own, const struct port_file *file,
                  port_own_include *include, void *context);

#endif
