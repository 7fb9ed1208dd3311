/* SPDX-License-Identifier: BSD-2-Clause */
/* A FIDO token as the card that it would be by NFC (CTAP 2.1, 11.3; U2F's raw messages).
 *
 *     00 A4 04 00, AID    the application is selected
 *     00 01|02|03         U2F: as MSG, with extended lengths whatever came
 *     80 10 P1            CTAP2: as CBOR. P1 80: the program asks again while it lasts
 *     80 11 P1            it asks again; P1 11: the token is to stop
 *     00 C0               the rest of an answer
 *
 * Bit 10 of the class: more of the data is to come. */
#include "drivers/hid/token.h"

#include "base/log.h"
#include "base/secret.h"
#include "drivers/feature.h"
#include "proto/apdu.h"

#include <assert.h>
#include <string.h>

enum {
    CLA_CHAINED = 0x10,
    CLA_FIDO = 0x80,
    INS_U2F_FIRST = 0x01,
    INS_U2F_LAST = 0x03,
    INS_U2F_VENDOR_FIRST = 0x40,
    INS_U2F_VENDOR_LAST = 0x7F,
    INS_CTAP = 0x10,
    INS_CTAP_AGAIN = 0x11,
    INS_SELECT = 0xA4,
    INS_GET_RESPONSE = 0xC0,
    P1_BY_NAME = 0x04,
    P1_ASKS_AGAIN = 0x80,
    P1_CANCEL = 0x11,
    /* Commands of CTAP2 (6), and an error. Two numbers that later went to vendors are what
     * programs manage fingerprints and credentials of older tokens with. */
    CTAP_RESET = 0x07,
    CTAP_VENDOR_FIRST = 0x42,
    CTAP_ERR_NOT_ALLOWED = 0x30
};

/* Status words (ISO/IEC 7816-4, 5.6). */
enum {
    SW_DONE = 0x9000,
    SW_WAITS = 0x9100, /* CTAP 2.1, 11.3.7.2 */
    SW_MORE = 0x6100,
    SW_LENGTH = 0x6700,
    SW_CHAIN = 0x6883,
    SW_CONDITIONS = 0x6985,
    SW_DATA = 0x6A80,
    SW_NOT_FOUND = 0x6A82,
    SW_INSTRUCTION = 0x6D00,
    SW_CLASS = 0x6E00
};

static const uint8_t fido_aid[] = {0xA0, 0x00, 0x00, 0x06, 0x47, 0x2F, 0x00, 0x01};

/* T=1 alone; the historical bytes are "FIDO". */
static const uint8_t fido_atr[] = {0x3B, 0x84, 0x81, 0x31, 0xFE, 0x45,
                                   0x46, 0x49, 0x44, 0x4F, 0x8B};

static struct hid_fido *fido_of(struct hid_token *token)
{
    return &token->as.fido;
}

/* --- Answers ------------------------------------------------------------------------ */

static enum sc_error answer(struct transfer *t, const void *data, size_t size,
                            unsigned sw)
{
    if (t->out_room < size + 2)
        return SC_E_INSUFFICIENT_BUFFER;
    if (size > 0)
        memcpy(t->out, data, size);
    t->out[size] = (uint8_t)(sw >> 8);
    t->out[size + 1] = (uint8_t)sw;
    t->out_size = size + 2;
    return SC_OK;
}

static enum sc_error answer_sw(struct transfer *t, unsigned sw)
{
    return answer(t, NULL, 0, sw);
}

static void drop_rest(struct hid_fido *fido)
{
    fido->rest_at = fido->rest_end = 0;
}

static void drop_chain(struct hid_fido *fido)
{
    secret_clear(fido->chain, fido->chain_size);
    fido->chained = false;
    fido->chain_size = 0;
}

/* As much of an answer as the program wants at once. */
static enum sc_error answer_rest(struct hid_fido *fido, const struct apdu *apdu,
                                 struct transfer *t)
{
    size_t most = apdu->le != 0 ? apdu->le : apdu_is_extended(apdu->shape) ? 65536 : 256;
    size_t left = fido->rest_end - fido->rest_at;
    size_t part = left < most ? left : most;
    size_t later = left - part;
    unsigned more = SW_MORE | (unsigned)(later < 256 ? later : 0);
    unsigned sw = later == 0 ? fido->rest_sw : more;
    enum sc_error error = answer(t, fido->channel.reply.data + fido->rest_at, part, sw);
    fido->rest_at += part;
    if (error != SC_OK || later == 0)
        drop_rest(fido);
    return error;
}

