/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver: its URI, hotplug, and the thread that serves libusb. */
#include "drivers/ccid_usb/usb.h"

#include "base/alloc.h"
#include "base/atomic.h"
#include "base/log.h"
#include "drivers/ccid/settings.h"
#include "os/descriptor.h"
#include "os/lock.h"
#include "os/thread.h"
#include "os/time.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* usb->looking */
enum { DOES_NOT_LOOK, BEGINS_TO_LOOK, LOOKS };

enum { EVENTS_SECONDS = 86400 };

/* --- The URI ------------------------------------------------------------------------ */

/* "001/004". */
static bool read_place(const char *text, void *value)
{
    enum { DIGITS = 3, MOST = 255 };
    struct usb_place *place = value;
    uint8_t *const numbers[] = {&place->bus, &place->address};
    if (strlen(text) != 2 * DIGITS + 1 || text[DIGITS] != '/')
        return false;
    for (size_t i = 0; i < 2; i++, text += DIGITS + 1) {
        uint32_t number = 0;
        for (size_t digit = 0; digit < DIGITS; digit++) {
            if (text[digit] < '0' || text[digit] > '9')
                return false;
            number = number * 10 + (uint32_t)(text[digit] - '0');
        }
        if (number == 0 || number > MOST)
            return false;
        *numbers[i] = (uint8_t)number;
    }
    return true;
}

static const struct kit_setting usb_settings[] = {
    {"", KIT_PARSED, offsetof(struct ccid_usb, only), .parse = kit_usb_read_ids,
     .wanted = "idVendor or idVendor:idProduct"},
    {"device", KIT_PARSED, offsetof(struct ccid_usb, place), .parse = read_place,
     .wanted = "BUS/ADDRESS, three digits each, from 001 to 255"},
    CCID_SETTING_ROWS(struct ccid_usb, settings),
    {.key = NULL}};

static enum sc_error read_usb_uri(const char *uri, struct ccid_usb *usb)
{
    ccid_settings_init(&usb->settings);
    return kit_settings_read(uri, usb_settings, usb);
}

/* --- Devices ------------------------------------------------------------------------ */

/* NULL, or a device that has finished; out of the list. The driver is locked. */
static struct usb_device *take_finished(struct ccid_usb *usb) NEEDS_LOCK(usb->lock)
{
    struct list_link *at;
    LIST_FOR_EACH(at, &usb->devices)
    {
        struct usb_device *device = LIST_ENTRY(at, struct usb_device, link);
        if (!device->finished)
            continue;
        list_remove(at);
        return device;
    }
    return NULL;
}

/* A device has ended, and no look has seen it leave: should it be there at the next one, it is
 * a new one. Windows' libusb has the same object for what is plugged in again there. */
static void forget_seen(struct ccid_usb *usb, libusb_device *device)
{
    libusb_device **at = usb->seen;
    while (at != NULL && *at != NULL && *at != device)
        at++;
    if (at == NULL || *at == NULL)
        return;
    libusb_unref_device(device);
    for (; *at != NULL; at++)
        *at = at[1];
}

/* Lets go of the devices that have finished; `all`: waits until there is none left. */
static void reap(struct ccid_usb *usb, bool all)
{
    os_mutex_lock(&usb->lock);
    for (;;) {
        struct usb_device *device = take_finished(usb);
        if (device == NULL && (!all || usb->device_count == 0))
            break;
        if (device == NULL) {
            os_cond_wait(&usb->changed, &usb->lock, OS_FOREVER);
            continue;
        }
        os_mutex_unlock(&usb->lock);
        if (!all && atomic_load_u32(&usb->looking) == LOOKS)
            forget_seen(usb, device->device); /* this is the thread that looks */
        ccid_device_release(&device->ccid);
        os_mutex_lock(&usb->lock);
    }
    os_mutex_unlock(&usb->lock);
}

static bool is_device_wanted(const struct ccid_usb *usb, const struct usb_device *device)
{
    const struct ccid_identity *identity = &device->pipes[0].port.ccid.identity;
    const struct usb_place *place = &usb->place;
    return (usb->only.vendor == 0 || identity->vendor_id == usb->only.vendor)
           && (usb->only.product == 0 || identity->product_id == usb->only.product)
           && (place->bus == 0
               || (place->bus == libusb_get_bus_number(device->device)
                   && place->address == libusb_get_device_address(device->device)));
}

/* libusb may tell of a device both while it lists those that are there and as an arrival,
 * even at once. Under the lock. */
static bool is_device_known(const struct ccid_usb *usb, const libusb_device *found)
    NEEDS_LOCK(usb->lock)
{
    struct list_link *at;
    LIST_FOR_EACH(at, &usb->devices)
    {
        if (LIST_ENTRY(at, struct usb_device, link)->device == found)
            return true;
    }
    return false;
}

