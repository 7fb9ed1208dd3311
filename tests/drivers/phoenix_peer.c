/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "tests/drivers/phoenix_peer.h"

#include "os/time.h"
#include "proto/pps.h"
#include "proto/t1_block.h"
#include "tests/drivers/pty.h"
#include "tests/rig/sim/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    LOOK_MS = 20,
    HEADER_SIZE = 5,
    PPSS = 0xFF,
    RATE_OFF_PERCENT = 3,
    CHARACTER_BITS = 12 /* start, eight, parity, two to stop */
};

struct phoenix_peer phoenix_peer;
static struct phoenix_peer *const peer = &phoenix_peer;

/* --- The line ------------------------------------------------------------------------ */

static bool open_line(void)
{
    struct pty pty;
    if (!pty_open(&pty))
        return false;
    os_mutex_lock(&peer->lock);
    peer->master = pty.master;
    peer->slave = pty.slave;
    os_mutex_unlock(&peer->lock);
    return pty_show(&pty, peer->link);
}

/* Locked. */
static void hang_up(void)
{
    (void)unlink(peer->link);
    if (peer->master >= 0) {
        close(peer->slave);
        close(peer->master);
    }
    peer->master = peer->slave = -1;
}

static uint8_t convert(uint8_t byte)
{
    return sim_card_atr(peer->card)->inverse ? atr_swap_convention(byte) : byte;
}

/* Locked. As it is on the line. */
static void put_now(uint8_t byte)
{
    if (peer->master >= 0 && write(peer->master, &byte, 1) != 1)
        perror("phoenix peer");
}

/* Locked. In the card's convention. */
static void put(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (!peer->paced)
            put_now(convert(bytes[i]));
        else if (peer->out_size < sizeof(peer->out))
            peer->out[peer->out_size++] = convert(bytes[i]);
    }
}

