/* SPDX-License-Identifier: BSD-2-Clause */
/* Protocol and parameters selection, after ISO/IEC 7816-3:2006, 9. */
#include "proto/pps.h"

#include "proto/timing.h"

enum {
    PPSS = 0xFF,
    PPS0_PPS1 = 0x10,
    PPS0_PPS2 = 0x20,
    PPS0_PPS3 = 0x40,
    PPS0_RESERVED = 0x80,
    FIDI_STEP_FIRST =
        0x97, /* 512/64: the cards that need a step down are all of this Fi */
    FIDI_STEP_LAST = 0x94, /* 512/8 */
    PERCENT = 100
};

static uint8_t check_byte(const uint8_t *bytes, size_t size)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < size; i++)
        sum ^= bytes[i];
    return sum;
}

size_t pps_size(uint8_t pps0)
{
    size_t size = 3;
    for (unsigned flag = PPS0_PPS1; flag <= PPS0_PPS3; flag <<= 1)
        if ((pps0 & flag) != 0)
            size++;
    return size;
}

size_t pps_build(const struct pps *pps, uint8_t out[PPS_SIZE_MAX])
{
    size_t size = 0;
    out[size++] = PPSS;
    out[size++] = (uint8_t)((pps->protocol & 0x0F) | (pps->has_pps1 ? PPS0_PPS1 : 0));
    if (pps->has_pps1)
        out[size++] = pps->pps1;
    out[size] = check_byte(out, size);
    return size + 1;
}

bool pps_parse(const uint8_t *bytes, size_t size, struct pps *pps)
{
    if (size < 3 || bytes[0] != PPSS || size != pps_size(bytes[1]))
        return false;
    if ((bytes[1] & (PPS0_PPS2 | PPS0_PPS3 | PPS0_RESERVED)) != 0)
        return false;
    if (check_byte(bytes, size) != 0)
        return false;
    pps->protocol = bytes[1] & 0x0F;
    pps->has_pps1 = (bytes[1] & PPS0_PPS1) != 0;
    pps->pps1 = pps->has_pps1 ? bytes[2] : PPS_FIDI_DEFAULT;
    return true;
}

bool pps_accepts(const struct pps *request, const uint8_t *answer, size_t size,
                 uint8_t *fidi)
{
    struct pps got;
    if (!pps_parse(answer, size, &got) || got.protocol != request->protocol)
        return false;
    if (got.has_pps1 && (!request->has_pps1 || got.pps1 != request->pps1))
        return false;
    *fidi = got.pps1;
    return true;
}

static bool is_near(uint32_t listed, uint32_t baud)
{
    uint32_t gap = listed > baud ? listed - baud : baud - listed;
    return gap <= baud / PERCENT;
}

static bool can_do(const struct pps_limits *limits, uint32_t baud)
{
    if (limits->max_baud != 0 && baud > limits->max_baud)
        return false;
    if (limits->baud_count == 0)
        return true;
    for (size_t i = 0; i < limits->baud_count; i++)
        if (is_near(limits->bauds[i], baud))
            return true;
    return false;
}

static uint32_t baud_of(const struct pps_limits *limits, uint8_t fidi)
{
    return timing_baud(limits->clock_khz, atr_fi(fidi), atr_di(fidi));
}

/* A negotiable card takes anything between the default and its TA1 (6.3.1). */
static uint8_t fastest_rate(uint8_t ta1, const struct pps_limits *limits)
{
    uint32_t slowest = limits->default_baud;
    if (slowest == 0)
        slowest = baud_of(limits, PPS_FIDI_DEFAULT);
    uint8_t last = ta1;
    if (ta1 <= FIDI_STEP_FIRST && ta1 > FIDI_STEP_LAST)
        last = FIDI_STEP_LAST;
    for (uint8_t fidi = ta1; fidi >= last; fidi--) {
        uint32_t baud = baud_of(limits, fidi);
        if (baud <= slowest)
            break;
        if (can_do(limits, baud))
            return fidi;
    }
    return PPS_FIDI_DEFAULT;
}

bool pps_choose(const struct atr *atr, const struct pps_limits *limits, uint8_t *fidi)
{
    if (!atr->specific) {
        *fidi = fastest_rate(atr->ta1, limits);
        return true;
    }
    if ((atr->ta2 & ATR_TA2_IMPLICIT) != 0)
        return false;
    if (atr->ta1 != PPS_FIDI_DEFAULT && !can_do(limits, baud_of(limits, atr->ta1)))
        return false;
    *fidi = atr->ta1;
    return true;
}
