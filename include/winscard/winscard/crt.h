/* SPDX-License-Identifier: BSD-2-Clause */
/* What Microsoft's C library has beside that of the C standard or otherwise, for programs
 * that include <windows.h> or <tchar.h>: on Windows it stands in stdio.h, string.h and their
 * like, which are this system's own here. A part each: printing, scanning, wide text, text,
 * calls with sizes, conversions, and files, environment and time. */
#ifndef WINSCARD_CRT_H
#define WINSCARD_CRT_H

#include "crt_convert.h"
#include "crt_poison.h"
#include "crt_print.h"
#include "crt_scan.h"
#include "crt_secure.h"
#include "crt_system.h"
#include "crt_text.h"
#include "crt_wide.h"

#endif
