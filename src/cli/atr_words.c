/* SPDX-License-Identifier: BSD-2-Clause */
/* How the interface bytes are read and worded: ISO/IEC 7816-3:2006, 8.2 and 8.3. */
#include "cli/atr_words.h"

#include "cli/text.h"

#include <assert.h>
#include <string.h>

/* 8.3, table 7: F and the highest clock by the upper half of TA1; 0: reserved. */
static const struct {
    unsigned f, clock_khz;
} rates[16] = {
    {372, 4000},   {372, 5000},   {558, 6000}, {744, 8000}, {1116, 12000}, {1488, 16000},
    {1860, 20000}, {0, 0},        {0, 0},      {512, 5000}, {768, 7500},   {1024, 10000},
    {1536, 15000}, {2048, 20000}, {0, 0},      {0, 0},
};

/* Table 8: D by the lower half. */
static const unsigned divisors[16] = {0,  1,  2, 4, 8, 16, 32, 64,
                                      12, 20, 0, 0, 0, 0,  0,  0};

static void read_speed(struct atr_facts *facts, uint8_t ta1)
{
    facts->f = rates[ta1 >> 4].f;
    facts->clock_khz = rates[ta1 >> 4].clock_khz;
    facts->d = divisors[ta1 & 0xF];
}

/* The bytes TAi, TBi, TCi, TDi of one group; -1: not there. */
struct group {
    int a, b, c, d;
};

static bool read_group(const uint8_t *atr, size_t size, size_t *at, unsigned present,
                       struct group *group)
{
    assert(*at <= size);
    int *place[4] = {&group->a, &group->b, &group->c, &group->d};
    for (unsigned i = 0; i < 4; i++) {
        *place[i] = -1;
        if ((present & (1U << i)) == 0)
            continue;
        if (*at == size)
            return false;
        *place[i] = atr[(*at)++];
    }
    return true;
}

/* TAi and so on for i > 2 belong to the protocol of TD(i-1); the first says it all. */
static void read_later_group(struct atr_facts *facts, const struct group *group,
                             unsigned protocol, bool *t1_read)
{
    if (protocol == 1 && !*t1_read) {
        *t1_read = true;
        if (group->a > 0 && group->a < 0xFF)
            facts->ifsc = (unsigned)group->a;
        if (group->b >= 0) {
            facts->bwi = (unsigned)group->b >> 4;
            facts->cwi = (unsigned)group->b & 0xF;
        }
        facts->crc = group->c > 0 && (group->c & 1);
    }
    if (protocol == ATR_PROTOCOL_GLOBAL && group->a >= 0) {
        facts->has_global = true;
        facts->clock_stop = (unsigned)group->a >> 6;
        facts->classes = (unsigned)group->a & 7;
    }
}

static void read_early_group(struct atr_facts *facts, const struct group *group,
                             unsigned number)
{
    if (number == 1 && group->a >= 0)
        read_speed(facts, (uint8_t)group->a);
    if (number == 1 && group->c >= 0)
        facts->guard = (unsigned)group->c;
    if (number == 2 && group->a >= 0) {
        facts->mode = (group->a & 0x80) != 0 ? ATR_SPECIFIC_FIXED : ATR_SPECIFIC;
        facts->specific_protocol = (unsigned)group->a & 0xF;
    }
}

static bool read_groups(const uint8_t *atr, size_t size, size_t *at,
                        struct atr_facts *facts)
{
    unsigned present = atr[1] >> 4;
    unsigned protocol = 0;
    bool t1_read = false;
    for (unsigned number = 1;; number++) {
        struct group group;
        if (!read_group(atr, size, at, present, &group))
            return false;
        if (number <= 2)
            read_early_group(facts, &group, number);
        else
            read_later_group(facts, &group, protocol, &t1_read);
        if (group.d < 0)
            return true;
        protocol = (unsigned)group.d & 0xF;
        present = (unsigned)group.d >> 4;
        if (protocol != 0)
            facts->check = ATR_CHECK_BAD; /* until it is found, and right */
        if (protocol != ATR_PROTOCOL_GLOBAL)
            facts->protocols |= 1U << protocol;
    }
}

static void read_end(const uint8_t *atr, size_t size, size_t at, struct atr_facts *facts)
{
    uint8_t sum = 0;
    facts->historical = at;
    facts->historical_size = atr[1] & 0xF;
    assert(at <= size);
    if (facts->historical_size > size - at) {
        facts->historical_missing = facts->historical_size - (size - at);
        facts->historical_size = size - at;
    }
    size_t end = at + facts->historical_size;
    if (facts->check != ATR_CHECK_NONE && end < size) {
        for (size_t i = 1; i <= end; i++)
            sum ^= atr[i];
        facts->check = sum == 0 ? ATR_CHECK_GOOD : ATR_CHECK_BAD;
        end++;
    }
    facts->extra = size - end;
}

