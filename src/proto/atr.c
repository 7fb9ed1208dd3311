/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads an Answer To Reset, after ISO/IEC 7816-3:2006, 8. */
#include "proto/atr.h"

#include "base/compiler.h"

#include <string.h>

enum {
    TS_DIRECT = 0x3B,
    TS_INVERSE = 0x3F,
    TA1_DEFAULT = 0x11,
    WI_DEFAULT = 10,
    IFSC_DEFAULT = 32,
    IFSC_HIGHEST = 254,
    BWI_DEFAULT = 4,
    BWI_HIGHEST = 9,
    CWI_DEFAULT = 13
};

struct cursor {
    const uint8_t *bytes;
    size_t size;
    size_t at;
};

/* Table 7, by the high half of TA1. */
static const struct {
    uint16_t fi, fmax_khz;
} fi_table[16] = {
    {372, 4000},   {372, 5000},   {558, 6000}, {744, 8000}, {1116, 12000}, {1488, 16000},
    {1860, 20000}, {0, 0},        {0, 0},      {512, 5000}, {768, 7500},   {1024, 10000},
    {1536, 15000}, {2048, 20000}, {0, 0},      {0, 0},
};

/* Table 8, by the low half of TA1. */
static const uint8_t di_table[16] = {0, 1, 2, 4, 8, 16, 32, 64, 12, 20};

uint16_t atr_fi(uint8_t ta1)
{
    return fi_table[ta1 >> 4].fi;
}

uint8_t atr_di(uint8_t ta1)
{
    return di_table[ta1 & 0x0F];
}

uint16_t atr_fmax_khz(uint8_t ta1)
{
    return fi_table[ta1 >> 4].fmax_khz;
}

uint8_t atr_swap_convention(uint8_t character)
{
    unsigned swapped = 0;
    for (unsigned bit = 0; bit < 8; bit++)
        if ((character & (1U << bit)) == 0)
            swapped |= 0x80U >> bit;
    return (uint8_t)swapped;
}

static bool take_atr_byte(struct cursor *cursor, uint8_t *byte)
{
    if (cursor->at >= cursor->size)
        return false;
    *byte = cursor->bytes[cursor->at++];
    return true;
}

static bool take_level(struct cursor *cursor, struct atr_level *level, unsigned flags)
{
    uint8_t *const fields[] = {&level->ta, &level->tb, &level->tc, &level->td};
    for (unsigned i = 0; i < ARRAY_SIZE(fields); i++) {
        if ((flags & (1U << i)) == 0)
            continue;
        if (!take_atr_byte(cursor, fields[i]))
            return false;
        level->present = (uint8_t)(level->present | (1U << i));
    }
    return true;
}

/* Reads the interface bytes; `flags` is Y1. Says what stopped it early, or 0. */
static uint32_t take_levels(struct atr *atr, struct cursor *cursor, unsigned flags)
{
    uint8_t owner = 0;
    while (flags != 0) {
        if (atr->level_count == ATR_LEVELS_MAX)
            return ATR_NOTE_CHAIN;
        struct atr_level *level = &atr->levels[atr->level_count++];
        level->owner = owner;
        if (!take_level(cursor, level, flags))
            return ATR_NOTE_TRUNCATED;
        flags = level->present & ATR_TD ? level->td >> 4 : 0;
        owner = level->td & 0x0F;
    }
    return 0;
}

static void take_historical(struct atr *atr, struct cursor *cursor)
{
    assert(cursor->at <= cursor->size);
    size_t left = cursor->size - cursor->at;
    atr->historical_offset = (uint8_t)cursor->at;
    atr->historical_size = atr->historical_count;
    if (left < atr->historical_count) {
        atr->historical_size = (uint8_t)left;
        atr->notes |= ATR_NOTE_HISTORICAL_SHORT;
    }
    memcpy(atr->historical, cursor->bytes + cursor->at, atr->historical_size);
    cursor->at += atr->historical_size;
}

/* A check byte is there unless T=0 is the only value of T (8.2.5). */
static bool wants_tck(const struct atr *atr)
{
    for (unsigned i = 0; i < atr->level_count; i++)
        if ((atr->levels[i].present & ATR_TD) != 0 && (atr->levels[i].td & 0x0F) != 0)
            return true;
    return false;
}

static void take_tck(struct atr *atr, struct cursor *cursor)
{
    if (!wants_tck(atr) || (atr->notes & ATR_NOTE_HISTORICAL_SHORT) != 0)
        return;
    uint8_t tck = 0;
    if (!take_atr_byte(cursor, &tck)) {
        atr->tck = ATR_TCK_MISSING;
        atr->notes |= ATR_NOTE_TCK_MISSING;
        return;
    }
    uint8_t sum = 0;
    for (size_t i = 1; i < cursor->at; i++)
        sum ^= cursor->bytes[i];
    atr->tck = sum == 0 ? ATR_TCK_OK : ATR_TCK_BAD;
    if (sum != 0)
        atr->notes |= ATR_NOTE_TCK_BAD;
}

