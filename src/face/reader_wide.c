/* SPDX-License-Identifier: BSD-2-Clause */
/* The W calls of reader_text.c. */
#define FACE_WIDE 1
#include "face/reader_text.c"
