/* SPDX-License-Identifier: BSD-2-Clause */
/* Readers and drivers: which are started, and what becomes of the events they post. */
#include "base/alloc.h"
#include "base/log.h"
#include "base/uri.h"
#include "drivers/registry.h"
#include "host/host_internal.h"
#include "os/config.h"
#include "os/lock.h"
#include "os/setting.h"
#include "os/time.h"

#include <assert.h>
#include <string.h>

/* Names a reader in events: index and the low half of its slot's serial number, so that a
 * late event of a reader that left does not meet the next one in the same entry. */
static uint32_t reader_id(const struct reader *reader)
{
    return reader->index << 16 | (reader->slot.serial & 0xFFFF);
}

static struct reader *reader_of_id(struct host *host, uint32_t id)
{
    uint32_t index = id >> 16;
    os_mutex_lock(&host->lock);
    struct reader *reader =
        index < host->manager.reader_used ? host->manager.readers[index] : NULL;
    if (reader != NULL && reader_id(reader) != id)
        reader = NULL;
    os_mutex_unlock(&host->lock);
    return reader;
}

/* --- Events ------------------------------------------------------------------------- */

static struct host_slot *slot_owner(struct host *host, struct slot *slot)
{
    struct host_slot *hs = slot->owner;
    if (hs == NULL) {
        hs = mem_alloc(sizeof(*hs));
        if (hs == NULL)
            return NULL;
        os_mutex_init(&hs->lock);
        os_stop_init(&hs->stop);
        hs->host = host;
        hs->slot = slot;
        slot->rules = &host->rules;
        slot->owner = hs;
    }
    return hs;
}

/* The manager is locked. */
static enum sc_error admit_reader(struct driver_instance *instance,
                                  const struct reader_info *info, void *device,
                                  uint32_t *id)
{
    struct host *host = instance->host;
    struct reader *reader;
    struct slot_view view;
    if (host->stopping)
        return SC_E_READER_UNAVAILABLE;
    enum sc_error error = manager_reader_add(&host->manager, info, &reader);
    if (error != SC_OK)
        return error;
    struct host_slot *hs = slot_owner(host, &reader->slot);
    if (hs == NULL) {
        manager_reader_remove(&host->manager, reader);
        reader->presence = READER_CLOSED;
        return SC_E_NO_MEMORY;
    }
    os_mutex_lock(&hs->lock);
    hs->driver = instance->driver;
    hs->device = device;
    slot_attach_reader(&reader->slot, info, reader->events);
    hs->shown = reader->slot.version;
    slot_view(&reader->slot, &view);
    *id = reader_id(reader);
    os_mutex_unlock(&hs->lock);
    manager_publish(&host->manager, reader, &view);
    log_info("%s: reader arrived", reader->names[NAME_PCSCLITE]);
    return SC_OK;
}

static enum sc_error on_reader_arrived(struct driver_host *port,
                                       const struct reader_info *info, void *device,
                                       uint32_t *id)
{
    struct driver_instance *instance = (struct driver_instance *)(void *)port;
    struct host *host = instance->host;
    os_mutex_lock(&host->lock);
    enum sc_error error = admit_reader(instance, info, device, id);
    host_wake_watches(host);
    os_mutex_unlock(&host->lock);
    if (error != SC_OK)
        log_error("a reader of %s was refused: %s", instance->driver->scheme,
                  sc_error_words(error));
    return error;
}

static void on_reader_gone(struct driver_host *port, uint32_t id)
{
    struct host *host = ((struct driver_instance *)(void *)port)->host;
    struct reader *reader = reader_of_id(host, id);
    if (reader == NULL)
        return;
    log_info("%s: reader gone", reader->names[NAME_PCSCLITE]);
    os_mutex_lock(&host->lock);
    manager_reader_remove(&host->manager, reader);
    os_mutex_unlock(&host->lock);
    struct host_slot *hs = host_slot_of(&reader->slot);
    os_mutex_lock(&hs->lock);
    slot_reader_gone(&reader->slot, os_now_ms());
    host_slot_unlock(host, hs);
}

static void on_card_event(struct driver_host *port, uint32_t id, enum card_event event)
{
    static const char *const words[] = {
        [CARD_REMOVED] = "removed",
        [CARD_INSERTED] = "inserted",
        [CARD_EXCHANGED] = "removed and inserted",
    };
    struct host *host = ((struct driver_instance *)(void *)port)->host;
    struct reader *reader = reader_of_id(host, id);
    if (reader == NULL)
        return;
    log_info("%s: card %s", reader->names[NAME_PCSCLITE], words[event]);
    struct host_slot *hs = host_slot_of(&reader->slot);
    os_mutex_lock(&hs->lock);
    if (event == CARD_EXCHANGED)
        slot_card_exchanged(&reader->slot, os_now_ms());
    else
        slot_card_event(&reader->slot, event == CARD_INSERTED, os_now_ms());
    host_slot_unlock(host, hs);
}

/* What there is when nobody says which readers: those that are plugged in. */
#define DEFAULT_SCHEME "usb"

/* --- Starting ----------------------------------------------------------------------- */

/* A URI may hold a PIN (soft:?pin=...): only its scheme is logged; drivers say the rest.
 */
