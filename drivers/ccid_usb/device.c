/* SPDX-License-Identifier: BSD-2-Clause */
/* A device's life, in a thread of its own: opening, events, polling, closing. */
#include "base/alloc.h"
#include "base/log.h"
#include "drivers/ccid_usb/usb.h"
#include "os/descriptor.h"
#include "os/lock.h"
#include "os/time.h"

#include <string.h>

enum { REVIVE_DOUBLINGS = 6 }; /* 1, 2, 4, 8, 16, 32 s */

/* --- Being told --------------------------------------------------------------------- */

void usb_device_notify(struct usb_device *device)
{
    os_mutex_lock(&device->lock);
    device->news = true;
    os_cond_broadcast(&device->wake);
    os_mutex_unlock(&device->lock);
}

static void on_changed(struct ccid_interface *ccid)
{
    usb_device_notify(((struct usb_pipe *)(void *)ccid->transport)->device);
}

void usb_device_leave(struct usb_device *device)
{
    os_mutex_lock(&device->lock);
    device->gone = true;
    os_cond_broadcast(&device->wake);
    os_mutex_unlock(&device->lock);
    for (uint32_t i = 0; i < device->pipe_count; i++) {
        struct usb_pipe *pipe = &device->pipes[i];
        os_mutex_lock(&pipe->lock);
        pipe->leaving = true;
        os_cond_broadcast(&pipe->done);
        os_mutex_unlock(&pipe->lock);
    }
}

static bool is_gone(struct usb_device *device)
{
    os_mutex_lock(&device->lock);
    bool gone = device->gone;
    os_mutex_unlock(&device->lock);
    return gone;
}

/* --- Opening ------------------------------------------------------------------------ */

static void listen_to(struct usb_pipe *pipe)
{
    bool token = pipe->ccid.kind != CCID_KIND_BULK;
    if (pipe->endpoint_interrupt == 0) {
        pipe->polled = !token; /* a token's card never leaves it */
        return;
    }
    enum sc_error error = usb_pipe_listen(pipe);
    if (error != SC_OK && error != SC_E_READER_UNAVAILABLE)
        log_error("usb: the interrupt endpoint does not work: polling instead");
}

/* An interface that is claimed; it is closed if the reader does not answer. */
static enum sc_error greet(struct usb_device *device, struct usb_pipe *pipe)
{
    struct ccid_interface *ccid = &pipe->ccid;
    ccid->transport = &pipe->transport;
    ccid->settings = device->usb->settings;
    ccid->changed = on_changed;
    ccid->gate = (ccid->quirks & QUIRK_ONE_AT_A_TIME) != 0 ? &device->gate : NULL;
    ccid->identity.vendor_id = device->vendor_id;
    ccid->identity.product_id = device->product_id;
    ccid->identity.version = device->version;
    ccid->identity.bus = libusb_get_bus_number(device->device);
    ccid->identity.address = libusb_get_device_address(device->device);
    ccid->identity.interface_number = pipe->number;
    enum sc_error error = ccid_interface_open(ccid);
    os_mutex_lock(&pipe->lock);
    pipe->opening = false;
    os_mutex_unlock(&pipe->lock);
    if (error != SC_OK)
        usb_pipe_close(pipe);
    return error;
}

static enum sc_error open_device(struct usb_device *device)
{
    int configuration = 0;
    os_descriptors_fill(); /* libusb keeps what open() gives it */
    enum sc_error error = usb_error(libusb_open(device->device, &device->handle));
    if (error != SC_OK) {
        device->handle = NULL;
        return error;
    }
    (void)libusb_set_auto_detach_kernel_driver(device->handle, 1);
    /* Setting it again would reset what others do with the device. */
    if (libusb_get_configuration(device->handle, &configuration) == LIBUSB_SUCCESS
        && configuration == 0)
        error = usb_error(libusb_set_configuration(device->handle, 1));
    if (error == SC_OK)
        usb_read_names(device);
    return error;
}

