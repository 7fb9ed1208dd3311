/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/time.h"
#include "tests/rig/mock/usbfs_state.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>

enum { TRACE_BYTES = 64 }; /* of an URB that are shown */

static struct usbfs_urb *urb_new(struct usbfs_file *file, enum usbfs_kind kind,
                                 size_t size)
{
    struct usbfs_urb *urb = calloc(1, sizeof *urb + size);
    if (urb == NULL)
        return NULL;
    urb->kind = kind;
    urb->file = file;
    urb->deadline_ms = OS_FOREVER;
    urb->sim.bytes = urb->bytes;
    urb->sim.size = size;
    urb->sim.owner = urb;
    list_init(&urb->sim.link);
    list_init(&urb->link);
    return urb;
}

static void urb_free(struct usbfs_urb *urb)
{
    list_remove(&urb->link);
    if (urb->arg != NULL)
        g_object_unref(urb->arg);
    if (urb->data != NULL)
        g_object_unref(urb->data);
    free(urb);
}

static bool urb_is_in(const struct usbfs_urb *urb)
{
    if (urb->sim.endpoint == 0)
        return (urb->sim.setup[0] & 0x80) != 0;
    return (urb->sim.endpoint & 0x80) != 0;
}

/* What was submitted, from the client's memory. The ioctl is still under way. */
static void urb_fill(struct usbfs_urb *urb, UMockdevIoctlData *data, size_t skip)
{
    if (data == NULL)
        return;
    urb->data = g_object_ref(data);
    urb->skip = skip;
    if (!urb_is_in(urb) && urb->sim.size > 0)
        memcpy(urb->bytes, data->data + skip, urb->sim.size);
}

/* What came in, to the local copy of the client's memory: umockdev writes it there when
 * the ioctl is answered. */
static void urb_return(struct usbfs_urb *urb)
{
    if (urb_is_in(urb) && urb->data != NULL && urb->sim.done > 0)
        memcpy(urb->data->data + urb->skip, urb->bytes, urb->sim.done);
}

/* As the kernel's host controllers say it (Documentation/driver-api/usb/error-codes). */
static int urb_errno(const struct usbfs_urb *urb)
{
    switch (urb->sim.status) {
    case SIM_OK:
        return 0;
    case SIM_STALL:
        return EPIPE;
    case SIM_OVERFLOW:
        return EOVERFLOW;
    case SIM_BROKEN:
        return EPROTO;
    case SIM_CANCELLED:
        return ENOENT;
    case SIM_SHUT:
    case SIM_GONE:
        return ESHUTDOWN;
    }
    return EPROTO;
}

/* The node can be polled for output when a file has something to reap. */
static void tell_ready(struct usbfs *usbfs)
{
    bool ready = false;
    struct list_link *link;
    LIST_FOR_EACH(link, &usbfs->files)
    ready |= !list_empty(&LIST_ENTRY(link, struct usbfs_file, link)->done);
    if (ready != usbfs->ready && !usbfs->gone)
        (void)tcflow(usbfs->slave, ready ? TCOON : TCOOFF);
    usbfs->ready = ready;
}

/* Fills the argument of a reap with the oldest finished URB. */
static void reap_one(struct usbfs_file *file, UMockdevIoctlData *arg)
{
    struct usbfs_urb *urb = usbfs_urb_of(file->done.next);
    struct usbdevfs_urb told;
    urb_return(urb);
    memcpy(&told, urb->arg->data, sizeof told);
    told.status = -urb_errno(urb);
    told.actual_length = (int)urb->sim.done;
    memcpy(urb->arg->data, &told, sizeof told);
    umockdev_ioctl_data_set_ptr(arg, 0, urb->arg);
    urb_free(urb);
}

static void finish_sync(struct usbfs_urb *urb)
{
    long answer = urb->late ? -ETIMEDOUT : -urb_errno(urb);
    urb_return(urb);
    if (answer == 0)
        answer = (long)urb->sim.done;
    usbfs_answer(urb->file->client, answer);
    urb_free(urb);
}

/* MOCK_TRACE=1: a line for each finished URB. */
static void trace(const struct usbfs *usbfs, const struct usbfs_urb *urb)
{
    static const char *const statuses[] = {"",           " stall", " overflow", " broken",
                                           " cancelled", " shut",  " gone"};
    const struct sim_urb *sim = &urb->sim;
    char text[3 * TRACE_BYTES + 1] = "";
    char setup[32] = "";
    for (size_t i = 0; i < sim->done && i < TRACE_BYTES; i++)
        (void)snprintf(text + 3 * i, 4, " %02X", urb->bytes[i]);
    if (sim->endpoint == 0)
        (void)snprintf(setup, sizeof setup, " (%02X %02X %02X%02X %02X%02X %02X%02X)",
                       sim->setup[0], sim->setup[1], sim->setup[3], sim->setup[2],
                       sim->setup[5], sim->setup[4], sim->setup[7], sim->setup[6]);
    fprintf(stderr, "%8u %04X:%04X %02X%s %zu%s%s\n", (unsigned)(os_now_ms() % 100000000),
            usbfs->identity.vendor, usbfs->identity.product, sim->endpoint, setup,
            sim->done, statuses[sim->status], text);
}

