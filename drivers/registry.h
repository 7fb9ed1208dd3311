/* SPDX-License-Identifier: BSD-2-Clause */
/* The drivers in this build. */
#ifndef DRIVERS_REGISTRY_H
#define DRIVERS_REGISTRY_H

#include "manager/driver.h"

/* The driver of a URI scheme ("soft"), or NULL if it is not in this build. */
const struct driver *driver_find(const char *scheme);

#endif
