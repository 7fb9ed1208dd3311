/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the pure functions over what a CCID reader says: descriptors, rates, replies,
 * parameters, notifications. Input: which, then the bytes; all functions get them. */
#include "proto/atr.h"
#include "proto/ccid.h"
#include "tests/fuzz/property.h"

static void check_descriptor(const uint8_t *bytes)
{
    struct ccid_descriptor d, untouched;
    memset(&d, 0xA5, sizeof(d));
    memset(&untouched, 0xA5, sizeof(untouched));
    if (!ccid_descriptor_parse(bytes, &d)) {
        PROPERTY(memcmp(&d, &untouched, sizeof(d)) == 0);
        PROPERTY(bytes[0] != CCID_DESCRIPTOR_SIZE || bytes[4] >= CCID_SLOTS_MAX);
        return;
    }
    PROPERTY(d.slot_count >= 1 && d.slot_count <= CCID_SLOTS_MAX);
    PROPERTY(d.busy_slots >= 1 && d.busy_slots <= d.slot_count);
    PROPERTY(d.voltages != 0 && (d.voltages & ~(CCID_5V | CCID_3V | CCID_1V8)) == 0);
    PROPERTY(d.protocols != 0
             && (d.protocols & ~(uint32_t)(ATR_PROTOCOL_T0 | ATR_PROTOCOL_T1)) == 0);
    PROPERTY(d.default_clock_khz != 0 && d.max_clock_khz >= d.default_clock_khz);
    PROPERTY(d.max_ifsd >= 1 && d.max_ifsd <= CCID_IFSD_MAX);
    PROPERTY(d.message_max > CCID_HEADER_SIZE && d.message_max <= CCID_MESSAGE_MAX);
    PROPERTY(d.message_max < 256 || d.message_max >= CCID_HEADER_SIZE + CCID_TPDU_MAX);
    PROPERTY(d.level <= CCID_EXTENDED_APDU);
    PROPERTY((d.pin & ~(CCID_PIN_VERIFY | CCID_PIN_MODIFY)) == 0);
}

static void check_find(const uint8_t *bytes, size_t size)
{
    const uint8_t *found = ccid_descriptor_find(bytes, size);
    if (found == NULL)
        return;
    PROPERTY(found >= bytes && found + CCID_DESCRIPTOR_SIZE <= bytes + size);
    PROPERTY(found[0] == CCID_DESCRIPTOR_SIZE);
    uint8_t *exact = property_copy(found, CCID_DESCRIPTOR_SIZE);
    check_descriptor(exact);
    free(exact);
}

static void check_rates(const uint8_t *bytes, size_t size)
{
    uint32_t rates[CCID_RATES_MAX];
    size_t count = ccid_rates_parse(bytes, size, rates);
    PROPERTY(count <= CCID_RATES_MAX && count <= size / 4);
    for (size_t i = 0; i < count; i++)
        PROPERTY(rates[i] != 0);
}

static bool is_meaning(enum sc_error error)
{
    static const enum sc_error known[] = {
        SC_E_NO_SMARTCARD,      SC_E_UNSUPPORTED_FEATURE, SC_E_READER_UNAVAILABLE,
        SC_W_UNRESPONSIVE_CARD, SC_E_PROTO_MISMATCH,      SC_E_TIMEOUT,
        SC_E_CANCELLED,         SC_F_COMM_ERROR};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (known[i] == error)
            return true;
    return false;
}

static void check_reply(const uint8_t *bytes, size_t size)
{
    struct ccid_reply reply;
    if (size >= CCID_HEADER_SIZE)
        PROPERTY(ccid_message_size(bytes) <= CCID_MESSAGE_MAX);
    if (!ccid_reply_parse(bytes, size, &reply)) {
        PROPERTY(size < CCID_HEADER_SIZE || ccid_message_size(bytes) != size);
        return;
    }
    PROPERTY(reply.data == bytes + CCID_HEADER_SIZE);
    PROPERTY(reply.size == size - CCID_HEADER_SIZE && reply.icc <= CCID_ICC_ABSENT);
    PROPERTY(reply.outcome <= CCID_TIME_EXTENSION);
    PROPERTY(is_meaning(ccid_error_meaning(&reply, false)));
    PROPERTY(is_meaning(ccid_error_meaning(&reply, true)));
    /* Written again as a command it has the same length, slot and number. */
    uint8_t header[CCID_HEADER_SIZE];
    ccid_header_write(header, (enum ccid_type)reply.type, reply.size, reply.slot,
                      reply.seq, bytes + 7);
    PROPERTY(memcmp(header, bytes, CCID_HEADER_SIZE) == 0);
}

static void check_parameters(uint8_t protocol, const uint8_t *bytes, size_t size)
{
    struct ccid_parameters parameters, again;
    uint8_t built[CCID_PARAMETERS_T1_SIZE];
    size_t wanted = protocol == 0 ? CCID_PARAMETERS_T0_SIZE : CCID_PARAMETERS_T1_SIZE;
    bool right = ccid_parameters_parse(protocol, bytes, size, &parameters);
    PROPERTY(right == (protocol <= 1 && size >= wanted));
    if (!right)
        return;
    PROPERTY(ccid_parameters_build(&parameters, built) == wanted);
    PROPERTY(ccid_parameters_parse(protocol, built, wanted, &again));
    PROPERTY(again.fidi == parameters.fidi && again.inverse == parameters.inverse);
    PROPERTY(again.guard == parameters.guard && again.waiting == parameters.waiting);
    PROPERTY(again.clock_stop == parameters.clock_stop && again.crc == parameters.crc);
    PROPERTY(again.ifsc == parameters.ifsc && again.protocol == protocol);
}

static void check_change(const uint8_t *bytes, size_t size)
{
    for (uint32_t slot = 0; slot < CCID_SLOTS_MAX; slot++) {
        bool present = false, changed = false;
        bool known = ccid_slot_change(bytes, size, slot, &present, &changed);
        PROPERTY(!known || (bytes[0] == CCID_NOTIFY_SLOT_CHANGE && size > 1 + slot / 4));
        PROPERTY(known || (!present && !changed));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    uint8_t which = input_byte(&input);
    size_t got = 0;
    uint8_t *bytes = input_copy(&input, input.left, &got);
    check_find(bytes, got);
    if (got >= CCID_DESCRIPTOR_SIZE)
        check_descriptor(bytes);
    check_rates(bytes, got);
    check_reply(bytes, got);
    check_parameters(which % 3, bytes, got);
    check_change(bytes, got);
    PROPERTY(ccid_reply_type((enum ccid_type)which) == 0
             || ccid_reply_type((enum ccid_type)which) >= CCID_DATA_BLOCK);
    free(bytes);
    return 0;
}
