/* SPDX-License-Identifier: BSD-2-Clause */
/* The process's descriptors, where the system has them. */
#ifndef OS_DESCRIPTOR_H
#define OS_DESCRIPTOR_H

#include <stdint.h>

/* How many descriptors this process may have; UINT32_MAX: no end to it. */
uint32_t os_descriptor_limit(void);
/* For libraries that open descriptors of their own: those of 0, 1 and 2 that are closed
 * become /dev/null, which can be read (it is empty) and not written, and is closed in
 * programs that this one starts. They stay, as another thread may make them its own at
 * any time, so that closing them again might close that. */
void os_descriptors_fill(void);

#endif
