/* SPDX-License-Identifier: BSD-2-Clause */
/* A device's life: opening, events, polling, closing. */
#include "drivers/ccid/device.h"

#include "base/atomic.h"
#include "base/log.h"
#include "os/lock.h"
#include "os/time.h"

#include <assert.h>
#include <stdio.h>

enum { REVIVE_DOUBLINGS = 6 }; /* 1, 2, 4, 8, 16, 32 s */

/* --- Being woken --------------------------------------------------------------------- */

void ccid_device_wake(struct ccid_device *device)
{
    kit_attendant_wake(&device->kit.attendant);
}

void ccid_device_leave(struct ccid_device *device)
{
    atomic_store_u32(&device->leaving, 1);
    for (uint32_t i = 0; i < device->port_count; i++) {
        struct ccid_transport *transport = device->ports[i]->ccid.transport;
        transport->leave(transport);
    }
    ccid_device_wake(device);
}

bool ccid_device_is_leaving(struct ccid_device *device)
{
    return atomic_load_u32(&device->leaving) != 0;
}

/* For messages: where it has no numbers, as the host is told of it. */
static const char *name_of(const struct ccid_identity *identity, char text[DRIVER_ID_MAX])
{
    if (identity->vendor_id == 0)
        return identity->reader.device_id;
    (void)snprintf(text, DRIVER_ID_MAX, "%04X:%04X interface %u",
                   (unsigned)identity->vendor_id, (unsigned)identity->product_id,
                   (unsigned)identity->interface_number);
    return text;
}

/* --- Readers ------------------------------------------------------------------------ */

static void arrive(struct ccid_port *port, struct ccid_slot *slot)
{
    struct reader_info info = port->ccid.identity.reader;
    info.slot = slot->index;
    info.protocols = port->ccid.descriptor.protocols;
    info.taken = port->state == CCID_PORT_TAKEN;
    if (info.taken) /* nobody knows */
        (void)kit_reader_set_card(&slot->kit, false);
    enum sc_error error = kit_reader_arrive(&slot->kit, &info);
    if (error != SC_OK)
        log_info("ccid: a reader was refused: %s", sc_error_words(error));
}

static void depart(struct ccid_port *port)
{
    for (uint32_t i = 0; i < port->ccid.descriptor.slot_count; i++)
        kit_reader_leave(&port->ccid.slots[i].kit);
    for (uint32_t i = 0; i < port->ccid.descriptor.slot_count; i++)
        kit_reader_await_close(&port->ccid.slots[i].kit);
}

/* --- Ports -------------------------------------------------------------------------- */

/* To be opened again later: it may need to be let alone, or the machine be busy. */
static void put_down(struct ccid_port *port)
{
    char text[DRIVER_ID_MAX];
    uint32_t rest_ms = CCID_REVIVE_MAX_MS;
    if (port->failures_to_open < REVIVE_DOUBLINGS)
        rest_ms = (uint32_t)CCID_REVIVE_MS << port->failures_to_open++;
    port->state = CCID_PORT_DOWN;
    port->due_ms = os_now_ms() + rest_ms;
    log_debug("ccid: %s: tried again in %u s", name_of(&port->ccid.identity, text),
              (unsigned)(rest_ms / 1000));
}

/* Another process has the interface: its readers are listed, and cannot be used. */
static void list_taken(struct ccid_port *port)
{
    struct ccid_interface *ccid = &port->ccid;
    char text[DRIVER_ID_MAX];
    log_info("ccid: %s is in another process's use", name_of(&ccid->identity, text));
    port->state = CCID_PORT_TAKEN;
    for (uint32_t i = 0; i < ccid->descriptor.slot_count; i++)
        arrive(port, &ccid->slots[i]);
}

/* Notifications, if there are any; again, if they have ended. False: the interface has
 * left. *missed: what happened before this was not told. */
static bool listen_to(struct ccid_port *port, bool *missed)
{
    struct ccid_transport *transport = port->ccid.transport;
    enum sc_error error = transport->listen(transport, &port->hearing);
    *missed = port->hearing == CCID_HEARS_AGAIN;
    bool hears = port->hearing == CCID_HEARS || *missed;
    atomic_store_u32(&port->ccid.notifies, hears ? 1 : 0);
    return error != SC_E_READER_UNAVAILABLE;
}

