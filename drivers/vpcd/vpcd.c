/* SPDX-License-Identifier: BSD-2-Clause */
/* The vpcd driver: its URI, its slots' coming and going. */
#include "drivers/vpcd/vpcd.h"

#include "base/alloc.h"
#include "base/atomic.h"
#include "base/log.h"
#include "base/uri.h"
#include "drivers/vpcd/slot.h"
#include "os/lock.h"
#include "os/thread.h"
#include "os/time.h"

#include <stdio.h>
#include <string.h>

enum {
    APDU_TIMEOUT_MS = 300000,
    APDU_TIMEOUT_MAX_MS = 3600000,
    PORT_MAX = 65535,
    /* vicc tries again every 0.2 to 1 s. */
    SETTLE_MS = 1500,
    SETTLE_MAX_MS = 5000
};

/* --- The URI ------------------------------------------------------------------------ */

static enum sc_error reject(const char *what, const char *wanted)
{
    log_error("vpcd: %s is not %s", what, wanted);
    return SC_E_INVALID_VALUE;
}

static bool read_port(const char *text, uint32_t *port)
{
    uint32_t value = 0;
    size_t size = strlen(text);
    if (size == 0)
        return true;
    if (size > 5 || strspn(text, "0123456789") != size)
        return false;
    for (; *text != '\0'; text++)
        value = value * 10 + (uint32_t)(*text - '0');
    *port = value;
    return value <= PORT_MAX;
}

static enum sc_error read_texts(const char *uri, struct vpcd *vpcd)
{
    enum sc_error error = uri_get_text(uri, "bind", vpcd->address, sizeof(vpcd->address));
    if (error == SC_E_FILE_NOT_FOUND)
        snprintf(vpcd->address, sizeof(vpcd->address), "127.0.0.1");
    else if (error != SC_OK)
        return reject("bind", "a numeric address");
    error = uri_get_text(uri, "name", vpcd->name, sizeof(vpcd->name));
    if (error != SC_OK && error != SC_E_FILE_NOT_FOUND)
        return reject("name", "a reader name");
    return SC_OK;
}

static enum sc_error read_uri(const char *uri, struct vpcd *vpcd)
{
    static const char *const keys[] = {"bind",   "slots", "apdu_timeout",
                                       "settle", "name",  NULL};
    char text[64];
    vpcd->first_port = VPCD_PORT_DEFAULT;
    vpcd->slot_count = 1;
    vpcd->apdu_timeout_ms = APDU_TIMEOUT_MS;
    if (uri_check_keys(uri, keys, text, sizeof(text)) != SC_OK)
        return reject(text, "a parameter");
    if (uri_get_path(uri, text, sizeof(text)) != SC_OK
        || !read_port(text, &vpcd->first_port))
        return reject("what follows the colon", "a port, 0 to 65535");
    if (uri_get_number(uri, "slots", 1, VPCD_SLOTS_MAX, &vpcd->slot_count) != SC_OK)
        return reject("slots", "a number from 1 to 16");
    if (vpcd->first_port + vpcd->slot_count - 1 > PORT_MAX)
        return reject("the port of the last slot", "65535 at most");
    if (uri_get_number(uri, "apdu_timeout", 1, APDU_TIMEOUT_MAX_MS,
                       &vpcd->apdu_timeout_ms)
        != SC_OK)
        return reject("apdu_timeout", "a number of milliseconds from 1 to 3600000");
    vpcd->settle_ms = vpcd->first_port != 0 ? SETTLE_MS : 0;
    if (uri_get_number(uri, "settle", 0, SETTLE_MAX_MS, &vpcd->settle_ms) != SC_OK)
        return reject("settle", "a number of milliseconds from 0 to 5000");
    return read_texts(uri, vpcd);
}

/* --- Life --------------------------------------------------------------------------- */

