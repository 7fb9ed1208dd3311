/* SPDX-License-Identifier: BSD-2-Clause */
/* Transactions, and what a reset means for the others. */
#include "tests/conformance/interface.h"

static struct card first, second;

/* Two programs' connections to one card. */
static bool open_both(void)
{
    return open_card(&first) && join_card(&second, &first);
}

static void close_both(void)
{
    close_card(&second);
    close_card(&first);
}

/* A call in a thread. */
struct caller {
    struct os_thread thread;
    LONG (*make)(void);
    LONG result;
    int done; /* atomic */
};

static void run_caller(void *data)
{
    struct caller *caller = data;
    caller->result = caller->make();
    __atomic_store_n(&caller->done, 1, __ATOMIC_RELEASE);
}

static void start(struct caller *caller, LONG (*make)(void))
{
    *caller = (struct caller){.make = make};
    if (os_thread_start(&caller->thread, "caller", run_caller, caller) != SC_OK)
        row_failed(__FILE__, __LINE__, "a thread cannot be started");
}

/* Whether it waits still, after a while. */
static bool waits(struct caller *caller)
{
    uint64_t until_ms = os_now_ms() + SHORT_MS;
    while (os_now_ms() < until_ms
           && __atomic_load_n(&caller->done, __ATOMIC_ACQUIRE) == 0)
        os_thread_yield();
    return __atomic_load_n(&caller->done, __ATOMIC_ACQUIRE) == 0;
}

static LONG result_of(struct caller *caller)
{
    os_thread_join(&caller->thread);
    return caller->result;
}

static void plain(void)
{
    if (!open_card(&first))
        return;
    EXPECT(call.SCardBeginTransaction(first.handle), 0);
    EXPECT(select_file(&first), 0);
    EXPECT(call.SCardEndTransaction(first.handle, SCARD_LEAVE_CARD), 0);
    close_card(&first);
}

static void not_begun(void)
{
    if (!open_card(&first))
        return;
    EXPECT(call.SCardEndTransaction(first.handle, SCARD_LEAVE_CARD),
           SCARD_E_NOT_TRANSACTED);
    EXPECT(call.SCardBeginTransaction(first.handle), 0);
    EXPECT(call.SCardEndTransaction(first.handle, SCARD_LEAVE_CARD), 0);
    EXPECT(call.SCardEndTransaction(first.handle, SCARD_LEAVE_CARD),
           SCARD_E_NOT_TRANSACTED);
    close_card(&first);
}

static void nested(void)
{
    if (!open_card(&first))
        return;
    for (int i = 0; i < 2; i++)
        EXPECT(call.SCardBeginTransaction(first.handle), 0);
    for (int i = 0; i < 2; i++)
        EXPECT(call.SCardEndTransaction(first.handle, SCARD_LEAVE_CARD), 0);
    EXPECT(call.SCardEndTransaction(first.handle, SCARD_LEAVE_CARD),
           SCARD_E_NOT_TRANSACTED);
    close_card(&first);
}

static void bad_disposition(void)
{
    if (!open_card(&first))
        return;
    EXPECT(call.SCardBeginTransaction(first.handle), 0);
    EXPECT(call.SCardEndTransaction(first.handle, 17), SCARD_E_INVALID_VALUE);
    EXPECT(call.SCardEndTransaction(first.handle, SCARD_LEAVE_CARD), 0);
    close_card(&first);
}

static void bad_handle(void)
{
    EXPECT(call.SCardBeginTransaction(0), BAD_HANDLE);
    EXPECT(call.SCardEndTransaction(0, SCARD_LEAVE_CARD), BAD_HANDLE);
    EXPECT(call.SCardBeginTransaction(123456), BAD_HANDLE);
    EXPECT(call.SCardEndTransaction(123456, SCARD_LEAVE_CARD), BAD_HANDLE);
}

static LONG second_selects(void)
{
    return select_file(&second);
}

static LONG second_begins(void)
{
    return call.SCardBeginTransaction(second.handle);
}

/* False: there is no card. The second's call has come after the first's end. */
static bool waits_for_end(LONG (*make)(void))
{
    struct caller caller;
    if (!open_both())
        return false;
    EXPECT(call.SCardBeginTransaction(first.handle), 0);
    start(&caller, make);
    EXPECT_TRUE(waits(&caller));
    EXPECT(select_file(&first), 0);
    EXPECT(call.SCardEndTransaction(first.handle, SCARD_LEAVE_CARD), 0);
    EXPECT(result_of(&caller), 0);
    return true;
}

static void transmit_waits(void)
{
    if (waits_for_end(second_selects))
        close_both();
}

