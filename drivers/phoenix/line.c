/* SPDX-License-Identifier: BSD-2-Clause */
/* Characters on a UART whose two data lines are one: what is sent comes back, and is compared.
 * ISO/IEC 7816-3:2006, 7 and 8.1. A UART cannot ask for a damaged character again, nor see
 * that the card does (7.3): such an exchange fails, and T=1 sends its block again. */
#include "base/log.h"
#include "base/secret.h"
#include "drivers/phoenix/reader.h"
#include "os/time.h"

#include <assert.h>
#include <string.h>

enum {
    FRAME_ETU = 12, /* start, 8 bits, parity, 2 of guard time */
    MARK = 0xFF /* how a line begins a mark, which it doubles when it is a character */
};

static struct phoenix_reader *reader_of(struct iso_line *line)
{
    struct phoenix_line *own = CONTAINER_OF(line, struct phoenix_line, iso);
    return CONTAINER_OF(own, struct phoenix_reader, line);
}

static uint8_t convert(const struct phoenix_line *line, uint8_t byte)
{
    return line->inverse ? atr_swap_convention(byte) : byte;
}

/* --- Receiving ------------------------------------------------------------------------ */

void phoenix_line_flush(struct phoenix_reader *reader)
{
    struct phoenix_line *line = &reader->line;
    os_serial_flush(line->port);
    secret_clear(line->come, sizeof(line->come));
    line->come_size = line->come_at = 0;
}

/* A wake-up: the job is to end, or the reader leaves. */
static enum sc_error why_cancelled(struct phoenix_reader *reader)
{
    enum sc_error why = kit_job_find_card(reader->job);
    return why == SC_OK || why == SC_E_NO_SMARTCARD ? SC_E_CANCELLED : why;
}

/* Waits in slices: a card that is pulled says nothing. */
static enum sc_error fill(struct phoenix_reader *reader, uint64_t limit_ms)
{
    struct phoenix_line *line = &reader->line;
    enum sc_error error = SC_E_TIMEOUT;
    line->come_at = line->come_size = 0;
    while (error == SC_E_TIMEOUT && os_ms_left(limit_ms) > 0) {
        uint64_t slice_ms = os_now_ms() + PHOENIX_SLICE_MS;
        error = kit_job_find_card(reader->job);
        if (error != SC_OK)
            return error == SC_E_NO_SMARTCARD ? SC_W_REMOVED_CARD : error;
        error =
            os_serial_read(line->port, line->come, sizeof(line->come), &line->come_size,
                           slice_ms < limit_ms ? slice_ms : limit_ms, &reader->kit.wake);
    }
    return error == SC_E_CANCELLED ? why_cancelled(reader) : error;
}

/* The next byte as the line gives it, marks among them. */
static enum sc_error next_byte(struct phoenix_reader *reader, uint64_t limit_ms,
                               uint8_t *byte)
{
    struct phoenix_line *line = &reader->line;
    if (line->come_at == line->come_size) {
        enum sc_error error = fill(reader, limit_ms);
        if (error != SC_OK)
            return error;
    }
    *byte = line->come[line->come_at];
    line->come[line->come_at++] = 0; /* it may be of a PIN */
    return SC_OK;
}

/* FF 00 XX is a character XX that came damaged, FF FF is FF (os/serial.h). */
static enum sc_error take_marked(struct phoenix_reader *reader, uint64_t limit_ms,
                                 uint8_t *byte, bool *damaged)
{
    enum sc_error error = next_byte(reader, limit_ms, byte);
    if (error != SC_OK || !reader->line.format.marks_damage || *byte != MARK)
        return error;
    error = next_byte(reader, limit_ms, byte);
    if (error != SC_OK || *byte == MARK)
        return error;
    *damaged = true;
    return next_byte(reader, limit_ms, byte);
}

enum sc_error phoenix_line_take(struct phoenix_reader *reader, uint32_t ms, uint8_t *byte,
                                bool *damaged)
{
    uint64_t limit_ms = os_now_ms() + ms;
    if (limit_ms > reader->job->deadline_ms)
        limit_ms = reader->job->deadline_ms;
    *damaged = false;
    enum sc_error error = take_marked(reader, limit_ms, byte, damaged);
    if (error == SC_OK)
        *byte = convert(&reader->line, *byte);
    return error;
}

/* --- Sending -------------------------------------------------------------------------- */

static uint32_t ms_of_etu(const struct phoenix_line *line, uint64_t etu)
{
    return (uint32_t)(etu * line->etu_ns / 1000000) + 1;
}

/* What was sent comes back, unless two spoke at once, or the contacts are bad. */
static enum sc_error compare_echo(struct phoenix_reader *reader, const uint8_t *out,
                                  size_t size, bool *same)
{
    uint32_t ms =
        ms_of_etu(&reader->line, FRAME_ETU * (uint64_t)size) + PHOENIX_MARGIN_MS;
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = 0;
        bool damaged;
        enum sc_error error = phoenix_line_take(reader, ms, &byte, &damaged);
        if (error != SC_OK)
            return error == SC_E_TIMEOUT ? SC_F_COMM_ERROR : error;
        *same = *same && !damaged && byte == out[i];
    }
    return SC_OK;
}

static enum sc_error send_part(struct phoenix_reader *reader, const uint8_t *out,
                               size_t size, bool *same)
{
    struct phoenix_line *line = &reader->line;
    uint8_t bytes[T1_BLOCK_MAX];
    assert(size <= sizeof(bytes));
    for (size_t i = 0; i < size; i++)
        bytes[i] = convert(line, out[i]);
    enum sc_error error = os_serial_write(line->port, bytes, size,
                                          reader->job->deadline_ms, &reader->kit.wake);
    secret_clear(bytes, sizeof(bytes));
    if (error == SC_E_CANCELLED)
        return why_cancelled(reader);
    return error == SC_OK ? compare_echo(reader, out, size, same) : error;
}

