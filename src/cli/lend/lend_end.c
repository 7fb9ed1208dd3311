/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/lend/lend_end.h"

void lend_end_failed(struct lend_session *session, int code)
{
    session->phase = LEND_IS_OVER;
    session->code = code;
}

void lend_end_well(struct lend_session *session, const char *words)
{
    lend_show_event(session->cli, LEND_RETURNED, session->reader, words, NULL, 0);
    lend_end_failed(session, CLI_OK);
}

void lend_end_closed(struct lend_session *session)
{
    if (session->phase == LEND_IS_LENT)
        lend_end_well(session, "the virtual machine closed the connection");
    else if (session->phase != LEND_IS_OVER)
        lend_end_failed(session,
                        cli_fail_plain(session->cli, CLI_FAILED,
                                       "%s closed the connection before it had taken "
                                       "the reader",
                                       session->place));
}

void lend_end_unless_sent(struct lend_session *session, enum sc_error error)
{
    if (error == SC_OK || session->phase == LEND_IS_OVER)
        return;
    if (error == SC_F_COMM_ERROR)
        lend_end_closed(session);
    else
        lend_end_failed(session, cli_fail_plain(session->cli, CLI_FAILED,
                                                "%s does not take what is sent: %s",
                                                session->place, sc_error_words(error)));
}
