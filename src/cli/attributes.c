/* SPDX-License-Identifier: BSD-2-Clause */
/* Which attributes there are, and how their values are worded (PC/SC part 3, 3.1). */
#include "cli/attributes.h"

#include "cli/api.h"

#include <string.h>

#define ENTRY(name, kind, unit)                                                          \
    {                                                                                    \
        SCARD_ATTR_##name, #name, ATTRIBUTE_##kind, unit                                 \
    }

const struct attribute attributes[] = {
    ENTRY(VENDOR_NAME, TEXT, ""),
    ENTRY(VENDOR_IFD_TYPE, TEXT, ""),
    ENTRY(VENDOR_IFD_VERSION, VERSION, ""),
    ENTRY(VENDOR_IFD_SERIAL_NO, TEXT, ""),
    ENTRY(CHANNEL_ID, CHANNEL, ""),
    ENTRY(ASYNC_PROTOCOL_TYPES, PROTOCOLS, ""),
    ENTRY(SYNC_PROTOCOL_TYPES, NUMBER, ""),
    ENTRY(DEFAULT_CLK, NUMBER, "kHz"),
    ENTRY(MAX_CLK, NUMBER, "kHz"),
    ENTRY(DEFAULT_DATA_RATE, NUMBER, "bit/s"),
    ENTRY(MAX_DATA_RATE, NUMBER, "bit/s"),
    ENTRY(MAX_IFSD, NUMBER, "bytes"),
    ENTRY(POWER_MGMT_SUPPORT, NUMBER, ""),
    ENTRY(USER_TO_CARD_AUTH_DEVICE, NUMBER, ""),
    ENTRY(USER_AUTH_INPUT_DEVICE, NUMBER, ""),
    ENTRY(CHARACTERISTICS, NUMBER, ""),
    ENTRY(CURRENT_PROTOCOL_TYPE, PROTOCOLS, ""),
    ENTRY(CURRENT_CLK, NUMBER, "kHz"),
    ENTRY(CURRENT_F, NUMBER, ""),
    ENTRY(CURRENT_D, NUMBER, ""),
    ENTRY(CURRENT_N, NUMBER, "etu"),
    ENTRY(CURRENT_W, NUMBER, ""),
    ENTRY(CURRENT_IFSC, NUMBER, "bytes"),
    ENTRY(CURRENT_IFSD, NUMBER, "bytes"),
    ENTRY(CURRENT_BWT, NUMBER, ""),
    ENTRY(CURRENT_CWT, NUMBER, ""),
    ENTRY(CURRENT_EBC_ENCODING, NUMBER, ""),
    ENTRY(EXTENDED_BWT, NUMBER, ""),
    ENTRY(ICC_PRESENCE, NUMBER, ""),
    ENTRY(ICC_INTERFACE_STATUS, NUMBER, ""),
    ENTRY(CURRENT_IO_STATE, NUMBER, ""),
    ENTRY(ATR_STRING, BYTES, ""),
    ENTRY(ICC_TYPE_PER_ATR, NUMBER, ""),
    ENTRY(ESC_RESET, BYTES, ""),
    ENTRY(ESC_CANCEL, BYTES, ""),
    ENTRY(ESC_AUTHREQUEST, BYTES, ""),
    ENTRY(MAXINPUT, NUMBER, "bytes"),
    ENTRY(DEVICE_UNIT, NUMBER, ""),
    ENTRY(DEVICE_IN_USE, NUMBER, ""),
    ENTRY(DEVICE_FRIENDLY_NAME_A, TEXT, ""),
    ENTRY(DEVICE_SYSTEM_NAME_A, TEXT, ""),
    ENTRY(DEVICE_FRIENDLY_NAME_W, WIDE_TEXT, ""),
    ENTRY(DEVICE_SYSTEM_NAME_W, WIDE_TEXT, ""),
    ENTRY(SUPRESS_T1_IFS_REQUEST, NUMBER, ""),
    {SCARD_PERF_NUM_TRANSMISSIONS, "PERF_NUM_TRANSMISSIONS", ATTRIBUTE_NUMBER, ""},
    {SCARD_PERF_BYTES_TRANSMITTED, "PERF_BYTES_TRANSMITTED", ATTRIBUTE_NUMBER, "bytes"},
    {SCARD_PERF_TRANSMISSION_TIME, "PERF_TRANSMISSION_TIME", ATTRIBUTE_NUMBER, "us"},
};

const size_t attribute_count = TEXT_COUNT(attributes);

