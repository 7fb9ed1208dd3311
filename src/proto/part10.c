/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of features and properties, after PC/SC part 10. */
#include "proto/part10.h"

#include <assert.h>
#include <string.h>

enum { RECORD_HEADER = 2, FEATURE_LENGTH = 4 };

enum sc_error part10_features(const struct part10_feature *features, size_t count,
                              uint8_t *out, size_t room, size_t *size)
{
    if (room / PART10_FEATURE_SIZE < count)
        return SC_E_INSUFFICIENT_BUFFER;
    for (size_t i = 0; i < count; i++) {
        *out++ = (uint8_t)features[i].tag;
        *out++ = FEATURE_LENGTH;
        for (unsigned shift = 32; shift != 0; shift -= 8)
            *out++ = (uint8_t)(features[i].code >> (shift - 8));
    }
    *size = count * PART10_FEATURE_SIZE;
    return SC_OK;
}

void part10_set(struct part10_properties *properties, enum part10_property tag,
                uint32_t value)
{
    properties->present |= 1U << tag;
    properties->values[tag] = value;
}

void part10_set_firmware(struct part10_properties *properties, const char *text)
{
    properties->present |= 1U << PART10_FIRMWARE;
    properties->firmware = text;
}

static size_t text_size(const char *text)
{
    const char *end = memchr(text, '\0', PART10_FIRMWARE_MAX);
    return end != NULL ? (size_t)(end - text) : PART10_FIRMWARE_MAX;
}

static size_t value_size(const struct part10_properties *properties, unsigned tag)
{
    static const uint8_t sizes[PART10_PROPERTIES] = {
        [PART10_LCD_LAYOUT] = 2,     [PART10_VALIDATION] = 1,
        [PART10_TIMEOUT2] = 1,       [PART10_LCD_LINES] = 2,
        [PART10_LCD_CHARACTERS] = 2, [PART10_PIN_SIZE_MIN] = 1,
        [PART10_PIN_SIZE_MAX] = 1,   [PART10_PPDU] = 1,
        [PART10_APDU_DATA_MAX] = 4,  [PART10_ID_VENDOR] = 2,
        [PART10_ID_PRODUCT] = 2};
    return tag == PART10_FIRMWARE ? text_size(properties->firmware) : sizes[tag];
}

static bool is_present(const struct part10_properties *properties, unsigned tag)
{
    return (properties->present & 1U << tag) != 0;
}

static size_t total_size(const struct part10_properties *properties)
{
    size_t size = 0;
    for (unsigned tag = 1; tag < PART10_PROPERTIES; tag++)
        if (is_present(properties, tag))
            size += RECORD_HEADER + value_size(properties, tag);
    return size;
}

static void put_property(const struct part10_properties *properties, unsigned tag,
                         uint8_t *out)
{
    size_t size = value_size(properties, tag);
    uint32_t value = properties->values[tag];
    out[0] = (uint8_t)tag;
    out[1] = (uint8_t)size;
    if (tag == PART10_FIRMWARE) {
        memcpy(out + RECORD_HEADER, properties->firmware, size);
        return;
    }
    for (size_t i = 0; i < size; i++) {
        out[RECORD_HEADER + i] = (uint8_t)value;
        value >>= 8;
    }
}

enum sc_error part10_properties_build(const struct part10_properties *properties,
                                      uint8_t *out, size_t room, size_t *size)
{
    size_t total = total_size(properties);
    if (room < total)
        return SC_E_INSUFFICIENT_BUFFER;
    size_t made = 0;
    for (unsigned tag = 1; tag < PART10_PROPERTIES; tag++) {
        if (!is_present(properties, tag))
            continue;
        put_property(properties, tag, out + made);
        made += RECORD_HEADER + value_size(properties, tag);
    }
    assert(made == total);
    *size = total;
    return SC_OK;
}

static void put_16(uint8_t *out, unsigned value)
{
    out[0] = (uint8_t)value;
    out[1] = (uint8_t)(value >> 8);
}

void part10_pin_properties(uint16_t lcd_layout, uint8_t validation,
                           uint8_t out[PART10_PIN_PROPERTIES_SIZE])
{
    put_16(out, lcd_layout);
    out[2] = validation != 0 ? validation : PART10_VALIDATION_DEFAULT;
    out[3] = 0; /* bTimeOut2: CCID has none */
}

void part10_display_properties(uint16_t lcd_layout,
                               uint8_t out[PART10_DISPLAY_PROPERTIES_SIZE])
{
    put_16(out, lcd_layout & 0xFFU);
    put_16(out + 2, (unsigned)lcd_layout >> 8);
}

bool part10_is_mct(const uint8_t *bytes, size_t size)
{
    enum { MCT_HEADER = 5, MCT_FIRST = 0x70, MCT_LAST = 0x74 };
    if (size < MCT_HEADER || bytes[0] != 0x20)
        return false;
    if (bytes[1] < MCT_FIRST || bytes[1] > MCT_LAST)
        return false;
    return bytes[2] == 0 && bytes[3] == 0 && bytes[4] == 0;
}
