/* SPDX-License-Identifier: BSD-2-Clause */
/* The public API as this tool uses it: the Windows ABI, the A calls, text in UTF-8. */
#ifndef CLI_API_H
#define CLI_API_H

#include <winscard.h>

#include <reader.h>
#include <winsmcrd.h>

#ifndef INFINITE /* of <winbase.h>, which a tool of this size can do without */
#define INFINITE 0xFFFFFFFF
#endif

/* The largest command or answer: header 4, Lc 3, data 65536, Le 3, SW 2. */
enum { API_TRANSFER_MAX = 65548 };

#endif
