/* SPDX-License-Identifier: BSD-2-Clause */
/* The USB driver's parts among themselves: CCID and ICCD readers on libusb-1.0.
 *
 *     usb.c       the driver: its URI, hotplug, the thread that serves libusb
 *     device.c    a device's life: a thread of its own opens it, posts its events, polls
 *                 if need be, and closes it
 *     scan.c      which interfaces of a device are readers, and what they are called
 *     pipe.c      a transport over libusb's transfers
 *
 * Threads: one for libusb, from start() to stop(); one for each device that is plugged
 * in, so that no device delays another. They sleep unless something happens.
 *
 * Locks: the driver's guards the list of devices, a device's its flags, a pipe's its
 * transfers (one of these may be taken under the driver's). None is held while the host
 * or libusb is called. */
#ifndef DRIVERS_CCID_USB_USB_H
#define DRIVERS_CCID_USB_USB_H

#include "base/list.h"
#include "drivers/ccid/interface.h"
#include "drivers/ccid_usb/ccid_usb.h"
#include "os/lock.h"
#include "os/thread.h"

#include <libusb.h>

enum {
    USB_DEVICES_MAX = 256,     /* plugged in at once; more are logged and left alone */
    USB_INTERFACES_MAX = 8,    /* readers in one device; the same */
    USB_INTERRUPT_MAX = 1024,  /* bytes of an interrupt packet (USB 2.0, 5.7.3) */
    USB_POLL_MS = 400,         /* between questions to a reader that does not notify */
    USB_LISTENED_MS = 100,     /* no reset of a port is over sooner (USB 2.0, 7.1.7.5) */
    USB_CLAIM_RETRY_MS = 1000, /* while another process has the reader */
    USB_OPEN_RETRY_MS = 10000, /* of a device that may not be opened, later */
    USB_REVIVE_MS = 1000,      /* after a reader was given up; twice that the next time */
    USB_REVIVE_MAX_MS = 60000, /* but no longer */
    USB_SETTLE_MS = 3000       /* for the readers that are there at start */
};

struct usb_device;

/* One reader interface. */
struct usb_pipe {
    struct ccid_transport transport; /* first: pipe.c gets back from it to here */
    struct usb_device *device;
    uint8_t number;                                        /* bInterfaceNumber */
    uint8_t setting;                                       /* bAlternateSetting */
    uint8_t endpoint_out, endpoint_in, endpoint_interrupt; /* 0: there is none */
    bool claimed;
    bool taken;       /* another process has it: its readers are only listed */
    bool down;        /* it did not answer: its readers are gone, until it does */
    uint32_t readers; /* under the device's lock: those that the host has not closed */
    bool polled;      /* somebody has to ask for its cards */
    uint64_t due_ms;  /* for the next look, if it is polled, taken or down */
    uint32_t resets;  /* under the device's lock: those that the interface was told of */
    uint64_t opened_ms;
    uint32_t failures_to_open; /* in a row; a short life is one too */
    struct libusb_transfer *out, *in, *interrupt;
    uint8_t interrupt_bytes[USB_INTERRUPT_MAX];
    uint16_t interrupt_size;
    uint32_t interrupt_resets; /* value of the device's `resets` when it was submitted */
    uint64_t listening_ms;     /* that time */

    struct os_mutex lock;
    struct os_cond done;
    /* Under the lock. */
    uint32_t interrupted; /* a bit for each slot: ccid_transport.interrupt() */
    bool opening;         /* not served yet: if the device is to leave, at once */
    bool leaving;         /* so it is */
    bool listening;       /* the interrupt transfer is submitted */
    bool deaf;            /* it ended by itself: the device's thread looks after it */
    bool halted;          /* by an error of the endpoint */
    bool closing;         /* and is not to be submitted again */
    uint32_t failures;    /* of it, in a row */

    struct ccid_interface ccid;
};

struct ccid_usb {
    struct driver_host *host;
    struct ccid_settings settings;
    uint16_t only_vendor, only_product; /* 0: any */
    libusb_context *context;
    libusb_hotplug_callback_handle hotplug;
    struct os_thread thread;
    struct os_mutex lock;
    struct os_cond changed;
    /* Under the lock. */
    bool stopping;
    bool listing;             /* what is found now was there at start */
    struct list_link devices; /* struct usb_device.link */
    uint32_t device_count;
    uint32_t unsettled; /* devices found at start, and not served yet */
};

struct usb_device {
    struct list_link link;
    struct ccid_usb *usb;
    libusb_device *device; /* referenced */
    libusb_device_handle *handle;
    struct os_thread thread;
    bool first;    /* was there at start */
    bool finished; /* under the driver's lock: the thread is about to end */
    struct ccid_gate gate;
    uint16_t vendor_id, product_id, version;
    char vendor[DRIVER_TEXT_MAX], product[DRIVER_TEXT_MAX], serial[DRIVER_TEXT_MAX];
    struct usb_pipe pipes[USB_INTERFACES_MAX];
    uint32_t pipe_count;

    struct os_mutex lock;
    struct os_cond wake;
    /* Under the lock. */
    bool gone;       /* unplugged, or the driver stops */
    bool news;       /* an interface has events, a doubt, a deaf pipe */
    uint32_t resets; /* of the device that were noticed so far, by whoever they were */
};

/* device.c: the thread of a device; ends when it is gone and all its readers closed. */
void usb_device_run(void *context);
/* Ends it soon. From any thread. */
void usb_device_leave(struct usb_device *device);
/* Something happened that the device's thread is to see to. */
void usb_device_notify(struct usb_device *device);

/* scan.c: fills pipes[] from the active configuration; the names and numbers of the
 * device. False: no reader is in it. Nothing is sent to the device. */
bool usb_scan(struct usb_device *device) MUST_CHECK;
/* Reads names from the open device; what it does not tell stays what it is. */
void usb_read_names(struct usb_device *device);
/* What the host is told of a slot. */
void usb_describe(const struct ccid_slot *slot, struct reader_info *info);

/* pipe.c: claims the interface. Errors: SC_E_SHARING_VIOLATION (another process has it),
 * SC_E_READER_UNAVAILABLE, SC_E_NO_MEMORY. */
enum sc_error usb_pipe_open(struct usb_pipe *pipe) MUST_CHECK;
/* Starts listening to the interrupt endpoint, if there is one; again, if it is deaf. With
 * an error, or after too many failures, the pipe is polled. Errors: those of a transport.
 */
enum sc_error usb_pipe_listen(struct usb_pipe *pipe) MUST_CHECK;
/* Tells the interface of a reset of the device that was noticed at another one. */
void usb_pipe_heed_reset(struct usb_pipe *pipe);
/* Ends all transfers and waits for that; releases the interface. */
void usb_pipe_close(struct usb_pipe *pipe);

/* What a code of libusb means. */
enum sc_error usb_error(int code);

#endif
