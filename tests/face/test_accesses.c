/* SPDX-License-Identifier: BSD-2-Clause */
/* Which calls keep a transaction from being idle: every one that is for the card and its
 * reader, by the handle that has it and by the others of its process. The manager's clock
 * is looked at in place of waiting (tests/manager has what comes of it). */
#include "host/host_internal.h"
#include "os/lock.h"
#include "tests/face/face_test.h"

static SCARDCONTEXT context;
static SCARDHANDLE holder, other;

static struct host_slot *lock_slot(void)
{
    struct host_slot *hs = host_slot_of(&host_current()->manager.readers[0]->slot);
    os_mutex_lock(&hs->lock);
    return hs;
}

static void forget_accesses(void)
{
    struct host_slot *hs = lock_slot();
    CHECK(hs->slot->holder != NULL);
    hs->slot->activity_ms = 0;
    os_mutex_unlock(&hs->lock);
}

static bool was_access(void)
{
    struct host_slot *hs = lock_slot();
    bool was = hs->slot->activity_ms != 0;
    os_mutex_unlock(&hs->lock);
    return was;
}

static LONG attribute(SCARDHANDLE card, DWORD id)
{
    BYTE value[300];
    DWORD size = sizeof(value);
    return SCardGetAttrib(card, id, value, &size);
}

static LONG status(SCARDHANDLE card)
{
    return SCardStatus(card, NULL, NULL, NULL, NULL, NULL, NULL);
}

static LONG known_attribute(SCARDHANDLE card)
{
    return attribute(card, SCARD_ATTR_ATR_STRING);
}

static LONG control(SCARDHANDLE card)
{
    BYTE answer[8];
    DWORD size;
    return SCardControl(card, SCARD_CTL_CODE(2048), "echo", 4, answer, sizeof(answer),
                        &size);
}

static LONG begin_and_end(SCARDHANDLE card)
{
    EXPECT(SCardBeginTransaction(card), 0);
    return SCardEndTransaction(card, SCARD_LEAVE_CARD);
}

#if IS_WINDOWS
static LONG transmit_count(SCARDHANDLE card)
{
    DWORD count;
    return SCardGetTransmitCount(card, &count);
}

static LONG state(SCARDHANDLE card)
{
    return SCardState(card, NULL, NULL, NULL, NULL);
}
#endif

static LONG connect_another(SCARDHANDLE card)
{
    (void)card;
    return SCardDisconnect(new_card(context, READER_0), SCARD_LEAVE_CARD);
}

static void check(LONG (*call)(SCARDHANDLE), SCARDHANDLE card)
{
    forget_accesses();
    EXPECT(call(card), 0);
    CHECK(was_access());
}

static void check_calls(void)
{
    static LONG (*const calls[])(SCARDHANDLE) = {
        status,
        known_attribute,
#if IS_WINDOWS
        transmit_count,
        state,
#endif
        connect_another
    };
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        check(calls[i], holder);
        check(calls[i], other);
    }
    /* Those of another handle would wait. */
    check(command, holder);
    check(control, holder);
    check(begin_and_end, holder);
    /* What is refused was no access. */
    forget_accesses();
    EXPECT(SCardEndTransaction(other, SCARD_LEAVE_CARD),
           EITHER(SCARD_E_NOT_TRANSACTED, SCARD_E_SHARING_VIOLATION));
    CHECK(!was_access());
}

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?count=1&cards=1", 1);
    context = new_context();
    holder = new_card(context, READER_0);
    other = new_card(context, READER_0);
    EXPECT(SCardBeginTransaction(holder), 0);
    check_calls();
    EXPECT(SCardEndTransaction(holder, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardReleaseContext(context), 0);
    return check_result();
}
