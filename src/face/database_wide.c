/* SPDX-License-Identifier: BSD-2-Clause */
/* The W calls of database_text.c. */
#define FACE_WIDE 1
#include "face/database_text.c"
