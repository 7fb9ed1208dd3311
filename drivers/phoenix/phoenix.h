/* SPDX-License-Identifier: BSD-2-Clause */
/* Phoenix and Smartmouse readers: a UART whose data line is the card's, where the host
 * speaks ISO/IEC 7816-3 itself.
 *
 * URI: "phoenix:PATH", as "phoenix:/dev/ttyUSB0", with the parameters
 *   clock=MHZ      of the card's clock, from 1 to 20, as 3.5712 (which is the default), 3.68
 *                  or 6; the line begins at clock / 372 bit/s
 *   reset=LINE     that resets the card when it is asserted: rts (unless set) or dtr; with a
 *                  minus before it, as -rts, when it is not (Smartmouse)
 *   power=LINE     that gives it power: dtr (unless set), rts or none; with a minus
 *                  when it is not asserted
 *   detect=LINE    that is asserted while a card is in: cd (unless set), dsr, cts or ri; with a
 *                  minus, while none is; none: there is no such line, and a card is always in
 *   max=RATE       no higher rate than this, in bit/s; 115200 unless set
 *   t0, apdu_timeout
 *                  as those of usb:
 *
 * One URI is one reader. The line is opened when the driver starts; if there is none, or
 * another program has it, it is tried again after a second at first, and every minute at last. */
#ifndef DRIVERS_PHOENIX_H
#define DRIVERS_PHOENIX_H

#include "manager/driver.h"

/* Control codes of PC/SC part 10. */
enum {
    PHOENIX_IOCTL_FEATURES = 0x00313520, /* there is the next one */
    PHOENIX_IOCTL_TLV_PROPERTIES = 0x00313C48
};

extern const struct driver phoenix_driver;

#endif
