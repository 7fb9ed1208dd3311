/* SPDX-License-Identifier: BSD-2-Clause */
/* Transports over a simulated device in this process. Whoever waits also lets the
 * device's time pass, and hands out what is finished for others. */
#include "tests/rig/sim/direct.h"

#include "base/alloc.h"
#include "os/lock.h"
#include "os/time.h"
#include "tests/rig/sim/internal.h"

#include <string.h>

struct port {
    struct ccid_transport transport; /* first: the driver has its address */
    struct sim_direct *direct;
    struct sim_interface *iface;
    uint32_t interrupted; /* slots */
    bool deaf;            /* sim_direct_listen is to return */
    uint32_t resets;      /* that was_reset() told of, or the port's own */
};

struct sim_direct {
    struct os_mutex mutex;
    struct os_cond changed;
    struct sim_device *device;
    uint32_t resets; /* noticed so far: an URB of before ends by the same */
    size_t port_count;
    struct port ports[SIM_INTERFACES_MAX];
};

/* An URB somebody waits for. */
struct wait {
    struct sim_urb urb;
    bool done;
};

static enum sc_error meaning(enum sim_status status)
{
    switch (status) {
    case SIM_OK:
        return SC_OK;
    case SIM_GONE:
        return SC_E_READER_UNAVAILABLE;
    case SIM_STALL:
    case SIM_OVERFLOW:
    case SIM_BROKEN:
    case SIM_CANCELLED:
    case SIM_SHUT:
        return SC_F_COMM_ERROR;
    }
    return SC_F_COMM_ERROR;
}

/* Tells everybody whose URB is over. */
static void hand_out(struct sim_direct *direct)
{
    struct sim_urb *urb;
    bool any = false;
    while ((urb = sim_take_done(direct->device)) != NULL) {
        ((struct wait *)urb->owner)->done = true;
        any = true;
    }
    if (any)
        os_cond_broadcast(&direct->changed);
}

static bool is_interrupted(const struct port *port, uint32_t slot, bool listening)
{
    if (listening)
        return port->deaf;
    return slot < SIM_SLOTS_MAX && (port->interrupted >> slot & 1) != 0;
}

/* The port's interface is told of a reset that is none of its own; `begun`: resets before
 * the URB that has ended by it. */
static void note_reset(struct port *port, uint32_t begun)
{
    struct sim_direct *direct = port->direct;
    os_mutex_lock(&direct->mutex);
    if (direct->resets == begun)
        direct->resets++;
    bool told = port->resets == direct->resets;
    port->resets = direct->resets;
    os_mutex_unlock(&direct->mutex);
    if (!told && port->transport.was_reset != NULL)
        port->transport.was_reset(port->transport.owner);
}

/* Sends an URB in and waits until it is over. */
static enum sc_error carry(struct port *port, struct sim_urb *urb, uint32_t slot,
                           bool listening, uint64_t deadline_ms)
{
    struct sim_direct *direct = port->direct;
    struct wait wait = {.urb = *urb};
    enum sc_error error = SC_OK;
    wait.urb.owner = &wait;
    os_mutex_lock(&direct->mutex);
    if (is_interrupted(port, slot, listening)) {
        os_mutex_unlock(&direct->mutex);
        return SC_E_CANCELLED;
    }
    uint32_t begun = direct->resets;
    sim_submit(direct->device, &wait.urb, os_now_ms());
    hand_out(direct);
    while (!wait.done) {
        uint64_t now = os_now_ms();
        uint64_t next = sim_advance(direct->device, now);
        hand_out(direct);
        if (wait.done)
            break;
        if (is_interrupted(port, slot, listening) || now >= deadline_ms) {
            error = now >= deadline_ms ? SC_E_TIMEOUT : SC_E_CANCELLED;
            sim_cancel(direct->device, &wait.urb);
            hand_out(direct);
            break;
        }
        (void)os_cond_wait(&direct->changed, &direct->mutex,
                           next < deadline_ms ? next : deadline_ms);
    }
    os_mutex_unlock(&direct->mutex);
    urb->done = wait.urb.done;
    if (wait.urb.status == SIM_SHUT)
        note_reset(port, begun);
    return error != SC_OK ? error : meaning(wait.urb.status);
}

