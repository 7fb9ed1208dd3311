/* SPDX-License-Identifier: BSD-2-Clause */
/* CCID readers on a serial line.
 *
 * URI: "serial:PATH", as "serial:/dev/ttyS0", with the parameters
 *   type          which reader it is: gempctwin (also GemPC Express; unless set), gempcpinpad,
 *                 gemcorepospro (five slots), gemcoresimpro (two), sec1210 (two),
 *                 sec1210urt (one)
 *   voltage, escape, t0, apdu_timeout
 *                 as those of usb: (drivers/ccid/settings.h)
 *
 * One URI is one reader, at 115200 bit/s, 8 bits, no parity, 2 stop bits. The line is opened
 * when the driver starts; if there is none, if another program has it, or the reader does
 * not answer, it is tried again, after 1 s at first and every minute at last, and the same if
 * it goes. Cards are asked for every 400 ms. */
#ifndef DRIVERS_CCID_SERIAL_H
#define DRIVERS_CCID_SERIAL_H

#include "manager/driver.h"

extern const struct driver ccid_serial_driver;

#endif
