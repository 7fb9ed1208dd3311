/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on card handles, which carry no text: reconnect, disconnect, transactions and
 * attributes. Compiled for Windows and for pcsc-lite. Transfers stand in transfer.c. */
#include "face/card.h"

#include "base/attribute.h"
#include "face/ansi.h"
#include "face/buffer.h"

#include <assert.h>

enum sc_error face_card_call(SCARDHANDLE handle, struct request *request)
{
    const struct carrier *carrier = client_carrier();
    if (carrier == NULL)
        return SC_E_INVALID_HANDLE;
    return carrier->card_call(face_handle((uint64_t)handle), request);
}

static enum sc_error reconnect_card(SCARDHANDLE handle, struct request *request,
                                    uint64_t share, uint64_t initialization)
{
    if (share < SHARE_EXCLUSIVE || share > SHARE_DIRECT
        || initialization > DISPOSITION_UNPOWER)
        return SC_E_INVALID_VALUE;
    request->share = (uint32_t)share;
    request->alone = FACE_IS_WINDOWS && share == SHARE_DIRECT;
    request->preference = FACE_IS_WINDOWS ? PREFER_FIRST : PREFER_T1;
    request->disposition = (uint32_t)initialization;
    return face_card_call(handle, request);
}

LONG WINAPI SCardReconnect(SCARDHANDLE hCard, DWORD dwShareMode,
                           DWORD dwPreferredProtocols, DWORD dwInitialization,
                           LPDWORD pdwActiveProtocol)
{
    struct request request = {.kind = REQUEST_RECONNECT,
                              .protocols = face_protocols_in(dwPreferredProtocols)};
    enum sc_error error = SC_E_INVALID_PARAMETER;
    struct trace_call call;
    char wanted[TRACE_PROTOCOLS_ROOM], active[TRACE_PROTOCOLS_ROOM];
    trace_begin(&call, __func__);
    if (FACE_IS_WINDOWS || pdwActiveProtocol != NULL)
        error = reconnect_card(hCard, &request, dwShareMode, dwInitialization);
    if (error == SC_OK)
        face_put(pdwActiveProtocol, face_protocol_out(request.active));
    trace_end(&call, error, "card=%lx share=%s protocols=%s initialization=%s active=%s",
              (unsigned long)hCard, trace_share((uint32_t)dwShareMode),
              trace_protocols(wanted, (uint32_t)dwPreferredProtocols),
              trace_disposition((uint32_t)dwInitialization),
              trace_protocols(active, request.active));
    return face_status(error);
}

/* A call that has a disposition, or nothing, besides its handle. */
static enum sc_error simple_call(const char *name, SCARDHANDLE handle,
                                 enum request_kind kind, uint64_t disposition)
{
    struct request request = {.kind = kind, .disposition = (uint32_t)disposition};
    struct trace_call call;
    trace_begin(&call, name);
    enum sc_error error = disposition > DISPOSITION_EJECT
                              ? SC_E_INVALID_VALUE
                              : face_card_call(handle, &request);
    trace_end(&call, error, "card=%lx disposition=%s", (unsigned long)handle,
              trace_disposition((uint32_t)disposition));
    return error;
}

LONG WINAPI SCardDisconnect(SCARDHANDLE hCard, DWORD dwDisposition)
{
    enum sc_error error = simple_call(__func__, hCard, REQUEST_DISCONNECT, dwDisposition);
    if (FACE_IS_WINDOWS && error == SC_OK)
        client_card_forget(face_handle((uint64_t)hCard));
    return face_status(error);
}

LONG WINAPI SCardBeginTransaction(SCARDHANDLE hCard)
{
    return face_status(simple_call(__func__, hCard, REQUEST_BEGIN, 0));
}

LONG WINAPI SCardEndTransaction(SCARDHANDLE hCard, DWORD dwDisposition)
{
    return face_status(simple_call(__func__, hCard, REQUEST_END, dwDisposition));
}

/* --- Attributes --------------------------------------------------------------------- */

/* What a pcscd or a driver does not serve is ERROR_NOT_SUPPORTED on Windows. */
static enum sc_error attribute_error(enum sc_error error)
{
    return error == SC_E_UNSUPPORTED_FEATURE ? SC_X_NOT_SUPPORTED : error;
}

static bool is_text(uint64_t id)
{
    return id == ATTR_VENDOR_NAME || id == ATTR_VENDOR_IFD_TYPE
           || id == ATTR_VENDOR_IFD_SERIAL_NO || id == ATTR_DEVICE_FRIENDLY_NAME_A
           || id == ATTR_DEVICE_SYSTEM_NAME_A;
}

/* Text of a driver that is not UTF-8 goes as it is. */
static enum sc_error give_attribute(uint32_t context, bool as_text, LPBYTE value,
                                    LPDWORD length, const uint8_t *found, size_t size)
{
    struct face_ansi text = {(const char *)found, size, NULL};
    enum sc_error error =
        as_text ? face_ansi_out((const char *)found, size, &text) : SC_OK;
    if (error == SC_OK || error == SC_E_INVALID_VALUE)
        error = face_buffer_out(context, value, length, text.bytes, text.size, 1);
    mem_free(text.memory);
    return error;
}

static enum sc_error get_attribute(SCARDHANDLE handle, uint64_t id, LPBYTE value,
                                   LPDWORD length)
{
    const struct carrier *carrier = client_carrier();
    uint8_t found[DRIVER_ATTRIBUTE_MAX];
    size_t size;
    if (length == NULL)
        return SC_E_INVALID_PARAMETER;
    if (carrier == NULL)
        return SC_E_INVALID_HANDLE;
    enum sc_error error = carrier->get_attribute(face_handle((uint64_t)handle),
                                                 FACE_STYLE, (uint32_t)id, found, &size);
    if (error != SC_OK)
        return attribute_error(error);
    assert(size <= sizeof(found));
    return give_attribute(face_card_context(handle), is_text(id), value, length, found,
                          size);
}

LONG WINAPI SCardGetAttrib(SCARDHANDLE hCard, DWORD dwAttrId, LPBYTE pbAttr,
                           LPDWORD pcbAttrLen)
{
    struct trace_call call;
    trace_begin(&call, __func__);
    enum sc_error error = get_attribute(hCard, dwAttrId, pbAttr, pcbAttrLen);
    trace_end(&call, error, "card=%lx attribute=%lx", (unsigned long)hCard,
              (unsigned long)dwAttrId);
    return face_status(error);
}

LONG WINAPI SCardSetAttrib(SCARDHANDLE hCard, DWORD dwAttrId, LPCBYTE pbAttr,
                           DWORD cbAttrLen)
{
    struct request request = {.kind = REQUEST_SET_ATTRIBUTE,
                              .number = (uint32_t)dwAttrId};
    enum sc_error error;
    struct trace_call call;
    trace_begin(&call, __func__);
    request.transfer.in = pbAttr;
    request.transfer.in_size = cbAttrLen;
    if (pbAttr == NULL || cbAttrLen == 0)
        error = SC_E_INVALID_PARAMETER;
    else if (cbAttrLen > DRIVER_ATTRIBUTE_MAX)
        error = FACE_IS_WINDOWS ? SC_E_INVALID_PARAMETER : SC_E_INSUFFICIENT_BUFFER;
    else
        error = face_card_call(hCard, &request);
    error = attribute_error(error);
    trace_end(&call, error, "card=%lx attribute=%lx size=%lu", (unsigned long)hCard,
              (unsigned long)dwAttrId, (unsigned long)cbAttrLen);
    return face_status(error);
}