/* One by one where the card wants more guard time than the stop bits give. */
static enum sc_error send_all(struct phoenix_reader *reader, const uint8_t *out,
                              size_t size, bool *same)
{
    struct phoenix_line *line = &reader->line;
    enum sc_error error = SC_OK;
    size_t most = line->guard_etu > 0 ? 1 : T1_BLOCK_MAX;
    *same = true;
    for (size_t at = 0, part = 0; at < size && error == SC_OK && *same; at += part) {
        part = size - at < most ? size - at : most;
        error = send_part(reader, out + at, part, same);
        if (error == SC_OK && line->guard_etu > 0)
            error = kit_job_wait(reader->job, ms_of_etu(line, line->guard_etu));
    }
    return error;
}

/* --- The line ------------------------------------------------------------------------- */

/* Up to what is expected; a card that falls silent in the middle has said all. One damaged
 * character spoils the rest, which is waited for. */
static enum sc_error receive(struct phoenix_reader *reader, struct iso_exchange *x)
{
    struct phoenix_line *line = &reader->line;
    size_t most = x->expect < sizeof(line->in) ? x->expect : sizeof(line->in);
    uint32_t ms = x->timeout_ms + PHOENIX_MARGIN_MS;
    bool damaged = false, spoilt = false;
    while (x->in_size < most) {
        enum sc_error error =
            phoenix_line_take(reader, ms, &line->in[x->in_size], &damaged);
        if (error == SC_E_TIMEOUT && os_ms_left(reader->job->deadline_ms) > 0) {
            x->fault = x->in_size == 0 ? ISO_FAULT_MUTE : ISO_FAULT_OTHER;
            if (x->in_size == 0)
                return SC_F_COMM_ERROR;
            break;
        }
        if (error != SC_OK)
            return error;
        spoilt = spoilt || damaged;
        x->in_size++;
        ms = line->gap_ms + PHOENIX_MARGIN_MS;
    }
    if (spoilt)
        x->fault = ISO_FAULT_PARITY;
    return spoilt ? SC_F_COMM_ERROR : SC_OK;
}

static enum sc_error line_exchange(struct iso_line *iso, struct iso_exchange *x)
{
    struct phoenix_reader *reader = reader_of(iso);
    bool same = true;
    enum sc_error error = SC_OK;
    x->in = reader->line.in;
    x->in_size = 0;
    x->fault = ISO_FAULT_OTHER;
    if (x->out_size > 0) {
        phoenix_line_flush(reader);
        error = send_all(reader, x->out, x->out_size, &same);
    }
    if (error == SC_OK && !same) {
        log_info("phoenix: what was sent came back as something else");
        x->fault = ISO_FAULT_PARITY;
        error = SC_F_COMM_ERROR;
    }
    return error == SC_OK ? receive(reader, x) : error;
}

static enum sc_error set_format(struct phoenix_reader *reader, uint64_t rate)
{
    struct phoenix_line *line = &reader->line;
    line->format.rate = (uint32_t)rate;
    line->etu_ns = rate > 0 ? UINT64_C(1000000000) / rate : 0;
    enum sc_error error = os_serial_set_format(line->port, &line->format);
    return error == SC_E_INVALID_VALUE ? SC_F_COMM_ERROR : error;
}

static enum sc_error line_set_parameters(struct iso_line *iso,
                                         const struct iso_parameters *parameters,
                                         const struct driver_job *job)
{
    struct phoenix_reader *reader = reader_of(iso);
    struct phoenix_line *line = &reader->line;
    const struct timing *timing = &parameters->timing;
    uint64_t gap_us =
        parameters->protocol == 1 ? timing_cwt_us(timing) : timing_wwt_us(timing);
    bool shortest = timing->n == 255;
    (void)job;
    line->gap_ms = (uint32_t)(gap_us / 1000) + 1;
    /* 255 is 12 etu from start to start, and 11 in T=1 (8.3, TC1). */
    line->guard_etu = shortest ? 0 : timing->n;
    line->format.stop_bits = shortest && parameters->protocol == 1 ? 1 : 2;
    enum sc_error error =
        set_format(reader, (uint64_t)reader->settings->clock_hz * timing->d / timing->f);
    return error == SC_F_COMM_ERROR ? SC_E_PROTO_MISMATCH : error;
}

enum sc_error phoenix_line_check_parity(struct phoenix_reader *reader)
{
    struct phoenix_line *line = &reader->line;
    line->format.parity = line->inverse ? OS_PARITY_ODD : OS_PARITY_EVEN;
    line->format.marks_damage = true;
    return set_format(reader, line->format.rate);
}

/* Damage is not looked for: until the first character tells its convention, a right one of
 * the inverse would count as damaged. */
enum sc_error phoenix_line_begin(struct phoenix_reader *reader)
{
    struct phoenix_line *line = &reader->line;
    line->inverse = false;
    line->guard_etu = 0;
    line->format = (struct os_serial_format){.parity = OS_PARITY_EVEN, .stop_bits = 2};
    return set_format(reader, reader->settings->clock_hz / 372);
}

void phoenix_line_init(struct phoenix_line *line,
                       enum sc_error (*reset)(struct iso_line *iso,
                                              const struct driver_job *job))
{
    line->iso = (struct iso_line){.kind = ISO_LINE_CHARACTERS,
                                  .exchange = line_exchange,
                                  .set_parameters = line_set_parameters,
                                  .reset = reset};
    line->port = (struct os_serial)OS_SERIAL_NONE;
}
