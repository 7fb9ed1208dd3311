/* SPDX-License-Identifier: BSD-2-Clause */
/* Our own protocol: winscard-protocol(7). */
#ifndef SERVICE_DISPATCH_H
#define SERVICE_DISPATCH_H

#include "service/protocol.h"

extern const struct protocol dispatch_protocol;

#endif
