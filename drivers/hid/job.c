/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver's jobs, whatever the token. */
#include "drivers/hid/token.h"

#include "base/atomic.h"
#include "drivers/feature.h"
#include "os/time.h"

#include <string.h>

static struct hid_token *begin_token_job(struct kit_job *job, void *self,
                                         const struct driver_job *asked,
                                         uint64_t limit_ms)
{
    struct hid_token *token = self;
    kit_job_begin(job, self, asked, limit_ms);
    token->job = job;
    return token;
}

/* A token that is gone is no reader any more, which the attendant sees to. */
static enum sc_error end_token_job(struct kit_job *job, enum sc_error error)
{
    struct hid_token *token = (struct hid_token *)(void *)job->reader;
    if (error == SC_E_READER_UNAVAILABLE) {
        hid_token_close(token);
        atomic_store_u32(&token->lost, 1);
        kit_attendant_wake(&token->kit.instance->attendant);
    }
    token->job = NULL;
    return kit_job_end(job, error);
}

/* `error` of looking for the card: whether the token is still one that can be asked. */
static enum sc_error check_there(const struct hid_token *token, enum sc_error error)
{
    bool lost = atomic_load_u32(&token->lost) != 0;
    return error == SC_OK && lost ? SC_E_READER_UNAVAILABLE : error;
}

/* Nobody uses it: it is closed, if nothing is to come that somebody has to read. */
static void let_go(struct hid_token *token)
{
    if (token->card->end(token))
        hid_token_close(token);
}

enum sc_error hid_power(void *self, enum power_action action,
                        const struct driver_job *asked, uint8_t atr[DRIVER_ATR_MAX],
                        size_t *atr_size)
{
    struct kit_job job;
    bool off = action == POWER_OFF;
    struct hid_token *token = begin_token_job(&job, self, asked, HID_POWER_MS);
    enum sc_error error = check_there(token, kit_job_find_card(&job));
    if (off || error != SC_OK) {
        let_go(token);
    } else {
        error = hid_token_open(token);
        if (error == SC_OK)
            error = token->card->begin(token);
        if (error != SC_OK)
            let_go(token);
    }
    kit_job_note_power(&job, error == SC_OK && !off);
    if (error == SC_OK && !off) {
        memcpy(atr, token->card->atr, token->card->atr_size);
        *atr_size = token->card->atr_size;
    }
    return end_token_job(&job, error);
}

enum sc_error hid_set_protocol(void *self, uint32_t protocol,
                               const struct driver_job *asked)
{
    struct kit_job job;
    const struct hid_token *token = begin_token_job(&job, self, asked, OS_FOREVER);
    enum sc_error error = check_there(token, kit_job_find_powered(&job));
    if (error == SC_OK && protocol != PROTOCOL_T1)
        error = SC_E_PROTO_MISMATCH;
    return end_token_job(&job, error);
}

enum sc_error hid_transmit(void *self, uint32_t protocol, struct transfer *t)
{
    struct kit_job job;
    (void)protocol; /* whole APDUs */
    struct hid_token *token = begin_token_job(
        &job, self, &t->job, ((struct hid_token *)self)->settings->apdu_timeout_ms);
    enum sc_error error = check_there(token, kit_job_find_powered(&job));
    if (error == SC_OK)
        error = token->card->transmit(token, t);
    return end_token_job(&job, error);
}

static enum sc_error relay_control(struct hid_token *token, uint32_t code,
                                   struct transfer *t)
{
    bool was_open = token->device != NULL;
    enum sc_error error = hid_token_open(token);
    if (error == SC_OK)
        error = token->card->control(token, code, t);
    if (!was_open)
        let_go(token);
    return error;
}

/* A control code works without power too. */
enum sc_error hid_control(void *self, uint32_t code, struct transfer *t)
{
    struct kit_job job;
    if (code == HID_IOCTL_FEATURES)
        return feature_reply_list(t, HID_IOCTL_TLV_PROPERTIES);
    struct hid_token *token = begin_token_job(
        &job, self, &t->job, ((struct hid_token *)self)->settings->apdu_timeout_ms);
    enum sc_error error = check_there(token, kit_job_find_card(&job));
    bool is_own = code >= HID_IOCTL_CBOR && code <= HID_IOCTL_PING;
    if (error == SC_OK && code == HID_IOCTL_TLV_PROPERTIES)
        error = feature_reply_properties(t, token->kind == HID_FIDO);
    else if (error == SC_OK)
        error = is_own && token->card->control != NULL ? relay_control(token, code, t)
                                                       : SC_E_UNSUPPORTED_FEATURE;
    return end_token_job(&job, error);
}
