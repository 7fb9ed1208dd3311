/* SPDX-License-Identifier: BSD-2-Clause */
/* WINSCARD_TRANSACTION_STRICT: a program of Windows' calls loses an idle transaction also
 * when nobody waits for it, one of pcsc-lite's does not. */
#include "tests/face/face_test.h"

#include "tests/support/hang.h"

enum { LIMIT_MS = 200 };

static bool is_reset(uint32_t powers, uint64_t until_ms)
{
    while (fake_counts(0).power == powers && now_ms() < until_ms)
        pause_ms(10);
    return fake_counts(0).power != powers;
}

static void check_idle(SCARDCONTEXT context)
{
    SCARDHANDLE card = new_card(context, READER_0);
    DWORD active;
    EXPECT(SCardBeginTransaction(card), 0);
    EXPECT(command(card), 0);
    uint32_t powers = fake_counts(0).power;
    CHECK_EQ(is_reset(powers, now_ms() + EITHER(CHECK_HANG_MS, 5 * LIMIT_MS)),
             IS_WINDOWS);
    EXPECT(command(card), EITHER(SCARD_W_RESET_CARD, 0));
    if (IS_WINDOWS)
        EXPECT(SCardReconnect(card, SCARD_SHARE_SHARED, T01, SCARD_LEAVE_CARD, &active),
               0);
    EXPECT(SCardEndTransaction(card, SCARD_LEAVE_CARD),
           EITHER(SCARD_E_NOT_TRANSACTED, 0));
    EXPECT(command(card), 0);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
}

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?count=1&cards=1", 1);
    setenv("WINSCARD_TRANSACTION_MS", "200", 1);
    setenv("WINSCARD_TRANSACTION_STRICT", "1", 1);
    SCARDCONTEXT context = new_context();
    check_idle(context);
    EXPECT(SCardReleaseContext(context), 0);
    return check_result();
}
