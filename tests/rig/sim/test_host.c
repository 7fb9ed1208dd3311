/* SPDX-License-Identifier: BSD-2-Clause */
/* A small CCID host for the simulator's own test. */
#include "tests/rig/sim/test_host.h"

#include "base/alloc.h"
#include "proto/pps.h"
#include "proto/t0.h"
#include "proto/t1.h"
#include "tests/support/hang.h"

#include <stdio.h>
#include <string.h>

enum { LIMIT_MS = CHECK_HANG_MS, LEVELS = 0x70000 };

struct probe *probe_new(const char *specification, size_t n)
{
    static const uint8_t setup[8] = {0, 9, 1};
    char why[128] = "";
    struct probe *probe = mem_alloc(sizeof(*probe));
    struct sim_device *device = sim_device_new(specification, why, sizeof(why));
    if (probe == NULL || device == NULL || n >= device->interface_count) {
        if (device == NULL)
            fprintf(stderr, "%s: %s\n", specification, why);
        sim_device_free(device);
        mem_free(probe);
        return NULL;
    }
    probe->device = device;
    probe->iface = &device->interfaces[n];
    probe->now = 1000;
    probe->t1 = mem_alloc(sizeof(*probe->t1));
    (void)probe_control(probe, setup[0], setup[1], 1, 0, NULL, 0, NULL);
    return probe;
}

void probe_free(struct probe *probe)
{
    if (probe == NULL)
        return;
    sim_device_free(probe->device);
    mem_free(probe->t1);
    mem_free(probe);
}

/* Lets the clock run until the URB is over. */
static enum sim_status wait_for(struct probe *probe, struct sim_urb *urb,
                                uint64_t limit_ms)
{
    uint64_t end = probe->now + limit_ms;
    sim_submit(probe->device, urb, probe->now);
    for (;;) {
        uint64_t next = sim_advance(probe->device, probe->now);
        if (sim_take_done(probe->device) == urb)
            return urb->status;
        if (next > end)
            break;
        probe->now = next > probe->now ? next : probe->now + 1;
    }
    probe->now = end;
    sim_cancel(probe->device, urb);
    (void)sim_take_done(probe->device);
    return urb->status;
}

enum sim_status probe_transfer(struct probe *probe, uint8_t endpoint, uint8_t *bytes,
                               size_t size, size_t *done, uint64_t limit_ms)
{
    struct sim_urb urb = {.endpoint = endpoint, .bytes = bytes, .size = size};
    enum sim_status status = wait_for(probe, &urb, limit_ms);
    if (done != NULL)
        *done = urb.done;
    return status;
}

enum sim_status probe_control(struct probe *probe, uint8_t type, uint8_t request,
                              uint16_t value, uint16_t index, uint8_t *bytes,
                              uint16_t size, size_t *done)
{
    struct sim_urb urb = {.bytes = bytes, .size = size, .setup = {type, request}};
    wire_put_u16(urb.setup + 2, value);
    wire_put_u16(urb.setup + 4, index);
    wire_put_u16(urb.setup + 6, size);
    enum sim_status status = wait_for(probe, &urb, LIMIT_MS);
    if (done != NULL)
        *done = urb.done;
    return status;
}

bool probe_send(struct probe *probe, uint8_t type, const uint8_t p[3],
                const uint8_t *data, size_t size)
{
    uint8_t *message = mem_alloc(WIRE_HEADER_SIZE + size);
    if (message == NULL)
        return false;
    message[0] = type;
    wire_put_u32(message + 1, (uint32_t)size);
    message[5] = probe->slot;
    message[6] = ++probe->seq;
    memcpy(message + 7, p, 3);
    if (size != 0)
        memcpy(message + WIRE_HEADER_SIZE, data, size);
    enum sim_status status = probe_transfer(probe, probe->iface->out.address, message,
                                            WIRE_HEADER_SIZE + size, NULL, 1000);
    mem_free(message);
    return status == SIM_OK;
}

enum sim_status probe_receive(struct probe *probe, uint64_t limit_ms)
{
    enum sim_status status;
    probe->extensions = 0;
    do {
        status = probe_transfer(probe, probe->iface->in.address, probe->in, HOST_ROOM,
                                &probe->size, limit_ms);
        bool extension = probe->size >= WIRE_HEADER_SIZE && (probe->in[7] & 0xC0) == 0x80;
        if (status != SIM_OK || !extension)
            return status;
        probe->extensions++;
    } while (probe->extensions < 1000);
    return status;
}

bool probe_command(struct probe *probe, uint8_t type, uint8_t p1, uint16_t level,
                   const uint8_t *data, size_t size)
{
    uint8_t p[3] = {p1};
    wire_put_u16(p + 1, level);
    return probe_send(probe, type, p, data, size)
           && probe_receive(probe, LIMIT_MS) == SIM_OK && probe->size >= WIRE_HEADER_SIZE
           && probe->size == WIRE_HEADER_SIZE + (size_t)wire_u32(probe->in + 1)
           && probe->in[5] == probe->slot && probe->in[6] == probe->seq
           && (probe->in[7] & 0xC0) == 0;
}