static void close_sockets(struct vpcd *vpcd)
{
    for (uint32_t i = 0; i < vpcd->slot_count; i++) {
        os_socket_close(&vpcd->slots[i].card);
        os_socket_close(&vpcd->slots[i].listener);
    }
}

static void destroy(struct vpcd *vpcd)
{
    close_sockets(vpcd);
    for (uint32_t i = 0; i < vpcd->slot_count; i++) {
        os_wake_destroy(&vpcd->slots[i].stop_wake);
        os_mutex_destroy(&vpcd->slots[i].lock);
    }
    os_wake_destroy(&vpcd->wake);
    os_cond_destroy(&vpcd->came);
    os_mutex_destroy(&vpcd->lock);
    mem_free(vpcd);
}

/* The last user frees: the host may close a reader after it stopped the driver. */
static void release(struct vpcd *vpcd)
{
    os_mutex_lock(&vpcd->lock);
    bool last = --vpcd->users == 0;
    os_mutex_unlock(&vpcd->lock);
    if (last)
        destroy(vpcd);
}

static void add_user(struct vpcd *vpcd)
{
    os_mutex_lock(&vpcd->lock);
    vpcd->users++;
    os_mutex_unlock(&vpcd->lock);
}

/* Everything that can be cleared, before anything can fail. */
static void init(struct vpcd *vpcd, struct driver_host *host)
{
    static const struct os_wake no_wake = {-1, -1};
    static const struct os_socket no_socket = OS_SOCKET_NONE;
    vpcd->host = host;
    vpcd->users = 1;
    vpcd->wake = no_wake;
    os_mutex_init(&vpcd->lock);
    os_cond_init(&vpcd->came);
    for (uint32_t i = 0; i < vpcd->slot_count; i++) {
        struct vpcd_slot *slot = &vpcd->slots[i];
        slot->vpcd = vpcd;
        slot->index = i;
        slot->listener = no_socket;
        slot->card = no_socket;
        slot->stop_wake = no_wake;
        os_mutex_init(&slot->lock);
    }
}

static enum sc_error open_slot(struct vpcd_slot *slot)
{
    struct vpcd *vpcd = slot->vpcd;
    uint32_t port = vpcd->first_port == 0 ? 0 : vpcd->first_port + slot->index;
    enum sc_error error = os_wake_init(&slot->stop_wake);
    if (error == SC_OK)
        error =
            os_socket_listen(vpcd->address, (uint16_t)port, &slot->listener, &slot->port);
    if (error != SC_OK)
        log_error("vpcd: cannot listen on %s port %u: %s", vpcd->address, (unsigned)port,
                  sc_error_words(error));
    else
        log_info("vpcd: cards may connect to %s port %u", vpcd->address,
                 (unsigned)slot->port);
    return error;
}

static enum sc_error open_all(struct vpcd *vpcd)
{
    enum sc_error error = os_wake_init(&vpcd->wake);
    for (uint32_t i = 0; i < vpcd->slot_count && error == SC_OK; i++)
        error = open_slot(&vpcd->slots[i]);
    if (error == SC_OK && !os_address_is_loopback(vpcd->address))
        log_error("vpcd: %s is not of this machine alone: others can be cards here, and "
                  "see the PINs sent to them",
                  vpcd->address);
    return error;
}

static void describe(const struct vpcd_slot *slot, struct reader_info *info)
{
    const struct vpcd *vpcd = slot->vpcd;
    memset(info, 0, sizeof(*info));
    memcpy(info->name, vpcd->name, sizeof(info->name));
    snprintf(info->vendor, sizeof(info->vendor), "Virtual");
    snprintf(info->product, sizeof(info->product), "PCD");
    /* One device with slots, by what no other can listen on at the same time. */
    snprintf(info->device_id, sizeof(info->device_id), "VPCD\\%s\\%u", vpcd->address,
             (unsigned)vpcd->slots[0].port);
    info->version = 0x01000000;
    info->type = READER_TYPE_VENDOR;
    info->channel_id = (uint32_t)READER_TYPE_VENDOR << 16 | slot->port;
    info->slot = slot->index;
}

