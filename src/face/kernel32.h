/* SPDX-License-Identifier: BSD-2-Clause */
/* What the face asks of Windows, declared here: the DLL for Wine is compiled as a Unix
 * object, where <windows.h> cannot go with our headers.
 *
 * These run Wine's code, which works in threads that Wine made. So they are called from
 * the thread of a caller, or from one that CreateThread() made, never from a thread of
 * os/thread.h: no other folder has this header. */
#ifndef FACE_KERNEL32_H
#define FACE_KERNEL32_H

#include "face/abi.h"

/* Text. */
enum { CODE_PAGE_ANSI = 0, CODE_PAGE_UTF8 = 65001, CODE_PAGE_GB18030 = 54936 };
enum { TEXT_MUST_BE_VALID = 8, TEXT_NO_BEST_FIT = 0x400 };
UINT WINAPI GetACP(void);
int WINAPI MultiByteToWideChar(UINT page, DWORD flags, LPCSTR text, int size, LPWSTR wide,
                               int room);
int WINAPI WideCharToMultiByte(UINT page, DWORD flags, LPCWSTR wide, int size, LPSTR text,
                               int room, LPCSTR substitute, BOOL *substituted);

/* Events and threads. */
typedef DWORD(WINAPI *thread_function)(LPVOID);
HANDLE WINAPI CreateEventW(LPVOID security, BOOL manual_reset, BOOL set, LPCWSTR name);
BOOL WINAPI SetEvent(HANDLE event);
HANDLE WINAPI CreateThread(LPVOID security, SIZE_T stack, thread_function run,
                           LPVOID argument, DWORD flags, LPDWORD id);
BOOL WINAPI CloseHandle(HANDLE handle);

/* The module. */
enum { MODULE_PIN = 1, MODULE_FROM_ADDRESS = 4 };
BOOL WINAPI DisableThreadLibraryCalls(HMODULE module);
BOOL WINAPI GetModuleHandleExW(DWORD flags, LPCWSTR name_or_address, HMODULE *module);

#endif
