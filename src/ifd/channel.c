/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifd/channel.h"

#include "base/alloc.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/uri.h"
#include "drivers/registry.h"
#include "os/endpoint.h"
#include "os/setting.h"
#include "os/time.h"

#include <stdio.h>
#include <string.h>

enum { DEVICE_SIZE = sizeof("001/004") };

/* Of a reader by its number of pcscd's. Taken without a channel: its driver is starting, for
 * which no other reader waits. */
struct place {
    bool taken;
    uint32_t number;
    char device[DEVICE_SIZE]; /* "001/004" of USB, or "" */
    struct channel *channel;
};

/* What a name means. */
struct target {
    char uri[URI_SIZE_MAX];
    char device[DEVICE_SIZE];
};

static struct {
    struct os_mutex lock;
    struct place places[CHANNELS_MAX];
} open = {.lock = OS_MUTEX_INIT};

/* --- What the driver tells ------------------------------------------------------------- */

static struct channel *channel_of(struct driver_host *port)
{
    return (struct channel *)(void *)port;
}

static struct ifd_slot *slot_by_id(struct channel *channel, uint32_t id)
    NEEDS_LOCK(channel->lock)
{
    for (size_t i = 0; i < CHANNEL_SLOTS_MAX; i++)
        if (channel->slots[i].reader != NULL && channel->slots[i].id == id)
            return &channel->slots[i];
    return NULL;
}

/* In their order; one that comes again takes its old place. */
static enum sc_error on_arrived(struct driver_host *port, const struct reader_info *info,
                                void *reader, uint32_t *id)
{
    struct channel *channel = channel_of(port);
    enum sc_error error = SC_E_NO_MEMORY;
    os_mutex_lock(&channel->lock);
    for (size_t i = 0; i < CHANNEL_SLOTS_MAX && error != SC_OK; i++) {
        struct ifd_slot *slot = &channel->slots[i];
        if (slot->reader != NULL)
            continue;
        *id = slot->id = ++channel->next_id;
        slot->info = *info;
        slot->reader = reader;
        slot->gone = false;
        slot->present = info->card_present;
        slot->moves++;
        slot->atr_size = 0;
        slot->protocol = 0;
        error = SC_OK;
        os_cond_broadcast(&channel->changed);
    }
    os_mutex_unlock(&channel->lock);
    return error;
}

/* The slot is locked by its channel, which is unlocked for the call. */
static void close_if_done(struct channel *channel, struct ifd_slot *slot)
    NEEDS_LOCK(channel->lock)
{
    void *reader = slot->reader;
    if (reader == NULL || !slot->gone || slot->in_job)
        return;
    slot->in_job = true; /* the place is not free yet */
    os_mutex_unlock(&channel->lock);
    channel->driver->close(reader);
    os_mutex_lock(&channel->lock);
    slot->in_job = false;
    slot->reader = NULL;
    os_cond_broadcast(&channel->changed);
}

static void on_gone(struct driver_host *port, uint32_t id)
{
    struct channel *channel = channel_of(port);
    os_mutex_lock(&channel->lock);
    struct ifd_slot *slot = slot_by_id(channel, id);
    if (slot != NULL) {
        slot->gone = true;
        slot->present = false;
        slot->moves++;
        os_cond_broadcast(&channel->changed);
        close_if_done(channel, slot);
    }
    os_mutex_unlock(&channel->lock);
}

static void on_card(struct driver_host *port, uint32_t id, enum card_event event)
{
    struct channel *channel = channel_of(port);
    os_mutex_lock(&channel->lock);
    struct ifd_slot *slot = slot_by_id(channel, id);
    if (slot != NULL) {
        slot->present = event != CARD_REMOVED;
        slot->atr_size = 0;
        slot->protocol = 0;
        slot->moves++;
        os_cond_broadcast(&channel->changed);
    }
    os_mutex_unlock(&channel->lock);
}

/* --- Names ----------------------------------------------------------------------------- */

/* "usb:08e6/3437:libudev:0:/dev/bus/usb/001/004" is pcscd's way to say which device. */
static bool is_device(const char *name)
{
    enum { DIGITS = 4 };
    static const char scheme[] = "usb:";
    uint8_t bytes[DIGITS / 2];
    size_t size = 0;
    const char *vendor = name + strlen(scheme);
    if (strncmp(name, scheme, strlen(scheme)) != 0 || strlen(vendor) < 2 * DIGITS + 1)
        return false;
    return vendor[DIGITS] == '/'
           && hex_decode(vendor, DIGITS, bytes, sizeof(bytes), &size) == SC_OK
           && hex_decode(vendor + DIGITS + 1, DIGITS, bytes, sizeof(bytes), &size)
                  == SC_OK;
}

