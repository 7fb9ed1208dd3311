/* SPDX-License-Identifier: BSD-2-Clause */
/* The picture of a reader that has none of its own: 32 by 32, two colours, drawn here, as
 * the bytes of an icon file (MS-Docs "Icons": ICONDIR, ICONDIRENTRY, BITMAPINFOHEADER).
 */
#include "face/icon.h"

#include <string.h>

enum { WIDTH = 32, ROW = WIDTH / 8, DIRECTORY = 22, HEADER = 40, PALETTE = 8 };

static void put_icon_number(uint8_t *at, uint32_t value, int size)
{
    for (int i = 0; i < size; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

/* A box with a slot, and a card that stands in it. */
static bool is_ink(int x, int y)
{
    bool card = x >= 9 && x <= 22 && y >= 2 && y <= 14 && (x == 9 || x == 22 || y == 2);
    bool chip = x >= 12 && x <= 16 && y >= 6 && y <= 10;
    bool box = x >= 3 && x <= 28 && y >= 15 && y <= 28
               && (x == 3 || x == 28 || y == 15 || y == 28);
    bool lamp = x >= 23 && x <= 25 && y >= 23 && y <= 25;
    return card || chip || box || lamp;
}

void face_draw_icon(uint8_t icon[FACE_ICON_SIZE])
{
    uint8_t *header = icon + DIRECTORY, *colours = header + HEADER;
    uint8_t *ink = colours + PALETTE, *mask = ink + (size_t)ROW * WIDTH;
    memset(icon, 0, FACE_ICON_SIZE);
    put_icon_number(icon + 2, 1, 2); /* an icon */
    put_icon_number(icon + 4, 1, 2); /* one picture */
    icon[6] = icon[7] = WIDTH;
    icon[8] = 2; /* colours */
    put_icon_number(icon + 10, 1, 2);
    put_icon_number(icon + 12, 1, 2);
    put_icon_number(icon + 14, FACE_ICON_SIZE - DIRECTORY, 4);
    put_icon_number(icon + 18, DIRECTORY, 4);
    put_icon_number(header, HEADER, 4);
    put_icon_number(header + 4, WIDTH, 4);
    put_icon_number(header + 8, 2 * WIDTH, 4); /* picture and mask */
    put_icon_number(header + 12, 1, 2);
    put_icon_number(header + 14, 1, 2);
    put_icon_number(header + 20, 2 * ROW * WIDTH, 4);
    put_icon_number(colours + 4, 0x00FFFFFF, 4);
    /* The picture is all of colour 0, black, and is shown where the mask is 0. */
    for (int y = 0; y < WIDTH; y++)
        for (int x = 0; x < WIDTH; x++)
            if (!is_ink(x, y))
                mask[(size_t)(WIDTH - 1 - y) * ROW + (size_t)x / 8] |=
                    (uint8_t)(0x80 >> (x % 8));
}
