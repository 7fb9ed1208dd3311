/* SPDX-License-Identifier: BSD-2-Clause */
/* How a session ends: its phase is LEND_IS_OVER, and session->code the exit code. */
#ifndef CLI_LEND_END_H
#define CLI_LEND_END_H

#include "cli/lend/lend_session.h"

/* With the code that cli_fail() or the like gave. */
void lend_end_failed(struct lend_session *session, int code);
/* The reader is back, and nothing went wrong. */
void lend_end_well(struct lend_session *session, const char *words);
/* The other side closed the connection. Before the reader is lent that is an error;
 * afterwards it is how a virtual machine that is switched off takes its leave. */
void lend_end_closed(struct lend_session *session);
/* The result of a message that was sent: SC_OK ends nothing. */
void lend_end_unless_sent(struct lend_session *session, enum sc_error error);

#endif
