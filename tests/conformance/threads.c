/* SPDX-License-Identifier: BSD-2-Clause */
/* Several threads at once. */
#include "tests/conformance/interface.h"

enum { THREADS = 8, ROUNDS = 20 };

static struct card place;

static void contexts(void *data)
{
    (void)data;
    for (int i = 0; i < ROUNDS; i++)
        EXPECT(call.SCardReleaseContext(make_context()), 0);
}

static void connections(void *data)
{
    struct card card;
    (void)data;
    if (join_card(&card, &place))
        close_card(&card);
}

static void shared_work(void *data)
{
    struct card card;
    (void)data;
    if (!join_card(&card, &place))
        return;
    for (int i = 0; i < ROUNDS; i++) {
        EXPECT(call.SCardBeginTransaction(card.handle), 0);
        EXPECT(select_file(&card), 0);
        EXPECT(call.SCardEndTransaction(card.handle, SCARD_LEAVE_CARD), 0);
    }
    close_card(&card);
}

static void in_threads(void (*run)(void *))
{
    struct os_thread threads[THREADS];
    size_t count = 0;
    while (count < THREADS && os_thread_start(&threads[count], "row", run, NULL) == SC_OK)
        count++;
    EXPECT_TRUE(count == THREADS);
    for (size_t i = 0; i < count; i++)
        os_thread_join(&threads[i]);
}

static void many_contexts(void)
{
    in_threads(contexts);
}

static void many_connections(void)
{
    if (!open_card(&place))
        return;
    in_threads(connections);
    close_card(&place);
}

static void many_transactions(void)
{
    if (!open_card(&place))
        return;
    in_threads(shared_work);
    close_card(&place);
}

const struct row CONFORM(threads)[] = {
    {"thread-contexts", "contexts in eight threads", 0, many_contexts},
    {"thread-connections", "connections in eight threads", ROW_CARD, many_connections},
    {"thread-transactions", "transactions in eight threads, each with its card", ROW_CARD,
     many_transactions},
    {0}};
