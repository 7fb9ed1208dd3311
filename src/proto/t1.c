/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's side of T=1, after ISO/IEC 7816-3:2006, 11.6. */
#include "proto/t1.h"

#include "base/secret.h"

#include <assert.h>
#include <string.h>

static bool is_ifs(unsigned value)
{
    return value >= 1 && value <= T1_INF_MAX;
}

static uint8_t lesser_ifs(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

/* Ends the exchange. A card that was given up stays so. */
static enum t1_step fail_exchange(struct t1 *t1, enum sc_error error)
{
    if (t1->state != T1_DEAD)
        t1->state = T1_IDLE;
    t1->error = error;
    return T1_FAIL;
}

static enum t1_step fail_to_talk(struct t1 *t1)
{
    return fail_exchange(t1, t1->trouble);
}

/* Ends it while the card may be anywhere: the next exchange begins with a RESYNCH. */
static enum t1_step fail_out_of_step(struct t1 *t1)
{
    t1->resynch_first = true;
    return fail_exchange(t1, SC_F_COMM_ERROR);
}

static enum t1_step emit_block(struct t1 *t1, unsigned pcb, const uint8_t *inf,
                               size_t size)
{
    assert(size <= T1_INF_MAX);
    t1->block_size = t1_block_build(t1->nad, (uint8_t)pcb, inf, size, t1->edc, t1->block);
    t1->wait_multiplier = 1;
    return T1_SEND;
}

/* Sends the last block again; its EDC anew, for the kind of CRC may have changed. */
static enum t1_step repeat_block(struct t1 *t1)
{
    assert(t1->block_size > T1_PROLOGUE_SIZE); /* one was sent before */
    size_t size = T1_PROLOGUE_SIZE + (size_t)t1->block[2];
    t1->block_size = size + t1_edc_compute(t1->edc, t1->block, size, t1->block + size);
    t1->wait_multiplier = 1;
    return T1_SEND;
}

/* The I-block that is not acknowledged: always the same bytes, whatever IFSC is now. */
static enum t1_step send_piece(struct t1 *t1)
{
    unsigned pcb = T1_PCB_I;
    assert(t1->piece_size > 0 && t1->command_sent + t1->piece_size <= t1->command_size);
    if (t1->ns != 0)
        pcb |= T1_PCB_I_SEQUENCE;
    if (t1->command_sent + t1->piece_size < t1->command_size)
        pcb |= T1_PCB_I_MORE;
    return emit_block(t1, pcb, t1->command + t1->command_sent, t1->piece_size);
}

/* The last I-block of the command was sent, or tried. */
static bool is_whole_sent(const struct t1 *t1)
{
    return t1->command_sent + t1->piece_size == t1->command_size;
}

static enum t1_step send_next_piece(struct t1 *t1)
{
    size_t left = t1->command_size - t1->command_sent;
    t1->piece_size = left < t1->ifsc ? left : t1->ifsc;
    return send_piece(t1);
}

static enum t1_step send_r(struct t1 *t1, unsigned error)
{
    return emit_block(t1, T1_PCB_R | (t1->nr != 0 ? T1_PCB_R_SEQUENCE : 0U) | error, NULL,
                      0);
}

static enum t1_step answer_s(struct t1 *t1, const struct t1_block *request)
{
    return emit_block(t1, request->pcb | (unsigned)T1_PCB_S_RESPONSE, request->inf,
                      request->inf_size);
}

static enum t1_step send_ifs(struct t1 *t1)
{
    t1->state = T1_IFS;
    return emit_block(t1, T1_PCB_S | T1_S_IFS, &t1->ifs_wanted, 1);
}

static enum t1_step send_resynch(struct t1 *t1)
{
    if (t1->resynchs == 0) {
        t1->state = T1_DEAD;
        return fail_to_talk(t1);
    }
    t1->resynchs--;
    t1->state = T1_RESYNCH;
    return emit_block(t1, T1_PCB_S | T1_S_RESYNCH, NULL, 0);
}

static enum t1_step send_whole_command(struct t1 *t1)
{
    t1->state = T1_SENDING;
    t1->command_sent = 0;
    return send_next_piece(t1);
}

/* The card answered RESYNCH. That brings both sides in step (ISO/IEC 7816-3:2006,
 * 11.6.3.2), but does not say whether the card carried the command out: once all of it
 * was sent it is not sent again, lest a PIN that was wrong costs two tries. */
static enum t1_step begin_in_step(struct t1 *t1)
{
    t1->ns = 0;
    t1->nr = 0;
    t1->ifsc = lesser_ifs(t1->ifsc, t1->ifsc_initial);
    t1->retries = T1_RETRIES;
    t1->resynch_first = false;
    t1->repeat_excused = false;
    if (t1->ifs_wanted != 0)
        return send_ifs(t1);
    return is_whole_sent(t1) ? fail_exchange(t1, SC_F_COMM_ERROR)
                             : send_whole_command(t1);
}

/* A failure was met: false when it was one too many. */
static bool may_retry(struct t1 *t1)
{
    assert(t1->retries > 0);
    t1->retries--;
    return t1->retries != 0;
}

/* Asks the card to repeat; an R-block of ours that brought nothing good is itself sent
 * again (rule 7.2). */
static enum t1_step recover_block(struct t1 *t1, unsigned r_error)
{
    if (!may_retry(t1))
        return send_resynch(t1);
    bool last_was_r = (t1->block[1] & 0xC0) == T1_PCB_R;
    return last_was_r ? repeat_block(t1) : send_r(t1, r_error);
}

static enum t1_step retry_ifs(struct t1 *t1)
{
    return may_retry(t1) ? send_ifs(t1) : fail_to_talk(t1);
}

/* Data moved: this block is none of the overhead. */
static void note_headway(struct t1 *t1)
{
    assert(t1->overhead > 0);
    t1->idle = 0;
    t1->overhead--;
}

static void acknowledge(struct t1 *t1)
{
    assert(t1->piece_size > 0);
    t1->ns ^= 1;
    t1->command_sent += t1->piece_size;
    t1->piece_size = 0;
}

static void keep_inf(struct t1 *t1, const struct t1_block *block)
{
    bool fits = t1->received + block->inf_size <= t1->out_room;
    if (fits && block->inf_size != 0)
        memcpy(t1->out + t1->received, block->inf, block->inf_size);
    t1->received += block->inf_size;
}

static enum t1_step finish_exchange(struct t1 *t1)
{
    if (t1->received > t1->out_room)
        return fail_exchange(t1, SC_E_INSUFFICIENT_BUFFER);
    t1->state = T1_IDLE;
    t1->out_size = t1->received;
    return T1_DONE;
}

/* N(S) is not the one expected: while receiving, the card missed our R-block, which is
 * excused once without counting; else it is out of step. */
static enum t1_step take_repeated_i(struct t1 *t1)
{
    if (t1->state != T1_RECEIVING || t1->repeat_excused)
        return recover_block(t1, T1_PCB_R_OTHER);
    t1->repeat_excused = true;
    return send_r(t1, 0);
}

static enum t1_step take_card_i(struct t1 *t1, const struct t1_block *block)
{
    if (block->sequence != t1->nr)
        return take_repeated_i(t1);
    if (block->inf_size > t1->ifsd)
        return recover_block(t1, T1_PCB_R_OTHER);
    if (t1->state == T1_SENDING)
        acknowledge(t1);
    t1->state = T1_RECEIVING;
    t1->nr ^= 1;
    t1->retries = T1_RETRIES;
    t1->repeat_excused = false;
    if (block->inf_size != 0)
        note_headway(t1);
    keep_inf(t1, block);
    if (t1->received > T1_RESPONSE_MAX)
        return fail_out_of_step(t1);
    return block->more ? send_r(t1, 0) : finish_exchange(t1);
}

static enum t1_step take_card_r(struct t1 *t1, const struct t1_block *block)
{
    if (t1->state == T1_RECEIVING)
        return may_retry(t1) ? repeat_block(t1) : send_resynch(t1);
    if (block->sequence == t1->ns && t1->at_reader)
        return fail_out_of_step(t1);
    if (block->sequence == t1->ns)
        return may_retry(t1) ? send_piece(t1) : send_resynch(t1);
    if (is_whole_sent(t1))
        return recover_block(t1, T1_PCB_R_OTHER);
    acknowledge(t1);
    t1->retries = T1_RETRIES;
    note_headway(t1);
    return send_next_piece(t1);
}

static enum t1_step reject_s(struct t1 *t1)
{
    return t1->state == T1_IFS ? retry_ifs(t1) : recover_block(t1, T1_PCB_R_OTHER);
}

static enum t1_step take_wtx(struct t1 *t1, const struct t1_block *block)
{
    uint8_t multiplier = block->inf[0];
    if (multiplier == 0)
        return reject_s(t1);
    t1->retries = T1_RETRIES;
    t1->idle = 0;
    enum t1_step step = answer_s(t1, block);
    t1->wait_multiplier = lesser_ifs(multiplier, t1->wait_max);
    return step;
}

static enum t1_step take_ifs(struct t1 *t1, const struct t1_block *block)
{
    if (!is_ifs(block->inf[0]))
        return reject_s(t1);
    t1->ifsc = block->inf[0];
    t1->retries = T1_RETRIES;
    return answer_s(t1, block);
}

static enum t1_step take_abort(struct t1 *t1, const struct t1_block *block)
{
    if (t1->state == T1_IFS)
        return fail_out_of_step(t1);
    t1->state = T1_ABORTED;
    return answer_s(t1, block);
}

static enum t1_step take_card_request(struct t1 *t1, const struct t1_block *block)
{
    switch (block->supervision) {
    case T1_S_WTX:
        return take_wtx(t1, block);
    case T1_S_IFS:
        return take_ifs(t1, block);
    case T1_S_ABORT:
        return take_abort(t1, block);
    case T1_S_RESYNCH: /* for the host alone to ask (11.6.3.2): we do it */
        break;
    }
    return send_resynch(t1);
}

static enum t1_step take_while_exchanging(struct t1 *t1, const struct t1_block *block)
{
    switch (block->kind) {
    case T1_KIND_I:
        return take_card_i(t1, block);
    case T1_KIND_R:
        return take_card_r(t1, block);
    case T1_KIND_S_REQUEST:
        return take_card_request(t1, block);
    case T1_KIND_S_RESPONSE:
        break;
    }
    return recover_block(t1, T1_PCB_R_OTHER);
}

static bool is_answer(const struct t1_block *block, enum t1_supervision supervision)
{
    return block->kind == T1_KIND_S_RESPONSE && block->supervision == supervision;
}

static enum t1_step take_while_ifs(struct t1 *t1, const struct t1_block *block)
{
    if (block->kind == T1_KIND_S_REQUEST)
        return take_card_request(t1, block);
    if (!is_answer(block, T1_S_IFS) || block->inf[0] != t1->ifs_wanted)
        return retry_ifs(t1);
    t1->ifsd = t1->ifs_wanted;
    return finish_exchange(t1);
}

/* Checks what came. Until a first block was right, a CRC of the other kind is tried. */
static enum t1_block_result check_block(struct t1 *t1, const uint8_t *bytes, size_t size,
                                        struct t1_block *block)
{
    if (size == 0)
        return T1_BLOCK_SHORT;
    enum t1_block_result result = t1_block_parse(bytes, size, t1->edc, block);
    if (result == T1_BLOCK_BAD_EDC && t1->edc_other != t1->edc) {
        result = t1_block_parse(bytes, size, t1->edc_other, block);
        if (result == T1_BLOCK_OK)
            t1->edc = t1->edc_other;
        else
            result = T1_BLOCK_BAD_EDC;
    }
    if (result != T1_BLOCK_OK)
        return result;
    t1->edc_other = t1->edc;
    unsigned swapped = (unsigned)t1->nad << 4 | (unsigned)t1->nad >> 4;
    return block->nad == (swapped & 0xFFU) ? T1_BLOCK_OK : T1_BLOCK_BAD_PCB;
}

enum t1_step t1_receive(struct t1 *t1, const uint8_t *bytes, size_t size)
{
    if (t1->state == T1_IDLE || t1->state == T1_DEAD)
        return fail_exchange(t1, SC_F_COMM_ERROR);
    t1->idle++;
    t1->overhead++;
    if (t1->state == T1_ABORTED || t1->idle > T1_IDLE_MAX
        || t1->overhead > T1_OVERHEAD_MAX)
        return fail_out_of_step(t1);
    struct t1_block block = {0};
    enum t1_block_result result = check_block(t1, bytes, size, &block);
    bool good = result == T1_BLOCK_OK;
    t1->trouble = size == 0 ? SC_E_TIMEOUT : SC_F_COMM_ERROR;
    if (t1->state == T1_RESYNCH)
        return good && is_answer(&block, T1_S_RESYNCH) ? begin_in_step(t1)
                                                       : send_resynch(t1);
    if (t1->state == T1_IFS)
        return good ? take_while_ifs(t1, &block) : retry_ifs(t1);
    if (good)
        return take_while_exchanging(t1, &block);
    return recover_block(t1, result == T1_BLOCK_BAD_EDC ? T1_PCB_R_EDC : T1_PCB_R_OTHER);
}

/* Cards differ in how they begin their CRC. */
static enum t1_edc other_edc(enum t1_edc edc)
{
    switch (edc) {
    case T1_EDC_CRC:
        return T1_EDC_CRC_COMPLEMENT;
    case T1_EDC_CRC_COMPLEMENT:
        return T1_EDC_CRC;
    case T1_EDC_LRC:
        break;
    }
    return edc;
}

void t1_init(struct t1 *t1, const struct t1_parameters *parameters)
{
    memset(t1, 0, sizeof(*t1));
    t1->nad = parameters->nad;
    t1->ifsc = is_ifs(parameters->ifsc) ? parameters->ifsc : T1_IFS_DEFAULT;
    t1->ifsc_initial = t1->ifsc;
    t1->ifsd = is_ifs(parameters->ifsd) ? parameters->ifsd : T1_IFS_DEFAULT;
    t1->wait_max = parameters->wait_max != 0 ? parameters->wait_max : UINT8_MAX;
    t1->edc = parameters->edc;
    t1->edc_other = other_edc(t1->edc);
    t1->state = T1_IDLE;
}

/* False if the card is given up. */
static bool prepare(struct t1 *t1)
{
    if (t1->state == T1_DEAD)
        return false;
    if (t1->state != T1_IDLE)
        t1->resynch_first = true;
    t1->state = T1_IDLE;
    t1->error = SC_OK;
    t1->out_size = 0;
    t1->command_sent = 0;
    t1->piece_size = 0;
    t1->at_reader = false;
    t1->repeat_excused = false;
    t1->trouble = SC_F_COMM_ERROR;
    t1->received = 0;
    t1->ifs_wanted = 0;
    t1->retries = T1_RETRIES;
    t1->resynchs = T1_RESYNCHS;
    t1->idle = 0;
    t1->overhead = 0;
    return true;
}

enum t1_step t1_start(struct t1 *t1, const uint8_t *command, size_t size, uint8_t *out,
                      size_t out_room)
{
    if (!prepare(t1))
        return fail_exchange(t1, SC_F_COMM_ERROR);
    if (size == 0 || size > T1_MESSAGE_MAX)
        return fail_exchange(t1, SC_E_INVALID_PARAMETER);
    t1->command = command;
    t1->command_size = size;
    t1->out = out;
    t1->out_room = out_room;
    return t1->resynch_first ? send_resynch(t1) : send_whole_command(t1);
}

enum t1_step t1_start_at_reader(struct t1 *t1, const uint8_t *template, size_t size,
                                uint8_t *out, size_t out_room)
{
    bool anew = t1->resynch_first || t1->state != T1_IDLE;
    size_t size_max = anew ? lesser_ifs(t1->ifsc, t1->ifsc_initial) : t1->ifsc;
    /* Too long a template is refused as an empty one is. */
    enum t1_step step =
        t1_start(t1, template, size <= size_max ? size : 0, out, out_room);
    t1->at_reader = true;
    return step;
}

void t1_withdraw(struct t1 *t1)
{
    bool waits =
        t1->state == T1_SENDING && t1->at_reader && (t1->block[1] & T1_PCB_R) == T1_PCB_I;
    if (waits)
        t1->state = T1_IDLE;
}

enum t1_step t1_start_ifs(struct t1 *t1, uint8_t ifsd)
{
    if (!prepare(t1))
        return fail_exchange(t1, SC_F_COMM_ERROR);
    if (!is_ifs(ifsd))
        return fail_exchange(t1, SC_E_INVALID_PARAMETER);
    t1->ifs_wanted = ifsd;
    return t1->resynch_first ? send_resynch(t1) : send_ifs(t1);
}

void t1_clear(struct t1 *t1)
{
    secret_clear(t1->block, sizeof(t1->block));
    t1->block_size = 0;
}
