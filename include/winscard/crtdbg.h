/* SPDX-License-Identifier: BSD-2-Clause */
/* Microsoft's checks of memory: as in its builds without _DEBUG, they do nothing. On Windows
 * the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <crtdbg.h>
#endif

#ifndef WINSCARD_CRTDBG_H
#define WINSCARD_CRTDBG_H

#ifndef WINSCARD_ON_WINDOWS

#include <assert.h>

#ifndef _ASSERT
#define _ASSERT(condition)            ((void)0)
#define _ASSERTE(condition)           ((void)0)
#define _RPT0(kind, text)             ((void)0)
#define _RPT1(kind, text, a)          ((void)0)
#define _RPTF0(kind, text)            ((void)0)
#define _CrtCheckMemory()             ((int)1)
#define _CrtDumpMemoryLeaks()         ((int)0)
#define _CrtSetBreakAlloc(number)     ((long)0)
#define _CrtSetDbgFlag(flags)         ((int)0)
#define _CrtSetReportMode(kind, mode) ((int)0)
#define _CrtSetReportFile(kind, file) ((void *)0)
#endif

#define _CRT_WARN               0
#define _CRT_ERROR              1
#define _CRT_ASSERT             2
#define _CRTDBG_ALLOC_MEM_DF    0x01
#define _CRTDBG_CHECK_ALWAYS_DF 0x04
#define _CRTDBG_LEAK_CHECK_DF   0x20
#define _CRTDBG_REPORT_FLAG     (-1)
#define _CRTDBG_MODE_FILE       0x1
#define _CRTDBG_MODE_DEBUG      0x2
#define _CRTDBG_MODE_WNDW       0x4
#endif

#endif
