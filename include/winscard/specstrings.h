/* SPDX-License-Identifier: BSD-2-Clause */
/* Where older programs look for the marks of sal.h. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <specstrings.h>
#endif

#ifndef WINSCARD_SPECSTRINGS_H
#define WINSCARD_SPECSTRINGS_H

#ifndef WINSCARD_ON_WINDOWS
#include "sal.h"
#endif

#endif