/* --- Readers ------------------------------------------------------------------------ */

static void count_reader(struct usb_pipe *pipe, int change)
{
    os_mutex_lock(&pipe->device->lock);
    pipe->readers += (uint32_t)change;
    os_mutex_unlock(&pipe->device->lock);
}

static void arrive(struct usb_pipe *pipe, struct ccid_slot *slot)
{
    struct driver_host *host = pipe->device->usb->host;
    struct reader_info info;
    usb_describe(slot, &info);
    info.taken = pipe->taken;
    info.card_present = !pipe->taken && ccid_slot_first_presence(slot);
    count_reader(pipe, 1);
    slot->served = host->reader_arrived(host, &info, slot, &slot->id) == SC_OK;
    if (!slot->served)
        count_reader(pipe, -1);
}

static void depart(struct usb_pipe *pipe)
{
    struct usb_device *device = pipe->device;
    struct driver_host *host = device->usb->host;
    for (uint32_t i = 0; i < pipe->ccid.descriptor.slot_count; i++) {
        struct ccid_slot *slot = &pipe->ccid.slots[i];
        if (slot->served)
            host->reader_gone(host, slot->id);
        slot->served = false;
    }
    os_mutex_lock(&device->lock);
    while (pipe->readers > 0)
        os_cond_wait(&device->wake, &device->lock, OS_FOREVER);
    os_mutex_unlock(&device->lock);
}

/* Another process has the interface: its readers are listed, and cannot be used. */
static void list_taken(struct usb_pipe *pipe)
{
    struct ccid_interface *ccid = &pipe->ccid;
    log_info("usb: interface %u is in another process's use", (unsigned)pipe->number);
    pipe->taken = true;
    ccid->transport = &pipe->transport;
    for (uint32_t i = 0; i < ccid->descriptor.slot_count; i++) {
        ccid->slots[i].ccid = ccid;
        ccid->slots[i].index = i;
        arrive(pipe, &ccid->slots[i]);
    }
}

/* To be opened again later: it may need to be let alone, or the machine be busy. */
static void put_down(struct usb_pipe *pipe)
{
    uint32_t rest_ms = USB_REVIVE_MAX_MS;
    if (pipe->failures_to_open < REVIVE_DOUBLINGS)
        rest_ms = (uint32_t)USB_REVIVE_MS << pipe->failures_to_open++;
    pipe->down = true;
    pipe->due_ms = os_now_ms() + rest_ms;
    log_debug("usb: interface %u: tried again in %u s", (unsigned)pipe->number,
              (unsigned)(rest_ms / 1000));
}

/* Its readers are served then, or listed, or it is down; if none of that, it has left. */
static void bring_up(struct usb_device *device, struct usb_pipe *pipe)
{
    pipe->down = false;
    enum sc_error error = usb_pipe_open(pipe);
    if (error == SC_E_READER_UNAVAILABLE)
        return;
    if (error == SC_E_SHARING_VIOLATION) {
        if (!pipe->taken)
            list_taken(pipe);
        return;
    }
    if (error == SC_OK)
        error = greet(device, pipe);
    if (error != SC_OK) {
        if (pipe->failures_to_open == 0)
            log_error("usb: %04X:%04X interface %u: %s", (unsigned)device->vendor_id,
                      (unsigned)device->product_id, (unsigned)pipe->number,
                      sc_error_words(error));
        put_down(pipe);
        return;
    }
    pipe->opened_ms = os_now_ms();
    pipe->due_ms = pipe->opened_ms + USB_POLL_MS;
    for (uint32_t i = 0; i < pipe->ccid.descriptor.slot_count; i++)
        arrive(pipe, &pipe->ccid.slots[i]);
    listen_to(pipe);
}

/* Whether the other process is done with it. The listed readers have to go before theirs
 * can come, which are the same to the host, by their names. */
