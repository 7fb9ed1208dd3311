/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "tests/drivers/serial_peer.h"

#include "os/time.h"
#include "proto/ccid.h"
#include "tests/drivers/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROOM = 600, LOOK_MS = 20, ANSWER_MS = 60000, SYNC = 3, ACK = 6 };

/* --- The line ------------------------------------------------------------------------ */

static bool open_line(struct serial_peer *peer)
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

static void hang_up(struct serial_peer *peer)
{
    (void)unlink(peer->link);
    os_mutex_lock(&peer->lock);
    if (peer->master >= 0) {
        close(peer->slave);
        close(peer->master);
    }
    peer->master = peer->slave = -1;
    os_mutex_unlock(&peer->lock);
}

static int line_of(struct serial_peer *peer)
{
    os_mutex_lock(&peer->lock);
    int line = peer->stopping ? -2 : peer->master;
    os_mutex_unlock(&peer->lock);
    return line;
}

static void put(struct serial_peer *peer, const uint8_t *bytes, size_t size)
{
    int line = line_of(peer);
    if (line >= 0 && write(line, bytes, size) != (ssize_t)size)
        perror("serial peer");
}

/* One byte; false: the line has gone, or the peer is to stop. */
static bool get(struct serial_peer *peer, uint8_t *byte)
{
    for (;;) {
        struct pollfd poll_line = {.fd = line_of(peer), .events = POLLIN};
        if (poll_line.fd < 0)
            return false;
        if (poll(&poll_line, 1, LOOK_MS) == 1 && read(poll_line.fd, byte, 1) == 1)
            return true;
    }
}

/* --- Faults -------------------------------------------------------------------------- */

void serial_peer_fault(struct serial_peer *peer, enum serial_fault fault, uint32_t times)
{
    os_mutex_lock(&peer->lock);
    peer->fault = fault;
    peer->faults = times;
    os_mutex_unlock(&peer->lock);
}

uint32_t serial_peer_faults_left(struct serial_peer *peer)
{
    os_mutex_lock(&peer->lock);
    uint32_t left = peer->faults;
    os_mutex_unlock(&peer->lock);
    return left;
}

static enum serial_fault take_fault(struct serial_peer *peer)
{
    os_mutex_lock(&peer->lock);
    enum serial_fault fault = peer->faults > 0 ? peer->fault : SERIAL_WELL;
    peer->faults -= peer->faults > 0 ? 1 : 0;
    peer->commands++;
    os_mutex_unlock(&peer->lock);
    return fault;
}

/* --- Frames -------------------------------------------------------------------------- */

static size_t frame(uint8_t *out, const uint8_t *message, size_t size)
{
    uint8_t check = SYNC ^ ACK;
    out[0] = SYNC;
    out[1] = ACK;
    for (size_t i = 0; i < size; i++) {
        out[2 + i] = message[i];
        check ^= message[i];
    }
    out[2 + size] = check;
    return size + 3;
}

/* A whole command; false: there are none any more. */
static bool get_command(struct serial_peer *peer, uint8_t *message, size_t *size)
{
    uint8_t byte = 0, check = SYNC ^ ACK;
    for (;;) {
        if (!get(peer, &byte))
            return false;
        if (byte != SYNC)
            continue;
        if (!get(peer, &byte))
            return false;
        if (byte != ACK)
            continue;
        for (size_t i = 0, whole = CCID_HEADER_SIZE; i < whole; i++) {
            if (!get(peer, &message[i]))
                return false;
            check ^= message[i];
            if (i + 1 == CCID_HEADER_SIZE)
                whole = ccid_message_size(message);
            *size = i + 1;
        }
        if (!get(peer, &byte))
            return false;
        if (byte == check)
            return true;
        fprintf(stderr, "serial peer: a command came damaged\n");
        check = SYNC ^ ACK;
    }
}

