/* SPDX-License-Identifier: BSD-2-Clause */
/* hid: tokens that are HID devices, by hidapi, which is loaded when such a URI is used:
 * FIDO tokens (CTAPHID), and Ledger's hardware wallets. A token is a reader with a card in
 * it for as long as it is plugged in; winscard-hid(7) says what that card does.
 *
 *     hid:                     all of them
 *     hid:fido                 FIDO tokens
 *     hid:ledger               Ledger's wallets
 *     hid:1050                 those of one vendor, by idVendor in hexadecimal
 *     hid:1050:0407            those of one product
 *
 * Parameters, after a '?':
 *     serial=TEXT              the one with this serial number
 *     all=off|on               whether programs may send FIDO tokens the commands that make
 *                              them forget all they know, and those of their vendors; off
 *     apdu_timeout=300000      milliseconds for one command, the time that a person takes
 *                              to touch the token or to press its keys included
 */
#ifndef DRIVERS_HID_HID_H
#define DRIVERS_HID_HID_H

#include "manager/driver.h"

extern const struct driver hid_driver;

/* Control codes of FIDO tokens: one message of CTAPHID, and the answer to it. An error that
 * the token gives is SC_E_UNSUPPORTED_FEATURE (it does not know the command),
 * SC_E_INVALID_PARAMETER, or SC_F_COMM_ERROR. */
enum {
    /* In: a command of CTAP2 and its parameters in CBOR. Out: the status and what comes
     * with it. A command that all=off refuses is answered with CTAP2_ERR_NOT_ALLOWED. */
    HID_IOCTL_CBOR = 0x00312080,
    HID_IOCTL_WINK = 0x00312084, /* the token shows which one it is */
    /* In: seconds, 0 to 10, for which the token serves this process alone; 0: no more. */
    HID_IOCTL_LOCK = 0x00312088,
    HID_IOCTL_PING = 0x0031208C,     /* Out: what was sent */
    HID_IOCTL_FEATURES = 0x00313520, /* PC/SC part 10: the next one */
    HID_IOCTL_TLV_PROPERTIES = 0x00313C48
};

#endif
