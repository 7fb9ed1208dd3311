/* SPDX-License-Identifier: BSD-2-Clause */
/* "soft:" - readers with a software ISO/IEC 7816-4 card in them, in this process, for
 * trying things out and for tests.
 *
 *     soft:?name=Demo&count=3&protocol=t1
 *
 *   name=TEXT       exact name of the reader; the host numbers readers named alike
 *   count=N         1 to 1000 readers, each with a card of its own; default 1
 *   protocol=P      t0, t1 or both (default): what the ATR offers, T=0 first
 *   card=P          present (default) or absent
 *   pin=DIGITS      4 to 8 digits, default 123456; three tries
 *   apdu=B          1: over T=0 the driver follows 61xx and 6Cxx and sends ENVELOPE, so
 *                   that the caller sees whole APDUs; default 0: one TPDU a call
 *   delay=MS        0 to 60000 that each command takes; default 0. Over T=1 the card asks
 *                   for the time with S(WTX)
 *   blink=MS        10 to 3600000: the card is taken out and put in again, a change each
 *                   MS, by a thread of the driver; default: it stays
 *
 * Any other parameter is an error. Several such URIs may stand side by side, also the
 * same one twice. The card's files and commands: card.h and files.h. */
#ifndef DRIVERS_SOFT_SOFT_H
#define DRIVERS_SOFT_SOFT_H

#include "manager/driver.h"

extern const struct driver soft_driver;

/* Control codes. Numbers in their input are 32 bits, most significant byte first. */
enum {
    /* winsmcrd.h: takes the card out, or puts it in; nothing if it is so already. */
    SOFT_IOCTL_EJECT = 0x00310018,
    SOFT_IOCTL_SWALLOW = 0x0031001C,
    /* PC/SC part 10: the list of features, which is the next one. */
    SOFT_IOCTL_FEATURES = 0x00313520,
    SOFT_IOCTL_TLV_PROPERTIES = 0x00313C48,
    /* For tests, functions 0x801 to 0x804. */

    /* Two numbers: the reader goes away after so many ms, and is there again so many ms
     * after that; 0 as the second: it stays away. */
    SOFT_IOCTL_UNPLUG = 0x00312004,
    /* One number: the next transmit hangs for so many ms before it goes on. */
    SOFT_IOCTL_HANG = 0x00312008,
    /* No input: the next power-on or reset finds the card mute. */
    SOFT_IOCTL_MUTE = 0x0031200C,
    /* Two numbers: the card is taken out after so many ms, and put in so many ms after
     * that; 0 as the second: it stays out. */
    SOFT_IOCTL_EJECT_LATER = 0x00312010
};

#endif
