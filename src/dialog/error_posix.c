/* SPDX-License-Identifier: BSD-2-Clause */
#include "dialog/error.h"

static _Thread_local LONG last_reason;

LONG error_note(LONG status, LONG reason)
{
    last_reason = reason;
    return status;
}

LONG WINAPI SCardDlgExtendedError(void)
{
    return last_reason;
}
