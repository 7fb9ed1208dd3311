/* SPDX-License-Identifier: BSD-2-Clause */
/* USB tokens that are reader and card in one and have no bulk pipes: the commands of CCID
 * as control requests, after USB-IF "Device Class: Smart Card, ICCD", revision 1.0,
 * versions A (T=0 in steps) and B (whole messages). What comes is made to look like the
 * reply to a CCID command. */
#include "base/log.h"
#include "base/secret.h"
#include "drivers/ccid/slot.h"
#include "os/time.h"

#include <string.h>

enum {
    CONTROL_MAX = 4096,   /* bytes of one request; more the kernel does not take */
    POLL_MS = 10,         /* between two questions whether it is ready */
    DELAY_MAX_MS = 10000, /* most that a token may ask to be left alone for */
    TPDU_HEADER = 5
};

/* bResponseType of version B. */
enum { RESPONSE_STATUS = 0x40, RESPONSE_POLLING = 0x80 };

/* Status of version A. */
enum {
    READY_HEADER = 0x00,
    READY_DATA = 0x10,
    READY_SW = 0x20,
    BUSY = 0x40,
    MUTE = 0x80
};

struct requests {
    uint8_t out, in; /* bmRequestType */
    uint8_t reset;   /* OUT before the ATR is read; 0: none */
    uint8_t atr, power_off, header, data_out, data_in, status;
};

static const struct requests class_requests = {0x21, 0xA1, 0,    0x62, 0x63,
                                               0x65, 0x65, 0x6F, 0xA0};
static const struct requests e_gate_requests = {0x40, 0xC0, 0x90, 0x83, 0,
                                                0x80, 0x82, 0x81, 0xA0};

/* --- Requests ----------------------------------------------------------------------- */

static enum sc_error request(struct ccid_interface *ccid, uint8_t type, uint8_t number,
                             uint16_t value, uint8_t *bytes, size_t size, size_t *done,
                             uint64_t deadline_ms)
{
    struct ccid_transport *transport = ccid->transport;
    struct ccid_control control = {.type = type,
                                   .request = number,
                                   .value = value,
                                   .bytes = size > 0 ? bytes : NULL,
                                   .size = (uint16_t)size};
    enum sc_error error = transport->control(transport, 0, &control, deadline_ms);
    *done = error == SC_OK && control.done <= size ? control.done : 0;
    return error;
}

static enum sc_error send_iccd_request(struct ccid_interface *ccid, uint8_t type,
                                       uint8_t number, uint16_t value,
                                       const uint8_t *bytes, size_t size,
                                       uint64_t deadline_ms)
{
    struct ccid_line *line = &ccid->link.lines[0];
    size_t done;
    if (size > ccid->link.message_max || size > CONTROL_MAX)
        return SC_E_INVALID_PARAMETER;
    if (size > 0)
        memcpy(line->out, bytes, size);
    enum sc_error error =
        request(ccid, type, number, value, line->out, size, &done, deadline_ms);
    secret_clear(line->out, size);
    return error;
}

static void set_reply(struct ccid_call *call, enum ccid_outcome outcome,
                      enum ccid_icc icc, uint8_t error)
{
    memset(&call->reply, 0, sizeof(call->reply));
    call->reply.type = ccid_reply_type(call->type);
    call->reply.outcome = outcome;
    call->reply.icc = icc;
    call->reply.error = error;
}

static void set_data_reply(struct ccid_call *call, const uint8_t *data, size_t size,
                           uint8_t chain)
{
    set_reply(call, CCID_DONE, CCID_ICC_ACTIVE, 0);
    call->reply.data = data;
    call->reply.size = size;
    call->reply.extra = chain;
}

static size_t room(const struct ccid_interface *ccid)
{
    size_t most = ccid->link.message_max;
    return most < CONTROL_MAX ? most : CONTROL_MAX;
}

static uint64_t first_deadline(const struct ccid_call *call)
{
    uint64_t ms = os_now_ms() + call->timeout_ms;
    return ms < call->deadline_ms ? ms : call->deadline_ms;
}

/* --- Version B ---------------------------------------------------------------------- */

