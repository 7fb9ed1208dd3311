/* SPDX-License-Identifier: BSD-2-Clause */
/* select_text.c for W. */
#define DIALOG_WIDE 1
#include "dialog/select_text.c"
