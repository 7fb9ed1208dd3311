/* SPDX-License-Identifier: BSD-2-Clause */
/* rig_delay READER [HUNG FAULT]...: the time that commands to the card in READER take,
 * undisturbed, and then while the cards in the readers HUNG do not answer, as the
 * simulator's fault of that number (tests/rig/sim/fault.h) has it. Names may be parts.
 * Fails if a call takes a second, or fails. */
#include <reader.h>
#include <winscard.h>

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CALLS = 500, CALLS_FIRST = 20, HUNG_MAX = 4 };
enum { NAME_ROOM = 160, LIST_ROOM = 4096 };

struct hung {
    char name[NAME_ROOM];
    unsigned char fault;
    int sent;   /* the command that is not answered is on its way */
    int failed; /* it was answered all the same, or could not be sent */
};

static SCARDCONTEXT context;

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int find(const char *part, char name[NAME_ROOM])
{
    char list[LIST_ROOM];
    DWORD size = sizeof(list);
    if (SCardListReaders(context, NULL, list, &size) != SCARD_S_SUCCESS)
        return 0;
    for (const char *at = list; *at != '\0'; at += strlen(at) + 1) {
        if (strstr(at, part) == NULL)
            continue;
        return snprintf(name, NAME_ROOM, "%.*s", NAME_ROOM - 1, at) > 0;
    }
    fprintf(stderr, "rig_delay: no reader %s\n", part);
    return 0;
}

static int open_card(SCARDCONTEXT in, const char *name, SCARDHANDLE *card)
{
    DWORD protocol;
    LONG error =
        SCardConnect(in, name, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, card, &protocol);
    if (error != SCARD_S_SUCCESS)
        fprintf(stderr, "rig_delay: %s: %08lX\n", name, (unsigned long)error);
    return error == SCARD_S_SUCCESS;
}

static int send_bytes(SCARDHANDLE card, const unsigned char *command, DWORD size)
{
    unsigned char answer[300];
    DWORD got = sizeof(answer);
    LONG error = SCardTransmit(card, SCARD_PCI_T1, command, size, NULL, answer, &got);
    return error == SCARD_S_SUCCESS && got >= 2 && answer[got - 2] == 0x90;
}

/* Sends what is not answered. False: it could not be sent, or was answered. */
static int hang_once(SCARDCONTEXT own, struct hung *hung)
{
    const unsigned char fault[] = {0x80, 0xF0, hung->fault, 0x00};
    const unsigned char command[] = {0x80, 0xE0, 0x00, 0x01, 0x01};
    SCARDHANDLE card;
    if (!open_card(own, hung->name, &card) || !send_bytes(card, fault, sizeof(fault)))
        return 0;
    __atomic_store_n(&hung->sent, 1, __ATOMIC_SEQ_CST);
    int answered = send_bytes(card, command, sizeof(command));
    SCardDisconnect(card, SCARD_RESET_CARD);
    return !answered;
}

/* Again and again, since the driver gives the command up some time, and the measurement
 * may take longer. */
static void *hang(void *argument)
{
    struct hung *hung = argument;
    SCARDCONTEXT own;
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &own) == SCARD_S_SUCCESS)
        while (hang_once(own, hung))
            ;
    __atomic_store_n(&hung->failed, 1, __ATOMIC_SEQ_CST);
    __atomic_store_n(&hung->sent, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static int by_size(const void *left, const void *right)
{
    const uint64_t *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

/* The median; 0: a call failed. */
static uint64_t measure(SCARDHANDLE card, const char *when)
{
    static uint64_t took[CALLS];
    const unsigned char command[] = {0x80, 0xE0, 0x00, 0x10, 0x10};
    for (int i = -CALLS_FIRST; i < CALLS; i++) {
        uint64_t began = now_us();
        if (!send_bytes(card, command, sizeof(command))) {
            fprintf(stderr, "rig_delay: %s: a command fails\n", when);
            return 0;
        }
        if (i >= 0)
            took[i] = now_us() - began;
    }
    qsort(took, CALLS, sizeof(took[0]), by_size);
    printf("delay: %s: median %llu us, 99th %llu us, longest %llu us\n", when,
           (unsigned long long)took[CALLS / 2],
           (unsigned long long)took[CALLS - CALLS / 100],
           (unsigned long long)took[CALLS - 1]);
    return took[CALLS / 2];
}

int main(int argc, char **argv)
{
    static struct hung hung[HUNG_MAX];
    char name[NAME_ROOM];
    SCARDHANDLE card;
    uint64_t before, after;
    int count = (argc - 2) / 2, failed = 0;
    if (argc < 2 || count > HUNG_MAX
        || SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context)
               != SCARD_S_SUCCESS
        || !find(argv[1], name) || !open_card(context, name, &card))
        return 2;
    before = measure(card, "undisturbed");
    for (int i = 0; i < count; i++) {
        pthread_t thread;
        hung[i].fault = (unsigned char)strtoul(argv[3 + 2 * i], NULL, 16);
        if (!find(argv[2 + 2 * i], hung[i].name)
            || pthread_create(&thread, NULL, hang, &hung[i]) != 0)
            return 2;
        while (!__atomic_load_n(&hung[i].sent, __ATOMIC_SEQ_CST))
            usleep(10000);
    }
    usleep(100000);
    after = measure(card, "while others hang");
    for (int i = 0; i < count; i++)
        failed |= __atomic_load_n(&hung[i].failed, __ATOMIC_SEQ_CST);
    if (failed)
        fprintf(stderr, "rig_delay: a reader does not hang\n");
    fflush(stdout);
    /* Not to wait for those that never answer. */
    _exit(before != 0 && after != 0 && !failed ? 0 : 1);
}
