/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of Microsoft's C library. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <io.h>
#endif

#ifndef WINSCARD_IO_H
#define WINSCARD_IO_H

#ifndef WINSCARD_ON_WINDOWS
#include "winscard/crt.h"
#endif

#endif
