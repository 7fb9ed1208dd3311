/* SPDX-License-Identifier: BSD-2-Clause */
/* The DLL for Wine as a module: once loaded it stays. Its threads and fork handlers must not
 * outlive its code, and Wine cannot load an ELF object anew that its own loader kept. */
#include "face/kernel32.h"

#include "os/thread.h"

enum { REASON_PROCESS_ATTACH = 1 };

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved);

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
    HMODULE pinned;
    (void)reserved;
    if (reason != REASON_PROCESS_ATTACH)
        return 1;
    DisableThreadLibraryCalls(module);
    os_thread_expect_ends();
    return GetModuleHandleExW(MODULE_PIN | MODULE_FROM_ADDRESS, (LPCWSTR)module, &pinned);
}
