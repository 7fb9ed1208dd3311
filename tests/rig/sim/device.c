/* SPDX-License-Identifier: BSD-2-Clause */
/* The simulated device: URBs to endpoints, time, the world around. */
#include "tests/rig/sim/internal.h"

#include "base/alloc.h"

#include <stdio.h>
#include <string.h>

enum { BULK_FULL_SPEED = 64, BULK_HIGH_SPEED = 512, INTERRUPT_PACKET = 8 };

/* --- Making ------------------------------------------------------------------------- */

static bool make_slot(struct sim_interface *iface, uint32_t i, uint32_t number)
{
    struct sim_options *options = &iface->device->options;
    struct sim_slot *slot = &iface->slots[i];
    slot->iface = iface;
    slot->number = (uint8_t)i;
    slot->line.clock_khz = iface->class.clock_khz;
    slot->card = sim_card_new(&options->card, number);
    slot->present =
        !options->empty && (number > 31 || (options->present >> number & 1) != 0);
    return slot->card != NULL;
}

static bool make_interfaces(struct sim_device *device)
{
    uint16_t packet =
        device->options.speed == SIM_HIGH_SPEED ? BULK_HIGH_SPEED : BULK_FULL_SPEED;
    uint32_t number = 0;
    device->interfaces =
        mem_alloc_array(device->reader.interface_count, sizeof(struct sim_interface));
    if (device->interfaces == NULL)
        return false;
    device->interface_count = device->reader.interface_count;
    for (size_t i = 0; i < device->interface_count; i++) {
        struct sim_interface *iface = &device->interfaces[i];
        const struct sim_interface_data *data = &device->reader.interfaces[i];
        iface->device = device;
        iface->data = data;
        sim_class_parse(data->descriptor, &iface->class);
        if (device->options.message_max != 0)
            iface->class.message_max = device->options.message_max;
        sim_endpoint_init(&iface->out, data->bulk_out, packet);
        sim_endpoint_init(&iface->in, data->bulk_in, packet);
        sim_endpoint_init(&iface->interrupt, data->interrupt_in, INTERRUPT_PACKET);
    }
    for (size_t i = 0; i < device->interface_count; i++)
        for (uint32_t s = 0; s < device->interfaces[i].class.slot_count; s++)
            if (s >= SIM_SLOTS_MAX || !make_slot(&device->interfaces[i], s, number++))
                return false;
    return true;
}

struct sim_device *sim_device_new(const char *specification, char *why, size_t why_room)
{
    struct sim_device *device = mem_alloc(sizeof(*device));
    if (device == NULL) {
        (void)snprintf(why, why_room, "no memory");
        return NULL;
    }
    list_init(&device->stuck);
    list_init(&device->done);
    if (!sim_spec_parse(specification, device, why, why_room)) {
        mem_free(device);
        return NULL;
    }
    if (!make_interfaces(device)) {
        (void)snprintf(why, why_room, "no memory");
        sim_device_free(device);
        return NULL;
    }
    sim_descriptors_build(device);
    sim_device_reset(device);
    return device;
}

void sim_device_free(struct sim_device *device)
{
    if (device == NULL)
        return;
    for (size_t i = 0; i < device->interface_count; i++) {
        struct sim_interface *iface = &device->interfaces[i];
        sim_queue_drop(&iface->in, SIM_SLOTS_MAX);
        sim_queue_drop(&iface->interrupt, SIM_SLOTS_MAX);
        for (size_t s = 0; s < SIM_SLOTS_MAX; s++)
            sim_card_free(iface->slots[s].card);
    }
    mem_free(device->interfaces);
    mem_free(device);
}

static void reset_interface(struct sim_interface *iface)
{
    iface->out.halted = false;
    iface->in.halted = false;
    iface->interrupt.halted = false;
    iface->message_size = 0;
    iface->changed = 0;
    sim_queue_drop(&iface->in, SIM_SLOTS_MAX);
    sim_queue_drop(&iface->interrupt, SIM_SLOTS_MAX);
    for (uint32_t i = 0; i < iface->class.slot_count; i++) {
        struct sim_slot *slot = &iface->slots[i];
        sim_power_off(slot);
        slot->busy_until = 0;
        slot->control_abort = false;
        slot->bulk_abort = false;
        if (slot->present && sim_slot_tells(slot))
            iface->changed |= 1U << i;
        if (slot->present && (iface->class.features & WIRE_AUTO_ACTIVATION) != 0) {
            sim_card_reset(slot->card);
            slot->powered = true;
            sim_reset_parameters(slot);
        }
    }
}

