/* SPDX-License-Identifier: BSD-2-Clause */
/* The lent reader and its card as they come and go, while the session's phase is
 * LEND_IS_LENT. */
#ifndef CLI_LEND_READER_H
#define CLI_LEND_READER_H

#include "cli/lend/lend_session.h"

/* Looks at the reader, takes its card or notes that it went, and tells the other side;
 * waits for news from there on. */
void lend_reader_attend(struct lend_session *session);
/* SCardTransmit failed: what follows for the card. The command was answered. */
void lend_reader_fail(struct lend_session *session, uint32_t result);

#endif
