/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands in winsock2.h here. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <winsock.h>
#endif

#ifndef WINSCARD_WINSOCK_H
#define WINSCARD_WINSOCK_H

#ifndef WINSCARD_ON_WINDOWS
#include "winsock2.h"
#endif

#endif
