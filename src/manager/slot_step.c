/* SPDX-License-Identifier: BSD-2-Clause */
/* What each request does to a reader: the rules of SCardConnect and its siblings as small
 * step machines over driver jobs. A request is in exactly one step; step_start() takes it
 * to the first job, step_next() from one job to the next. */
#include "manager/limits.h"
#include "manager/slot_internal.h"

#include <assert.h>

void step_abandon(struct slot *slot, struct request *request, enum sc_error error)
{
    if (request->kind == REQUEST_DISCONNECT)
        end_abandon(slot, request);
    else
        step_done(request, request->kind == REQUEST_CLOSE ? SC_OK : error);
}

/* --- The table ---------------------------------------------------------------------- */

/* What must hold for a request to be made at all: the reader is there; and the card is
 * the one the handle connected to, without a reset by somebody else since. */
enum need { NEED_NOTHING, NEED_READER, NEED_CARD };

static enum need need_of(enum request_kind kind)
{
    switch (kind) {
    case REQUEST_BEGIN:
    case REQUEST_END:
    case REQUEST_TRANSMIT:
        return NEED_CARD;
    case REQUEST_CONNECT:
    case REQUEST_RECONNECT:
    case REQUEST_CONTROL:
    case REQUEST_GET_ATTRIBUTE:
    case REQUEST_SET_ATTRIBUTE:
    case REQUEST_PROBE:
        return NEED_READER;
    case REQUEST_DISCONNECT:
    case REQUEST_CLOSE:
    case REQUEST_TEND:
    case REQUEST_PLACE:
    case REQUEST_KINDS:
        break;
    }
    return NEED_NOTHING;
}

static enum sc_error check_needs(const struct slot *slot, const struct request *request)
{
    enum need need = need_of(request->kind);
    if (need == NEED_NOTHING)
        return SC_OK;
    if (!slot_is_usable(slot) || slot->closing)
        return SC_E_READER_UNAVAILABLE;
    return need == NEED_CARD ? slot_check_card(slot, request->card) : SC_OK;
}

static enum verdict start_kind(struct slot *slot, struct request *request,
                               uint64_t now_ms)
{
    enum sc_error error = check_needs(slot, request);
    if (error != SC_OK)
        return step_done(request, error);
    switch (request->kind) {
    case REQUEST_CONNECT:
        return connect_start(slot, request, now_ms);
    case REQUEST_RECONNECT:
        return connect_start_again(slot, request, now_ms);
    case REQUEST_DISCONNECT:
        return end_start_disconnect(slot, request, now_ms);
    case REQUEST_BEGIN:
        return transfer_start_begin(slot, request, now_ms);
    case REQUEST_END:
        return end_start_end(slot, request, now_ms);
    case REQUEST_TRANSMIT:
        return transfer_start_transmit(slot, request, now_ms);
    case REQUEST_CONTROL:
        return control_start(slot, request, now_ms);
    case REQUEST_GET_ATTRIBUTE:
        return step_run(request, STEP_TRANSFER, JOB_GET_ATTRIBUTE, request->number,
                        now_ms + JOB_ATTRIBUTE_MS);
    case REQUEST_SET_ATTRIBUTE:
        return step_run(request, STEP_TRANSFER, JOB_SET_ATTRIBUTE, request->number,
                        now_ms + JOB_ATTRIBUTE_MS);
    case REQUEST_PROBE:
        return transfer_start_probe(slot, request, now_ms);
    case REQUEST_CLOSE:
        return end_start_close(slot, request, now_ms);
    case REQUEST_TEND:
        return end_start_tend(slot, request, now_ms);
    case REQUEST_PLACE:
    case REQUEST_KINDS:
        break;
    }
    return step_done(request, SC_F_INTERNAL_ERROR);
}

bool step_stands(const struct slot *slot, const struct request *request)
{
    if (request->card == NULL) /* the host's own */
        return check_needs(slot, request) != SC_OK;
    /* The requests of one handle are answered in their order. */
    if (slot->occupant != NULL && slot->occupant->card == request->card)
        return false;
    if (check_needs(slot, request) != SC_OK)
        return true;
    switch (request->kind) {
    case REQUEST_CONNECT:
    case REQUEST_RECONNECT:
        /* A handle on its way out is not a conflict for long. */
        return connect_refusal(slot, request) != SC_OK && slot->leaving == 0
               && !connect_waits_alone(slot, request);
    case REQUEST_DISCONNECT:
        return end_disconnects_at_once(slot, request);
    case REQUEST_END:
        return end_is_refused(slot, request);
    case REQUEST_TRANSMIT:
        return transfer_refusal(slot, request) != SC_OK;
    case REQUEST_BEGIN:
    case REQUEST_CONTROL:
    case REQUEST_GET_ATTRIBUTE:
    case REQUEST_SET_ATTRIBUTE:
    case REQUEST_PROBE:
    case REQUEST_CLOSE:
    case REQUEST_TEND:
    case REQUEST_PLACE:
    case REQUEST_KINDS:
        break;
    }
    return false;
}

enum verdict step_answer(struct slot *slot, struct request *request, uint64_t now_ms)
{
    assert(step_stands(slot, request));
    return start_kind(slot, request, now_ms);
}

enum verdict step_start(struct slot *slot, struct request *request, uint64_t now_ms)
{
    bool gives_back =
        request->kind == REQUEST_DISCONNECT || request->kind == REQUEST_CLOSE;
    if (slot_reset_is_due(slot) && slot_is_powered(slot) && !gives_back)
        return step_run_power(request, STEP_DUE_RESET, POWER_WARM_RESET, now_ms);
    return start_kind(slot, request, now_ms);
}

enum verdict step_next(struct slot *slot, struct request *request, uint64_t now_ms)
{
    assert(slot->occupant == request);
    switch ((enum step)request->step) {
    case STEP_DUE_RESET:
        (void)step_settle_power(slot, request);
        return start_kind(slot, request, now_ms);
    case STEP_POWER:
        return connect_power_done(slot, request, now_ms);
    case STEP_PROTOCOL:
        return connect_protocol_done(slot, request, now_ms);
    case STEP_GIVE_UP:
        return connect_give_up_done(slot, request, now_ms);
    case STEP_DISPOSITION:
        return end_disposition_done(slot, request);
    case STEP_TRANSFER:
        return transfer_done(slot, request);
    case STEP_CONTROL:
    case STEP_CONTROL_POWER:
    case STEP_CONTROL_PROTOCOL:
    case STEP_CONTROL_GIVE_UP:
        return control_next(slot, request, now_ms);
    case STEP_NONE:
        break;
    }
    return step_done(request, SC_F_INTERNAL_ERROR);
}
