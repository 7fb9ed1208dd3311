/* SPDX-License-Identifier: BSD-2-Clause */
/* Win32 as the files of this folder see it: of Windows 7 and later, in Unicode, without
 * its old sockets, and before any header that it would disturb. */
#ifndef OS_WINDOWS_API_H
#define OS_WINDOWS_API_H

#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0601
#endif
#include <winsock2.h>
#include <ws2tcpip.h>

#include <windows.h>

#endif