/* What the token refuses is what a card would. */
static enum sc_error answer_refusal(const struct hid_fido *fido, struct transfer *t)
{
    switch (fido->channel.reply.status) {
    case CTAPHID_ERR_COMMAND:
        return answer_sw(t, SW_INSTRUCTION);
    case CTAPHID_ERR_PARAMETER:
        return answer_sw(t, SW_DATA);
    case CTAPHID_ERR_LENGTH:
        return answer_sw(t, SW_LENGTH);
    default:
        return SC_F_COMM_ERROR;
    }
}

static enum sc_error answer_outcome(struct hid_fido *fido, enum hid_outcome outcome,
                                    const struct apdu *apdu, struct transfer *t)
{
    const struct ctaphid_reply *reply = &fido->channel.reply;
    bool raw = fido->channel.command == CTAPHID_MSG;
    switch (outcome) {
    case HID_WAITING:
        return answer(t, &reply->status, 1, SW_WAITS);
    case HID_REFUSED:
        return answer_refusal(fido, t);
    case HID_UNTOUCHED:
        return answer_sw(t, SW_CONDITIONS);
    case HID_WHOLE:
        break;
    }
    if (reply->size < (raw ? 2 : 1)) {
        log_error("hid: an answer without a status");
        return SC_F_COMM_ERROR;
    }
    fido->rest_at = 0;
    fido->rest_end = raw ? reply->size - 2 : reply->size;
    fido->rest_sw = SW_DONE;
    if (raw)
        fido->rest_sw =
            (uint16_t)(reply->data[reply->size - 2] << 8 | reply->data[reply->size - 1]);
    return answer_rest(fido, apdu, t);
}

/* --- Commands ----------------------------------------------------------------------- */

static enum sc_error do_select(struct hid_fido *fido, const struct apdu *apdu,
                               struct transfer *t)
{
    bool u2f = (fido->channel.capabilities & CTAPHID_NO_MSG) == 0;
    const char *version = u2f ? "U2F_V2" : "FIDO_2_0";
    if (apdu->p1 != P1_BY_NAME || apdu->data_size != sizeof(fido_aid)
        || memcmp(apdu->data, fido_aid, sizeof(fido_aid)) != 0)
        return answer_sw(t, SW_NOT_FOUND);
    fido->selected = true;
    return answer(t, version, strlen(version), SW_DONE);
}

static enum sc_error do_u2f(struct hid_token *token, const struct apdu *apdu,
                            struct transfer *t)
{
    static const struct hid_patience patience = {.touch_bounded = true};
    struct hid_fido *fido = fido_of(token);
    struct apdu raw = *apdu;
    enum hid_outcome outcome;
    raw.cla = 0;
    raw.le = 65536;
    raw.shape = apdu_shape(raw.data_size, raw.le, true);
    size_t size = apdu_build(&raw, fido->raw, sizeof(fido->raw));
    if (size == 0)
        return answer_sw(t, SW_LENGTH);
    enum sc_error error =
        hid_channel_exchange(token, CTAPHID_MSG, fido->raw, size, &patience, &outcome);
    secret_clear(fido->raw, size);
    return error == SC_OK ? answer_outcome(fido, outcome, apdu, t) : error;
}

static bool is_refused(const struct hid_token *token, uint8_t command)
{
    bool refused =
        !token->settings->all && (command == CTAP_RESET || command >= CTAP_VENDOR_FIRST);
    if (refused)
        log_error("hid: command %02X of CTAP2 is not sent unless the URI says all=on",
                  (unsigned)command);
    return refused;
}