/* The transport is open; it is closed if the reader does not answer. */
static enum sc_error serve_port(struct ccid_port *port)
{
    struct ccid_interface *ccid = &port->ccid;
    struct ccid_device *device = port->device;
    bool missed;
    assert(port->state == CCID_PORT_LEFT);
    ccid->settings = device->settings;
    ccid->gate = (ccid->quirks & QUIRK_ONE_AT_A_TIME) != 0 ? &device->gate : NULL;
    enum sc_error error = ccid_interface_open(ccid);
    if (error != SC_OK) {
        ccid->transport->close(ccid->transport);
        return error;
    }
    port->state = CCID_PORT_SERVED;
    port->opened_ms = os_now_ms();
    port->due_ms = port->opened_ms + CCID_POLL_MS;
    for (uint32_t i = 0; i < ccid->descriptor.slot_count; i++)
        arrive(port, &ccid->slots[i]);
    (void)listen_to(port, &missed); /* if it has left, the next look finds out */
    return SC_OK;
}

static void log_opening_failure(const struct ccid_port *port, enum sc_error error)
{
    char text[DRIVER_ID_MAX];
    if (port->failures_to_open == 0)
        log_error("ccid: %s: %s", name_of(&port->ccid.identity, text),
                  sc_error_words(error));
}

/* Its readers are served then, or listed, or it is down; if none of that, it has left. */
static void bring_up(struct ccid_port *port)
{
    struct ccid_transport *transport = port->ccid.transport;
    port->state = CCID_PORT_LEFT;
    enum sc_error error = transport->open(transport);
    if (error == SC_E_READER_UNAVAILABLE)
        return;
    if (error == SC_E_SHARING_VIOLATION) {
        list_taken(port);
        return;
    }
    if (error == SC_OK)
        error = serve_port(port);
    if (error != SC_OK) {
        log_opening_failure(port, error);
        put_down(port);
    }
}

/* Whether the other process is done with it. The listed readers have to go before theirs
 * can come, which are the same to the host, by their names. */
static void try_taken(struct ccid_port *port)
{
    struct ccid_transport *transport = port->ccid.transport;
    port->due_ms = os_now_ms() + CCID_CLAIM_RETRY_MS;
    if (transport->open(transport) != SC_OK)
        return;
    transport->close(transport);
    depart(port);
    bring_up(port);
}

/* Its link is gone. */
static void close_port(struct ccid_port *port)
{
    struct ccid_transport *transport = port->ccid.transport;
    assert(port->state == CCID_PORT_SERVED && ccid_link_is_gone(&port->ccid.link));
    depart(port);
    transport->close(transport);
    ccid_interface_close(&port->ccid);
    port->state = CCID_PORT_LEFT;
}

/* The reader does not answer any more, or has left: then that is told soon as well. */
static void give_up_port(struct ccid_port *port)
{
    ccid_link_gone(&port->ccid.link);
    close_port(port);
    if (os_now_ms() - port->opened_ms > CCID_REVIVE_MAX_MS)
        port->failures_to_open = 0;
    put_down(port);
}

/* --- Watching ----------------------------------------------------------------------- */

/* A token's card never leaves it; one that says that it is absent, as ICCD 1.0's version
 * B can, is asked until it is there. */
static bool is_polled(struct ccid_port *port)
{
    if (port->state != CCID_PORT_SERVED)
        return false;
    if (port->hearing == CCID_HEARS_NOTHING && port->ccid.kind != CCID_KIND_BULK)
        return !ccid_slot_is_present(&port->ccid.slots[0]);
    return port->hearing == CCID_HEARS_NOTHING || port->hearing == CCID_DEAF;
}

static void look_after(struct ccid_port *port)
{
    bool missed, poll = os_now_ms() >= port->due_ms && is_polled(port);
    if (poll)
        port->due_ms = os_now_ms() + CCID_POLL_MS;
    bool lost = !listen_to(port, &missed);
    for (uint32_t i = 0; i < port->ccid.descriptor.slot_count && !lost; i++) {
        struct ccid_slot *slot = &port->ccid.slots[i];
        if (poll || missed || ccid_slot_is_doubtful(slot))
            lost = ccid_slot_poll(slot) == SC_E_READER_UNAVAILABLE;
    }
    if (lost || ccid_link_is_gone(&port->ccid.link))
        give_up_port(port);
}

static void look_at_port(struct ccid_port *port)
{
    bool due = os_now_ms() >= port->due_ms;
    if (port->state == CCID_PORT_SERVED)
        look_after(port);
    else if (port->state == CCID_PORT_TAKEN && due)
        try_taken(port);
    else if (port->state == CCID_PORT_DOWN && due)
        bring_up(port);
}

static uint64_t next_look_ms(struct ccid_port *port)
{
    bool waits = port->state == CCID_PORT_TAKEN || port->state == CCID_PORT_DOWN;
    return waits || is_polled(port) ? port->due_ms : OS_FOREVER;
}

/* --- The thread --------------------------------------------------------------------- */

