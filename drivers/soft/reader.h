/* SPDX-License-Identifier: BSD-2-Clause */
/* The software driver's parts among themselves: instance, readers, and who may touch
 * what.
 *
 * A reader's lock guards its flags and is held for moments only, never while the host is
 * called. The session belongs to the job that runs. The instance's lock guards the timer
 * thread and the count of users; it may be taken under no reader's lock. */
#ifndef DRIVERS_SOFT_READER_H
#define DRIVERS_SOFT_READER_H

#include "drivers/soft/session.h"
#include "os/lock.h"
#include "os/thread.h"

enum { SOFT_COUNT_MAX = 1000 };

struct soft;

/* Two things that happen one after the other; OS_FOREVER: not at all. */
struct soft_timer {
    uint64_t out_ms;   /* when: the reader or the card goes */
    uint64_t back_ms;  /* when it is there again */
    uint64_t pause_ms; /* from out to back; 0: it stays away */
};

struct soft_reader {
    struct soft *soft;
    uint32_t index;
    struct os_mutex lock;
    struct os_cond changed;

    /* Under the lock. */
    uint32_t id;         /* the host's, while `arrived` */
    bool arrived;        /* the host knows the reader */
    bool open;           /* the host has not closed it */
    bool gone;           /* it left: jobs have to end */
    bool present;        /* a card is in */
    uint32_t insertions; /* changes of `present` so far */
    bool shown;          /* what the host was told last */
    uint32_t events;     /* changes it was not told of */
    bool posting;        /* somebody tells it */
    bool mute;           /* the next power-on finds no answer */
    uint32_t hang_ms;    /* the next transmit hangs */
    uint32_t failures;   /* so many transmits will fail */
    struct soft_timer reader_timer, card_timer;

    /* The jobs'. */
    bool no_ifs;                  /* SCARD_ATTR_SUPRESS_T1_IFS_REQUEST */
    uint32_t powered_insertion;   /* value of `insertions` at the last power-on */
    struct soft_session *session; /* NULL until the first power-on */
};

struct soft {
    struct driver_host *host;
    struct soft_options options;
    char name[DRIVER_NAME_MAX];
    struct soft *next;  /* soft.c: the instances that are alive */
    uint32_t name_hash; /* of the URI's name */
    uint32_t twin;      /* tells instances with the same one apart */
    uint32_t blink_ms;
    uint32_t count;
    struct soft_reader *readers;

    struct os_mutex lock;
    struct os_cond wake;
    struct os_thread thread;
    uint32_t users; /* the host's instance, and each open reader */
    bool threaded;
    bool kicked; /* a timer was set */
    bool stopping;
    uint64_t blink_at_ms; /* the thread's own */
};

/* reader.c */
void soft_reader_init(struct soft_reader *reader, struct soft *soft, uint32_t index,
                      bool present);
void soft_reader_clear(struct soft_reader *reader);
/* Tells the host that the reader is there, or gone. Arriving is refused, with
 * SC_E_SHARING_VIOLATION, while the host has not closed it. */
enum sc_error soft_reader_arrive(struct soft_reader *reader) MUST_CHECK;
void soft_reader_leave(struct soft_reader *reader);
/* Puts the card in or takes it out, and tells the host. */
void soft_reader_set_card(struct soft_reader *reader, bool present);

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

/* timer.c */
/* Starts the thread if it does not run, else makes it look at the timers. */
enum sc_error soft_timer_kick(struct soft *soft) MUST_CHECK;
/* Ends it. No timer runs out any more after that. */
void soft_timer_stop(struct soft *soft);

#endif