static enum sc_error do_ctap(struct hid_token *token, const struct apdu *apdu,
                             struct transfer *t)
{
    static const uint8_t not_allowed = CTAP_ERR_NOT_ALLOWED;
    const struct hid_patience patience = {.tells = (apdu->p1 & P1_ASKS_AGAIN) != 0};
    struct hid_fido *fido = fido_of(token);
    enum hid_outcome outcome;
    if (apdu->data_size == 0 || apdu->data_size > CTAPHID_MESSAGE_MAX)
        return answer_sw(t, SW_LENGTH);
    if (is_refused(token, apdu->data[0]))
        return answer(t, &not_allowed, 1, SW_DONE);
    enum sc_error error = hid_channel_exchange(token, CTAPHID_CBOR, apdu->data,
                                               apdu->data_size, &patience, &outcome);
    return error == SC_OK ? answer_outcome(fido, outcome, apdu, t) : error;
}

static enum sc_error do_ctap_again(struct hid_token *token, const struct apdu *apdu,
                                   struct transfer *t)
{
    static const struct hid_patience patience = {.tells = true};
    struct hid_fido *fido = fido_of(token);
    enum hid_outcome outcome;
    if (!fido->channel.waiting)
        return answer_sw(t, SW_CONDITIONS);
    enum sc_error error =
        hid_channel_resume(token, apdu->p1 == P1_CANCEL, &patience, &outcome);
    return error == SC_OK ? answer_outcome(fido, outcome, apdu, t) : error;
}

static bool is_u2f(const struct hid_token *token, uint8_t ins)
{
    return (ins >= INS_U2F_FIRST && ins <= INS_U2F_LAST)
           || (token->settings->all && ins >= INS_U2F_VENDOR_FIRST
               && ins <= INS_U2F_VENDOR_LAST);
}

static enum sc_error run_fido_command(struct hid_token *token, const struct apdu *apdu,
                                      struct transfer *t)
{
    struct hid_fido *fido = fido_of(token);
    if (apdu->cla == 0 && apdu->ins == INS_SELECT)
        return do_select(fido, apdu, t);
    if (!fido->selected)
        return answer_sw(t, SW_INSTRUCTION);
    if (apdu->cla == 0 && is_u2f(token, apdu->ins))
        return do_u2f(token, apdu, t);
    if (apdu->cla == CLA_FIDO && apdu->ins == INS_CTAP)
        return do_ctap(token, apdu, t);
    if (apdu->cla == CLA_FIDO && apdu->ins == INS_CTAP_AGAIN)
        return do_ctap_again(token, apdu, t);
    return answer_sw(t, SW_INSTRUCTION);
}

/* --- Chains ------------------------------------------------------------------------- */

/* False: it is too long. */
static bool add_to_chain(struct hid_fido *fido, const struct apdu *apdu)
{
    bool fits = apdu->data_size <= sizeof(fido->chain) - fido->chain_size;
    if (fits && apdu->data_size > 0) {
        memcpy(fido->chain + fido->chain_size, apdu->data, apdu->data_size);
        fido->chain_size += apdu->data_size;
    }
    return fits;
}

/* One of the commands of a chain; the last one is run with the data of all. */
static enum sc_error run_link(struct hid_token *token, struct apdu *apdu,
                              struct transfer *t)
{
    struct hid_fido *fido = fido_of(token);
    bool last = (apdu->cla & CLA_CHAINED) == 0;
    const uint8_t head[] = {(uint8_t)(apdu->cla & ~CLA_CHAINED), apdu->ins, apdu->p1,
                            apdu->p2};
    if (head[0] != 0 && head[0] != CLA_FIDO)
        return answer_sw(t, SW_CLASS);
    if (fido->chained && memcmp(head, fido->head, sizeof(head)) != 0) {
        drop_chain(fido);
        return answer_sw(t, SW_CHAIN);
    }
    if (!fido->chained && last)
        return run_fido_command(token, apdu, t);
    if (!add_to_chain(fido, apdu)) {
        drop_chain(fido);
        return answer_sw(t, SW_LENGTH);
    }
    fido->chained = true;
    memcpy(fido->head, head, sizeof(head));
    if (!last)
        return answer_sw(t, SW_DONE);
    apdu->data = fido->chain;
    apdu->data_size = fido->chain_size;
    enum sc_error error = run_fido_command(token, apdu, t);
    drop_chain(fido);
    return error;
}

/* --- The card ----------------------------------------------------------------------- */

/* Nothing of an answer stays but what the program may still ask for. */
static void wipe_answer(struct hid_fido *fido)
{
    if (fido->rest_at == fido->rest_end && !fido->channel.waiting)
        secret_clear(fido->channel.reply.data, sizeof(fido->channel.reply.data));
}

