/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls of one round trip, each beside a ping-pong of its sizes: rounds of both take
 * turns, and the ratio is the median of the rounds' ratios. */
#include "tests/bench/service/measure.h"

#include <PCSC/reader.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS_MAX = 400, ROUND_US = 500 };

struct state {
    SCARDCONTEXT context;
    SCARDHANDLE card;
    const char *reader;
    DWORD known; /* the reader's state */
    BYTE command[MEASURE_FRAME_MAX], answer[MEASURE_FRAME_MAX];
};

static struct state state;

static void transmit(DWORD size)
{
    transmit_echo(state.card, state.command, size, state.answer);
}

static void transmit_5(void)
{
    transmit(5);
}

static void transmit_262(void)
{
    transmit(262);
}

static void transmit_4096(void)
{
    transmit(4096);
}

static void transmit_65536(void)
{
    transmit(65536);
}

static void card_status(void)
{
    char name[MAX_READERNAME];
    BYTE atr[MAX_ATR_SIZE];
    DWORD size = sizeof(name), what, protocol, atr_size = sizeof(atr);
    require(SCardStatus(state.card, name, &size, &what, &protocol, atr, &atr_size),
            "SCardStatus");
}

static void change_unknown(void)
{
    SCARD_READERSTATE reader = {.szReader = state.reader};
    require(SCardGetStatusChange(state.context, 0, &reader, 1), "SCardGetStatusChange");
    state.known = reader.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
}

static void change_known(void)
{
    SCARD_READERSTATE reader = {.szReader = state.reader, .dwCurrentState = state.known};
    LONG status = SCardGetStatusChange(state.context, 0, &reader, 1);
    if (status != SCARD_E_TIMEOUT)
        require(status, "SCardGetStatusChange of a known state");
}

static void begin_end(void)
{
    require(SCardBeginTransaction(state.card), "SCardBeginTransaction");
    require(SCardEndTransaction(state.card, SCARD_LEAVE_CARD), "SCardEndTransaction");
}

static void connect_disconnect(void)
{
    DWORD protocol;
    SCARDHANDLE card;
    require(SCardConnect(state.context, state.reader, SCARD_SHARE_SHARED,
                         SCARD_PROTOCOL_T1, &card, &protocol),
            "SCardConnect");
    require(SCardDisconnect(card, SCARD_LEAVE_CARD), "SCardDisconnect");
}

static void get_attribute(void)
{
    BYTE value[MAX_ATR_SIZE];
    DWORD size = sizeof(value);
    require(SCardGetAttrib(state.card, SCARD_ATTR_ATR_STRING, value, &size),
            "SCardGetAttrib");
}

static void control(void)
{
    BYTE in[16] = {0}, out[16];
    DWORD size;
    require(SCardControl(state.card, SCARD_CTL_CODE(2050), in, sizeof(in), out,
                         sizeof(out), &size),
            "SCardControl");
    if (size != sizeof(in))
        fail("SCardControl: no echo");
}

static void list_readers(void)
{
    char names[4096];
    DWORD size = sizeof(names);
    require(SCardListReaders(state.context, NULL, names, &size), "SCardListReaders");
}

static void establish_release(void)
{
    require(SCardReleaseContext(establish()), "SCardReleaseContext");
}

/* A message is taken to have 16 bytes besides what the call says: who asks, what, and
 * what came of it. `times`: round trips that a call cannot do without. */
static const struct call {
    const char *key;
    void (*run)(void);
    size_t out, in;
    unsigned times;
} calls[] = {
    {"transmit-5", transmit_5, 16 + 8 + 5, 16 + 5, 1},
    {"transmit-262", transmit_262, 16 + 8 + 262, 16 + 262, 1},
    {"transmit-4096", transmit_4096, 16 + 8 + 4096, 16 + 4096, 1},
    {"transmit-65536", transmit_65536, 16 + 8 + 65536, 16 + 65536, 1},
    {"status", card_status, 16, 16 + 64, 1},
    {"change-unknown", change_unknown, 16 + 32, 16 + 48, 1},
    {"change-known", change_known, 16 + 32, 16 + 48, 1},
    {"begin-end", begin_end, 16, 16, 2},
    {"connect-disconnect", connect_disconnect, 16 + 32, 16 + 8, 2},
    {"get-attribute", get_attribute, 16 + 8, 16 + 8, 1},
    {"control", control, 16 + 8 + 16, 16 + 16, 1},
    {"list-readers", list_readers, 16, 16 + 32, 1},
    {"establish-release", establish_release, 16, 16, 2},
};

static double time_pings(int socket, const struct call *call, unsigned count)
{
    uint64_t start_ns = now_ns();
    for (unsigned i = 0; i < count * call->times; i++)
        ping(socket, call->out, call->in);
    return (double)(now_ns() - start_ns) / count / 1000;
}

static double time_calls(const struct call *call, unsigned count)
{
    uint64_t start_ns = now_ns();
    for (unsigned i = 0; i < count; i++)
        call->run();
    return (double)(now_ns() - start_ns) / count / 1000;
}

/* How many fill a round, after a warm-up of some 20. */
static unsigned count_for(double us)
{
    double count = ROUND_US / us;
    return count < 1 ? 1 : (unsigned)count;
}

static void measure_call(int socket, const struct call *call, unsigned rounds)
{
    double floors[ROUNDS_MAX], times[ROUNDS_MAX];
    char floor[32];
    time_pings(socket, call, 20);
    time_calls(call, 5);
    unsigned pings = count_for(time_pings(socket, call, 20));
    unsigned runs = count_for(time_calls(call, 5));
    for (unsigned i = 0; i < rounds; i++) {
        floors[i] = time_pings(socket, call, pings);
        times[i] = time_calls(call, runs);
    }
    double least = near_least(floors, rounds);
    snprintf(floor, sizeof(floor), "%.1f us", least);
    report(call->key, floor, "%.2f", near_least(times, rounds) / least);
}

void measure_round_trips(bool quick)
{
    pid_t pong;
    int socket = pong_start(&pong);
    state.context = establish();
    state.reader = first_reader(state.context);
    state.card = connect_shared(state.context);
    state.command[1] = 0xCA;
    change_unknown();
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        measure_call(socket, &calls[i], quick ? 20 : ROUNDS_MAX);
    close(socket);
    end_process(pong);
    require(SCardDisconnect(state.card, SCARD_LEAVE_CARD), "SCardDisconnect");
    require(SCardReleaseContext(state.context), "SCardReleaseContext");
}
