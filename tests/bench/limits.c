/* SPDX-License-Identifier: BSD-2-Clause */
/* Ten thousand contexts and a thousand readers in one process work; past the limit there
 * is SCARD_E_NO_MEMORY, and what was there goes on working. */
#include "manager/limits.h"
#include "tests/support/check.h"
#include "tests/support/fake.h"

#include <PCSC/winscard.h>
#include <stdlib.h>

static SCARDCONTEXT contexts[LIMIT_CONTEXTS + 1];

static unsigned establish_all(void)
{
    unsigned count = 0;
    LONG status = SCARD_S_SUCCESS;
    while (count <= LIMIT_CONTEXTS && status == SCARD_S_SUCCESS) {
        status = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &contexts[count]);
        count += status == SCARD_S_SUCCESS;
    }
    CHECK_EQ(status, SCARD_E_NO_MEMORY);
    return count;
}

static void check_readers(SCARDCONTEXT context)
{
    char *readers = NULL;
    DWORD size = SCARD_AUTOALLOCATE, count = 0, protocol;
    CHECK_EQ(SCardListReaders(context, NULL, (LPSTR)&readers, &size), SCARD_S_SUCCESS);
    for (const char *at = readers; at != NULL && *at != '\0'; at += strlen(at) + 1) {
        SCARDHANDLE card;
        CHECK_EQ(SCardConnect(context, at, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, &card,
                              &protocol),
                 SCARD_S_SUCCESS);
        count++;
    }
    CHECK_EQ(count, 1000);
    CHECK_EQ(SCardFreeMemory(context, readers), SCARD_S_SUCCESS);
}

/* All handles there can be, on one reader. */
static void check_handles(SCARDCONTEXT context)
{
    LONG status = SCARD_S_SUCCESS;
    unsigned count = 0;
    DWORD protocol;
    SCARDHANDLE card;
    while (count <= LIMIT_CARDS && status == SCARD_S_SUCCESS) {
        status = SCardConnect(context, "Fake Reader 00 00", SCARD_SHARE_SHARED,
                              SCARD_PROTOCOL_T1, &card, &protocol);
        count += status == SCARD_S_SUCCESS;
    }
    CHECK_EQ(status, SCARD_E_NO_MEMORY);
    CHECK_EQ(count, LIMIT_CARDS);
}

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?count=1000&cards=1", 1);
    unsigned count = establish_all();
    CHECK_EQ(count, LIMIT_CONTEXTS);
    check_readers(contexts[0]);
    check_readers(contexts[count - 1]);
    CHECK_EQ(SCardReleaseContext(contexts[0]), SCARD_S_SUCCESS);
    CHECK_EQ(SCardIsValidContext(contexts[0]), SCARD_E_INVALID_HANDLE);
    CHECK_EQ(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &contexts[0]),
             SCARD_S_SUCCESS);
    CHECK_EQ(SCardReleaseContext(contexts[count - 1]), SCARD_S_SUCCESS);
    check_handles(contexts[0]);
    for (unsigned i = 0; i + 1 < count; i++)
        CHECK_EQ(SCardReleaseContext(contexts[i]), SCARD_S_SUCCESS);
    return check_result();
}
