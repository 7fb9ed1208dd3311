/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of a device (drivers/ccid/device.h) on a bus that does what the test says:
 * simulated readers without a bus behind a transport of the test's own. */
#include "base/alloc.h"
#include "base/atomic.h"
#include "drivers/ccid/device.h"
#include "os/time.h"
#include "tests/rig/sim/direct.h"
#include "tests/support/check.h"
#include "tests/support/fake_host.h"
#include "tests/support/hang.h"

#include <string.h>

/* What the bus does, set before the device is there or while it runs. Atomic. */
static struct {
    uint32_t open_failures; /* times that the device does not open */
    uint32_t taken;         /* another process has the interface */
    uint32_t hearing;       /* enum ccid_hearing */
    uint32_t capabilities;
    uint32_t deaf; /* the device gets no message any more */
} plan;

/* What was asked of it; atomic. */
static struct {
    uint32_t opened, closed; /* the device */
    uint32_t port_opened, port_closed;
    uint32_t settled, finished, destroyed;
    uint32_t controls, halts, resets;
} seen;

struct bus_device {
    struct ccid_device ccid; /* first */
    struct ccid_port port;
    struct ccid_transport transport, *inner;
    struct sim_direct *direct;
    uint32_t leaving; /* atomic */
};

static struct bus_device *device; /* that is plugged in */
static struct fake_host host;

static void count(uint32_t *number)
{
    (void)atomic_add_u32(number, 1);
}

/* Until the number has come to that. */
static bool comes_to(const uint32_t *number, uint32_t wanted)
{
    uint64_t limit_ms = os_now_ms() + CHECK_HANG_MS;
    struct os_stop never = OS_STOP_INIT;
    while (atomic_load_u32(number) < wanted && os_now_ms() < limit_ms)
        (void)os_stop_wait(&never, os_now_ms() + 2);
    return atomic_load_u32(number) >= wanted;
}

/* --- The transport ------------------------------------------------------------------ */

static struct bus_device *device_of(struct ccid_transport *transport)
{
    return CONTAINER_OF(transport, struct bus_device, transport);
}

static enum sc_error fake_open(struct ccid_transport *transport)
{
    (void)transport;
    if (atomic_load_u32(&plan.taken) != 0)
        return SC_E_SHARING_VIOLATION;
    count(&seen.port_opened);
    return SC_OK;
}

static void fake_close(struct ccid_transport *transport)
{
    (void)transport;
    count(&seen.port_closed);
}

static enum sc_error fake_listen(struct ccid_transport *transport,
                                 enum ccid_hearing *hearing)
{
    (void)transport;
    *hearing = (enum ccid_hearing)atomic_load_u32(&plan.hearing);
    if (*hearing == CCID_HEARS_AGAIN) /* from now on */
        atomic_store_u32(&plan.hearing, CCID_HEARS);
    return SC_OK;
}

static void fake_leave(struct ccid_transport *transport)
{
    atomic_store_u32(&device_of(transport)->leaving, 1);
}

static enum sc_error fake_send(struct ccid_transport *transport, uint32_t slot,
                               const uint8_t *bytes, size_t size, uint64_t deadline_ms)
{
    struct ccid_transport *inner = device_of(transport)->inner;
    if (atomic_load_u32(&plan.deaf) != 0)
        return SC_OK;
    return inner->send(inner, slot, bytes, size, deadline_ms);
}

static enum sc_error fake_receive(struct ccid_transport *transport, uint32_t slot,
                                  uint8_t *bytes, size_t room, size_t *size,
                                  uint64_t deadline_ms)
{
    struct ccid_transport *inner = device_of(transport)->inner;
    return inner->receive(inner, slot, bytes, room, size, deadline_ms);
}

static enum sc_error fake_ctrl(struct ccid_transport *transport, uint32_t slot,
                               struct ccid_control *control, uint64_t deadline_ms)
{
    struct ccid_transport *inner = device_of(transport)->inner;
    count(&seen.controls);
    return inner->control(inner, slot, control, deadline_ms);
}

static void fake_interrupt(struct ccid_transport *transport, uint32_t slot)
{
    struct ccid_transport *inner = device_of(transport)->inner;
    inner->interrupt(inner, slot);
}

static void fake_resume(struct ccid_transport *transport, uint32_t slot)
{
    struct ccid_transport *inner = device_of(transport)->inner;
    inner->resume(inner, slot);
}

static enum sc_error fake_clear_halt(struct ccid_transport *transport)
{
    struct ccid_transport *inner = device_of(transport)->inner;
    count(&seen.halts);
    return inner->clear_halt(inner);
}

