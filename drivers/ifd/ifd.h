/* SPDX-License-Identifier: BSD-2-Clause */
/* "ifd:" - readers by their drivers for pcscd (IFD handlers 2.0 and 3.0), without pcscd. Each
 * reader has a process of its own, winscard-ifd, in which its handler runs.
 *
 *     ifd:                         whatever pcscd would take: USB devices that a bundle in
 *                                  /usr/lib/pcsc/drivers names, and the readers of
 *                                  /etc/reader.conf.d
 *     ifd:/PATH/NAME.bundle        USB devices that this one names
 *     ifd:/PATH/NAME.so?device=/dev/ttyS0:GemPCTwin&name=Twin
 *                                  one reader, as in a file of reader.conf.d
 *
 * Parameters, after a '?':
 *     device=NAME     DEVICENAME of reader.conf(5); makes a reader of a bundle's handler too
 *     channel=N       CHANNELID; counts where there is no device
 *     name=TEXT       FRIENDLYNAME; of one reader
 *     bundles=PATH    in place of /usr/lib/pcsc/drivers; empty: none. Of ifd: alone
 *     readers=PATH    in place of /etc/reader.conf.d, a directory or a file. Of ifd: alone
 *     ccid=no|yes     whether USB readers that usb: serves are taken too; no. A build
 *                     without usb: takes them
 *     process=yes|no  no: the handler runs in this process, with what it does to it. One
 *                     that hangs, hangs its reader
 *     apdu_timeout=MS 1 to 3600000 for one command, default 600000. A handler that does not
 *                     answer by then is ended
 *     open_timeout=MS 1 to 600000 for it to open its reader, default 30000 */
#ifndef DRIVERS_IFD_IFD_H
#define DRIVERS_IFD_IFD_H

#include "manager/driver.h"

extern const struct driver ifd_driver;

#endif
