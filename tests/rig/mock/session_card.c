/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/rig/mock/session_card.h"

#include "os/time.h"

#include <string.h>

unsigned session_list(struct session *session)
{
    DWORD size = sizeof session->names;
    if (SCardListReadersA(session->context, NULL, session->names, &size)
        != SCARD_S_SUCCESS)
        memset(session->names, 0, 2);
    unsigned count = 0;
    while (session_name(session, count) != NULL)
        count++;
    return count;
}

const char *session_name(const struct session *session, unsigned index)
{
    const char *name = session->names;
    while (*name != 0 && index-- > 0)
        name += strlen(name) + 1;
    return *name == 0 ? NULL : name;
}

unsigned session_wait_readers(struct session *session, unsigned want, unsigned ms)
{
    uint64_t end = os_now_ms() + ms;
    unsigned count = session_list(session);
    while (count != want && os_now_ms() < end) {
        SCARD_READERSTATEA state = {.szReader = "\\\\?PnP?\\Notification",
                                    .dwCurrentState = count << 16};
        (void)SCardGetStatusChangeA(session->context, 50, &state, 1);
        count = session_list(session);
    }
    return count;
}

LONG session_connect(struct session *session, const char *name)
{
    return SCardConnectA(session->context, name, SCARD_SHARE_SHARED,
                         SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &session->card,
                         &session->protocol);
}

void session_disconnect(struct session *session)
{
    (void)SCardDisconnect(session->card, SCARD_RESET_CARD);
}

/* One SCardTransmit; the answer goes to session->answer + at. */
static void transmit(struct session *session, const uint8_t *command, size_t size,
                     size_t at)
{
    const SCARD_IO_REQUEST *pci =
        session->protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    DWORD room = (DWORD)(sizeof session->answer - at);
    session->result = SCardTransmit(session->card, pci, command, (DWORD)size, NULL,
                                    session->answer + at, &room);
    session->status = 0;
    session->size = at;
    if (session->result != SCARD_S_SUCCESS || room < 2)
        return;
    session->size = at + room - 2;
    session->status = (uint16_t)(session->answer[session->size] << 8
                                 | session->answer[session->size + 1]);
}

static bool says(const struct session *session, uint8_t sw1)
{
    return session->result == SCARD_S_SUCCESS && session->status >> 8 == sw1;
}

LONG session_transmit(struct session *session, const uint8_t *command, size_t size)
{
    transmit(session, command, size, 0);
    if (session->protocol != SCARD_PROTOCOL_T0)
        return session->result;
    if (says(session, 0x6C) && size == 5) {
        uint8_t again[5];
        memcpy(again, command, 4);
        again[4] = (uint8_t)session->status;
        transmit(session, again, sizeof again, 0);
    }
    while (says(session, 0x61) && session->size < SESSION_ANSWER_MAX - 300) {
        const uint8_t get[5] = {command[0] & 0x03, 0xC0, 0, 0, (uint8_t)session->status};
        transmit(session, get, sizeof get, session->size);
    }
    return session->result;
}

bool session_counts(struct session *session, uint16_t bytes)
{
    const uint8_t command[5] = {0x80, 0xE0, (uint8_t)(bytes >> 8), (uint8_t)bytes, 0};
    if (session_transmit(session, command, sizeof command) != SCARD_S_SUCCESS
        || session->status != 0x9000 || session->size != bytes)
        return false;
    for (size_t i = 0; i < bytes; i++)
        if (session->answer[i] != (uint8_t)i)
            return false;
    return true;
}

bool session_echoes(struct session *session, uint16_t bytes)
{
    static uint8_t command[7 + 65535 + 2];
    size_t size = 4;
    bool extended = bytes > 255;
    memcpy(command, (const uint8_t[]){0x80, 0xE1, 0, 0}, 4);
    if (extended)
        command[size++] = 0;
    if (extended)
        command[size++] = (uint8_t)(bytes >> 8);
    command[size++] = (uint8_t)bytes;
    uint8_t *data = command + size;
    for (size_t i = 0; i < bytes; i++)
        command[size++] = (uint8_t)(7 * i);
    command[size++] = 0; /* Le */
    if (extended)
        command[size++] = 0;
    return session_transmit(session, command, size) == SCARD_S_SUCCESS
           && session->status == 0x9000 && session->size == bytes
           && memcmp(session->answer, data, bytes) == 0;
}

bool session_wait_state(struct session *session, const char *name, DWORD bits,
                        unsigned ms)
{
    uint64_t end = os_now_ms() + ms;
    SCARD_READERSTATEA state = {.szReader = name, .dwCurrentState = SCARD_STATE_UNAWARE};
    do {
        LONG result =
            SCardGetStatusChangeA(session->context, (DWORD)os_ms_left(end), &state, 1);
        if (result != SCARD_S_SUCCESS)
            return false;
        state.dwCurrentState = state.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    } while ((state.dwEventState & bits) != bits);
    return true;
}
