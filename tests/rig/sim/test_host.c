/* SPDX-License-Identifier: BSD-2-Clause */
/* A small CCID host for the simulator's own test. */
#include "tests/rig/sim/test_host.h"

#include "base/alloc.h"
#include "proto/pps.h"
#include "proto/t0.h"
#include "proto/t1.h"

#include <stdio.h>
#include <string.h>

enum { LIMIT_MS = 20000, LEVELS = 0x70000 };

struct host *host_new(const char *specification, size_t n)
{
    static const uint8_t setup[8] = {0, 9, 1};
    char why[128] = "";
    struct host *host = mem_alloc(sizeof(*host));
    struct sim_device *device = sim_device_new(specification, why, sizeof(why));
    if (host == NULL || device == NULL || n >= device->interface_count) {
        if (device == NULL)
            fprintf(stderr, "%s: %s\n", specification, why);
        sim_device_free(device);
        mem_free(host);
        return NULL;
    }
    host->device = device;
    host->interface = &device->interfaces[n];
    host->now = 1000;
    host->t1 = mem_alloc(sizeof(*host->t1));
    (void)host_control(host, setup[0], setup[1], 1, 0, NULL, 0, NULL);
    return host;
}

void host_free(struct host *host)
{
    if (host == NULL)
        return;
    sim_device_free(host->device);
    mem_free(host->t1);
    mem_free(host);
}

/* Lets the clock run until the URB is over. */
static enum sim_status wait_for(struct host *host, struct sim_urb *urb, uint64_t limit_ms)
{
    uint64_t end = host->now + limit_ms;
    sim_submit(host->device, urb, host->now);
    for (;;) {
        uint64_t next = sim_advance(host->device, host->now);
        if (sim_take_done(host->device) == urb)
            return urb->status;
        if (next > end)
            break;
        host->now = next > host->now ? next : host->now + 1;
    }
    host->now = end;
    sim_cancel(host->device, urb);
    (void)sim_take_done(host->device);
    return urb->status;
}

enum sim_status host_transfer(struct host *host, uint8_t endpoint, uint8_t *bytes,
                              size_t size, size_t *done, uint64_t limit_ms)
{
    struct sim_urb urb = {.endpoint = endpoint, .bytes = bytes, .size = size};
    enum sim_status status = wait_for(host, &urb, limit_ms);
    if (done != NULL)
        *done = urb.done;
    return status;
}

enum sim_status host_control(struct host *host, uint8_t type, uint8_t request,
                             uint16_t value, uint16_t index, uint8_t *bytes,
                             uint16_t size, size_t *done)
{
    struct sim_urb urb = {.bytes = bytes, .size = size, .setup = {type, request}};
    wire_put_u16(urb.setup + 2, value);
    wire_put_u16(urb.setup + 4, index);
    wire_put_u16(urb.setup + 6, size);
    enum sim_status status = wait_for(host, &urb, LIMIT_MS);
    if (done != NULL)
        *done = urb.done;
    return status;
}

bool host_send(struct host *host, uint8_t type, const uint8_t p[3], const uint8_t *data,
               size_t size)
{
    uint8_t *message = mem_alloc(WIRE_HEADER_SIZE + size);
    if (message == NULL)
        return false;
    message[0] = type;
    wire_put_u32(message + 1, (uint32_t)size);
    message[5] = host->slot;
    message[6] = ++host->seq;
    memcpy(message + 7, p, 3);
    if (size != 0)
        memcpy(message + WIRE_HEADER_SIZE, data, size);
    enum sim_status status = host_transfer(host, host->interface->out.address, message,
                                           WIRE_HEADER_SIZE + size, NULL, 1000);
    mem_free(message);
    return status == SIM_OK;
}

enum sim_status host_receive(struct host *host, uint64_t limit_ms)
{
    enum sim_status status;
    host->extensions = 0;
    do {
        status = host_transfer(host, host->interface->in.address, host->in, HOST_ROOM,
                               &host->size, limit_ms);
        bool extension = host->size >= WIRE_HEADER_SIZE && (host->in[7] & 0xC0) == 0x80;
        if (status != SIM_OK || !extension)
            return status;
        host->extensions++;
    } while (host->extensions < 1000);
    return status;
}

bool host_command(struct host *host, uint8_t type, uint8_t p1, uint16_t level,
                  const uint8_t *data, size_t size)
{
    uint8_t p[3] = {p1};
    wire_put_u16(p + 1, level);
    return host_send(host, type, p, data, size) && host_receive(host, LIMIT_MS) == SIM_OK
           && host->size >= WIRE_HEADER_SIZE
           && host->size == WIRE_HEADER_SIZE + (size_t)wire_u32(host->in + 1)
           && host->in[5] == host->slot && host->in[6] == host->seq
           && (host->in[7] & 0xC0) == 0;
}

