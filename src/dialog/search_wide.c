/* SPDX-License-Identifier: BSD-2-Clause */
/* search_text.c for W. */
#define DIALOG_WIDE 1
#include "dialog/search_text.c"
