/* SPDX-License-Identifier: BSD-2-Clause */
/* Folders of Microsoft's C library. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <direct.h>
#endif

#ifndef WINSCARD_DIRECT_H
#define WINSCARD_DIRECT_H

#ifndef WINSCARD_ON_WINDOWS
#include "winscard/crt.h"
#endif

#endif