/* --- Connecting -----------------------------------------------------------------------
 */

static bool power(struct host *host)
{
    const struct sim_class *class = &host->interface->class;
    bool on = false;
    if ((class->features & WIRE_AUTO_VOLTAGE) != 0)
        on = host_command(host, WIRE_POWER_ON, 0, 0, NULL, 0);
    for (uint8_t select = 1; select <= 3 && !on; select++)
        if (class->voltages == 0 || (class->voltages >> (select - 1) & 1) != 0)
            on = host_command(host, WIRE_POWER_ON, select, 0, NULL, 0);
    if (!on || host->size - WIRE_HEADER_SIZE > sizeof(host->atr))
        return false;
    host->atr_size = host->size - WIRE_HEADER_SIZE;
    memcpy(host->atr, host->in + WIRE_HEADER_SIZE, host->atr_size);
    return true;
}

static bool set_parameters(struct host *host, const struct atr *atr, uint8_t fidi)
{
    uint8_t bytes[7] = {fidi, 0, atr->n, atr->wi, 0, atr->ifsc, 0};
    if (host->protocol == 1) {
        bytes[1] = 0x10;
        bytes[3] = (uint8_t)(atr->bwi << 4 | atr->cwi);
    }
    return host_command(host, WIRE_SET_PARAMETERS, host->protocol, 0, bytes,
                        host->protocol == 1 ? 7 : 5);
}

static bool send_pps(struct host *host, uint8_t fidi)
{
    uint8_t request[PPS_SIZE_MAX];
    struct pps pps = {.protocol = host->protocol, .has_pps1 = true, .pps1 = fidi};
    size_t size = pps_build(&pps, request);
    uint16_t level = (host->interface->class.features & LEVELS) == 0 ? (uint16_t)size : 0;
    return host_command(host, WIRE_XFR_BLOCK, 0, level, request, size)
           && host->size == WIRE_HEADER_SIZE + size
           && memcmp(host->in + WIRE_HEADER_SIZE, request, size) == 0;
}

/* One block or TPDU each way. */
static size_t exchange(struct host *host, const uint8_t *bytes, size_t size, uint8_t bwi)
{
    return host_command(host, WIRE_XFR_BLOCK, bwi, 0, bytes, size)
               ? host->size - WIRE_HEADER_SIZE
               : 0;
}

/* The same at character level: T=1 prologue, then the rest. */
static size_t exchange_characters(struct host *host, const uint8_t *bytes, size_t size,
                                  uint8_t bwi, uint8_t *out)
{
    if (!host_command(host, WIRE_XFR_BLOCK, bwi, 3, bytes, size) || host->size != 13)
        return 0;
    memcpy(out, host->in + WIRE_HEADER_SIZE, 3);
    size_t rest = out[2] + 1U;
    if (!host_command(host, WIRE_XFR_BLOCK, 0, (uint16_t)rest, NULL, 0))
        return 0;
    memcpy(out + 3, host->in + WIRE_HEADER_SIZE, rest);
    return 3 + rest;
}

static bool run_t1(struct host *host, enum t1_step step)
{
    uint8_t block[T1_BLOCK_MAX];
    bool characters = (host->interface->class.features & LEVELS) == 0;
    while (step == T1_SEND) {
        struct t1 *t1 = host->t1;
        uint8_t bwi = t1->wait_multiplier > 1 ? (uint8_t)t1->wait_multiplier : 0;
        size_t size;
        if (characters) {
            size = exchange_characters(host, t1->block, t1->block_size, bwi, block);
        } else {
            size = exchange(host, t1->block, t1->block_size, bwi);
            if (size > sizeof(block))
                return false;
            memcpy(block, host->in + WIRE_HEADER_SIZE, size);
        }
        step = t1_receive(t1, size != 0 ? block : NULL, size);
    }
    return step == T1_DONE;
}

static bool start_t1(struct host *host, const struct atr *atr)
{
    const struct sim_class *class = &host->interface->class;
    uint32_t room = class->message_max - WIRE_HEADER_SIZE - 4;
    struct t1_parameters parameters = {
        .ifsc = (uint8_t)(atr->ifsc < room ? atr->ifsc : room), .edc = T1_EDC_LRC};
    uint8_t ifsd = (uint8_t)(class->ifsd < room ? class->ifsd : room);
    t1_init(host->t1, &parameters);
    bool tpdu = (class->features & (LEVELS - WIRE_LEVEL_TPDU)) == 0;
    if (!tpdu || (class->features & WIRE_AUTO_IFSD) != 0)
        return true;
    return run_t1(host, t1_start_ifs(host->t1, ifsd));
}

