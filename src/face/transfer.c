/* SPDX-License-Identifier: BSD-2-Clause */
/* SCardTransmit and SCardControl. Compiled for Windows and for pcsc-lite. */
#include "face/buffer.h"
#include "face/card.h"

#include <assert.h>

/* --- SCardTransmit ------------------------------------------------------------------ */

struct transmit {
    SCARDHANDLE handle;
    LPCSCARD_IO_REQUEST send_pci;
    LPCBYTE send;
    uint64_t send_size;
    LPSCARD_IO_REQUEST recv_pci;
    LPBYTE recv;
    LPDWORD recv_size;
};

static enum sc_error check_transmit(const struct transmit *t)
{
    if (t->recv_size == NULL || t->send == NULL || t->send_size == 0 || t->recv == NULL)
        return SC_E_INVALID_PARAMETER;
#if FACE_IS_WINDOWS
    if (t->send_size > DRIVER_TRANSFER_MAX)
        return SC_E_INVALID_PARAMETER;
    if (t->recv_pci != NULL && t->recv_pci->cbPciLength != 0
        && t->recv_pci->cbPciLength < sizeof(SCARD_IO_REQUEST))
        return SC_E_PCI_TOO_SMALL;
#else
    if (t->send_pci == NULL)
        return SC_E_INVALID_PARAMETER;
    if (t->send_size > DRIVER_TRANSFER_MAX)
        return SC_E_INSUFFICIENT_BUFFER;
#endif
    return SC_OK;
}

/* The protocol asked for; 0: the active one. Windows calls nonsense a bad parameter. */
static enum sc_error wanted_protocol(const struct transmit *t, uint32_t *protocol)
{
    *protocol = PROTOCOL_UNDEFINED;
    if (t->send_pci == NULL)
        return SC_OK;
    DWORD wanted;
    memcpy(&wanted, &t->send_pci->dwProtocol, sizeof(wanted));
    if (wanted == SCARD_PROTOCOL_T0 || wanted == SCARD_PROTOCOL_T1
        || wanted == SCARD_PROTOCOL_RAW) {
        *protocol = face_protocols_in(wanted);
        return SC_OK;
    }
    return FACE_IS_WINDOWS ? SC_E_INVALID_PARAMETER : SC_E_PROTO_MISMATCH;
}

static void give_recv_pci(const struct transmit *t, uint32_t protocol)
{
    SCARD_IO_REQUEST pci = {.dwProtocol = face_protocol_out(protocol),
                            .cbPciLength = sizeof(pci)};
    if (t->recv_pci != NULL)
        memcpy(t->recv_pci, &pci, sizeof(pci));
}

/* The answer into memory of its own size, for SCARD_AUTOALLOCATE. */
static enum sc_error transmit_allocating(const struct transmit *t,
                                         struct request *request)
{
    void *memory = NULL;
    uint8_t *answer = mem_alloc(DRIVER_TRANSFER_MAX);
    if (answer == NULL)
        return SC_E_NO_MEMORY;
    request->transfer.out = answer;
    request->transfer.out_room = DRIVER_TRANSFER_MAX;
    enum sc_error error = face_card_call(t->handle, request);
    assert(error != SC_OK || request->transfer.out_size <= DRIVER_TRANSFER_MAX);
    if (error == SC_OK)
        error = face_memory(face_card_context(t->handle), request->transfer.out_size,
                            &memory);
    if (error == SC_OK) {
        memcpy(memory, answer, request->transfer.out_size);
        memcpy(t->recv, &memory, sizeof(memory));
    }
    mem_free(answer);
    return error;
}

/* The length that is given with an error: what is needed where the room is too small;
 * with a handle that is not one pcsc-lite says 0. Windows has a code of its own for the
 * former (users of pcsc-sharp saw it from SCardTransmit alone; other calls' rooms are as
 * MS-Docs "Smart Card Return Values" has it). */
static enum sc_error give_length(const struct transmit *t, const struct request *request,
                                 enum sc_error error)
{
    if (error == SC_OK || error == SC_E_INSUFFICIENT_BUFFER)
        face_put(t->recv_size, request->transfer.out_size);
    else if (!FACE_IS_WINDOWS && error == SC_E_INVALID_HANDLE)
        face_put(t->recv_size, 0);
    return FACE_IS_WINDOWS && error == SC_E_INSUFFICIENT_BUFFER ? SC_X_INSUFFICIENT_BUFFER
                                                                : error;
}

static enum sc_error transmit_apdu(const struct transmit *t, struct request *request)
{
    enum sc_error error = check_transmit(t);
    if (error == SC_OK)
        error = wanted_protocol(t, &request->protocols);
    if (error != SC_OK)
        return error;
    DWORD room = face_get(t->recv_size);
    request->transfer.in = t->send;
    request->transfer.in_size = (size_t)t->send_size;
    if (FACE_IS_WINDOWS && room == SCARD_AUTOALLOCATE) {
        error = transmit_allocating(t, request);
    } else {
        request->transfer.out = t->recv;
        request->transfer.out_room = (size_t)room;
        error = face_card_call(t->handle, request);
    }
    if (error == SC_OK)
        give_recv_pci(t, request->active);
    return give_length(t, request, error);
}

