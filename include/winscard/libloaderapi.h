/* SPDX-License-Identifier: BSD-2-Clause */
/* Libraries loaded by name. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <libloaderapi.h>
#endif

#ifndef WINSCARD_LIBLOADERAPI_H
#define WINSCARD_LIBLOADERAPI_H

#ifndef WINSCARD_ON_WINDOWS

#include "minwinbase.h"
#include "winscard/port.h"

#ifdef WINSCARD_WITH_PORT

#define DONT_RESOLVE_DLL_REFERENCES                  0x00000001
#define LOAD_LIBRARY_AS_DATAFILE                     0x00000002
#define LOAD_WITH_ALTERED_SEARCH_PATH                0x00000008
#define LOAD_LIBRARY_SEARCH_SYSTEM32                 0x00000800
#define LOAD_LIBRARY_SEARCH_DEFAULT_DIRS             0x00001000
#define GET_MODULE_HANDLE_EX_FLAG_PIN                0x00000001
#define GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT 0x00000002

/* "winscard" and "scarddlg", with or without ".dll" and with any folder before them, upper
 * or lower case, are libwinscard.so.1 and libscarddlg.so.1. Another name is looked for
 * beside the program, if it names no folder, and then as dlopen() does: as it is (with / for
 * \), and for NAME.dll also as NAME.so and libNAME.so.
 * NULL: ERROR_MOD_NOT_FOUND, ERROR_INVALID_PARAMETER (NULL, empty, too long),
 * ERROR_NOT_ENOUGH_MEMORY (256 libraries). LOAD_LIBRARY_AS_DATAFILE: ERROR_NOT_SUPPORTED.
 * Source: MS-Docs LoadLibraryExA. */
WINPORT_API(HMODULE) LoadLibraryA(LPCSTR name) WINPORT_NAME(LoadLibraryA);
WINPORT_API(HMODULE) LoadLibraryW(LPCWSTR name) WINPORT_NAME(LoadLibraryW);
WINPORT_API(HMODULE)
LoadLibraryExA(LPCSTR name, HANDLE file, DWORD flags) WINPORT_NAME(LoadLibraryExA);
WINPORT_API(HMODULE)
LoadLibraryExW(LPCWSTR name, HANDLE file, DWORD flags) WINPORT_NAME(LoadLibraryExW);
/* FALSE, ERROR_INVALID_HANDLE: not a library, or freed as often as it was loaded. */
WINPORT_API(BOOL) FreeLibrary(HMODULE module) WINPORT_NAME(FreeLibrary);
/* NULL, ERROR_PROC_NOT_FOUND: no such name; there are no numbers (ordinals). NULL,
 * ERROR_INVALID_HANDLE: not a library. */
WINPORT_API(FARPROC)
GetProcAddress(HMODULE module, LPCSTR name) WINPORT_NAME(GetProcAddress);
/* NULL: the program. A name: a library that LoadLibrary() or the program has loaded;
 * NULL, ERROR_MOD_NOT_FOUND: it is not. It is not counted: not to be freed. */
WINPORT_API(HMODULE) GetModuleHandleA(LPCSTR name) WINPORT_NAME(GetModuleHandleA);
WINPORT_API(HMODULE) GetModuleHandleW(LPCWSTR name) WINPORT_NAME(GetModuleHandleW);
/* The path of a library, of the program for NULL: its length without the NUL. Cut, with
 * ERROR_INSUFFICIENT_BUFFER, and `size` given where it has no room. 0: failed. */
WINPORT_API(DWORD)
GetModuleFileNameA(HMODULE module, LPSTR path, DWORD size)
    WINPORT_NAME(GetModuleFileNameA);
WINPORT_API(DWORD)
GetModuleFileNameW(HMODULE module, LPWSTR path, DWORD size)
    WINPORT_NAME(GetModuleFileNameW);

#ifdef UNICODE
#define LoadLibrary       LoadLibraryW
#define LoadLibraryEx     LoadLibraryExW
#define GetModuleHandle   GetModuleHandleW
#define GetModuleFileName GetModuleFileNameW
#else
#define LoadLibrary       LoadLibraryA
#define LoadLibraryEx     LoadLibraryExA
#define GetModuleHandle   GetModuleHandleA
#define GetModuleFileName GetModuleFileNameA
#endif

#endif
#endif
#endif
