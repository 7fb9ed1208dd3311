/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/bench/service/measure.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

uint64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void sleep_us(unsigned us)
{
    struct timespec time = {us / 1000000, (long)(us % 1000000) * 1000};
    nanosleep(&time, NULL);
}

static int compare(const void *left, const void *right)
{
    const double *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

double median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), compare);
    return count % 2 != 0 ? values[count / 2]
                          : (values[count / 2 - 1] + values[count / 2]) / 2;
}

double near_least(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), compare);
    return values[count / 20];
}

double largest(const double *values, size_t count)
{
    double most = values[0];
    for (size_t i = 1; i < count; i++)
        most = values[i] > most ? values[i] : most;
    return most;
}

_Noreturn void fail(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    _exit(1);
}

void require(LONG status, const char *what)
{
    if (status == SCARD_S_SUCCESS)
        return;
    fprintf(stderr, "bench: %s: %s\n", what, pcsc_stringify_error(status));
    _exit(1);
}

void report(const char *key, const char *floor, const char *format, ...)
{
    va_list arguments;
    printf("%s\t%s\t", key, floor);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

SCARDCONTEXT establish(void)
{
    SCARDCONTEXT context;
    require(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context),
            "SCardEstablishContext");
    return context;
}

const char *first_reader(SCARDCONTEXT context)
{
    static char names[4096];
    DWORD size = sizeof(names);
    require(SCardListReaders(context, NULL, names, &size), "SCardListReaders");
    return names;
}

SCARDHANDLE connect_shared(SCARDCONTEXT context)
{
    SCARDHANDLE card;
    DWORD protocol;
    require(SCardConnect(context, first_reader(context), SCARD_SHARE_SHARED,
                         SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol),
            "SCardConnect");
    return card;
}

void transmit_echo(SCARDHANDLE card, const BYTE *command, DWORD size, BYTE *answer)
{
    DWORD length = 65548; /* as long as an answer can be */
    require(SCardTransmit(card, SCARD_PCI_T1, command, size, NULL, answer, &length),
            "SCardTransmit");
    if (length != size || answer[size - 2] != 0x90)
        fail("SCardTransmit: another answer than the card's");
}

void begin(SCARDHANDLE card)
{
    LONG status;
    while ((status = SCardBeginTransaction(card)) == SCARD_W_RESET_CARD) {
        DWORD protocol;
        require(SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1,
                               SCARD_LEAVE_CARD, &protocol),
                "SCardReconnect");
    }
    require(status, "SCardBeginTransaction");
}

bool has_card_events(void)
{
    return getenv("NULL_READER_EVENTS") != NULL;
}

void card_event(char event)
{
    char path[256];
    const char *folder = getenv("NULL_READER_EVENTS");
    if (folder == NULL || snprintf(path, sizeof(path), "%s/0", folder) < 0)
        fail("NULL_READER_EVENTS names no folder");
    int fifo = open(path, O_WRONLY | O_CLOEXEC);
    if (fifo < 0 || write(fifo, &event, 1) != 1)
        fail(path);
    close(fifo);
}

void *shared_memory(size_t size)
{
    void *memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        fail("no memory");
    return memory;
}

void await_change(const uint32_t *word, uint32_t found)
{
    syscall(SYS_futex, word, FUTEX_WAIT, found, NULL, NULL, 0);
}

void await(const uint32_t *word, uint32_t wanted)
{
    uint32_t found;
    while ((found = __atomic_load_n(word, __ATOMIC_ACQUIRE)) != wanted)
        await_change(word, found);
}

bool await_for(const uint32_t *word, uint32_t wanted, unsigned ms)
{
    struct timespec part = {0, 10000000};
    uint64_t end_ns = now_ns() + ms * 1000000ull;
    uint32_t found;
    while ((found = __atomic_load_n(word, __ATOMIC_ACQUIRE)) != wanted) {
        if (now_ns() >= end_ns)
            return false;
        syscall(SYS_futex, word, FUTEX_WAIT, found, &part, NULL, 0);
    }
    return true;
}

void set(uint32_t *word, uint32_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
    syscall(SYS_futex, word, FUTEX_WAKE, 1 << 20, NULL, NULL, 0);
}

pid_t start_process(void (*work)(void *), void *argument)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid < 0)
        fail("no more processes");
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        work(argument);
        fflush(stdout);
        _exit(0);
    }
    return pid;
}

void end_process(pid_t pid)
{
    int status;
    if (waitpid(pid, &status, 0) != pid || status != 0)
        fail("a client failed");
}

void kill_process(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}