LONG WINAPI SCardTransmit(SCARDHANDLE hCard, LPCSCARD_IO_REQUEST pioSendPci,
                          LPCBYTE pbSendBuffer, DWORD cbSendLength,
                          LPSCARD_IO_REQUEST pioRecvPci, LPBYTE pbRecvBuffer,
                          LPDWORD pcbRecvLength)
{
    const struct transmit t = {hCard,      pioSendPci,   pbSendBuffer, cbSendLength,
                               pioRecvPci, pbRecvBuffer, pcbRecvLength};
    struct request request = {.kind = REQUEST_TRANSMIT};
    struct trace_call call;
    trace_begin(&call, __func__);
    enum sc_error error = transmit_apdu(&t, &request);
    if (call.start_ns != 0) {
        char sent[TRACE_TEXT_MAX], received[TRACE_TEXT_MAX];
        bool shown = error == SC_OK && request.transfer.out == pbRecvBuffer;
        trace_end(
            &call, error, "card=%lx send=%s received=%s", (unsigned long)hCard,
            trace_command(&call, sent, request.transfer.in, request.transfer.in_size),
            trace_bytes(&call, received, shown ? pbRecvBuffer : NULL,
                        request.transfer.out_size));
    } else {
        trace_end(&call, error, "%s", "");
    }
    return face_status(error);
}

/* --- SCardControl ------------------------------------------------------------------- */

#if !FACE_IS_WINDOWS
enum { CODE_GET_FEATURE_REQUEST = 0x00313520 };

/* Part 10, 2.2: a feature record is tag, 4, and a big-endian control code; the codes
 * become pcsc-lite's, which its programs print and compare, though both kinds are
 * accepted. */
static void translate_features(uint8_t *records, size_t size)
{
    for (uint8_t *at = records; size >= 6 && at[1] == 4; at += 6, size -= 6) {
        uint32_t code =
            (uint32_t)at[2] << 24 | (uint32_t)at[3] << 16 | (uint32_t)at[4] << 8 | at[5];
        if (code >> 16 != 0x0031)
            continue;
        uint32_t number = (code & 0xFFFF) >> 2;
        at[2] = 0x42;
        at[3] = (uint8_t)(number >> 16);
        at[4] = (uint8_t)(number >> 8);
        at[5] = (uint8_t)number;
    }
}
#endif

/* IOCTL_GET_LAST_ERROR tells a status of the ABI. */
static void translate_last_error(uint8_t *bytes)
{
    uint32_t error;
    memcpy(&error, bytes, sizeof(error));
    error = (uint32_t)face_status((enum sc_error)error);
    memcpy(bytes, &error, sizeof(error));
}

/* A code that nobody serves: Windows hands out what the driver's refusal is called there,
 * STATUS_INVALID_DEVICE_REQUEST. */
static enum sc_error control_error(enum sc_error error)
{
    return FACE_IS_WINDOWS && error == SC_E_UNSUPPORTED_FEATURE ? SC_X_INVALID_FUNCTION
                                                                : error;
}

static enum sc_error control_reader(SCARDHANDLE handle, struct request *request)
{
    const struct transfer *t = &request->transfer;
    bool in_is_bad = t->in == NULL && t->in_size > 0;
    bool out_is_bad = t->out == NULL && t->out_room > 0;
    if (in_is_bad || out_is_bad)
        return SC_E_INVALID_PARAMETER;
    if (t->in_size > DRIVER_TRANSFER_MAX)
        return FACE_IS_WINDOWS ? SC_E_INVALID_PARAMETER : SC_E_INSUFFICIENT_BUFFER;
    enum sc_error error = face_card_call(handle, request);
#if !FACE_IS_WINDOWS
    if (error == SC_OK && request->number == CODE_GET_FEATURE_REQUEST)
        translate_features(request->transfer.out, request->transfer.out_size);
#endif
    if (error == SC_OK && request->number == IOCTL_GET_LAST_ERROR)
        translate_last_error(request->transfer.out);
    return control_error(error);
}

LONG WINAPI SCardControl(SCARDHANDLE hCard, DWORD dwControlCode, LPCVOID lpInBuffer,
                         DWORD nInBufferSize, LPVOID lpOutBuffer, DWORD nOutBufferSize,
                         LPDWORD lpBytesReturned)
{
    struct request request = {.kind = REQUEST_CONTROL,
                              .number = face_control_code(dwControlCode),
                              .style = FACE_STYLE};
    enum sc_error error = SC_E_INVALID_PARAMETER;
    struct trace_call call;
    trace_begin(&call, __func__);
    request.transfer.in = lpInBuffer;
    request.transfer.in_size = nInBufferSize;
    request.transfer.out = lpOutBuffer;
    request.transfer.out_room = nOutBufferSize;
    face_put(lpBytesReturned, 0);
    if (!FACE_IS_WINDOWS || lpBytesReturned != NULL)
        error = control_reader(hCard, &request);
    if (error == SC_OK || error == SC_E_INSUFFICIENT_BUFFER)
        face_put(lpBytesReturned, request.transfer.out_size);
    trace_end(&call, error, "card=%lx code=%lx in=%lu bytes out=%lu bytes",
              (unsigned long)hCard, (unsigned long)dwControlCode,
              (unsigned long)nInBufferSize, (unsigned long)request.transfer.out_size);
    return face_status(error);
}
