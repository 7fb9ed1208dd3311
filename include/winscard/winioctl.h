/* SPDX-License-Identifier: BSD-2-Clause */
/* Control codes of devices. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <winioctl.h>
#endif

#ifndef WINSCARD_WINIOCTL_H
#define WINSCARD_WINIOCTL_H

#ifndef WINSCARD_ON_WINDOWS

#include "windef.h"

#ifdef WINSCARD_OWN_WINDOWS

typedef DWORD DEVICE_TYPE;
#define FILE_DEVICE_SERIAL_PORT 0x0000001b
#define FILE_DEVICE_UNKNOWN     0x00000022
#define FILE_DEVICE_SMARTCARD   0x00000031

#define METHOD_BUFFERED   0
#define METHOD_IN_DIRECT  1
#define METHOD_OUT_DIRECT 2
#define METHOD_NEITHER    3

#define FILE_ANY_ACCESS     0
#define FILE_SPECIAL_ACCESS FILE_ANY_ACCESS
#define FILE_READ_ACCESS    0x0001
#define FILE_WRITE_ACCESS   0x0002

#define CTL_CODE(device, function, method, access)                                       \
    (((device) << 16) | ((access) << 14) | ((function) << 2) | (method))
#define DEVICE_TYPE_FROM_CTL_CODE(code) (((DWORD)((code)&0xffff0000)) >> 16)

#endif
#endif
#endif
