/* SPDX-License-Identifier: BSD-2-Clause */
/* PIN entry at the reader, after PC/SC part 10, 2.5 and CCID 6.1.11. */
#include "proto/ccid_pin.h"

#include <string.h>

enum {
    DATA_AT = 5, /* of a template: CLA INS P1 P2 Lc stand before */
    FORMAT_BYTES = 0x80,
    CONFIRM_ASKS_OLD = 0x02,
    MESSAGES_MAX = 3,
    VALIDATION_MAX = 0x07
};

/* Takes bytes one after another; never more than the structure's fixed part has. */
struct reader {
    const uint8_t *at;
    bool big_endian;
};

static uint8_t next_pin_byte(struct reader *in)
{
    return *in->at++;
}

/* The byte of lower value first. */
static void take_two(struct reader *in, uint8_t *low, uint8_t *high)
{
    *low = in->at[in->big_endian ? 1 : 0];
    *high = in->at[in->big_endian ? 0 : 1];
    in->at += 2;
}

static uint32_t number_of_field(const uint8_t bytes[4], bool big_endian)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < 4; i++)
        value = value << 8 | bytes[big_endian ? i : 3 - i];
    return value;
}

/* Finds the order in which ulDataLength, before `rest` bytes, is right. */
static bool find_order(const uint8_t length[4], size_t rest, bool *big_endian)
{
    *big_endian = number_of_field(length, false) != rest;
    return number_of_field(length, *big_endian) == rest;
}

static void read_fixed_part(struct reader *in, struct ccid_pin *pin)
{
    bool modify = pin->operation == CCID_PIN_OP_MODIFY;
    uint8_t low = 0;
    uint8_t high = 0;
    pin->timeout_s = next_pin_byte(in);
    next_pin_byte(in); /* bTimeOut2: CCID has none */
    pin->format = next_pin_byte(in);
    pin->block = next_pin_byte(in);
    pin->length_format = next_pin_byte(in);
    if (modify) {
        pin->offset_old = next_pin_byte(in);
        pin->offset_new = next_pin_byte(in);
    }
    take_two(in, &pin->digits_max, &pin->digits_min);
    if (modify)
        pin->confirm = next_pin_byte(in);
    pin->validation = next_pin_byte(in);
    pin->message_count = next_pin_byte(in);
    take_two(in, &low, &high);
    pin->language = (uint16_t)(high << 8 | low);
    for (size_t i = 0; i < (modify ? 3U : 1U); i++)
        pin->messages[i] = next_pin_byte(in);
    for (size_t i = 0; i < sizeof(pin->prologue); i++)
        pin->prologue[i] = next_pin_byte(in);
}

/* Whether a PIN block of fixed size stays inside the data field, if the template has one;
 * without one the reader makes it. */
static bool block_fits(const struct ccid_pin *pin)
{
    size_t block_size = pin->block & 0x0FU;
    if (block_size == 0 || pin->template_size <= DATA_AT)
        return true;
    size_t offset = pin->format >> 3 & 0x0FU;
    if ((pin->format & FORMAT_BYTES) == 0)
        offset = (offset + 7) / 8;
    size_t insertion = pin->offset_new;
    if ((pin->confirm & CONFIRM_ASKS_OLD) != 0 && pin->offset_old > insertion)
        insertion = pin->offset_old;
    return offset + insertion + block_size <= pin->template_size - DATA_AT;
}

enum sc_error ccid_pin_parse(enum ccid_pin_operation operation, const uint8_t *bytes,
                             size_t size, struct ccid_pin *pin)
{
    bool modify = operation == CCID_PIN_OP_MODIFY;
    size_t fixed = modify ? CCID_PIN_MODIFY_SIZE : CCID_PIN_VERIFY_SIZE;
    if (size < fixed + CCID_PIN_TEMPLATE_MIN || size > fixed + CCID_PIN_TEMPLATE_MAX)
        return SC_E_INVALID_PARAMETER;
    struct ccid_pin read = {.operation = operation};
    struct reader in = {bytes, false};
    if (!find_order(bytes + fixed - 4, size - fixed, &in.big_endian))
        return SC_E_INVALID_PARAMETER;
    read_fixed_part(&in, &read);
    read.template = bytes + fixed;
    read.template_size = size - fixed;
    if (read.message_count > MESSAGES_MAX
        && read.message_count != CCID_PIN_MESSAGES_DEFAULT)
        return SC_E_INVALID_PARAMETER;
    if (!block_fits(&read))
        return SC_E_INVALID_PARAMETER;
    *pin = read;
    return SC_OK;
}

/* Writes bytes one after another; the room for all of them is there. */
struct writer {
    uint8_t *at;
};

static void put_pin_byte(struct writer *out, unsigned byte)
{
    *out->at++ = (uint8_t)byte;
}

