/* SPDX-License-Identifier: BSD-2-Clause */
/* What is done about the reader's state. A thread waits for changes of it (lend_news.h),
 * but only from states that were looked at here. */
#include "cli/lend/lend_reader.h"

#include "cli/errors.h"
#include "cli/holders.h"
#include "cli/lend/lend_end.h"
#include "cli/readers.h"
#include "os/time.h"

#include <stdlib.h>
#include <string.h>

/* Where a change may be missed: a program that had the card may have begun and ended
 * between two looks. */
enum { RETRY_MS = 1000 };

static void show(struct lend_session *session, enum lend_event event, const char *words)
{
    lend_show_event(session->cli, event, session->reader, words, NULL, 0);
}

/* --- The card ----------------------------------------------------------------------- */

static void lose_card(struct lend_session *session)
{
    lend_card_give_back(&session->card);
    show(session, LEND_CARD_REMOVED, "");
    lend_end_unless_sent(session, lend_link_send(&session->link, VSCARD_CARD_REMOVE,
                                                 session->reader_id, NULL, 0));
}

static void offer_card(struct lend_session *session)
{
    const struct lend_card *card = &session->card;
    size_t size = card->atr_size <= VSCARD_ATR_MAX ? card->atr_size : VSCARD_ATR_MAX;
    session->hindrance = LEND_GO_ON;
    lend_show_event(session->cli, LEND_CARD_INSERTED, session->reader, "", card->atr,
                    size);
    lend_end_unless_sent(session, lend_link_send(&session->link, VSCARD_ATR,
                                                 session->reader_id, card->atr, size));
}

/* Says once that another program has the card, and which if that is known. */
static void note_busy(struct lend_session *session)
{
    char words[400];
    struct text text;
    SCARD_READERSTATEA state = {.szReader = session->reader};
    if (session->hindrance == LEND_IS_BUSY)
        return;
    session->hindrance = LEND_IS_BUSY;
    text_start(&text, words, sizeof words);
    text_add(&text, "waiting until no other program uses the card");
    struct holders *holders = calloc(1, sizeof *holders);
    LONG result = SCardGetStatusChangeA(session->context, 0, &state, 1);
    if (holders != NULL && result == SCARD_S_SUCCESS) {
        char names[300];
        struct text named;
        text_start(&named, names, sizeof names);
        holders_find(holders, session->context, &state, 1);
        holders_words(holders, &state, &named);
        if (named.size > 0)
            text_add(&text, "; it is held by %s", names);
    }
    free(holders);
    show(session, LEND_CARD_BUSY, words);
}

static void take_card(struct lend_session *session, DWORD state)
{
    uint32_t result = lend_card_take(&session->card, session->context, session->reader);
    if (result == SCARD_S_SUCCESS) {
        session->counter = state >> 16;
        offer_card(session);
        return;
    }
    switch (lend_take_remedy(result)) {
    case LEND_IS_BUSY:
        note_busy(session);
        break;
    case LEND_IS_MUTE:
        session->hindrance = LEND_IS_MUTE;
        session->mute_counter = state >> 16;
        show(session, LEND_CARD_MUTE, error_words(result));
        break;
    case LEND_IS_HOPELESS:
        lend_end_failed(session, cli_fail(session->cli, result,
                                          "cannot use the card in %s", session->reader));
        break;
    case LEND_GO_ON:
    case LEND_AGAIN:
        break;
    }
}

void lend_reader_fail(struct lend_session *session, uint32_t result)
{
    if (session->phase != LEND_IS_LENT || lend_transmit_remedy(result) != LEND_AGAIN)
        return;
    lose_card(session);
    session->retry_ms = os_now_ms();
}

/* --- The reader --------------------------------------------------------------------- */

static bool look(struct lend_session *session, DWORD *state)
{
    SCARD_READERSTATEA now = {.szReader = session->reader};
    LONG result = SCardGetStatusChangeA(session->context, 0, &now, 1);
    *state = now.dwEventState;
    if (result == SCARD_E_UNKNOWN_READER || result == SCARD_E_READER_UNAVAILABLE
        || result == SCARD_E_NO_READERS_AVAILABLE)
        *state = SCARD_STATE_UNKNOWN;
    else if (result != SCARD_S_SUCCESS && result != SCARD_E_TIMEOUT)
        lend_end_failed(session, cli_fail(session->cli, (uint32_t)result,
                                          "cannot ask %s for its state any longer",
                                          session->reader));
    return session->phase == LEND_IS_LENT;
}

/* What the state says of the reader and of the card that was taken. */
static void note_state(struct lend_session *session, DWORD state)
{
    bool gone = (state & SCARD_STATE_UNKNOWN) != 0;
    bool present = !gone && (state & SCARD_STATE_PRESENT) != 0;
    if (session->card.handle != 0 && (!present || state >> 16 != session->counter))
        lose_card(session);
    if (gone != session->gone)
        show(session, gone ? LEND_READER_REMOVED : LEND_READER_ADDED, "");
    session->gone = gone;
    if (!present
        || (session->hindrance == LEND_IS_MUTE && state >> 16 != session->mute_counter))
        session->hindrance = LEND_GO_ON;
}

static bool may_take(const struct lend_session *session, DWORD state)
{
    return session->phase == LEND_IS_LENT && session->card.handle == 0 && !session->gone
           && session->hindrance != LEND_IS_MUTE && (state & SCARD_STATE_PRESENT) != 0;
}

/* False: it is there again. */
static bool wait_for_reader(struct lend_session *session)
{
    struct readers readers;
    uint32_t result = readers_get(session->context, &readers);
    bool listed = false;
    for (size_t i = 0; i < readers.count; i++)
        listed = listed || strcmp(readers.name[i], session->reader) == 0;
    if (result == SCARD_S_SUCCESS && !listed)
        lend_news_wait_for_readers(&session->news, readers.count);
    else if (result != SCARD_S_SUCCESS)
        lend_end_failed(session,
                        cli_fail(session->cli, result, "cannot list the readers"));
    readers_free(&readers);
    return !listed;
}

/* Waits for news. Looks again without any, where some may be missed: a program's use of the
 * card that was over within the wait from an older state. */
static void wait_for_news(struct lend_session *session, DWORD state)
{
    bool idle = lend_news_is_idle(&session->news);
    bool used = (state & (SCARD_STATE_INUSE | SCARD_STATE_EXCLUSIVE)) != 0;
    bool certain =
        !may_take(session, state) || (idle && session->hindrance == LEND_IS_BUSY && used);
    if (idle && !session->gone)
        lend_news_wait(&session->news, session->reader, state);
    else if (idle)
        certain = wait_for_reader(session);
    session->retry_ms = certain ? OS_FOREVER : os_deadline_ms(RETRY_MS);
}

void lend_reader_attend(struct lend_session *session)
{
    DWORD state = 0;
    if (!look(session, &state))
        return;
    note_state(session, state);
    if (may_take(session, state)) {
        take_card(session, state);
        if (session->phase != LEND_IS_LENT || !look(session, &state))
            return;
        note_state(session, state); /* taking it has changed it */
    }
    if (session->phase == LEND_IS_LENT)
        wait_for_news(session, state);
}
