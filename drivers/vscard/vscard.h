/* SPDX-License-Identifier: BSD-2-Clause */
/* "vscard:PORT" - readers that other programs lend, in the protocol of QEMU's
 * ccid-card-passthru and libcacard (proto/vscard.h): `scard lend` of another machine, or
 * vscclient.
 *
 *     vscard:2001?bind=127.0.0.1
 *
 *   PORT            TCP port to listen on, default 2001; 0: one that is free, which the log
 *                   tells
 *   bind=ADDRESS    numeric address to listen on, default 127.0.0.1. Anybody who reaches
 *                   it can be a reader
 *   apdu_timeout=MS 1 to 3600000 for one command, default 300000
 *   settle=MS       0 to 5000: how long a program that begins waits for a card of a client
 *                   that connects only then; default 1500. Once it has waited in vain it
 *                   does not again. Not for PORT 0, nor in a service
 *   name=TEXT       exact name of each reader; the host numbers readers named alike. Else
 *                   it is "VSCard" and the name that the client gives
 *
 * Any other parameter is an error. At most VSCARD_CLIENTS_MAX connections at once, with
 * VSCARD_READERS_MAX readers in all. A reader is there while its client says so and its
 * connection lasts.
 *
 * The protocol has no words for power and reset: neither reaches the card, which keeps what
 * it was told, a verified PIN too, until its owner resets it. */
#ifndef DRIVERS_VSCARD_VSCARD_H
#define DRIVERS_VSCARD_VSCARD_H

#include "manager/driver.h"

extern const struct driver vscard_driver;

enum {
    VSCARD_PORT_DEFAULT = 2001,
    VSCARD_CLIENTS_MAX = 16,
    VSCARD_READERS_MAX = 16,
    /* Control codes. */
    VSCARD_IOCTL_FEATURES = 0x00313520, /* PC/SC part 10: the next one */
    VSCARD_IOCTL_TLV_PROPERTIES = 0x00313C48
};

/* The port that it listens on. `self` is what start() has made. */
uint16_t vscard_port(const void *self) MUST_CHECK;

#endif