void sim_device_reset(struct sim_device *device)
{
    device->configured = 0;
    for (size_t i = 0; i < device->interface_count; i++)
        reset_interface(&device->interfaces[i]);
}

const struct sim_identity *sim_device_identity(const struct sim_device *device)
{
    return &device->identity;
}

const struct sim_counts *sim_device_counts(const struct sim_device *device)
{
    return &device->counts;
}

struct sim_interface *sim_interface_find(struct sim_device *device, uint32_t number)
{
    for (size_t i = 0; i < device->interface_count; i++)
        if (device->interfaces[i].data->number == number)
            return &device->interfaces[i];
    return NULL;
}

/* --- URBs --------------------------------------------------------------------------- */

void sim_urb_finish(struct sim_device *device, struct sim_urb *urb,
                    enum sim_status status)
{
    list_remove(&urb->link);
    urb->status = status;
    list_append(&device->done, &urb->link);
}

static void submit_data(struct sim_device *device, struct sim_urb *urb)
{
    for (size_t i = 0; i < device->interface_count; i++) {
        struct sim_interface *iface = &device->interfaces[i];
        if (urb->endpoint == iface->out.address) {
            device->counts.bulk_out++;
            sim_message_take(iface, urb);
            return;
        }
        if (urb->endpoint == iface->in.address) {
            device->counts.bulk_in++;
            list_append(&iface->in.urbs, &urb->link);
            return;
        }
        if (urb->endpoint == iface->interrupt.address) {
            device->counts.interrupt_in++;
            list_append(&iface->interrupt.urbs, &urb->link);
            return;
        }
    }
    sim_urb_finish(device, urb, SIM_BROKEN);
}

void sim_submit(struct sim_device *device, struct sim_urb *urb, uint64_t now_ms)
{
    urb->done = 0;
    urb->status = SIM_OK;
    list_init(&urb->link);
    (void)sim_advance(device, now_ms);
    if (device->unplugged) {
        sim_urb_finish(device, urb, SIM_GONE);
        return;
    }
    if (urb->endpoint == 0) {
        device->counts.control++;
        sim_control(device, urb);
    } else {
        submit_data(device, urb);
    }
    (void)sim_advance(device, now_ms);
}

static void end_urb(struct sim_device *device, struct sim_urb *urb,
                    enum sim_status status)
{
    struct list_link *link;
    LIST_FOR_EACH(link, &device->done)
    if (link == &urb->link)
        return;
    sim_urb_finish(device, urb, status);
}

void sim_cancel(struct sim_device *device, struct sim_urb *urb)
{
    end_urb(device, urb, SIM_CANCELLED);
}

void sim_shut(struct sim_device *device, struct sim_urb *urb)
{
    end_urb(device, urb, SIM_SHUT);
}

struct sim_urb *sim_take_done(struct sim_device *device)
{
    if (list_empty(&device->done))
        return NULL;
    struct sim_urb *urb = LIST_ENTRY(device->done.next, struct sim_urb, link);
    list_remove(&urb->link);
    return urb;
}

/* --- Time --------------------------------------------------------------------------- */

/* A NotifySlotChange (CCID 6.3.1), if somebody listens. */
static void notify(struct sim_interface *iface)
{
    uint8_t count = iface->class.slot_count;
    if (iface->changed == 0 || list_empty(&iface->interrupt.urbs)
        || iface->interrupt.halted)
        return;
    struct sim_item *item =
        sim_item_new(&iface->interrupt, 1U + (count + 3U) / 4U, iface->device->now);
    if (item == NULL)
        return;
    item->bytes[0] = WIRE_NOTIFY;
    for (uint32_t i = 0; i < count; i++) {
        const struct sim_slot *slot = &iface->slots[i];
        unsigned bits = (slot->present && sim_slot_tells(slot) ? 1U : 0U)
                        | ((iface->changed >> i & 1) != 0 ? 2U : 0U);
        item->bytes[1 + i / 4] |= (uint8_t)(bits << (2 * (i % 4)));
    }
    iface->changed = 0;
}

static void insert_card(struct sim_slot *slot)
{
    if (slot->present)
        return;
    slot->present = true;
    if (sim_slot_tells(slot))
        slot->iface->changed |= 1U << slot->number;
    if ((slot->iface->class.features & WIRE_AUTO_ACTIVATION) != 0) {
        sim_card_reset(slot->card);
        slot->powered = true;
        sim_reset_parameters(slot);
    }
}