/* Asks for a data block until there is one. */
static enum sc_error read_block_b(struct ccid_interface *ccid, struct ccid_call *call,
                                  uint64_t deadline_ms)
{
    uint8_t *in = ccid->link.lines[0].in;
    while (os_now_ms() < deadline_ms) {
        size_t got;
        enum sc_error error =
            request(ccid, class_requests.in, 0x6F, 0, in, room(ccid), &got, deadline_ms);
        if (error != SC_OK)
            return error;
        if (got == 0)
            return SC_F_COMM_ERROR;
        if (in[0] == RESPONSE_STATUS) {
            if (got < 3)
                return SC_F_COMM_ERROR;
            set_reply(call, (in[1] & 0xC0) == 0 ? CCID_DONE : CCID_FAILED,
                      (in[1] & 3) > 2 ? CCID_ICC_ABSENT : (enum ccid_icc)(in[1] & 3),
                      in[2]);
            return SC_OK;
        }
        if (in[0] != RESPONSE_POLLING) {
            set_data_reply(call, in + 1, got - 1, in[0]);
            return SC_OK;
        }
        uint32_t delay_ms = got < 3 ? 0 : 10U * (uint32_t)(in[1] | in[2] << 8);
        if (delay_ms == 0)
            delay_ms = POLL_MS;
        error = kit_reader_pause(&ccid->slots[0].kit,
                                 delay_ms < DELAY_MAX_MS ? delay_ms : DELAY_MAX_MS);
        if (error != SC_OK)
            return error;
    }
    return SC_E_TIMEOUT;
}

static enum sc_error status_b(struct ccid_interface *ccid, struct ccid_call *call,
                              uint64_t deadline_ms)
{
    uint8_t bytes[3];
    size_t got;
    enum sc_error error = request(ccid, class_requests.in, 0x81, 0, bytes, sizeof(bytes),
                                  &got, deadline_ms);
    if (error != SC_OK)
        return error;
    if (got < sizeof(bytes))
        return SC_F_COMM_ERROR;
    set_reply(call, (bytes[0] & 0xC0) == 0 ? CCID_DONE : CCID_FAILED,
              (bytes[0] & 3) > 2 ? CCID_ICC_ABSENT : (enum ccid_icc)(bytes[0] & 3),
              bytes[1]);
    return SC_OK;
}

static enum sc_error transfer_b(struct ccid_interface *ccid, struct ccid_call *call,
                                uint64_t deadline_ms)
{
    const struct requests *r = &class_requests;
    struct ccid_call asked = *call;
    enum sc_error error =
        send_iccd_request(ccid, r->out, r->header, (uint16_t)(call->p[1] << 8),
                          call->data, call->size, deadline_ms);
    if (error == SC_OK)
        error = read_block_b(ccid, call, deadline_ms);
    /* A reset of the device between two requests is seen by neither; but the card has lost
     * its power by that. */
    if (error != SC_F_COMM_ERROR || status_b(ccid, &asked, deadline_ms) != SC_OK
        || asked.reply.icc == CCID_ICC_ACTIVE)
        return error;
    set_reply(call, CCID_FAILED, asked.reply.icc, CCID_ERROR_MUTE);
    return SC_OK;
}

static enum sc_error call_b(struct ccid_interface *ccid, struct ccid_call *call)
{
    uint64_t deadline_ms = first_deadline(call);
    const struct requests *r = &class_requests;
    enum sc_error error;
    switch ((unsigned)call->type) {
    case CCID_POWER_ON:
        error = send_iccd_request(ccid, r->out, 0x62, 1, NULL, 0, deadline_ms);
        return error == SC_OK ? read_block_b(ccid, call, deadline_ms) : error;
    case CCID_POWER_OFF:
        error = send_iccd_request(ccid, r->out, r->power_off, 0, NULL, 0, deadline_ms);
        set_reply(call, CCID_DONE, CCID_ICC_INACTIVE, 0);
        return error;
    case CCID_XFR_BLOCK:
        return transfer_b(ccid, call, deadline_ms);
    case CCID_GET_SLOT_STATUS:
        return status_b(ccid, call, deadline_ms);
    default:
        set_reply(call, CCID_FAILED, CCID_ICC_ACTIVE, CCID_ERROR_UNSUPPORTED);
        return SC_OK;
    }
}

/* --- Version A ---------------------------------------------------------------------- */

static enum sc_error read_status_a(struct ccid_interface *ccid, const struct requests *r,
                                   uint8_t *status, uint64_t deadline_ms)
{
    size_t got;
    enum sc_error error =
        request(ccid, r->in, r->status, 0, status, 1, &got, deadline_ms);
    return error == SC_OK && got != 1 ? SC_F_COMM_ERROR : error;
}

static enum sc_error wait_ready(struct ccid_interface *ccid, const struct requests *r,
                                uint8_t *status, uint64_t deadline_ms)
{
    enum sc_error error = read_status_a(ccid, r, status, deadline_ms);
    while (error == SC_OK && (*status & BUSY) != 0) {
        if (os_now_ms() >= deadline_ms)
            return SC_E_TIMEOUT;
        error = kit_reader_pause(&ccid->slots[0].kit, POLL_MS);
        if (error == SC_OK)
            error = read_status_a(ccid, r, status, deadline_ms);
    }
    return error == SC_OK && (*status & MUTE) != 0 ? SC_F_COMM_ERROR : error;
}

