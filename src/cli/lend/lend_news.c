/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/lend/lend_news.h"

#include "cli/platform.h"
#include "os/time.h"

#include <assert.h>
#include <string.h>

/* The reader's name under which arrivals and departures are reported. */
#define PNP_NAME "\\\\?PnP?\\Notification"

enum {
    REST_MS = 100, /* after a wait that brought nothing: a library that returns at once
                            * for ever must cost no processor */
    LONELY_WAIT_MS = 1000, /* without any reader there is no number to compare with */
    CANCEL_MS = 20         /* a cancel that comes before the wait is none */
};

static uint32_t wait_once(struct lend_news *news, SCARD_READERSTATEA *state)
{
    bool lonely = strcmp(state->szReader, PNP_NAME) == 0 && state->dwCurrentState == 0;
    LONG result = SCardGetStatusChangeA(news->context, lonely ? LONELY_WAIT_MS : INFINITE,
                                        state, 1);
    DWORD now = state->dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    if (result != SCARD_E_CANCELLED && result != SCARD_E_TIMEOUT
        && (result != SCARD_S_SUCCESS || now == state->dwCurrentState))
        platform_sleep_ms(REST_MS);
    return (uint32_t)result;
}

static void run_news(void *context)
{
    struct lend_news *news = context;
    os_mutex_lock(&news->mutex);
    while (news->step != LEND_NEWS_ENDING) {
        if (news->step != LEND_NEWS_WAITING) {
            (void)os_cond_wait(&news->cond, &news->mutex, OS_FOREVER);
            continue;
        }
        SCARD_READERSTATEA state = news->state;
        os_mutex_unlock(&news->mutex);
        uint32_t result = wait_once(news, &state);
        os_mutex_lock(&news->mutex);
        news->result = result;
        if (news->step == LEND_NEWS_WAITING)
            news->step = LEND_NEWS_HERE;
        os_wake_raise(news->wake);
    }
    news->step = LEND_NEWS_ENDED;
    os_cond_broadcast(&news->cond);
    os_mutex_unlock(&news->mutex);
}

uint32_t lend_news_start(struct lend_news *news, struct os_wake *wake)
{
    memset(news, 0, sizeof *news);
    news->wake = wake;
    LONG result = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &news->context);
    if (result != SCARD_S_SUCCESS) {
        news->context = 0;
        return (uint32_t)result;
    }
    os_mutex_init(&news->mutex);
    os_cond_init(&news->cond);
    if (os_thread_start(&news->thread, "lend", run_news, news) == SC_OK)
        return (uint32_t)SCARD_S_SUCCESS;
    os_cond_destroy(&news->cond);
    os_mutex_destroy(&news->mutex);
    SCardReleaseContext(news->context);
    news->context = 0;
    return (uint32_t)SCARD_E_NO_MEMORY;
}

void lend_news_stop(struct lend_news *news)
{
    if (news->context == 0)
        return;
    os_mutex_lock(&news->mutex);
    news->step = LEND_NEWS_ENDING;
    os_cond_broadcast(&news->cond);
    while (news->step != LEND_NEWS_ENDED) {
        os_mutex_unlock(&news->mutex);
        SCardCancel(news->context);
        os_mutex_lock(&news->mutex);
        if (news->step != LEND_NEWS_ENDED)
            (void)os_cond_wait(&news->cond, &news->mutex, os_deadline_ms(CANCEL_MS));
    }
    os_mutex_unlock(&news->mutex);
    os_thread_join(&news->thread);
    os_cond_destroy(&news->cond);
    os_mutex_destroy(&news->mutex);
    SCardReleaseContext(news->context);
    news->context = 0;
}

bool lend_news_is_idle(struct lend_news *news)
{
    os_mutex_lock(&news->mutex);
    bool idle = news->step == LEND_NEWS_IDLE;
    os_mutex_unlock(&news->mutex);
    return idle;
}

static void begin_wait(struct lend_news *news, const char *name, DWORD known)
{
    os_mutex_lock(&news->mutex);
    assert(news->step == LEND_NEWS_IDLE);
    memset(&news->state, 0, sizeof news->state);
    news->state.szReader = name;
    news->state.dwCurrentState = known;
    news->step = LEND_NEWS_WAITING;
    os_cond_broadcast(&news->cond);
    os_mutex_unlock(&news->mutex);
}

void lend_news_wait(struct lend_news *news, const char *reader, DWORD known)
{
    begin_wait(news, reader, known & ~(DWORD)SCARD_STATE_CHANGED);
}

void lend_news_wait_for_readers(struct lend_news *news, size_t count)
{
    begin_wait(news, PNP_NAME, (DWORD)(count << 16));
}

bool lend_news_take(struct lend_news *news, uint32_t *result)
{
    os_mutex_lock(&news->mutex);
    bool here = news->step == LEND_NEWS_HERE;
    if (here) {
        *result = news->result;
        news->step = LEND_NEWS_IDLE;
    }
    os_mutex_unlock(&news->mutex);
    return here;
}
