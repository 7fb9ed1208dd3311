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

/* Control codes; all work without a card. Numbers in their input are 32 bits, least
 * significant byte first; a time is 3600000 ms at most. */
enum {
    /* winsmcrd.h: takes the card out, or puts it in; nothing if it is so already. */
    SOFT_IOCTL_EJECT = 0x00310018,
    SOFT_IOCTL_SWALLOW = 0x0031001C,
    /* PC/SC part 10: the list of features, which is the next one. */
    SOFT_IOCTL_FEATURES = 0x00313520,
    SOFT_IOCTL_TLV_PROPERTIES = 0x00313C48,
    /* For tests, functions 0x800 to 0x804. */

    /* The reader goes away, and is there again after so many ms; 0: it stays away. A
     * second number: it goes after so many ms, else at once. */
    SOFT_IOCTL_UNPLUG = 0x00312000,
    /* The next transmit hangs until its deadline or abort. With a number: for so many ms,
     * then it goes on. */
    SOFT_IOCTL_HANG = 0x00312004,
    /* The next power-on or reset finds the card mute. No input. */
    SOFT_IOCTL_MUTE = 0x00312008,
    /* The next so many transmits fail with SC_F_COMM_ERROR, and do not reach the card; 0:
     * none any more. */
    SOFT_IOCTL_FAIL = 0x0031200C,
    /* The card is taken out, and put in again after so many ms; 0: it stays out. A second
     * number: it is taken out after so many ms, else at once. */
    SOFT_IOCTL_EJECT_LATER = 0x00312010
};

#endif