bool atr_facts_read(const uint8_t *atr, size_t size, struct atr_facts *facts)
{
    size_t at = 2;
    memset(facts, 0, sizeof *facts);
    if (size < 2 || (atr[0] != 0x3B && atr[0] != 0x3F))
        return false;
    facts->inverse = atr[0] == 0x3F;
    facts->f = 372;
    facts->d = 1;
    facts->clock_khz = 5000;
    facts->ifsc = 32;
    facts->bwi = 4;
    facts->cwi = 13;
    if (!read_groups(atr, size, &at, facts))
        return false;
    if (facts->protocols == 0)
        facts->protocols = 1;
    read_end(atr, size, at, facts);
    return true;
}

static void word_protocols(const struct atr_facts *facts, struct text *text)
{
    const char *comma = "";
    text_add(text, "protocols: ");
    for (unsigned t = 0; t < ATR_PROTOCOL_GLOBAL; t++) {
        if (facts->protocols & (1U << t)) {
            text_add(text, "%sT=%u", comma, t);
            comma = ", ";
        }
    }
    if (facts->mode != ATR_NEGOTIABLE)
        text_add(text, "; set to T=%u%s", facts->specific_protocol,
                 facts->mode == ATR_SPECIFIC_FIXED ? " for good" : "");
    if (facts->inverse)
        text_add(text, "; inverse convention");
}

static void word_speed(const struct atr_facts *facts, struct text *text)
{
    if (facts->f == 0 || facts->d == 0) {
        text_add(text, "speed: the card names reserved values; 372/1 is used");
        return;
    }
    unsigned rate = facts->clock_khz * 1000 / facts->f * facts->d;
    text_add(text, "speed: F/D %u/%u, up to %u bit/s at %u.%u MHz", facts->f, facts->d,
             rate, facts->clock_khz / 1000, facts->clock_khz % 1000 / 100);
    if (facts->guard == 255)
        text_add(text, ", shortest guard time");
    else if (facts->guard > 0)
        text_add(text, ", %u etu of extra guard time", facts->guard);
}

static void word_electric(const struct atr_facts *facts, struct text *text)
{
    static const char *const stop[4] = {"no", "with the clock low", "with the clock high",
                                        "either way"};
    static const char *const volts[3] = {"5 V", "3 V", "1.8 V"};
    const char *comma = "supply: ";
    for (unsigned i = 0; i < 3; i++) {
        if (facts->classes & (1U << i)) {
            text_add(text, "%s%s", comma, volts[i]);
            comma = ", ";
        }
    }
    text_add(text, "%sclock stop: %s", facts->classes != 0 ? "; " : "",
             stop[facts->clock_stop]);
}

static void word_faults(const struct atr_facts *facts, struct text *text)
{
    const char *comma = "faults: ";
    if (facts->historical_missing > 0) {
        text_add(text, "%sfewer historical bytes than announced", comma);
        comma = ", ";
    }
    if (facts->check == ATR_CHECK_BAD) {
        text_add(text, "%scheck byte missing or wrong", comma);
        comma = ", ";
    }
    if (facts->extra > 0)
        text_add(text, "%s%u byte%s too many", comma, (unsigned)facts->extra,
                 facts->extra == 1 ? "" : "s");
}

void atr_words_write(const uint8_t *atr, size_t size,
                     void (*line)(void *context, const char *words), void *context)
{
    char words[ATR_LINE_MAX];
    struct text text;
    struct atr_facts facts;
    if (!atr_facts_read(atr, size, &facts)) {
        line(context, "not an answer to reset as ISO/IEC 7816-3 has it");
        return;
    }
    text_start(&text, words, sizeof words);
    word_protocols(&facts, &text);
    line(context, words);
    text_start(&text, words, sizeof words);
    word_speed(&facts, &text);
    line(context, words);
    if (facts.protocols & ATR_PROTOCOL_T1) {
        text_start(&text, words, sizeof words);
        text_add(&text, "T=1: blocks of up to %u bytes, BWI %u, CWI %u, %s", facts.ifsc,
                 facts.bwi, facts.cwi, facts.crc ? "CRC" : "LRC");
        line(context, words);
    }
    if (facts.has_global) {
        text_start(&text, words, sizeof words);
        word_electric(&facts, &text);
        line(context, words);
    }
    text_start(&text, words, sizeof words);
    word_faults(&facts, &text);
    if (text.size > 0)
        line(context, words);
    atr_history_write(atr + facts.historical, facts.historical_size, line, context);
}
