/* SPDX-License-Identifier: BSD-2-Clause */
/* The base types of both binary interfaces (MS-Docs "Windows Data Types"; pcsc-lite). */
#ifndef WINSCARD_TYPES_H
#define WINSCARD_TYPES_H

#include "target.h"

#include "abi.h"

#if defined(WINSCARD_ON_WINDOWS)

#include <windef.h>

#include <guiddef.h>

typedef const BYTE *LPCBYTE;
typedef GUID UUID;

#elif defined(WINSCARD_ABI_WINDOWS) && defined(WINSCARD_WITH_WINPR)

/* WinPR's types, of the same widths, and what it lacks of ours. It knows no UNICODE. */
#include "winpr.h"

#elif defined(WINSCARD_ABI_WINDOWS)

/* These headers' own types, and what stands on them in windef.h and others. */
#define WINSCARD_OWN_WINDOWS 1

#include <stddef.h>
#include <stdint.h>

/* LONG and DWORD have 32 bits whatever `long` has, so printf wants PRId32 and PRIx32
 * where a Windows source says %ld and %lx. */
typedef char CHAR;
typedef unsigned char UCHAR;
typedef unsigned char BYTE;
typedef int16_t SHORT;
typedef uint16_t USHORT;
typedef uint16_t WORD;
typedef int INT;
typedef unsigned int UINT;
typedef float FLOAT;
typedef int BOOL;
typedef BYTE BOOLEAN;
typedef int32_t LONG;
typedef uint32_t ULONG;
typedef uint32_t DWORD;
typedef int64_t LONGLONG;
typedef uint64_t ULONGLONG;
typedef uint64_t DWORDLONG;
typedef int8_t INT8;
typedef int16_t INT16;
typedef int32_t INT32;
typedef int32_t LONG32;
typedef int64_t INT64;
typedef int64_t LONG64;
typedef uint8_t UINT8;
typedef uint16_t UINT16;
typedef uint32_t UINT32;
typedef uint32_t ULONG32;
typedef uint32_t DWORD32;
typedef uint64_t UINT64;
typedef uint64_t ULONG64;
typedef uint64_t DWORD64;

/* Integers as wide as a pointer. */
typedef intptr_t INT_PTR;
typedef uintptr_t UINT_PTR;
typedef intptr_t LONG_PTR;
typedef uintptr_t ULONG_PTR;
typedef uintptr_t DWORD_PTR;
typedef ULONG_PTR SIZE_T;
typedef LONG_PTR SSIZE_T;

/* One UTF-16 code unit, also where wchar_t has 32 bits. */
#if WCHAR_MAX <= 0xffff
typedef wchar_t WCHAR;
#elif defined(__cplusplus) && __cplusplus >= 201103L
typedef char16_t WCHAR;
#else
typedef uint_least16_t WCHAR; /* C11's char16_t, 7.28; C++98 has none */
#endif

#ifndef VOID
#define VOID void
#endif

typedef void *PVOID;
typedef void *LPVOID;
typedef const void *LPCVOID;
typedef BYTE *PBYTE;
typedef BYTE *LPBYTE;
typedef const BYTE *LPCBYTE;
typedef UCHAR *PUCHAR;
typedef BOOL *PBOOL;
typedef BOOL *LPBOOL;
typedef INT *PINT;
typedef INT *LPINT;
typedef WORD *PWORD;
typedef WORD *LPWORD;
typedef USHORT *PUSHORT;
typedef LONG *PLONG;
typedef LONG *LPLONG;
typedef ULONG *PULONG;
typedef DWORD *PDWORD;
typedef DWORD *LPDWORD;
typedef CHAR *PCHAR;
typedef CHAR *PSTR;
typedef CHAR *LPSTR;
typedef const CHAR *PCSTR;
typedef const CHAR *LPCSTR;
typedef WCHAR *PWCHAR;
typedef WCHAR *PWSTR;
typedef WCHAR *LPWSTR;
typedef const WCHAR *PCWSTR;
typedef const WCHAR *LPCWSTR;
typedef CHAR CCHAR;
typedef short *PSHORT;
typedef UINT *PUINT;
typedef UINT *LPUINT;
typedef FLOAT *PFLOAT;
typedef BOOLEAN *PBOOLEAN;
typedef LONGLONG *PLONGLONG;
typedef ULONGLONG *PULONGLONG;
typedef DWORDLONG *PDWORDLONG;
typedef DWORD64 *PDWORD64;
typedef INT_PTR *PINT_PTR;
typedef UINT_PTR *PUINT_PTR;
typedef LONG_PTR *PLONG_PTR;
typedef ULONG_PTR *PULONG_PTR;
typedef DWORD_PTR *PDWORD_PTR;
typedef SIZE_T *PSIZE_T;
typedef CHAR *LPCH;
typedef CHAR *PCH;
typedef const CHAR *PCCH;
typedef const CHAR *LPCCH;
typedef WCHAR *LPWCH;
typedef WCHAR *PWCH;
typedef const WCHAR *PCWCH;
typedef const WCHAR *LPCWCH;

