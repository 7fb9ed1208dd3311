/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/rig/guest/usbip.h"

#include "tests/rig/guest/vhci.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    HEADER_SIZE = 48,
    COMMAND_SUBMIT = 1,
    COMMAND_UNLINK = 2,
    ANSWER_SUBMIT = 3,
    ANSWER_UNLINK = 4,
    /* Offsets of big-endian numbers in a header. */
    AT_COMMAND = 0,
    AT_SEQUENCE = 4,
    AT_DIRECTION = 12,
    AT_ENDPOINT = 16,
    AT_LENGTH = 24, /* of SUBMIT; actual length in the answer */
    AT_STATUS = 20, /* of an answer; of UNLINK the sequence number it is about */
    AT_SETUP = 40
};

struct transfer {
    struct sim_urb urb;
    struct list_link link;
    uint32_t sequence;
    bool unlinked;
    uint32_t unlink_sequence;
    uint8_t bytes[];
};

struct usbip_port {
    struct sim_device *device;
    int descriptor;
    bool closed;
    uint8_t header[HEADER_SIZE];
    size_t header_size;
    struct transfer *taking; /* whose OUT data is still to come */
    size_t taken;
    struct list_link pending; /* transfers that the device has */
};

static uint32_t get_u32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8
           | bytes[3];
}

static void put_u32(uint8_t *bytes, uint32_t number)
{
    bytes[0] = (uint8_t)(number >> 24);
    bytes[1] = (uint8_t)(number >> 16);
    bytes[2] = (uint8_t)(number >> 8);
    bytes[3] = (uint8_t)number;
}

struct usbip_port *usbip_port_open(const char *specification, char *why, size_t why_room)
{
    int ends[2];
    struct usbip_port *port = calloc(1, sizeof(*port));
    if (port == NULL) {
        snprintf(why, why_room, "no memory");
        return NULL;
    }
    list_init(&port->pending);
    port->device = sim_device_new(specification, why, why_room);
    if (port->device == NULL)
        goto no_device;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        snprintf(why, why_room, "socketpair: %s", strerror(errno));
        goto no_sockets;
    }
    port->descriptor = ends[0];
    if (!vhci_attach(ends[1], (int)sim_device_identity(port->device)->speed, why,
                     why_room))
        goto not_attached;
    close(ends[1]);
    return port;
not_attached:
    close(ends[0]);
    close(ends[1]);
no_sockets:
    sim_device_free(port->device);
no_device:
    free(port);
    return NULL;
}

void usbip_port_close(struct usbip_port *port)
{
    struct sim_urb *urb;
    sim_unplug(port->device);
    while ((urb = sim_take_done(port->device)) != NULL) {
        struct transfer *transfer = urb->owner;
        list_remove(&transfer->link);
        free(transfer);
    }
    free(port->taking);
    close(port->descriptor);
    sim_device_free(port->device);
    free(port);
}

struct sim_device *usbip_port_device(struct usbip_port *port)
{
    return port->device;
}

int usbip_port_descriptor(const struct usbip_port *port)
{
    return port->descriptor;
}

static void send_all(struct usbip_port *port, const uint8_t *bytes, size_t size)
{
    /* The kernel has a thread that reads, so waiting for room here is short. */
    while (size > 0 && !port->closed) {
        ssize_t sent = send(port->descriptor, bytes, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0) {
            port->closed = true;
            return;
        }
        bytes += sent;
        size -= (size_t)sent;
    }
}

/* The number that the kernel's URB gets. */
static int32_t status_number(enum sim_status status)
{
    switch (status) {
    case SIM_OK:
        return 0;
    case SIM_STALL:
        return -EPIPE;
    case SIM_OVERFLOW:
        return -EOVERFLOW;
    case SIM_BROKEN:
        return -EPROTO;
    case SIM_CANCELLED:
        return -ECONNRESET;
    case SIM_SHUT:
        return -ESHUTDOWN;
    case SIM_GONE:
        return -ENODEV;
    }
    return -EPROTO;
}

static void answer(struct usbip_port *port, uint32_t command, uint32_t sequence,
                   int32_t status, size_t done)
{
    uint8_t header[HEADER_SIZE] = {0};
    put_u32(header + AT_COMMAND, command);
    put_u32(header + AT_SEQUENCE, sequence);
    put_u32(header + AT_STATUS, (uint32_t)status);
    put_u32(header + AT_LENGTH, (uint32_t)done);
    send_all(port, header, sizeof(header));
}

static bool is_in(const struct sim_urb *urb)
{
    return ((urb->endpoint == 0 ? urb->setup[0] : urb->endpoint) & 0x80) != 0;
}

