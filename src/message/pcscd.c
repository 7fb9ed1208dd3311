/* SPDX-License-Identifier: BSD-2-Clause */
/* Control codes, which pcsc-lite numbers in its own way. */
#include "message/pcscd.h"

enum {
    THEIR_CONTROL = 0x42000000,
    OUR_CONTROL = 0x00310000,
    CONTROL_MAX = 0x3FFF, /* functions that fit in ours */
    ESCAPE = 1,
    FEATURE_SIZE = 6
};

uint32_t wire_control_out(uint32_t code)
{
    if (code >> 16 != OUR_CONTROL >> 16 || (code & 3) != 0)
        return code;
    return THEIR_CONTROL + ((code & 0xFFFF) >> 2);
}

uint32_t wire_control_in(uint32_t code)
{
    uint32_t number = code - THEIR_CONTROL;
    if (number == ESCAPE) /* our number 1 is another code, and that stays as it is */
        return code;
    return number <= CONTROL_MAX ? OUR_CONTROL | number << 2 : code;
}

/* Part 10, 2.2: tag, 4, and a code with its high byte first. */
static void change_features(uint8_t *records, size_t size, uint32_t (*change)(uint32_t))
{
    for (uint8_t *at = records; size >= FEATURE_SIZE && at[1] == 4;
         at += FEATURE_SIZE, size -= FEATURE_SIZE) {
        uint32_t code =
            (uint32_t)at[2] << 24 | (uint32_t)at[3] << 16 | (uint32_t)at[4] << 8 | at[5];
        code = change(code);
        at[2] = (uint8_t)(code >> 24);
        at[3] = (uint8_t)(code >> 16);
        at[4] = (uint8_t)(code >> 8);
        at[5] = (uint8_t)code;
    }
}

void wire_features_in(uint8_t *records, size_t size)
{
    change_features(records, size, wire_control_in);
}

void wire_features_out(uint8_t *records, size_t size)
{
    change_features(records, size, wire_control_out);
}
