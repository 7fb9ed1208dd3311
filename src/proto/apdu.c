/* SPDX-License-Identifier: BSD-2-Clause */
/* Command APDUs, after ISO/IEC 7816-3:2006, 12.1. */
#include "proto/apdu.h"

#include <string.h>

enum {
    SHORT_DATA_MAX = 255,
    SHORT_LE_MAX = 256,
    EXTENDED_DATA_MAX = 65535,
    EXTENDED_LE_MAX = 65536
};

static size_t read_16(const uint8_t *bytes)
{
    return (size_t)bytes[0] << 8 | bytes[1];
}

/* Byte 4 is 00, and there are at least 7 bytes: lengths of two bytes follow. */
static enum apdu_case classify_extended(const uint8_t *bytes, size_t size)
{
    if (size == 7)
        return APDU_CASE_2E;
    size_t lc = read_16(bytes + 5);
    if (lc == 0)
        return APDU_MALFORMED;
    if (size == 7 + lc)
        return APDU_CASE_3E;
    return size == 9 + lc ? APDU_CASE_4E : APDU_MALFORMED;
}

enum apdu_case apdu_classify(const uint8_t *bytes, size_t size)
{
    if (size < APDU_HEADER_SIZE)
        return APDU_MALFORMED;
    if (size == APDU_HEADER_SIZE)
        return APDU_CASE_1;
    if (size == 5)
        return APDU_CASE_2S;
    size_t lc = bytes[4];
    if (lc == 0)
        return size >= 7 ? classify_extended(bytes, size) : APDU_MALFORMED;
    if (size == 5 + lc)
        return APDU_CASE_3S;
    return size == 6 + lc ? APDU_CASE_4S : APDU_MALFORMED;
}

static uint32_t short_le(uint8_t byte)
{
    return byte != 0 ? byte : SHORT_LE_MAX;
}

static uint32_t extended_le(const uint8_t *bytes)
{
    size_t le = read_16(bytes);
    return le != 0 ? (uint32_t)le : EXTENDED_LE_MAX;
}

static void parse_body(const uint8_t *bytes, size_t size, struct apdu *apdu)
{
    switch (apdu->shape) {
    case APDU_MALFORMED:
    case APDU_CASE_1:
        break;
    case APDU_CASE_2S:
        apdu->le = short_le(bytes[4]);
        break;
    case APDU_CASE_4S:
        apdu->le = short_le(bytes[size - 1]);
        apdu->data_size = bytes[4];
        apdu->data = bytes + 5;
        break;
    case APDU_CASE_3S:
        apdu->data_size = bytes[4];
        apdu->data = bytes + 5;
        break;
    case APDU_CASE_2E:
        apdu->le = extended_le(bytes + 5);
        break;
    case APDU_CASE_4E:
        apdu->le = extended_le(bytes + size - 2);
        apdu->data_size = read_16(bytes + 5);
        apdu->data = bytes + 7;
        break;
    case APDU_CASE_3E:
        apdu->data_size = read_16(bytes + 5);
        apdu->data = bytes + 7;
        break;
    }
}

bool apdu_parse(const uint8_t *bytes, size_t size, struct apdu *apdu)
{
    enum apdu_case shape = apdu_classify(bytes, size);
    if (shape == APDU_MALFORMED)
        return false;
    memset(apdu, 0, sizeof(*apdu));
    apdu->shape = shape;
    apdu->cla = bytes[0];
    apdu->ins = bytes[1];
    apdu->p1 = bytes[2];
    apdu->p2 = bytes[3];
    parse_body(bytes, size, apdu);
    return true;
}

bool apdu_is_extended(enum apdu_case shape)
{
    return shape == APDU_CASE_2E || shape == APDU_CASE_3E || shape == APDU_CASE_4E;
}

enum apdu_case apdu_shape(size_t data_size, uint32_t le, bool extended)
{
    size_t data_max = extended ? EXTENDED_DATA_MAX : SHORT_DATA_MAX;
    uint32_t le_max = extended ? EXTENDED_LE_MAX : SHORT_LE_MAX;
    if (data_size > data_max || le > le_max)
        return APDU_MALFORMED;
    if (data_size == 0 && le == 0)
        return APDU_CASE_1;
    if (data_size == 0)
        return extended ? APDU_CASE_2E : APDU_CASE_2S;
    if (le == 0)
        return extended ? APDU_CASE_3E : APDU_CASE_3S;
    return extended ? APDU_CASE_4E : APDU_CASE_4S;
}

bool apdu_shorten(struct apdu *apdu)
{
    enum apdu_case shape = apdu_shape(apdu->data_size, apdu->le, false);
    if (shape == APDU_MALFORMED)
        return false;
    apdu->shape = shape;
    return true;
}

static size_t put_length_16(uint8_t *out, size_t value)
{
    out[0] = (uint8_t)(value >> 8);
    out[1] = (uint8_t)value;
    return 2;
}

/* The maxima, 256 and 65536, become zeros when they are cut to one or two bytes. */
static size_t put_body(const struct apdu *apdu, bool extended, uint8_t *out)
{
    size_t at = 0;
    if (extended)
        out[at++] = 0;
    if (apdu->data_size != 0) {
        if (extended)
            at += put_length_16(out + at, apdu->data_size);
        else
            out[at++] = (uint8_t)apdu->data_size;
        memcpy(out + at, apdu->data, apdu->data_size);
        at += apdu->data_size;
    }
    if (apdu->le != 0 && extended)
        at += put_length_16(out + at, apdu->le);
    else if (apdu->le != 0)
        out[at++] = (uint8_t)apdu->le;
    return at;
}

static size_t built_size(const struct apdu *apdu, bool extended)
{
    size_t length_size = extended ? 2 : 1;
    size_t size = APDU_HEADER_SIZE + (extended ? 1 : 0);
    if (apdu->data_size != 0)
        size += length_size + apdu->data_size;
    return size + (apdu->le != 0 ? length_size : 0);
}

size_t apdu_build(const struct apdu *apdu, uint8_t *out, size_t room)
{
    bool extended = apdu_is_extended(apdu->shape);
    if (apdu->shape == APDU_MALFORMED
        || apdu->shape != apdu_shape(apdu->data_size, apdu->le, extended)
        || built_size(apdu, extended) > room)
        return 0;
    out[0] = apdu->cla;
    out[1] = apdu->ins;
    out[2] = apdu->p1;
    out[3] = apdu->p2;
    return APDU_HEADER_SIZE + put_body(apdu, extended, out + APDU_HEADER_SIZE);
}
