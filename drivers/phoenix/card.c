/* SPDX-License-Identifier: BSD-2-Clause */
/* Power, resets and their answer (ISO/IEC 7816-3:2006, 6 and 8). */
#include "base/log.h"
#include "drivers/phoenix/reader.h"

#include <string.h>

static void set_wire(struct phoenix_reader *reader, const struct phoenix_wire *wire,
                     bool active)
{
    if (wire->mask != 0)
        os_serial_set_lines(reader->line.port, wire->mask, active != wire->inverted);
}

void phoenix_card_off(struct phoenix_reader *reader)
{
    set_wire(reader, &reader->settings->reset, true);
    set_wire(reader, &reader->settings->power, false);
    iso_card_clear(&reader->card);
    reader->atr_size = 0;
}

/* --- The answer ------------------------------------------------------------------------ */

static enum sc_error take_ts(struct phoenix_reader *reader)
{
    uint8_t byte = 0;
    bool damaged;
    enum sc_error error = phoenix_line_take(reader, PHOENIX_ATR_MS, &byte, &damaged);
    if (error != SC_OK)
        return error;
    reader->line.inverse = byte == atr_swap_convention(0x3F);
    reader->atr_bytes[0] = reader->line.inverse ? 0x3F : byte;
    reader->atr_size = 1;
    return byte == 0x3B || reader->line.inverse ? SC_OK : SC_F_COMM_ERROR;
}

/* As many as its own bytes promise. A card that falls silent before has a broken one. */
static enum sc_error take_atr(struct phoenix_reader *reader)
{
    enum sc_error error = take_ts(reader);
    while (error == SC_OK && reader->atr_size < ATR_INPUT_MAX
           && atr_missing(reader->atr_bytes, reader->atr_size) > 0) {
        bool damaged;
        error = phoenix_line_take(reader, PHOENIX_ATR_MS,
                                  &reader->atr_bytes[reader->atr_size], &damaged);
        reader->atr_size += error == SC_OK ? 1 : 0;
    }
    return error == SC_E_TIMEOUT ? SC_W_UNRESPONSIVE_CARD : error;
}

/* RST low, and what the card says when it is let go. */
static enum sc_error pulse(struct phoenix_reader *reader)
{
    set_wire(reader, &reader->settings->reset, true);
    enum sc_error error = phoenix_line_begin(reader);
    if (error == SC_OK)
        error = kit_job_wait(reader->job, PHOENIX_RESET_MS);
    if (error != SC_OK)
        return error;
    phoenix_line_flush(reader);
    set_wire(reader, &reader->settings->reset, false);
    return take_atr(reader);
}

static bool is_worth_another_try(enum sc_error error)
{
    return error == SC_F_COMM_ERROR || error == SC_W_UNRESPONSIVE_CARD;
}

static enum sc_error power_on(struct phoenix_reader *reader)
{
    phoenix_card_off(reader);
    enum sc_error error = kit_job_wait(reader->job, PHOENIX_OFF_MS);
    if (error != SC_OK)
        return error;
    set_wire(reader, &reader->settings->power, true);
    return kit_job_wait(reader->job, PHOENIX_POWER_MS);
}

enum sc_error phoenix_card_reset(struct phoenix_reader *reader, bool warm)
{
    enum sc_error error = SC_W_UNRESPONSIVE_CARD;
    iso_card_clear(&reader->card);
    for (int i = 0; i < PHOENIX_ATR_TRIES && is_worth_another_try(error); i++) {
        error = warm && i == 0 ? SC_OK : power_on(reader);
        if (error == SC_OK)
            error = pulse(reader);
    }
    if (error == SC_F_COMM_ERROR)
        error = SC_W_UNRESPONSIVE_CARD;
    if (error == SC_OK)
        error = phoenix_line_check_parity(reader);
    if (error != SC_OK)
        return error;
    atr_parse(&reader->card.atr, reader->atr_bytes, reader->atr_size);
    return SC_OK;
}
