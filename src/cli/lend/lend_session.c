/* SPDX-License-Identifier: BSD-2-Clause */
/* The client's side of VSCard (proto/vscard.h): one thread, which sleeps until the other
 * side says something, the reader has news, or an interrupt comes. */
#include "cli/lend/lend_session.h"

#include "base/secret.h"
#include "cli/lend/lend_end.h"
#include "cli/lend/lend_reader.h"
#include "cli/platform.h"
#include "os/time.h"

#include <assert.h>

enum { COMMAND_MIN = 4 }; /* bytes: CLA, INS, P1, P2 */

/* --- Messages ----------------------------------------------------------------------- */

static void fail_as_strange(struct lend_session *session, const char *expected)
{
    lend_end_failed(session, cli_fail_plain(session->cli, CLI_FAILED,
                                            "%s does not speak VSCard: expected %s",
                                            session->place, expected));
}

/* The name at most as long as it may be, without a part of a character at its end. */
static size_t name_size(const char *name)
{
    uint32_t code_point;
    size_t size = 0;
    while (name[size] != '\0') {
        size_t next = size + utf8_next(name + size, &code_point);
        if (next > VSCARD_NAME_MAX)
            break;
        size = next;
    }
    return size;
}

static void take_init(struct lend_session *session)
{
    uint32_t version; /* of any number: what is used here has been there from the first */
    const struct vscard_header *header = &session->link.stream.header;
    if (session->phase != LEND_GREETING
        || !vscard_read_init(vscard_data(&session->link.stream), header->length,
                             &version)) {
        fail_as_strange(session, session->phase == LEND_GREETING ? "its first word, VSCD"
                                                                 : "one Init alone");
        return;
    }
    session->phase = LEND_ADDING;
    session->deadline_ms = os_deadline_ms(LEND_ANSWER_MS);
    lend_end_unless_sent(session, lend_link_send(&session->link, VSCARD_READER_ADD,
                                                 VSCARD_NO_READER, session->reader,
                                                 name_size(session->reader)));
}

static void begin_to_lend(struct lend_session *session)
{
    char words[200];
    struct text text;
    session->phase = LEND_IS_LENT;
    session->deadline_ms = OS_FOREVER;
    session->reader_id = session->link.stream.header.reader_id;
    text_start(&text, words, sizeof words);
    text_add(&text, "to %s", session->place);
    lend_show_event(session->cli, LEND_LENT, session->reader, words, NULL, 0);
    uint32_t result = lend_news_start(&session->news, session->wake);
    if (result == SCARD_S_SUCCESS)
        lend_reader_attend(session);
    else
        lend_end_failed(session,
                        cli_fail(session->cli, result, "cannot watch the reader"));
}

/* The other side's answer to what was said last, or what it thinks of a card. */
static void take_code(struct lend_session *session)
{
    uint32_t code = vscard_read_code(vscard_data(&session->link.stream));
    if (session->phase == LEND_GREETING || session->phase == LEND_ADDING) {
        if (code == VSCARD_SUCCESS && session->phase == LEND_ADDING)
            begin_to_lend(session);
        else if (code == VSCARD_NO_MORE_READERS)
            lend_end_failed(session,
                            cli_fail_plain(session->cli, CLI_NEGATIVE,
                                           "%s takes no more readers", session->place));
        else
            lend_end_failed(session, cli_fail_plain(session->cli, CLI_NEGATIVE,
                                                    "%s does not take the reader "
                                                    "(error %u of VSCard)",
                                                    session->place, (unsigned)code));
        return;
    }
    if (code == VSCARD_SUCCESS || session->error_said)
        return;
    char words[200];
    struct text text;
    text_start(&text, words, sizeof words);
    text_add(&text, "the virtual machine reports error %u of VSCard", (unsigned)code);
    lend_show_event(session->cli, LEND_ERROR, session->reader, words, NULL, 0);
    session->error_said = true; /* it may say so without end */
}

static void answer_command(struct lend_session *session)
{
    const struct vscard_header *header = &session->link.stream.header;
    uint32_t result = SCARD_S_SUCCESS;
    DWORD size = sizeof session->answer;
    bool known = session->phase == LEND_IS_LENT && session->card.handle != 0
                 && header->reader_id == session->reader_id
                 && header->length >= COMMAND_MIN;
    if (known)
        result = lend_card_transmit(&session->card, vscard_data(&session->link.stream),
                                    header->length, session->answer, &size);
    if (known && result == SCARD_S_SUCCESS && size <= VSCARD_APDU_MAX)
        lend_end_unless_sent(session,
                             lend_link_send(&session->link, VSCARD_APDU,
                                            header->reader_id, session->answer, size));
    else
        lend_end_unless_sent(
            session,
            lend_link_send_code(&session->link, header->reader_id, VSCARD_GENERAL_ERROR));
    secret_clear(session->answer, sizeof session->answer);
    if (result != SCARD_S_SUCCESS)
        lend_reader_fail(session, result);
}

