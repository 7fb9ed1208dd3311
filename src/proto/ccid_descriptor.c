/* SPDX-License-Identifier: BSD-2-Clause */
/* The CCID class descriptor (CCID 5.1) and the rate tables (CCID 5.3). */
#include "proto/atr.h"
#include "proto/ccid.h"

enum {
    LEAST_MESSAGE_MAX = CCID_HEADER_SIZE + 1, /* a reader that takes no byte is none */
    /* A maximum below this is meant; from here up to that of a TPDU it was counted
     * without the header, or a byte short. */
    HONEST_MESSAGE_MAX = 256,
    PROTOCOL_BITS = 0x03,
    CLOCK_MAX_KHZ = 100000 /* cards run at 20 MHz at most */
};

const uint8_t *ccid_descriptor_find(const uint8_t *extra, size_t size)
{
    size_t at = 0;
    while (at + 2 <= size) {
        size_t length = extra[at];
        if (length < 2 || length > size - at)
            return NULL;
        if (length == CCID_DESCRIPTOR_SIZE)
            return extra + at;
        at += length;
    }
    return NULL;
}

static uint32_t little_endian(const uint8_t *bytes, size_t size)
{
    uint32_t value = 0;
    for (size_t i = 0; i < size; i++)
        value |= (uint32_t)bytes[i] << (8 * i);
    return value;
}

static enum ccid_level level_of(uint32_t features)
{
    if ((features & CCID_LEVEL_EXTENDED) != 0)
        return CCID_EXTENDED_APDU;
    if ((features & CCID_LEVEL_SHORT) != 0)
        return CCID_SHORT_APDU;
    return (features & CCID_LEVEL_TPDU) != 0 ? CCID_TPDU : CCID_CHARACTER;
}

static uint32_t usable_message_max(uint32_t raw)
{
    if (raw > CCID_MESSAGE_MAX)
        return CCID_MESSAGE_MAX;
    if (raw >= HONEST_MESSAGE_MAX && raw < CCID_HEADER_SIZE + CCID_TPDU_MAX)
        return CCID_HEADER_SIZE + CCID_TPDU_MAX;
    /* A field that nobody filled in says nothing. */
    return raw < LEAST_MESSAGE_MAX ? CCID_HEADER_SIZE + CCID_TPDU_MAX : raw;
}

static uint8_t usable_ifsd(uint32_t raw)
{
    if (raw == 0)
        return CCID_IFSD_DEFAULT;
    return raw > CCID_IFSD_MAX ? CCID_IFSD_MAX : (uint8_t)raw;
}

static uint8_t usable_busy_slots(uint8_t raw, uint8_t slots)
{
    if (raw == 0)
        return 1;
    return raw > slots ? slots : raw;
}

static void read_clocks(struct ccid_descriptor *d, const uint8_t *bytes)
{
    d->default_clock_khz = little_endian(bytes + 10, 4);
    d->max_clock_khz = little_endian(bytes + 14, 4);
    if (d->default_clock_khz == 0 || d->default_clock_khz > CLOCK_MAX_KHZ)
        d->default_clock_khz = CCID_CLOCK_DEFAULT_KHZ;
    if (d->max_clock_khz < d->default_clock_khz || d->max_clock_khz > CLOCK_MAX_KHZ)
        d->max_clock_khz = d->default_clock_khz;
    d->clock_count = bytes[18];
    d->default_rate = little_endian(bytes + 19, 4);
    d->max_rate = little_endian(bytes + 23, 4);
    d->rate_count = bytes[27];
}

bool ccid_descriptor_parse(const uint8_t bytes[CCID_DESCRIPTOR_SIZE],
                           struct ccid_descriptor *descriptor)
{
    struct ccid_descriptor d = {0};
    if (bytes[0] != CCID_DESCRIPTOR_SIZE || bytes[4] >= CCID_SLOTS_MAX)
        return false;
    d.bcd = (uint16_t)little_endian(bytes + 2, 2);
    d.slot_count = (uint8_t)(bytes[4] + 1);
    d.voltages = bytes[5] & (CCID_5V | CCID_3V | CCID_1V8);
    if (d.voltages == 0)
        d.voltages = CCID_5V | CCID_3V | CCID_1V8;
    /* The high half is reserved, and not always 0. */
    d.protocols = little_endian(bytes + 6, 4) & PROTOCOL_BITS;
    if (d.protocols == 0)
        d.protocols = ATR_PROTOCOL_T0 | ATR_PROTOCOL_T1;
    read_clocks(&d, bytes);
    d.max_ifsd_raw = little_endian(bytes + 28, 4);
    d.max_ifsd = usable_ifsd(d.max_ifsd_raw);
    d.synch = little_endian(bytes + 32, 4);
    d.mechanical = little_endian(bytes + 36, 4);
    d.features = little_endian(bytes + 40, 4);
    d.level = level_of(d.features);
    d.message_max_raw = little_endian(bytes + 44, 4);
    d.message_max = usable_message_max(d.message_max_raw);
    d.message_split = d.message_max;
    if (d.message_max_raw >= LEAST_MESSAGE_MAX && d.message_max_raw < d.message_max)
        d.message_split = d.message_max_raw;
    d.class_get_response = bytes[48];
    d.class_envelope = bytes[49];
    d.lcd_columns = bytes[50];
    d.lcd_lines = bytes[51];
    d.pin = bytes[52] & (CCID_PIN_VERIFY | CCID_PIN_MODIFY);
    d.busy_slots = usable_busy_slots(bytes[53], d.slot_count);
    *descriptor = d;
    return true;
}

size_t ccid_rates_parse(const uint8_t *bytes, size_t size, uint32_t rates[CCID_RATES_MAX])
{
    size_t count = 0;
    for (size_t at = 0; at + 4 <= size && count < CCID_RATES_MAX; at += 4) {
        uint32_t rate = little_endian(bytes + at, 4);
        if (rate != 0)
            rates[count++] = rate;
    }
    return count;
}
