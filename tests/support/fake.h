/* SPDX-License-Identifier: BSD-2-Clause */
/* A driver for tests, and the drivers/registry of the programs that link it: readers that
 * do what the test says. "fake:?count=N" gives N readers, empty until fake_insert(). */
#ifndef TESTS_SUPPORT_FAKE_H
#define TESTS_SUPPORT_FAKE_H

#include "manager/driver.h"

enum { FAKE_READERS_MAX = 2048 };

/* The card's ATR offers T=0 and T=1, T=0 first: 3B 80 80 01 01 with T=0 named first. */
extern const uint8_t fake_atr[];
extern const size_t fake_atr_size;

/* What a transmit gives: set `answer` before the call. */
struct fake_behaviour {
    size_t answer_size;     /* bytes of answer, the last two 90 00; 0: 2 */
    enum sc_error error;    /* of transmit */
    enum sc_error power;    /* of power */
    enum sc_error protocol; /* of set_protocol */
    bool parting;           /* transmit: the reader is gone when the answer comes */
    uint32_t hang;          /* not 0: transmit waits until its deadline or its stop */
    uint32_t power_hang;    /* the same for power, and until fake_answer() */
    uint32_t ignore_stop;
    uint64_t deadline_ms; /* not 0: used in place of the job's while hanging */
};

struct fake_counts {
    uint32_t power, protocol, transmit, control, close;
};

/* Readers are numbered in the order of their arrival since the driver started. */
void fake_insert(uint32_t reader);
void fake_remove(uint32_t reader);
void fake_exchange(uint32_t reader);
void fake_unplug(uint32_t reader);
/* Back again, without a card, and with one. */
void fake_plug(uint32_t reader);
void fake_plug_full(uint32_t reader);
/* From now on power waits. */
void fake_hang(uint32_t reader);
/* What hangs in power goes on, and the next does not hang. */
void fake_answer(uint32_t reader);
struct fake_behaviour *fake_behaviour(uint32_t reader);
struct fake_counts fake_counts(uint32_t reader);
/* The reader as the driver port sees it, to call the driver without the library. */
void *fake_device(uint32_t reader);
extern const struct driver fake_driver;

#endif