void usbfs_collect(struct usbfs *usbfs)
{
    struct sim_urb *sim;
    while ((sim = sim_take_done(usbfs->device)) != NULL) {
        struct usbfs_urb *urb = sim->owner;
        if (usbfs->traced)
            trace(usbfs, urb);
        if (urb->file == NULL || urb->kind == USBFS_SILENT) {
            urb_free(urb);
        } else if (urb->kind == USBFS_SYNC) {
            finish_sync(urb);
        } else {
            struct usbfs_file *file = urb->file;
            list_remove(&urb->link);
            list_append(&file->done, &urb->link);
            if (file->reaping == NULL)
                continue;
            reap_one(file, file->reaping);
            file->reaping = NULL;
            usbfs_answer(file->client, 0);
        }
    }
    tell_ready(usbfs);
}

static void urb_start(struct usbfs *usbfs, struct usbfs_urb *urb)
{
    list_append(&urb->file->kept, &urb->link);
    sim_submit(usbfs->device, &urb->sim, os_now_ms());
}

/* wMaxPacketSize of an endpoint in the configuration, 0 if there is none; the number of
 * the interface that it belongs to. */
static size_t find_endpoint(const struct usbfs *usbfs, uint8_t endpoint, uint32_t *iface)
{
    const uint8_t *at = usbfs->identity.configuration;
    size_t left = usbfs->identity.configuration_size;
    *iface = 0;
    while (left >= 2 && at[0] >= 2 && at[0] <= left) {
        if (at[1] == 4 && at[0] >= 9)
            *iface = at[2];
        if (at[1] == 5 && at[0] >= 7 && at[2] == endpoint)
            return (size_t)at[4] | (size_t)(at[5] & 7) << 8;
        left -= at[0];
        at += at[0];
    }
    return 0;
}

void usbfs_shut(struct usbfs *usbfs, struct usbfs_file *file, uint32_t iface)
{
    struct list_link *link = file->kept.next;
    while (link != &file->kept) {
        struct usbfs_urb *urb = usbfs_urb_of(link);
        uint32_t owner;
        link = link->next;
        if (urb->sim.endpoint != 0 && find_endpoint(usbfs, urb->sim.endpoint, &owner) != 0
            && owner == iface)
            sim_shut(usbfs->device, &urb->sim);
    }
    usbfs_collect(usbfs);
}

/* USBDEVFS_URB_ZERO_PACKET: full packets are followed by an empty one. */
static void submit_zero_packet(struct usbfs *usbfs, struct usbfs_file *file,
                               const struct usbdevfs_urb *told)
{
    uint32_t iface;
    size_t packet = find_endpoint(usbfs, told->endpoint, &iface);
    if ((told->flags & USBDEVFS_URB_ZERO_PACKET) == 0 || (told->endpoint & 0x80) != 0
        || packet == 0 || told->buffer_length == 0
        || (size_t)told->buffer_length % packet != 0)
        return;
    struct usbfs_urb *urb = urb_new(file, USBFS_SILENT, 0);
    if (urb == NULL)
        return;
    urb->sim.endpoint = told->endpoint;
    urb_start(usbfs, urb);
}

/* The kernel claims the interface that an URB is for, if the file has not done so: a file
 * whose claim was lost by a reset gets it back with its next URB. */
static long claim_for(struct usbfs *usbfs, struct usbfs_file *file,
                      const struct usbdevfs_urb *told, const UMockdevIoctlData *buffer)
{
    uint32_t iface;
    if (told->type == USBDEVFS_URB_TYPE_CONTROL) {
        uint8_t type = buffer->data[0];
        bool to_interface = (type & 0x1F) == 0x01 && (type & 0x60) != 0x40;
        return to_interface ? usbfs_claim(usbfs, file, buffer->data[4]) : 0;
    }
    if (find_endpoint(usbfs, told->endpoint, &iface) == 0)
        return -ENOENT;
    return usbfs_claim(usbfs, file, iface);
}

/* The size of the data stage, -1 if the URB is not one that the kernel takes. */
static long data_size(struct usbfs *usbfs, struct usbfs_file *file,
                      const struct usbdevfs_urb *told, const UMockdevIoctlData *buffer)
{
    long claimed;
    if (told->buffer_length < 0 || told->buffer_length > USBFS_TRANSFER)
        return -EINVAL;
    if (told->type == USBDEVFS_URB_TYPE_CONTROL) {
        if (told->buffer_length < 8 || buffer == NULL)
            return -EINVAL;
        long size = buffer->data[6] | buffer->data[7] << 8;
        claimed = claim_for(usbfs, file, told, buffer);
        if (claimed != 0)
            return claimed;
        return size > told->buffer_length - 8 ? -EINVAL : size;
    }
    if (told->type != USBDEVFS_URB_TYPE_BULK && told->type != USBDEVFS_URB_TYPE_INTERRUPT)
        return -EINVAL;
    claimed = claim_for(usbfs, file, told, buffer);
    return claimed != 0 ? claimed : told->buffer_length;
}

