/* SPDX-License-Identifier: BSD-2-Clause */
/* What scard demo knows of the software card (drivers/soft/soft.h describes it). */
#ifndef CLI_DEMO_CARD_H
#define CLI_DEMO_CARD_H

#include "cli/api.h"

#define DEMO_DEVICE "SOFT\\" /* how the device instance id begins */

#define DEMO_SELECT                                                                      \
    {                                                                                    \
        0x00, 0xA4, 0x04, 0x00, 0x05, 0xF0, 0x53, 0x4F, 0x46, 0x54, 0x00                 \
    }
#define DEMO_SELECT_FILE                                                                 \
    {                                                                                    \
        0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, 0x01                                         \
    }
#define DEMO_READ                                                                        \
    {                                                                                    \
        0x00, 0xB0, 0x00, 0x00, 0x00                                                     \
    }
#define DEMO_VERIFY_WRONG                                                                \
    {                                                                                    \
        0x00, 0x20, 0x00, 0x01, 0x04, '0', '0', '0', '0'                                 \
    }
#define DEMO_VERIFY_RIGHT                                                                \
    {                                                                                    \
        0x00, 0x20, 0x00, 0x01, 0x04, '1', '2', '3', '4'                                 \
    }

enum { DEMO_TRIES = 3 };

/* Control codes that move the card. */
#define DEMO_REMOVE SCARD_CTL_CODE(2050)
#define DEMO_INSERT SCARD_CTL_CODE(2051)

#endif
