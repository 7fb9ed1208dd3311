/* SPDX-License-Identifier: BSD-2-Clause */
/* What the system tells of other processes. Where it has no /proc/PID/stat (proc(5)) it
 * tells nothing. */
#ifndef OS_PROCESS_H
#define OS_PROCESS_H

#include <stddef.h>
#include <stdint.h>

enum os_process_state {
    OS_PROCESS_RUNS,    /* or nothing is known */
    OS_PROCESS_STOPPED, /* by a signal or a debugger */
    OS_PROCESS_GONE     /* also if another one has its number by now, or nobody has asked
                         * for its exit status so far */
};

/* When a process started, in a unit of the system's: with its number, what tells it from
 * every other one. 0: not known. */
uint64_t os_process_start_time(uint32_t pid);
/* What this process does; start_time as it was given. OS_PROCESS_RUNS if that is 0. */
enum os_process_state os_process_state(uint32_t pid, uint64_t start_time);

/* Its name as the system has it, with a NUL, cut to `room` bytes; "" if that process is
 * gone, or nothing is known. */
void os_process_name(uint32_t pid, uint64_t start_time, char *name, size_t room);

/* The text of /proc/PID/stat: the state's letter and the start time, which is 0 if it is
 * not such a text. */
uint64_t os_process_parse(const char *stat, char *state);

#endif
