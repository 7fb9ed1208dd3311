/* SPDX-License-Identifier: BSD-2-Clause */
/* Carries one command APDU over T=0, after ISO/IEC 7816-3:2006, 12.2. */
#include "proto/t0.h"

#include "base/secret.h"

#include <assert.h>
#include <string.h>

enum {
    HEADER_SIZE = 5,
    SW_SIZE = 2,
    PIECE_MAX = 255, /* most data of one TPDU to the card */
    BLOCK_MAX = 256, /* most data of one TPDU from the card */
    INS_GET_RESPONSE = 0xC0,
    INS_ENVELOPE = 0xC2,
    SW1_MORE = 0x61,
    SW1_WRONG_LE = 0x6C,
    SW1_SUCCESS = 0x90
};

static enum t0_step fail_command(struct t0 *t0, enum sc_error error)
{
    t0->phase = T0_PHASE_OVER;
    t0->error = error;
    return T0_FAIL;
}

static enum t0_step issue_tpdu(struct t0 *t0, const uint8_t header[HEADER_SIZE],
                               const uint8_t *data, size_t size)
{
    if (++t0->exchanges > T0_EXCHANGES_MAX)
        return fail_command(t0, SC_F_COMM_ERROR);
    assert(size <= PIECE_MAX);
    memcpy(t0->command, header, HEADER_SIZE);
    if (size != 0)
        memcpy(t0->command + HEADER_SIZE, data, size);
    t0->command_size = HEADER_SIZE + size;
    t0->answer_max = SW_SIZE;
    return T0_SEND;
}

/* Asks for `wanted` bytes, 1 to BLOCK_MAX: with the command itself, or GET RESPONSE. */
static enum t0_step ask_for_response(struct t0 *t0, size_t wanted)
{
    const struct apdu *apdu = &t0->apdu;
    uint8_t header[HEADER_SIZE] = {apdu->cla, apdu->ins, apdu->p1, apdu->p2};
    assert(wanted >= 1 && wanted <= BLOCK_MAX);
    if (t0->phase == T0_PHASE_GET_RESPONSE) {
        memset(header, 0, sizeof(header));
        header[0] = t0->options.get_response_class == T0_CLASS_OF_COMMAND
                        ? apdu->cla
                        : t0->options.get_response_class;
        header[1] = INS_GET_RESPONSE;
    }
    header[4] = (uint8_t)wanted; /* 256 becomes 0 */
    enum t0_step step = issue_tpdu(t0, header, NULL, 0);
    t0->answer_max = wanted + SW_SIZE;
    return step;
}

static enum t0_step send_envelope(struct t0 *t0)
{
    assert(!t0->ended && t0->enveloped <= t0->whole_size);
    size_t left = t0->whole_size - t0->enveloped;
    size_t size = left < PIECE_MAX ? left : PIECE_MAX;
    const uint8_t *piece = t0->whole + t0->enveloped;
    uint8_t header[HEADER_SIZE] = {0, INS_ENVELOPE, 0, 0, (uint8_t)size};
    header[0] = t0->options.envelope_class == T0_CLASS_OF_COMMAND
                    ? t0->apdu.cla
                    : t0->options.envelope_class;
    t0->enveloped += size;
    /* A last piece of full size does not look like one: an empty one follows it. */
    t0->ended = size < PIECE_MAX;
    return issue_tpdu(t0, header, piece, size);
}

static enum t0_step begin_tpdu(struct t0 *t0)
{
    const struct apdu *apdu = &t0->apdu;
    uint8_t header[HEADER_SIZE] = {apdu->cla, apdu->ins, apdu->p1, apdu->p2,
                                   (uint8_t)apdu->data_size};
    t0->phase = T0_PHASE_COMMAND;
    if (apdu->data_size == 0 && apdu->le != 0)
        return ask_for_response(t0, apdu->le < BLOCK_MAX ? apdu->le : BLOCK_MAX);
    return issue_tpdu(t0, header, apdu->data, apdu->data_size);
}