static uint8_t choose_validation(const struct ccid_pin *pin,
                                 const struct ccid_pin_options *options)
{
    uint8_t value = pin->validation;
    if (options->mend_validation && (value == 0 || value > VALIDATION_MAX))
        value = CCID_PIN_VALIDATION_KEY;
    if (options->validation_mask == 0)
        return value;
    value &= options->validation_mask;
    if (value == 0)
        value = options->validation_mask & CCID_PIN_VALIDATION_KEY;
    return value != 0 ? value : options->validation_mask;
}

static uint8_t choose_count(const struct ccid_pin *pin,
                            const struct ccid_pin_options *options)
{
    switch (options->messages) {
    case CCID_PIN_MESSAGES_0:
        return 0;
    case CCID_PIN_MESSAGES_1:
        return 1;
    case CCID_PIN_MESSAGES_3:
        return 3;
    case CCID_PIN_MESSAGES_SOME:
        return pin->message_count != 0 ? pin->message_count : CCID_PIN_MESSAGES_DEFAULT;
    case CCID_PIN_MESSAGES_AS_GIVEN:
        break;
    }
    return pin->message_count;
}

/* bMsgIndex2 is there unless bNumberMessage is 0, bMsgIndex3 from 3 on (CCID 6.1.11.7).
 */
static size_t count_indexes(const struct ccid_pin *pin,
                            const struct ccid_pin_options *options, uint8_t count)
{
    if (pin->operation == CCID_PIN_OP_VERIFY)
        return 1;
    if (options->indexes != CCID_PIN_INDEXES_COUNTED || count >= 3)
        return 3;
    return count != 0 ? 2 : 1;
}

static void write_entry(struct writer *out, const struct ccid_pin *pin,
                        const struct ccid_pin_options *options)
{
    bool modify = pin->operation == CCID_PIN_OP_MODIFY;
    put_pin_byte(out, pin->operation);
    put_pin_byte(out, pin->timeout_s);
    put_pin_byte(out, pin->format);
    put_pin_byte(out, pin->block);
    put_pin_byte(out, pin->length_format);
    if (modify) {
        put_pin_byte(out, pin->offset_old);
        put_pin_byte(out, pin->offset_new);
    }
    put_pin_byte(out, options->swap_digits ? pin->digits_min : pin->digits_max);
    put_pin_byte(out, options->swap_digits ? pin->digits_max : pin->digits_min);
    if (modify)
        put_pin_byte(out, pin->confirm);
    put_pin_byte(out, choose_validation(pin, options));
}

static void write_messages(struct writer *out, const struct ccid_pin *pin,
                           const struct ccid_pin_options *options)
{
    uint8_t count = choose_count(pin, options);
    bool zero =
        options->indexes == CCID_PIN_INDEXES_ZERO && pin->operation == CCID_PIN_OP_MODIFY;
    put_pin_byte(out, count);
    put_pin_byte(out, pin->language & 0xFFU);
    put_pin_byte(out, (unsigned)pin->language >> 8);
    size_t indexes = count_indexes(pin, options, count);
    for (size_t i = 0; i < indexes; i++)
        put_pin_byte(out, zero ? 0U : pin->messages[i]);
    const uint8_t *prologue =
        options->prologue != NULL ? options->prologue : pin->prologue;
    for (size_t i = 0; i < sizeof(pin->prologue); i++)
        put_pin_byte(out, prologue[i]);
}

enum sc_error ccid_pin_build(const struct ccid_pin *pin,
                             const struct ccid_pin_options *options, uint8_t *out,
                             size_t out_room, size_t *out_size)
{
    uint8_t fixed[CCID_PIN_FIXED_MAX];
    struct writer writer = {fixed};
    write_entry(&writer, pin, options);
    write_messages(&writer, pin, options);
    size_t fixed_size = (size_t)(writer.at - fixed);
    if (out_room < fixed_size || out_room - fixed_size < pin->template_size)
        return SC_E_INVALID_PARAMETER;
    memcpy(out, fixed, fixed_size);
    memcpy(out + fixed_size, pin->template, pin->template_size);
    *out_size = fixed_size + pin->template_size;
    return SC_OK;
}

uint32_t ccid_pin_wait_ms(const struct ccid_pin *pin)
{
    uint32_t wait = UINT32_C(1000) * pin->timeout_s + CCID_PIN_WAIT_EXTRA_MS;
    return wait > CCID_PIN_WAIT_MIN_MS ? wait : CCID_PIN_WAIT_MIN_MS;
}

bool ccid_pin_status(uint8_t error, uint8_t sw[2])
{
    if (error != CCID_ERROR_PIN_CANCELLED && error != CCID_ERROR_PIN_TIMEOUT)
        return false;
    sw[0] = 0x64;
    sw[1] = error == CCID_ERROR_PIN_CANCELLED ? 0x01 : 0x00;
    return true;
}