static struct port *port_of(struct ccid_transport *transport)
{
    return (struct port *)(void *)transport;
}

static enum sc_error port_send(struct ccid_transport *transport, uint32_t slot,
                               const uint8_t *bytes, size_t size, uint64_t deadline_ms)
{
    struct port *port = port_of(transport);
    /* An OUT is only read from. */
    struct sim_urb urb = {.endpoint = port->iface->out.address,
                          .bytes = (uint8_t *)(uintptr_t)bytes,
                          .size = size};
    if (urb.endpoint == 0)
        return SC_F_COMM_ERROR;
    return carry(port, &urb, slot, false, deadline_ms);
}

static enum sc_error port_receive(struct ccid_transport *transport, uint32_t slot,
                                  uint8_t *bytes, size_t room, size_t *size,
                                  uint64_t deadline_ms)
{
    struct port *port = port_of(transport);
    struct sim_urb urb = {
        .endpoint = port->iface->in.address, .bytes = bytes, .size = room};
    *size = 0;
    if (urb.endpoint == 0)
        return SC_F_COMM_ERROR;
    enum sc_error error = carry(port, &urb, slot, false, deadline_ms);
    *size = urb.done;
    return error;
}

static enum sc_error send_setup(struct port *port, uint32_t slot, const uint8_t setup[8],
                                uint8_t *bytes, uint16_t *done, uint64_t deadline_ms)
{
    struct sim_urb urb = {.bytes = bytes, .size = wire_u16(setup + 6)};
    memcpy(urb.setup, setup, sizeof(urb.setup));
    enum sc_error error = carry(port, &urb, slot, false, deadline_ms);
    if (done != NULL)
        *done = (uint16_t)urb.done;
    return error;
}

static enum sc_error port_control(struct ccid_transport *transport, uint32_t slot,
                                  struct ccid_control *control, uint64_t deadline_ms)
{
    struct port *port = port_of(transport);
    uint8_t setup[8] = {control->type, control->request};
    wire_put_u16(setup + 2, control->value);
    wire_put_u16(setup + 4, port->iface->data->number);
    wire_put_u16(setup + 6, control->size);
    return send_setup(port, slot, setup, control->bytes, &control->done, deadline_ms);
}

static void port_interrupt(struct ccid_transport *transport, uint32_t slot)
{
    struct port *port = port_of(transport);
    os_mutex_lock(&port->direct->mutex);
    if (slot < SIM_SLOTS_MAX)
        port->interrupted |= 1U << slot;
    os_cond_broadcast(&port->direct->changed);
    os_mutex_unlock(&port->direct->mutex);
}

static void port_resume(struct ccid_transport *transport, uint32_t slot)
{
    struct port *port = port_of(transport);
    os_mutex_lock(&port->direct->mutex);
    if (slot < SIM_SLOTS_MAX)
        port->interrupted &= ~(1U << slot);
    os_mutex_unlock(&port->direct->mutex);
}

static enum sc_error port_clear_halt(struct ccid_transport *transport)
{
    struct port *port = port_of(transport);
    const uint8_t addresses[] = {port->iface->out.address, port->iface->in.address};
    enum sc_error error = SC_OK;
    for (size_t i = 0; i < sizeof(addresses) && error == SC_OK; i++) {
        const uint8_t setup[8] = {0x02, 0x01, 0, 0, addresses[i]}; /* CLEAR_FEATURE */
        if (addresses[i] != 0)
            error = send_setup(port, SIM_SLOTS_MAX, setup, NULL, NULL, OS_FOREVER);
    }
    return error;
}

static enum sc_error configure(struct port *port)
{
    static const uint8_t setup[8] = {0x00, 0x09, 1};
    return send_setup(port, SIM_SLOTS_MAX, setup, NULL, NULL, OS_FOREVER);
}

static enum sc_error port_reset(struct ccid_transport *transport)
{
    struct port *port = port_of(transport);
    struct sim_direct *direct = port->direct;
    os_mutex_lock(&direct->mutex);
    port->resets = ++direct->resets;
    sim_reset(direct->device);
    hand_out(direct);
    os_mutex_unlock(&direct->mutex);
    return configure(port);
}

