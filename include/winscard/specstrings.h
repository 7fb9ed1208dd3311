/* SPDX-License-Identifier: BSD-2-Clause */
/* Where older programs look for the marks of sal.h. */
#if defined(_WIN32)
#pragma GCC system_header
#include_next <specstrings.h>
#endif

#ifndef WINSCARD_SPECSTRINGS_H
#define WINSCARD_SPECSTRINGS_H

#ifndef _WIN32
#include "sal.h"
#endif

#endif
