/* SPDX-License-Identifier: BSD-2-Clause */
/* What every driver needs between the driver port and its bus: the memory that has to
 * last until the host has closed each reader, and of a reader whether the host knows it,
 * whether a card is in it, which one, what of that the host has been told, and which job
 * or other thread uses it.
 *
 * A driver puts a struct kit_reader first into its own reader, and hands that to the host.
 * No lock is held while the host is called. */
#ifndef DRIVERS_KIT_READER_H
#define DRIVERS_KIT_READER_H

#include "drivers/kit/attendant.h"
#include "manager/driver.h"
#include "os/stop.h"

struct kit_reader;

/* What a driver's start() makes: first in the driver's own structure. */
struct kit_instance {
    struct driver_host *host;
    uint32_t users; /* atomic: the driver itself, and each reader until its close() */
    void (*destroy)(struct kit_instance *instance);
    /* Ends what a job of the reader waits for on the bus, until it is called once more with
     * `on` false, when that job is over. Called with the reader locked; never blocks. NULL:
     * jobs wait by kit_job_wait() alone. */
    void (*interrupt)(struct kit_reader *reader, bool on);
    struct kit_attendant attendant;    /* runs when it is started */
    struct kit_reader *readers, **end; /* all that were made, in their order */
    uint32_t reader_count;
};

/* The maker is a user, until kit_instance_stop(). `destroy` runs when the last one has let
 * go, in that thread: locks are destroyed by then, and nothing is freed. `name` and
 * look(instance): the attendant's. */
void kit_instance_init(struct kit_instance *instance, struct driver_host *host,
                       void (*destroy)(struct kit_instance *instance), const char *name,
                       uint64_t (*look)(void *instance));
/* For drivers that wait in poll(): makes the wake of the attendant and those of the
 * readers so far. Errors: SC_E_NO_MEMORY. */
enum sc_error kit_instance_add_wakes(struct kit_instance *instance) MUST_CHECK;
/* Has each reader arrive, as describe() says what it is, until one is refused: some are
 * better than none. Errors: those of the first. */
enum sc_error kit_instance_arrive(struct kit_instance *instance,
                                  void (*describe)(const struct kit_reader *reader,
                                                   struct reader_info *info)) MUST_CHECK;
/* As driver.settle(), until each reader's card has come, but not beyond deadline_ms. False:
 * not one has. */
bool kit_instance_await_cards(struct kit_instance *instance, uint64_t deadline_ms);
/* driver.stop: the attendant ends, the readers leave. `self` is a struct kit_instance. */
void kit_instance_stop(void *self);

enum kit_state {
    KIT_AWAY,     /* the host does not know it */
    KIT_ARRIVING, /* it is being told: jobs may run, and its id is not known yet */
    KIT_SERVED,   /* it knows it */
    KIT_LEFT      /* it was told that the reader is gone, and has not closed it */
};

struct kit_reader {
    struct kit_instance *instance;
    struct kit_reader *next; /* of the instance */
    uint32_t number;         /* in it, from 0 */
    struct os_wake wake;     /* raised with the stop of the job that runs */
    struct os_mutex lock;    /* guards what follows, and what a driver adds */
    struct os_cond changed;  /* broadcast when something of it changes */
    enum kit_state state;
    uint32_t id;   /* the host's, while KIT_SERVED */
    uint32_t card; /* changes so far. Odd: a card is in, and this is its number */
    uint32_t told; /* the value of `card` that the host knows of */
    bool posting;  /* a thread tells it the rest */
    /* The job that runs, or waits for the end of a look; NULL: there is none. */
    struct kit_job *job;
    bool looked_at; /* from kit_reader_begin_look() to kit_reader_end_look() */

    /* Of whichever of the two it is. */
    uint32_t powered_card; /* the number of the card that was powered last */
    bool powered;          /* and still is, if it is in */
};

void kit_reader_init(struct kit_reader *reader, struct kit_instance *instance);

/* Tells the host that the reader is there; info->card_present is set here. Errors:
 * SC_E_SHARING_VIOLATION (the host has not closed it after it left), and those of
 * driver_host.reader_arrived. */
enum sc_error kit_reader_arrive(struct kit_reader *reader,
                                struct reader_info *info) MUST_CHECK;
