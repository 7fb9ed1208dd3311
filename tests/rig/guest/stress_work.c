/* SPDX-License-Identifier: BSD-2-Clause */
/* A worker of the stress test: reads from cards at random, in transactions. What fails
 * although the library has said that the card is in, and nobody has touched the reader
 * since, is a failure. That this is said in time the watcher's events show. */
#include "tests/rig/guest/stress.h"

#include <string.h>
#include <unistd.h>

enum { READS_MAX = 20, READ_MAX = 200 };

/* A reader that is plugged, with what it looked like. False: there is none. */
static bool choose(unsigned *seed, size_t *chosen, struct unit *copy)
{
    size_t candidates[64], count = 0;
    pthread_mutex_lock(&stress.mutex);
    for (size_t i = 0; i < stress.count && count < 64; i++) {
        const struct unit *unit = &stress.units[i];
        if (unit->name[0] != '\0' && unit->unplugged == 0 && unit->gone == 0)
            candidates[count++] = i;
    }
    if (count > 0) {
        *chosen = candidates[stress_random(seed, (unsigned)count)];
        *copy = stress.units[*chosen];
    }
    pthread_mutex_unlock(&stress.mutex);
    return count > 0;
}

/* Before the calls began the program had been told that the card is in, as it is since it
 * moved last, and nothing of that has changed: what they said must hold. */
static bool was_settled(const struct unit *before, const struct unit *now)
{
    return before->card && before->card_seen && before->told > before->card_moved
           && now->disturbed == before->disturbed && now->told == before->told;
}

/* What was told may be older than the last move: a reader without an interrupt endpoint is
 * looked at a few times a second, and another program's use of the card is told between.
 * The library counts the moves that it sees: it has seen none since it told `before`. */
static bool has_seen_no_move(SCARDCONTEXT context, const struct unit *before)
{
    SCARD_READERSTATE state = {.szReader = before->name};
    return SCardGetStatusChange(context, 0, &state, 1) == SCARD_S_SUCCESS
           && state.dwEventState >> 16 == before->state >> 16;
}

/* Another worker may reset the card, between two transactions. */
static void judge(SCARDCONTEXT context, size_t chosen, const struct unit *before,
                  const char *what, LONG error)
{
    const struct unit *unit = &stress.units[chosen];
    bool no_move = has_seen_no_move(context, before);
    pthread_mutex_lock(&stress.mutex);
    stress.refusals++;
    if (error != SCARD_W_RESET_CARD && no_move && was_settled(before, unit))
        stress_fail(what, unit, error);
    pthread_mutex_unlock(&stress.mutex);
}

static LONG read_once(SCARDHANDLE card, DWORD protocol, unsigned *seed, bool *wrong)
{
    const SCARD_IO_REQUEST *pci =
        protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    unsigned char offset = (unsigned char)stress_random(seed, 50);
    unsigned char size = (unsigned char)(1 + stress_random(seed, READ_MAX));
    unsigned char command[5] = {0x00, 0xB0, 0x82, offset, size}, response[300];
    DWORD got = sizeof(response);
    LONG error = SCardTransmit(card, pci, command, sizeof(command), NULL, response, &got);
    if (error != SCARD_S_SUCCESS)
        return error;
    *wrong = got != size + 2U || response[size] != 0x90;
    for (unsigned i = 0; i < size && !*wrong; i++)
        *wrong = response[i] != (unsigned char)(offset + i);
    __atomic_fetch_add(&stress.commands, 1, __ATOMIC_RELAXED);
    return SCARD_S_SUCCESS;
}

/* What failed, or NULL. */
static const char *transact(SCARDHANDLE card, DWORD protocol, unsigned *seed, LONG *error)
{
    static const unsigned char select[] = {0x00, 0xA4, 0x04, 0x0C, 0x05,
                                           0xF0, 0x53, 0x4F, 0x46, 0x54};
    const SCARD_IO_REQUEST *pci =
        protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    unsigned char response[300];
    DWORD got = sizeof(response);
    bool wrong = false;
    *error = SCardBeginTransaction(card);
    if (*error != SCARD_S_SUCCESS)
        return "SCardBeginTransaction";
    *error = SCardTransmit(card, pci, select, sizeof(select), NULL, response, &got);
    for (unsigned i = stress_random(seed, READS_MAX); i > 0 && *error == 0 && !wrong; i--)
        *error = read_once(card, protocol, seed, &wrong);
    if (*error != SCARD_S_SUCCESS || wrong) {
        (void)SCardEndTransaction(card, SCARD_LEAVE_CARD);
        return wrong ? "wrong data" : "SCardTransmit";
    }
    *error = SCardEndTransaction(card, SCARD_LEAVE_CARD);
    return *error != SCARD_S_SUCCESS ? "SCardEndTransaction" : NULL;
}

static void use(SCARDCONTEXT context, size_t chosen, const struct unit *unit,
                unsigned *seed)
{
    SCARDHANDLE card;
    DWORD protocol;
    const char *what;
    LONG error = SCardConnect(context, unit->name, SCARD_SHARE_SHARED,
                              SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol);
    if (error != SCARD_S_SUCCESS) {
        judge(context, chosen, unit, "SCardConnect", error);
        usleep(50000); /* most often there is no card */
        return;
    }
    __atomic_fetch_add(&stress.connects, 1, __ATOMIC_RELAXED);
    what = transact(card, protocol, seed, &error);
    if (what != NULL)
        judge(context, chosen, unit, what, error);
    (void)SCardDisconnect(card, stress_random(seed, 8) == 0 ? SCARD_RESET_CARD
                                                            : SCARD_LEAVE_CARD);
}

static bool wait_for_work(void)
{
    bool stop;
    pthread_mutex_lock(&stress.mutex);
    stress.idle++;
    while (stress.pause && !stress.stop) {
        pthread_mutex_unlock(&stress.mutex);
        usleep(10000);
        pthread_mutex_lock(&stress.mutex);
    }
    stress.idle--;
    stop = stress.stop;
    pthread_mutex_unlock(&stress.mutex);
    return !stop;
}

void *stress_work(void *argument)
{
    unsigned *seed = argument;
    SCARDCONTEXT context;
    LONG error = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    if (error != SCARD_S_SUCCESS)
        return NULL;
    while (wait_for_work()) {
        struct unit unit;
        size_t chosen = 0;
        if (choose(seed, &chosen, &unit))
            use(context, chosen, &unit, seed);
        else
            usleep(20000);
    }
    (void)SCardReleaseContext(context);
    return NULL;
}