/* The time that a character takes, from when the line was free. */
static void pace(void)
{
    os_mutex_lock(&peer->lock);
    uint64_t now_ns = os_now_ns();
    uint64_t character_ns =
        peer->format.rate > 0 ? CHARACTER_BITS * UINT64_C(1000000000) / peer->format.rate
                              : 0;
    /* A line that was free for less than a character was fed in time. */
    if (peer->free_ns + character_ns < now_ns)
        peer->free_ns = now_ns;
    peer->free_ns += character_ns;
    peer->busy_ns += character_ns;
    uint64_t until_ns = peer->free_ns;
    os_mutex_unlock(&peer->lock);
    const struct timespec until = {(time_t)(until_ns / 1000000000),
                                   (long)(until_ns % 1000000000)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
        continue;
}

/* Sends what is to be sent. */
static void send_paced(void)
{
    bool more = true;
    while (more) {
        os_mutex_lock(&peer->lock);
        more = peer->out_sent < peer->out_size && !peer->stopping;
        os_mutex_unlock(&peer->lock);
        if (!more)
            break;
        pace();
        os_mutex_lock(&peer->lock);
        if (peer->out_sent < peer->out_size)
            put_now(peer->out[peer->out_sent++]);
        if (peer->out_sent == peer->out_size)
            peer->out_sent = peer->out_size = 0;
        os_mutex_unlock(&peer->lock);
    }
}

static bool is_on(uint32_t wire, bool inverted)
{
    return wire == 0 || ((peer->lines & wire) != 0) != inverted;
}

/* Locked: RST goes up, or the power does while it is up. */
static void follow_lines(uint32_t before)
{
    uint32_t now = peer->lines;
    bool up = is_on(peer->power, peer->power_inverted)
              && !is_on(peer->reset, peer->reset_inverted);
    peer->lines = before;
    bool was_up = is_on(peer->power, peer->power_inverted)
                  && !is_on(peer->reset, peer->reset_inverted);
    peer->lines = now;
    peer->in_size = 0;
    if (!up)
        sim_card_off(peer->card);
    if (!up || was_up || !peer->present)
        return;
    size_t size = 0;
    sim_card_reset(peer->card);
    peer->resets++;
    peer->heard = true;
    const uint8_t *atr = sim_card_atr_bytes(peer->card, &size);
    put(atr, size);
}

/* --- What the driver calls ------------------------------------------------------------- */

void __wrap_os_serial_set_lines(struct os_serial serial, uint32_t lines, bool on);
void __wrap_os_serial_set_lines(struct os_serial serial, uint32_t lines, bool on)
{
    (void)serial;
    os_mutex_lock(&peer->lock);
    uint32_t before = peer->lines;
    peer->lines = on ? before | lines : before & ~lines;
    follow_lines(before);
    os_mutex_unlock(&peer->lock);
}

enum sc_error __wrap_os_serial_get_lines(struct os_serial serial, uint32_t *lines);
enum sc_error __wrap_os_serial_get_lines(struct os_serial serial, uint32_t *lines)
{
    enum sc_error error = SC_OK;
    (void)serial;
    os_mutex_lock(&peer->lock);
    *lines = peer->present != peer->detect_inverted ? peer->detect : 0;
    if (peer->master < 0)
        error = SC_E_READER_UNAVAILABLE;
    else if (!peer->has_lines)
        error = SC_E_UNSUPPORTED_FEATURE;
    os_mutex_unlock(&peer->lock);
    return error;
}

enum sc_error __real_os_serial_set_format(struct os_serial serial,
                                          const struct os_serial_format *format);
enum sc_error __wrap_os_serial_set_format(struct os_serial serial,
                                          const struct os_serial_format *format);
enum sc_error __wrap_os_serial_set_format(struct os_serial serial,
                                          const struct os_serial_format *format)
{
    os_mutex_lock(&peer->lock);
    peer->format = *format;
    os_mutex_unlock(&peer->lock);
    return __real_os_serial_set_format(serial, format);
}

/* A damaged character is marked by what the line is set to. */
enum sc_error __real_os_serial_read(struct os_serial serial, void *bytes, size_t room,
                                    size_t *size, uint64_t deadline_ms,
                                    const struct os_wake *wake);
enum sc_error __wrap_os_serial_read(struct os_serial serial, void *bytes, size_t room,
                                    size_t *size, uint64_t deadline_ms,
                                    const struct os_wake *wake);
enum sc_error __wrap_os_serial_read(struct os_serial serial, void *bytes, size_t room,
                                    size_t *size, uint64_t deadline_ms,
                                    const struct os_wake *wake)
{
    uint8_t *at = bytes;
    enum sc_error error =
        __real_os_serial_read(serial, bytes, room - 2, size, deadline_ms, wake);
    os_mutex_lock(&peer->lock);
    if (error == SC_OK && peer->damage && peer->format.marks_damage) {
        peer->damage = false;
        memmove(at + 2, at, *size);
        at[0] = 0xFF;
        at[1] = 0x00;
        at[2] ^= 0x10;
        *size += 2;
    }
    os_mutex_unlock(&peer->lock);
    return error;
}

/* --- The card -------------------------------------------------------------------------- */

/* Whether the line runs as the card does now. */
static bool line_is_right(struct sim_line *line)
{
    const struct atr *atr = sim_card_atr(peer->card);
    uint8_t fidi = peer->card->fidi;
    uint64_t rate = (uint64_t)peer->clock_hz * atr_di(fidi) / atr_fi(fidi);
    uint64_t off =
        rate > peer->format.rate ? rate - peer->format.rate : peer->format.rate - rate;
    *line = (struct sim_line){.protocol = peer->card->protocol,
                              .fidi = fidi,
                              .guard = atr->n,
                              .waiting = atr->wi,
                              .clock_khz = peer->clock_hz / 1000};
    if (line->protocol == 1)
        line->waiting = (uint8_t)(atr->bwi << 4 | atr->cwi);
    enum os_parity parity = atr->inverse ? OS_PARITY_ODD : OS_PARITY_EVEN;
    return off * 100 <= rate * RATE_OFF_PERCENT && peer->format.parity == parity;
}

static void answer(uint8_t *bytes, size_t size)
{
    enum phoenix_fault fault = peer->fault;
    size_t middle = size / 2;
    if (size == 0 || fault == PHOENIX_DEAF)
        fault = PHOENIX_WELL;
    else
        peer->fault = PHOENIX_WELL;
    peer->damage = fault == PHOENIX_PARITY;
    if (fault == PHOENIX_PULLED)
        peer->present = false;
    if (fault == PHOENIX_HANG_UP)
        hang_up();
    if (fault == PHOENIX_SILENT || fault == PHOENIX_PULLED || fault == PHOENIX_HANG_UP)
        return;
    put(bytes, middle);
    if (fault == PHOENIX_DOUBLED)
        put(bytes + middle, 1);
    if (fault != PHOENIX_LOST)
        put(bytes + middle, 1);
    put(bytes + middle + 1, size - middle - 1);
}

static void run_card(const struct sim_line *line)
{
    uint8_t out[SIM_CARD_ANSWER_MAX + 1];
    struct sim_fault fault = {.kind = SIM_FAULT_NONE, .from = UINT64_MAX};
    uint32_t delay_ms = 0;
    size_t size = sim_card_tpdu(peer->card, line, peer->in, peer->in_size, out + 1,
                                &delay_ms, &fault);
    bool data = line->protocol == 0 && size > 2;
    out[0] = peer->in[1]; /* the procedure byte before data */
    peer->in_size = 0;
    answer(data ? out : out + 1, size + (data ? 1 : 0));
}

static void take_t0(const struct sim_line *line)
{
    if (peer->in_size < HEADER_SIZE)
        return;
    bool taking = sim_takes_data(peer->in);
    if (taking && peer->in_size == HEADER_SIZE)
        put(&peer->in[1], 1);
    else if (!taking || peer->in_size == HEADER_SIZE + (size_t)peer->in[4])
        run_card(line);
}

static void take_t1(const struct sim_line *line)
{
    size_t size = peer->in_size;
    if (size >= T1_PROLOGUE_SIZE && size == T1_PROLOGUE_SIZE + (size_t)peer->in[2] + 1)
        run_card(line);
}

static void take_pps(struct sim_line *line)
{
    uint8_t out[SIM_CARD_ANSWER_MAX];
    if (peer->in_size < 3 || peer->in_size < pps_size(peer->in[1]))
        return;
    size_t size = sim_card_pps(peer->card, line, peer->in, peer->in_size, out);
    peer->in_size = 0;
    answer(out, size);
}

/* Locked. One byte that has come, and goes back. */
static void take(uint8_t byte)
{
    struct sim_line line;
    if (peer->fault == PHOENIX_DEAF) {
        peer->fault = PHOENIX_WELL;
        return;
    }
    put_now(byte);
    if (!peer->present || peer->card->dead)
        return;
    peer->heard = peer->heard && line_is_right(&line);
    if (!peer->heard || peer->in_size == sizeof(peer->in))
        return;
    peer->in[peer->in_size++] = convert(byte);
    if (peer->card->fresh && peer->in[0] == PPSS)
        take_pps(&line);
    else if (line.protocol == 0)
        take_t0(&line);
    else
        take_t1(&line);
}

static void run(void *context)
{
    bool stopping = false;
    (void)context;
    while (!stopping) {
        uint8_t byte;
        send_paced();
        os_mutex_lock(&peer->lock);
        struct pollfd line = {.fd = peer->master, .events = POLLIN};
        stopping = peer->stopping;
        os_mutex_unlock(&peer->lock);
        bool came = poll(&line, 1, LOOK_MS) == 1 && (line.revents & POLLIN) != 0;
        if (came && peer->paced)
            pace();
        os_mutex_lock(&peer->lock);
        if (came && peer->master == line.fd && read(line.fd, &byte, 1) == 1)
            take(byte);
        os_mutex_unlock(&peer->lock);
    }
}

/* --- Life ------------------------------------------------------------------------------ */

bool phoenix_peer_start(void)
{
    os_mutex_init(&peer->lock);
    peer->master = peer->slave = -1;
    peer->card = sim_card_new(&peer->options, 0);
    return peer->card != NULL && open_line()
           && os_thread_start(&peer->thread, "phoenix-peer", run, NULL) == SC_OK;
}

void phoenix_peer_stop(void)
{
    os_mutex_lock(&peer->lock);
    peer->stopping = true;
    os_mutex_unlock(&peer->lock);
    os_thread_join(&peer->thread);
    hang_up();
    sim_card_free(peer->card);
    os_mutex_destroy(&peer->lock);
}

bool phoenix_peer_plug(void)
{
    return open_line();
}

void phoenix_peer_fault(enum phoenix_fault fault)
{
    os_mutex_lock(&peer->lock);
    peer->fault = fault;
    os_mutex_unlock(&peer->lock);
}

bool phoenix_peer_is_due(void)
{
    os_mutex_lock(&peer->lock);
    bool due = peer->fault != PHOENIX_WELL || peer->damage;
    os_mutex_unlock(&peer->lock);
    return due;
}

void phoenix_peer_move(bool present)
{
    os_mutex_lock(&peer->lock);
    peer->present = present;
    if (!present)
        sim_card_off(peer->card);
    os_mutex_unlock(&peer->lock);
}