enum t0_step t0_start(struct t0 *t0, const struct t0_options *options,
                      const uint8_t *apdu, size_t size, uint8_t *out, size_t out_room)
{
    memset(t0, 0, sizeof(*t0));
    t0->options = *options;
    t0->whole = apdu;
    t0->whole_size = size;
    t0->out = out;
    t0->out_room = out_room;
    if (!apdu_parse(apdu, size, &t0->apdu))
        return fail_command(t0, SC_E_INVALID_PARAMETER);
    if (t0->apdu.data_size <= PIECE_MAX)
        return begin_tpdu(t0);
    if (!options->envelope)
        return fail_command(t0, SC_E_INVALID_PARAMETER);
    t0->phase = T0_PHASE_ENVELOPE;
    return send_envelope(t0);
}

static enum t0_step finish_with_status(struct t0 *t0, const uint8_t sw[SW_SIZE])
{
    if (t0->out_room < t0->data_size + SW_SIZE)
        return fail_command(t0, SC_E_INSUFFICIENT_BUFFER);
    memcpy(t0->out + t0->data_size, sw, SW_SIZE);
    t0->out_size = t0->data_size + SW_SIZE;
    t0->phase = T0_PHASE_OVER;
    return T0_DONE;
}

/* Keeps data, never beyond Le: a card asked again after 6Cxx may give more than was
 * wanted (12.2.3). False if there is no room. */
static bool keep_response(struct t0 *t0, const uint8_t *data, size_t size)
{
    assert(t0->data_size <= t0->apdu.le && t0->data_size <= t0->out_room);
    size_t wanted = t0->apdu.le - t0->data_size;
    size_t kept = size < wanted ? size : wanted;
    if (kept > t0->out_room - t0->data_size)
        return false;
    if (kept != 0)
        memcpy(t0->out + t0->data_size, data, kept);
    t0->data_size += kept;
    return true;
}

/* Whether 6Cxx can be followed: it must be all of the answer to a command that asks for
 * data. */
static bool may_correct(const struct t0 *t0)
{
    return t0->options.correct_le && t0->answer_max > SW_SIZE && t0->idle != 0;
}

static enum t0_step follow(struct t0 *t0, const uint8_t sw[SW_SIZE])
{
    size_t named = sw[1] != 0 ? sw[1] : BLOCK_MAX;
    size_t wanted = t0->apdu.le - t0->data_size;
    bool correct = sw[0] == SW1_WRONG_LE && may_correct(t0);
    bool fetch = sw[0] == SW1_MORE && t0->options.get_response && wanted != 0;
    if (!correct && !fetch)
        return finish_with_status(t0, sw);
    if (t0->idle > T0_IDLE_MAX)
        return fail_command(t0, SC_F_COMM_ERROR);
    if (correct)
        return ask_for_response(t0, named);
    t0->phase = T0_PHASE_GET_RESPONSE;
    return ask_for_response(t0, named < wanted ? named : wanted);
}

enum t0_step t0_receive(struct t0 *t0, const uint8_t *answer, size_t size)
{
    if (t0->phase == T0_PHASE_OVER)
        return fail_command(t0, SC_F_COMM_ERROR);
    if (size < SW_SIZE || size > t0->answer_max)
        return fail_command(t0, SC_F_COMM_ERROR);
    const uint8_t *sw = answer + size - SW_SIZE;
    size_t data_size = size - SW_SIZE;
    if (!keep_response(t0, answer, data_size))
        return fail_command(t0, SC_E_INSUFFICIENT_BUFFER);
    t0->idle = data_size != 0 ? 0 : t0->idle + 1;
    if (t0->phase == T0_PHASE_ENVELOPE && !t0->ended) {
        if (sw[0] != SW1_SUCCESS || sw[1] != 0)
            return finish_with_status(t0, sw);
        t0->idle = 0;
        return send_envelope(t0);
    }
    return follow(t0, sw);
}

void t0_clear(struct t0 *t0)
{
    secret_clear(t0->command, sizeof(t0->command));
    t0->command_size = 0;
}