/* False: it is in the list already, or there is no room. */
static bool enlist_device(struct ccid_usb *usb, struct usb_device *device)
{
    os_mutex_lock(&usb->lock);
    bool known = is_device_known(usb, device->device);
    bool room = usb->device_count <= USB_DEVICES_MAX; /* this one is counted */
    bool taken = !known && room && !usb->stopping;
    if (taken) {
        usb->unsettled += device->awaited ? 1 : 0;
        list_append(&usb->devices, &device->link);
    }
    os_mutex_unlock(&usb->lock);
    if (!known && !room)
        log_error("usb: more than %d readers", USB_DEVICES_MAX);
    return taken;
}

static bool start_device(struct ccid_usb *usb, struct usb_device *device)
{
    if (ccid_device_start(&device->ccid) == SC_OK)
        return true;
    log_error("usb: no thread for another reader");
    os_mutex_lock(&usb->lock);
    list_remove(&device->link);
    usb->unsettled -= device->awaited ? 1 : 0;
    os_mutex_unlock(&usb->lock);
    return false;
}

static void add_usb_device(struct ccid_usb *usb, libusb_device *found, bool first)
{
    struct usb_device *device = usb_device_new(usb, found);
    if (device == NULL)
        return;
    device->awaited = first;
    if (!usb_scan(device) || !is_device_wanted(usb, device) || !enlist_device(usb, device)
        || !start_device(usb, device))
        ccid_device_release(&device->ccid);
}

static void remove_usb_device(struct ccid_usb *usb, const libusb_device *left)
{
    os_mutex_lock(&usb->lock);
    struct list_link *at;
    LIST_FOR_EACH(at, &usb->devices)
    {
        struct usb_device *device = LIST_ENTRY(at, struct usb_device, link);
        if (device->device == left)
            ccid_device_leave(&device->ccid);
    }
    os_mutex_unlock(&usb->lock);
}

/* In the thread that serves libusb, and for what is there at start in that of start(). */
static int LIBUSB_CALL on_hotplug(libusb_context *context, libusb_device *device,
                                  libusb_hotplug_event event, void *self)
{
    struct ccid_usb *usb = self;
    (void)context;
    if (event == LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT)
        remove_usb_device(usb, device);
    else
        add_usb_device(usb, device, atomic_load_u32(&usb->listing) != 0);
    return 0;
}

/* --- Looks, where libusb tells nothing ----------------------------------------------- */

static bool is_in_list(libusb_device *const *list, const libusb_device *device)
{
    for (; list != NULL && *list != NULL; list++) {
        if (*list == device)
            return true;
    }
    return false;
}

/* What has come and gone since the last look. libusb knows a device by the same object for
 * as long as anybody holds it, and the last list does. */
static void look(struct ccid_usb *usb, bool first)
{
    libusb_device **list = NULL, **seen = usb->seen;
    if (libusb_get_device_list(usb->context, &list) < 0)
        return;
    for (libusb_device **at = list; *at != NULL; at++)
        if (!is_in_list(seen, *at))
            add_usb_device(usb, *at, first);
    for (libusb_device **at = seen; at != NULL && *at != NULL; at++)
        if (!is_in_list(list, *at))
            remove_usb_device(usb, *at);
    if (seen != NULL)
        libusb_free_device_list(seen, 1);
    usb->seen = list;
}

/* By calls of libusb's where it knows of arrivals; by looks where it does not. */
static void find_devices(struct ccid_usb *usb)
{
    int events = LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT;
    libusb_hotplug_callback_handle handle = 0;
    int code = LIBUSB_ERROR_NOT_SUPPORTED;
    if (libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG) != 0)
        code = libusb_hotplug_register_callback(
            usb->context, events, LIBUSB_HOTPLUG_ENUMERATE, LIBUSB_HOTPLUG_MATCH_ANY,
            LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY, on_hotplug, usb, &handle);
    if (code == LIBUSB_SUCCESS) {
        usb->hotplug = handle;
        return;
    }
    log_info("usb: libusb does not tell of readers that come: they are looked for every "
             "%d ms",
             USB_LOOK_MS);
    atomic_store_u32(&usb->looking, BEGINS_TO_LOOK);
    look(usb, true);
    atomic_store_u32(&usb->looking, LOOKS);
    libusb_interrupt_event_handler(usb->context);
}

/* --- Life --------------------------------------------------------------------------- */

static bool is_stopping(struct ccid_usb *usb)
{
    os_mutex_lock(&usb->lock);
    bool stopping = usb->stopping && usb->device_count == 0;
    os_mutex_unlock(&usb->lock);
    return stopping;
}

