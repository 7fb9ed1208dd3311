/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands in wincon.h here. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <consoleapi.h>
#endif

#ifndef WINSCARD_CONSOLEAPI_H
#define WINSCARD_CONSOLEAPI_H

#ifndef WINSCARD_ON_WINDOWS
#include "wincon.h"
#endif

#endif
