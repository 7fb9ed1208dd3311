/* SPDX-License-Identifier: BSD-2-Clause */
/* "vpcd:PORT" - slots that card simulators connect to, in the protocol of vsmartcard's
 * vpcd and vicc (facts in vpcd.c).
 *
 *     vpcd:35963?slots=2&name=Simulated
 *
 *   PORT            TCP port of the first slot, default 35963; 0: each slot takes a free
 *                   port, which VPCD_IOCTL_PORT and the log tell
 *   slots=N         1 to 16 readers, on PORT to PORT + N - 1; default 1
 *   bind=ADDRESS    numeric address to listen on, default 127.0.0.1. Anybody who reaches
 *                   it can be a card
 *   apdu_timeout=MS 1 to 3600000 for one command, default 300000
 *   settle=MS       0 to 5000: how long a program that begins waits for the slots' cards,
 *                   which look for the port only now and then; default 1500. Once it has
 *                   waited in vain it does not again. Not for PORT 0, nor in a service
 *   name=TEXT       exact name of the reader; the host numbers readers named alike
 *
 * Any other parameter is an error. A card is in while its connection lasts. A connection
 * to a slot that has one is closed at once. */
#ifndef DRIVERS_VPCD_VPCD_H
#define DRIVERS_VPCD_VPCD_H

#include "manager/driver.h"

extern const struct driver vpcd_driver;

enum {
    VPCD_PORT_DEFAULT = 35963,
    VPCD_SLOTS_MAX = 16,
    /* Control codes. */
    VPCD_IOCTL_PORT = 0x00312040,     /* the slot's port in decimal ASCII digits */
    VPCD_IOCTL_FEATURES = 0x00313520, /* PC/SC part 10: the next one */
    VPCD_IOCTL_TLV_PROPERTIES = 0x00313C48
};

#endif
