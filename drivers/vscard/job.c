/* SPDX-License-Identifier: BSD-2-Clause */
/* What the host asks of a reader. */
#include "drivers/feature.h"
#include "drivers/vscard/internal.h"
#include "os/time.h"
#include "proto/atr.h"

#include <string.h>

static struct vscard_reader *job_reader(const struct kit_job *job)
{
    return (struct vscard_reader *)(void *)job->reader;
}

static uint64_t send_deadline(const struct kit_job *job)
{
    uint64_t limit_ms = os_deadline_ms(VSCARD_SEND_MS);
    return limit_ms < job->deadline_ms ? limit_ms : job->deadline_ms;
}

static enum sc_error get_atr(struct vscard_reader *reader, uint8_t out[DRIVER_ATR_MAX],
                             size_t *size)
{
    struct atr atr;
    kit_reader_lock(&reader->kit);
    *size = reader->atr_size;
    memcpy(out, reader->atr, *size);
    kit_reader_unlock(&reader->kit);
    atr_parse(&atr, out, *size);
    reader->protocols = atr_protocols(&atr);
    bool sound = (atr.notes & (ATR_NOTE_TS | ATR_NOTE_SHORT)) == 0;
    return *size > 0 && sound ? SC_OK : SC_W_UNRESPONSIVE_CARD;
}

/* Nothing of it reaches the card: vscard.h. */
enum sc_error vscard_power(void *self, enum power_action action,
                           const struct driver_job *asked, uint8_t atr[DRIVER_ATR_MAX],
                           size_t *atr_size)
{
    struct kit_job job;
    size_t size = 0;
    bool off = action == POWER_OFF;
    kit_job_begin(&job, self, asked, OS_FOREVER);
    enum sc_error error = kit_job_find_card(&job);
    if (error == SC_OK && !off)
        error = get_atr(self, atr, &size);
    kit_job_note_power(&job, error == SC_OK && !off);
    if (error == SC_E_NO_SMARTCARD && off)
        error = SC_OK; /* no card has no power */
    if (error == SC_OK)
        *atr_size = size;
    return kit_job_end(&job, error);
}

/* Clients take whole APDUs; there is nothing to negotiate. */
enum sc_error vscard_set_protocol(void *self, uint32_t protocol,
                                  const struct driver_job *asked)
{
    struct kit_job job;
    kit_job_begin(&job, self, asked, OS_FOREVER);
    enum sc_error error = kit_job_find_powered(&job);
    if (error == SC_OK && (job_reader(&job)->protocols & protocol) == 0)
        error = SC_E_PROTO_MISMATCH;
    return kit_job_end(&job, error);
}

/* --- Commands ----------------------------------------------------------------------- */

static bool is_flushed(const struct kit_reader *reader)
{
    return !((const struct vscard_reader *)(const void *)reader)->flushing;
}

static bool is_answered(const struct kit_reader *reader)
{
    return !((const struct vscard_reader *)(const void *)reader)->asked;
}

static void note_asked(struct vscard_reader *reader, const struct transfer *t)
{
    kit_reader_lock(&reader->kit);
    reader->asked = true;
    reader->out = t->out;
    reader->room = t->out_room;
    reader->size = 0;
    reader->result = SC_OK;
    kit_reader_unlock(&reader->kit);
}

/* Nobody waits for the answer any more. True: it may come all the same. */
static bool give_up_answer(struct vscard_reader *reader)
{
    kit_reader_lock(&reader->kit);
    bool open = reader->asked;
    reader->asked = false;
    reader->flushing |= open;
    reader->out = NULL;
    kit_reader_unlock(&reader->kit);
    return open;
}

static enum sc_error send_command(struct kit_job *job, const struct transfer *t)
{
    struct vscard_reader *reader = job_reader(job);
    enum sc_error error =
        vscard_send(reader->client, VSCARD_APDU, reader->kit.number, t->in, t->in_size,
                    send_deadline(job), &reader->kit.wake);
    return error == SC_F_COMM_ERROR ? SC_W_REMOVED_CARD : error;
}

static enum sc_error exchange(struct kit_job *job, struct transfer *t)
{
    struct vscard_reader *reader = job_reader(job);
    enum sc_error error = kit_job_await(job, is_flushed);
    if (error != SC_OK)
        return error;
    note_asked(reader, t);
    error = send_command(job, t);
    if (error == SC_OK)
        error = kit_job_await(job, is_answered);
    bool open = give_up_answer(reader);
    if (error == SC_OK)
        error = reader->result;
    /* A client that has no room even for this is dropped, and the reader with it. */
    if (open)
        (void)!vscard_send(reader->client, VSCARD_FLUSH, reader->kit.number, NULL, 0, 0,
                           NULL);
    t->out_size = error == SC_OK ? reader->size : 0;
    return error;
}

enum sc_error vscard_transmit(void *self, uint32_t protocol, struct transfer *t)
{
    struct vscard_reader *reader = self;
    const struct vscard *vscard = (const struct vscard *)(void *)reader->kit.instance;
    struct kit_job job;
    (void)protocol; /* none of them shows on the wire */
    if (t->in_size < 2 || t->in_size > VSCARD_APDU_MAX)
        return SC_E_INVALID_PARAMETER;
    kit_job_begin(&job, self, &t->job, vscard->apdu_timeout_ms);
    enum sc_error error = kit_job_find_powered(&job);
    if (error == SC_OK)
        error = exchange(&job, t);
    return kit_job_end(&job, error);
}

enum sc_error vscard_control(void *self, uint32_t code, struct transfer *t)
{
    (void)self;
    switch (code) {
    case VSCARD_IOCTL_FEATURES:
        return feature_reply_list(t, VSCARD_IOCTL_TLV_PROPERTIES);
    case VSCARD_IOCTL_TLV_PROPERTIES:
        return feature_reply_properties(t, true);
    default:
        return SC_E_UNSUPPORTED_FEATURE;
    }
}