static void offer(struct atr *atr, uint8_t t)
{
    assert(atr->offered_count < ATR_LEVELS_MAX
           || memchr(atr->offered, t, ATR_LEVELS_MAX));
    if (memchr(atr->offered, t, atr->offered_count) == NULL)
        atr->offered[atr->offered_count++] = t;
}

static void read_offers(struct atr *atr)
{
    for (unsigned i = 0; i < atr->level_count; i++) {
        if ((atr->levels[i].present & ATR_TD) == 0)
            continue;
        uint8_t t = atr->levels[i].td & 0x0F;
        if (t != ATR_T_GLOBAL)
            offer(atr, t);
        else if (i == 0)
            offer(atr, 0);
    }
    if (atr->offered_count == 0)
        offer(atr, 0);
}

static void read_ta1(struct atr *atr, uint8_t ta1)
{
    if (atr_fi(ta1) == 0)
        atr->notes |= ATR_NOTE_FI_RFU;
    if (atr_di(ta1) == 0)
        atr->notes |= ATR_NOTE_DI_RFU;
    if (atr_fi(ta1) != 0 && atr_di(ta1) != 0)
        atr->ta1 = ta1;
}

/* TA1, TC1, TA2 and TC2: their place alone gives them their meaning. */
static void read_first_levels(struct atr *atr)
{
    const struct atr_level *one = &atr->levels[0];
    const struct atr_level *two = &atr->levels[1];
    if (one->present & ATR_TA)
        read_ta1(atr, one->ta);
    if (one->present & ATR_TC)
        atr->n = one->tc;
    if (two->present & ATR_TA) {
        atr->specific = true;
        atr->specific_t = two->ta & 0x0F;
        atr->ta2 = two->ta & (ATR_TA2_IMPLICIT | ATR_TA2_LOCKED);
    }
    if (two->present & ATR_TC) {
        atr->wi = two->tc != 0 ? two->tc : WI_DEFAULT;
        if (two->tc == 0)
            atr->notes |= ATR_NOTE_WI_ZERO;
    }
}

static void read_ifsc(struct atr *atr, uint8_t ifsc)
{
    atr->ifsc = ifsc;
    if (ifsc == 0)
        atr->ifsc = IFSC_DEFAULT;
    else if (ifsc > IFSC_HIGHEST)
        atr->ifsc = IFSC_HIGHEST;
    if (atr->ifsc != ifsc)
        atr->notes |= ATR_NOTE_IFSC_RFU;
}

/* `fresh` has the bits of the bytes not met in an earlier level: the first one counts. */
static void read_t1_level(struct atr *atr, const struct atr_level *level, unsigned fresh)
{
    if (fresh & ATR_TA)
        read_ifsc(atr, level->ta);
    if (fresh & ATR_TB) {
        atr->cwi = level->tb & 0x0F;
        atr->bwi = level->tb >> 4;
        if (atr->bwi > BWI_HIGHEST) {
            atr->bwi = BWI_HIGHEST;
            atr->notes |= ATR_NOTE_BWI_RFU;
        }
    }
    if (fresh & ATR_TC) {
        atr->edc = (level->tc & 0x01) != 0 ? ATR_EDC_CRC : ATR_EDC_LRC;
        if ((level->tc & 0xFE) != 0)
            atr->notes |= ATR_NOTE_EDC_RFU;
    }
}

static void read_global_level(struct atr *atr, const struct atr_level *level,
                              unsigned fresh)
{
    static const enum atr_clock_stop stops[] = {ATR_CLOCK_STOP_NONE, ATR_CLOCK_STOP_LOW,
                                                ATR_CLOCK_STOP_HIGH, ATR_CLOCK_STOP_ANY};
    if (fresh != 0)
        atr->has_global = true;
    if (fresh & ATR_TA) {
        atr->clock_stop = stops[level->ta >> 6];
        atr->classes = level->ta & 0x3F;
    }
    if (fresh & ATR_TB)
        atr->spu = level->tb;
}

/* From the third level on a byte belongs to the T of the TD before it (8.2.3). */
static void read_owned_levels(struct atr *atr)
{
    unsigned seen_t1 = 0;
    unsigned seen_global = 0;
    const unsigned values = ATR_TA | ATR_TB | ATR_TC;
    for (unsigned i = 2; i < atr->level_count; i++) {
        const struct atr_level *level = &atr->levels[i];
        unsigned present = level->present & values;
        if (level->owner == 1) {
            read_t1_level(atr, level, present & ~seen_t1);
            seen_t1 |= present;
        } else if (level->owner == ATR_T_GLOBAL) {
            read_global_level(atr, level, present & ~seen_global);
            seen_global |= present;
        }
    }
}

