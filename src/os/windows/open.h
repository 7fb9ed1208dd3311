/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening a file that is there to look at it. */
#ifndef OS_WINDOWS_OPEN_H
#define OS_WINDOWS_OPEN_H

#include "os/windows/api.h"

/* Others may go on reading, writing and removing it, as on other systems. `flags` are
 * FILE_FLAG_*. INVALID_HANDLE_VALUE: it cannot be opened, GetLastError() says why. */
static inline HANDLE os_open_existing(const wchar_t *path, DWORD access, DWORD flags)
{
    return CreateFileW(path, access,
                       FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                       OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL | flags, NULL);
}

#endif
