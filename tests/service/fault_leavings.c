/* SPDX-License-Identifier: BSD-2-Clause */
/* What programs leave behind in a card that a service shares: a PIN that was verified
 * does not outlive its program, however that ends and whichever protocol it spoke; and a
 * program that is stopped does not keep its transaction. */
#include "tests/support/check.h"
#include "tests/support/daemon.h"
#include "tests/support/lite.h"

#include "os/time.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <winscard.h>

#define READER             "WinSCard Software Card 00 00"
#define EXPECT(call, want) CHECK_EQ((uint32_t)(call), (uint32_t)(want))

enum { GIVEN_UP_MS = 45000, VERIFIED = 0x9000, NOT_VERIFIED = 0x63C3 };

static const BYTE verify[] = {0x00, 0x20, 0x00, 0x81, 0x06, '1', '2', '3', '4', '5', '6'};
static const BYTE ask_verified[] = {0x00, 0x20, 0x00, 0x81};

static struct daemon service;
static uint32_t *ready; /* shared with children */

/* --- The service -------------------------------------------------------------------- */

static void power_off_never(void)
{
    setenv("WINSCARD_POWER_OFF_MS", "0", 1);
}

static void power_off_soon(void)
{
    setenv("WINSCARD_POWER_OFF_MS", "500", 1);
}

static void start_service(void (*prepare)(void))
{
    const char *const options[] = {"--pcscd-socket", service.pcscd_path, NULL};
    CHECK(daemon_start(&service, WINSCARDD, "soft:?protocol=t1", options, prepare));
}

/* --- Programs ----------------------------------------------------------------------- */

static SCARDCONTEXT new_context(void)
{
    SCARDCONTEXT context = 0;
    EXPECT(SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context), 0);
    return context;
}

static SCARDHANDLE new_card(SCARDCONTEXT context)
{
    SCARDHANDLE card = 0;
    DWORD active = 0;
    EXPECT(SCardConnect(context, READER, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, &card,
                        &active),
           0);
    return card;
}

static LONG renew(SCARDHANDLE card)
{
    DWORD active;
    return SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, SCARD_LEAVE_CARD,
                          &active);
}

static LONG status_of(SCARDHANDLE card)
{
    char name[128];
    BYTE atr[33];
    DWORD name_size = sizeof(name), atr_size = sizeof(atr), state, protocol;
    return SCardStatus(card, name, &name_size, &state, &protocol, atr, &atr_size);
}

static unsigned status_word(SCARDHANDLE card, const BYTE *command, DWORD size)
{
    BYTE answer[300];
    DWORD answer_size = sizeof(answer);
    EXPECT(SCardTransmit(card, SCARD_PCI_T1, command, size, NULL, answer, &answer_size),
           0);
    return answer_size == 2 ? (unsigned)answer[0] << 8 | answer[1] : 0U;
}

static unsigned is_verified(SCARDHANDLE card)
{
    return status_word(card, ask_verified, sizeof(ask_verified));
}

enum way { EXITS, KILLED, RELEASES, DISCONNECTS, STOPPED, WAYS };

/* The PIN is right, and then it ends, or waits for the end. */
static void end_in(enum way way, SCARDCONTEXT context)
{
    if (way == RELEASES)
        EXPECT(SCardReleaseContext(context), 0);
    __atomic_store_n(ready, 1, __ATOMIC_SEQ_CST);
    while (way == KILLED || way == RELEASES || way == STOPPED)
        pause();
    _exit(check_failures == 0 ? 0 : 1);
}

static void be_program(enum way way)
{
    SCARDCONTEXT context = new_context();
    SCARDHANDLE card = new_card(context);
    CHECK_EQ(status_word(card, verify, sizeof(verify)), VERIFIED);
    if (way == STOPPED)
        EXPECT(SCardBeginTransaction(card), 0);
    if (way == DISCONNECTS)
        EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    end_in(way, context);
}

/* The same with Debian's library, as far as the service sees it. */
static void be_lite_program(enum way way)
{
    struct lite lite;
    uint8_t answer[300];
    uint32_t size = 0;
    CHECK(lite_open(&lite, service.pcscd_path, 4));
    uint32_t card = lite_card(&lite, READER, 2, 2);
    CHECK_EQ(lite_transmit(&lite, card, 2, verify, sizeof(verify), 256, answer, &size),
             0);
    CHECK_EQ(size, 2);
    CHECK_EQ(answer[0], 0x90);
    if (way == RELEASES) {
        const uint32_t body[2] = {lite.context, 0};
        CHECK_EQ(lite_call(&lite, LITE_RELEASE, body, sizeof(body)), 0);
        way = KILLED;
        __atomic_store_n(ready, 1, __ATOMIC_SEQ_CST);
        for (;;)
            pause();
    }
    end_in(way, 0);
}

