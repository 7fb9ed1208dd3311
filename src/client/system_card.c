/* SPDX-License-Identifier: BSD-2-Clause */
/* The carrier to System32's winscard.dll: cards. Bytes go there from the caller's own
 * buffers, and come back into them: nothing here holds a PIN. */
#include "client/system.h"

#include "base/attribute.h"

#include <string.h>

enum sc_error system_connect(uint32_t context, const char *reader,
                             struct request *request, uint32_t *card)
{
    const struct system_calls *calls = system_calls();
    SCARDCONTEXT theirs;
    SCARDHANDLE handle = 0;
    DWORD active = 0;
    WCHAR name[SYSTEM_NAME_MAX];
    enum sc_error error = system_context_find(context, &theirs);
    if (error == SC_OK && !system_wide_name(reader, name))
        error = SC_E_UNKNOWN_READER;
    if (error == SC_OK)
        error = system_error(calls->connect(theirs, name, request->share,
                                            request->protocols, &handle, &active));
    if (error != SC_OK)
        return error;
    request->active = active;
    error = system_card_add(context, handle, active, card);
    if (error != SC_OK) /* too many, or the context was released meanwhile */
        (void)calls->disconnect(handle, SCARD_LEAVE_CARD);
    return error;
}

/* --- Calls on a handle -------------------------------------------------------------- */

static enum sc_error reconnect(uint32_t card, SCARDHANDLE theirs, struct request *request)
{
    DWORD active = 0;
    enum sc_error error = system_error(system_calls()->reconnect(
        theirs, request->share, request->protocols, request->disposition, &active));
    if (error == SC_OK) {
        request->active = active;
        system_card_set_active(card, active);
    }
    return error;
}

static enum sc_error disconnect(uint32_t card, SCARDHANDLE theirs, uint32_t disposition)
{
    enum sc_error error = system_error(system_calls()->disconnect(theirs, disposition));
    if (error == SC_OK || error == SC_E_INVALID_HANDLE)
        system_card_drop(card);
    return error;
}

static DWORD room_of(const struct transfer *transfer)
{
    return transfer->out_room < DRIVER_TRANSFER_MAX ? (DWORD)transfer->out_room
                                                    : (DWORD)DRIVER_TRANSFER_MAX;
}

/* Without a protocol of the caller's, Windows takes the one in force. What does not fit
 * has two names there, the Win32 one from SCardTransmit. */
static enum sc_error transmit(SCARDHANDLE theirs, uint32_t active,
                              struct request *request)
{
    struct transfer *t = &request->transfer;
    SCARD_IO_REQUEST pci = {.dwProtocol = request->protocols, .cbPciLength = sizeof(pci)};
    SCARD_IO_REQUEST answer = pci;
    bool named = request->protocols != 0;
    DWORD size = room_of(t);
    enum sc_error error = system_error(
        system_calls()->transmit(theirs, named ? &pci : NULL, t->in, (DWORD)t->in_size,
                                 named ? &answer : NULL, t->out, &size));
    request->active = named ? answer.dwProtocol : active;
    if (error == SC_X_INSUFFICIENT_BUFFER)
        error = SC_E_INSUFFICIENT_BUFFER;
    if (error == SC_OK && size > t->out_room)
        return SC_F_INTERNAL_ERROR;
    if (error == SC_OK || error == SC_E_INSUFFICIENT_BUFFER)
        t->out_size = size;
    return error;
}

static enum sc_error control(SCARDHANDLE theirs, struct request *request)
{
    struct transfer *t = &request->transfer;
    DWORD size = 0;
    uint32_t last;
    enum sc_error error = system_error(system_calls()->control(
        theirs, request->number, t->in, (DWORD)t->in_size, t->out, room_of(t), &size));
    if (error == SC_OK && size > t->out_room)
        return SC_F_INTERNAL_ERROR;
    t->out_size = size;
    if (error == SC_OK && request->number == IOCTL_GET_LAST_ERROR
        && size == sizeof(last)) { /* the face makes a status of it again */
        memcpy(&last, t->out, sizeof(last));
        last = (uint32_t)system_error((LONG)last);
        memcpy(t->out, &last, sizeof(last));
    }
    return error;
}

