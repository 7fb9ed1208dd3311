/* SPDX-License-Identifier: BSD-2-Clause */
/* The base types and small macros of Microsoft's windef.h, for systems without one. */
#if defined(_WIN32)
#pragma GCC system_header
#include_next <windef.h>
#endif

#ifndef WINSCARD_WINDEF_H
#define WINSCARD_WINDEF_H

#ifndef _WIN32

#include "winscard/types.h"

#ifdef WINSCARD_ABI_WINDOWS

#ifndef NULL
#include <stddef.h>
#endif

#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif

/* Bytes of a path, the NUL included. */
#ifndef MAX_PATH
#define MAX_PATH 260
#endif

/* Marks of arguments, for the reader. */
#ifndef IN
#define IN
#endif
#ifndef OUT
#define OUT
#endif
#ifndef OPTIONAL
#define OPTIONAL
#endif
#ifndef CONST
#define CONST const
#endif

#define APIENTRY WINAPI

/* Calling conventions that programs name: a compiler for another system has but one. */
#ifndef __cdecl
#define __cdecl
#endif
#ifndef __stdcall
#define __stdcall
#endif

#define MAKEWORD(low, high)                                                              \
    ((WORD)(((WORD)(BYTE)(low)) | (WORD)(((WORD)(BYTE)(high)) << 8)))
#define MAKELONG(low, high) ((LONG)(((DWORD)(WORD)(low)) | (((DWORD)(WORD)(high)) << 16)))
#define LOWORD(value)       ((WORD)((DWORD_PTR)(value)&0xffff))
#define HIWORD(value)       ((WORD)(((DWORD_PTR)(value) >> 16) & 0xffff))
#define LOBYTE(value)       ((BYTE)((DWORD_PTR)(value)&0xff))
#define HIBYTE(value)       ((BYTE)(((DWORD_PTR)(value) >> 8) & 0xff))

#endif
#endif
#endif
