/* SPDX-License-Identifier: BSD-2-Clause */
/* measure.exe PORT FOLDER [COUNT]: a Windows program's SCardTransmit of 258 bytes, by the
 * winscard.dll that it finds, beside a bare ping-pong with pong.c by TCP and by FIFOs, in
 * turns, so that what else the machine does is in all of them. Prints "WAY MEDIAN us" for
 * each. Where the service is, WINSCARD_SERVICE says, or nothing has to. */
#define WIN32_LEAN_AND_MEAN
#define _WIN32_WINNT 0x0601
#include <winsock2.h>

#include <windows.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PING = 262,    /* bytes to and fro */
    COMMAND = 258, /* bytes of the command, and of its answer */
    ROUNDS = 10,
    WARM = 50,
    WAYS = 3
};

typedef LONG(WINAPI *establish_call)(DWORD, const void *, const void *, ULONG_PTR *);
typedef LONG(WINAPI *list_call)(ULONG_PTR, const char *, char *, DWORD *);
typedef LONG(WINAPI *connect_call)(ULONG_PTR, const char *, DWORD, DWORD, ULONG_PTR *,
                                   DWORD *);
typedef LONG(WINAPI *transmit_call)(ULONG_PTR, const void *, const BYTE *, DWORD, void *,
                                    BYTE *, DWORD *);
typedef LONG(WINAPI *release_call)(ULONG_PTR);

struct io_request {
    DWORD protocol, size;
};

static SOCKET wire;
static HANDLE to_pong, from_pong;
static ULONG_PTR card;
static transmit_call transmit;

static void fail(const char *what, long code)
{
    fprintf(stderr, "measure: %s: %lx\n", what, (unsigned long)code);
    exit(1);
}

/* --- One round trip each ------------------------------------------------------------ */

static void ping_tcp(void)
{
    char bytes[PING] = {0};
    if (send(wire, bytes, PING, 0) != PING)
        fail("send", WSAGetLastError());
    for (int have = 0, got = 0; have < PING; have += got) {
        got = recv(wire, bytes, PING - have, 0);
        if (got <= 0)
            fail("recv", WSAGetLastError());
    }
}

static void ping_fifo(void)
{
    char bytes[PING] = {0};
    DWORD done = 0;
    if (!WriteFile(to_pong, bytes, PING, &done, NULL) || done != PING)
        fail("WriteFile", (long)GetLastError());
    for (DWORD have = 0, got = 0; have < PING; have += got)
        if (!ReadFile(from_pong, bytes, PING - have, &got, NULL) || got == 0)
            fail("ReadFile", (long)GetLastError());
}

static void call_card(void)
{
    static BYTE command[COMMAND] = {0x80, 0x10}, answer[COMMAND + 2];
    const struct io_request t1 = {2, sizeof(t1)};
    DWORD got = sizeof(answer);
    LONG error = transmit(card, &t1, command, sizeof(command), NULL, answer, &got);
    if (error != 0 || got != sizeof(command))
        fail("SCardTransmit", error);
}

/* --- Reaching the other side -------------------------------------------------------- */

static HANDLE open_fifo(const char *folder, const char *name, DWORD access)
{
    char path[MAX_PATH];
    snprintf(path, sizeof(path), "\\\\?\\unix%s/%s", folder, name);
    HANDLE fifo = CreateFileA(path, access, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                              OPEN_EXISTING, 0, NULL);
    if (fifo == INVALID_HANDLE_VALUE)
        fail(path, (long)GetLastError());
    return fifo;
}

static void reach_pong(const char *port, const char *folder)
{
    WSADATA data;
    int yes = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((u_short)strtoul(port, NULL, 10))};
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
        fail("WSAStartup", 0);
    wire = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(wire, (struct sockaddr *)&address, sizeof(address)) != 0)
        fail("connect", WSAGetLastError());
    (void)setsockopt(wire, IPPROTO_TCP, TCP_NODELAY, (const char *)&yes, sizeof(yes));
    to_pong = open_fifo(folder, "ping", GENERIC_WRITE);
    from_pong = open_fifo(folder, "pong", GENERIC_READ);
}

static void *find(HMODULE library, const char *name)
{
    FARPROC call = GetProcAddress(library, name);
    void *found;
    if (call == NULL)
        fail(name, (long)GetLastError());
    memcpy(&found, &call, sizeof(found));
    return found;
}

static void reach_card(void)
{
    HMODULE library = LoadLibraryA("winscard.dll");
    char names[1024];
    DWORD size = sizeof(names), active = 0;
    ULONG_PTR context = 0;
    if (library == NULL)
        fail("winscard.dll", (long)GetLastError());
    establish_call establish = (establish_call)find(library, "SCardEstablishContext");
    list_call list = (list_call)find(library, "SCardListReadersA");
    connect_call connect_card = (connect_call)find(library, "SCardConnectA");
    transmit = (transmit_call)find(library, "SCardTransmit");
    LONG error = establish(2, NULL, NULL, &context);
    if (error == 0)
        error = list(context, NULL, names, &size);
    if (error == 0)
        error = connect_card(context, names, 2, 2, &card, &active);
    if (error != 0)
        fail("the first reader", error);
}

/* --- Time --------------------------------------------------------------------------- */

static double now_us(void)
{
    LARGE_INTEGER ticks, per_second;
    QueryPerformanceCounter(&ticks);
    QueryPerformanceFrequency(&per_second);
    return (double)ticks.QuadPart * 1e6 / (double)per_second.QuadPart;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int count, char **words)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } ways[WAYS] = {{"tcp", ping_tcp}, {"fifo", ping_fifo}, {"transmit", call_card}};
    int calls = count > 3 ? (int)strtol(words[3], NULL, 10) : 200, at = 0;
    double *times[WAYS];
    if (count < 3 || calls <= 0)
        fail("measure PORT FOLDER [COUNT]", 0);
    reach_pong(words[1], words[2]);
    reach_card();
    for (int i = 0; i < WAYS; i++) {
        times[i] = calloc((size_t)calls * ROUNDS, sizeof(double));
        if (times[i] == NULL)
            fail("no memory", 0);
    }
    for (int round = 0; round < ROUNDS; round++, at += calls) {
        for (int i = 0; i < WAYS; i++) {
            for (int k = -WARM; k < calls; k++) {
                double begin = now_us();
                ways[i].run();
                if (k >= 0)
                    times[i][at + k] = now_us() - begin;
            }
        }
    }
    for (int i = 0; i < WAYS; i++) {
        qsort(times[i], (size_t)at, sizeof(double), compare);
        printf("%s %.1f us\n", ways[i].name, times[i][at / 2]);
    }
    return 0;
}