static void remove_card(struct sim_slot *slot)
{
    if (!slot->present)
        return;
    sim_power_off(slot);
    slot->present = false;
    if (sim_slot_tells(slot))
        slot->iface->changed |= 1U << slot->number;
}

void sim_event_add(struct sim_device *device, enum sim_event_kind kind, uint64_t at,
                   struct sim_slot *slot)
{
    for (size_t i = 0; i < SIM_EVENTS_MAX; i++) {
        if (device->events[i].kind == SIM_EVENT_NONE) {
            device->events[i] = (struct sim_event){.kind = kind, .at = at, .slot = slot};
            return;
        }
    }
}

/* As the kernel does it: the configuration is set again afterwards. */
static void reset_by_host(struct sim_device *device)
{
    uint8_t configured = device->configured;
    sim_reset(device);
    device->configured = configured;
}

/* Runs what is due, the earliest first; gives when the next one is. */
static uint64_t run_events(struct sim_device *device)
{
    for (;;) {
        struct sim_event *first = NULL;
        for (size_t i = 0; i < SIM_EVENTS_MAX; i++) {
            struct sim_event *event = &device->events[i];
            if (event->kind != SIM_EVENT_NONE && (first == NULL || event->at < first->at))
                first = event;
        }
        if (first == NULL)
            return UINT64_MAX;
        if (first->at > device->now)
            return first->at;
        enum sim_event_kind kind = first->kind;
        first->kind = SIM_EVENT_NONE;
        if (kind == SIM_EVENT_INSERT)
            insert_card(first->slot);
        else if (kind == SIM_EVENT_REMOVE)
            remove_card(first->slot);
        else if (kind == SIM_EVENT_RESET)
            reset_by_host(device);
        else
            sim_unplug(device);
    }
}

uint64_t sim_advance(struct sim_device *device, uint64_t now_ms)
{
    if (now_ms > device->now)
        device->now = now_ms;
    uint64_t next = run_events(device);
    if (device->unplugged)
        return UINT64_MAX;
    for (size_t i = 0; i < device->interface_count; i++) {
        struct sim_interface *iface = &device->interfaces[i];
        uint64_t at = sim_queue_deliver(device, &iface->in);
        next = at < next ? at : next;
        notify(iface);
        at = sim_queue_deliver(device, &iface->interrupt);
        next = at < next ? at : next;
    }
    return next;
}

/* --- The world ---------------------------------------------------------------------- */

static struct sim_slot *find_slot(struct sim_device *device, uint32_t number)
{
    for (size_t i = 0; i < device->interface_count; i++) {
        uint32_t count = device->interfaces[i].class.slot_count;
        if (number < count)
            return &device->interfaces[i].slots[number];
        number -= count;
    }
    return NULL;
}

void sim_card_insert(struct sim_device *device, uint32_t number)
{
    struct sim_slot *slot = find_slot(device, number);
    if (slot != NULL)
        insert_card(slot);
    (void)sim_advance(device, device->now);
}

void sim_revive(struct sim_device *device)
{
    device->dead_until = 0;
}

void sim_card_remove(struct sim_device *device, uint32_t number)
{
    struct sim_slot *slot = find_slot(device, number);
    if (slot != NULL)
        remove_card(slot);
    (void)sim_advance(device, device->now);
}

static void finish_list(struct sim_device *device, struct list_link *urbs,
                        enum sim_status status)
{
    while (!list_empty(urbs))
        sim_urb_finish(device, LIST_ENTRY(urbs->next, struct sim_urb, link), status);
}

static void finish_all(struct sim_device *device, enum sim_status status)
{
    finish_list(device, &device->stuck, status);
    for (size_t i = 0; i < device->interface_count; i++) {
        finish_list(device, &device->interfaces[i].in.urbs, status);
        finish_list(device, &device->interfaces[i].interrupt.urbs, status);
    }
}

void sim_unplug(struct sim_device *device)
{
    device->unplugged = true;
    finish_all(device, SIM_GONE);
}

void sim_reset(struct sim_device *device)
{
    finish_all(device, SIM_SHUT);
    sim_device_reset(device);
}

bool sim_unplugged(const struct sim_device *device)
{
    return device->unplugged;
}
