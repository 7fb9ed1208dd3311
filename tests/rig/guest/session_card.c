/* SPDX-License-Identifier: BSD-2-Clause */
/* The course of the session: connecting, resets, transactions. */
#include "tests/rig/guest/session.h"

#include <unistd.h>

static const char *protocol_name(DWORD protocol)
{
    switch (protocol) {
    case SCARD_PROTOCOL_UNDEFINED:
        return "none";
    case SCARD_PROTOCOL_T0:
        return "T=0";
    case SCARD_PROTOCOL_T1:
        return "T=1";
    default:
        return "other";
    }
}

/* The names of the bits in the state of SCardGetStatusChange, without the counter. */
static void print_event(DWORD state)
{
    static const struct {
        DWORD bit;
        const char *name;
    } bits[] = {
        {SCARD_STATE_CHANGED, "changed"},     {SCARD_STATE_UNKNOWN, "unknown"},
        {SCARD_STATE_EMPTY, "empty"},         {SCARD_STATE_UNAVAILABLE, "unavailable"},
        {SCARD_STATE_PRESENT, "present"},     {SCARD_STATE_EXCLUSIVE, "exclusive"},
        {SCARD_STATE_INUSE, "inuse"},         {SCARD_STATE_MUTE, "mute"},
        {SCARD_STATE_UNPOWERED, "unpowered"},
    };
    for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
        if ((state & bits[i].bit) != 0)
            printf(" %s", bits[i].name);
    }
}

/* Waits a minute at most for the manager to have looked whether there is a card. */
static LONG look(SCARDCONTEXT context, SCARD_READERSTATE *state)
{
    LONG error = SCARD_S_SUCCESS;
    for (int i = 0; i < 1200 && error == SCARD_S_SUCCESS; i++) {
        state->dwCurrentState = SCARD_STATE_UNAWARE;
        error = SCardGetStatusChange(context, 60000, state, 1);
        if ((state->dwEventState & (SCARD_STATE_PRESENT | SCARD_STATE_EMPTY)) != 0)
            break;
        usleep(50000);
    }
    return error;
}

static void print_change(SCARDCONTEXT context, const char *reader)
{
    SCARD_READERSTATE state = {.szReader = reader};
    LONG error = look(context, &state);
    printf("state: %s", name_of(error));
    if (error == SCARD_S_SUCCESS) {
        /* Whether the card sleeps is the manager's own affair. */
        print_event(state.dwEventState & ~(DWORD)SCARD_STATE_UNPOWERED);
        printf(" ");
        print_bytes(state.rgbAtr, state.cbAtr <= 36 ? state.cbAtr : 0);
    }
    printf("\n");
}

static void print_status(const struct session *session)
{
    char name[256] = "";
    unsigned char atr[36];
    DWORD name_size = sizeof(name), atr_size = sizeof(atr), state = 0, protocol = 0;
    LONG error =
        SCardStatus(session->card, name, &name_size, &state, &protocol, atr, &atr_size);
    printf("status: %s\n", name_of(error));
    if (error != SCARD_S_SUCCESS)
        return;
    printf("name: %s\n", name);
    printf("status state: %04lX\n", (unsigned long)state & 0xFFFF);
    printf("status protocol: %s\n", protocol_name(protocol));
    printf("atr: ");
    print_bytes(atr, atr_size);
    printf("\n");
}

static LONG open_card(SCARDCONTEXT context, const char *reader, DWORD mode,
                      DWORD protocols, struct session *session)
{
    LONG error = SCardConnect(context, reader, mode, protocols, &session->card,
                              &session->protocol);
    printf("connect mode %lu protocols %lX: %s", (unsigned long)mode,
           (unsigned long)protocols, name_of(error));
    if (error == SCARD_S_SUCCESS)
        printf(" %s", protocol_name(session->protocol));
    printf("\n");
    return error;
}

static void close_card(const struct session *session, DWORD how)
{
    printf("disconnect %lu: %s\n", (unsigned long)how,
           name_of(SCardDisconnect(session->card, how)));
}

static void reconnect(struct session *session, DWORD protocols, DWORD how)
{
    LONG error = SCardReconnect(session->card, SCARD_SHARE_SHARED, protocols, how,
                                &session->protocol);
    printf("reconnect %lu protocols %lX: %s", (unsigned long)how,
           (unsigned long)protocols, name_of(error));
    if (error == SCARD_S_SUCCESS)
        printf(" %s", protocol_name(session->protocol));
    printf("\n");
}

static void run_resets(SCARDCONTEXT context, const char *reader, struct session *session)
{
    const DWORD any = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;
    struct session other = *session;
    printf("begin: %s\n", name_of(SCardBeginTransaction(session->card)));
    session_probe(session, "in a transaction");
    printf("end with reset: %s\n",
           name_of(SCardEndTransaction(session->card, SCARD_RESET_CARD)));
    printf("end without begin: %s\n",
           name_of(SCardEndTransaction(session->card, SCARD_LEAVE_CARD)));
    session_probe(session, "after the reset");
    reconnect(session, any, SCARD_LEAVE_CARD);
    reconnect(session, any, SCARD_RESET_CARD);
    print_status(session);
    reconnect(session, any, SCARD_UNPOWER_CARD);
    session_probe(session, "after power");
    if (open_card(context, reader, SCARD_SHARE_SHARED, any, &other) == SCARD_S_SUCCESS) {
        printf("other resets: ");
        close_card(&other, SCARD_RESET_CARD);
        session_probe(session, "after another's reset");
        reconnect(session, any, SCARD_LEAVE_CARD);
        session_probe(session, "after reconnecting");
    }
}

static void run_protocol(SCARDCONTEXT context, const char *reader, DWORD protocol,
                         size_t longest)
{
    struct session session = {.longest = longest};
    if (open_card(context, reader, SCARD_SHARE_EXCLUSIVE, protocol, &session)
        != SCARD_S_SUCCESS)
        return;
    print_status(&session);
    session_apdus(&session);
    close_card(&session, SCARD_UNPOWER_CARD);
}

void session_run(SCARDCONTEXT context, const char *reader, size_t longest)
{
    struct session session = {.longest = longest};
    printf("== %s\n", reader);
    print_change(context, reader);
    if (open_card(context, reader, SCARD_SHARE_DIRECT, 0, &session) == SCARD_S_SUCCESS) {
        session_features(&session);
        close_card(&session, SCARD_LEAVE_CARD);
    }
    if (open_card(context, reader, SCARD_SHARE_SHARED,
                  SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &session)
        != SCARD_S_SUCCESS)
        return;
    print_status(&session);
    session_attributes(&session);
    session_features(&session);
    run_resets(context, reader, &session);
    close_card(&session, SCARD_RESET_CARD);
    run_protocol(context, reader, SCARD_PROTOCOL_T0, longest);
    run_protocol(context, reader, SCARD_PROTOCOL_T1, longest);
    print_change(context, reader);
}
