/* SPDX-License-Identifier: BSD-2-Clause */
/* What SCardDlgExtendedError returns. */
#ifndef DIALOG_ERROR_H
#define DIALOG_ERROR_H

#include "dialog/abi.h"

/* Notes for this thread why a dialog fails, and gives `status`, its result. */
LONG error_note(LONG status, LONG reason);

#endif