static void begin_waits(void)
{
    if (!waits_for_end(second_begins))
        return;
    EXPECT(call.SCardEndTransaction(second.handle, SCARD_LEAVE_CARD), 0);
    close_both();
}

static void foreign_end(void)
{
    if (!open_both())
        return;
    EXPECT(call.SCardBeginTransaction(first.handle), 0);
    EXPECT(call.SCardEndTransaction(second.handle, SCARD_LEAVE_CARD),
           EITHER(SCARD_E_NOT_TRANSACTED, SCARD_E_SHARING_VIOLATION));
    EXPECT(call.SCardEndTransaction(second.handle, SCARD_UNPOWER_CARD),
           EITHER(SCARD_E_NOT_TRANSACTED, SCARD_E_SHARING_VIOLATION));
    EXPECT(select_file(&first), 0);
    EXPECT(call.SCardEndTransaction(first.handle, SCARD_LEAVE_CARD), 0);
    close_both();
}

static void ended_by_disconnect(void)
{
    if (!open_both())
        return;
    EXPECT(call.SCardBeginTransaction(first.handle), 0);
    EXPECT(call.SCardDisconnect(first.handle, SCARD_LEAVE_CARD), 0);
    EXPECT(call.SCardBeginTransaction(second.handle), 0);
    EXPECT(call.SCardEndTransaction(second.handle, SCARD_LEAVE_CARD), 0);
    EXPECT(call.SCardReleaseContext(first.context), 0);
    close_card(&second);
}

static void ended_by_release(void)
{
    struct caller caller;
    if (!open_both())
        return;
    EXPECT(call.SCardBeginTransaction(first.handle), 0);
    start(&caller, second_begins);
    EXPECT_TRUE(waits(&caller));
    EXPECT(call.SCardReleaseContext(first.context), 0);
    LONG error = result_of(&caller);
    EXPECT_TRUE(error == 0 || (uint32_t)error == (uint32_t)SCARD_W_RESET_CARD);
    EXPECT(call.SCardReleaseContext(second.context), 0);
}

static void reset_is_seen(void)
{
    static const BYTE command[] = {0x00, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00};
    BYTE answer[300];
    DWORD active = 0, size = sizeof(answer);
    if (!open_both())
        return;
    EXPECT(call.SCardDisconnect(first.handle, SCARD_RESET_CARD), 0);
    EXPECT(call.SCardTransmit(second.handle, pci_of(second.protocol), command,
                              sizeof(command), NULL, answer, &size),
           SCARD_W_RESET_CARD);
    EXPECT(call.SCardBeginTransaction(second.handle), SCARD_W_RESET_CARD);
    EXPECT(call.SCardReconnect(second.handle, SCARD_SHARE_SHARED, T01, SCARD_LEAVE_CARD,
                               &active),
           0);
    EXPECT(select_file(&second), 0);
    EXPECT(call.SCardReleaseContext(first.context), 0);
    close_card(&second);
}

static void own_reset(void)
{
    DWORD active = 0;
    if (!open_card(&first))
        return;
    EXPECT(call.SCardReconnect(first.handle, SCARD_SHARE_SHARED, T01, SCARD_RESET_CARD,
                               &active),
           0);
    EXPECT(select_file(&first), 0);
    close_card(&first);
}

const struct row CONFORM(transactions)[] = {
    {"transaction-plain", "begun and ended", ROW_CARD, plain},
    {"transaction-not-begun", "nothing to end", ROW_CARD, not_begun},
    {"transaction-nested", "each begin has its end", ROW_CARD, nested},
    {"transaction-bad-disposition", "refused, and the transaction stays", ROW_CARD,
     bad_disposition},
    {"transaction-bad-handle", "a number that is none", 0, bad_handle},
    {"transaction-transmit-waits", "another's command comes after the end", ROW_CARD,
     transmit_waits},
    {"transaction-begin-waits", "another's begin comes after the end", ROW_CARD,
     begin_waits},
    {"transaction-foreign-end", "another cannot end it, nor reset the card", ROW_CARD,
     foreign_end},
    {"transaction-disconnect-ends", "it ends with its connection", ROW_CARD,
     ended_by_disconnect},
    {"transaction-release-ends", "it ends with its context, and a waiter goes on",
     ROW_CARD, ended_by_release},
    {"reset-is-seen", "another's reset is told until a reconnect",
     ROW_CARD | ROW_DESTROYS, reset_is_seen},
    {"reset-of-own", "one's own reset by a reconnect is not told",
     ROW_CARD | ROW_DESTROYS, own_reset},
    {0}};
