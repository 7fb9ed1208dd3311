/* SPDX-License-Identifier: BSD-2-Clause */
/* show_text.c for W. */
#define DIALOG_WIDE 1
#include "dialog/show_text.c"