/* "001/004" of such a name, or "" of one that does not say it. */
static const char *place_in(const char *name)
{
    const char *nodes = os_usb_nodes();
    const char *node = strstr(name, nodes);
    return node != NULL && node[strlen(nodes)] == '/' ? node + strlen(nodes) + 1 : "";
}

/* One of USB is the same of ours, by its numbers and its place. Others are as they are, in
 * quotation marks or without: pcscd's file wants these around a question mark, and hands them
 * on. */
static bool read_name(const char *name, struct target *target)
{
    enum { SCHEME = 4, DIGITS = 4 };
    size_t length = strlen(name);
    bool quoted = length >= 2 && name[0] == '"' && name[length - 1] == '"';
    int size;
    target->device[0] = '\0';
    if (is_device(name)) {
        (void)snprintf(target->device, DEVICE_SIZE, "%s", place_in(name));
        size = snprintf(target->uri, URI_SIZE_MAX, "usb:%.4s:%.4s%s%s", name + SCHEME,
                        name + SCHEME + DIGITS + 1,
                        target->device[0] != '\0' ? "?device=" : "", target->device);
    } else {
        size = snprintf(target->uri, URI_SIZE_MAX, "%.*s",
                        (int)(quoted ? length - 2 : length), name + (quoted ? 1 : 0));
    }
    return size > 0 && size < URI_SIZE_MAX;
}

static const struct driver *find_driver(const char *uri)
{
    char scheme[32];
    size_t size = strcspn(uri, ":");
    if (uri[size] != ':' || size >= sizeof(scheme))
        return NULL;
    memcpy(scheme, uri, size);
    scheme[size] = '\0';
    return driver_find(scheme);
}

/* --- Life ------------------------------------------------------------------------------ */

static bool has_readers(struct channel *channel) NEEDS_LOCK(channel->lock)
{
    for (size_t i = 0; i < CHANNEL_SLOTS_MAX; i++)
        if (channel->slots[i].reader != NULL && !channel->slots[i].gone)
            return true;
    return false;
}

/* A reader that is about to come, as one on USB, is waited for. */
static bool await_readers(struct channel *channel)
{
    uint64_t limit_ms = os_now_ms() + CHANNEL_ARRIVE_MS;
    if (channel->driver->settle != NULL)
        channel->driver->settle(channel->self, true, limit_ms);
    os_mutex_lock(&channel->lock);
    while (!has_readers(channel)
           && os_cond_wait(&channel->changed, &channel->lock, limit_ms)) {
    }
    bool found = has_readers(channel);
    os_mutex_unlock(&channel->lock);
    return found;
}

static void free_channel(struct channel *channel)
{
    os_cond_destroy(&channel->changed);
    os_mutex_destroy(&channel->lock);
    mem_free(channel);
}

static void stop_channel(struct channel *channel)
{
    channel->driver->stop(channel->self);
    free_channel(channel);
}

static enum sc_error start_channel(const char *uri, struct channel **made)
{
    struct channel *channel = mem_alloc(sizeof(*channel));
    if (channel == NULL)
        return SC_E_NO_MEMORY;
    channel->port = (struct driver_host){
        .reader_arrived = on_arrived, .reader_gone = on_gone, .card_event = on_card};
    os_mutex_init(&channel->lock);
    os_cond_init(&channel->changed);
    for (size_t i = 0; i < CHANNEL_SLOTS_MAX; i++)
        os_stop_init(&channel->slots[i].stop);
    channel->driver = find_driver(uri);
    enum sc_error error =
        channel->driver != NULL
            ? channel->driver->start(uri, &channel->port, &channel->self)
            : SC_E_INVALID_VALUE;
    if (error != SC_OK) {
        free_channel(channel);
        return error;
    }
    if (!await_readers(channel)) {
        stop_channel(channel);
        return SC_E_READER_UNAVAILABLE;
    }
    *made = channel;
    return SC_OK;
}

