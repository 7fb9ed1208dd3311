/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting times, after ISO/IEC 7816-3:2006, 8.1, 10.2 and 11.4, in exact arithmetic: all
 * is counted in D-ths of a clock cycle first, so that an etu is F of them. */
#include "proto/timing.h"

#include <stdbool.h>

enum {
    BWI_HIGHEST = 9,
    MULTIPLIER_HIGHEST = 255,
    NO_EXTRA_GUARD = 255,
    CHARACTERS = 260 /* of a whole block or TPDU, as the readers' drivers count */
};

static bool is_speed_known(const struct timing *t)
{
    return t->clock_khz != 0 && t->f != 0 && t->d != 0;
}

/* Ticks, D-ths of a cycle, to microseconds. Even nonsense values of the fields keep the
 * largest argument, 260 times WWT, below 2^50. */
static uint64_t to_us(const struct timing *t, uint64_t ticks)
{
    return is_speed_known(t) ? ticks * 1000 / ((uint64_t)t->clock_khz * t->d) : 0;
}

/* N times R (8.3, TC1): R is F/D, or what the card says once for all. Rounds up. */
static uint64_t guard_ticks(const struct timing *t)
{
    uint64_t n = t->n == NO_EXTRA_GUARD ? 0 : t->n;
    if (t->guard_f == 0 || t->guard_d == 0)
        return n * t->f;
    return (n * t->guard_f * t->d + t->guard_d - 1) / t->guard_d;
}

static uint64_t character_ticks(const struct timing *t)
{
    return UINT64_C(12) * t->f + guard_ticks(t);
}

/* The base of BWT is always that of 372/1; only its 11 etu are the current ones. */
static uint64_t bwt_ticks(const struct timing *t)
{
    unsigned bwi = t->bwi < BWI_HIGHEST ? t->bwi : BWI_HIGHEST;
    return UINT64_C(11) * t->f + (UINT64_C(960) * 372 << bwi) * t->d;
}

static uint64_t cwt_ticks(const struct timing *t)
{
    return (11 + (UINT64_C(1) << (t->cwi & 0x0F))) * t->f;
}

static uint64_t wwt_ticks(const struct timing *t)
{
    return UINT64_C(960) * t->wi * t->f * t->d;
}

uint64_t timing_etu_ns(const struct timing *timing)
{
    if (!is_speed_known(timing))
        return 0;
    return UINT64_C(1000000) * timing->f / ((uint64_t)timing->clock_khz * timing->d);
}

uint64_t timing_character_us(const struct timing *timing)
{
    return to_us(timing, character_ticks(timing));
}

uint64_t timing_bwt_us(const struct timing *timing)
{
    return to_us(timing, bwt_ticks(timing));
}

uint64_t timing_cwt_us(const struct timing *timing)
{
    return to_us(timing, cwt_ticks(timing));
}

uint64_t timing_bgt_us(const struct timing *timing)
{
    return to_us(timing, UINT64_C(22) * timing->f);
}

uint64_t timing_wwt_us(const struct timing *timing)
{
    return to_us(timing, wwt_ticks(timing));
}

uint64_t timing_t1_block_ms(const struct timing *timing, uint32_t multiplier,
                            size_t block_size)
{
    if (!is_speed_known(timing))
        return TIMING_FALLBACK_MS;
    uint64_t characters = block_size < CHARACTERS ? block_size : CHARACTERS;
    uint64_t times = multiplier < MULTIPLIER_HIGHEST ? multiplier : MULTIPLIER_HIGHEST;
    uint64_t ticks = bwt_ticks(timing) * (times != 0 ? times : 1);
    ticks += cwt_ticks(timing) * characters;
    return to_us(timing, ticks) / 1000 + 1 + TIMING_MARGIN_MS;
}

static uint64_t to_nearest_ms(uint64_t us)
{
    return (us + 500) / 1000;
}

uint64_t timing_t1_total_ms(const struct timing *timing)
{
    if (!is_speed_known(timing))
        return TIMING_FALLBACK_MS;
    uint64_t ticks = CHARACTERS * (character_ticks(timing) + cwt_ticks(timing));
    ticks += bwt_ticks(timing);
    return to_nearest_ms(to_us(timing, ticks)) + TIMING_MARGIN_MS;
}

uint64_t timing_t0_total_ms(const struct timing *timing)
{
    if (!is_speed_known(timing))
        return TIMING_FALLBACK_MS;
    uint64_t character = character_ticks(timing);
    uint64_t wait = wwt_ticks(timing);
    uint64_t receiving = (CHARACTERS + 1) * character + 6 * wait;
    uint64_t sending = 5 * character + CHARACTERS * wait;
    uint64_t worse = receiving > sending ? receiving : sending;
    return to_nearest_ms(to_us(timing, worse));
}

uint32_t timing_baud(uint32_t clock_khz, uint16_t f, uint8_t d)
{
    if (f == 0)
        return 0;
    uint64_t baud = UINT64_C(1000) * clock_khz * d / f;
    return baud < UINT32_MAX ? (uint32_t)baud : UINT32_MAX;
}
