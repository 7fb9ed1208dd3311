/* SPDX-License-Identifier: BSD-2-Clause */
/* The drivers in this build: one line each, switched by the build's WITH_ options. */
#include "drivers/registry.h"

#ifdef WITH_HID
#include "drivers/hid/hid.h"
#endif
#ifdef WITH_IFD_HOST
#include "drivers/ifd/ifd.h"
#endif
#ifdef WITH_PHOENIX
#include "drivers/phoenix/phoenix.h"
#endif
#ifdef WITH_SERIAL
#include "drivers/ccid_serial/ccid_serial.h"
#endif
#ifdef WITH_SOFT
#include "drivers/soft/soft.h"
#endif
#ifdef WITH_USB
#include "drivers/ccid_usb/ccid_usb.h"
#endif
#ifdef WITH_VPCD
#include "drivers/vpcd/vpcd.h"
#endif
#ifdef WITH_VSCARD
#include "drivers/vscard/vscard.h"
#endif

#include <string.h>

static const struct driver *const drivers[] = {
#ifdef WITH_HID
    &hid_driver,
#endif
#ifdef WITH_IFD_HOST
    &ifd_driver,
#endif
#ifdef WITH_PHOENIX
    &phoenix_driver,
#endif
#ifdef WITH_SERIAL
    &ccid_serial_driver,
#endif
#ifdef WITH_SOFT
    &soft_driver,
#endif
#ifdef WITH_USB
    &ccid_usb_driver,
#endif
#ifdef WITH_VPCD
    &vpcd_driver,
#endif
#ifdef WITH_VSCARD
    &vscard_driver,
#endif
    NULL};

const struct driver *driver_find(const char *scheme)
{
    for (const struct driver *const *driver = drivers; *driver != NULL; driver++)
        if (strcmp((*driver)->scheme, scheme) == 0)
            return *driver;
    return NULL;
}