static struct place *place_of(uint32_t number) NEEDS_LOCK(open.lock)
{
    struct place *vacant = NULL;
    for (size_t i = 0; i < CHANNELS_MAX; i++) {
        if (!open.places[i].taken)
            vacant = &open.places[i];
        else if (open.places[i].number == number)
            return &open.places[i];
    }
    return vacant;
}

/* pcscd opens a device once for each of its interfaces; the first has all of its slots. */
static bool is_served(const char *device) NEEDS_LOCK(open.lock)
{
    for (size_t i = 0; i < CHANNELS_MAX; i++)
        if (open.places[i].taken && device[0] != '\0'
            && strcmp(open.places[i].device, device) == 0)
            return true;
    return false;
}

/* NULL: it has none yet, or none any more. */
static struct channel *channel_at(const struct place *place) NEEDS_LOCK(open.lock)
{
    return place != NULL && place->taken ? place->channel : NULL;
}

static uint32_t slot_bit(uint32_t lun)
{
    uint32_t slot = lun & 0xFFFF;
    return slot < CHANNEL_SLOTS_MAX ? UINT32_C(1) << slot : 0;
}

/* Unlocked meanwhile: a reader that is about to come is waited for. */
static enum sc_error start_at(struct place *place, uint32_t number,
                              const struct target *target) NEEDS_LOCK(open.lock)
{
    struct channel *channel = NULL;
    *place = (struct place){.taken = true, .number = number};
    memcpy(place->device, target->device, sizeof(place->device));
    os_mutex_unlock(&open.lock);
    enum sc_error error = start_channel(target->uri, &channel);
    os_mutex_lock(&open.lock);
    place->channel = channel;
    place->taken = error == SC_OK;
    return error;
}

enum sc_error channel_open(uint32_t lun, const char *name)
{
    struct target target;
    enum sc_error error = SC_OK;
    log_take_setting(os_setting(SETTING_LOG));
    if (!read_name(name, &target) || slot_bit(lun) == 0)
        return SC_E_INVALID_VALUE;
    os_mutex_lock(&open.lock);
    struct place *place = place_of(lun >> 16);
    if (place == NULL)
        error = SC_E_NO_MEMORY;
    else if (!place->taken && !is_served(target.device))
        error = start_at(place, lun >> 16, &target);
    else if (channel_at(place) == NULL)
        error = SC_E_SHARING_VIOLATION;
    if (error == SC_OK)
        place->channel->opened |= slot_bit(lun);
    os_mutex_unlock(&open.lock);
    if (error != SC_OK)
        log_error("%s: %s", name, sc_error_words(error));
    return error;
}

bool channel_close(uint32_t lun)
{
    struct channel *last = NULL;
    os_mutex_lock(&open.lock);
    struct place *place = place_of(lun >> 16);
    struct channel *channel = channel_at(place);
    bool found = channel != NULL && (channel->opened & slot_bit(lun)) != 0;
    if (found)
        channel->opened &= ~slot_bit(lun);
    if (found && channel->opened == 0) {
        last = channel;
        *place = (struct place){.taken = false};
    }
    os_mutex_unlock(&open.lock);
    if (last != NULL)
        stop_channel(last);
    return found;
}

struct channel *channel_find(uint32_t lun)
{
    os_mutex_lock(&open.lock);
    struct channel *found = channel_at(place_of(lun >> 16));
    bool is_open = found != NULL && (found->opened & slot_bit(lun)) != 0;
    os_mutex_unlock(&open.lock);
    return is_open ? found : NULL;
}

/* --- Jobs ------------------------------------------------------------------------------ */

struct ifd_slot *channel_begin(struct channel *channel, uint32_t number,
                               struct driver_job *job, uint32_t ms)
{
    struct ifd_slot *slot = &channel->slots[number];
    os_mutex_lock(&channel->lock);
    while (slot->in_job)
        os_cond_wait(&channel->changed, &channel->lock, OS_FOREVER);
    bool there = slot->reader != NULL && !slot->gone;
    slot->in_job = there;
    os_mutex_unlock(&channel->lock);
    if (!there)
        return NULL;
    *job = (struct driver_job){.deadline_ms = os_now_ms() + ms, .stop = &slot->stop};
    return slot;
}

void channel_end(struct channel *channel, struct ifd_slot *slot)
{
    os_mutex_lock(&channel->lock);
    slot->in_job = false;
    close_if_done(channel, slot);
    os_cond_broadcast(&channel->changed);
    os_mutex_unlock(&channel->lock);
}