static void try_taken(struct usb_device *device, struct usb_pipe *pipe)
{
    pipe->due_ms = os_now_ms() + USB_CLAIM_RETRY_MS;
    int code = libusb_claim_interface(device->handle, pipe->number);
    if (code != LIBUSB_SUCCESS)
        return;
    (void)libusb_release_interface(device->handle, pipe->number);
    depart(pipe);
    pipe->taken = false;
    bring_up(device, pipe);
}

/* Its link is gone. */
static void close_pipe(struct usb_pipe *pipe)
{
    depart(pipe);
    usb_pipe_close(pipe);
    ccid_interface_close(&pipe->ccid);
}

/* The reader does not answer any more, or has left: then that is told soon as well. */
static void give_up(struct usb_pipe *pipe)
{
    ccid_link_gone(&pipe->ccid.link);
    close_pipe(pipe);
    if (os_now_ms() - pipe->opened_ms > USB_REVIVE_MAX_MS)
        pipe->failures_to_open = 0;
    put_down(pipe);
}

/* --- Watching ----------------------------------------------------------------------- */

static void post_events(struct usb_device *device, struct ccid_slot *slot)
{
    struct driver_host *host = device->usb->host;
    enum card_event event;
    while (ccid_slot_next_event(slot, &event))
        if (slot->served)
            host->card_event(host, slot->id, event);
}

static void look_after(struct usb_device *device, struct usb_pipe *pipe, bool poll)
{
    os_mutex_lock(&pipe->lock);
    bool deaf = pipe->deaf;
    os_mutex_unlock(&pipe->lock);
    bool lost = deaf && usb_pipe_listen(pipe) == SC_E_READER_UNAVAILABLE;
    if (!lost)
        usb_pipe_heed_reset(pipe);
    poll |= deaf; /* what happened meanwhile was not told */
    for (uint32_t i = 0; i < pipe->ccid.descriptor.slot_count && !lost; i++) {
        struct ccid_slot *slot = &pipe->ccid.slots[i];
        if (poll || ccid_slot_is_doubtful(slot))
            lost |= ccid_slot_poll(slot) == SC_E_READER_UNAVAILABLE;
        post_events(device, slot);
    }
    os_mutex_lock(&pipe->ccid.link.lock);
    lost |= pipe->ccid.link.gone;
    os_mutex_unlock(&pipe->ccid.link.lock);
    if (lost)
        give_up(pipe);
}

/* A token's card never leaves it (listen_to); one that says that it is absent, as ICCD
 * 1.0's version B can, is asked until it is there. */
static bool is_polled(struct usb_pipe *pipe)
{
    bool absent = false;
    if (!pipe->claimed)
        return false;
    if (!pipe->polled && pipe->endpoint_interrupt == 0) {
        struct ccid_slot *slot = &pipe->ccid.slots[0];
        os_mutex_lock(&slot->lock);
        absent = !slot->present;
        os_mutex_unlock(&slot->lock);
    }
    return pipe->polled || absent;
}

static void look_at(struct usb_device *device, struct usb_pipe *pipe)
{
    bool due = os_now_ms() >= pipe->due_ms;
    if (pipe->claimed) {
        bool poll = due && is_polled(pipe);
        if (poll)
            pipe->due_ms = os_now_ms() + USB_POLL_MS;
        look_after(device, pipe, poll);
    } else if (pipe->taken && due) {
        try_taken(device, pipe);
    } else if (pipe->down && due) {
        bring_up(device, pipe);
    }
}

/* Until when the thread may sleep: for ever, if nothing needs to be asked for. */
static uint64_t next_look_ms(struct usb_device *device)
{
    uint64_t until_ms = OS_FOREVER;
    for (uint32_t i = 0; i < device->pipe_count; i++) {
        struct usb_pipe *pipe = &device->pipes[i];
        if ((is_polled(pipe) || pipe->taken || pipe->down) && pipe->due_ms < until_ms)
            until_ms = pipe->due_ms;
    }
    return until_ms;
}