enum sc_error system_card_call(uint32_t card, struct request *request)
{
    const struct system_calls *calls = system_calls();
    const struct transfer *t = &request->transfer;
    SCARDHANDLE theirs;
    uint32_t active;
    enum sc_error error = system_card_find(card, &theirs, &active);
    if (error != SC_OK)
        return error;
    switch (request->kind) {
    case REQUEST_RECONNECT:
        return reconnect(card, theirs, request);
    case REQUEST_DISCONNECT:
        return disconnect(card, theirs, request->disposition);
    case REQUEST_BEGIN:
        return system_error(calls->begin(theirs));
    case REQUEST_END:
        return system_error(calls->end(theirs, request->disposition));
    case REQUEST_TRANSMIT:
        return transmit(theirs, active, request);
    case REQUEST_CONTROL:
        return control(theirs, request);
    case REQUEST_SET_ATTRIBUTE:
        return system_error(
            calls->set_attribute(theirs, request->number, t->in, (DWORD)t->in_size));
    case REQUEST_CONNECT:
    case REQUEST_GET_ATTRIBUTE:
    case REQUEST_PROBE:
    case REQUEST_CLOSE:
    case REQUEST_TEND:
    case REQUEST_PLACE:
    case REQUEST_KINDS:
        break;
    }
    return SC_F_INTERNAL_ERROR; /* the faces ask for nothing else */
}

/* --- What is told of a card --------------------------------------------------------- */

/* The first of the names that the reader has is shown. */
static bool take_status(struct card_status *status, const WCHAR *names, DWORD units,
                        DWORD state, DWORD protocol, DWORD atr_size)
{
    status->state = system_card_state(state);
    status->protocol = protocol;
    status->atr_size = atr_size < DRIVER_ATR_MAX ? atr_size : (size_t)DRIVER_ATR_MAX;
    return system_text(names, units, status->name, sizeof(status->name));
}

enum sc_error system_card_status(uint32_t card, enum name_style style,
                                 struct card_status *status)
{
    enum { NAMES_MAX = 4 * SYSTEM_NAME_MAX };
    const struct system_calls *calls = system_calls();
    SCARDHANDLE theirs;
    WCHAR names[NAMES_MAX] = {0};
    BYTE atr[sizeof(((SCARD_READERSTATEW *)NULL)->rgbAtr)] = {0};
    DWORD units = NAMES_MAX, state = 0, protocol = 0, count = 0, atr_size = sizeof(atr);
    (void)style;
    enum sc_error error = system_card_find(card, &theirs, NULL);
    if (error != SC_OK)
        return error;
    error = system_error(
        calls->status(theirs, names, &units, &state, &protocol, atr, &atr_size));
    if (error != SC_OK && error != SC_W_RESET_CARD && error != SC_W_REMOVED_CARD)
        return error;
    memset(status, 0, sizeof(*status));
    if (!take_status(status, names, NAMES_MAX, state, protocol, atr_size))
        return SC_F_INTERNAL_ERROR;
    memcpy(status->atr, atr, status->atr_size);
    if (error == SC_OK && calls->transmit_count != NULL
        && calls->transmit_count(theirs, &count) == SCARD_S_SUCCESS)
        status->transmissions = count;
    return error;
}

/* A name in UTF-16, as UTF-8 with its NUL. */
static enum sc_error get_name(SCARDHANDLE theirs, uint32_t id,
                              uint8_t value[DRIVER_ATTRIBUTE_MAX], size_t *size)
{
    WCHAR wide[DRIVER_ATTRIBUTE_MAX] = {0};
    DWORD length = sizeof(wide);
    enum sc_error error = system_error(
        system_calls()->get_attribute(theirs, id, (LPBYTE)(void *)wide, &length));
    if (error != SC_OK)
        return error;
    if (!system_text(wide, DRIVER_ATTRIBUTE_MAX, (char *)value, DRIVER_ATTRIBUTE_MAX))
        return SC_E_INSUFFICIENT_BUFFER;
    *size = strlen((const char *)value) + 1;
    return SC_OK;
}

/* The names that Windows has in two encodings are asked for in the one that loses nothing;
 * the face makes what the caller wants of it. */
enum sc_error system_get_attribute(uint32_t card, enum name_style style, uint32_t id,
                                   uint8_t value[DRIVER_ATTRIBUTE_MAX], size_t *size)
{
    SCARDHANDLE theirs;
    DWORD length = DRIVER_ATTRIBUTE_MAX;
    (void)style;
    enum sc_error error = system_card_find(card, &theirs, NULL);
    if (error != SC_OK)
        return error;
    if (id == ATTR_DEVICE_FRIENDLY_NAME_A)
        return get_name(theirs, ATTR_DEVICE_FRIENDLY_NAME_W, value, size);
    if (id == ATTR_DEVICE_SYSTEM_NAME_A)
        return get_name(theirs, ATTR_DEVICE_SYSTEM_NAME_W, value, size);
    error = system_error(system_calls()->get_attribute(theirs, id, value, &length));
    if (error == SC_OK && length > DRIVER_ATTRIBUTE_MAX)
        return SC_F_INTERNAL_ERROR;
    if (error == SC_OK)
        *size = length;
    return error;
}
