/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that connect by a reader's name and tell a connection's state. Compiled for A, W
 * and pcsc-lite. */
#include "face/card.h"

#include "face/readers.h"
#include "face/text.h"

/* --- SCardConnect ------------------------------------------------------------------- */

struct connect {
    SCARDCONTEXT context;
    const TCHAR *reader;
    uint64_t share;
    LPSCARDHANDLE card;
    LPDWORD active;
};

static enum sc_error check_connect(const struct connect *c, char name[FACE_NAME_MAX])
{
    SCARDHANDLE none = 0;
    if (c->card == NULL || (!FACE_IS_WINDOWS && c->active == NULL))
        return SC_E_INVALID_PARAMETER;
    memcpy(c->card, &none, sizeof(none));
    if (c->reader == NULL)
        return FACE_IS_WINDOWS ? SC_E_INVALID_PARAMETER : SC_E_UNKNOWN_READER;
    if (face_text_in(c->reader, name, FACE_NAME_MAX) != SC_OK)
        return FACE_IS_WINDOWS ? SC_E_UNKNOWN_READER : SC_E_INVALID_VALUE;
    if (c->share < SHARE_EXCLUSIVE || c->share > SHARE_DIRECT)
        return SC_E_INVALID_VALUE;
    return SC_OK;
}

static enum sc_error connect_reader(const struct connect *c, struct request *request)
{
    char name[FACE_NAME_MAX];
    uint32_t id;
    enum sc_error error = check_connect(c, name);
    if (error != SC_OK)
        return error;
    if (client_carrier() == NULL)
        return SC_E_INVALID_HANDLE;
    request->share = (uint32_t)c->share;
    request->alone = FACE_IS_WINDOWS && c->share == SHARE_DIRECT;
    request->preference = FACE_IS_WINDOWS ? PREFER_FIRST : PREFER_T1;
    error = face_connect_reader(face_handle((uint64_t)c->context), name, request, &id);
    if (error == SC_OK) {
        SCARDHANDLE made = (SCARDHANDLE)id;
        memcpy(c->card, &made, sizeof(made));
        face_put(c->active, face_protocol_out(request->active));
    }
    return error;
}

LONG WINAPI SCardConnect(SCARDCONTEXT hContext, const TCHAR *szReader, DWORD dwShareMode,
                         DWORD dwPreferredProtocols, LPSCARDHANDLE phCard,
                         LPDWORD pdwActiveProtocol)
{
    const struct connect c = {hContext, szReader, dwShareMode, phCard, pdwActiveProtocol};
    struct request request = {.kind = REQUEST_CONNECT,
                              .protocols = face_protocols_in(dwPreferredProtocols)};
    struct trace_call call;
    trace_begin(&call, __func__);
    enum sc_error error = connect_reader(&c, &request);
    if (call.start_ns != 0) {
        char name[FACE_NAME_MAX] = "";
        char wanted[TRACE_PROTOCOLS_ROOM], active[TRACE_PROTOCOLS_ROOM];
        if (szReader != NULL)
            (void)face_text_in(szReader, name, sizeof(name));
        trace_end(&call, error,
                  "context=%lx reader=\"%s\" share=%s protocols=%s card=%lx active=%s",
                  (unsigned long)hContext, name, trace_share((uint32_t)dwShareMode),
                  trace_protocols(wanted, (uint32_t)dwPreferredProtocols),
                  (unsigned long)(phCard != NULL ? *phCard : 0),
                  trace_protocols(active, request.active));
    } else {
        trace_end(&call, error, "%s", "");
    }
    return face_status(error);
}

/* --- SCardStatus -------------------------------------------------------------------- */

/* Windows gives a multi-string of names that the reader is known by, pcsc-lite its name
 * with one NUL. The introduced name that the handle was connected by comes first: it is
 * what the caller looks for. Others would cost a look into the database. */
static enum sc_error give_reader_name(SCARDHANDLE handle,
                                      const struct card_status *status, TCHAR *names,
                                      LPDWORD length)
{
    char text[FACE_NAME_MAX + DRIVER_NAME_MAX + 1];
    size_t size = 0, own = strlen(status->name) + 1;
    if (FACE_IS_WINDOWS
        && client_card_alias(face_handle((uint64_t)handle), text, FACE_NAME_MAX))
        size = strlen(text) + 1;
    memcpy(text + size, status->name, own);
    size += own;
    text[size] = '\0';
    return face_text_out(face_card_context(handle), names, length, text,
                         FACE_IS_WINDOWS ? size + 1 : size);
}

static enum sc_error give_atr(SCARDHANDLE handle, const struct card_status *status,
                              LPBYTE atr, LPDWORD length)
{
    return face_buffer_out(face_card_context(handle), atr, length, status->atr,
                           status->atr_size, 1);
}

/* Every pointer may be NULL. Both lengths are set even when one buffer is too small. */
static enum sc_error give_status(SCARDHANDLE handle, const struct card_status *status,
                                 TCHAR *names, LPDWORD name_length, LPDWORD state,
                                 LPDWORD protocol, LPBYTE atr, LPDWORD atr_length)
{
    enum sc_error name_error = SC_OK, atr_error = SC_OK;
    face_put(state, face_card_state(status));
    face_put(protocol, face_protocol_out(status->protocol));
    if (name_length != NULL)
        name_error = give_reader_name(handle, status, names, name_length);
    if (atr_length != NULL)
        atr_error = give_atr(handle, status, atr, atr_length);
    return name_error != SC_OK ? name_error : atr_error;
}

static enum sc_error get_status(SCARDHANDLE handle, struct card_status *status)
{
    const struct carrier *carrier = client_carrier();
    if (carrier == NULL)
        return SC_E_INVALID_HANDLE;
    return carrier->card_status(face_handle((uint64_t)handle), FACE_STYLE, status);
}

LONG WINAPI SCardStatus(SCARDHANDLE hCard, TCHAR *mszReaderName, LPDWORD pcchReaderLen,
                        LPDWORD pdwState, LPDWORD pdwProtocol, LPBYTE pbAtr,
                        LPDWORD pcbAtrLen)
{
    struct card_status status = {.state = CARD_ABSENT};
    char protocol[TRACE_PROTOCOLS_ROOM];
    struct trace_call call;
    trace_begin(&call, __func__);
    enum sc_error error = get_status(hCard, &status);
    if (face_is_status(error)) {
        enum sc_error given = give_status(hCard, &status, mszReaderName, pcchReaderLen,
                                          pdwState, pdwProtocol, pbAtr, pcbAtrLen);
        error = error != SC_OK ? error : given;
    }
    trace_end(&call, error, "card=%lx reader=\"%s\" state=%u protocol=%s",
              (unsigned long)hCard, status.name, (unsigned)status.state,
              trace_protocols(protocol, status.protocol));
    return face_status(error);
}
