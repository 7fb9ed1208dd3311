/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the ATR parser, and what is computed from its numbers. Input: an ATR. */
#include "proto/atr.h"
#include "proto/pps.h"
#include "proto/timing.h"
#include "tests/fuzz/property.h"

static void check_structure(const struct atr *atr, const uint8_t *bytes, size_t size)
{
    PROPERTY(atr->level_count <= ATR_LEVELS_MAX);
    PROPERTY(atr->offered_count >= 1 && atr->offered_count <= ATR_LEVELS_MAX);
    PROPERTY(atr->historical_size <= atr->historical_count);
    PROPERTY(atr->historical_count <= ATR_HISTORICAL_MAX);
    PROPERTY((size_t)atr->historical_offset + atr->historical_size <= size);
    PROPERTY(
        atr->historical_size == 0
        || memcmp(atr->historical, bytes + atr->historical_offset, atr->historical_size)
               == 0);
    for (unsigned i = 0; i < atr->offered_count; i++)
        PROPERTY(atr->offered[i] < ATR_T_GLOBAL);
}

static void check_numbers(const struct atr *atr)
{
    PROPERTY(atr->fi >= 372 && atr->fi <= 2048);
    PROPERTY(atr->di >= 1 && atr->di <= 64);
    PROPERTY(atr->fmax_khz >= 4000 && atr->fmax_khz <= 20000);
    PROPERTY(atr->wi >= 1);
    PROPERTY(atr->ifsc >= 1 && atr->ifsc <= 254);
    PROPERTY(atr->bwi <= 9 && atr->cwi <= 15);
    PROPERTY(atr->fi == atr_fi(atr->ta1) && atr->di == atr_di(atr->ta1));
    PROPERTY(atr->classes <= 63);
    PROPERTY(atr->guard_fi == 0 || atr->guard_fi == atr->fi);
    PROPERTY(atr->guard_di == 0 || atr->guard_di == atr->di);
    PROPERTY(!atr->has_global || atr->guard_fi != 0);
}

static void check_verdict(const struct atr *atr)
{
    uint32_t may = atr_protocols(atr);
    uint32_t first = atr_default_protocol(atr);
    PROPERTY((may & ~(uint32_t)(ATR_PROTOCOL_T0 | ATR_PROTOCOL_T1)) == 0);
    PROPERTY((first & ~may) == 0 && first != 3);
    PROPERTY((atr->verdict == ATR_UNUSABLE) == (may == 0));
    PROPERTY((atr->verdict == ATR_OK) == (atr->notes == 0));
    PROPERTY(!atr->specific || may == first);
    PROPERTY((atr->tck == ATR_TCK_BAD) == ((atr->notes & ATR_NOTE_TCK_BAD) != 0));
}

static void check_use(const struct atr *atr)
{
    struct timing timing = {3580,     atr->fi,  atr->di,       atr->n,       atr->wi,
                            atr->bwi, atr->cwi, atr->guard_fi, atr->guard_di};
    struct timing slow = timing;
    slow.f = 372;
    slow.d = 1;
    struct pps_limits limits = {.clock_khz = 4000, .max_baud = 250000};
    uint8_t fidi = 0;
    PROPERTY(timing_t1_total_ms(&timing) > TIMING_MARGIN_MS);
    PROPERTY(timing_t0_total_ms(&timing) > 0);
    /* The characters of a card with T=15 are apart as much at any speed. */
    if (atr->guard_di != 0)
        PROPERTY(timing_character_us(&slow) - 12 * timing_etu_ns(&slow) / 1000 + 2
                 >= timing_character_us(&timing) - 12 * timing_etu_ns(&timing) / 1000);
    PROPERTY(timing_bwt_us(&timing) >= 90000 && timing_etu_ns(&timing) > 0);
    if (pps_choose(atr, &limits, &fidi))
        PROPERTY(atr_fi(fidi) != 0 && atr_di(fidi) != 0);
    else
        PROPERTY(atr->specific);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct atr atr;
    struct atr again;
    uint8_t *bytes = property_copy(data, size);
    memset(&atr, 0x55, sizeof(atr));
    memset(&again, 0xAA, sizeof(again));
    atr_parse(&atr, bytes, size);
    atr_parse(&again, bytes, size);
    PROPERTY(memcmp(&atr, &again, sizeof(atr)) == 0);
    check_structure(&atr, bytes, size);
    check_numbers(&atr);
    check_verdict(&atr);
    check_use(&atr);
    free(bytes);
    return 0;
}