long usbfs_submit(struct usbfs *usbfs, struct usbfs_file *file, UMockdevIoctlData *arg)
{
    struct usbdevfs_urb told;
    memcpy(&told, arg->data, sizeof told);
    UMockdevIoctlData *buffer = NULL;
    if (told.buffer_length > 0 && told.buffer_length <= USBFS_TRANSFER)
        buffer = umockdev_ioctl_data_resolve(arg, offsetof(struct usbdevfs_urb, buffer),
                                             (gsize)told.buffer_length, NULL);
    if (told.buffer_length > 0 && buffer == NULL)
        return -EFAULT;
    long size = data_size(usbfs, file, &told, buffer);
    struct usbfs_urb *urb = size < 0 ? NULL : urb_new(file, USBFS_URB, (size_t)size);
    if (urb == NULL) {
        if (buffer != NULL)
            g_object_unref(buffer);
        return size < 0 ? size : -ENOMEM;
    }
    bool control = told.type == USBDEVFS_URB_TYPE_CONTROL;
    urb->sim.endpoint = control ? 0 : told.endpoint;
    if (control)
        memcpy(urb->sim.setup, buffer->data, sizeof urb->sim.setup);
    urb->arg = g_object_ref(arg);
    urb_fill(urb, buffer, control ? 8 : 0);
    if (buffer != NULL)
        g_object_unref(buffer);
    urb_start(usbfs, urb);
    if (!control)
        submit_zero_packet(usbfs, file, &told);
    usbfs_collect(usbfs);
    return 0;
}

long usbfs_discard(struct usbfs_file *file, struct usbfs *usbfs, gulong address)
{
    struct list_link *link;
    LIST_FOR_EACH(link, &file->kept)
    {
        struct usbfs_urb *urb = usbfs_urb_of(link);
        if (urb->kind == USBFS_URB && urb->arg->client_addr == address) {
            sim_cancel(usbfs->device, &urb->sim);
            usbfs_collect(usbfs);
            return 0;
        }
    }
    return -EINVAL;
}

long usbfs_reap(struct usbfs *usbfs, struct usbfs_file *file, UMockdevIoctlData *arg,
                bool wait)
{
    if (!list_empty(&file->done)) {
        reap_one(file, arg);
        tell_ready(usbfs);
        return 0;
    }
    if (usbfs->gone)
        return -ENODEV;
    if (!wait) {
        usbfs->counts.reaps_in_vain++;
        return -EAGAIN;
    }
    file->reaping = arg;
    return USBFS_LATER;
}

long usbfs_transfer(struct usbfs *usbfs, struct usbfs_file *file, uint8_t endpoint,
                    const uint8_t *setup, UMockdevIoctlData *data, size_t size,
                    uint32_t timeout_ms)
{
    struct usbfs_urb *urb = urb_new(file, USBFS_SYNC, size);
    if (urb == NULL)
        return -ENOMEM;
    urb->sim.endpoint = endpoint;
    if (setup != NULL)
        memcpy(urb->sim.setup, setup, sizeof urb->sim.setup);
    if (timeout_ms != 0)
        urb->deadline_ms = os_now_ms() + timeout_ms;
    urb_fill(urb, data, 0);
    urb_start(usbfs, urb);
    usbfs_collect(usbfs);
    return USBFS_LATER;
}

uint64_t usbfs_expire(struct usbfs *usbfs, uint64_t now_ms)
{
    uint64_t next = OS_FOREVER;
    struct list_link *file;
    LIST_FOR_EACH(file, &usbfs->files)
    {
        struct list_link *link;
        LIST_FOR_EACH(link, &LIST_ENTRY(file, struct usbfs_file, link)->kept)
        {
            struct usbfs_urb *urb = usbfs_urb_of(link);
            if (urb->deadline_ms <= now_ms && !urb->late) {
                urb->late = true;
                sim_cancel(usbfs->device, &urb->sim);
            } else if (!urb->late && urb->deadline_ms < next) {
                next = urb->deadline_ms;
            }
        }
    }
    return next;
}

void usbfs_configure(struct usbfs *usbfs)
{
    struct usbfs_urb *urb = urb_new(NULL, USBFS_SILENT, 0);
    if (urb == NULL)
        return;
    memcpy(urb->sim.setup, (const uint8_t[8]){0x00, 0x09, 1}, 8);
    sim_submit(usbfs->device, &urb->sim, os_now_ms());
    usbfs_collect(usbfs);
}

void usbfs_close(struct usbfs *usbfs, struct usbfs_file *file)
{
    struct list_link *link;
    LIST_FOR_EACH(link, &file->kept)
    {
        struct usbfs_urb *urb = usbfs_urb_of(link);
        urb->file = NULL;
        sim_cancel(usbfs->device, &urb->sim);
    }
    if (usbfs->device != NULL)
        usbfs_collect(usbfs);
    while (!list_empty(&file->done))
        urb_free(usbfs_urb_of(file->done.next));
}
