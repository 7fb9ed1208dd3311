/* SPDX-License-Identifier: BSD-2-Clause */
#include "port/port.h"

static _Thread_local DWORD last_error;

DWORD GetLastError(void)
{
    return last_error;
}

void SetLastError(DWORD code)
{
    last_error = code;
}
