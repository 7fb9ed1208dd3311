/* SPDX-License-Identifier: BSD-2-Clause */
/* What windef.h has. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <minwindef.h>
#endif

#ifndef WINSCARD_MINWINDEF_H
#define WINSCARD_MINWINDEF_H

#ifndef WINSCARD_ON_WINDOWS
#include "windef.h"
#endif

#endif