/* The node of a device that has just been plugged in may not be ours yet; and it becomes
 * ours when its user comes to the seat (uaccess), or somebody sets udev's rules right.
 * *next_ms: of the next try; 0: it has left. */
static enum sc_error try_to_open(struct ccid_device *device, uint64_t *next_ms)
{
    static const uint32_t rests_ms[] = {100, 400, 1500, CCID_OPEN_RETRY_MS};
    char text[DRIVER_ID_MAX];
    enum sc_error error = device->bus->open(device);
    if (error == SC_OK)
        return error;
    if (device->tries == 0)
        log_error("ccid: %s cannot be opened: %s",
                  name_of(&device->ports[0]->ccid.identity, text), sc_error_words(error));
    device->bus->settled(device);
    *next_ms =
        error == SC_E_READER_UNAVAILABLE ? 0 : os_now_ms() + rests_ms[device->tries];
    if (device->tries + 1 < ARRAY_SIZE(rests_ms))
        device->tries++;
    return error;
}

static void take_down(struct ccid_device *device)
{
    for (uint32_t i = 0; i < device->port_count; i++)
        if (device->ports[i]->state == CCID_PORT_SERVED)
            ccid_link_gone(&device->ports[i]->ccid.link);
    for (uint32_t i = 0; i < device->port_count; i++) {
        if (device->ports[i]->state == CCID_PORT_SERVED)
            close_port(device->ports[i]);
        else if (device->ports[i]->state == CCID_PORT_TAKEN)
            depart(device->ports[i]);
    }
}

static uint64_t finish_device(struct ccid_device *device)
{
    if (device->state == CCID_DEVICE_OPEN) {
        take_down(device);
        device->bus->close(device);
    }
    device->state = CCID_DEVICE_FINISHED;
    device->bus->settled(device);
    device->bus->finished(device);
    return OS_FOREVER;
}

static bool open_all(struct ccid_device *device, uint64_t *next_ms)
{
    if (try_to_open(device, next_ms) != SC_OK)
        return false;
    device->state = CCID_DEVICE_OPEN;
    for (uint32_t i = 0; i < device->port_count; i++)
        bring_up(device->ports[i]);
    device->bus->settled(device);
    return true;
}

/* Until when there is nothing to do; 0: no interface is left to look after. */
static uint64_t look_at_all(struct ccid_device *device)
{
    uint64_t next_ms = OS_FOREVER;
    bool any = false;
    for (uint32_t i = 0; i < device->port_count; i++) {
        struct ccid_port *port = device->ports[i];
        look_at_port(port);
        uint64_t ms = next_look_ms(port);
        next_ms = ms < next_ms ? ms : next_ms;
        any |= port->state != CCID_PORT_LEFT;
    }
    return any ? next_ms : 0;
}

static uint64_t look_at_device(void *context)
{
    struct ccid_device *device = context;
    uint64_t next_ms = 0;
    if (device->state == CCID_DEVICE_FINISHED)
        return OS_FOREVER;
    if (ccid_device_is_leaving(device))
        return finish_device(device);
    if (device->state == CCID_DEVICE_SHUT && !open_all(device, &next_ms))
        return next_ms != 0 ? next_ms : finish_device(device);
    if (!ccid_device_is_leaving(device))
        next_ms = look_at_all(device);
    return next_ms != 0 ? next_ms : finish_device(device);
}

/* --- Beginning and end -------------------------------------------------------------- */

static void destroy_ccid_device(struct kit_instance *instance)
{
    struct ccid_device *device = CONTAINER_OF(instance, struct ccid_device, kit);
    assert(device->state != CCID_DEVICE_OPEN);
    os_cond_destroy(&device->gate.opened);
    os_mutex_destroy(&device->gate.lock);
    device->bus->destroy(device);
}

void ccid_device_init(struct ccid_device *device, struct driver_host *host)
{
    device->state = CCID_DEVICE_SHUT;
    device->tries = 0;
    device->leaving = 0;
    os_mutex_init(&device->gate.lock);
    os_cond_init(&device->gate.opened);
    kit_instance_init(&device->kit, host, destroy_ccid_device, "scard-ccid",
                      look_at_device);
}

enum sc_error ccid_device_start(struct ccid_device *device)
{
    assert(device->port_count > 0 && device->port_count <= CCID_PORTS_MAX);
    for (uint32_t i = 0; i < device->port_count; i++) {
        device->ports[i]->device = device;
        ccid_interface_init(&device->ports[i]->ccid, &device->kit);
    }
    return kit_attendant_start(&device->kit.attendant);
}

void ccid_device_release(struct ccid_device *device)
{
    kit_instance_stop(&device->kit);
}
