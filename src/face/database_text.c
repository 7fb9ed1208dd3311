/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on the smart card database, which this build does not have: each checks its
 * context and says SCARD_E_UNSUPPORTED_FEATURE. Compiled for A and W. */
#include "face/abi.h"

static LONG unsupported(const char *name, SCARDCONTEXT handle)
{
    const struct carrier *carrier = client_carrier();
    enum sc_error error = SC_E_UNSUPPORTED_FEATURE;
    struct trace_call call;
    trace_begin(&call, name);
    if (handle != 0
        && (carrier == NULL || carrier->check_context(face_handle(handle)) != SC_OK))
        error = SC_E_INVALID_HANDLE;
    trace_end(&call, error, "context=%lx", (unsigned long)handle);
    return face_status(error);
}

/* The parameters beside the context are not looked at. (FACE() cannot be used here: the
 * plain names are macros, which would be expanded on the way through a second macro.) */
#define DEFINE_UNSUPPORTED(name, parameters)                                             \
    LONG WINAPI name parameters                                                          \
    {                                                                                    \
        return unsupported(#name, hContext);                                             \
    }
#ifdef FACE_WIDE
#define UNSUPPORTED(name, parameters) DEFINE_UNSUPPORTED(name##W, parameters)
#else
#define UNSUPPORTED(name, parameters) DEFINE_UNSUPPORTED(name##A, parameters)
#endif

#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-parameter"
#endif

/* clang-format off */
/* NOLINTBEGIN(misc-unused-parameters) */
UNSUPPORTED(SCardListCards, (SCARDCONTEXT hContext, LPCBYTE pbAtr, LPCGUID rgquidInterfaces,
            DWORD cguidInterfaceCount, face_char *mszCards, LPDWORD pcchCards))
UNSUPPORTED(SCardListInterfaces, (SCARDCONTEXT hContext, const face_char *szCard,
            LPGUID pguidInterfaces, LPDWORD pcguidInterfaces))
UNSUPPORTED(SCardGetProviderId, (SCARDCONTEXT hContext, const face_char *szCard,
            LPGUID pguidProviderId))
UNSUPPORTED(SCardGetCardTypeProviderName, (SCARDCONTEXT hContext, const face_char *szCardName,
            DWORD dwProviderId, face_char *szProvider, LPDWORD pcchProvider))
UNSUPPORTED(SCardIntroduceReaderGroup, (SCARDCONTEXT hContext, const face_char *szGroupName))
UNSUPPORTED(SCardForgetReaderGroup, (SCARDCONTEXT hContext, const face_char *szGroupName))
UNSUPPORTED(SCardIntroduceReader, (SCARDCONTEXT hContext, const face_char *szReaderName,
            const face_char *szDeviceName))
UNSUPPORTED(SCardForgetReader, (SCARDCONTEXT hContext, const face_char *szReaderName))
UNSUPPORTED(SCardAddReaderToGroup, (SCARDCONTEXT hContext, const face_char *szReaderName,
            const face_char *szGroupName))
UNSUPPORTED(SCardRemoveReaderFromGroup, (SCARDCONTEXT hContext, const face_char *szReaderName,
            const face_char *szGroupName))
UNSUPPORTED(SCardIntroduceCardType, (SCARDCONTEXT hContext, const face_char *szCardName,
            LPCGUID pguidPrimaryProvider, LPCGUID rgguidInterfaces, DWORD dwInterfaceCount,
            LPCBYTE pbAtr, LPCBYTE pbAtrMask, DWORD cbAtrLen))
UNSUPPORTED(SCardSetCardTypeProviderName, (SCARDCONTEXT hContext, const face_char *szCardName,
            DWORD dwProviderId, const face_char *szProvider))
UNSUPPORTED(SCardForgetCardType, (SCARDCONTEXT hContext, const face_char *szCardName))
UNSUPPORTED(SCardLocateCards, (SCARDCONTEXT hContext, const face_char *mszCards,
            face_readerstate *rgReaderStates, DWORD cReaders))
UNSUPPORTED(SCardLocateCardsByATR, (SCARDCONTEXT hContext, LPSCARD_ATRMASK rgAtrMasks,
            DWORD cAtrs, face_readerstate *rgReaderStates, DWORD cReaders))
UNSUPPORTED(SCardListReadersWithDeviceInstanceId, (SCARDCONTEXT hContext,
            const face_char *szDeviceInstanceId, face_char *mszReaders, LPDWORD pcchReaders))
UNSUPPORTED(SCardGetReaderIcon, (SCARDCONTEXT hContext, const face_char *szReaderName,
            LPBYTE pbIcon, LPDWORD pcbIcon))
/* NOLINTEND(misc-unused-parameters) */
/* clang-format on */

#ifndef FACE_WIDE
LONG WINAPI SCardAudit(SCARDCONTEXT hContext, DWORD dwEvent)
{
    (void)dwEvent;
    return unsupported("SCardAudit", hContext);
}
#endif
