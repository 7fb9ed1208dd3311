/* SPDX-License-Identifier: BSD-2-Clause */
/* A card and the reader's talk with it: ATR, PPS, T=0 and T=1, after ISO/IEC 7816-3:2006.
 * The way between the two ends is a function call, with the time that passes on it. Used
 * by the jobs of one reader alone, one at a time. */
#ifndef DRIVERS_SOFT_SESSION_H
#define DRIVERS_SOFT_SESSION_H

#include "drivers/soft/t0_card.h"
#include "drivers/soft/t1_card.h"
#include "manager/driver.h"
#include "proto/atr.h"
#include "proto/t1.h"
#include "proto/timing.h"

enum { SOFT_CLOCK_KHZ = 4000, SOFT_IFSC = 254, SOFT_IFSD = 254 };

/* What the URI says of each card. */
struct soft_options {
    uint32_t protocols; /* PROTOCOL_T0, PROTOCOL_T1 or both */
    uint32_t delay_ms;
    bool whole_apdus; /* over T=0: GET RESPONSE, 6Cxx and ENVELOPE are done here */
    char pin[SOFT_PIN_MAX + 1];
};

/* Lets ms go by. Errors: SC_E_TIMEOUT, SC_E_CANCELLED, SC_W_REMOVED_CARD,
 * SC_E_READER_UNAVAILABLE: the job has to end. */
struct soft_line {
    enum sc_error (*wait)(struct soft_line *line, uint64_t ms);
};

enum soft_phase {
    SOFT_OFF,
    SOFT_RESET, /* nothing but the ATR went by: the card would take a PPS */
    SOFT_USED,  /* more than that did */
    SOFT_READY  /* set_protocol was done */
};

struct soft_session {
    struct soft_card card;
    const struct soft_options *options;
    bool no_ifs; /* T=1 begins without S(IFS): the card sends blocks of 32 bytes */
    uint8_t atr_bytes[ATR_SIZE_MAX];
    size_t atr_size;
    struct atr atr;

    /* Since the last reset. */
    enum soft_phase phase;
    uint32_t protocol; /* in force */
    struct timing timing;
    struct t0_card t0;
    struct t1_card t1_card;
    struct t1 t1;
};

/* A new card, without power. NULL if there is no memory. `options` are borrowed. */
struct soft_session *soft_session_new(const struct soft_options *options,
                                      uint32_t number) MUST_CHECK;
void soft_session_free(struct soft_session *session);

/* Power on or reset; off. */
void soft_session_reset(struct soft_session *session);
void soft_session_power_off(struct soft_session *session);

/* As the functions of struct driver; the card has power. */
enum sc_error soft_session_set_protocol(struct soft_session *session, uint32_t protocol,
                                        struct soft_line *line) MUST_CHECK;
enum sc_error soft_session_transmit(struct soft_session *session, uint32_t protocol,
                                    struct transfer *t,
                                    struct soft_line *line) MUST_CHECK;

#endif
