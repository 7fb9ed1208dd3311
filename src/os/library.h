/* SPDX-License-Identifier: BSD-2-Clause */
/* This library as the system loaded it. */
#ifndef OS_LIBRARY_H
#define OS_LIBRARY_H

/* From now on the library, or the program that has this code in it, stays loaded until the
 * process ends, whatever the program unloads: for code that a thread of ours, or a call that
 * waits, will come back to. Where the library was linked so that it stays in any case,
 * nothing happens. */
void os_library_keep(void);

#endif