/* In C a L"..." that is not text of WCHAR is a mere warning for older compilers, and would
 * be wrong text at run time: TEXT("...") is right, or -fshort-wchar. C++ has errors. */
#if defined(UNICODE) && !defined(__cplusplus) && WCHAR_MAX > 0xffff
#pragma GCC diagnostic error "-Wincompatible-pointer-types"
#endif

/* Text in the encoding that UNICODE chooses; TEXT() writes a literal of it. */
#ifdef UNICODE
typedef WCHAR TCHAR;
typedef LPWSTR PTSTR;
typedef LPWSTR LPTSTR;
typedef LPCWSTR PCTSTR;
typedef LPCWSTR LPCTSTR;
#if WCHAR_MAX <= 0xffff
#define WINSCARD_TEXT(literal) L##literal
#elif !defined(__cplusplus) || __cplusplus >= 201103L
#define WINSCARD_TEXT(literal) u##literal
#else
#define WINSCARD_TEXT(literal)                                                           \
    cxx98_has_no_16_bit_literals_so_compile_with_std_cxx11_or_with_fshort_wchar(literal)
#endif
#else
typedef CHAR TCHAR;
typedef LPSTR PTSTR;
typedef LPSTR LPTSTR;
typedef LPCSTR PCTSTR;
typedef LPCSTR LPCTSTR;
#define WINSCARD_TEXT(literal) literal
#endif
typedef TCHAR *PTCHAR;
typedef TCHAR *LPTCH;
typedef TCHAR *PTCH;
#ifndef TEXT
#define TEXT(literal) WINSCARD_TEXT(literal)
#endif

/* Objects of the system. A window or icon handle is carried, never looked into. */
typedef void *HANDLE;
typedef HANDLE *PHANDLE;
typedef HANDLE *LPHANDLE;
typedef struct HWND__ *HWND;
typedef struct HICON__ *HICON;
typedef struct HINSTANCE__ *HINSTANCE;
typedef HINSTANCE HMODULE;

typedef struct _GUID {
    uint32_t Data1;
    uint16_t Data2;
    uint16_t Data3;
    uint8_t Data4[8];
} GUID;
typedef GUID UUID;
typedef GUID *LPGUID;
typedef const GUID *LPCGUID;

/* A code of COM, of which those of scarderr.h are a part (winerror.h). */
typedef LONG HRESULT;

/* <winscard.h> alone has these too, as on Windows. */
#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif
/* Characters of a path, the NUL included. */
#ifndef MAX_PATH
#define MAX_PATH 260
#endif

#else /* pcsc-lite: DWORD and LONG follow `long`, 64 bits on LP64 */

typedef unsigned char BYTE;
typedef unsigned char UCHAR;
typedef unsigned short USHORT;
typedef unsigned short WORD;
typedef short BOOL;
typedef long LONG;
typedef unsigned long ULONG;
typedef unsigned long DWORD;

typedef void *LPVOID;
typedef const void *LPCVOID;
typedef BYTE *LPBYTE;
typedef const BYTE *LPCBYTE;
typedef UCHAR *PUCHAR;
typedef ULONG *PULONG;
typedef DWORD *PDWORD;
typedef DWORD *LPDWORD;
typedef char *LPSTR;
typedef const char *LPCSTR;
typedef LPSTR LPTSTR;
typedef LPCSTR LPCTSTR;

#endif

/* The calling convention: __stdcall on 32-bit Windows, else the platform's own. */
#ifndef WINAPI
#define WINAPI
#endif
#ifndef CALLBACK
#define CALLBACK WINAPI
#endif

#endif