bool host_connect(struct host *host, uint8_t protocol)
{
    const struct sim_class *class = &host->interface->class;
    struct atr atr;
    if (!power(host))
        return false;
    atr_parse(&atr, host->atr, host->atr_size);
    host->protocol = protocol;
    if ((class->features & WIRE_AUTO_NEGOTIATION) == 0) {
        uint64_t baud = (uint64_t) class->clock_khz * 1000 * atr.di / atr.fi;
        uint8_t fidi = baud <= class->max_rate ? atr.ta1 : PPS_FIDI_DEFAULT;
        if ((class->features & WIRE_AUTO_PPS) == 0 && !send_pps(host, fidi))
            return false;
        if (!set_parameters(host, &atr, fidi))
            return false;
    }
    return protocol == 0 || start_t1(host, &atr);
}

/* --- APDUs ----------------------------------------------------------------------------
 */

static size_t send_t0_characters(struct host *host, const uint8_t *tpdu, size_t size,
                                 uint8_t *out)
{
    size_t wanted = tpdu[4] != 0 ? tpdu[4] : 256;
    bool sent = false;
    const uint8_t *byte = host->in + WIRE_HEADER_SIZE;
    if (!host_command(host, WIRE_XFR_BLOCK, 0, 1, tpdu, 5))
        return 0;
    for (;;) {
        bool ok;
        if (byte[0] == 0x60) {
            ok = host_command(host, WIRE_XFR_BLOCK, 0, 1, NULL, 0);
        } else if (byte[0] == tpdu[1] && size > 5 && !sent) {
            sent = true;
            ok = host_command(host, WIRE_XFR_BLOCK, 0, 1, tpdu + 5, size - 5);
        } else if (byte[0] == tpdu[1]) {
            if (!host_command(host, WIRE_XFR_BLOCK, 0, (uint16_t)(wanted + 2), NULL, 0))
                return 0;
            memcpy(out, byte, wanted + 2);
            return wanted + 2;
        } else {
            out[0] = byte[0];
            ok = host_command(host, WIRE_XFR_BLOCK, 0, 1, NULL, 0);
            out[1] = byte[0];
            return ok ? 2 : 0;
        }
        if (!ok)
            return 0;
    }
}

static size_t send_t0(struct host *host, const uint8_t *apdu, size_t size, uint8_t *out,
                      size_t room)
{
    const struct t0_options options = {
        .get_response = true, .correct_le = true, .envelope = true};
    uint8_t answer[T0_ANSWER_MAX];
    bool characters = (host->interface->class.features & LEVELS) == 0;
    struct t0 t0;
    enum t0_step step = t0_start(&t0, &options, apdu, size, out, room);
    while (step == T0_SEND) {
        size_t got;
        if (characters) {
            got = send_t0_characters(host, t0.command, t0.command_size, answer);
        } else {
            got = exchange(host, t0.command, t0.command_size, 0);
            if (got > sizeof(answer))
                return 0;
            memcpy(answer, host->in + WIRE_HEADER_SIZE, got);
        }
        if (got == 0)
            return 0;
        step = t0_receive(&t0, answer, got);
    }
    return step == T0_DONE ? t0.out_size : 0;
}

/* CCID 6.1.4: wLevelParameter and bChainParameter. */
static size_t send_chained(struct host *host, const uint8_t *apdu, size_t size,
                           uint8_t *out, size_t room)
{
    size_t max = host->interface->class.message_max - WIRE_HEADER_SIZE, at = 0, got = 0;
    while (size - at > max) {
        if (!host_command(host, WIRE_XFR_BLOCK, 0, at == 0 ? 1 : 3, apdu + at, max)
            || host->size != WIRE_HEADER_SIZE || host->in[9] != WIRE_CONTINUE)
            return 0;
        at += max;
    }
    if (!host_command(host, WIRE_XFR_BLOCK, 0, at == 0 ? 0 : 2, apdu + at, size - at))
        return 0;
    for (;;) {
        size_t piece = host->size - WIRE_HEADER_SIZE;
        if (piece > room - got || piece > max)
            return 0;
        memcpy(out + got, host->in + WIRE_HEADER_SIZE, piece);
        got += piece;
        if (host->in[9] == WIRE_WHOLE || host->in[9] == WIRE_LAST)
            return got;
        if (!host_command(host, WIRE_XFR_BLOCK, 0, WIRE_CONTINUE, NULL, 0))
            return 0;
    }
}

size_t host_apdu(struct host *host, const uint8_t *apdu, size_t size, uint8_t *out,
                 size_t room)
{
    uint32_t features = host->interface->class.features;
    if ((features & (WIRE_LEVEL_SHORT | WIRE_LEVEL_EXTENDED)) != 0)
        return send_chained(host, apdu, size, out, room);
    if (host->protocol == 0)
        return send_t0(host, apdu, size, out, room);
    return run_t1(host, t1_start(host->t1, apdu, size, out, room)) ? host->t1->out_size
                                                                   : 0;
}
