/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose a context is: what the manager has to know of the program behind it. */
#ifndef MANAGER_PROGRAM_H
#define MANAGER_PROGRAM_H

#include <stdint.h>

/* The rules it goes by, which are those of the library it was made for. */
enum program_abi { ABI_WINDOWS, ABI_PCSCLITE, ABI_KINDS };

struct program {
    enum program_abi abi;
    uint32_t user;    /* whose it is, for the card cache; 0 where all are of one user */
    uint64_t process; /* those with equal numbers are of one process */
    /* For a service that can look at its clients' processes (os_process_state()); pid
     * 0: it cannot. */
    uint32_t pid;
    uint64_t start_time;
};

/* What that process does, as its host sees it. A gone one may have left its connection to
 * a child. */
enum program_state { PROGRAM_RUNS, PROGRAM_STOPPED, PROGRAM_GONE };

#endif
