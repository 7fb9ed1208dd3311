/* SPDX-License-Identifier: BSD-2-Clause */
/* A slot of Windows' for each thread: what the compiler makes of _Thread_local there needs
 * memory in every thread. The DLL has it from its loading to its unloading. */
#include "dialog/error.h"

#include <windows.h>

static DWORD slot = TLS_OUT_OF_INDEXES;

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved);
BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH) {
        DisableThreadLibraryCalls(module);
        slot = TlsAlloc();
    } else if (reason == DLL_PROCESS_DETACH && slot != TLS_OUT_OF_INDEXES) {
        TlsFree(slot);
    }
    return TRUE;
}

/* Without a slot nobody is told why. */
LONG error_note(LONG status, LONG reason)
{
    (void)TlsSetValue(slot, (LPVOID)(LONG_PTR)reason);
    return status;
}

LONG WINAPI SCardDlgExtendedError(void)
{
    return (LONG)(LONG_PTR)TlsGetValue(slot);
}
