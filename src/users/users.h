/* SPDX-License-Identifier: BSD-2-Clause */
/* Which programs use the readers of a service, as far as this user may know: a connection
 * of its own, the calls hello, list_users and policy_state (winscard-protocol(7)), and
 * the end. For programs that show it to a person; no secret is sent. */
#ifndef USERS_USERS_H
#define USERS_USERS_H

#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { USERS_PROGRAM_ROOM = 65, USERS_READER_ROOM = 129, USERS_FAULT_ROOM = 257 };

/* All equal uses that one session makes of a reader. */
struct reader_user {
    uint32_t pid, uid;                /* pid 0: not known, as of clients by TCP */
    uint32_t contexts;                /* of its session; 0: not to be known */
    uint32_t share;                   /* SCARD_SHARE_*; 0: it has no card handle */
    bool holds;                       /* it has the transaction */
    char program[USERS_PROGRAM_ROOM]; /* "": not known */
    char reader[USERS_READER_ROOM];   /* Windows' name; "": no card handle */
};

/* How it is with the file of a service's policy. */
enum users_policy_file {
    USERS_POLICY_SOUND,
    USERS_POLICY_KEPT,  /* it has a fault; the one that was read before is in force */
    USERS_POLICY_CLOSED /* it has a fault, and nothing is allowed */
};

struct users_policy {
    enum users_policy_file file;
    bool hides;    /* there is a reader that it does not show to this user */
    uint32_t line; /* of the fault; 0: none */
    char fault[USERS_FAULT_ROOM]; /* what it is, if this user may know, or "" */
};

struct reader_users {
    struct reader_user *users; /* owned */
    size_t count;              /* those that keep a reader from others are first */
    bool cut;                  /* as many as a service lists: there may be more */
    struct users_policy policy;
};

/* Asks the service at a Unix socket; waits until the deadline (os_now_ms()) at most.
 * Nothing is sent to one that is not to be trusted (os_judge_service()). users_clear()
 * afterwards, also on errors. Errors: those of os_unix_connect(), SC_E_NO_SERVICE (it is
 * not to be trusted), SC_E_TIMEOUT, SC_E_NO_MEMORY, SC_F_COMM_ERROR (the connection
 * broke, or what came is not a response), and what the service says:
 * SC_E_UNSUPPORTED_FEATURE from one that does not have the call. */
enum sc_error users_ask(const char *path, uint64_t deadline_ms,
                        struct reader_users *users) MUST_CHECK;
/* The same by the file of a service behind TCP (message/endpoint.h), which has to be this
 * user's or the system's, and nobody else's to read. Errors: SC_E_FILE_NOT_FOUND,
 * SC_E_NO_ACCESS (it is not such a file), SC_E_INVALID_VALUE (it says nothing that is
 * understood), SC_E_READER_UNAVAILABLE (nobody listens there), SC_W_SECURITY_VIOLATION
 * (somebody else listens there), and those above of the conversation. */
enum sc_error users_ask_endpoint(const char *path, uint64_t deadline_ms,
                                 struct reader_users *users) MUST_CHECK;
void users_clear(struct reader_users *users);

#endif
