/* SPDX-License-Identifier: BSD-2-Clause */
/* A simulated reader: a whole USB device with CCID or ICCD interfaces and cards in its
 * slots, seen from the bus. It has no thread, clock or system call: whoever serves it (a
 * USB/IP connection, a mocked usbfs, the driver's port directly) hands in URBs and the
 * time, and takes the finished URBs back. One thread at a time.
 *
 * What it does wrong, on demand, is told by commands that the card itself understands, so
 * that it works through any driver and any server (fault.h), or by the specification. */
#ifndef RIG_SIM_DEVICE_H
#define RIG_SIM_DEVICE_H

#include "base/compiler.h"
#include "base/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sim_status {
    SIM_OK,        /* `done` bytes were moved; an IN may be short */
    SIM_STALL,     /* EPIPE */
    SIM_OVERFLOW,  /* EOVERFLOW: the device sent more than there is room for */
    SIM_BROKEN,    /* EPROTO: no answer, or a broken one */
    SIM_CANCELLED, /* by sim_cancel; `done` may be above 0 */
    SIM_SHUT,      /* ESHUTDOWN: its endpoint was shut, while the device stays */
    SIM_GONE       /* ENODEV: unplugged */
};

struct sim_urb {
    uint8_t endpoint; /* bEndpointAddress with its direction bit; 0: control */
    uint8_t setup[8]; /* of a control transfer (USB 2.0, 9.3) */
    uint8_t *bytes;   /* the owner's until it is taken back */
    size_t size;
    size_t done;
    enum sim_status status;
    void *owner; /* the server's */
    struct list_link link;
};

enum sim_speed { SIM_FULL_SPEED = 2, SIM_HIGH_SPEED = 3 }; /* as in the kernel's enum */

/* URBs that came in, by kind, since the device was made. */
struct sim_counts {
    uint64_t control, bulk_out, bulk_in, interrupt_in;
};

/* What the server must know to plug it in. */
struct sim_identity {
    uint16_t vendor, product, version;
    enum sim_speed speed;
    const uint8_t *device_descriptor; /* 18 bytes */
    const uint8_t *configuration;     /* whole, with all that belongs to it */
    size_t configuration_size;
    const char *strings[4]; /* of index 1 to 3: manufacturer, product, serial; or NULL */
};

struct sim_device;

/* Makes a device: `specification` is the name of a reader in readers.list and options:
 * "gempc_twin", "gempc_twin?card=t0&serial=A1" (readers.h lists the options). NULL: no
 * such reader or option, or no memory; `why` says it then. */
struct sim_device *sim_device_new(const char *specification, char *why,
                                  size_t why_room) MUST_CHECK;
/* All URBs must have been taken back (sim_unplug, sim_take_done). */
void sim_device_free(struct sim_device *device);

const struct sim_identity *sim_device_identity(const struct sim_device *device);
const struct sim_counts *sim_device_counts(const struct sim_device *device);

/* Hands an URB in. It is finished at once, or kept: an IN without data waits. */
void sim_submit(struct sim_device *device, struct sim_urb *urb, uint64_t now_ms);
/* An URB that was handed in and not taken back is finished, if it is not already. */
void sim_cancel(struct sim_device *device, struct sim_urb *urb);
/* The same, by its end with SIM_SHUT. */
void sim_shut(struct sim_device *device, struct sim_urb *urb);
/* The next finished URB, or NULL. */
struct sim_urb *sim_take_done(struct sim_device *device);
/* Lets the time pass. Gives when something happens next, UINT64_MAX if nothing will
 * without an URB. */
uint64_t sim_advance(struct sim_device *device, uint64_t now_ms);

/* The world around it. */
void sim_card_insert(struct sim_device *device, uint32_t slot);
void sim_card_remove(struct sim_device *device, uint32_t slot);
/* A device that the fault DEAD has struck heeds messages again. */
void sim_revive(struct sim_device *device);
/* Every URB is finished with SIM_GONE, now and later. */
void sim_unplug(struct sim_device *device);
/* A bus reset: pending URBs come back with SIM_SHUT; no configuration is set, no
 * card has power, and readers that can tell will say again which slots have a card. */
void sim_reset(struct sim_device *device);
/* True after sim_unplug, and when a fault made the device leave: the server unplugs it.
 */
bool sim_unplugged(const struct sim_device *device);

#endif
