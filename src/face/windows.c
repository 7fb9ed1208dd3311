/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls without text that only Windows has. */
#include "base/log.h"
#include "face/buffer.h"
#include "face/card.h"
#include "face/event.h"

static enum sc_error get_state(SCARDHANDLE handle, struct card_status *status)
{
    const struct carrier *carrier = client_carrier();
    if (carrier == NULL)
        return SC_E_INVALID_HANDLE;
    return carrier->card_status(face_handle(handle), FACE_STYLE, status);
}

LONG WINAPI SCardState(SCARDHANDLE hCard, LPDWORD pdwState, LPDWORD pdwProtocol,
                       LPBYTE pbAtr, LPDWORD pcbAtrLen)
{
    struct card_status status = {.state = CARD_ABSENT};
    struct trace_call call;
    trace_begin(&call, __func__);
    enum sc_error error = get_state(hCard, &status);
    if (face_is_status(error)) {
        enum sc_error given = SC_OK;
        face_put(pdwState, face_card_state(&status));
        face_put(pdwProtocol, face_protocol_out(status.protocol));
        if (pcbAtrLen != NULL)
            given = face_buffer_out(face_card_context(hCard), pbAtr, pcbAtrLen,
                                    status.atr, status.atr_size, 1);
        error = error != SC_OK ? error : given;
    }
    trace_end(&call, error, "card=%lx state=%u", (unsigned long)hCard,
              (unsigned)status.state);
    return face_status(error);
}

LONG WINAPI SCardGetTransmitCount(SCARDHANDLE hCard, LPDWORD pcTransmitCount)
{
    struct card_status status = {.state = CARD_ABSENT};
    enum sc_error error = SC_E_INVALID_PARAMETER;
    struct trace_call call;
    trace_begin(&call, __func__);
    if (pcTransmitCount != NULL)
        error = get_state(hCard, &status);
    if (error == SC_OK)
        face_put(pcTransmitCount, status.transmissions);
    trace_end(&call, error, "card=%lx count=%u", (unsigned long)hCard,
              (unsigned)status.transmissions);
    return face_status(error);
}

/* The logon of Windows tells what came of a PIN; here it goes to the log. */
LONG WINAPI SCardAudit(SCARDCONTEXT hContext, DWORD dwEvent)
{
    const struct carrier *carrier = client_carrier();
    enum sc_error error = SC_OK;
    struct trace_call call;
    trace_begin(&call, __func__);
    if (carrier == NULL || carrier->check_context(face_handle(hContext)) != SC_OK)
        error = SC_E_INVALID_HANDLE;
    else if (dwEvent != SCARD_AUDIT_CHV_FAILURE && dwEvent != SCARD_AUDIT_CHV_SUCCESS)
        error = SC_E_INVALID_PARAMETER;
    else
        log_info("audit: a PIN was %s",
                 dwEvent == SCARD_AUDIT_CHV_SUCCESS ? "right" : "wrong");
    trace_end(&call, error, "context=%lx event=%lu", (unsigned long)hContext,
              (unsigned long)dwEvent);
    return face_status(error);
}

/* --- Events ------------------------------------------------------------------------- */

HANDLE WINAPI SCardAccessStartedEvent(void)
{
    return face_started_event();
}

/* The event is the process's, and stays. */
void WINAPI SCardReleaseStartedEvent(void)
{
}

HANDLE WINAPI SCardAccessNewReaderEvent(void)
{
    return face_take_new_reader_event();
}

void WINAPI SCardReleaseNewReaderEvent(void)
{
    face_leave_new_reader_event(false);
}

void WINAPI SCardReleaseAllEvents(void)
{
    face_leave_new_reader_event(true);
}

#ifndef ERROR_DI_DO_DEFAULT
#define ERROR_DI_DO_DEFAULT 0xE000020E /* on Windows it stands in setupapi.h */
#endif

/* A device class installer's entry, with nothing to install: the default action. */
DWORD WINAPI ClassInstall32(DWORD InstallFunction, HANDLE DeviceInfoSet,
                            LPVOID DeviceInfoData)
{
    (void)InstallFunction;
    (void)DeviceInfoSet;
    (void)DeviceInfoData;
    return ERROR_DI_DO_DEFAULT;
}
