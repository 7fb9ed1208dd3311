/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/windows/api.h"

#include "os/library.h"

#include "base/atomic.h"

void os_library_keep(void)
{
    static uint32_t kept;
    HMODULE pinned;
    if (atomic_load_u32(&kept) != 0)
        return;
    /* An address of the library's own tells which one. */
    if (GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN
                               | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                           (LPCWSTR)(void *)&kept, &pinned))
        atomic_store_u32(&kept, 1);
}
