/* SPDX-License-Identifier: BSD-2-Clause */
/* The reader that all drivers share (drivers/kit/reader.h): what the host is told, who uses
 * it, how a job ends early, and when its memory goes. */
#include "base/atomic.h"
#include "drivers/kit/reader.h"
#include "os/thread.h"
#include "os/time.h"
#include "tests/support/check.h"

#include <string.h>

enum { EVENTS_MAX = 32, ID = 77, LONG_MS = CHECK_HANG_MS };

/* An instance with one reader, and its host. */
static struct rig {
    struct driver_host port; /* first: the driver hands it back */
    struct kit_instance kit;
    struct kit_reader reader;
    char told[EVENTS_MAX]; /* R, I or X for each event */
    size_t count;
    bool refuses;         /* the reader */
    bool closes;          /* it as soon as it is gone */
    void (*meddle)(void); /* called once, from inside of the next call of the host */
    uint32_t gone, destroyed;
    uint32_t begun, ended; /* atomic: calls of interrupt() */
} rig;

static void meddle_once(void)
{
    void (*meddle)(void) = rig.meddle;
    rig.meddle = NULL;
    if (meddle != NULL)
        meddle();
}

static enum sc_error on_arrived(struct driver_host *port, const struct reader_info *info,
                                void *reader, uint32_t *id)
{
    CHECK(port == &rig.port && reader == &rig.reader);
    CHECK_EQ(info->card_present, rig.reader.card % 2 != 0);
    meddle_once();
    *id = ID;
    return rig.refuses ? SC_E_NO_MEMORY : SC_OK;
}

static void on_gone(struct driver_host *port, uint32_t id)
{
    (void)port;
    CHECK_EQ(id, ID);
    rig.gone++;
    if (rig.closes)
        kit_reader_close(&rig.reader);
}

static void on_card_event(struct driver_host *port, uint32_t id, enum card_event event)
{
    (void)port;
    CHECK_EQ(id, ID);
    CHECK(rig.count + 1 < EVENTS_MAX);
    rig.told[rig.count++] = "RIX"[event];
    meddle_once();
}

static uint64_t look(void *context)
{
    (void)context;
    return OS_FOREVER;
}

static void destroy(struct kit_instance *instance)
{
    CHECK(instance == &rig.kit);
    rig.destroyed++;
}

static void interrupt(struct kit_reader *reader, bool on)
{
    CHECK(reader == &rig.reader);
    (void)atomic_add_u32(on ? &rig.begun : &rig.ended, 1);
}

static void begin(bool card)
{
    struct reader_info info = {.slot = 0};
    memset(&rig, 0, sizeof(rig));
    rig.port = (struct driver_host){.reader_arrived = on_arrived,
                                    .reader_gone = on_gone,
                                    .card_event = on_card_event};
    rig.closes = true;
    kit_instance_init(&rig.kit, &rig.port, destroy, "test-kit", look);
    rig.kit.interrupt = interrupt;
    kit_reader_init(&rig.reader, &rig.kit);
    (void)kit_reader_set_card(&rig.reader, card);
    CHECK_EQ(kit_reader_arrive(&rig.reader, &info), SC_OK);
}

static void end(void)
{
    kit_instance_stop(&rig.kit);
    CHECK_EQ(rig.destroyed, 1);
}

static struct driver_job asked_of(struct os_stop *stop)
{
    return (struct driver_job){.deadline_ms = os_now_ms() + LONG_MS, .stop = stop};
}

/* --- Events ------------------------------------------------------------------------- */

static void take_out(void)
{
    CHECK(kit_reader_set_card(&rig.reader, false));
}

static void put_in(void)
{
    CHECK(kit_reader_set_card(&rig.reader, true));
}

static void put_in_and_out(void)
{
    put_in();
    take_out();
}

static void try_events(void)
{
    begin(true);
    CHECK_STR(rig.told, "");
    take_out();
    CHECK(!kit_reader_set_card(&rig.reader, false));
    put_in();
    CHECK_STR(rig.told, "RI");
    /* Both known before anybody is told: nobody finds it empty. */
    kit_reader_lock(&rig.reader);
    CHECK(kit_reader_note_card(&rig.reader, false));
    CHECK(kit_reader_note_card(&rig.reader, true));
    kit_reader_note_exchange(&rig.reader);
    kit_reader_unlock(&rig.reader);
    CHECK_STR(rig.told, "RIXX");
    end();
    CHECK_EQ(rig.gone, 1);
}

/* What happens while the host is told of something else comes after that. */
static void try_nested_events(void)
{
    begin(true);
    rig.meddle = put_in_and_out;
    take_out();
    CHECK_STR(rig.told, "RIR");
    end();
}

/* What happens while it arrives is told when the host has given it a name. */
static void try_early_events(void)
{
    struct reader_info info = {.slot = 0};
    begin(true);
    kit_reader_leave(&rig.reader);
    take_out(); /* nobody hears of it */
    rig.meddle = put_in;
    CHECK_EQ(kit_reader_arrive(&rig.reader, &info), SC_OK);
    CHECK_STR(rig.told, "I");
    end();
    CHECK_EQ(rig.gone, 2);
}

/* --- Memory ------------------------------------------------------------------------- */

static void run_close(void *context)
{
    kit_reader_close(context);
}