static void put_answer(struct serial_peer *peer, const uint8_t *message, size_t size,
                       enum serial_fault fault)
{
    static const uint8_t noise[] = {0x00, 0x55, 0x50, 0x7F, 0x0D};
    uint8_t out[ROOM + 8];
    static const uint8_t time = 0xFF;
    size_t whole = frame(out, message, size), middle = whole / 2;
    if (fault == SERIAL_NOISE)
        put(peer, noise, sizeof(noise));
    for (int i = 0; fault == SERIAL_TIME && i < 3; i++)
        put(peer, &time, 1);
    if (fault == SERIAL_CHECK)
        out[whole - 1] ^= 0x40;
    if (fault == SERIAL_LONG)
        out[2 + 3] = 0x01; /* of dwLength */
    if (fault == SERIAL_LOST)
        memmove(out + middle, out + middle + 1, --whole - middle);
    if (fault == SERIAL_DOUBLED) {
        memmove(out + middle + 1, out + middle, whole - middle);
        whole++;
    }
    if (fault != SERIAL_SLOWLY) {
        put(peer, out, whole);
        return;
    }
    for (size_t i = 0; i < whole; i++) {
        put(peer, out + i, 1);
        (void)poll(NULL, 0, 1);
    }
}

/* --- Commands ------------------------------------------------------------------------ */

/* What the reader itself answers; false: it is for the simulated one. */
static bool answer_escape(const uint8_t *command, size_t size, uint8_t *answer,
                          size_t *answer_size)
{
    static const char firmware[] = "GemTwin-V2.10-TEST";
    if (command[0] != CCID_ESCAPE || size <= CCID_HEADER_SIZE
        || (command[CCID_HEADER_SIZE] != 0x02 && command[CCID_HEADER_SIZE] != 0x01
            && command[CCID_HEADER_SIZE] != 0x06))
        return false;
    memset(answer, 0, CCID_HEADER_SIZE);
    answer[0] = CCID_ESCAPE_REPLY;
    answer[1] = (uint8_t)strlen(firmware);
    answer[5] = command[5];
    answer[6] = command[6];
    memcpy(answer + CCID_HEADER_SIZE, firmware, strlen(firmware));
    *answer_size = CCID_HEADER_SIZE + strlen(firmware);
    return true;
}

static void put_event(struct serial_peer *peer)
{
    os_mutex_lock(&peer->lock);
    bool event = peer->event;
    uint8_t bytes[] = {CCID_NOTIFY_SLOT_CHANGE, peer->present ? 3 : 2};
    peer->event = false;
    os_mutex_unlock(&peer->lock);
    if (event)
        put(peer, bytes, sizeof(bytes));
}

/* A reader that cannot abort drops what it is at for the next command. The simulated one is
 * told so (CCID 5.3.1). */
static void drop_command(struct ccid_transport *inner, const uint8_t *command)
{
    const uint8_t slot = command[5], seq = (uint8_t)(command[6] + 1);
    const uint8_t bytes[CCID_HEADER_SIZE] = {[0] = CCID_ABORT, [5] = slot, [6] = seq};
    struct ccid_control control = {
        .type = 0x21, .request = 0x01, .value = (uint16_t)(seq << 8 | slot)};
    uint64_t until_ms = os_now_ms() + ANSWER_MS;
    uint8_t answer[ROOM] = {0};
    size_t size = 0;
    enum sc_error error = inner->control(inner, slot, &control, until_ms);
    if (error == SC_OK)
        error = inner->send(inner, slot, bytes, sizeof(bytes), until_ms);
    while (error == SC_OK && !(answer[0] == CCID_SLOT_STATUS && answer[6] == seq))
        error = inner->receive(inner, slot, answer, 512, &size, until_ms);
    if (error != SC_OK)
        fprintf(stderr, "serial peer: no end of a command: %s\n", sc_error_name(error));
}

static bool is_extension(const uint8_t *answer, size_t size)
{
    return size > 7 && (answer[7] & 0xC0) == 0x80;
}

/* Hands on what comes until it is the answer to this command. */
static void hand_on(struct serial_peer *peer, struct ccid_transport *inner,
                    const uint8_t *command, enum serial_fault fault)
{
    uint8_t answer[ROOM];
    size_t size = 0;
    bool whole = false;
    while (!whole) {
        struct pollfd line = {.fd = line_of(peer), .events = POLLIN};
        enum sc_error error =
            inner->receive(inner, command[5], answer, 512, &size, os_now_ms() + LOOK_MS);
        if (line.fd < 0 || (error != SC_OK && error != SC_E_TIMEOUT))
            return;
        if (error == SC_E_TIMEOUT && poll(&line, 1, 0) == 1) {
            drop_command(inner, command);
            return;
        }
        if (error == SC_E_TIMEOUT)
            continue;
        whole = !is_extension(answer, size) && size > 6 && answer[5] == command[5]
                && answer[6] == command[6];
        if (fault != SERIAL_SILENT)
            put_answer(peer, answer, size, fault);
        fault = SERIAL_WELL;
    }
}