/* Whether an interface is left to look after. */
static bool has_readers(const struct usb_device *device)
{
    bool any = false;
    for (uint32_t i = 0; i < device->pipe_count; i++)
        any |=
            device->pipes[i].claimed || device->pipes[i].taken || device->pipes[i].down;
    return any;
}

static void watch(struct usb_device *device)
{
    while (!is_gone(device) && has_readers(device)) {
        for (uint32_t i = 0; i < device->pipe_count; i++)
            look_at(device, &device->pipes[i]);
        uint64_t until_ms = next_look_ms(device);
        os_mutex_lock(&device->lock);
        while (!device->gone && !device->news
               && os_cond_wait(&device->wake, &device->lock, until_ms)) {
        }
        device->news = false;
        os_mutex_unlock(&device->lock);
    }
}

/* --- The thread --------------------------------------------------------------------- */

/* Once; nobody waits for it after that. */
static void settle(struct usb_device *device)
{
    struct ccid_usb *usb = device->usb;
    if (!device->first)
        return;
    device->first = false;
    os_mutex_lock(&usb->lock);
    usb->unsettled--;
    os_cond_broadcast(&usb->changed);
    os_mutex_unlock(&usb->lock);
}

/* False: the device has left. */
static bool rest(struct usb_device *device, uint32_t ms)
{
    uint64_t until_ms = os_now_ms() + ms;
    os_mutex_lock(&device->lock);
    while (!device->gone && os_cond_wait(&device->wake, &device->lock, until_ms)) {
    }
    bool here = !device->gone;
    os_mutex_unlock(&device->lock);
    return here;
}

/* The node of a device that has just been plugged in may not be ours yet; and it becomes
 * ours when its user comes to the seat (uaccess), or somebody sets udev's rules right. */
static enum sc_error open_patiently(struct usb_device *device)
{
    static const uint32_t rests_ms[] = {100, 400, 1500, USB_OPEN_RETRY_MS};
    uint32_t rests = 0;
    for (;;) {
        enum sc_error error = open_device(device);
        if (error == SC_OK)
            return error;
        if (rests == 0)
            log_error("usb: %04X:%04X cannot be opened: %s", (unsigned)device->vendor_id,
                      (unsigned)device->product_id, sc_error_words(error));
        settle(device);
        if (device->handle != NULL)
            libusb_close(device->handle);
        device->handle = NULL;
        if (error == SC_E_READER_UNAVAILABLE || !rest(device, rests_ms[rests]))
            return error;
        rests += rests + 1 < sizeof(rests_ms) / sizeof(rests_ms[0]) ? 1 : 0;
    }
}

static void take_down(struct usb_device *device)
{
    for (uint32_t i = 0; i < device->pipe_count; i++)
        if (device->pipes[i].claimed)
            ccid_link_gone(&device->pipes[i].ccid.link);
    for (uint32_t i = 0; i < device->pipe_count; i++) {
        if (device->pipes[i].claimed)
            close_pipe(&device->pipes[i]);
        else if (device->pipes[i].taken)
            depart(&device->pipes[i]);
    }
}

void usb_device_run(void *context)
{
    struct usb_device *device = context;
    struct ccid_usb *usb = device->usb;
    enum sc_error error = open_patiently(device);
    for (uint32_t i = 0; i < device->pipe_count && error == SC_OK; i++)
        bring_up(device, &device->pipes[i]);
    settle(device);
    watch(device);
    take_down(device);
    if (device->handle != NULL)
        libusb_close(device->handle);
    device->handle = NULL;
    os_mutex_lock(&usb->lock);
    device->finished = true;
    os_cond_broadcast(&usb->changed);
    os_mutex_unlock(&usb->lock);
    /* Whoever joins this thread frees the device then; libusb's is to do so now. */
    libusb_interrupt_event_handler(usb->context);
}