struct sim_direct *sim_direct_new(const char *specification, char *why, size_t why_room)
{
    struct sim_direct *direct = mem_alloc(sizeof(*direct));
    struct sim_device *device = sim_device_new(specification, why, why_room);
    if (direct == NULL || device == NULL) {
        sim_device_free(device);
        mem_free(direct);
        return NULL;
    }
    direct->device = device;
    os_mutex_init(&direct->mutex);
    os_cond_init(&direct->changed);
    direct->port_count = device->interface_count;
    for (size_t i = 0; i < direct->port_count; i++) {
        struct sim_interface *iface = &device->interfaces[i];
        direct->ports[i] = (struct port){
            .transport = {.capabilities =
                              CCID_BUS_CONTROL | CCID_BUS_HALT | CCID_BUS_RESET,
                          .send = port_send,
                          .receive = port_receive,
                          .control = port_control,
                          .interrupt = port_interrupt,
                          .resume = port_resume,
                          .clear_halt = port_clear_halt,
                          .reset = port_reset,
                          .packet_size = iface->in.packet},
            .direct = direct,
            .iface = iface,
        };
    }
    if (configure(&direct->ports[0]) != SC_OK) {
        sim_direct_free(direct);
        return NULL;
    }
    return direct;
}

void sim_direct_free(struct sim_direct *direct)
{
    if (direct == NULL)
        return;
    sim_device_free(direct->device);
    os_cond_destroy(&direct->changed);
    os_mutex_destroy(&direct->mutex);
    mem_free(direct);
}

struct ccid_transport *sim_direct_transport(struct sim_direct *direct, size_t n)
{
    return n < direct->port_count ? &direct->ports[n].transport : NULL;
}

bool sim_direct_interface(struct sim_direct *direct, size_t n,
                          struct sim_direct_interface *iface)
{
    if (n >= direct->port_count)
        return false;
    const struct sim_interface_data *data = direct->ports[n].iface->data;
    *iface = (struct sim_direct_interface){.descriptor = data->descriptor,
                                           .number = data->number,
                                           .class_code = data->class_code,
                                           .protocol = data->protocol,
                                           .has_interrupt = data->interrupt_in != 0};
    return true;
}

enum sc_error sim_direct_listen(struct sim_direct *direct, size_t n, uint8_t *bytes,
                                size_t room, size_t *size, uint64_t deadline_ms)
{
    *size = 0;
    if (n >= direct->port_count || direct->ports[n].iface->interrupt.address == 0)
        return SC_F_COMM_ERROR;
    struct sim_urb urb = {.endpoint = direct->ports[n].iface->interrupt.address,
                          .bytes = bytes,
                          .size = room};
    enum sc_error error =
        carry(&direct->ports[n], &urb, SIM_SLOTS_MAX, true, deadline_ms);
    *size = urb.done;
    return error;
}

void sim_direct_stop_listening(struct sim_direct *direct, size_t n)
{
    os_mutex_lock(&direct->mutex);
    if (n < direct->port_count)
        direct->ports[n].deaf = true;
    os_cond_broadcast(&direct->changed);
    os_mutex_unlock(&direct->mutex);
}

/* The world around changes; then URBs may be over. */
static void change(struct sim_direct *direct, void (*act)(struct sim_device *, uint32_t),
                   uint32_t slot)
{
    os_mutex_lock(&direct->mutex);
    (void)sim_advance(direct->device, os_now_ms());
    act(direct->device, slot);
    hand_out(direct);
    os_cond_broadcast(&direct->changed);
    os_mutex_unlock(&direct->mutex);
}

static void unplug(struct sim_device *device, uint32_t slot)
{
    (void)slot;
    sim_unplug(device);
}

void sim_direct_insert(struct sim_direct *direct, uint32_t slot)
{
    change(direct, sim_card_insert, slot);
}

void sim_direct_remove(struct sim_direct *direct, uint32_t slot)
{
    change(direct, sim_card_remove, slot);
}

void sim_direct_unplug(struct sim_direct *direct)
{
    change(direct, unplug, 0);
}

const struct sim_identity *sim_direct_identity(struct sim_direct *direct)
{
    return sim_device_identity(direct->device);
}

struct sim_counts sim_direct_counts(struct sim_direct *direct)
{
    os_mutex_lock(&direct->mutex);
    struct sim_counts counts = *sim_device_counts(direct->device);
    os_mutex_unlock(&direct->mutex);
    return counts;
}
