/* SPDX-License-Identifier: BSD-2-Clause */
/* WINSCARD_WITH_WINPR: WinPR (Debian's libwinpr2-dev) has the rest of Windows for a program,
 * and this library its smart cards. Link with it before WinPR, which has calls of the same
 * names. */
#ifndef WINSCARD_WINPR_H
#define WINSCARD_WINPR_H

#ifdef WINPR_SMARTCARD_H
#error "include winscard.h before any header of WinPR that includes winpr/smartcard.h"
#endif
#ifdef UNICODE
#error "WinPR has no UNICODE: call the W functions by their names"
#endif

/* Its own declarations of what winscard.h declares are left out. */
#define WINPR_SMARTCARD_H
#ifndef _WINSCARD_H_
#define _WINSCARD_H_
#endif

#include <winpr/wtypes.h>

#include <winpr/error.h>

typedef const BYTE *LPCBYTE;
typedef const void *LPCVOID;
typedef GUID UUID;

#ifndef TEXT
#define TEXT(literal) literal
#endif

#endif