static void take_message(struct lend_session *session)
{
    const struct vscard_header *header = &session->link.stream.header;
    if (session->phase == LEND_GREETING && header->type != VSCARD_INIT
        && header->type != VSCARD_ERROR) {
        fail_as_strange(session, "Init before anything else");
        return;
    }
    switch (header->type) {
    case VSCARD_INIT:
        take_init(session);
        break;
    case VSCARD_ERROR:
        take_code(session);
        break;
    case VSCARD_APDU:
        answer_command(session);
        break;
    case VSCARD_FLUSH: /* all commands before it are answered */
        lend_end_unless_sent(session,
                             lend_link_send(&session->link, VSCARD_FLUSH_COMPLETE,
                                            header->reader_id, NULL, 0));
        break;
    default:
        fail_as_strange(session, "no message that is only sent by who has a card");
        break;
    }
}

/* One message, so that the reader's news are not kept waiting by one command after the
 * other. */
static void receive(struct lend_session *session)
{
    switch (lend_link_receive(&session->link)) {
    case LEND_MESSAGE_NONE:
        break;
    case LEND_MESSAGE_WHOLE:
        take_message(session);
        lend_link_forget(&session->link);
        break;
    case LEND_MESSAGE_WRONG:
        fail_as_strange(session, "a message's type, and a length that it can have");
        break;
    case LEND_MESSAGE_CUT:
        lend_end_failed(session, cli_fail_plain(session->cli, CLI_FAILED,
                                                "%s closed the connection in the "
                                                "middle of a message",
                                                session->place));
        break;
    case LEND_MESSAGE_CLOSED:
    case LEND_MESSAGE_BROKEN:
        lend_end_closed(session);
        break;
    }
}

/* --- The loop ----------------------------------------------------------------------- */

static void note_late(struct lend_session *session)
{
    lend_end_failed(
        session, cli_fail_plain(
                     session->cli, CLI_FAILED,
                     "%s took the connection, but has not %s for %u s", session->place,
                     session->phase == LEND_GREETING ? "answered by VSCard's Init"
                                                     : "said whether it takes the reader",
                     (unsigned)(LEND_ANSWER_MS / 1000)));
}

/* Interrupts and the reader's news. */
static void heed_wake(struct lend_session *session)
{
    uint32_t result = SCARD_S_SUCCESS;
    if (platform_interrupted()) {
        if (session->phase == LEND_IS_LENT)
            lend_end_well(session, "interrupted");
        else
            lend_end_failed(session, CLI_OK);
        return;
    }
    if (session->phase != LEND_IS_LENT)
        return;
    bool news = lend_news_take(&session->news, &result);
    if (lend_take_remedy(result) == LEND_IS_HOPELESS)
        lend_end_failed(session, cli_fail(session->cli, result,
                                          "cannot watch %s any longer", session->reader));
    else if (news || os_now_ms() >= session->retry_ms)
        lend_reader_attend(session);
}

static void step(struct lend_session *session)
{
    struct os_poll_entry entry = {.socket = session->link.socket, .want_read = true};
    uint64_t until_ms =
        session->phase == LEND_IS_LENT ? session->retry_ms : session->deadline_ms;
    enum sc_error error = os_poll(&entry, 1, session->wake, until_ms);
    /* Lowered before what it was raised for is looked at. */
    os_wake_lower(session->wake);
    heed_wake(session);
    if (session->phase != LEND_IS_OVER && (entry.readable || entry.hung_up))
        receive(session);
    else if (session->phase != LEND_IS_OVER && error != SC_OK && error != SC_E_TIMEOUT)
        lend_end_failed(session, cli_fail_plain(session->cli, CLI_FAILED,
                                                "cannot wait for messages: %s",
                                                sc_error_words(error)));
    if (session->phase < LEND_IS_LENT && os_now_ms() >= session->deadline_ms)
        note_late(session);
}

/* Who has gone already does not hear it. */
static void say_goodbye(struct lend_session *session)
{
    if (session->reader_id == VSCARD_NO_READER)
        return;
    enum sc_error error =
        lend_link_send(&session->link, VSCARD_READER_REMOVE, session->reader_id, NULL, 0);
    (void)error;
}

int lend_session_run(struct lend_session *session)
{
    uint8_t init[VSCARD_INIT_SIZE];
    assert(os_socket_is_open(session->link.socket));
    session->phase = LEND_GREETING;
    session->deadline_ms = os_deadline_ms(LEND_ANSWER_MS);
    session->reader_id = VSCARD_NO_READER;
    session->retry_ms = OS_FOREVER;
    vscard_write_init(init);
    lend_end_unless_sent(session, lend_link_send(&session->link, VSCARD_INIT,
                                                 VSCARD_NO_READER, init, sizeof init));
    while (session->phase != LEND_IS_OVER)
        step(session);
    lend_news_stop(&session->news);
    say_goodbye(session);
    lend_card_give_back(&session->card);
    lend_link_close(&session->link);
    return session->code;
}
