/* SPDX-License-Identifier: BSD-2-Clause */
/* prompt_text.c for W. */
#define DIALOG_WIDE 1
#include "dialog/prompt_text.c"
