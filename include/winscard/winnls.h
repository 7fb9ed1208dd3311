/* SPDX-License-Identifier: BSD-2-Clause */
/* Code pages. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <winnls.h>
#endif

#ifndef WINSCARD_WINNLS_H
#define WINSCARD_WINNLS_H

#ifndef WINSCARD_ON_WINDOWS

#include "winnt.h"

#ifdef WINSCARD_OWN_WINDOWS

#define CP_ACP        0
#define CP_OEMCP      1
#define CP_MACCP      2
#define CP_THREAD_ACP 3
#define CP_UTF7       65000
#define CP_UTF8       65001

#define MB_PRECOMPOSED       0x00000001
#define MB_COMPOSITE         0x00000002
#define MB_USEGLYPHCHARS     0x00000004
#define MB_ERR_INVALID_CHARS 0x00000008
#define WC_COMPOSITECHECK    0x00000200
#define WC_DISCARDNS         0x00000010
#define WC_SEPCHARS          0x00000020
#define WC_DEFAULTCHAR       0x00000040
#define WC_ERR_INVALID_CHARS 0x00000080
#define WC_NO_BEST_FIT_CHARS 0x00000400

#include "winscard/port.h"
#ifdef WINSCARD_WITH_PORT
/* 65001: text of A calls is UTF-8. */
WINPORT_API(UINT) GetACP(void) WINPORT_NAME(GetACP);
WINPORT_API(UINT) GetOEMCP(void) WINPORT_NAME(GetOEMCP);
WINPORT_API(BOOL) IsValidCodePage(UINT code_page) WINPORT_NAME(IsValidCodePage);
#endif

#endif
#endif
#endif
