/* SPDX-License-Identifier: BSD-2-Clause */
/* The jobs of a vpcd slot: frames to the card and back (slot.h). */
#include "drivers/vpcd/slot.h"

#include "base/log.h"
#include "drivers/feature.h"
#include "os/lock.h"
#include "os/time.h"

#include <stdio.h>
#include <string.h>

enum {
    LENGTH_SIZE = 2,
    FRAME_MAX = 65535,
    CONTROL_OFF = 0x00,
    CONTROL_ON = 0x01,
    CONTROL_RESET = 0x02,
    CONTROL_GET_ATR = 0x04,
    ATR_TIMEOUT_MS = 3000 /* a simulator has it at hand */
};

struct job {
    struct vpcd_slot *slot;
    struct os_socket card;
    uint32_t connection;
    uint64_t deadline_ms;
    bool has_card;
    struct os_stop *stop;
    struct os_stop_call stop_call;
};

static void raise_wake(void *context)
{
    struct vpcd_slot *slot = context;
    os_wake_raise(&slot->stop_wake);
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void begin(struct job *job, struct vpcd_slot *slot, const struct driver_job *asked,
                  uint64_t limit_ms)
{
    job->stop = asked->stop;
    job->stop_call = (struct os_stop_call){.run = raise_wake, .context = slot};
    os_stop_call(job->stop, &job->stop_call);
    os_mutex_lock(&slot->lock);
    slot->busy = true;
    job->slot = slot;
    job->card = slot->card;
    job->connection = slot->connections;
    job->deadline_ms = lesser(asked->deadline_ms, limit_ms);
    job->has_card = os_socket_is_open(slot->card) && !slot->lost;
    os_mutex_unlock(&slot->lock);
}

static void end(struct job *job)
{
    struct vpcd_slot *slot = job->slot;
    os_stop_forget(job->stop, &job->stop_call);
    if (os_stop_raised(job->stop))
        os_wake_lower(&slot->stop_wake);
    os_mutex_lock(&slot->lock);
    slot->busy = false;
    bool lost = slot->lost;
    os_mutex_unlock(&slot->lock);
    if (lost)
        os_wake_raise(&slot->vpcd->wake);
}

/* The stream is out of step, or at its end: the card counts as removed. */
static enum sc_error drop(struct job *job, enum sc_error error)
{
    os_mutex_lock(&job->slot->lock);
    job->slot->lost = true;
    os_mutex_unlock(&job->slot->lock);
    job->has_card = false;
    log_debug("vpcd port %u: connection dropped: %s", (unsigned)job->slot->port,
              sc_error_name(error));
    return error;
}

/* Gives up the connection for what a socket call says: a broken one is a pulled card. */
static enum sc_error drop_broken(struct job *job, enum sc_error error)
{
    bool gone = error == SC_W_EOF || error == SC_F_COMM_ERROR;
    return drop(job, gone ? SC_W_REMOVED_CARD : error);
}

/* --- Frames ------------------------------------------------------------------------- */

static enum sc_error send_frame(struct job *job, const uint8_t *bytes, size_t size)
{
    const uint8_t length[LENGTH_SIZE] = {(uint8_t)(size >> 8), (uint8_t)size};
    enum sc_error error = os_socket_write(job->card, length, sizeof(length), bytes, size,
                                          job->deadline_ms, &job->slot->stop_wake);
    return error == SC_OK ? SC_OK : drop_broken(job, error);
}

static enum sc_error read_bytes(struct job *job, uint8_t *bytes, size_t size)
{
    enum sc_error error =
        os_socket_read(job->card, bytes, size, job->deadline_ms, &job->slot->stop_wake);
    return error == SC_OK ? SC_OK : drop_broken(job, error);
}

static enum sc_error skip_bytes(struct job *job, size_t size)
{
    uint8_t waste[512];
    enum sc_error error = SC_OK;
    while (size > 0 && error == SC_OK) {
        size_t part = size < sizeof(waste) ? size : sizeof(waste);
        error = read_bytes(job, waste, part);
        size -= part;
    }
    return error;
}

/* Errors: SC_E_INSUFFICIENT_BUFFER if it is longer than `room`; it was skipped. */
static enum sc_error read_frame(struct job *job, uint8_t *out, size_t room, size_t *size)
{
    uint8_t length[LENGTH_SIZE];
    enum sc_error error = read_bytes(job, length, sizeof(length));
    if (error != SC_OK)
        return error;
    size_t there = (size_t)length[0] << 8 | length[1];
    if (there > room) {
        error = skip_bytes(job, there);
        return error == SC_OK ? SC_E_INSUFFICIENT_BUFFER : error;
    }
    error = read_bytes(job, out, there);
    if (error == SC_OK)
        *size = there;
    return error;
}

/* Whatever the card sent unasked, it would be taken for the next answer. */
static enum sc_error check_quiet(struct job *job)
{
    uint8_t byte;
    if (!os_socket_is_readable(job->card))
        return SC_OK;
    enum sc_error error = os_socket_read(job->card, &byte, 1, job->deadline_ms, NULL);
    return error == SC_OK ? drop(job, SC_F_COMM_ERROR) : drop_broken(job, error);
}

static enum sc_error exchange(struct job *job, const uint8_t *in, size_t in_size,
                              uint8_t *out, size_t room, size_t *out_size)
{
    enum sc_error error = send_frame(job, in, in_size);
    return error == SC_OK ? read_frame(job, out, room, out_size) : error;
}

static enum sc_error send_control(struct job *job, uint8_t control)
{
    return send_frame(job, &control, 1);
}

/* --- Jobs --------------------------------------------------------------------------- */

static enum sc_error switch_on(struct job *job, enum power_action action)
{
    bool on = job->slot->powered && job->slot->powered_connection == job->connection;
    enum sc_error error = SC_OK;
    if (on && action == POWER_WARM_RESET)
        return send_control(job, CONTROL_RESET);
    if (on)
        error = send_control(job, CONTROL_OFF);
    return error == SC_OK ? send_control(job, CONTROL_ON) : error;
}

static enum sc_error get_atr(struct job *job, uint8_t out[DRIVER_ATR_MAX],
                             size_t *out_size)
{
    const uint8_t control = CONTROL_GET_ATR;
    uint8_t bytes[DRIVER_ATR_MAX];
    size_t size = 0;
    struct atr *atr = &job->slot->atr;
    enum sc_error error = exchange(job, &control, 1, bytes, sizeof(bytes), &size);
    if (error == SC_E_INSUFFICIENT_BUFFER)
        return SC_W_UNRESPONSIVE_CARD; /* too long for an ATR */
    if (error != SC_OK)
        return error;
    if (size == 0)
        return drop(job, SC_E_NO_SMARTCARD); /* how a card says that it is out */
    atr_parse(atr, bytes, size);
    if ((atr->notes & (ATR_NOTE_TS | ATR_NOTE_SHORT)) != 0)
        return SC_W_UNRESPONSIVE_CARD;
    memcpy(out, bytes, size);
    *out_size = size;
    return SC_OK;
}

static enum sc_error power_on(struct job *job, enum power_action action,
                              uint8_t atr[DRIVER_ATR_MAX], size_t *atr_size)
{
    struct vpcd_slot *slot = job->slot;
    if (os_stop_raised(job->stop))
        return SC_E_CANCELLED; /* before the card has heard of it */
    enum sc_error error = job->has_card ? check_quiet(job) : SC_E_NO_SMARTCARD;
    if (error == SC_OK)
        error = switch_on(job, action);
    slot->powered = false;
    if (error == SC_OK)
        error = get_atr(job, atr, atr_size);
    slot->powered = error == SC_OK;
    slot->powered_connection = job->connection;
    return error == SC_W_REMOVED_CARD ? SC_E_NO_SMARTCARD : error;
}

static enum sc_error power_off(struct job *job)
{
    bool on = job->slot->powered && job->slot->powered_connection == job->connection;
    job->slot->powered = false;
    if (!on || !job->has_card)
        return SC_OK;
    enum sc_error error = send_control(job, CONTROL_OFF);
    return error == SC_W_REMOVED_CARD ? SC_OK : error;
}

enum sc_error vpcd_slot_power(void *self, enum power_action action,
                              const struct driver_job *asked, uint8_t atr[DRIVER_ATR_MAX],
                              size_t *atr_size)
{
    struct job job;
    begin(&job, self, asked, os_now_ms() + ATR_TIMEOUT_MS);
    enum sc_error error =
        action == POWER_OFF ? power_off(&job) : power_on(&job, action, atr, atr_size);
    end(&job);
    return error;
}

/* SC_OK if the card that was powered is still there. */
static enum sc_error find_card(const struct job *job)
{
    const struct vpcd_slot *slot = job->slot;
    if (os_stop_raised(job->stop))
        return SC_E_CANCELLED;
    if (!job->has_card)
        return SC_E_NO_SMARTCARD;
    if (slot->powered_connection != job->connection)
        return SC_W_REMOVED_CARD;
    return slot->powered ? SC_OK : SC_F_COMM_ERROR;
}

/* Simulators take whole APDUs; there is nothing to negotiate. */
enum sc_error vpcd_slot_set_protocol(void *self, uint32_t protocol,
                                     const struct driver_job *asked)
{
    struct vpcd_slot *slot = self;
    struct job job;
    begin(&job, slot, asked, OS_FOREVER);
    enum sc_error error = find_card(&job);
    if (error == SC_OK && (atr_protocols(&slot->atr) & protocol) == 0)
        error = SC_E_PROTO_MISMATCH;
    end(&job);
    return error;
}

/* Sends a command, and reads the answer into the caller's buffer. */
static enum sc_error carry(struct job *job, struct transfer *t)
{
    size_t size = 0;
    enum sc_error error = check_quiet(job);
    if (error == SC_OK)
        error = exchange(job, t->in, t->in_size, t->out, t->out_room, &size);
    if (error != SC_OK)
        return error;
    if (size < 2)
        return drop(job, SC_F_COMM_ERROR); /* SW1 SW2 are always there */
    t->out_size = size;
    return SC_OK;
}

enum sc_error vpcd_slot_transmit(void *self, uint32_t protocol, struct transfer *t)
{
    struct vpcd_slot *slot = self;
    struct job job;
    (void)protocol; /* none of them shows on the wire */
    if (t->in_size < 2 || t->in_size > FRAME_MAX)
        return SC_E_INVALID_PARAMETER; /* one byte would be a control */
    begin(&job, slot, &t->job, os_now_ms() + slot->vpcd->apdu_timeout_ms);
    enum sc_error error = find_card(&job);
    if (error == SC_OK)
        error = carry(&job, t);
    end(&job);
    return error;
}

enum sc_error vpcd_slot_control(void *self, uint32_t code, struct transfer *t)
{
    const struct vpcd_slot *slot = self;
    char text[8];
    switch (code) {
    case VPCD_IOCTL_PORT:
        snprintf(text, sizeof(text), "%u", (unsigned)slot->port);
        return feature_reply(t, text, strlen(text));
    case VPCD_IOCTL_FEATURES:
        return feature_reply_list(t, VPCD_IOCTL_TLV_PROPERTIES);
    case VPCD_IOCTL_TLV_PROPERTIES:
        return feature_reply_properties(t, true);
    default:
        return SC_E_UNSUPPORTED_FEATURE;
    }
}