static bool names_global(const struct atr *atr)
{
    for (unsigned i = 0; i < atr->level_count; i++)
        if ((atr->levels[i].present & ATR_TD) != 0
            && (atr->levels[i].td & 0x0F) == ATR_T_GLOBAL)
            return true;
    return false;
}

static void set_defaults(struct atr *atr)
{
    memset(atr, 0, sizeof(*atr));
    atr->ta1 = TA1_DEFAULT;
    atr->wi = WI_DEFAULT;
    atr->ifsc = IFSC_DEFAULT;
    atr->bwi = BWI_DEFAULT;
    atr->cwi = CWI_DEFAULT;
    atr->classes = ATR_CLASS_A_5V;
}

/* Takes the bytes apart, as far as they can be understood. */
static void dissect(struct atr *atr, struct cursor *cursor)
{
    uint8_t ts = 0;
    uint8_t t0 = 0;
    if (!take_atr_byte(cursor, &ts) || !take_atr_byte(cursor, &t0)) {
        atr->notes |= ATR_NOTE_SHORT;
        return;
    }
    if (ts != TS_DIRECT && ts != TS_INVERSE) {
        atr->notes |= ATR_NOTE_TS;
        return;
    }
    atr->inverse = ts == TS_INVERSE;
    atr->historical_count = t0 & 0x0F;
    atr->notes |= take_levels(atr, cursor, t0 >> 4);
    if ((atr->notes & ATR_NOTES_UNUSABLE) != 0)
        return;
    take_historical(atr, cursor);
    take_tck(atr, cursor);
    atr->extra_size = (uint8_t)(cursor->size - cursor->at);
    if (atr->extra_size != 0)
        atr->notes |= ATR_NOTE_EXTRA;
}

static uint32_t protocol_bit(uint8_t t)
{
    if (t == 0)
        return ATR_PROTOCOL_T0;
    return t == 1 ? ATR_PROTOCOL_T1 : 0;
}

static uint32_t protocol_mask(const struct atr *atr)
{
    if (atr->specific)
        return protocol_bit(atr->specific_t);
    uint32_t mask = 0;
    for (unsigned i = 0; i < atr->offered_count; i++)
        mask |= protocol_bit(atr->offered[i]);
    return mask;
}

static enum atr_verdict judge_notes(uint32_t notes)
{
    if ((notes & ATR_NOTES_UNUSABLE) != 0)
        return ATR_UNUSABLE;
    return notes != 0 ? ATR_ACCEPTED : ATR_OK;
}

void atr_parse(struct atr *atr, const uint8_t *bytes, size_t size)
{
    struct cursor cursor = {bytes, size < ATR_INPUT_MAX ? size : ATR_INPUT_MAX, 0};
    set_defaults(atr);
    if (size > ATR_SIZE_MAX)
        atr->notes |= ATR_NOTE_LONG;
    dissect(atr, &cursor);
    read_offers(atr);
    read_first_levels(atr);
    read_owned_levels(atr);
    atr->fi = atr_fi(atr->ta1);
    atr->di = atr_di(atr->ta1);
    assert(atr->fi != 0 && atr->di != 0); /* TA1_DEFAULT is there for a reserved one */
    atr->fmax_khz = atr_fmax_khz(atr->ta1);
    if (names_global(atr)) {
        atr->guard_fi = atr->fi;
        atr->guard_di = atr->di;
    }
    if (protocol_mask(atr) == 0)
        atr->notes |= ATR_NOTE_NO_PROTOCOL;
    atr->verdict = judge_notes(atr->notes);
}

uint32_t atr_protocols(const struct atr *atr)
{
    return atr->verdict == ATR_UNUSABLE ? 0 : protocol_mask(atr);
}

uint32_t atr_default_protocol(const struct atr *atr)
{
    if (atr->verdict == ATR_UNUSABLE)
        return 0;
    return protocol_bit(atr->specific ? atr->specific_t : atr->offered[0]);
}

static size_t count_bits(uint8_t y)
{
    size_t count = 0;
    for (; y != 0; y = (uint8_t)(y & (y - 1)))
        count++;
    return count;
}

size_t atr_missing(const uint8_t *bytes, size_t size)
{
    enum { AHEAD = 2 }; /* TS and T0 */
    if (size < AHEAD)
        return AHEAD - size;
    size_t whole = AHEAD;
    uint8_t y = bytes[1] >> 4;
    bool check = false;
    for (int level = 0; y != 0; level++) {
        if (level == ATR_LEVELS_MAX)
            return 0;
        whole += count_bits(y);
        if ((y & ATR_TD) == 0)
            break;
        if (size < whole)
            return whole - size;
        uint8_t td = bytes[whole - 1];
        check = check || (td & 0x0F) != 0;
        y = td >> 4;
    }
    whole += (bytes[1] & 0x0F) + (check ? 1U : 0U);
    return size < whole ? whole - size : 0;
}
