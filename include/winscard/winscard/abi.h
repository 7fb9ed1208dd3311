/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of the two binary interfaces these headers describe; how calls are declared. */
#ifndef WINSCARD_ABI_H
#define WINSCARD_ABI_H

#include "target.h"

/* WINSCARD_ABI_WINDOWS (the default): the widths, values and A/W names of Windows'
 * winscard.dll; link with libwinscard.so.1 or winscard.dll.
 * WINSCARD_ABI_PCSCLITE: those of pcsc-lite; link with libpcsclite.so.1. The headers
 * below PCSC/ choose it. One source file can use only one of them. */
#if defined(WINSCARD_ABI_WINDOWS) && defined(WINSCARD_ABI_PCSCLITE)
#error "choose one of WINSCARD_ABI_WINDOWS and WINSCARD_ABI_PCSCLITE"
#elif !defined(WINSCARD_ABI_WINDOWS) && !defined(WINSCARD_ABI_PCSCLITE)
#define WINSCARD_ABI_WINDOWS 1
#endif

#if defined(WINSCARD_ABI_PCSCLITE) && defined(WINSCARD_ON_WINDOWS)
#error "the pcsc-lite ABI does not exist on Windows"
#endif

/* How a call (WINSCARDAPI) and a PCI object (WINSCARDDATA) are declared. Users leave both
 * alone; a build of the library itself defines them before it includes a header. */
#ifndef WINSCARDAPI
#define WINSCARDAPI
#endif
#ifndef WINSCARDDATA
#if defined(WINSCARD_ON_WINDOWS) && !defined(__WINE__)
#define WINSCARDDATA __declspec(dllimport)
#else
#define WINSCARDDATA
#endif
#endif

/* The ANSI form of a call: SCardConnectA in the Windows ABI, plain SCardConnect in
 * pcsc-lite's, which has no other form. WINSCARD_NAME_AW is what the plain name of a
 * call, structure or constant of the Windows ABI stands for: UNICODE chooses. */
#ifdef WINSCARD_ABI_WINDOWS
#define WINSCARD_ANSI(name) name##A
#ifdef UNICODE
#define WINSCARD_NAME_AW(name) name##W
#else
#define WINSCARD_NAME_AW(name) name##A
#endif
#else
#define WINSCARD_ANSI(name) name
#endif

#endif
