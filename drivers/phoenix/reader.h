/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files of this folder. */
#ifndef DRIVERS_PHOENIX_READER_H
#define DRIVERS_PHOENIX_READER_H

#include "drivers/iso/card.h"
#include "drivers/kit/reader.h"
#include "os/serial.h"

enum {
    PHOENIX_PATH_MAX = 256, /* bytes, with a NUL */
    PHOENIX_LOOK_MS =
        200, /* between two looks at the card's line, of which two must agree */
    PHOENIX_POWER_MS = 100, /* until a supply is steady */
    PHOENIX_RESET_MS =
        50, /* that RST is low: 400 clocks would do (ISO/IEC 7816-3, 6.2.2) */
    PHOENIX_OFF_MS = 12,     /* without power: 10 ms (the same, 6.4) */
    PHOENIX_MARGIN_MS = 200, /* what adapters take for themselves, each time */
    PHOENIX_ATR_MS = 1000,   /* for each character: 9600 etu (the same, 8.1) */
    PHOENIX_ATR_TRIES = 3,
    PHOENIX_SLICE_MS = 250, /* of a wait, between looks whether the card is in */
    PHOENIX_COME_MAX = 64   /* bytes taken from the line at once */
};

/* One of the modem's lines; mask 0: none. */
struct phoenix_wire {
    uint32_t mask;
    bool inverted;
};

struct phoenix_settings {
    char path[PHOENIX_PATH_MAX];
    uint32_t clock_hz;
    struct phoenix_wire reset, power, detect;
    uint32_t max_rate;
    bool whole_apdus;
    uint32_t apdu_timeout_ms;
};

/* The character layer: what the card says and is told, in its own bytes. */
struct phoenix_line {
    struct iso_line iso;
    struct os_serial port; /* the attendant's to open and close, between jobs */
    bool inverse;          /* the card's convention */
    struct os_serial_format format;
    uint64_t etu_ns;
    uint32_t guard_etu; /* between two characters to the card, beyond the stop bits */
    uint32_t gap_ms;    /* most that the card may be silent inside an answer */
    /* What has come, and how far it was read. */
    uint8_t come[PHOENIX_COME_MAX];
    size_t come_size, come_at;
    uint8_t in[T1_BLOCK_MAX + 2];
};

struct phoenix_reader {
    struct kit_reader kit; /* first: the host hands it back */
    const struct phoenix_settings *settings;
    struct phoenix_line line;
    struct iso_card card;
    struct kit_job *job; /* that runs; the jobs' */
    uint8_t atr_bytes[ATR_INPUT_MAX];
    size_t atr_size;
    uint32_t lost; /* atomic: a job has found that the line has gone */
};

/* line.c */
void phoenix_line_init(struct phoenix_line *line,
                       enum sc_error (*reset)(struct iso_line *iso,
                                              const struct driver_job *job));
/* The line as a card finds it after a reset. Errors: SC_F_COMM_ERROR (it cannot be set so),
 * SC_E_READER_UNAVAILABLE. */
enum sc_error phoenix_line_begin(struct phoenix_reader *reader) MUST_CHECK;
/* One character of the card's, by now; *damaged: its parity is wrong. Errors: those of
 * iso_line, and SC_E_TIMEOUT: it is silent for `ms`. */
enum sc_error phoenix_line_take(struct phoenix_reader *reader, uint32_t ms, uint8_t *byte,
                                bool *damaged) MUST_CHECK;
/* From now on damaged characters are known for what they are. */
enum sc_error phoenix_line_check_parity(struct phoenix_reader *reader) MUST_CHECK;
/* Forgets what has come. */
void phoenix_line_flush(struct phoenix_reader *reader);

/* card.c: power and resets, whose answer is in reader->atr_bytes and card.atr. */
enum sc_error phoenix_card_reset(struct phoenix_reader *reader, bool warm) MUST_CHECK;
void phoenix_card_off(struct phoenix_reader *reader);

#endif
