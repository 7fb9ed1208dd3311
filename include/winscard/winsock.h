/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands in winsock2.h here. On Windows the system's own header. */
#if defined(_WIN32)
#pragma GCC system_header
#include_next <winsock.h>
#endif

#ifndef WINSCARD_WINSOCK_H
#define WINSCARD_WINSOCK_H

#ifndef _WIN32
#include "winsock2.h"
#endif

#endif
