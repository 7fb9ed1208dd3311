/* SPDX-License-Identifier: BSD-2-Clause */
/* Compares waiting times and line speeds with timing.txt and baud.txt. */
#include "proto/atr.h"
#include "proto/timing.h"
#include "tests/proto/vector.h"

/* Whether a value rounds, down or to the nearest, to the number given "value/step". */
static void check_rounded(const struct vector *v, uint64_t got, uint64_t want,
                          uint64_t step)
{
    check_count++;
    if (got + step < want || got >= want + step)
        CHECK_FAILED("%s:%u: got %" PRIu64 ", want about %" PRIu64, v->file, v->line, got,
                     want);
}

static void check_t1(const struct vector *v, struct timing *timing)
{
    unsigned bwi = 0;
    unsigned cwi = 0;
    unsigned bwt[2] = {0, 0};
    unsigned cwt[2] = {0, 0};
    unsigned bgt[2] = {0, 0};
    CHECK_EQ(sscanf(v->fields[4], "%u/%u", &bwi, &cwi), 2);
    CHECK_EQ(sscanf(v->fields[6], "%u/%u %u/%u %u/%u", &bwt[0], &bwt[1], &cwt[0], &cwt[1],
                    &bgt[0], &bgt[1]),
             6);
    timing->bwi = (uint8_t)bwi;
    timing->cwi = (uint8_t)cwi;
    check_rounded(v, timing_etu_ns(timing), vector_number(v, 5), 1);
    check_rounded(v, timing_bwt_us(timing), bwt[0], bwt[1]);
    check_rounded(v, timing_cwt_us(timing), cwt[0], cwt[1]);
    check_rounded(v, timing_bgt_us(timing), bgt[0], bgt[1]);
    VECTOR_EQ(v, timing_t1_total_ms(timing), vector_number(v, 7));
}

static void check_t0(const struct vector *v, struct timing *timing)
{
    unsigned wwt[2] = {0, 0};
    unsigned receiving = 0;
    unsigned sending = 0;
    timing->wi = (uint8_t)vector_number(v, 4);
    CHECK_EQ(sscanf(v->fields[5], "%u/%u", &wwt[0], &wwt[1]), 2);
    CHECK_EQ(sscanf(v->fields[7], "%u %u", &receiving, &sending), 2);
    check_rounded(v, timing_wwt_us(timing), wwt[0], wwt[1]);
    VECTOR_EQ(v, timing_t0_total_ms(timing), receiving > sending ? receiving : sending);
}

static void take_timing(const struct vector *v)
{
    uint8_t ta1 = (uint8_t)vector_number(v, 0);
    struct timing timing = {.clock_khz = vector_number(v, 1),
                            .f = atr_fi(ta1),
                            .d = atr_di(ta1),
                            .n = (uint8_t)vector_number(v, 2)};
    if (vector_number(v, 3) == 1)
        check_t1(v, &timing);
    else
        check_t0(v, &timing);
}

/* The table rounds to the nearest, timing_baud down. */
static void take_baud(const struct vector *v)
{
    static const uint8_t ta1[] = {0x11, 0x12, 0x13, 0x14, 0x15,
                                  0x18, 0x94, 0x95, 0x96, 0x97};
    uint32_t clock_khz = vector_number(v, 0);
    const char *at = v->fields[1];
    for (unsigned i = 0; i < sizeof(ta1); i++) {
        char *end = NULL;
        uint64_t want = strtoul(at, &end, 10);
        CHECK(end != at);
        at = end;
        check_rounded(v, timing_baud(clock_khz, atr_fi(ta1[i]), atr_di(ta1[i])), want, 1);
    }
    VECTOR_STR(v, at, "");
}

int main(void)
{
    vector_run("timing.txt", 8, take_timing);
    vector_run("baud.txt", 2, take_baud);
    return check_result();
}
