/* SPDX-License-Identifier: BSD-2-Clause */
/* The procedure bytes of T=0, after ISO/IEC 7816-3:2006, 10.3. */
#include "proto/t0_bytes.h"

#include <assert.h>
#include <string.h>

enum {
    SW_SIZE = 2,
    P3_AT = 4,
    DATA_MAX = 255,  /* to the card */
    BLOCK_MAX = 256, /* from the card */
    CLASS_RESERVED = 0xFF,
    PROCEDURE_NULL = 0x60
};

static enum t0_bytes_step fail_line(struct t0_bytes *line, enum sc_error error)
{
    line->phase = T0_BYTES_OVER;
    line->error = error;
    return T0_BYTES_FAIL;
}

/* 61 to 6F and 90 to 9F, if 60 was looked at before. */
static bool is_status(uint8_t byte)
{
    return (byte & 0xF0) == 0x60 || (byte & 0xF0) == 0x90;
}

/* Sizes, P3 and the direction of data agree. */
static bool is_sound(const uint8_t header[T0_BYTES_HEADER], size_t data_size,
                     size_t answer_max)
{
    uint8_t p3 = header[P3_AT];
    if (header[0] == CLASS_RESERVED || is_status(header[1]))
        return false;
    if (answer_max < SW_SIZE || answer_max > SW_SIZE + BLOCK_MAX)
        return false;
    if (answer_max == SW_SIZE)
        return data_size == p3;
    return data_size == 0 && (p3 != 0 ? p3 : BLOCK_MAX) == answer_max - SW_SIZE;
}

enum t0_bytes_step t0_bytes_start(struct t0_bytes *line, const uint8_t *command,
                                  size_t size, size_t answer_max, int32_t nulls_max,
                                  uint8_t *out, size_t out_room)
{
    memset(line, 0, sizeof(*line));
    if (size < P3_AT || size > T0_BYTES_HEADER + DATA_MAX)
        return fail_line(line, SC_E_INVALID_PARAMETER);
    memcpy(line->header, command, size < T0_BYTES_HEADER ? size : T0_BYTES_HEADER);
    if (size > T0_BYTES_HEADER) {
        line->data = command + T0_BYTES_HEADER;
        line->data_left = size - T0_BYTES_HEADER;
    }
    if (!is_sound(line->header, line->data_left, answer_max))
        return fail_line(line, SC_E_INVALID_PARAMETER);
    if (out_room < answer_max)
        return fail_line(line, SC_E_INSUFFICIENT_BUFFER);
    line->wanted = answer_max - SW_SIZE;
    line->out = out;
    line->nulls_max = nulls_max;
    line->send = line->header;
    line->send_size = T0_BYTES_HEADER;
    line->expect = 1;
    return T0_BYTES_SEND;
}

/* The card asks for time. False if it did too often. */
static bool wait_longer(struct t0_bytes *line)
{
    if (line->nulls_max == T0_BYTES_NULLS_ANY)
        return true;
    return line->nulls++ < line->nulls_max;
}

/* The card asks for data, or gives some: `most` bytes if there are as many. One that asks
 * though none is left is let wait, for it may still come to its status. */
static bool move_characters(struct t0_bytes *line, size_t most)
{
    if (line->data_left != 0) {
        size_t size = line->data_left < most ? line->data_left : most;
        line->send = line->data;
        line->send_size = size;
        line->data += size;
        line->data_left -= size;
        return true;
    }
    line->burst = line->wanted < most ? line->wanted : most;
    line->wanted -= line->burst;
    if (line->burst == 0)
        return wait_longer(line);
    line->phase = T0_BYTES_DATA;
    return true;
}

/* INS^01 and INS^FE come from cards that once wanted a programming voltage too. */
static bool take_procedure(struct t0_bytes *line, uint8_t byte)
{
    unsigned difference = (unsigned)byte ^ line->header[1];
    if (byte == PROCEDURE_NULL)
        return wait_longer(line);
    if (is_status(byte)) {
        line->out[line->filled++] = byte;
        line->phase = T0_BYTES_SW2;
        return true;
    }
    if (difference == 0x00 || difference == 0x01)
        return move_characters(line, BLOCK_MAX);
    if (difference == 0xFF || difference == 0xFE)
        return move_characters(line, 1);
    return false;
}

static bool take_character(struct t0_bytes *line, uint8_t byte)
{
    if (line->phase == T0_BYTES_PROCEDURE)
        return take_procedure(line, byte);
    assert(line->phase == T0_BYTES_SW2 || line->burst > 0);
    line->out[line->filled++] = byte;
    if (line->phase == T0_BYTES_SW2)
        line->phase = T0_BYTES_OVER;
    else if (--line->burst == 0)
        line->phase = T0_BYTES_PROCEDURE;
    return true;
}

enum t0_bytes_step t0_bytes_receive(struct t0_bytes *line, const uint8_t *bytes,
                                    size_t size)
{
    if (line->phase == T0_BYTES_OVER || size == 0)
        return fail_line(line, SC_F_COMM_ERROR);
    line->send = NULL;
    line->send_size = 0;
    for (size_t i = 0; i < size && line->phase != T0_BYTES_OVER; i++)
        if (line->send_size != 0 || !take_character(line, bytes[i]))
            return fail_line(line, SC_F_COMM_ERROR);
    if (line->phase == T0_BYTES_OVER) {
        line->out_size = line->filled;
        return T0_BYTES_DONE;
    }
    line->expect = line->phase == T0_BYTES_DATA ? line->burst : 1;
    return T0_BYTES_SEND;
}
