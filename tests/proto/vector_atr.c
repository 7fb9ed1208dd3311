/* SPDX-License-Identifier: BSD-2-Clause */
/* Compares what atr_parse says of the ATRs of real cards with atr.txt. */
#include "proto/atr.h"
#include "tests/proto/vector.h"

#include <stdarg.h>

struct text {
    char at[VECTOR_LINE_MAX];
    size_t size;
};

static void add(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(text->at + text->size, sizeof(text->at) - text->size, format,
                         arguments);
    va_end(arguments);
    if (size > 0)
        text->size += (size_t)size;
}

static void add_list(struct text *text, const struct atr *atr)
{
    const char *separator = "T=";
    add(text, " ");
    for (unsigned i = 0; i < atr->level_count; i++) {
        if ((atr->levels[i].present & ATR_TD) == 0)
            continue;
        add(text, "%s%u", separator, atr->levels[i].td & 0x0FU);
        separator = ",";
    }
    if (*separator == 'T')
        add(text, "T=-");
}

/* TA1 to TC1 and TA2 to TC2; the rest shows in the numbers. */
static void add_levels(struct text *text, const struct atr *atr)
{
    for (unsigned i = 0; i < 2 && i < atr->level_count; i++) {
        const struct atr_level *level = &atr->levels[i];
        if (level->present & ATR_TA)
            add(text, " TA%u=%02X", i + 1, (unsigned)level->ta);
        if (level->present & ATR_TB)
            add(text, " TB%u=%02X", i + 1, (unsigned)level->tb);
        if (level->present & ATR_TC)
            add(text, " TC%u=%02X", i + 1, (unsigned)level->tc);
    }
}

static void check_structure(const struct vector *v, const struct atr *atr)
{
    static const char *const tck[] = {"none", "ok", "bad", "missing"};
    struct text text = {.size = 0};
    if (atr->inverse)
        add(&text, "INV ");
    add(&text, "K=%u H@%u", (unsigned)atr->historical_count,
        (unsigned)atr->historical_offset);
    add_list(&text, atr);
    add_levels(&text, atr);
    if ((atr->notes & ATR_NOTE_HISTORICAL_SHORT) != 0)
        add(&text, " short=%u", (unsigned)atr->historical_size);
    add(&text, " TCK=%s", tck[atr->tck]);
    if (atr->extra_size != 0)
        add(&text, " extra=%u", (unsigned)atr->extra_size);
    VECTOR_STR(v, text.at, v->fields[1]);
}

static void check_numbers(const struct vector *v, const struct atr *atr)
{
    struct text text = {.size = 0};
    add(&text, "Fi=%u Di=%u N=%u WI=%u", (unsigned)atr->fi, (unsigned)atr->di,
        (unsigned)atr->n, (unsigned)atr->wi);
    add(&text, " IFSC=%u BWI=%u CWI=%u EDC=%s", (unsigned)atr->ifsc, (unsigned)atr->bwi,
        (unsigned)atr->cwi, atr->edc == ATR_EDC_CRC ? "crc" : "lrc");
    add(&text, " may=%u first=%u", (unsigned)atr_protocols(atr),
        (unsigned)atr_default_protocol(atr));
    if (atr->specific)
        add(&text, " specific=%u%s%s", (unsigned)atr->specific_t,
            (atr->ta2 & ATR_TA2_IMPLICIT) != 0 ? "/implicit" : "",
            (atr->ta2 & ATR_TA2_LOCKED) != 0 ? "/locked" : "");
    if (atr->has_global)
        add(&text, " stop=%u classes=%u spu=%u", (unsigned)atr->clock_stop,
            (unsigned)atr->classes, (unsigned)atr->spu);
    VECTOR_STR(v, text.at, v->fields[2]);
}

static void check_verdict(const struct vector *v, const struct atr *atr)
{
    static const char *const verdicts[] = {"ok", "accepted", "unusable"};
    static const struct {
        uint32_t note;
        const char *name;
    } names[] = {
        {ATR_NOTE_BWI_RFU, "bwi-rfu"},
        {ATR_NOTE_CHAIN, "chain"},
        {ATR_NOTE_DI_RFU, "di-rfu"},
        {ATR_NOTE_EDC_RFU, "edc-rfu"},
        {ATR_NOTE_EXTRA, "extra"},
        {ATR_NOTE_FI_RFU, "fi-rfu"},
        {ATR_NOTE_HISTORICAL_SHORT, "historical-short"},
        {ATR_NOTE_IFSC_RFU, "ifsc-rfu"},
        {ATR_NOTE_LONG, "long"},
        {ATR_NOTE_NO_PROTOCOL, "no-protocol"},
        {ATR_NOTE_SHORT, "short"},
        {ATR_NOTE_TCK_BAD, "tck-bad"},
        {ATR_NOTE_TCK_MISSING, "tck-missing"},
        {ATR_NOTE_TRUNCATED, "truncated"},
        {ATR_NOTE_TS, "ts"},
        {ATR_NOTE_WI_ZERO, "wi-zero"},
    };
    struct text text = {.size = 0};
    uint32_t left = atr->notes;
    add(&text, "%s", verdicts[atr->verdict]);
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if ((left & names[i].note) != 0)
            add(&text, " %s", names[i].name);
        left &= ~names[i].note;
    }
    VECTOR_STR(v, text.at, v->fields[3]);
    VECTOR_EQ(v, left, 0);
}

static void take(const struct vector *v)
{
    uint8_t bytes[VECTOR_BYTES_MAX];
    size_t size = vector_hex(v, 0, bytes);
    struct atr atr;
    atr_parse(&atr, bytes, size);
    check_structure(v, &atr);
    check_numbers(v, &atr);
    check_verdict(v, &atr);
    VECTOR_EQ(
        v, memcmp(atr.historical, bytes + atr.historical_offset, atr.historical_size), 0);
}

int main(void)
{
    vector_run("atr.txt", 4, take);
    return check_result();
}
