/* SPDX-License-Identifier: BSD-2-Clause */
/* The W calls of locate_text.c. */
#define FACE_WIDE 1
#include "face/locate_text.c"
