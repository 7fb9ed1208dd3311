/* SPDX-License-Identifier: BSD-2-Clause */
/* IN endpoints: messages wait for URBs, URBs for messages. Packets as on the bus
 * (USB 2.0, 5.8.3): a short one ends the URB, and a message that is a multiple of the
 * packet does only if an empty one follows. */
#include "tests/rig/sim/internal.h"

#include "base/alloc.h"

#include <string.h>

void sim_endpoint_init(struct sim_endpoint *endpoint, uint8_t address, uint16_t packet)
{
    memset(endpoint, 0, sizeof(*endpoint));
    endpoint->address = address;
    endpoint->packet = packet;
    list_init(&endpoint->urbs);
    list_init(&endpoint->items);
}

static struct sim_item *item_of(struct list_link *link)
{
    return LIST_ENTRY(link, struct sim_item, link);
}

/* By time, behind those of the same. */
static void insert(struct sim_endpoint *endpoint, struct sim_item *item)
{
    struct list_link *before = endpoint->items.prev;
    while (before != &endpoint->items && item_of(before)->at > item->at)
        before = before->prev;
    list_insert_between(before, before->next, &item->link);
}

struct sim_item *sim_item_new(struct sim_endpoint *endpoint, size_t size, uint64_t at)
{
    struct sim_item *item =
        endpoint->item_count < SIM_ITEMS_MAX ? mem_alloc(sizeof(*item) + size) : NULL;
    if (item == NULL)
        return NULL;
    endpoint->item_count++;
    item->at = at;
    item->size = size;
    item->slot = SIM_SLOTS_MAX;
    insert(endpoint, item);
    return item;
}

static void drop(struct sim_endpoint *endpoint, struct sim_item *item)
{
    endpoint->item_count--;
    list_remove(&item->link);
    mem_free(item);
}

void sim_queue_drop(struct sim_endpoint *endpoint, uint32_t slot)
{
    struct list_link *link = endpoint->items.next;
    while (link != &endpoint->items) {
        struct sim_item *item = item_of(link);
        link = link->next;
        /* What the host has begun to fetch is on the bus already. */
        if (slot == SIM_SLOTS_MAX || (item->slot == slot && item->sent == 0))
            drop(endpoint, item);
    }
}

void sim_queue_end_repeats(struct sim_endpoint *endpoint, uint32_t slot)
{
    struct list_link *link = endpoint->items.next;
    while (link != &endpoint->items) {
        struct sim_item *item = item_of(link);
        link = link->next;
        if (item->repeat_ms != 0 && item->slot == slot && item->sent == 0)
            drop(endpoint, item);
    }
}

/* The message is fetched. */
static void finish_item(struct sim_device *device, struct sim_endpoint *endpoint,
                        struct sim_item *item)
{
    if (item->repeat_ms == 0) {
        drop(endpoint, item);
        return;
    }
    list_remove(&item->link);
    item->sent = 0;
    item->at = device->now + item->repeat_ms;
    insert(endpoint, item);
}

/* Moves one packet. True if the URB is over with it. */
static bool move_packet(struct sim_device *device, struct sim_endpoint *endpoint,
                        struct sim_item *item, struct sim_urb *urb)
{
    size_t left = item->size - item->sent;
    size_t size = left < endpoint->packet ? left : endpoint->packet;
    size_t room = urb->size - urb->done;
    if (item->kind == SIM_ITEM_STALL) {
        endpoint->halted = true;
        drop(endpoint, item);
        sim_urb_finish(device, urb, SIM_STALL);
        return true;
    }
    if (item->kind == SIM_ITEM_BABBLE || size > room) {
        drop(endpoint, item);
        sim_urb_finish(device, urb, SIM_OVERFLOW);
        return true;
    }
    if (size != 0)
        memcpy(urb->bytes + urb->done, item->bytes + item->sent, size);
    urb->done += size;
    item->sent += size;
    bool ends = size < endpoint->packet;
    if (ends || (item->sent == item->size && !item->closing))
        finish_item(device, endpoint, item);
    if (!ends && urb->done < urb->size)
        return false;
    sim_urb_finish(device, urb, SIM_OK);
    return true;
}

uint64_t sim_queue_deliver(struct sim_device *device, struct sim_endpoint *endpoint)
{
    while (!list_empty(&endpoint->urbs)) {
        struct sim_urb *urb = LIST_ENTRY(endpoint->urbs.next, struct sim_urb, link);
        if (endpoint->halted) {
            sim_urb_finish(device, urb, SIM_STALL);
            continue;
        }
        if (list_empty(&endpoint->items))
            return UINT64_MAX;
        struct sim_item *item = item_of(endpoint->items.next);
        if (item->at > device->now)
            return item->at;
        (void)move_packet(device, endpoint, item, urb);
    }
    return UINT64_MAX;
}