/* libusb finishes transfers and reports hotplug only while somebody serves it. */
static void serve_libusb(void *context)
{
    struct ccid_usb *usb = context;
    uint64_t next_look_ms = os_now_ms() + USB_LOOK_MS;
    while (!is_stopping(usb)) {
        uint32_t looking = atomic_load_u32(&usb->looking);
        if (looking != BEGINS_TO_LOOK) /* what ends meanwhile is let go of after that */
            reap(usb, false);          /* a device that has finished wakes us up */
        struct timeval limit = {.tv_sec = EVENTS_SECONDS};
        if (looking == LOOKS)
            limit = (struct timeval){.tv_usec = USB_LOOK_MS % 1000 * 1000L,
                                     .tv_sec = USB_LOOK_MS / 1000};
        (void)libusb_handle_events_timeout_completed(usb->context, &limit, NULL);
        if (looking != LOOKS || os_now_ms() < next_look_ms)
            continue;
        look(usb, false);
        next_look_ms = os_now_ms() + USB_LOOK_MS;
    }
}

static void destroy_usb(struct ccid_usb *usb)
{
    assert(usb->device_count == 0);
    if (usb->seen != NULL)
        libusb_free_device_list(usb->seen, 1);
    if (usb->context != NULL)
        libusb_exit(usb->context);
    os_cond_destroy(&usb->changed);
    os_mutex_destroy(&usb->lock);
    mem_free(usb);
}

static void open_libusb(void *context)
{
    struct ccid_usb *usb = context;
    if (libusb_init(&usb->context) != LIBUSB_SUCCESS)
        usb->context = NULL;
}

/* libusb starts a thread for what is plugged in, which has the signals of the one that asks
 * for it. The program's, or Wine's, are not for it to handle: a thread of ours, which blocks
 * them all, asks. */
static enum sc_error begin_libusb(struct ccid_usb *usb)
{
    struct os_thread thread;
    enum sc_error error = os_thread_start(&thread, "scard-usb", open_libusb, usb);
    if (error != SC_OK)
        return error;
    os_thread_join(&thread);
    if (usb->context != NULL)
        return SC_OK;
    log_info("usb: there is no USB on this machine, or no access to it");
    return SC_E_READER_UNAVAILABLE;
}

static enum sc_error usb_start(const char *uri, struct driver_host *host, void **self)
{
    struct ccid_usb *usb = mem_alloc(sizeof(*usb));
    if (usb == NULL)
        return SC_E_NO_MEMORY;
    usb->host = host;
    os_mutex_init(&usb->lock);
    os_cond_init(&usb->changed);
    list_init(&usb->devices);
    usb->listing = 1;
    enum sc_error error = read_usb_uri(uri, usb);
    os_descriptors_fill(); /* libusb keeps what open() gives it */
    if (error == SC_OK)
        error = begin_libusb(usb);
    if (error == SC_OK)
        error = os_thread_start(&usb->thread, "scard-usb", serve_libusb, usb);
    if (error != SC_OK) {
        destroy_usb(usb);
        return error;
    }
    find_devices(usb);
    atomic_store_u32(&usb->listing, 0);
    *self = usb;
    return SC_OK;
}

/* Until the readers that were there at start are served, so that a program that asks at
 * once finds them. */
static void usb_settle(void *self, bool cards, uint64_t deadline_ms)
{
    (void)cards; /* a reader is posted with the card that is in */
    struct ccid_usb *usb = self;
    uint64_t limit_ms = os_now_ms() + USB_SETTLE_MS;
    if (limit_ms > deadline_ms)
        limit_ms = deadline_ms;
    os_mutex_lock(&usb->lock);
    while (usb->unsettled > 0 && os_cond_wait(&usb->changed, &usb->lock, limit_ms)) {
    }
    os_mutex_unlock(&usb->lock);
}

static void usb_stop(void *self)
{
    struct ccid_usb *usb = self;
    struct list_link *at;
    if (usb->hotplug != 0)
        libusb_hotplug_deregister_callback(usb->context, usb->hotplug);
    os_mutex_lock(&usb->lock);
    usb->stopping = true;
    LIST_FOR_EACH(at, &usb->devices)
    {
        ccid_device_leave(&LIST_ENTRY(at, struct usb_device, link)->ccid);
    }
    os_mutex_unlock(&usb->lock);
    reap(usb, true);
    libusb_interrupt_event_handler(usb->context);
    os_thread_join(&usb->thread);
    destroy_usb(usb);
}

const struct driver ccid_usb_driver = {.scheme = "usb",
                                       .start = usb_start,
                                       .settle = usb_settle,
                                       .stop = usb_stop,
                                       .power = ccid_slot_power,
                                       .set_protocol = ccid_slot_set_protocol,
                                       .transmit = ccid_slot_transmit,
                                       .control = ccid_slot_control,
                                       .get_attribute = ccid_slot_get_attribute,
                                       .set_attribute = ccid_slot_set_attribute,
                                       .close = kit_reader_close};
