/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory, messages, strings and surroundings of a program. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <winbase.h>
#endif

#ifndef WINSCARD_WINBASE_H
#define WINSCARD_WINBASE_H

#ifndef WINSCARD_ON_WINDOWS

#include "debugapi.h"
#include "errhandlingapi.h"
#include "fileapi.h"
#include "handleapi.h"
#include "heapapi.h"
#include "libloaderapi.h"
#include "memoryapi.h"
#include "minwinbase.h"
#include "processthreadsapi.h"
#include "profileapi.h"
#include "stringapiset.h"
#include "synchapi.h"
#include "sysinfoapi.h"
#include "timezoneapi.h"
#include "winerror.h"

#ifdef WINSCARD_OWN_WINDOWS

#define ZeroMemory(destination, size)        RtlZeroMemory((destination), (size))
#define FillMemory(destination, size, value) RtlFillMemory((destination), (size), (value))
#define CopyMemory(destination, source, size)                                            \
    RtlCopyMemory((destination), (source), (size))
#define MoveMemory(destination, source, size)                                            \
    RtlMoveMemory((destination), (source), (size))
#define SecureZeroMemory(destination, size) RtlSecureZeroMemory((destination), (size))

#define LMEM_FIXED    0x0000
#define LMEM_MOVEABLE 0x0002
#define LMEM_ZEROINIT 0x0040
#define LPTR          (LMEM_FIXED | LMEM_ZEROINIT)
#define LHND          (LMEM_MOVEABLE | LMEM_ZEROINIT)
#define NONZEROLPTR   LMEM_FIXED
#define GMEM_FIXED    0x0000
#define GMEM_MOVEABLE 0x0002
#define GMEM_ZEROINIT 0x0040
#define GPTR          (GMEM_FIXED | GMEM_ZEROINIT)
#define GHND          (GMEM_MOVEABLE | GMEM_ZEROINIT)

#define FORMAT_MESSAGE_ALLOCATE_BUFFER 0x00000100
#define FORMAT_MESSAGE_IGNORE_INSERTS  0x00000200
#define FORMAT_MESSAGE_FROM_STRING     0x00000400
#define FORMAT_MESSAGE_FROM_HMODULE    0x00000800
#define FORMAT_MESSAGE_FROM_SYSTEM     0x00001000
#define FORMAT_MESSAGE_ARGUMENT_ARRAY  0x00002000
#define FORMAT_MESSAGE_MAX_WIDTH_MASK  0x000000FF

#define MAX_COMPUTERNAME_LENGTH 15

#ifdef WINSCARD_WITH_PORT

#include <stdarg.h>

/* Memory of the C library's, `bytes` of it, freed by LocalFree() and GlobalFree(), which give
 * NULL. Movable memory is not moved: its handle is its address, and the locks are not
 * counted. NULL: ERROR_NOT_ENOUGH_MEMORY. The sizes are 0 for what is no block. */
WINPORT_API(HLOCAL) LocalAlloc(UINT flags, SIZE_T bytes) WINPORT_NAME(LocalAlloc);
WINPORT_API(HLOCAL)
LocalReAlloc(HLOCAL memory, SIZE_T bytes, UINT flags) WINPORT_NAME(LocalReAlloc);
WINPORT_API(HLOCAL) LocalFree(HLOCAL memory) WINPORT_NAME(LocalFree);
WINPORT_API(SIZE_T) LocalSize(HLOCAL memory) WINPORT_NAME(LocalSize);
WINPORT_API(LPVOID) LocalLock(HLOCAL memory) WINPORT_NAME(LocalLock);
WINPORT_API(BOOL) LocalUnlock(HLOCAL memory) WINPORT_NAME(LocalUnlock);
WINPORT_API(HGLOBAL) GlobalAlloc(UINT flags, SIZE_T bytes) WINPORT_NAME(GlobalAlloc);
WINPORT_API(HGLOBAL)
GlobalReAlloc(HGLOBAL memory, SIZE_T bytes, UINT flags) WINPORT_NAME(GlobalReAlloc);
WINPORT_API(HGLOBAL) GlobalFree(HGLOBAL memory) WINPORT_NAME(GlobalFree);
WINPORT_API(SIZE_T) GlobalSize(HGLOBAL memory) WINPORT_NAME(GlobalSize);
WINPORT_API(LPVOID) GlobalLock(HGLOBAL memory) WINPORT_NAME(GlobalLock);
WINPORT_API(BOOL) GlobalUnlock(HGLOBAL memory) WINPORT_NAME(GlobalUnlock);

/* The text of a code of scarderr.h or of the common ones of winerror.h, in English (any
 * `language` that is neutral or English; another: 0, ERROR_RESOURCE_LANG_NOT_FOUND), as a
 * sentence with "\r\n" at its end, or " " with FORMAT_MESSAGE_MAX_WIDTH_MASK; or of `source`,
 * a text with %1 to %99, %n, %%, and %1!format! of printf(), of integers, characters and
 * strings; a * in it takes the insert before. A width of lines breaks none: it is taken for
 * FORMAT_MESSAGE_MAX_WIDTH_MASK. `buffer` has `size` characters; with
 * FORMAT_MESSAGE_ALLOCATE_BUFFER it is the address of a pointer, which gets memory of
 * LocalAlloc(), at least `size` characters. Gives the length without the NUL; 0:
 * ERROR_MR_MID_NOT_FOUND (no text of that code), ERROR_INSUFFICIENT_BUFFER,
 * ERROR_INVALID_PARAMETER (also a text that ends in %, and a format that is none),
 * ERROR_NO_WORK_DONE (an empty text), ERROR_NOT_SUPPORTED (FROM_HMODULE without
 * FROM_SYSTEM: a library here has no messages), ERROR_NOT_ENOUGH_MEMORY. At most 65,535
 * characters; what `%1!s!` names has to be text, as with printf().
 * Source: MS-Docs FormatMessage. */
