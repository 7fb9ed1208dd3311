/* SPDX-License-Identifier: BSD-2-Clause */
/* The question which card: at the terminal, on Windows in a window. */
#ifndef DIALOG_PROMPT_H
#define DIALOG_PROMPT_H

#include "dialog/search.h"

/* Compiled for A and for W, each has its own. */
#define prompt_choose WINSCARD_NAME_AW(prompt_choose)

/* Shows the readers and asks until the user chooses or gives up; *chosen is a seat whose
 * card fits. Unless SC_DLG_FORCE_UI asks for an answer, a card that comes while none fits
 * is one.
 *
 * - SCARD_E_UNSUPPORTED_FEATURE: there is no terminal, or no screen.
 * - SCARD_W_CANCELLED_BY_USER.
 * - What search_look() gives, but having no reader is waited out. */
LONG prompt_choose(struct search *search, size_t *chosen);

#endif
