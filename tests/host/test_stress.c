/* SPDX-License-Identifier: BSD-2-Clause */
/* Many threads at once on few readers, while cards come and go and jobs hang: nothing
 * deadlocks, every code is one of those documented, and all is free at the end. Under the
 * thread sanitizer this is the test of the host's locks. */
#include "tests/support/check.h"
#include "tests/support/fake.h"

#include <PCSC/winscard.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

enum { CLIENTS = 8, READERS = 3, ROUNDS = 150 };

static uint32_t clients_left = CLIENTS;
static SCARDCONTEXT shared_context;

struct client {
    pthread_t thread;
    unsigned random;
    unsigned failures;
    unsigned done;
};

static unsigned next(struct client *client, unsigned n)
{
    client->random = client->random * 1103515245U + 12345U;
    return (client->random >> 16) % n;
}

static bool is_documented(LONG status)
{
    static const LONG codes[] = {
        SCARD_S_SUCCESS,           SCARD_E_NO_SMARTCARD,      SCARD_W_REMOVED_CARD,
        SCARD_W_RESET_CARD,        SCARD_E_SHARING_VIOLATION, SCARD_E_TIMEOUT,
        SCARD_E_CANCELLED,         SCARD_E_PROTO_MISMATCH,    SCARD_E_NOT_TRANSACTED,
        SCARD_E_INVALID_HANDLE,    SCARD_W_UNPOWERED_CARD,    SCARD_F_COMM_ERROR,
        SCARD_E_READER_UNAVAILABLE};
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (codes[i] == status)
            return true;
    fprintf(stderr, "not documented here: %s\n", pcsc_stringify_error(status));
    return false;
}

static void note(struct client *client, LONG status)
{
    client->failures += !is_documented(status);
    client->done++;
}

static void use_card(struct client *client, SCARDHANDLE card)
{
    static const BYTE command[] = {0x00, 0x84, 0x00, 0x00, 0x08};
    BYTE answer[258];
    DWORD size = sizeof(answer), active, state;
    note(client, SCardBeginTransaction(card));
    note(client, SCardTransmit(card, SCARD_PCI_T0, command, sizeof(command), NULL, answer,
                               &size));
    note(client, SCardStatus(card, NULL, NULL, &state, NULL, NULL, NULL));
    note(client, SCardEndTransaction(card, next(client, 3)));
    note(client, SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY,
                                next(client, 3), &active));
    note(client, SCardDisconnect(card, next(client, 4)));
}

static void watch(struct client *client, SCARDCONTEXT context, const char *name)
{
    SCARD_READERSTATE states[2] = {{.szReader = name},
                                   {.szReader = "\\\\?PnP?\\Notification"}};
    note(client, SCardGetStatusChange(context, 0, states, 2));
    states[0].dwCurrentState = states[0].dwEventState;
    states[1].dwCurrentState = states[1].dwEventState;
    note(client, SCardGetStatusChange(context, next(client, 4), states, 2));
}

static void *run_client(void *argument)
{
    struct client *client = argument;
    for (unsigned i = 0; i < ROUNDS; i++) {
        char name[MAX_READERNAME];
        SCARDCONTEXT own = 0;
        SCARDHANDLE card;
        DWORD active;
        snprintf(name, sizeof(name), "Fake Reader %02X 00", next(client, READERS));
        note(client, SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &own));
        SCARDCONTEXT context = next(client, 3) == 0 ? shared_context : own;
        LONG status = SCardConnect(context, name,
                                   next(client, 6) == 0 ? SCARD_SHARE_EXCLUSIVE
                                                        : SCARD_SHARE_SHARED,
                                   SCARD_PROTOCOL_ANY, &card, &active);
        note(client, status);
        if (status == SCARD_S_SUCCESS)
            use_card(client, card);
        watch(client, context, name);
        if (next(client, 4) == 0)
            note(client, SCardCancel(shared_context));
        note(client, SCardReleaseContext(own));
    }
    __atomic_sub_fetch(&clients_left, 1, __ATOMIC_ACQ_REL);
    return NULL;
}

static void disturb(void)
{
    const struct timespec pause = {0, 1000000};
    for (unsigned i = 0; __atomic_load_n(&clients_left, __ATOMIC_ACQUIRE) > 0; i++) {
        fake_remove(i % READERS);
        nanosleep(&pause, NULL);
        fake_insert(i % READERS);
        nanosleep(&pause, NULL);
    }
}

int main(void)
{
    struct client clients[CLIENTS] = {{0}};
    setenv("WINSCARD_READERS", "fake:?count=3&cards=1", 1);
    CHECK_EQ(SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &shared_context), 0);
    for (unsigned i = 0; i < CLIENTS; i++) {
        clients[i].random = i + 1;
        CHECK_EQ(pthread_create(&clients[i].thread, NULL, run_client, &clients[i]), 0);
    }
    disturb();
    for (unsigned i = 0; i < CLIENTS; i++) {
        pthread_join(clients[i].thread, NULL);
        CHECK_EQ(clients[i].failures, 0);
        CHECK(clients[i].done >= ROUNDS * 6);
    }
    CHECK_EQ(SCardReleaseContext(shared_context), 0);
    for (unsigned i = 0; i < READERS; i++)
        CHECK_EQ(fake_counts(i).close, 1);
    return check_result();
}
