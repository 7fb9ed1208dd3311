/* SPDX-License-Identifier: BSD-2-Clause */
/* usb: every USB smart card reader that follows CCID 1.1 or ICCD 1.0, by libusb-1.0.
 *
 *     usb:                     all of them
 *     usb:08E6                 those of one vendor, by idVendor in hexadecimal
 *     usb:08E6:3437            those of one product
 *
 * Parameters, after a '?':
 *     device=001/004           the one at /dev/bus/usb/001/004, until it is pulled out
 *     voltage=5,3,1.8          order in which supply voltages are tried, for readers that
 *                              leave it to the host; this is the default, any order goes
 *     escape=off|on            whether programs may send CCID escape commands, which can
 *                              do anything to a reader, even change its firmware; off.
 *                              A few readers that are set up by them are always open to
 *                              it
 *     t0=tpdu|apdu             over T=0 at TPDU level: 61xx and 6Cxx go to the program,
 *                              as Windows does it (the default), or are handled here,
 *                              and long commands carried in ENVELOPE
 *     apdu_timeout=600000      milliseconds for one command, time extensions included
 */
#ifndef DRIVERS_CCID_USB_CCID_USB_H
#define DRIVERS_CCID_USB_CCID_USB_H

#include "manager/driver.h"

extern const struct driver ccid_usb_driver;

#endif