static bool start_driver(struct host *host, const char *uri)
{
    char scheme[32] = "?";
    enum sc_error error = uri_get_scheme(uri, scheme, sizeof(scheme));
    const struct driver *driver = error == SC_OK ? driver_find(scheme) : NULL;
    if (error != SC_OK && strlen(uri) < sizeof(scheme) && driver_find(uri) != NULL) {
        log_error("%s: the colon is missing, it is written %s:", uri, uri);
        return false;
    }
    if (error != SC_OK) {
        log_error("a reader URI does not begin with the kind of reader and a colon");
        return false;
    }
    if (driver == NULL || host->instance_count == HOST_DRIVERS_MAX) {
        log_error("%s: %s", scheme,
                  driver == NULL ? "no such kind of reader in this build"
                                 : "too many reader URIs");
        return false;
    }
    struct driver_instance *instance = &host->instances[host->instance_count];
    assert(instance->self == NULL);
    instance->port.reader_arrived = on_reader_arrived;
    instance->port.reader_gone = on_reader_gone;
    instance->port.card_event = on_card_event;
    instance->host = host;
    instance->driver = driver;
    error = driver->start(uri, &instance->port, &instance->self);
    if (error != SC_OK)
        log_error("%s: not started: %s", scheme, sc_error_words(error));
    else
        host->instance_count++;
    return error == SC_OK;
}

static void start_list(void *context, const char *path, const char *text)
{
    struct host *host = context;
    char uri[URI_SIZE_MAX];
    int found;
    while ((found = uri_list_next(&text, uri, sizeof(uri))) != 0) {
        bool started = found > 0 && start_driver(host, uri);
        if (found < 0)
            log_error("%s: a reader URI is longer than %d bytes", path, URI_SIZE_MAX);
        host->refused += started ? 0 : 1;
        host->configured = true;
    }
}

/* They start side by side, and are waited for together. */
static void settle(struct host *host, bool cards)
{
    uint64_t deadline_ms = os_now_ms() + HOST_SETTLE_MS;
    for (uint32_t i = 0; i < host->instance_count; i++) {
        const struct driver_instance *instance = &host->instances[i];
        if (instance->driver->settle != NULL)
            instance->driver->settle(instance->self, cards, deadline_ms);
    }
}

/* The drivers that were left running serve on, whatever the configuration says by now. */
static void reopen_slots(struct host *host)
{
    struct reader *reader;
    uint32_t index = 0;
    while ((reader = host_next_reader(host, &index)) != NULL) {
        struct host_slot *hs = host_slot_of(&reader->slot);
        os_mutex_lock(&hs->lock);
        slot_end_close(hs->slot);
        host_slot_unlock(host, hs);
    }
}

void host_start_drivers(struct host *host, bool cards)
{
    if (host->instance_count > 0)
        host_stop_drivers(host); /* what hung has come back, or hangs still */
    if (host->instance_count > 0) {
        reopen_slots(host);
        return;
    }
    os_mutex_lock(&host->lock);
    host->stopping = false;
    host->manager.resting = false;
    os_mutex_unlock(&host->lock);
    const char *readers = os_setting(SETTING_READERS);
    host->configured = readers != NULL;
    host->refused = 0;
    if (readers != NULL)
        start_list(host, "WINSCARD_READERS", readers);
    else
        os_read_reader_config(start_list, host);
    if (!host->configured && driver_find(DEFAULT_SCHEME) != NULL)
        (void)start_driver(host, DEFAULT_SCHEME ":");
    settle(host, cards);
}

/* --- Stopping ----------------------------------------------------------------------- */

static bool close_slot(struct host *host, struct reader *reader)
{
    struct host_op op;
    struct host_slot *hs = host_slot_of(&reader->slot);
    os_mutex_lock(&hs->lock);
    slot_begin_close(&reader->slot, os_now_ms());
    if (slot_hurry(&reader->slot, os_now_ms()))
        host_slot_stop_job(hs);
    if (!host_op_own(&op, host, hs, REQUEST_CLOSE))
        host_op_wait(&op);
    os_mutex_lock(&hs->lock);
    bool stuck = reader->slot.occupant != NULL;
    host_slot_unlock(host, hs);
    return !stuck;
}

void host_join_tenders(struct host *host)
{
    struct reader *reader;
    uint32_t index = 0;
    while ((reader = host_next_reader(host, &index)) != NULL) {
        struct host_slot *hs = host_slot_of(&reader->slot);
        os_mutex_lock(&hs->lock);
        bool stuck = reader->slot.occupant != NULL;
        os_mutex_unlock(&hs->lock);
        if (!stuck)
            helper_join(host, reader, HELPER_TENDER);
    }
}

void host_stop_drivers(struct host *host)
{
    struct reader *reader;
    uint32_t index = 0;
    bool stuck = false;
    while ((reader = host_next_reader(host, &index)) != NULL) {
        bool closed = close_slot(host, reader);
        if (closed)
            helper_join(host, reader, HELPER_PROBER);
        stuck |= !closed;
    }
    if (stuck) {
        log_error("a driver hangs in a job, though its stop is raised: left running");
        return;
    }
    os_mutex_lock(&host->lock);
    host->stopping = true;
    host->manager.resting = true;
    os_mutex_unlock(&host->lock);
    for (uint32_t i = 0; i < host->instance_count; i++) {
        host->instances[i].driver->stop(host->instances[i].self);
        host->instances[i].self = NULL;
    }
    host->instance_count = 0;
}
