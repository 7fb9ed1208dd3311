/* SPDX-License-Identifier: BSD-2-Clause */
/* The base types and small macros of Microsoft's windef.h, for systems without one. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <windef.h>
#endif

#ifndef WINSCARD_WINDEF_H
#define WINSCARD_WINDEF_H

#ifndef WINSCARD_ON_WINDOWS

#include "winscard/types.h"

#ifdef WINSCARD_OWN_WINDOWS

#include <stddef.h>

#include "winscard/compiler.h"

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

/* Marks of 16-bit Windows, which old programs have. */
#ifndef FAR
#define FAR
#endif
#ifndef NEAR
#define NEAR
#endif

#define APIENTRY   WINAPI
#define APIPRIVATE WINAPI
#define PASCAL     WINAPI
#define WINAPIV

#define MAKEWORD(low, high)                                                              \
    ((WORD)(((WORD)(BYTE)(low)) | (WORD)(((WORD)(BYTE)(high)) << 8)))
#define MAKELONG(low, high) ((LONG)(((DWORD)(WORD)(low)) | (((DWORD)(WORD)(high)) << 16)))
#define LOWORD(value)       ((WORD)((DWORD_PTR)(value)&0xffff))
#define HIWORD(value)       ((WORD)(((DWORD_PTR)(value) >> 16) & 0xffff))
#define LOBYTE(value)       ((BYTE)((DWORD_PTR)(value)&0xff))
#define HIBYTE(value)       ((BYTE)(((DWORD_PTR)(value) >> 8) & 0xff))

/* What windows and their messages carry. */
typedef UINT_PTR WPARAM;
typedef LONG_PTR LPARAM;
typedef LONG_PTR LRESULT;
typedef DWORD COLORREF;
typedef WORD ATOM;

/* Handles that are carried, never looked into. */
typedef HANDLE HGLOBAL;
typedef HANDLE HLOCAL;
typedef HANDLE GLOBALHANDLE;
typedef HANDLE LOCALHANDLE;
typedef struct HKEY__ *HKEY;
typedef HKEY *PHKEY;
typedef struct HMENU__ *HMENU;
typedef struct HDC__ *HDC;
typedef struct HFONT__ *HFONT;
typedef struct HBRUSH__ *HBRUSH;
typedef struct HBITMAP__ *HBITMAP;
typedef struct HRSRC__ *HRSRC;
typedef HICON HCURSOR;
typedef int HFILE;

/* Addresses of functions, as GetProcAddress() gives them: cast before they are called. */
typedef INT_PTR(WINAPI *FARPROC)(void);
typedef INT_PTR(WINAPI *NEARPROC)(void);
typedef INT_PTR(WINAPI *PROC)(void);

typedef struct tagPOINT {
    LONG x;
    LONG y;
} POINT, *PPOINT, *LPPOINT;

typedef struct tagSIZE {
    LONG cx;
    LONG cy;
} SIZE, *PSIZE, *LPSIZE;

typedef struct tagRECT {
    LONG left;
    LONG top;
    LONG right;
    LONG bottom;
} RECT, *PRECT, *LPRECT;

/* 100 nanoseconds since 1601-01-01 (UTC), in two halves. */
typedef struct _FILETIME {
    DWORD dwLowDateTime;
    DWORD dwHighDateTime;
} FILETIME, *PFILETIME, *LPFILETIME;

#endif
#endif
#endif