/* The data stage, whichever way it goes: the command tells. */
static enum sc_error move_data_a(struct ccid_interface *ccid, const struct requests *r,
                                 const struct ccid_call *call, uint8_t *in, size_t *got,
                                 uint64_t deadline_ms)
{
    if (call->size > TPDU_HEADER)
        return send_iccd_request(ccid, r->out, r->data_out, 0, call->data + TPDU_HEADER,
                                 call->size - TPDU_HEADER, deadline_ms);
    size_t most = call->size < TPDU_HEADER || call->data[4] == 0 ? 256 : call->data[4];
    return request(ccid, r->in, r->data_in, 0, in, most, got, deadline_ms);
}

static enum sc_error transfer_a(struct ccid_interface *ccid, const struct requests *r,
                                struct ccid_call *call, uint64_t deadline_ms)
{
    uint8_t *in = ccid->link.lines[0].in;
    uint8_t header[TPDU_HEADER] = {0}, status = 0;
    size_t got = 0, sw = 0;
    if (call->size < TPDU_HEADER - 1)
        return SC_E_INVALID_PARAMETER; /* not a command; RAW may be anything */
    memcpy(header, call->data, call->size < TPDU_HEADER ? call->size : TPDU_HEADER);
    enum sc_error error = send_iccd_request(ccid, r->out, r->header, 0, header,
                                            sizeof(header), deadline_ms);
    if (error == SC_OK)
        error = wait_ready(ccid, r, &status, deadline_ms);
    if (error == SC_OK && status == READY_DATA) {
        error = move_data_a(ccid, r, call, in, &got, deadline_ms);
        if (error == SC_OK)
            error = wait_ready(ccid, r, &status, deadline_ms);
    }
    if (error != SC_OK)
        return error;
    if (status != READY_SW)
        return SC_F_COMM_ERROR;
    error = request(ccid, r->in, r->data_in, 0, in + got, 2, &sw, deadline_ms);
    if (error == SC_OK && sw != 2)
        return SC_F_COMM_ERROR;
    set_data_reply(call, in, got + sw, CCID_CHAIN_WHOLE);
    return error;
}

static enum sc_error power_a(struct ccid_interface *ccid, const struct requests *r,
                             struct ccid_call *call, uint64_t deadline_ms)
{
    uint8_t *in = ccid->link.lines[0].in;
    uint8_t status = 0;
    size_t got = 0;
    enum sc_error error = SC_OK;
    if (r->reset != 0) {
        error = send_iccd_request(ccid, r->out, r->reset, 0, NULL, 0, deadline_ms);
        if (error == SC_OK)
            error = wait_ready(ccid, r, &status, deadline_ms);
    }
    if (error == SC_OK)
        error = request(ccid, r->in, r->atr, 0, in, ATR_SIZE_MAX, &got, deadline_ms);
    set_data_reply(call, in, got, CCID_CHAIN_WHOLE);
    return error;
}

static enum sc_error call_a(struct ccid_interface *ccid, struct ccid_call *call)
{
    uint64_t deadline_ms = first_deadline(call);
    bool vendor = (ccid->quirks & QUIRK_E_GATE) != 0;
    const struct requests *r = vendor ? &e_gate_requests : &class_requests;
    uint8_t status;
    enum sc_error error = SC_OK;
    switch ((unsigned)call->type) {
    case CCID_POWER_ON:
        return power_a(ccid, r, call, deadline_ms);
    case CCID_POWER_OFF:
        if (r->power_off != 0)
            error =
                send_iccd_request(ccid, r->out, r->power_off, 0, NULL, 0, deadline_ms);
        set_reply(call, CCID_DONE, CCID_ICC_INACTIVE, 0);
        return error;
    case CCID_XFR_BLOCK:
        return transfer_a(ccid, r, call, deadline_ms);
    case CCID_GET_SLOT_STATUS: /* the card is never out; but does the token answer? */
        error = read_status_a(ccid, r, &status, deadline_ms);
        set_reply(call, CCID_DONE,
                  ccid->slots[0].kit.powered ? CCID_ICC_ACTIVE : CCID_ICC_INACTIVE, 0);
        return error;
    default:
        set_reply(call, CCID_FAILED, CCID_ICC_ACTIVE, CCID_ERROR_UNSUPPORTED);
        return SC_OK;
    }
}

enum sc_error ccid_iccd_call(struct ccid_interface *ccid, struct ccid_call *call)
{
    enum sc_error error =
        ccid->kind == CCID_KIND_ICCD_A ? call_a(ccid, call) : call_b(ccid, call);
    if (error == SC_E_READER_UNAVAILABLE)
        ccid_link_gone(&ccid->link);
    /* Nothing of CCID's abort is there. The interruption belonged to the job. */
    if (error == SC_E_CANCELLED)
        ccid_link_resume(&ccid->link, 0);
    return error;
}