static pid_t start_program(enum way way, bool lite)
{
    __atomic_store_n(ready, 0, __ATOMIC_SEQ_CST);
    pid_t pid = fork();
    if (pid == 0) {
        check_failures = 0;
        if (lite)
            be_lite_program(way);
        be_program(way);
    }
    while (__atomic_load_n(ready, __ATOMIC_SEQ_CST) == 0)
        usleep(1000);
    return pid;
}

static void end_program(pid_t pid, enum way way)
{
    int status = -1;
    if (way == KILLED)
        kill(pid, SIGKILL);
    if (way != RELEASES)
        waitpid(pid, &status, 0);
    if (way == EXITS || way == DISCONNECTS)
        CHECK_EQ(status, 0);
}

/* --- The tests ---------------------------------------------------------------------- */

/* Somebody else is connected: the card is reset, which that one is told, and the PIN is
 * to be given again. */
static void test_shared(void)
{
    SCARDCONTEXT context = new_context();
    SCARDHANDLE card = new_card(context);
    for (int lite = 0; lite < 2; lite++) {
        for (enum way way = EXITS; way <= RELEASES; way++) {
            CHECK_EQ(is_verified(card), NOT_VERIFIED);
            pid_t pid = start_program(way, lite != 0);
            end_program(pid, way);
            while (status_of(card) == 0)
                usleep(1000);
            EXPECT(status_of(card), SCARD_W_RESET_CARD);
            EXPECT(renew(card), 0);
            CHECK_EQ(is_verified(card), NOT_VERIFIED);
            if (way == RELEASES) {
                kill(pid, SIGKILL);
                waitpid(pid, NULL, 0);
            }
        }
    }
    /* Who disconnects says himself that it stays. */
    pid_t pid = start_program(DISCONNECTS, false);
    end_program(pid, DISCONNECTS);
    EXPECT(status_of(card), 0);
    CHECK_EQ(is_verified(card), VERIFIED);
    EXPECT(SCardReleaseContext(context), 0);
}

/* Nobody is connected afterwards: not even SCARD_LEAVE_CARD outlasts the power. */
static void test_power(void)
{
    SCARDCONTEXT context = new_context();
    end_program(start_program(DISCONNECTS, false), DISCONNECTS);
    unsigned word = VERIFIED;
    for (uint32_t wait_ms = 0; word == VERIFIED; wait_ms += 200) {
        usleep(wait_ms * 1000); /* in each of which nobody is connected */
        SCARDHANDLE card = new_card(context);
        word = is_verified(card);
        EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    }
    CHECK_EQ(word, NOT_VERIFIED);
    EXPECT(SCardReleaseContext(context), 0);
}

static void test_stopped(void)
{
    SCARDCONTEXT context = new_context();
    SCARDHANDLE card = new_card(context);
    pid_t pid = start_program(STOPPED, false);
    CHECK_EQ(kill(pid, SIGSTOP), 0);
    uint64_t begin_ms = os_now_ms();
    EXPECT(SCardBeginTransaction(card), SCARD_W_RESET_CARD);
    CHECK(os_now_ms() - begin_ms < GIVEN_UP_MS); /* and not when it was idle for 60 s */
    EXPECT(renew(card), 0);
    CHECK_EQ(is_verified(card), NOT_VERIFIED);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    EXPECT(SCardReleaseContext(context), 0);
}

int main(void)
{
    ready = mmap(NULL, sizeof(*ready), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                 -1, 0);
    if (!daemon_place(&service) || ready == MAP_FAILED)
        return 1;
    setenv("WINSCARD_SERVICE", service.endpoint, 1);
    setenv("WINSCARD_CARRIER", "service", 1);
    start_service(power_off_never);
    test_shared();
    test_stopped();
    CHECK(daemon_stop(&service));
    start_service(power_off_soon);
    test_power();
    CHECK(daemon_stop(&service));
    rmdir(service.directory);
    return check_result();
}
