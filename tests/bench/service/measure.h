/* SPDX-License-Identifier: BSD-2-Clause */
/* What the measuring programs share. They are written against pcsc-lite's ABI, so that
 * the same program runs on Debian's library and on ours (LD_LIBRARY_PATH says which).
 *
 * What is found goes to standard output, a line "KEY<TAB>FLOOR<TAB>FIGURE" each, which
 * bench.sh makes a table of; a failure goes to standard error and ends the program
 * with 1. No time is a failure. */
#ifndef TESTS_BENCH_SERVICE_MEASURE_H
#define TESTS_BENCH_SERVICE_MEASURE_H

#include <PCSC/winscard.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { MEASURE_FRAME_MAX = 65536 + 256 }; /* bytes of a ping or a pong */

/* The commands of the program; `quick` takes seconds and is for a smoke test. */
void measure_round_trips(bool quick);
void measure_latencies(bool quick);
void measure_throughput(bool quick);
void measure_fairness(bool quick);
/* `count` processes with a context each, and what the process `server` takes for them. */
void measure_clients(unsigned count, pid_t server);
/* `count` connections to the Unix socket `path` that say nothing, and one client among
 * them. */
void measure_silent(unsigned count, const char *path);
/* From the start of `command` to the first reader that is listed. */
void measure_start(char **command);
/* One context and handle, and `count` transmits of 5 bytes: to be traced. */
void measure_transmits(unsigned count);
/* A client that waits for an event, and one that does nothing, until standard input ends.
 */
void measure_idle(void);

/* --- time --------------------------------------------------------------------------- */

uint64_t now_ns(void);
void sleep_us(unsigned us);
/* Sorts `values`. */
double median(double *values, size_t count);
double near_least(double *values, size_t count); /* that at 5 %; sorts them too */
double largest(const double *values, size_t count);

/* --- failing and reporting ---------------------------------------------------------- */

_Noreturn void fail(const char *what);
void require(LONG status, const char *what);
void report(const char *key, const char *floor, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* --- cards -------------------------------------------------------------------------- */

SCARDCONTEXT establish(void);
/* The name of the first reader; the memory stays. */
const char *first_reader(SCARDCONTEXT context);
SCARDHANDLE connect_shared(SCARDCONTEXT context);
/* An echo of `size` bytes (null_card.h) into `answer`, of MEASURE_FRAME_MAX bytes. */
void transmit_echo(SCARDHANDLE card, const BYTE *command, DWORD size, BYTE *answer);
/* Begins a transaction, and connects again if the card was reset meanwhile. */
void begin(SCARDHANDLE card);
/* Puts a card into the first reader ('i') or takes it out ('r'). */
void card_event(char event);
bool has_card_events(void);

/* --- processes ---------------------------------------------------------------------- */

/* Zeroed memory that processes forked later share. */
void *shared_memory(size_t size);
/* Waits until *word is `wanted`, asleep in between. */
void await(const uint32_t *word, uint32_t wanted);
/* The same, for so long at most; false if it is not. */
bool await_for(const uint32_t *word, uint32_t wanted, unsigned ms);
/* Sleeps while *word is `found`, or less long. */
void await_change(const uint32_t *word, uint32_t found);
void set(uint32_t *word, uint32_t value);
/* Runs `work` in a new process, which ends with 0 when it returns. */
pid_t start_process(void (*work)(void *), void *argument);
/* Waits for it, and fails if it failed. */
void end_process(pid_t pid);
void kill_process(pid_t pid);

/* --- the floor: bytes to and fro between two processes, and nothing else ------------ */

/* A process that reads pings and writes pongs, and the socket to it. A ping begins with
 * its own size and that of its pong. */
int pong_start(pid_t *pid);
/* The same for many clients: an epoll loop that accepts on the socket `path`. */
pid_t pong_start_epoll(const char *path);
int pong_connect(const char *path);
/* One round trip. */
void ping(int socket, size_t out, size_t in);

#endif
