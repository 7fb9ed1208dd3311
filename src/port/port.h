/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of libwinport share. The library stands on the public headers, the C
 * library and POSIX threads alone: it is linked into other people's programs. */
#ifndef PORT_PORT_H
#define PORT_PORT_H

#include <windows.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if !defined(WINSCARD_WITH_PORT) || WCHAR_MAX <= 0xffff
#error "libwinport is compiled with its own headers and the platform's wchar_t"
#endif

#endif