static void try_memory(void)
{
    struct reader_info info = {.slot = 0};
    struct os_thread thread;
    begin(false);
    rig.closes = false;
    kit_reader_leave(&rig.reader);
    kit_reader_leave(&rig.reader); /* once */
    CHECK_EQ(rig.gone, 1);
    CHECK_EQ(kit_reader_arrive(&rig.reader, &info), SC_E_SHARING_VIOLATION);
    CHECK_EQ(os_thread_start(&thread, "test-close", run_close, &rig.reader), SC_OK);
    kit_reader_await_close(&rig.reader);
    os_thread_join(&thread);
    rig.refuses = true;
    CHECK_EQ(kit_reader_arrive(&rig.reader, &info), SC_E_NO_MEMORY);
    rig.refuses = false;
    CHECK_EQ(kit_reader_arrive(&rig.reader, &info), SC_OK);
    kit_instance_stop(&rig.kit);
    CHECK_EQ(rig.destroyed, 0); /* the host has not closed it */
    kit_reader_close(&rig.reader);
    CHECK_EQ(rig.destroyed, 1);
}

/* --- Use ---------------------------------------------------------------------------- */

struct worker {
    struct os_thread thread;
    struct os_stop stop;
    uint32_t runs; /* atomic: kit_job_begin() has returned */
};

static void run_job(void *context)
{
    struct worker *worker = context;
    struct driver_job asked = asked_of(&worker->stop);
    struct kit_job job;
    kit_job_begin(&job, &rig.reader, &asked, OS_FOREVER);
    atomic_store_u32(&worker->runs, 1);
    enum sc_error error = os_stop_raised(&worker->stop) ? SC_E_CANCELLED : SC_OK;
    CHECK_EQ(kit_job_end(&job, error), error);
}

static void begin_worker(struct worker *worker)
{
    worker->runs = 0;
    os_stop_init(&worker->stop);
    CHECK_EQ(os_thread_start(&worker->thread, "test-job", run_job, worker), SC_OK);
    for (bool there = false; !there; os_thread_yield()) {
        kit_reader_lock(&rig.reader);
        there = rig.reader.job != NULL || atomic_load_u32(&worker->runs) != 0;
        kit_reader_unlock(&rig.reader);
    }
}

static bool begin_look(void)
{
    kit_reader_lock(&rig.reader);
    return kit_reader_begin_look(&rig.reader);
}

/* A job waits for the end of a look, and a look that meets a job does not begin. */
static void try_look(void)
{
    struct worker worker;
    struct os_stop stop = OS_STOP_INIT;
    struct driver_job asked = asked_of(&stop);
    struct kit_job job;
    begin(true);
    CHECK(begin_look());
    CHECK(!begin_look());
    begin_worker(&worker);
    CHECK_EQ(atomic_load_u32(&worker.runs), 0);
    kit_reader_end_look(&rig.reader);
    os_thread_join(&worker.thread);
    CHECK_EQ(atomic_load_u32(&worker.runs), 1);
    kit_job_begin(&job, &rig.reader, &asked, OS_FOREVER);
    CHECK(!begin_look());
    CHECK_EQ(kit_job_end(&job, SC_OK), SC_OK);
    CHECK(begin_look());
    kit_reader_end_look(&rig.reader);
    CHECK_EQ(rig.begun, 0);
    end();
}

/* The stop ends the job that waits, and leaves the look alone. */
static void try_stop_before_turn(void)
{
    struct worker worker;
    begin(true);
    CHECK(begin_look());
    begin_worker(&worker);
    os_stop_raise(&worker.stop);
    os_thread_join(&worker.thread);
    CHECK_EQ(kit_reader_pause(&rig.reader, 1), SC_OK); /* it is the look's */
    CHECK_EQ(rig.begun + rig.ended, 0);
    CHECK(!begin_look());
    kit_reader_end_look(&rig.reader);
    end();
}

static void run_stop(void *context)
{
    os_stop_raise(context);
}

static void try_stop(void)
{
    struct os_stop stop = OS_STOP_INIT;
    struct os_thread thread;
    struct driver_job asked = asked_of(&stop);
    struct kit_job job;
    begin(true);
    kit_job_begin(&job, &rig.reader, &asked, OS_FOREVER);
    CHECK_EQ(os_thread_start(&thread, "test-stop", run_stop, &stop), SC_OK);
    CHECK_EQ(kit_reader_pause(&rig.reader, LONG_MS), SC_E_CANCELLED);
    os_thread_join(&thread);
    CHECK_EQ(kit_job_wait(&job, LONG_MS), SC_E_CANCELLED);
    CHECK_EQ(rig.begun, 1);
    CHECK_EQ(rig.ended, 0);
    CHECK_EQ(kit_job_end(&job, SC_E_CANCELLED), SC_E_CANCELLED);
    CHECK_EQ(rig.ended, 1);
    os_stop_lower(&stop);
    /* What was raised for one is not seen by the next; a sleep without interrupt(). */
    rig.kit.interrupt = NULL;
    kit_job_begin(&job, &rig.reader, &asked, OS_FOREVER);
    CHECK_EQ(kit_job_wait(&job, 1), SC_OK);
    CHECK_EQ(os_thread_start(&thread, "test-stop", run_stop, &stop), SC_OK);
    CHECK_EQ(kit_job_wait(&job, LONG_MS), SC_E_CANCELLED);
    os_thread_join(&thread);
    CHECK_EQ(kit_job_end(&job, SC_E_CANCELLED), SC_E_CANCELLED);
    CHECK_EQ(rig.begun, 1);
    end();
}

int main(void)
{
    try_events();
    try_nested_events();
    try_early_events();
    try_memory();
    try_look();
    try_stop_before_turn();
    try_stop();
    return check_result();
}
