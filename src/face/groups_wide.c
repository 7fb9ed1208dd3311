/* SPDX-License-Identifier: BSD-2-Clause */
/* The W calls of groups_text.c. */
#define FACE_WIDE 1
#include "face/groups_text.c"