/* --- Connecting --------------------------------------------------------------------- */

static bool power(struct probe *probe)
{
    const struct sim_class *class = &probe->iface->class;
    bool on = false;
    if ((class->features & WIRE_AUTO_VOLTAGE) != 0)
        on = probe_command(probe, WIRE_POWER_ON, 0, 0, NULL, 0);
    for (uint8_t select = 1; select <= 3 && !on; select++)
        if (class->voltages == 0 || (class->voltages >> (select - 1) & 1) != 0)
            on = probe_command(probe, WIRE_POWER_ON, select, 0, NULL, 0);
    if (!on || probe->size - WIRE_HEADER_SIZE > sizeof(probe->atr))
        return false;
    probe->atr_size = probe->size - WIRE_HEADER_SIZE;
    memcpy(probe->atr, probe->in + WIRE_HEADER_SIZE, probe->atr_size);
    return true;
}

static bool set_parameters(struct probe *probe, const struct atr *atr, uint8_t fidi)
{
    uint8_t bytes[7] = {fidi, 0, atr->n, atr->wi, 0, atr->ifsc, 0};
    if (probe->protocol == 1) {
        bytes[1] = 0x10;
        bytes[3] = (uint8_t)(atr->bwi << 4 | atr->cwi);
    }
    return probe_command(probe, WIRE_SET_PARAMETERS, probe->protocol, 0, bytes,
                         probe->protocol == 1 ? 7 : 5);
}

static bool send_pps(struct probe *probe, uint8_t fidi)
{
    uint8_t request[PPS_SIZE_MAX];
    struct pps pps = {.protocol = probe->protocol, .has_pps1 = true, .pps1 = fidi};
    size_t size = pps_build(&pps, request);
    uint16_t level = (probe->iface->class.features & LEVELS) == 0 ? (uint16_t)size : 0;
    return probe_command(probe, WIRE_XFR_BLOCK, 0, level, request, size)
           && probe->size == WIRE_HEADER_SIZE + size
           && memcmp(probe->in + WIRE_HEADER_SIZE, request, size) == 0;
}

/* One block or TPDU each way. */
static size_t exchange(struct probe *probe, const uint8_t *bytes, size_t size,
                       uint8_t bwi)
{
    return probe_command(probe, WIRE_XFR_BLOCK, bwi, 0, bytes, size)
               ? probe->size - WIRE_HEADER_SIZE
               : 0;
}

/* Character level: sends bytes, and wants some back; both in pieces that the reader can.
 */
static bool exchange_bytes(struct probe *probe, const uint8_t *bytes, size_t size,
                           uint8_t bwi, uint8_t *out, size_t wanted)
{
    size_t max = probe->iface->class.message_max - WIRE_HEADER_SIZE;
    for (; size > max; size -= max, bytes += max)
        if (!probe_command(probe, WIRE_XFR_BLOCK, 0, 0, bytes, max))
            return false;
    while (wanted != 0) {
        size_t piece = wanted < max ? wanted : max;
        if (!probe_command(probe, WIRE_XFR_BLOCK, bwi, (uint16_t)piece, bytes, size)
            || probe->size != WIRE_HEADER_SIZE + piece)
            return false;
        memcpy(out, probe->in + WIRE_HEADER_SIZE, piece);
        out += piece;
        wanted -= piece;
        size = 0;
    }
    return true;
}

/* T=1 there: prologue, then the rest. */
static size_t exchange_characters(struct probe *probe, const uint8_t *bytes, size_t size,
                                  uint8_t bwi, uint8_t *out)
{
    if (!exchange_bytes(probe, bytes, size, bwi, out, 3))
        return 0;
    size_t rest = out[2] + 1U;
    return exchange_bytes(probe, NULL, 0, 0, out + 3, rest) ? 3 + rest : 0;
}

static bool run_t1(struct probe *probe, enum t1_step step)
{
    uint8_t block[T1_BLOCK_MAX];
    bool characters = (probe->iface->class.features & LEVELS) == 0;
    while (step == T1_SEND) {
        struct t1 *t1 = probe->t1;
        uint8_t bwi = t1->wait_multiplier > 1 ? (uint8_t)t1->wait_multiplier : 0;
        size_t size;
        if (characters) {
            size = exchange_characters(probe, t1->block, t1->block_size, bwi, block);
        } else {
            size = exchange(probe, t1->block, t1->block_size, bwi);
            if (size > sizeof(block))
                return false;
            memcpy(block, probe->in + WIRE_HEADER_SIZE, size);
        }
        step = t1_receive(t1, size != 0 ? block : NULL, size);
    }
    return step == T1_DONE;
}

static bool start_t1(struct probe *probe, const struct atr *atr)
{
    const struct sim_class *class = &probe->iface->class;
    uint32_t room = class->message_max - WIRE_HEADER_SIZE - 4;
    struct t1_parameters parameters = {
        .ifsc = (uint8_t)(atr->ifsc < room ? atr->ifsc : room), .edc = T1_EDC_LRC};
    uint8_t ifsd = (uint8_t)(class->ifsd < room ? class->ifsd : room);
    if ((class->features & WIRE_AUTO_IFSD) != 0)
        parameters.ifsd = ifsd;
    t1_init(probe->t1, &parameters);
    bool tpdu = (class->features & (LEVELS - WIRE_LEVEL_TPDU)) == 0;
    if (!tpdu || (class->features & WIRE_AUTO_IFSD) != 0)
        return true;
    return run_t1(probe, t1_start_ifs(probe->t1, ifsd));
}

