/* SPDX-License-Identifier: BSD-2-Clause */
/* The card's end of T=0, after ISO/IEC 7816-3:2006, 12.2. */
#include "drivers/soft/t0_card.h"

#include "base/secret.h"

#include <string.h>

enum {
    HEADER_SIZE = 5,
    P3_AT = 4,
    INS_SELECT = 0xA4,
    INS_GET_RESPONSE = 0xC0,
    INS_ENVELOPE = 0xC2,
    SW1_MORE = 0x61,
    BLOCK_MAX = 256,
    PIECE_MAX = 255
};

void t0_card_init(struct t0_card *t0, struct soft_card *card)
{
    memset(t0, 0, sizeof(*t0));
    t0->card = card;
}

static size_t put_status(uint8_t *out, size_t at, unsigned status)
{
    out[at] = (uint8_t)(status >> 8);
    out[at + 1] = (uint8_t)status;
    return at + 2;
}

/* 61xx: so much is there to fetch; 00 stands for 256 or more. */
static unsigned status_of_rest(const struct t0_card *t0)
{
    if (t0->left == 0)
        return t0->status;
    return SW1_MORE << 8 | (t0->left < BLOCK_MAX ? (unsigned)t0->left : 0U);
}

static void forget_t0_answer(struct t0_card *t0)
{
    secret_clear(t0->card->response, t0->sent + t0->left);
    t0->sent = 0;
    t0->left = 0;
}

static void forget_t0_command(struct t0_card *t0)
{
    secret_clear(t0->card->command, t0->enveloped);
    t0->enveloped = 0;
}

void t0_card_forget(struct t0_card *t0)
{
    forget_t0_answer(t0);
    forget_t0_command(t0);
}

/* Sends the next `size` bytes of the response. */
static size_t send_data(struct t0_card *t0, size_t size, uint8_t *out)
{
    memcpy(out, t0->card->response + t0->sent, size);
    t0->sent += size;
    t0->left -= size;
    unsigned status = status_of_rest(t0);
    if (t0->left == 0)
        forget_t0_answer(t0);
    return put_status(out, size, status);
}

static size_t get_response(struct t0_card *t0, const uint8_t *tpdu, uint8_t *out)
{
    size_t wanted = tpdu[P3_AT] != 0 ? tpdu[P3_AT] : BLOCK_MAX;
    if (tpdu[2] != 0 || tpdu[3] != 0)
        return put_status(out, 0, SW_WRONG_P1P2);
    if (t0->left == 0)
        return put_status(out, 0, SW_CONDITIONS);
    if (wanted > t0->left)
        return put_status(out, 0, SW_WRONG_LE | (unsigned)t0->left);
    return send_data(t0, wanted, out);
}

/* What the card worked out goes back at once if the terminal asked for it with the right
 * length, or is kept for GET RESPONSE. `wanted` is 0 if the TPDU leaves no room for data.
 */
static size_t answer_command(struct t0_card *t0, const struct soft_answer *answer,
                             size_t wanted, uint8_t *out)
{
    bool failed = (answer->status & 0xF000) == 0x6000 && answer->status >= 0x6400;
    if (failed || answer->size == 0)
        return put_status(out, 0, answer->status);
    t0->sent = 0;
    t0->left = answer->size;
    t0->status = answer->status;
    if (wanted == 0)
        return put_status(out, 0, status_of_rest(t0));
    if (t0->left == wanted || (t0->left > wanted && wanted == BLOCK_MAX))
        return send_data(t0, wanted, out);
    unsigned named = t0->left < BLOCK_MAX ? (unsigned)t0->left : 0U;
    forget_t0_answer(t0);
    return put_status(out, 0, SW_WRONG_LE | named);
}

static size_t run_t0_command(struct t0_card *t0, const struct apdu *apdu, uint8_t *out,
                             uint32_t *busy_ms)
{
    struct soft_answer answer = {.data = t0->card->response};
    soft_card_run(t0->card, apdu, &answer);
    *busy_ms = answer.busy_ms;
    t0->mute = answer.fault == SOFT_FAULT_MUTE;
    if (t0->mute)
        return 0;
    if (answer.fault != SOFT_FAULT_NONE) {
        out[0] = 0x90;
        return 1;
    }
    /* SELECT never answers with data at once: P3 00 is an empty command field. */
    size_t wanted = apdu->ins == INS_SELECT ? 0 : apdu->le;
    return answer_command(t0, &answer, wanted, out);
}

/* A whole APDU was enveloped; its data goes back through GET RESPONSE. */
static size_t run_enveloped(struct t0_card *t0, uint8_t *out, uint32_t *busy_ms)
{
    struct soft_answer answer = {0};
    uint8_t *command = t0->card->command;
    size_t size = t0->enveloped;
    t0->enveloped = 0;
    if (t0->too_long)
        size = 0; /* is not a command: 6700 */
    t0->too_long = false;
    (void)soft_card_respond(t0->card, command, size, true, &answer);
    secret_clear(command, size);
    *busy_ms = answer.busy_ms;
    t0->mute = answer.fault == SOFT_FAULT_MUTE;
    if (t0->mute)
        return 0;
    if (answer.fault != SOFT_FAULT_NONE) {
        out[0] = 0x90;
        return 1;
    }
    return answer_command(t0, &answer, 0, out);
}

static size_t take_envelope(struct t0_card *t0, const uint8_t *data, size_t size,
                            uint8_t *out, uint32_t *busy_ms)
{
    if (t0->enveloped + size > APDU_COMMAND_MAX) {
        t0->too_long = true;
    } else if (size != 0) {
        memcpy(t0->card->command + t0->enveloped, data, size);
        t0->enveloped += size;
    }
    if (size == PIECE_MAX)
        return put_status(out, 0, SW_OK);
    return run_enveloped(t0, out, busy_ms);
}

size_t t0_card_take(struct t0_card *t0, const uint8_t *tpdu, size_t size,
                    uint8_t out[T0_ANSWER_MAX], uint32_t *busy_ms)
{
    *busy_ms = 0;
    if (t0->mute || size < HEADER_SIZE
        || (size > HEADER_SIZE && size != HEADER_SIZE + (size_t)tpdu[P3_AT]))
        return 0;
    struct apdu apdu = {.cla = tpdu[0], .ins = tpdu[1], .p1 = tpdu[2], .p2 = tpdu[3]};
    if (apdu.ins == INS_GET_RESPONSE && apdu.cla == 0 && size == HEADER_SIZE)
        return get_response(t0, tpdu, out);
    forget_t0_answer(t0);
    apdu.data_size = size - HEADER_SIZE;
    apdu.data = apdu.data_size != 0 ? tpdu + HEADER_SIZE : NULL;
    if (apdu.ins == INS_ENVELOPE && apdu.cla == 0)
        return take_envelope(t0, apdu.data, apdu.data_size, out, busy_ms);
    forget_t0_command(t0);
    apdu.shape = apdu.data_size != 0 ? APDU_CASE_3S : APDU_CASE_2S;
    if (apdu.data_size == 0)
        apdu.le = tpdu[P3_AT] != 0 ? tpdu[P3_AT] : BLOCK_MAX;
    return run_t0_command(t0, &apdu, out, busy_ms);
}