static void answer_well(struct serial_peer *peer, const uint8_t *command, size_t size,
                        enum serial_fault fault)
{
    struct ccid_transport *inner = sim_direct_transport(peer->direct, 0);
    uint8_t answer[ROOM];
    size_t answer_size = 0;
    put_event(peer);
    if (answer_escape(command, size, answer, &answer_size)) {
        put_answer(peer, answer, answer_size, fault);
        return;
    }
    if (inner->send(inner, command[5], command, size, OS_FOREVER) == SC_OK)
        hand_on(peer, inner, command, fault);
}

/* Without end, but for the next command, and faster than anybody reads. */
static void flood(struct serial_peer *peer, bool events)
{
    uint8_t bytes[512];
    for (size_t i = 0; i < sizeof(bytes); i += 2) {
        bytes[i] = events ? CCID_NOTIFY_SLOT_CHANGE : SYNC;
        bytes[i + 1] = SYNC;
    }
    struct pollfd line = {.fd = line_of(peer), .events = POLLIN | POLLOUT};
    (void)fcntl(line.fd, F_SETFL, O_NONBLOCK);
    while (line.fd >= 0 && poll(&line, 1, LOOK_MS) >= 0 && (line.revents & POLLIN) == 0) {
        if (write(line.fd, bytes, sizeof(bytes)) < 0 && errno != EAGAIN)
            perror("serial peer");
        line.fd = line_of(peer);
    }
    (void)fcntl(line.fd, F_SETFL, 0);
}

static void answer(struct serial_peer *peer, const uint8_t *command, size_t size)
{
    static const uint8_t refusal[] = {SYNC, 0x15, SYNC ^ 0x15};
    enum serial_fault fault = take_fault(peer);
    uint8_t echo[ROOM];
    if (fault == SERIAL_HANG_UP) {
        hang_up(peer);
        return;
    }
    if (fault == SERIAL_EVENTS || fault == SERIAL_SYNC) {
        flood(peer, fault == SERIAL_EVENTS);
        return;
    }
    if (fault == SERIAL_REFUSED) {
        put(peer, refusal, sizeof(refusal));
        return;
    }
    if (peer->echoes)
        put(peer, echo, frame(echo, command, size));
    answer_well(peer, command, size, fault);
}

static void run(void *context)
{
    struct serial_peer *peer = context;
    uint8_t command[ROOM];
    size_t size = 0;
    while (line_of(peer) != -2) {
        if (get_command(peer, command, &size))
            answer(peer, command, size);
        else if (line_of(peer) == -1)
            (void)poll(NULL, 0, LOOK_MS);
    }
}

/* --- Life ---------------------------------------------------------------------------- */

bool serial_peer_start(struct serial_peer *peer)
{
    char why[160];
    os_mutex_init(&peer->lock);
    peer->master = peer->slave = -1;
    peer->direct = sim_direct_new(peer->reader, why, sizeof(why));
    if (peer->direct == NULL) {
        fprintf(stderr, "%s: %s\n", peer->reader, why);
        return false;
    }
    return open_line(peer)
           && os_thread_start(&peer->thread, "serial-peer", run, peer) == SC_OK;
}

void serial_peer_stop(struct serial_peer *peer)
{
    os_mutex_lock(&peer->lock);
    peer->stopping = true;
    os_mutex_unlock(&peer->lock);
    os_thread_join(&peer->thread);
    hang_up(peer);
    sim_direct_free(peer->direct);
    os_mutex_destroy(&peer->lock);
}

bool serial_peer_plug(struct serial_peer *peer)
{
    return open_line(peer);
}

void serial_peer_move(struct serial_peer *peer, bool present)
{
    (present ? sim_direct_insert : sim_direct_remove)(peer->direct, 0);
    os_mutex_lock(&peer->lock);
    peer->event = true;
    peer->present = present;
    os_mutex_unlock(&peer->lock);
}