static enum sc_error fake_reset(struct ccid_transport *transport)
{
    struct ccid_transport *inner = device_of(transport)->inner;
    count(&seen.resets);
    return inner->reset(inner);
}

static void tell_reset(void *owner)
{
    struct bus_device *bus_device = owner;
    if (bus_device->transport.was_reset != NULL)
        bus_device->transport.was_reset(bus_device->transport.owner);
}

static void set_transport(struct bus_device *bus_device)
{
    uint32_t can = atomic_load_u32(&plan.capabilities);
    bus_device->inner = sim_direct_transport(bus_device->direct, 0);
    bus_device->inner->was_reset = tell_reset;
    bus_device->inner->owner = bus_device;
    bus_device->transport = (struct ccid_transport){
        .capabilities = can,
        .open = fake_open,
        .close = fake_close,
        .listen = fake_listen,
        .leave = fake_leave,
        .send = fake_send,
        .receive = fake_receive,
        .control = (can & CCID_BUS_CONTROL) != 0 ? fake_ctrl : NULL,
        .interrupt = fake_interrupt,
        .resume = fake_resume,
        .clear_halt = (can & CCID_BUS_HALT) != 0 ? fake_clear_halt : NULL,
        .reset = (can & CCID_BUS_RESET) != 0 ? fake_reset : NULL,
        .packet_size = bus_device->inner->packet_size};
}

/* --- The bus ------------------------------------------------------------------------ */

static enum sc_error bus_open(struct ccid_device *ccid)
{
    (void)ccid;
    if (atomic_load_u32(&plan.open_failures) != 0) {
        (void)atomic_sub_u32(&plan.open_failures, 1);
        return SC_E_NO_ACCESS;
    }
    count(&seen.opened);
    return SC_OK;
}

static void bus_close(struct ccid_device *ccid)
{
    (void)ccid;
    count(&seen.closed);
}

static void bus_settled(struct ccid_device *ccid)
{
    (void)ccid;
    count(&seen.settled);
}

static void bus_finished(struct ccid_device *ccid)
{
    (void)ccid;
    count(&seen.finished);
}

static void bus_destroy(struct ccid_device *ccid)
{
    struct bus_device *bus_device = (struct bus_device *)(void *)ccid;
    sim_direct_free(bus_device->direct);
    mem_free(bus_device);
    count(&seen.destroyed);
}

static const struct ccid_bus bus = {.open = bus_open,
                                    .close = bus_close,
                                    .settled = bus_settled,
                                    .finished = bus_finished,
                                    .destroy = bus_destroy};

/* --- The driver --------------------------------------------------------------------- */

static bool set_interface(struct bus_device *bus_device)
{
    static const struct ccid_settings usual = {
        .voltages = {1, 2, 3}, .whole_apdus = true, .apdu_timeout_ms = 60000};
    struct ccid_interface *ccid = &bus_device->port.ccid;
    struct sim_direct_interface described;
    if (!sim_direct_interface(bus_device->direct, 0, &described)
        || !ccid_descriptor_parse(described.descriptor, &ccid->descriptor))
        return false;
    set_transport(bus_device);
    ccid->transport = &bus_device->transport;
    ccid->kind = CCID_KIND_BULK;
    bus_device->ccid.settings = usual;
    bus_device->ccid.ports[bus_device->ccid.port_count++] = &bus_device->port;
    return true;
}

static enum sc_error bus_start(const char *uri, struct driver_host *port, void **self)
{
    char why[128];
    device = mem_alloc(sizeof(*device));
    if (device == NULL)
        return SC_E_NO_MEMORY;
    device->direct = sim_direct_new(uri, why, sizeof(why));
    if (device->direct == NULL) {
        mem_free(device);
        return SC_E_INVALID_VALUE;
    }
    device->ccid.bus = &bus;
    ccid_device_init(&device->ccid, port);
    enum sc_error error = set_interface(device) ? SC_OK : SC_E_INVALID_VALUE;
    if (error == SC_OK)
        error = ccid_device_start(&device->ccid);
    *self = device;
    return error;
}

static void bus_stop(void *self)
{
    struct bus_device *bus_device = self;
    ccid_device_leave(&bus_device->ccid);
    CHECK(comes_to(&seen.finished, 1));
    ccid_device_release(&bus_device->ccid);
    CHECK(comes_to(&seen.destroyed, 1));
}

