/* SPDX-License-Identifier: BSD-2-Clause */
/* Jobs: calls of the handler, by its process or here. One that does not answer by the job's
 * deadline is ended. A job that is stopped leaves its answer to be skipped by the next. */
#include "base/atomic.h"
#include "base/log.h"
#include "drivers/ifd/device.h"
#include "ifd/ifd.h"
#include "message/pcscd.h"
#include "os/time.h"

#include <string.h>

enum {
    OWED_MAX = 8, /* answers that come too late, until the handler counts as hung */
    PROTOCOL_RAW_IFD = 4,     /* pcsclite.h's SCARD_PROTOCOL_RAW */
    GET_FEATURES = 0x00313520 /* CM_IOCTL_GET_FEATURE_REQUEST of PC/SC part 10 */
};

static struct ifd_reader *job_reader(const struct kit_job *job)
{
    return (struct ifd_reader *)(void *)job->reader;
}

/* --- The process ----------------------------------------------------------------------- */

/* `why` NULL: it has ended by itself, and what it may have said of that is read by the
 * device's thread. */
static enum sc_error drop_process(struct ifd_reader *reader, enum sc_error error,
                                  const char *why)
{
    struct ifd_device *device = reader->device;
    if (why != NULL)
        log_error("ifd: %s %s: it is ended, and started again", device->label, why);
    atomic_store_u32(&device->dropped, why != NULL ? IFD_DROPPED : IFD_ENDED);
    os_child_kill(&device->child);
    kit_attendant_wake(&device->kit.attendant);
    return error;
}

/* Until something comes. */
static enum sc_error await_answer(struct kit_job *job)
{
    struct ifd_reader *reader = job_reader(job);
    struct os_poll_entry entry = {.socket = reader->socket, .want_read = true};
    for (;;) {
        enum sc_error error = os_poll(&entry, 1, &reader->kit.wake, job->deadline_ms);
        if (error == SC_E_TIMEOUT)
            return drop_process(reader, error, "does not answer in time");
        if (error != SC_OK)
            return error;
        if (entry.readable || entry.hung_up)
            return SC_OK;
        if (os_stop_raised(job->stop)) {
            reader->owed++;
            return SC_E_CANCELLED;
        }
    }
}

static enum sc_error skip_bytes(struct ifd_reader *reader, size_t size)
{
    uint8_t waste[512];
    enum sc_error error = SC_OK;
    for (size_t part; size > 0 && error == SC_OK; size -= part) {
        part = size < sizeof(waste) ? size : sizeof(waste);
        error = os_socket_read(reader->socket, waste, part, os_deadline_ms(IFD_WRITE_MS),
                               NULL);
    }
    return error;
}

/* The answer's bytes: skipped if they are another call's, or too many. */
static enum sc_error read_ifd_answer(struct ifd_reader *reader,
                                     const struct ifd_frame *frame, struct ifd_call *call)
{
    if (frame->number != reader->number)
        return skip_bytes(reader, frame->size);
    call->code = frame->a;
    call->moves = frame->b;
    call->out_size = frame->size;
    if (frame->size > call->room)
        return skip_bytes(reader, frame->size);
    if (frame->size == 0)
        return SC_OK;
    return os_socket_read(reader->socket, call->out, frame->size,
                          os_deadline_ms(IFD_WRITE_MS), NULL);
}

static enum sc_error receive_answer(struct kit_job *job, struct ifd_call *call)
{
    struct ifd_reader *reader = job_reader(job);
    struct ifd_frame frame = {.number = reader->number - 1};
    enum sc_error error = SC_OK;
    while (error == SC_OK && frame.number != reader->number) {
        error = await_answer(job);
        if (error != SC_OK)
            return error;
        error = ifd_frame_read(reader->socket, IFD_END_DRIVER_SLOT, &frame,
                               os_deadline_ms(IFD_WRITE_MS), NULL);
        if (error == SC_OK && frame.number != reader->number && reader->owed-- == 0)
            error = SC_F_COMM_ERROR;
        if (error == SC_OK)
            error = read_ifd_answer(reader, &frame, call);
    }
    if (error == SC_OK)
        return SC_OK;
    if (error == SC_W_EOF)
        return drop_process(reader, SC_E_READER_UNAVAILABLE, NULL);
    if (error == SC_F_COMM_ERROR)
        return drop_process(reader, SC_E_READER_UNAVAILABLE, "answers what is no answer");
    return drop_process(reader, error, "stops in the middle of an answer");
}