static void give_back(struct usbip_port *port, struct transfer *transfer)
{
    const struct sim_urb *urb = &transfer->urb;
    int32_t status = status_number(urb->status);
    list_remove(&transfer->link);
    if (transfer->unlinked) {
        answer(port, ANSWER_UNLINK, transfer->unlink_sequence, -ECONNRESET, 0);
    } else {
        answer(port, ANSWER_SUBMIT, transfer->sequence, status, urb->done);
        if (is_in(urb))
            send_all(port, urb->bytes, urb->done);
    }
    free(transfer);
}

static void give_back_all(struct usbip_port *port)
{
    struct sim_urb *urb;
    while ((urb = sim_take_done(port->device)) != NULL)
        give_back(port, urb->owner);
}

static void submit(struct usbip_port *port, struct transfer *transfer, uint64_t now_ms)
{
    list_append(&port->pending, &transfer->link);
    sim_submit(port->device, &transfer->urb, now_ms);
    give_back_all(port);
}

static void take_submit(struct usbip_port *port, uint64_t now_ms)
{
    uint32_t size = get_u32(port->header + AT_LENGTH);
    bool in = get_u32(port->header + AT_DIRECTION) != 0;
    uint8_t number = (uint8_t)(get_u32(port->header + AT_ENDPOINT) & 0x0F);
    struct transfer *transfer = NULL;
    if (size <= USBIP_TRANSFER_MAX)
        transfer = calloc(1, sizeof(*transfer) + size);
    if (transfer == NULL) {
        port->closed = true;
        return;
    }
    transfer->sequence = get_u32(port->header + AT_SEQUENCE);
    transfer->urb.endpoint = number == 0 ? 0 : (uint8_t)(number | (in ? 0x80 : 0));
    memcpy(transfer->urb.setup, port->header + AT_SETUP, sizeof(transfer->urb.setup));
    transfer->urb.bytes = transfer->bytes;
    transfer->urb.size = size;
    transfer->urb.owner = transfer;
    list_init(&transfer->urb.link);
    list_init(&transfer->link);
    if (in || size == 0) {
        submit(port, transfer, now_ms);
        return;
    }
    port->taking = transfer;
    port->taken = 0;
}

static void take_unlink(struct usbip_port *port)
{
    uint32_t sequence = get_u32(port->header + AT_SEQUENCE);
    uint32_t wanted = get_u32(port->header + AT_STATUS);
    struct list_link *link;
    LIST_FOR_EACH(link, &port->pending)
    {
        struct transfer *transfer = LIST_ENTRY(link, struct transfer, link);
        if (transfer->sequence == wanted) {
            transfer->unlinked = true;
            transfer->unlink_sequence = sequence;
            sim_cancel(port->device, &transfer->urb);
            give_back_all(port);
            return;
        }
    }
    answer(port, ANSWER_UNLINK, sequence, 0, 0); /* it was given back already */
}

static void take_header(struct usbip_port *port, uint64_t now_ms)
{
    port->header_size = 0;
    switch (get_u32(port->header + AT_COMMAND)) {
    case COMMAND_SUBMIT:
        take_submit(port, now_ms);
        break;
    case COMMAND_UNLINK:
        take_unlink(port);
        break;
    default:
        port->closed = true;
    }
}

/* Receives once. False: there is nothing more for now. */
static bool receive_some(struct usbip_port *port, uint64_t now_ms)
{
    struct transfer *taking = port->taking;
    uint8_t *to = port->header + port->header_size;
    size_t room = HEADER_SIZE - port->header_size;
    ssize_t got;
    if (taking != NULL) {
        to = taking->bytes + port->taken;
        room = taking->urb.size - port->taken;
    }
    got = recv(port->descriptor, to, room, MSG_DONTWAIT);
    if (got <= 0) {
        bool later = got < 0 && (errno == EAGAIN || errno == EINTR);
        port->closed = port->closed || !later;
        return false;
    }
    if (taking == NULL) {
        port->header_size += (size_t)got;
        if (port->header_size == HEADER_SIZE)
            take_header(port, now_ms);
        return true;
    }
    port->taken += (size_t)got;
    if (port->taken == taking->urb.size) {
        port->taking = NULL;
        submit(port, taking, now_ms);
    }
    return true;
}

bool usbip_port_receive(struct usbip_port *port, uint64_t now_ms)
{
    while (!port->closed && receive_some(port, now_ms))
        ;
    return !port->closed;
}

bool usbip_port_advance(struct usbip_port *port, uint64_t now_ms, uint64_t *next)
{
    *next = sim_advance(port->device, now_ms);
    give_back_all(port);
    return !port->closed && !sim_unplugged(port->device);
}