static const struct driver bus_driver = {.scheme = "bus",
                                         .start = bus_start,
                                         .stop = bus_stop,
                                         .power = ccid_slot_power,
                                         .set_protocol = ccid_slot_set_protocol,
                                         .transmit = ccid_slot_transmit,
                                         .control = ccid_slot_control,
                                         .get_attribute = ccid_slot_get_attribute,
                                         .set_attribute = ccid_slot_set_attribute,
                                         .close = kit_reader_close};

/* --- Steps -------------------------------------------------------------------------- */

static void begin(void)
{
    memset(&plan, 0, sizeof(plan));
    memset(&seen, 0, sizeof(seen));
    plan.hearing = CCID_HEARS;
    plan.capabilities = CCID_BUS_CONTROL | CCID_BUS_HALT | CCID_BUS_RESET;
    fake_host_init(&host, &bus_driver);
}

static void plug_in(const char *specification)
{
    CHECK_EQ(fake_host_start(&host, specification), SC_OK);
}

static enum sc_error power_up(uint32_t reader)
{
    uint8_t atr[DRIVER_ATR_MAX];
    size_t size = 0;
    return fake_power(&host, reader, POWER_COLD_RESET, CHECK_HANG_MS, atr, &size);
}

static enum sc_error use_for(uint32_t reader, uint64_t ms)
{
    static const uint8_t command[] = {0x80, 0xE0, 0x00, 0x05, 0x05};
    uint8_t out[300];
    size_t size = 0;
    enum sc_error error = fake_transmit(&host, reader, PROTOCOL_T1, ms, command,
                                        sizeof(command), out, sizeof(out), &size);
    CHECK(error != SC_OK || size == 7);
    return error;
}

static enum sc_error use(uint32_t reader)
{
    return use_for(reader, CHECK_HANG_MS);
}

static void connect_card(uint32_t reader)
{
    CHECK_EQ(power_up(reader), SC_OK);
    CHECK_EQ(fake_protocol(&host, reader, PROTOCOL_T1), SC_OK);
    CHECK_EQ(use(reader), SC_OK);
}

/* --- Tests -------------------------------------------------------------------------- */

static void try_life(void)
{
    begin();
    plug_in("gempc_twin?card=t1");
    CHECK(fake_wait_readers(&host, 1) && comes_to(&seen.settled, 1));
    CHECK(host.readers[0].info.card_present && !host.readers[0].info.taken);
    connect_card(0);
    /* What is pulled out is gone at once, and its jobs with it. */
    ccid_device_leave(&device->ccid);
    CHECK(atomic_load_u32(&device->leaving) != 0);
    CHECK(fake_wait_gone(&host, 0) && comes_to(&seen.finished, 1));
    CHECK_EQ(use(0), SC_E_READER_UNAVAILABLE);
    CHECK_EQ(atomic_load_u32(&seen.opened), 1);
    CHECK_EQ(atomic_load_u32(&seen.closed), 1);
    CHECK_EQ(atomic_load_u32(&seen.port_closed), 1);
    CHECK_EQ(atomic_load_u32(&seen.destroyed), 0); /* before it is released */
    fake_host_stop(&host);
}

static void try_late_opening(void)
{
    begin();
    atomic_store_u32(&plan.open_failures, 2);
    plug_in("gempc_twin?card=t1");
    CHECK(comes_to(&seen.settled, 1)); /* nobody waits for the second try */
    CHECK(fake_wait_readers(&host, 1));
    CHECK_EQ(atomic_load_u32(&seen.opened), 1);
    connect_card(0);
    fake_host_stop(&host);
}

/* It leaves before it has ever been opened. */
static void try_never_opened(void)
{
    begin();
    atomic_store_u32(&plan.open_failures, 1000);
    plug_in("gempc_twin?card=t1");
    CHECK(comes_to(&seen.settled, 1));
    fake_host_stop(&host);
    CHECK_EQ(atomic_load_u32(&seen.opened), 0);
    CHECK_EQ(atomic_load_u32(&seen.closed), 0);
    CHECK_EQ(host.count, 0);
}

static void try_taken(void)
{
    begin();
    atomic_store_u32(&plan.taken, 1);
    plug_in("gempc_twin?card=t1");
    CHECK(fake_wait_readers(&host, 1));
    CHECK(host.readers[0].info.taken && !host.readers[0].info.card_present);
    atomic_store_u32(&plan.taken, 0);
    CHECK(fake_wait_readers(&host, 2) && fake_wait_gone(&host, 0));
    CHECK(!host.readers[1].info.taken && host.readers[1].info.card_present);
    connect_card(1);
    fake_host_stop(&host);
}

