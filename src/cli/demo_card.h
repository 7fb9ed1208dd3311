/* SPDX-License-Identifier: BSD-2-Clause */
/* What scard demo knows of the software card (drivers/soft/soft.h describes it). */
#ifndef CLI_DEMO_CARD_H
#define CLI_DEMO_CARD_H

#include "cli/api.h"

#define DEMO_DEVICE "SOFT\\" /* how the device instance id begins */

/* SELECT by name, no data wanted; READ BINARY of the text and of the secret, both by
 * their short identifiers; VERIFY. */
#define DEMO_SELECT                                                                      \
    {                                                                                    \
        0x00, 0xA4, 0x04, 0x0C, 0x05, 0xF0, 'S', 'O', 'F', 'T'                           \
    }
#define DEMO_READ                                                                        \
    {                                                                                    \
        0x00, 0xB0, 0x81, 0x00, 0x00                                                     \
    }
#define DEMO_READ_SECRET                                                                 \
    {                                                                                    \
        0x00, 0xB0, 0x83, 0x00, 0x22                                                     \
    }
#define DEMO_VERIFY_WRONG                                                                \
    {                                                                                    \
        0x00, 0x20, 0x00, 0x81, 0x06, '0', '0', '0', '0', '0', '0'                       \
    }
#define DEMO_VERIFY_RIGHT                                                                \
    {                                                                                    \
        0x00, 0x20, 0x00, 0x81, 0x06, '1', '2', '3', '4', '5', '6'                       \
    }

enum { DEMO_TRIES = 3 };

/* Control codes that move the card. */
#define DEMO_REMOVE SCARD_CTL_CODE(6) /* IOCTL_SMARTCARD_EJECT */
#define DEMO_INSERT SCARD_CTL_CODE(7) /* IOCTL_SMARTCARD_SWALLOW */

#endif
