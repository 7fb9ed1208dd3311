/* SPDX-License-Identifier: BSD-2-Clause */
/* The ABI a face file is compiled for. Every file of this folder is compiled once for each
 * ABI it serves: Windows' by default, libpcsclite's with WINSCARD_ABI_PCSCLITE. A *_text.c
 * is compiled twice for Windows: for the A calls, and with UNICODE for the W calls. As in
 * any program the public headers then make SCardConnect one of SCardConnectA and
 * SCardConnectW, and TCHAR its unit; in pcsc-lite it is SCardConnect and char. Widths,
 * values and encoding are all that differ; this header says how. */
#ifndef FACE_ABI_H
#define FACE_ABI_H

/* The library's own view of the public headers: what they declare is exported. The DLL for
 * Wine (WINSCARD_WINE) is a Unix object that Windows programs call: its calls follow their
 * convention, and a list has its exports. */
#if defined(WINSCARD_WINE) && defined(__x86_64__) && defined(__LP64__)
#define WINAPI __attribute__((ms_abi))
#elif defined(WINSCARD_WINE) && defined(__i386__)
#define WINAPI __attribute__((stdcall))
#elif defined(WINSCARD_WINE)
#error "the DLL for Wine is made for programs on x86 alone"
#endif
#if defined(_WIN32) || defined(WINSCARD_WINE)
#define WINSCARDAPI
#define WINSCARDDATA
#else
#define WINSCARDAPI  __attribute__((visibility("default")))
#define WINSCARDDATA __attribute__((visibility("default")))
#endif
#include "winscard.h"

#include "client/client.h"
#include "client/trace.h"

#include <stdint.h>
#include <string.h>

#ifndef INFINITE
#define INFINITE 0xFFFFFFFF /* on Windows it stands in winbase.h */
#endif

#if defined(WINSCARD_ABI_PCSCLITE)
#define FACE_STYLE       NAME_PCSCLITE
#define FACE_PROGRAM_ABI ABI_PCSCLITE
#define FACE_WATCH_RULE  WATCH_PCSCLITE
#define FACE_IS_WINDOWS  0
typedef char TCHAR;
#else
#define FACE_STYLE       NAME_WINDOWS
#define FACE_PROGRAM_ABI ABI_WINDOWS
#define FACE_WATCH_RULE  WATCH_WINDOWS
#define FACE_IS_WINDOWS  1
#endif

/* --- Results ------------------------------------------------------------------------ */

/* 0x8010xxxx in the ABI's LONG: negative on Windows, positive in pcsc-lite's 64-bit one.
 * On Windows a context or handle that is not one is ERROR_INVALID_HANDLE, whatever the
 * call (MS-Docs SCardIsValidContext; Wine's tests of winscard; users' reports). */
static inline LONG face_status(enum sc_error error)
{
    if (error == SC_OK)
        return 0;
#if FACE_IS_WINDOWS
    if (error == SC_E_INVALID_HANDLE)
        return ERROR_INVALID_HANDLE;
    if (error == SC_X_NOT_SUPPORTED)
        return ERROR_NOT_SUPPORTED;
    if ((uint32_t)error >= SC_X_WIN32)
        return (LONG)((uint32_t)error - SC_X_WIN32);
    return (LONG)(0x80100000U | (uint32_t)error);
#else
    /* pcsc-lite's SCARD_E_UNSUPPORTED_FEATURE is 0x8010001F (pcsclite.h). */
    if (error == SC_X_NOT_SUPPORTED || error == SC_E_UNSUPPORTED_FEATURE)
        return (LONG)0x8010001F;
    return (LONG)(0x80100000U | (uint32_t)error);
#endif
}

/* --- Arguments ---------------------------------------------------------------------- */

/* Handles are numbers of 31 bits; anything else is none of ours. */
static inline uint32_t face_handle(uint64_t handle)
{
    return handle <= 0x7FFFFFFF ? (uint32_t)handle : 0;
}

/* Out pointers may be misaligned: callers take them from packed structures. */
static inline DWORD face_get(const DWORD *from)
{
    DWORD value;
    memcpy(&value, from, sizeof(value));
    return value;
}

static inline void face_put(DWORD *to, uint64_t value)
{
    DWORD number = (DWORD)value;
    if (to != NULL)
        memcpy(to, &number, sizeof(number));
}

/* Protocol masks and values; RAW differs. Bits that mean nothing here are dropped. */
static inline uint32_t face_protocols_in(uint64_t mask)
{
    uint32_t made = (uint32_t)(mask & (PROTOCOL_T0 | PROTOCOL_T1));
#if FACE_IS_WINDOWS
    return made | (uint32_t)(mask & PROTOCOL_RAW);
#else
    if ((mask & SCARD_PROTOCOL_RAW) != 0)
        made |= PROTOCOL_RAW;
    if ((mask & 0x1000) != 0) /* SCARD_PROTOCOL_ANY of old programs */
        made |= PROTOCOL_T0 | PROTOCOL_T1;
    return made;
#endif
}

static inline DWORD face_protocol_out(uint32_t protocol)
{
    return protocol == PROTOCOL_RAW ? SCARD_PROTOCOL_RAW : (DWORD)protocol;
}

/* Control codes: Windows' CTL_CODE and pcsc-lite's 0x42000000 + n are taken by every
 * face. Their numbers 1 are two different codes, and stay apart (manager/ioctl.h). */
static inline uint32_t face_control_code(uint64_t code)
{
    if (code >= 0x42000000 && code <= 0x42000FFF && code != IOCTL_ESCAPE_PCSCLITE)
        return 0x00310000U | (uint32_t)(code & 0xFFF) << 2;
    return (uint32_t)code;
}

#endif