/* Another process resets the device: the card is another one to the host. */
static void try_reset(void)
{
    begin();
    plug_in("gempc_twin?card=t1");
    CHECK(fake_wait_readers(&host, 1));
    connect_card(0);
    CHECK_EQ(device->inner->reset(device->inner), SC_OK);
    device->transport.was_reset(device->transport.owner);
    CHECK(fake_wait_events(&host, 0, 2));
    CHECK_EQ(host.readers[0].events[0], CARD_REMOVED);
    CHECK_EQ(host.readers[0].events[1], CARD_INSERTED);
    CHECK_EQ(use(0), SC_W_REMOVED_CARD);
    connect_card(0);
    CHECK_EQ(fake_event_count(&host, 0), 2);
    fake_host_stop(&host);
}

/* As long as the reader is heard nobody asks it; what it said while it was not heard is
 * asked for, and from when it is not heard any more it is polled. */
static void try_listening(void)
{
    static const uint8_t gone[] = {0x50, 0x02}, there[] = {0x50, 0x03};
    begin();
    plug_in("gempc_twin?card=t1");
    CHECK(fake_wait_readers(&host, 1) && comes_to(&seen.settled, 1));
    sim_direct_remove(device->direct, 0);
    ccid_interface_notify(&device->port.ccid, gone, sizeof(gone));
    CHECK_EQ(fake_event_count(&host, 0), 1);
    sim_direct_insert(device->direct, 0);
    ccid_interface_notify(&device->port.ccid, there, sizeof(there));
    CHECK_EQ(fake_event_count(&host, 0), 2);

    sim_direct_remove(device->direct, 0); /* and nothing is heard of that */
    atomic_store_u32(&plan.hearing, CCID_HEARS_AGAIN);
    ccid_device_wake(&device->ccid);
    CHECK(fake_wait_events(&host, 0, 3) && !fake_present(&host, 0));

    atomic_store_u32(&plan.hearing, CCID_DEAF);
    ccid_device_wake(&device->ccid);
    sim_direct_insert(device->direct, 0);
    CHECK(fake_wait_events(&host, 0, 4) && fake_present(&host, 0));
    sim_direct_remove(device->direct, 0);
    CHECK(fake_wait_events(&host, 0, 5));
    fake_host_stop(&host);
}

/* A bus that carries messages, and can do nothing else: a command that was lost is got
 * over all the same, by power-off and status. */
static void try_poor_bus(void)
{
    begin();
    atomic_store_u32(&plan.capabilities, 0);
    plug_in("gempc_twin?card=t1");
    CHECK(fake_wait_readers(&host, 1));
    connect_card(0);
    atomic_store_u32(&plan.deaf, 1);
    CHECK_EQ(use_for(0, 100), SC_E_TIMEOUT);
    atomic_store_u32(&plan.deaf, 0);
    CHECK_EQ(use(0), SC_W_REMOVED_CARD); /* it has lost its power by that */
    connect_card(0);
    CHECK_EQ(host.count, 1);
    fake_host_stop(&host);
    CHECK_EQ(seen.controls + seen.halts + seen.resets, 0);
}

/* One that does not answer at all any more is given up, and comes back when it does. */
static void try_given_up(uint32_t capabilities)
{
    begin();
    atomic_store_u32(&plan.capabilities, capabilities);
    plug_in("gempc_twin?card=t1");
    CHECK(fake_wait_readers(&host, 1));
    connect_card(0);
    atomic_store_u32(&plan.deaf, 1);
    CHECK_EQ(use_for(0, 100), SC_E_TIMEOUT);
    CHECK_EQ(use(0), SC_E_READER_UNAVAILABLE);
    CHECK(fake_wait_gone(&host, 0));
    atomic_store_u32(&plan.deaf, 0);
    CHECK((seen.resets != 0) == ((capabilities & CCID_BUS_RESET) != 0));
    CHECK((seen.halts != 0) == ((capabilities & CCID_BUS_HALT) != 0));
    CHECK((seen.controls != 0) == ((capabilities & CCID_BUS_CONTROL) != 0));
    CHECK(fake_wait_readers(&host, 2));
    connect_card(1);
    fake_host_stop(&host);
    CHECK_EQ(atomic_load_u32(&seen.opened), 1);
    CHECK_EQ(seen.port_opened, seen.port_closed);
    CHECK(seen.port_opened >= 2);
}

int main(void)
{
    try_life();
    try_late_opening();
    try_never_opened();
    try_taken();
    try_reset();
    try_listening();
    try_poor_bus();
    try_given_up(0);
    try_given_up(CCID_BUS_HALT);
    try_given_up(CCID_BUS_CONTROL | CCID_BUS_RESET);
    return check_result();
}
