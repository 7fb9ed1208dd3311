/* SPDX-License-Identifier: BSD-2-Clause */
/* The last error is each thread's own. */
#include <windows.h>

#include "tests/support/check.h"

#include <pthread.h>

static void *set_another(void *argument)
{
    (void)argument;
    CHECK_EQ(GetLastError(), 0);
    SetLastError(7);
    CHECK_EQ(GetLastError(), 7);
    return NULL;
}

int main(void)
{
    CHECK_EQ(GetLastError(), 0);
    SetLastError((DWORD)SCARD_E_TIMEOUT);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, set_another, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK_EQ(GetLastError(), 0x8010000A);
    return check_result();
}
