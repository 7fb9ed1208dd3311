/* SPDX-License-Identifier: BSD-2-Clause */
/* What windows.h has. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <wtypes.h>
#endif

#ifndef WINSCARD_WTYPES_H
#define WINSCARD_WTYPES_H

#ifndef WINSCARD_ON_WINDOWS
#include "windows.h"
#endif

#endif
