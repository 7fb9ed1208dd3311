/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands over T=0 (ISO/IEC 7816-3:2006, 10 and 12.2): as TPDUs, or, where the line
 * knows no more than bytes, by their procedure bytes. */
#include "base/secret.h"
#include "drivers/iso/card.h"
#include "proto/t0.h"
#include "proto/t0_bytes.h"

#include <string.h>

enum { CLA_READER = 0xFF };

/* --- Characters --------------------------------------------------------------------- */

static uint32_t characters_ms(const struct iso_card *card, size_t count)
{
    return iso_bounded_ms(timing_wwt_us(&card->timing) / 1000 * (count + 1));
}

static enum sc_error run_bytes(struct iso_card *card, struct t0_bytes *bytes,
                               enum t0_bytes_step step, const struct driver_job *job)
{
    while (step == T0_BYTES_SEND) {
        struct iso_exchange x = {.out = bytes->send,
                                 .out_size = bytes->send_size,
                                 .expect = bytes->expect,
                                 .timeout_ms = characters_ms(card, bytes->expect),
                                 .job = job};
        enum sc_error error = card->line->exchange(card->line, &x);
        if (error != SC_OK)
            return error;
        step = t0_bytes_receive(bytes, x.in, x.in_size);
    }
    return step == T0_BYTES_DONE ? SC_OK : bytes->error;
}

static enum sc_error exchange_t0_characters(struct iso_card *card, struct t0 *t0,
                                            const struct driver_job *job,
                                            enum t0_step *step)
{
    /* Commands to readers (PC/SC part 3, 3.2): the card would take one for a PPS, and
     * this reader does not know any. */
    static const uint8_t no_class[] = {0x6E, 0x00};
    uint8_t answer[T0_ANSWER_MAX];
    struct t0_bytes bytes;
    if (t0->command[0] == CLA_READER) {
        *step = t0_receive(t0, no_class, sizeof(no_class));
        return SC_OK;
    }
    enum t0_bytes_step first =
        t0_bytes_start(&bytes, t0->command, t0->command_size, t0->answer_max,
                       T0_BYTES_NULLS_ANY, answer, t0->answer_max);
    enum sc_error error = run_bytes(card, &bytes, first, job);
    if (error == SC_OK)
        *step = t0_receive(t0, answer, bytes.out_size);
    secret_clear(answer, sizeof(answer));
    return error;
}

/* --- TPDUs -------------------------------------------------------------------------- */

static enum sc_error exchange_t0_tpdu(struct iso_card *card, struct t0 *t0,
                                      const struct driver_job *job, enum t0_step *step)
{
    struct iso_exchange x = {
        .out = t0->command,
        .out_size = t0->command_size,
        .case_1 = t0->command_size == 5 && t0->apdu.shape == APDU_CASE_1,
        .timeout_ms = iso_bounded_ms(timing_t0_total_ms(&card->timing)),
        .job = job};
    enum sc_error error = card->line->exchange(card->line, &x);
    if (error == SC_OK)
        *step = t0_receive(t0, x.in, x.in_size);
    return error;
}

enum sc_error iso_t0_transmit(struct iso_card *card, bool whole_apdus, struct transfer *t)
{
    struct t0_options options = {
        .get_response = whole_apdus, .correct_le = whole_apdus, .envelope = whole_apdus};
    struct t0 t0;
    enum sc_error error = SC_OK;
    enum t0_step step = t0_start(&t0, &options, t->in, t->in_size, t->out, t->out_room);
    while (step == T0_SEND && error == SC_OK)
        error = card->line->kind == ISO_LINE_CHARACTERS
                    ? exchange_t0_characters(card, &t0, &t->job, &step)
                    : exchange_t0_tpdu(card, &t0, &t->job, &step);
    if (error == SC_OK && step == T0_FAIL)
        error = t0.error;
    t->out_size = error == SC_OK ? t0.out_size : 0;
    t0_clear(&t0);
    return error;
}
