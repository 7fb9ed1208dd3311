/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands in wincon.h here. On Windows the system's own header. */
#if defined(_WIN32)
#pragma GCC system_header
#include_next <consoleapi.h>
#endif

#ifndef WINSCARD_CONSOLEAPI_H
#define WINSCARD_CONSOLEAPI_H

#ifndef _WIN32
#include "wincon.h"
#endif

#endif