enum sc_error ifd_exchange(struct kit_job *job, struct ifd_call *call)
{
    struct ifd_reader *reader = job_reader(job);
    const struct ifd_frame frame = {.kind = call->kind,
                                    .number = ++reader->number,
                                    .a = call->a,
                                    .b = call->b,
                                    .size = (uint32_t)call->in_size};
    if (os_stop_raised(job->stop))
        return SC_E_CANCELLED;
    if (reader->owed >= OWED_MAX)
        return drop_process(reader, SC_E_TIMEOUT, "owes too many answers");
    enum sc_error error = ifd_frame_write(reader->socket, &frame, call->in,
                                          os_deadline_ms(IFD_WRITE_MS), NULL);
    if (error != SC_OK)
        return drop_process(reader, SC_E_READER_UNAVAILABLE,
                            error == SC_E_TIMEOUT ? "takes no call" : NULL);
    return receive_answer(job, call);
}

/* --- A call ---------------------------------------------------------------------------- */

/* What the answer speaks of was told: the thread of the device does that. */
static void await_moves(struct kit_job *job, uint32_t moves)
{
    struct ifd_reader *reader = job_reader(job);
    uint64_t limit_ms = os_deadline_ms(IFD_TELL_MS);
    os_mutex_lock(&reader->kit.lock);
    while ((int32_t)(moves - reader->moves) > 0 && reader->kit.state == KIT_SERVED
           && os_cond_wait(&reader->kit.changed, &reader->kit.lock, limit_ms)) {
    }
    os_mutex_unlock(&reader->kit.lock);
}

/* What a handler's result means, if it is not success. */
static enum sc_error error_of(uint32_t code)
{
    switch (code) {
    case IFD_ERROR_TAG:
    case IFD_ERROR_VALUE_READ_ONLY:
        return SC_X_NOT_SUPPORTED;
    case IFD_ERROR_SET_FAILURE:
        return SC_E_INVALID_PARAMETER;
    case IFD_ERROR_PTS_FAILURE:
    case IFD_PROTOCOL_NOT_SUPPORTED:
        return SC_E_PROTO_MISMATCH;
    case IFD_ERROR_NOT_SUPPORTED:
    case IFD_NOT_SUPPORTED:
        return SC_E_UNSUPPORTED_FEATURE;
    case IFD_ERROR_POWER_ACTION:
        return SC_W_UNRESPONSIVE_CARD;
    case IFD_RESPONSE_TIMEOUT:
        return SC_E_TIMEOUT;
    case IFD_ICC_NOT_PRESENT:
        return SC_W_REMOVED_CARD;
    case IFD_NO_SUCH_DEVICE:
        return SC_E_READER_UNAVAILABLE;
    case IFD_ERROR_INSUFFICIENT_BUFFER:
        return SC_E_INSUFFICIENT_BUFFER;
    default:
        return SC_F_COMM_ERROR;
    }
}

static enum sc_error call_handler(struct kit_job *job, struct ifd_call *call)
{
    const struct ifd_reader *reader = job_reader(job);
    struct ifd_device *device = reader->device;
    enum sc_error error = SC_OK;
    if (device->own_process)
        error = ifd_exchange(job, call);
    else if (os_stop_raised(job->stop))
        error = SC_E_CANCELLED;
    else
        ifd_unit_call(device->unit, reader->kit.number, call);
    if (error != SC_OK)
        return error;
    if (call->code == IFD_SUCCESS)
        return call->out_size <= call->room ? SC_OK : SC_E_INSUFFICIENT_BUFFER;
    error = error_of(call->code);
    log_debug("ifd: %s: result %u", device->label, (unsigned)call->code);
    if (error == SC_W_REMOVED_CARD)
        await_moves(job, call->moves);
    return error;
}