static enum sc_error fido_transmit(struct hid_token *token, struct transfer *t)
{
    struct hid_fido *fido = fido_of(token);
    struct apdu apdu;
    enum sc_error error;
    if (t->in_size < APDU_HEADER_SIZE)
        return SC_E_INVALID_PARAMETER;
    bool sound = apdu_parse(t->in, t->in_size, &apdu);
    bool again = sound && apdu.cla == CLA_FIDO && apdu.ins == INS_CTAP_AGAIN;
    bool rest = sound && (apdu.cla == 0 || apdu.cla == CLA_FIDO)
                && apdu.ins == INS_GET_RESPONSE && fido->rest_at < fido->rest_end;
    if (!again)
        hid_channel_leave(token);
    if (rest) {
        error = answer_rest(fido, &apdu, t);
    } else {
        drop_rest(fido);
        error = sound ? run_link(token, &apdu, t) : answer_sw(t, SW_LENGTH);
    }
    wipe_answer(fido);
    return error;
}

static enum sc_error fido_begin(struct hid_token *token)
{
    struct hid_fido *fido = fido_of(token);
    drop_rest(fido);
    drop_chain(fido);
    fido->selected = false;
    return hid_channel_open(token);
}

static bool fido_end(struct hid_token *token)
{
    struct hid_fido *fido = fido_of(token);
    if (token->device != NULL)
        hid_channel_leave(token);
    drop_rest(fido);
    drop_chain(fido);
    wipe_answer(fido);
    fido->channel.number = 0;
    fido->selected = fido->channel.waiting = false;
    return true;
}

/* --- Control codes ------------------------------------------------------------------ */

static enum sc_error refusal_error(uint8_t status)
{
    switch (status) {
    case CTAPHID_ERR_COMMAND:
        return SC_E_UNSUPPORTED_FEATURE;
    case CTAPHID_ERR_PARAMETER:
    case CTAPHID_ERR_LENGTH:
        return SC_E_INVALID_PARAMETER;
    default:
        return SC_F_COMM_ERROR;
    }
}

static enum sc_error relay(struct hid_token *token, enum ctaphid_command command,
                           struct transfer *t)
{
    static const struct hid_patience patience = {.tells = false};
    struct hid_fido *fido = fido_of(token);
    enum hid_outcome outcome = HID_REFUSED;
    hid_channel_leave(token);
    drop_rest(fido);
    enum sc_error error =
        hid_channel_exchange(token, command, t->in, t->in_size, &patience, &outcome);
    if (error == SC_OK && outcome == HID_REFUSED)
        error = refusal_error(fido->channel.reply.status);
    if (error == SC_OK)
        error = feature_reply(t, fido->channel.reply.data, fido->channel.reply.size);
    wipe_answer(fido);
    return error;
}

static enum sc_error fido_control(struct hid_token *token, uint32_t code,
                                  struct transfer *t)
{
    static const uint8_t not_allowed = CTAP_ERR_NOT_ALLOWED;
    switch (code) {
    case HID_IOCTL_CBOR:
        if (t->in_size == 0)
            return SC_E_INVALID_PARAMETER;
        if (is_refused(token, t->in[0]))
            return feature_reply(t, &not_allowed, 1);
        return relay(token, CTAPHID_CBOR, t);
    case HID_IOCTL_WINK:
        return t->in_size == 0 ? relay(token, CTAPHID_WINK, t) : SC_E_INVALID_PARAMETER;
    case HID_IOCTL_LOCK:
        if (t->in_size != 1 || t->in[0] > CTAPHID_LOCK_MAX_S)
            return SC_E_INVALID_PARAMETER;
        return relay(token, CTAPHID_LOCK, t);
    case HID_IOCTL_PING:
        return relay(token, CTAPHID_PING, t);
    default:
        return SC_E_UNSUPPORTED_FEATURE;
    }
}

const struct hid_card hid_fido_card = {.name = "FIDO",
                                       .atr = fido_atr,
                                       .atr_size = sizeof(fido_atr),
                                       .begin = fido_begin,
                                       .end = fido_end,
                                       .transmit = fido_transmit,
                                       .control = fido_control};
