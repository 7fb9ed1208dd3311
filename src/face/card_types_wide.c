/* SPDX-License-Identifier: BSD-2-Clause */
/* The W calls of card_types_text.c. */
#define FACE_WIDE 1
#include "face/card_types_text.c"