/* Tells the host that it is gone, if it knows it. A job that runs is to end. */
void kit_reader_leave(struct kit_reader *reader);
/* Waits until the host has closed it, if it has left. */
void kit_reader_await_close(struct kit_reader *reader);
/* driver.close: `self` is a struct kit_reader. */
void kit_reader_close(void *self);

void kit_reader_lock(struct kit_reader *reader) LOCKS(reader->lock);
/* Tells the host of each change that it does not know, once and in order, whichever
 * thread comes first, and unlocks. From any thread, from inside a job too. */
void kit_reader_unlock(struct kit_reader *reader) UNLOCKS(reader->lock);
/* A card is in the reader, or is not. True: that is a change. */
bool kit_reader_note_card(struct kit_reader *reader, bool present)
    NEEDS_LOCK(reader->lock);
/* The card that is in has been out, or has lost its power: to the host it is another one. */
void kit_reader_note_exchange(struct kit_reader *reader) NEEDS_LOCK(reader->lock);
bool kit_reader_has_card(const struct kit_reader *reader) MUST_CHECK
    NEEDS_LOCK(reader->lock);
/* Locks, notes, and unlocks. */
bool kit_reader_set_card(struct kit_reader *reader, bool present);

/* A thread other than a job's uses the device for this reader: a job that comes meanwhile
 * waits for the end of that. False: a job runs, or another look. For instances with
 * interrupt(). */
bool kit_reader_begin_look(struct kit_reader *reader) MUST_CHECK UNLOCKS(reader->lock);
void kit_reader_end_look(struct kit_reader *reader);
/* Lets ms go by, in a job or without one. Errors: SC_E_CANCELLED (the stop of the job that
 * runs is raised), for instances with interrupt(). */
enum sc_error kit_reader_pause(struct kit_reader *reader, uint64_t ms) MUST_CHECK;

/* --- Jobs --------------------------------------------------------------------------- */

struct kit_job {
    struct kit_reader *reader;
    struct os_stop *stop;
    uint64_t deadline_ms;
    uint32_t card;    /* the reader's when the job began */
    bool interrupted; /* interrupt(reader, true) was called; under the reader's lock */
    struct os_stop_call stop_call; /* made when it is needed */
};

/* A job of the reader `self`, a struct kit_reader, with a deadline in limit_ms, if the one
 * that is asked for is not sooner. `job` stays in place. If the reader is looked at, waits
 * for the end of that; or until the stop is raised, and then the job is to end at once. */
void kit_job_begin(struct kit_job *job, void *self, const struct driver_job *asked,
                   uint64_t limit_ms);
/* Gives `error` back: if that is that the card is out, after the host has been told
 * (driver.h, rule 7). */
enum sc_error kit_job_end(struct kit_job *job, enum sc_error error) MUST_CHECK;
/* Lets ms go by. Errors, as soon as the job has to end: SC_E_CANCELLED (its stop is
 * raised), SC_E_READER_UNAVAILABLE (the reader has left), SC_W_REMOVED_CARD (the card that
 * was in at its beginning is not in, or there was none), SC_E_TIMEOUT. */
enum sc_error kit_job_wait(struct kit_job *job, uint64_t ms) MUST_CHECK;
/* Waits until done(reader), which is asked with the reader locked; what makes it true wakes
 * the job by a broadcast of `changed`. Errors: as above, and what was done meanwhile counts
 * more. */
enum sc_error kit_job_await(struct kit_job *job,
                            bool (*done)(const struct kit_reader *reader)) MUST_CHECK;
/* A card is in. Errors: as kit_job_wait(), but SC_E_NO_SMARTCARD for SC_W_REMOVED_CARD. */
enum sc_error kit_job_find_card(struct kit_job *job) MUST_CHECK;
/* It is the one that was powered, and still is. Errors: the same, SC_W_REMOVED_CARD (it is
 * another one), SC_F_COMM_ERROR (it was powered off). */
enum sc_error kit_job_find_powered(struct kit_job *job) MUST_CHECK;
/* The card that was in at the beginning has power. */
bool kit_job_is_on(const struct kit_job *job) MUST_CHECK;
/* It has power from now on, or has none. */
void kit_job_note_power(struct kit_job *job, bool on);

#endif
