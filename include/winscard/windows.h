/* SPDX-License-Identifier: BSD-2-Clause */
/* What smart card programs use of Windows beside the smart card API: types and macros, and
 * the calls of libwinport. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <windows.h>
#endif

#ifndef WINSCARD_WINDOWS_H
#define WINSCARD_WINDOWS_H

#ifndef WINSCARD_ON_WINDOWS

#include "basetsd.h"
#include "guiddef.h"
#include "scarderr.h"
#include "winbase.h"
#include "wincon.h"
#include "windef.h"
#include "winerror.h"
#include "winnls.h"
#include "winnt.h"
#include "winuser.h"

#if defined(WINSCARD_ABI_WINDOWS) && defined(WINSCARD_WITH_WINPR)
#include "winscard/winpr_calls.h"
#endif

#ifdef WINSCARD_OWN_WINDOWS

/* Programs find these by windows.h there. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "winscard/crt.h"

#include "winscard/crt.h"

/* Without WIN32_LEAN_AND_MEAN windows.h has these too. */
#ifndef WIN32_LEAN_AND_MEAN
#include "winioctl.h"
#endif

/* Words of 16-bit Windows, which old C programs have. */
#ifndef __cplusplus
#ifndef far
#define far
#endif
#ifndef near
#define near
#endif
#ifndef pascal
#define pascal
#endif
#ifndef cdecl
#define cdecl
#endif
#endif

/* In C++ std::min and std::max stand for them. */
#if !defined(NOMINMAX) && !defined(__cplusplus)
#ifndef max
#define max(a, b) (((a) > (b)) ? (a) : (b))
#endif
#ifndef min
#define min(a, b) (((a) < (b)) ? (a) : (b))
#endif
#endif

#ifdef __cplusplus
#include "winscard/wide_calls.h"
#define EXTERN_C_START extern "C" {
#define EXTERN_C_END   }
#else
#define EXTERN_C_START
#define EXTERN_C_END
#endif

#endif
#endif
#endif
