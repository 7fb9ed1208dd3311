/* SPDX-License-Identifier: BSD-2-Clause */
/* The environment of the process. */
#ifndef OS_ENVIRONMENT_H
#define OS_ENVIRONMENT_H

/* An environment variable, or NULL; always NULL in a set-uid process (secure_getenv). The
 * text is borrowed from the environment. */
const char *os_getenv(const char *name);

#endif
