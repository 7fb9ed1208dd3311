/* SPDX-License-Identifier: BSD-2-Clause */
/* The WinSCard API: Windows' winscard.dll by default, pcsc-lite's with
 * WINSCARD_ABI_PCSCLITE (MS-Docs "Smart Card Functions"; PC/SC part 5). */
#ifndef WINSCARD_WINSCARD_H
#define WINSCARD_WINSCARD_H

#include "winscard/target.h"

/* On Windows the system's own header of this name has nothing to add after this one. */
#if defined(WINSCARD_ON_WINDOWS) && defined(_WINSCARD_H_)
#error "include winscard/winscard.h before <windows.h>, or define WIN32_LEAN_AND_MEAN"
#elif defined(WINSCARD_ON_WINDOWS)
#define _WINSCARD_H_
#endif

/* Rules that hold for every call; where a call differs, it says so.
 *
 * Result. SCARD_S_SUCCESS, or a code of scarderr.h (calls of the Windows ABI also give
 * some Win32 codes). Every call may fail with SCARD_E_NO_SERVICE (no manager),
 * SCARD_E_SERVICE_STOPPED (it went away: each context and card handle gives that once,
 * from any call but SCardIsValidContext, and is none from then on), SCARD_F_COMM_ERROR
 * (the way to it broke), SCARD_E_CANCELLED (the context was released while the call
 * waited), SCARD_E_SERVER_TOO_BUSY, SCARD_E_NO_MEMORY and SCARD_F_INTERNAL_ERROR; these
 * are not listed again. Out arguments keep their value on failure, unless said otherwise.
 *
 * Handles. A context or card handle that is 0, released or not ours:
 * ERROR_INVALID_HANDLE (6) in the Windows ABI, SCARD_E_INVALID_HANDLE in pcsc-lite's,
 * from every call. "INVALID_HANDLE" below means this rule. After fork() the child's
 * inherited handles are invalid.
 *
 * Out buffers. A buffer comes with the address of its length. A length counts characters
 * of the call's encoding, each terminator included, where it is called pcch, and bytes
 * where it is called pcb. Address NULL: SCARD_E_INVALID_PARAMETER. Buffer NULL: the
 * length receives what is needed, success. Length SCARD_AUTOALLOCATE: the buffer argument
 * is the address of a pointer that receives memory of the library; the caller frees it
 * with SCardFreeMemory (context 0 where the call took none), or in the Windows ABI the
 * context takes it with it when it is released. Length too small:
 * SCARD_E_INSUFFICIENT_BUFFER, and the length receives what is needed. "Out buffer" below
 * means this rule.
 *
 * Multi-strings ("msz"): names one after another, each with its NUL, and one NUL more at
 * the end; an empty one is a single NUL (length 1).
 *
 * Text. A calls take and give UTF-8 on Unix, and text of the ANSI code page in a Windows
 * program, also under Wine. What the page lacks is given as its number, <U+1F4B3>, and
 * taken so: no two names become one. W calls have UTF-16, pcsc-lite's calls bytes as A.
 * Names compare without regard to case on Windows only.
 *
 * Cards. SCARD_E_READER_UNAVAILABLE: the connection's reader was removed.
 * SCARD_W_REMOVED_CARD: its card was, until SCardReconnect. SCARD_W_RESET_CARD: somebody
 * else reset the card, until SCardReconnect. "Card errors" below means these three.
 * SCardReconnect and SCardDisconnect work all the same, and SCardStatus fills its out
 * arguments.
 *
 * Threads. Every call may be made from any thread, several at once on one context.
 * SCardReleaseContext ends each call that waits with SCARD_E_CANCELLED, SCardCancel those
 * that its description names. When a context is released or its process ends, its
 * connections end too and their cards are reset.
 *
 * Without a reader everything works: SCardEstablishContext succeeds and SCardListReaders
 * says SCARD_E_NO_READERS_AVAILABLE. */
#include "scarderr.h"
#include "winscard/arguments.h"
#include "winscard/card_calls.h"
#include "winscard/context_calls.h"
#include "winscard/database_calls.h"
#include "winscard/dialog.h"
#include "winscard/reader_calls.h"

#ifdef WINSCARD_ABI_WINDOWS
#include "winsmcrd.h"

#include "winscard/cplusplus.h"

/* Programs find these by winscard.h alone on Windows. */
#ifndef WINSCARD_ON_WINDOWS
#include "winbase.h"
#if defined(__cplusplus) && WCHAR_MAX <= 0xffff
#include "winscard/crt_poison.h"
#endif

#include <stdlib.h>
#include <string.h>
#endif
#endif

#endif