/* --- Jobs ------------------------------------------------------------------------------ */

static enum sc_error call_ifd_power(struct kit_job *job, uint32_t action, uint8_t *atr,
                                    size_t *size)
{
    struct ifd_call call = {
        .kind = IFD_POWER, .a = action, .out = atr, .room = DRIVER_ATR_MAX};
    enum sc_error error = call_handler(job, &call);
    *size = call.out_size;
    return error;
}

static enum sc_error note_ifd_atr(struct ifd_reader *reader, const uint8_t *bytes,
                                  size_t size)
{
    atr_parse(&reader->atr, bytes, size);
    bool sound = size >= 2 && (reader->atr.notes & (ATR_NOTE_TS | ATR_NOTE_SHORT)) == 0;
    return sound ? SC_OK : SC_W_UNRESPONSIVE_CARD;
}

static enum sc_error switch_ifd_power(struct kit_job *job, enum power_action action,
                                      uint8_t atr[DRIVER_ATR_MAX], size_t *size)
{
    bool on = kit_job_is_on(job);
    uint8_t none[DRIVER_ATR_MAX];
    enum sc_error error = SC_OK;
    if (action == POWER_OFF || (on && action == POWER_COLD_RESET))
        error = call_ifd_power(job, IFD_POWER_DOWN, none, size);
    if (error != SC_OK || action == POWER_OFF)
        return error;
    bool warm = on && action == POWER_WARM_RESET;
    error = call_ifd_power(job, warm ? IFD_RESET : IFD_POWER_UP, atr, size);
    /* pcscd switches a card on when it comes, and again for whoever connects to one that did
     * not answer then: so handlers have a second try. */
    if (error == SC_F_COMM_ERROR || error == SC_W_UNRESPONSIVE_CARD) {
        log_debug("ifd: a card is switched on again: %s", sc_error_name(error));
        error = call_ifd_power(job, IFD_POWER_DOWN, none, size);
        if (error == SC_OK || error == SC_F_COMM_ERROR)
            error = call_ifd_power(job, IFD_POWER_UP, atr, size);
    }
    /* However a handler says that the card did not answer. */
    if (error == SC_F_COMM_ERROR || error == SC_E_UNSUPPORTED_FEATURE)
        error = SC_W_UNRESPONSIVE_CARD;
    return error == SC_OK ? note_ifd_atr(job_reader(job), atr, *size) : error;
}

enum sc_error ifd_power(void *self, enum power_action action,
                        const struct driver_job *asked, uint8_t atr[DRIVER_ATR_MAX],
                        size_t *atr_size)
{
    struct kit_job job;
    size_t size = 0;
    bool off = action == POWER_OFF;
    kit_job_begin(&job, self, asked, IFD_POWER_MS);
    enum sc_error error = kit_job_find_card(&job);
    if (error == SC_OK)
        error = switch_ifd_power(&job, action, atr, &size);
    kit_job_note_power(&job, error == SC_OK && !off);
    if (error == SC_W_REMOVED_CARD || error == SC_E_NO_SMARTCARD)
        error = off ? SC_OK : SC_E_NO_SMARTCARD; /* no card has no power */
    if (error == SC_OK)
        *atr_size = off ? 0 : size;
    return kit_job_end(&job, error);
}