WINPORT_API(DWORD)
FormatMessageA(DWORD flags, LPCVOID source, DWORD code, DWORD language, LPSTR buffer,
               DWORD size, va_list *arguments) WINPORT_NAME(FormatMessageA);
WINPORT_API(DWORD)
FormatMessageW(DWORD flags, LPCVOID source, DWORD code, DWORD language, LPWSTR buffer,
               DWORD size, va_list *arguments) WINPORT_NAME(FormatMessageW);

/* Length of a text without its NUL, 0 for NULL. */
WINPORT_API(int) lstrlenA(LPCSTR text) WINPORT_NAME(lstrlenA);
WINPORT_API(int) lstrlenW(LPCWSTR text) WINPORT_NAME(lstrlenW);
/* Below, equal to or above 0; NULL is below all. The `i` ones: regardless of case. The order
 * is that of the characters' numbers. */
WINPORT_API(int) lstrcmpA(LPCSTR left, LPCSTR right) WINPORT_NAME(lstrcmpA);
WINPORT_API(int) lstrcmpW(LPCWSTR left, LPCWSTR right) WINPORT_NAME(lstrcmpW);
WINPORT_API(int) lstrcmpiA(LPCSTR left, LPCSTR right) WINPORT_NAME(lstrcmpiA);
WINPORT_API(int) lstrcmpiW(LPCWSTR left, LPCWSTR right) WINPORT_NAME(lstrcmpiW);
/* Give `to`, or NULL for NULL. The first two know no limit; `room` counts the NUL. */
WINPORT_API(LPSTR) lstrcpyA(LPSTR to, LPCSTR from) WINPORT_NAME(lstrcpyA);
WINPORT_API(LPWSTR) lstrcpyW(LPWSTR to, LPCWSTR from) WINPORT_NAME(lstrcpyW);
WINPORT_API(LPSTR) lstrcatA(LPSTR to, LPCSTR from) WINPORT_NAME(lstrcatA);
WINPORT_API(LPWSTR) lstrcatW(LPWSTR to, LPCWSTR from) WINPORT_NAME(lstrcatW);
WINPORT_API(LPSTR) lstrcpynA(LPSTR to, LPCSTR from, int room) WINPORT_NAME(lstrcpynA);
WINPORT_API(LPWSTR)
lstrcpynW(LPWSTR to, LPCWSTR from, int room) WINPORT_NAME(lstrcpynW);

/* Length without the NUL; the size that is needed, with the NUL, where `size` is too small;
 * 0, ERROR_ENVVAR_NOT_FOUND. */
WINPORT_API(DWORD)
GetEnvironmentVariableA(LPCSTR name, LPSTR value, DWORD size)
    WINPORT_NAME(GetEnvironmentVariableA);
WINPORT_API(DWORD)
GetEnvironmentVariableW(LPCWSTR name, LPWSTR value, DWORD size)
    WINPORT_NAME(GetEnvironmentVariableW);
/* NULL takes it away. FALSE: ERROR_INVALID_PARAMETER, ERROR_NOT_ENOUGH_MEMORY. */
WINPORT_API(BOOL)
SetEnvironmentVariableA(LPCSTR name, LPCSTR value) WINPORT_NAME(SetEnvironmentVariableA);
WINPORT_API(BOOL)
SetEnvironmentVariableW(LPCWSTR name, LPCWSTR value)
    WINPORT_NAME(SetEnvironmentVariableW);

/* *size: the room, and the length without the NUL. FALSE, ERROR_BUFFER_OVERFLOW: *size is
 * what is needed, with the NUL. */
WINPORT_API(BOOL)
GetComputerNameA(LPSTR name, LPDWORD size) WINPORT_NAME(GetComputerNameA);
WINPORT_API(BOOL)
GetComputerNameW(LPWSTR name, LPDWORD size) WINPORT_NAME(GetComputerNameW);
/* As above, but *size counts the NUL, and the error is ERROR_INSUFFICIENT_BUFFER. */
WINPORT_API(BOOL) GetUserNameA(LPSTR name, LPDWORD size) WINPORT_NAME(GetUserNameA);
WINPORT_API(BOOL) GetUserNameW(LPWSTR name, LPDWORD size) WINPORT_NAME(GetUserNameW);

#ifdef UNICODE
#define FormatMessage          FormatMessageW
#define lstrlen                lstrlenW
#define lstrcmp                lstrcmpW
#define lstrcmpi               lstrcmpiW
#define lstrcpy                lstrcpyW
#define lstrcat                lstrcatW
#define lstrcpyn               lstrcpynW
#define GetEnvironmentVariable GetEnvironmentVariableW
#define SetEnvironmentVariable SetEnvironmentVariableW
#define GetComputerName        GetComputerNameW
#define GetUserName            GetUserNameW
#else
#define FormatMessage          FormatMessageA
#define lstrlen                lstrlenA
#define lstrcmp                lstrcmpA
#define lstrcmpi               lstrcmpiA
#define lstrcpy                lstrcpyA
#define lstrcat                lstrcatA
#define lstrcpyn               lstrcpynA
#define GetEnvironmentVariable GetEnvironmentVariableA
#define SetEnvironmentVariable SetEnvironmentVariableA
#define GetComputerName        GetComputerNameA
#define GetUserName            GetUserNameA
#endif

#endif
#endif
#endif
#endif