/* Numbers have the width of the library's DWORD, or a byte; little-endian. */
static uint32_t number_of(const uint8_t *value, size_t size)
{
    uint32_t number = 0;
    for (size_t i = size; i-- > 0;)
        number = number << 8 | value[i];
    return number;
}

static void add_protocols(struct text *text, uint32_t bits)
{
    size_t before = text->size;
    if (bits & SCARD_PROTOCOL_T0)
        text_add(text, "T=0");
    if (bits & SCARD_PROTOCOL_T1)
        text_add(text, "%sT=1", text->size > before ? ", " : "");
    if (bits & SCARD_PROTOCOL_RAW)
        text_add(text, "%sraw", text->size > before ? ", " : "");
    if (text->size == before)
        text_add(text, bits == 0 ? "none" : "0x%X", (unsigned)bits);
}

static void add_channel(struct text *text, uint32_t channel)
{
    uint32_t line = channel >> 16;
    const char *name = line == 1    ? "serial"
                       : line == 2  ? "parallel"
                       : line == 8  ? "SCSI"
                       : line == 32 ? "USB"
                                    : "other";
    if (line == 32)
        text_add(text, "%s, bus %u, device %u", name, (unsigned)(channel >> 8 & 0xFF),
                 (unsigned)(channel & 0xFF));
    else
        text_add(text, "%s, 0x%04X, channel %u", name, (unsigned)line,
                 (unsigned)(channel & 0xFFFF));
}

static void add_code_point(struct text *text, uint32_t c)
{
    if (c < 0x80)
        text_add(text, "%c", (int)c);
    else if (c < 0x800)
        text_add(text, "%c%c", (int)(0xC0 | c >> 6), (int)(0x80 | (c & 0x3F)));
    else if (c < 0x10000)
        text_add(text, "%c%c%c", (int)(0xE0 | c >> 12), (int)(0x80 | (c >> 6 & 0x3F)),
                 (int)(0x80 | (c & 0x3F)));
    else
        text_add(text, "%c%c%c%c", (int)(0xF0 | c >> 18), (int)(0x80 | (c >> 12 & 0x3F)),
                 (int)(0x80 | (c >> 6 & 0x3F)), (int)(0x80 | (c & 0x3F)));
}

static void add_wide(struct text *text, const uint8_t *value, size_t size)
{
    for (size_t i = 0; i + 2 <= size; i += 2) {
        uint32_t unit = number_of(value + i, 2);
        uint32_t next = i + 4 <= size ? number_of(value + i + 2, 2) : 0;
        if (unit == 0)
            return;
        if (unit >> 10 == 0x36 && next >> 10 == 0x37) {
            unit = 0x10000 + ((unit & 0x3FF) << 10) + (next & 0x3FF);
            i += 2;
        } else if (unit >> 11 == 0x1B) {
            unit = 0xFFFD;
        }
        add_code_point(text, unit);
    }
}

static void add_text_value(struct text *text, const uint8_t *value, size_t size)
{
    const uint8_t *end = memchr(value, 0, size);
    text_add(text, "%.*s", (int)(end != NULL ? end - value : (ptrdiff_t)size),
             (const char *)value);
}

void attribute_words(const struct attribute *attribute, const uint8_t *value, size_t size,
                     struct text *text)
{
    enum attribute_kind kind = attribute->kind;
    bool numeric = kind != ATTRIBUTE_TEXT && kind != ATTRIBUTE_WIDE_TEXT;
    if (numeric && (size == 0 || size > 4))
        kind = ATTRIBUTE_BYTES;
    uint32_t number = kind != ATTRIBUTE_BYTES && numeric ? number_of(value, size) : 0;
    switch (kind) {
    case ATTRIBUTE_TEXT:
        add_text_value(text, value, size);
        break;
    case ATTRIBUTE_WIDE_TEXT:
        add_wide(text, value, size);
        break;
    case ATTRIBUTE_NUMBER:
        text_add(text, "%u%s%s", (unsigned)number, *attribute->unit != '\0' ? " " : "",
                 attribute->unit);
        break;
    case ATTRIBUTE_VERSION:
        text_add(text, "%u.%u.%u", (unsigned)(number >> 24),
                 (unsigned)(number >> 16 & 0xFF), (unsigned)(number & 0xFFFF));
        break;
    case ATTRIBUTE_CHANNEL:
        add_channel(text, number);
        break;
    case ATTRIBUTE_PROTOCOLS:
        add_protocols(text, number);
        break;
    case ATTRIBUTE_BYTES:
        text_add_hex(text, value, size, " ");
        break;
    }
}
