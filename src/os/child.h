/* SPDX-License-Identifier: BSD-2-Clause */
/* A program of this project's that runs beside this process, and at one end of a connection
 * (os/unix_socket.h). Linux alone has it.
 *
 * The program that has the library in it notices nothing: what is started is no child of
 * its own, so that no SIGCHLD comes, and no wait() finds it. It has a session to itself,
 * standard error in common with this process, and no other descriptor of it. */
#ifndef OS_CHILD_H
#define OS_CHILD_H

#include "base/compiler.h"
#include "os/socket.h"

struct os_child {
    uint32_t pid; /* 0: there is none */
    uint64_t start_time;
    /* Readable once the process has ended; not open where the system does not tell (before
     * Linux 5.3). */
    struct os_socket ended;
};
/* clang-format off */
#define OS_CHILD_NONE {0, 0, OS_SOCKET_NONE}
/* clang-format on */

/* Starts the program at this absolute path, and gives it `end`, which stays this process's
 * too, until it closes it. Errors: SC_E_FILE_NOT_FOUND (there is none), SC_E_NO_ACCESS (it
 * cannot be run), SC_E_NO_MEMORY. */
enum sc_error os_child_start(const char *program, struct os_socket end,
                             struct os_child *child) MUST_CHECK;
/* Ends it at once, with all that it has started in its session. */
void os_child_kill(const struct os_child *child);
/* Waits for its end; false if that has not come by then. True at once where the system
 * does not tell. */
bool os_child_wait(const struct os_child *child, uint64_t deadline_ms);
/* Nothing more is to be known of it. Also if there is none. */
void os_child_forget(struct os_child *child);

/* --- In the program that was started ------------------------------------------------- */

/* Called first: takes the connection, leaves all other descriptors, and handles no signal.
 * False: it was not started so. */
bool os_child_begin(struct os_socket *end) MUST_CHECK;
/* crashed(signal) is called by a thread that crashes, whatever is broken by then: it may
 * send, and do little else. The process ends by it. */
void os_child_at_crash(void (*crashed)(int signal));
/* For threads of ours that call code of others (os/thread.h): signals come to the calling
 * thread as they would to one of theirs, and so its crashes are told. Nothing happens in a
 * process that has not called the one above. */
void os_child_heed_signals(void);
/* Readable when the process at the other end has ended, whoever holds its descriptors.
 * Not open where the system does not tell. */
struct os_socket os_child_parent(struct os_socket end);
/* The end of this process and of all that it has started in its session. */
_Noreturn void os_child_end(void);

#endif
