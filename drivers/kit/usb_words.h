/* SPDX-License-Identifier: BSD-2-Clause */
/* What URIs and names of USB devices have in common, whichever library finds them. */
#ifndef DRIVERS_KIT_USB_WORDS_H
#define DRIVERS_KIT_USB_WORDS_H

#include "manager/driver.h"

/* 0: any. */
struct kit_usb_ids {
    uint16_t vendor, product;
};

/* "08E6" or "08E6:3437", as kit_setting.parse: `value` is a struct kit_usb_ids. */
bool kit_usb_read_ids(const char *text, void *value);
/* UTF-16, or what is meant to be, as UTF-8, cut at a whole character; it ends at the first
 * NUL. Blanks at the ends are dropped, control characters made blanks; what is malformed is
 * no text at all. Units after the first 127 do not count. */
void kit_usb_text(const uint16_t *units, size_t count, char text[DRIVER_TEXT_MAX]);

#endif
