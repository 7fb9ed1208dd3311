/* SPDX-License-Identifier: BSD-2-Clause */
/* The software driver's parts among themselves: instance, readers, and who may touch
 * what.
 *
 * A reader's lock (kit) guards its flags and is held for moments only. The session belongs
 * to the job that runs. */
#ifndef DRIVERS_SOFT_READER_H
#define DRIVERS_SOFT_READER_H

#include "drivers/kit/reader.h"
#include "drivers/soft/session.h"

enum { SOFT_COUNT_MAX = 1000 };

/* Two things that happen one after the other; OS_FOREVER: not at all. */
struct soft_timer {
    uint64_t out_ms;   /* when: the reader or the card goes */
    uint64_t back_ms;  /* when it is there again */
    uint64_t pause_ms; /* from out to back; 0: it stays away */
};

struct soft_reader {
    struct kit_reader kit; /* first: the host hands it back */
    struct soft *soft;

    /* Under the kit's lock. */
    bool mute;         /* the next power-on finds no answer */
    uint32_t hang_ms;  /* the next transmit hangs */
    uint32_t failures; /* so many transmits will fail */
    struct soft_timer reader_timer, card_timer;

    /* The jobs'. */
    bool no_ifs;                  /* SCARD_ATTR_SUPRESS_T1_IFS_REQUEST */
    struct soft_session *session; /* NULL until the first power-on */
};

struct soft {
    struct kit_instance kit; /* first */
    struct soft_options options;
    char name[DRIVER_NAME_MAX];
    struct soft *next;  /* soft.c: the instances that are alive */
    uint32_t name_hash; /* of the URI's name */
    uint32_t twin;      /* tells instances with the same one apart */
    uint32_t blink_ms;
    bool has_cards; /* at the beginning */
    uint32_t count;
    struct soft_reader *readers;
    uint64_t blink_at_ms; /* the attendant's, which runs when a timer is set */
};

/* reader.c */
void soft_reader_init(struct soft_reader *reader, struct soft *soft);
void soft_reader_describe(const struct kit_reader *kit, struct reader_info *info);
/* It is plugged in again. Errors: those of kit_reader_arrive(). */
enum sc_error soft_reader_arrive(struct soft_reader *reader) MUST_CHECK;

enum sc_error soft_reader_power(void *self, enum power_action action,
                                const struct driver_job *asked,
                                uint8_t atr[DRIVER_ATR_MAX], size_t *atr_size);
enum sc_error soft_reader_set_protocol(void *self, uint32_t protocol,
                                       const struct driver_job *asked);
enum sc_error soft_reader_transmit(void *self, uint32_t protocol, struct transfer *t);

/* control.c */
enum sc_error soft_reader_control(void *self, uint32_t code, struct transfer *t);
enum sc_error soft_reader_get_attribute(void *self, uint32_t id, struct transfer *t);
enum sc_error soft_reader_set_attribute(void *self, uint32_t id, struct transfer *t);

/* timer.c: the attendant's look at an instance, which blinks and sees to the timers. */
uint64_t soft_look(void *context);

#endif
