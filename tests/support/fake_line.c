/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/support/fake_line.h"

#include "os/stop.h"
#include "tests/support/check.h"
#include "tests/support/hex.h"

static struct fake_line *fake_of(struct iso_line *line)
{
    return (struct fake_line *)(void *)line;
}

/* The next of the script; one that asks for something when it is over fails. */
static const struct line_call *next_call(struct fake_line *fake, char kind)
{
    static const struct line_call none = {"", 0, "", SC_E_READER_UNAVAILABLE, 0};
    CHECK(fake->done < fake->count);
    if (fake->done >= fake->count)
        return &none;
    const struct line_call *call = &fake->calls[fake->done++];
    char wanted = call->out[0] == 'P' || call->out[0] == 'R' ? call->out[0] : 'X';
    CHECK_EQ(kind, wanted);
    return kind == wanted ? call : &none;
}

static enum sc_error fake_exchange(struct iso_line *line, struct iso_exchange *x)
{
    struct fake_line *fake = fake_of(line);
    uint8_t out[LINE_BYTES_MAX];
    const struct line_call *call = next_call(fake, 'X');
    size_t size = hex(call->out, out, sizeof(out));
    CHECK_EQ(x->out_size, size);
    if (x->out_size == size && size > 0)
        CHECK_MEM(x->out, out, size);
    CHECK_EQ(x->expect, call->expect);
    CHECK_EQ(x->job->deadline_ms, LINE_DEADLINE_MS);
    CHECK(x->timeout_ms >= TIMING_MINIMUM_MS && x->timeout_ms <= ISO_EXCHANGE_MAX_MS);
    fake->timeout_ms = x->timeout_ms;
    fake->wait_multiplier = x->wait_multiplier;
    fake->case_1 = x->case_1;
    x->in = fake->in;
    x->in_size = hex(call->in, fake->in, sizeof(fake->in));
    x->fault = call->fault;
    return call->error;
}

static enum sc_error fake_parameters(struct iso_line *line,
                                     const struct iso_parameters *parameters,
                                     const struct driver_job *job)
{
    uint8_t wanted[3] = {0};
    const struct line_call *call = next_call(fake_of(line), 'P');
    CHECK_EQ(hex(call->out + 1, wanted, sizeof(wanted)), sizeof(wanted));
    CHECK_EQ(parameters->protocol, wanted[0]);
    CHECK_EQ(parameters->fidi, wanted[1]);
    CHECK_EQ(parameters->agreed, wanted[2] != 0);
    CHECK_EQ(parameters->timing.f, atr_fi(wanted[1]));
    CHECK_EQ(job->deadline_ms, LINE_DEADLINE_MS);
    return call->error;
}

static enum sc_error fake_reset(struct iso_line *line, const struct driver_job *job)
{
    struct fake_line *fake = fake_of(line);
    uint8_t bytes[ATR_INPUT_MAX];
    const struct line_call *call = next_call(fake, 'R');
    size_t size = hex(call->out + 1, bytes, sizeof(bytes));
    atr_parse(&fake->card->atr, bytes, size);
    CHECK_EQ(job->deadline_ms, LINE_DEADLINE_MS);
    return call->error;
}

static struct os_stop never = OS_STOP_INIT;
const struct driver_job fake_line_job = {LINE_DEADLINE_MS, &never};

const struct iso_terms fake_line_terms = {.protocols = PROTOCOL_T0 | PROTOCOL_T1,
                                          .negotiation = ISO_NEGOTIATE_ALL,
                                          .rates = {.clock_khz = 3580},
                                          .ifs = ISO_IFS_REQUEST,
                                          .ifsd = 254,
                                          .inf_max = 254};

void fake_line_make(struct fake_line *fake, struct iso_card *card,
                    enum iso_line_kind kind, const char *atr)
{
    uint8_t bytes[ATR_INPUT_MAX];
    memset(fake, 0, sizeof(*fake));
    fake->failures = check_failures;
    memset(card, 0, sizeof(*card));
    fake->line = (struct iso_line){.kind = kind,
                                   .exchange = fake_exchange,
                                   .set_parameters = fake_parameters,
                                   .reset = fake_reset};
    fake->card = card;
    card->line = &fake->line;
    atr_parse(&card->atr, bytes, hex(atr, bytes, sizeof(bytes)));
}

void fake_line_script(struct fake_line *fake, const struct line_call *calls, size_t count)
{
    fake->calls = calls;
    fake->count = count;
    fake->done = 0;
}

size_t fake_line_count(const struct line_call *calls)
{
    size_t count = 0;
    while (count < LINE_CALLS_MAX && calls[count].out != NULL)
        count++;
    return count;
}

void fake_line_begin(struct fake_line *fake, struct iso_card *card,
                     enum iso_line_kind kind, uint32_t protocol)
{
    struct iso_terms terms = fake_line_terms;
    fake_line_make(fake, card, kind, protocol == PROTOCOL_T1 ? ATR_T1_ONLY : "3B 00");
    terms.negotiation = ISO_NEGOTIATE_NOTHING;
    terms.ifs = ISO_IFS_DEFAULT;
    if (protocol != 0)
        CHECK_EQ(iso_negotiate(card, protocol, &terms, &fake_line_job), SC_OK);
}

bool fake_line_followed(const struct fake_line *fake)
{
    return check_failures == fake->failures && fake->done == fake->count;
}
