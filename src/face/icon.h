/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FACE_ICON_H
#define FACE_ICON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FACE_ICON_SIZE = 22 + 40 + 8 + 2 * 4 * 32 };

/* Draws the picture of any reader, as the bytes of an icon file. */
void face_draw_icon(uint8_t icon[FACE_ICON_SIZE]);

#endif