static enum sc_error arrive_all(struct vpcd *vpcd)
{
    struct driver_host *host = vpcd->host;
    struct reader_info info;
    enum sc_error error = SC_OK;
    for (uint32_t i = 0; i < vpcd->slot_count; i++) {
        struct vpcd_slot *slot = &vpcd->slots[i];
        describe(slot, &info);
        add_user(vpcd);
        error = host->reader_arrived(host, &info, slot, &slot->id);
        slot->served = error == SC_OK;
        vpcd->expected = vpcd->awaited += slot->served ? 1 : 0; /* no thread yet */
        if (slot->served)
            continue;
        release(vpcd);
        os_socket_close(&slot->listener);
        log_error("vpcd port %u: %s", (unsigned)slot->port, sc_error_words(error));
    }
    return vpcd->slots[0].served ? SC_OK : error;
}

static void leave_all(struct vpcd *vpcd)
{
    close_sockets(vpcd);
    for (uint32_t i = 0; i < vpcd->slot_count; i++)
        if (vpcd->slots[i].served)
            vpcd->host->reader_gone(vpcd->host, vpcd->slots[i].id);
    release(vpcd);
}

static enum sc_error vpcd_start(const char *uri, struct driver_host *host, void **self)
{
    struct vpcd *vpcd = mem_alloc(sizeof(*vpcd));
    if (vpcd == NULL)
        return SC_E_NO_MEMORY;
    enum sc_error error = read_uri(uri, vpcd);
    if (error != SC_OK) {
        mem_free(vpcd);
        return error;
    }
    init(vpcd, host);
    error = open_all(vpcd);
    if (error == SC_OK)
        error = arrive_all(vpcd);
    if (error == SC_OK)
        error = os_thread_start(&vpcd->thread, "scard-vpcd", vpcd_run, vpcd);
    if (error != SC_OK)
        leave_all(vpcd);
    else
        *self = vpcd;
    return error;
}

/* Simulated cards learn of the port when they look for it next. */
static void vpcd_settle(void *self, bool cards, uint64_t deadline_ms)
{
    static uint32_t in_vain; /* this process has waited for a card, and none came */
    struct vpcd *vpcd = self;
    uint64_t limit_ms = os_now_ms() + vpcd->settle_ms;
    if (!cards || vpcd->settle_ms == 0 || atomic_load_u32(&in_vain) != 0)
        return;
    if (limit_ms > deadline_ms)
        limit_ms = deadline_ms;
    os_mutex_lock(&vpcd->lock);
    while (vpcd->awaited > 0 && os_cond_wait(&vpcd->came, &vpcd->lock, limit_ms)) {
    }
    bool none_came = vpcd->awaited == vpcd->expected;
    os_mutex_unlock(&vpcd->lock);
    if (none_came)
        atomic_store_u32(&in_vain, 1);
}

static void vpcd_stop(void *self)
{
    struct vpcd *vpcd = self;
    os_mutex_lock(&vpcd->lock);
    vpcd->stopping = true;
    os_mutex_unlock(&vpcd->lock);
    os_wake_raise(&vpcd->wake);
    os_thread_join(&vpcd->thread);
    leave_all(vpcd);
}

static void vpcd_close(void *self)
{
    struct vpcd_slot *slot = self;
    release(slot->vpcd);
}

const struct driver vpcd_driver = {.scheme = "vpcd",
                                   .start = vpcd_start,
                                   .settle = vpcd_settle,
                                   .stop = vpcd_stop,
                                   .power = vpcd_slot_power,
                                   .set_protocol = vpcd_slot_set_protocol,
                                   .transmit = vpcd_slot_transmit,
                                   .control = vpcd_slot_control,
                                   .close = vpcd_close};
