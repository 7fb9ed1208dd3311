/* SPDX-License-Identifier: BSD-2-Clause */
/* Plays cards against the host of T=1 from scripts, block by block. */
#ifndef TESTS_UNIT_PROTO_T1_SCRIPT_H
#define TESTS_UNIT_PROTO_T1_SCRIPT_H

#include "base/compiler.h"
#include "proto/t1.h"
#include "tests/support/check.h"
#include "tests/support/hex.h"

static uint8_t out[300];
static uint8_t command[300];

/* The block that must come from the host, and what the card sends then. Both without EDC;
 * "" is silence, and "!" before the card's bytes says that they are sent as they are. */
struct exchange {
    const char *host;
    const char *card;
};

static inline size_t card_bytes(const struct t1 *t1, const char *text, uint8_t *bytes,
                                size_t room)
{
    if (text[0] == '!')
        return hex(text + 1, bytes, room);
    size_t size = hex(text, bytes, room - 2);
    return size == 0 ? 0 : size + t1_edc_compute(t1->edc, bytes, size, bytes + size);
}

static inline void check_block(const struct t1 *t1, const char *want, size_t at)
{
    uint8_t bytes[T1_BLOCK_MAX];
    size_t size = hex(want, bytes, sizeof(bytes) - 2);
    size += t1_edc_compute(t1->edc, bytes, size, bytes + size);
    check_count++;
    if (t1->block_size == size && memcmp(t1->block, bytes, size) == 0)
        return;
    CHECK_FAILED("exchange %u: want %s, block is %02X %02X %02X", (unsigned)at, want,
                 (unsigned)t1->block[0], (unsigned)t1->block[1], (unsigned)t1->block[2]);
}

static inline enum t1_step play(struct t1 *t1, enum t1_step step,
                                const struct exchange *script, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[T1_BLOCK_MAX + 8];
        CHECK_EQ(step, T1_SEND);
        check_block(t1, script[i].host, i);
        size_t size = card_bytes(t1, script[i].card, bytes, sizeof(bytes));
        step = t1_receive(t1, size == 0 ? NULL : bytes, size);
    }
    return step;
}

#define PLAY(t1, step, ...)                                                              \
    play(t1, step, (const struct exchange[]){__VA_ARGS__},                               \
         ARRAY_SIZE(((const struct exchange[]){__VA_ARGS__})))

static inline void prepare(struct t1 *t1, uint8_t ifsc)
{
    struct t1_parameters parameters = {.ifsc = ifsc};
    t1_init(t1, &parameters);
}

static inline enum t1_step start(struct t1 *t1, const char *apdu)
{
    size_t size = hex(apdu, command, sizeof(command));
    memset(out, 0xEE, sizeof(out));
    return t1_start(t1, command, size, out, sizeof(out));
}

static inline void check_done(const struct t1 *t1, enum t1_step step, const char *want)
{
    uint8_t bytes[sizeof(out)];
    size_t size = hex(want, bytes, sizeof(bytes));
    CHECK_EQ(step, T1_DONE);
    CHECK_EQ(t1->state, T1_IDLE);
    CHECK_EQ(t1->out_size, size);
    CHECK_MEM(out, bytes, size);
}

static inline void check_failed(const struct t1 *t1, enum t1_step step,
                                enum sc_error error)
{
    CHECK_EQ(step, T1_FAIL);
    CHECK_EQ(t1->error, error);
    CHECK(t1->state == T1_IDLE || t1->state == T1_DEAD);
}

/* After whatever happened an ordinary exchange works; ns and nr as they should be now. */
static inline void check_goes_on(struct t1 *t1, unsigned ns, unsigned nr)
{
    const char *host = ns ? "00 40 04 00 84 00 00" : "00 00 04 00 84 00 00";
    const char *card = nr ? "00 40 02 90 00" : "00 00 02 90 00";
    check_done(t1, PLAY(t1, start(t1, "00 84 00 00"), {host, card}), "90 00");
}

#define GET       "00 CA 00 00 02"
#define I0_GET    "00 00 05 " GET
#define I1_GET    "00 40 05 " GET
#define OK        "90 00"
#define I0_OK     "00 00 02 " OK
#define I1_OK     "00 40 02 " OK
#define C_RESYNCH "00 C0 00"
#define E_RESYNCH "00 E0 00"

#endif
