/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands in winsock2.h here. On Windows the system's own header. */
#if defined(_WIN32)
#pragma GCC system_header
#include_next <ws2tcpip.h>
#endif

#ifndef WINSCARD_WS2TCPIP_H
#define WINSCARD_WS2TCPIP_H

#ifndef _WIN32
#include "winsock2.h"
#endif

#endif
