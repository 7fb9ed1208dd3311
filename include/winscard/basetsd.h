/* SPDX-License-Identifier: BSD-2-Clause */
/* Integers as wide as a pointer. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <basetsd.h>
#endif

#ifndef WINSCARD_BASETSD_H
#define WINSCARD_BASETSD_H

#ifndef WINSCARD_ON_WINDOWS

#include "winscard/types.h"

#ifdef WINSCARD_OWN_WINDOWS

#define HandleToULong(handle) ((ULONG)(ULONG_PTR)(handle))
#define HandleToLong(handle)  ((LONG)(LONG_PTR)(handle))
#define ULongToHandle(value)  ((HANDLE)(ULONG_PTR)(value))
#define LongToHandle(value)   ((HANDLE)(LONG_PTR)(value))
#define PtrToUlong(pointer)   ((ULONG)(ULONG_PTR)(pointer))
#define PtrToLong(pointer)    ((LONG)(LONG_PTR)(pointer))
#define PtrToUint(pointer)    ((UINT)(UINT_PTR)(pointer))
#define PtrToInt(pointer)     ((INT)(INT_PTR)(pointer))
#define UlongToPtr(value)     ((VOID *)(ULONG_PTR)((ULONG)(value)))
#define LongToPtr(value)      ((VOID *)(LONG_PTR)((LONG)(value)))
#define UIntToPtr(value)      ((VOID *)(UINT_PTR)((UINT)(value)))
#define IntToPtr(value)       ((VOID *)(INT_PTR)((INT)(value)))

#endif
#endif
#endif
