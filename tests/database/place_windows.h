/* SPDX-License-Identifier: BSD-2-Clause */
/* An empty registry for a test of the database. */
#ifndef TESTS_DATABASE_PLACE_WINDOWS_H
#define TESTS_DATABASE_PLACE_WINDOWS_H

#include <stdlib.h>
#include <windows.h>

/* Removes what earlier runs have left. Only Wine's registry, which is the build's own, has no
 * readers and cards of anybody's. */
static inline void place_make(void)
{
    static const WCHAR calais[] = L"SOFTWARE\\Microsoft\\Cryptography\\Calais";
    if (GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") == NULL) {
        fprintf(stderr, "This is not Wine: the registry of Windows is not touched.\n");
        exit(EXIT_FAILURE);
    }
    (void)RegDeleteTreeW(HKEY_CURRENT_USER, calais);
    (void)RegDeleteTreeW(HKEY_LOCAL_MACHINE, calais);
}

static inline void place_remove(void)
{
}

#endif
