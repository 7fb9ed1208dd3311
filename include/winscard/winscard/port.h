/* SPDX-License-Identifier: BSD-2-Clause */
/* How the calls of libwinport are declared: those of Windows that smart card programs use
 * beside the smart card API, on systems that lack them. */
#ifndef WINSCARD_PORT_H
#define WINSCARD_PORT_H

#include "target.h"

#include "types.h"

/* WINSCARD_HEADERS_ONLY leaves the calls out: types and macros need no library. With
 * WINSCARD_WITH_WINPR they are WinPR's. */
#if !defined(WINSCARD_ON_WINDOWS) && defined(WINSCARD_ABI_WINDOWS)                       \
    && !defined(WINSCARD_HEADERS_ONLY) && !defined(WINSCARD_WITH_WINPR)

#define WINSCARD_WITH_PORT 1

/* A call has Windows' name in a program, and winport_NAME as its symbol: a program may also
 * load libraries whose symbols have Windows' names. */
#ifdef __cplusplus
#define WINPORT_API(type) extern "C" type WINAPI
#else
#define WINPORT_API(type) extern type WINAPI
#endif
#define WINPORT_NAME(name) __asm__("winport_" #name)

#endif
#endif
