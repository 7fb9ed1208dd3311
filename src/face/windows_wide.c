/* SPDX-License-Identifier: BSD-2-Clause */
/* The W calls of windows_text.c. */
#define FACE_WIDE 1
#include "face/windows_text.c"
