/* SPDX-License-Identifier: BSD-2-Clause */
/* What of WinPR a program gets by windows.h; other headers of WinPR it includes itself. */
#ifndef WINSCARD_WINPR_CALLS_H
#define WINSCARD_WINPR_CALLS_H

#include "winpr.h"

#include <winpr/crt.h>
#include <winpr/environment.h>
#include <winpr/error.h>
#include <winpr/file.h>
#include <winpr/handle.h>
#include <winpr/interlocked.h>
#include <winpr/io.h>
#include <winpr/library.h>
#include <winpr/memory.h>
#include <winpr/path.h>
#include <winpr/string.h>
#include <winpr/synch.h>
#include <winpr/sysinfo.h>
#include <winpr/tchar.h>
#include <winpr/thread.h>

#endif