/* A handler that negotiates nothing leaves it at the card's first protocol. */
enum sc_error ifd_set_protocol(void *self, uint32_t protocol,
                               const struct driver_job *asked)
{
    struct kit_job job;
    struct ifd_call call = {.kind = IFD_PROTOCOL, .a = protocol};
    kit_job_begin(&job, self, asked, IFD_POWER_MS);
    enum sc_error error = kit_job_find_powered(&job);
    if (error == SC_OK && protocol != PROTOCOL_RAW)
        error = call_handler(&job, &call);
    if (error == SC_E_UNSUPPORTED_FEATURE)
        error = (atr_protocols(&job_reader(&job)->atr) & protocol) != 0
                    ? SC_OK
                    : SC_E_PROTO_MISMATCH;
    return kit_job_end(&job, error);
}

enum sc_error ifd_transmit(void *self, uint32_t protocol, struct transfer *t)
{
    const struct ifd_reader *reader = self;
    struct kit_job job;
    struct ifd_call call = {.kind = IFD_TRANSMIT,
                            .in = t->in,
                            .in_size = t->in_size,
                            .out = t->out,
                            .room = t->out_room};
    if (t->in_size == 0 || t->in_size > DRIVER_TRANSFER_MAX)
        return SC_E_INVALID_PARAMETER;
    call.a = protocol == PROTOCOL_RAW  ? PROTOCOL_RAW_IFD
             : protocol == PROTOCOL_T1 ? 1
                                       : 0;
    kit_job_begin(&job, self, &t->job, reader->device->apdu_timeout_ms);
    enum sc_error error = kit_job_find_powered(&job);
    if (error == SC_OK)
        error = call_handler(&job, &call);
    if (error == SC_OK && call.out_size < 2 && protocol != PROTOCOL_RAW)
        error = SC_F_COMM_ERROR; /* SW1 SW2 are always there */
    if (error == SC_OK)
        t->out_size = call.out_size;
    return kit_job_end(&job, error);
}

enum sc_error ifd_control(void *self, uint32_t code, struct transfer *t)
{
    const struct ifd_reader *reader = self;
    struct kit_job job;
    size_t room = t->out_room < DRIVER_TRANSFER_MAX ? t->out_room : DRIVER_TRANSFER_MAX;
    struct ifd_call call = {.kind = IFD_CONTROL,
                            .a = wire_control_out(code),
                            .b = (uint32_t)room,
                            .in = t->in,
                            .in_size = t->in_size,
                            .out = t->out,
                            .room = room};
    if (t->in_size > DRIVER_TRANSFER_MAX)
        return SC_E_INVALID_PARAMETER;
    kit_job_begin(&job, self, &t->job, reader->device->apdu_timeout_ms);
    enum sc_error error = call_handler(&job, &call);
    if (error == SC_X_NOT_SUPPORTED)
        error = SC_E_UNSUPPORTED_FEATURE;
    if (error == SC_OK)
        t->out_size = call.out_size;
    if (error == SC_OK && code == GET_FEATURES)
        wire_features_in(t->out, t->out_size);
    return kit_job_end(&job, error);
}

enum sc_error ifd_get_attribute(void *self, uint32_t id, struct transfer *t)
{
    struct kit_job job;
    struct ifd_call call = {.kind = IFD_GET, .a = id, .out = t->out, .room = t->out_room};
    kit_job_begin(&job, self, &t->job, IFD_POWER_MS);
    enum sc_error error = call_handler(&job, &call);
    if (error == SC_E_UNSUPPORTED_FEATURE)
        error = SC_X_NOT_SUPPORTED;
    if (error == SC_OK)
        t->out_size = call.out_size;
    return kit_job_end(&job, error);
}

enum sc_error ifd_set_attribute(void *self, uint32_t id, struct transfer *t)
{
    struct kit_job job;
    struct ifd_call call = {.kind = IFD_SET, .a = id, .in = t->in, .in_size = t->in_size};
    if (t->in_size > DRIVER_ATTRIBUTE_MAX)
        return SC_E_INVALID_PARAMETER;
    kit_job_begin(&job, self, &t->job, IFD_POWER_MS);
    enum sc_error error = call_handler(&job, &call);
    if (error == SC_E_UNSUPPORTED_FEATURE)
        error = SC_X_NOT_SUPPORTED;
    return kit_job_end(&job, error);
}