bool probe_connect(struct probe *probe, uint8_t protocol)
{
    const struct sim_class *class = &probe->iface->class;
    struct atr atr;
    if (!power(probe))
        return false;
    atr_parse(&atr, probe->atr, probe->atr_size);
    probe->protocol = protocol;
    if ((class->features & WIRE_AUTO_NEGOTIATION) == 0) {
        uint64_t baud = (uint64_t) class->clock_khz * 1000 * atr.di / atr.fi;
        uint8_t fidi = baud <= class->max_rate ? atr.ta1 : PPS_FIDI_DEFAULT;
        if ((class->features & WIRE_AUTO_PPS) == 0 && !send_pps(probe, fidi))
            return false;
        if (!set_parameters(probe, &atr, fidi))
            return false;
    }
    return protocol == 0 || start_t1(probe, &atr);
}

/* --- APDUs -------------------------------------------------------------------------- */

/* ISO/IEC 7816-3:2006, 10.3.3. */
static size_t send_t0_characters(struct probe *probe, const uint8_t *tpdu, size_t size,
                                 uint8_t *out)
{
    size_t wanted = tpdu[4] != 0 ? tpdu[4] : 256;
    bool sent = false, ok = exchange_bytes(probe, tpdu, 5, 0, out, 1);
    while (ok) {
        if (out[0] == 0x60) {
            ok = exchange_bytes(probe, NULL, 0, 0, out, 1);
        } else if (out[0] == tpdu[1] && size > 5 && !sent) {
            sent = true;
            ok = exchange_bytes(probe, tpdu + 5, size - 5, 0, out, 1);
        } else if (out[0] == tpdu[1]) {
            return exchange_bytes(probe, NULL, 0, 0, out, wanted + 2) ? wanted + 2 : 0;
        } else {
            return exchange_bytes(probe, NULL, 0, 0, out + 1, 1) ? 2 : 0;
        }
    }
    return 0;
}

static size_t send_t0(struct probe *probe, const uint8_t *apdu, size_t size, uint8_t *out,
                      size_t room)
{
    const struct t0_options options = {
        .get_response = true, .correct_le = true, .envelope = true};
    uint8_t answer[T0_ANSWER_MAX];
    bool characters = (probe->iface->class.features & LEVELS) == 0;
    struct t0 t0;
    enum t0_step step = t0_start(&t0, &options, apdu, size, out, room);
    while (step == T0_SEND) {
        size_t got;
        if (characters) {
            got = send_t0_characters(probe, t0.command, t0.command_size, answer);
        } else {
            got = exchange(probe, t0.command, t0.command_size, 0);
            if (got > sizeof(answer))
                return 0;
            memcpy(answer, probe->in + WIRE_HEADER_SIZE, got);
        }
        if (got == 0)
            return 0;
        step = t0_receive(&t0, answer, got);
    }
    return step == T0_DONE ? t0.out_size : 0;
}

/* CCID 6.1.4: wLevelParameter and bChainParameter. */
static size_t send_chained(struct probe *probe, const uint8_t *apdu, size_t size,
                           uint8_t *out, size_t room)
{
    size_t max = probe->iface->class.message_max - WIRE_HEADER_SIZE, at = 0, got = 0;
    while (size - at > max) {
        if (!probe_command(probe, WIRE_XFR_BLOCK, 0, at == 0 ? 1 : 3, apdu + at, max)
            || probe->size != WIRE_HEADER_SIZE || probe->in[9] != WIRE_CONTINUE)
            return 0;
        at += max;
    }
    if (!probe_command(probe, WIRE_XFR_BLOCK, 0, at == 0 ? 0 : 2, apdu + at, size - at))
        return 0;
    for (;;) {
        size_t piece = probe->size - WIRE_HEADER_SIZE;
        if (piece > room - got || piece > max)
            return 0;
        memcpy(out + got, probe->in + WIRE_HEADER_SIZE, piece);
        got += piece;
        if (probe->in[9] == WIRE_WHOLE || probe->in[9] == WIRE_LAST)
            return got;
        if (!probe_command(probe, WIRE_XFR_BLOCK, 0, WIRE_CONTINUE, NULL, 0))
            return 0;
    }
}

size_t probe_apdu(struct probe *probe, const uint8_t *apdu, size_t size, uint8_t *out,
                  size_t room)
{
    uint32_t features = probe->iface->class.features;
    if ((features & (WIRE_LEVEL_SHORT | WIRE_LEVEL_EXTENDED)) != 0)
        return send_chained(probe, apdu, size, out, room);
    if (probe->protocol == 0)
        return send_t0(probe, apdu, size, out, room);
    return run_t1(probe, t1_start(probe->t1, apdu, size, out, room)) ? probe->t1->out_size
                                                                     : 0;
}
