/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the conversion of PIN structures. Input: flags, a mask of validations, which
 * bNumberMessage, then the structure. */
#include "proto/ccid_pin.h"
#include "tests/fuzz/property.h"

enum {
    FLAG_MODIFY = 1,
    FLAG_MEND = 2,
    FLAG_ALL = 4,
    FLAG_ZERO = 8,
    FLAG_SWAP = 16,
    FLAG_PROLOGUE = 32,
    VERIFY_FIXED = 15 /* bytes before the template in abData */
};

static const uint8_t prologue[] = {0xA1, 0xA2, 0xA3};

static void check_build(const struct ccid_pin *pin,
                        const struct ccid_pin_options *options)
{
    size_t size = pin->template_size + CCID_PIN_FIXED_MAX;
    uint8_t *out = property_room(size);
    PROPERTY(ccid_pin_build(pin, options, out, size, &size) == SC_OK);
    size_t fixed = size - pin->template_size;
    if (pin->operation == CCID_PIN_OP_VERIFY)
        PROPERTY(fixed == VERIFY_FIXED);
    else
        PROPERTY(fixed >= CCID_PIN_FIXED_MAX - 2 && fixed <= CCID_PIN_FIXED_MAX);
    PROPERTY(out[0] == pin->operation && out[1] == pin->timeout_s);
    PROPERTY(memcmp(out + fixed, pin->template, pin->template_size) == 0);
    if (options->prologue != NULL)
        PROPERTY(memcmp(out + fixed - 3, prologue, 3) == 0);
    free(out);
    out = property_room(size - 1);
    size_t unused = 0;
    PROPERTY(ccid_pin_build(pin, options, out, size - 1, &unused)
             == SC_E_INVALID_PARAMETER);
    out = (free(out), property_room(size));
    PROPERTY(ccid_pin_build(pin, options, out, size, &unused) == SC_OK && unused == size);
    free(out);
}

static void check_read(const struct ccid_pin *pin, const uint8_t *bytes, size_t size)
{
    PROPERTY(pin->template + pin->template_size == bytes + size);
    PROPERTY(pin->template_size >= CCID_PIN_TEMPLATE_MIN
             && pin->template_size <= CCID_PIN_TEMPLATE_MAX);
    PROPERTY(pin->message_count <= 3 || pin->message_count == CCID_PIN_MESSAGES_DEFAULT);
    uint32_t wait = ccid_pin_wait_ms(pin);
    PROPERTY(wait >= CCID_PIN_WAIT_MIN_MS && wait > 1000U * pin->timeout_s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    unsigned flags = input_byte(&input);
    struct ccid_pin_options options = {.mend_validation = (flags & FLAG_MEND) != 0,
                                       .swap_digits = (flags & FLAG_SWAP) != 0};
    options.indexes = (flags & FLAG_ZERO) != 0  ? CCID_PIN_INDEXES_ZERO
                      : (flags & FLAG_ALL) != 0 ? CCID_PIN_INDEXES_ALL
                                                : CCID_PIN_INDEXES_COUNTED;
    options.prologue = flags & FLAG_PROLOGUE ? prologue : NULL;
    options.validation_mask = input_byte(&input);
    unsigned messages = input_byte(&input);
    options.messages = (enum ccid_pin_messages)(messages % (CCID_PIN_MESSAGES_SOME + 1));
    size_t got = 0;
    uint8_t *bytes = input_copy(&input, input.left, &got);
    struct ccid_pin pin = {.timeout_s = 1};
    enum ccid_pin_operation operation =
        flags & FLAG_MODIFY ? CCID_PIN_OP_MODIFY : CCID_PIN_OP_VERIFY;
    enum sc_error error = ccid_pin_parse(operation, bytes, got, &pin);
    PROPERTY(error == SC_OK || error == SC_E_INVALID_PARAMETER);
    if (error == SC_OK) {
        check_read(&pin, bytes, got);
        check_build(&pin, &options);
    }
    free(bytes);
    return 0;
}
