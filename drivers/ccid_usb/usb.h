/* SPDX-License-Identifier: BSD-2-Clause */
/* The USB driver's parts among themselves: libusb-1.0 under drivers/ccid.
 *
 *     usb.c       the driver: its URI, hotplug, the thread that serves libusb
 *     device.c    what libusb does for a device (struct ccid_bus)
 *     scan.c      which interfaces of a device are readers, and what they are called
 *     pipe.c      a transport over libusb's transfers
 *
 * Threads: one for libusb, from start() to stop(); one for each device that is plugged
 * in (drivers/ccid/device.h), so that no device delays another. They sleep unless
 * something happens.
 *
 * Locks: the driver's guards the list of devices, a pipe's its transfers. None is held
 * while the host or libusb is called. */
#ifndef DRIVERS_CCID_USB_USB_H
#define DRIVERS_CCID_USB_USB_H

#include "base/list.h"
#include "drivers/ccid/device.h"
#include "drivers/ccid_usb/ccid_usb.h"
#include "drivers/kit/usb_words.h"
#include "os/lock.h"
#include "os/thread.h"

#include <libusb.h>

enum {
    USB_DEVICES_MAX = 256,    /* plugged in at once; more are logged and left alone */
    USB_INTERRUPT_MAX = 1024, /* bytes of an interrupt packet (USB 2.0, 5.7.3) */
    USB_LISTENED_MS = 100,    /* no reset of a port is over sooner (USB 2.0, 7.1.7.5) */
    USB_LOOK_MS = 2000,  /* between looks at what is plugged in, where libusb does not
                               * tell: on Windows that costs it a few ms each */
    USB_SETTLE_MS = 3000 /* for the readers that are there at start */
};

struct usb_device;

enum pipe_phase {
    PIPE_SHUT,
    PIPE_OPENING, /* claimed; if the device is to leave, it does so at once */
    PIPE_OPEN,
    PIPE_CLOSING /* the interrupt transfer is not to be submitted again */
};

/* The interrupt transfer. */
enum pipe_ear {
    EAR_IDLE,
    EAR_LISTENING, /* it is submitted */
    EAR_ENDING,    /* it has ended by itself, and that is being told */
    EAR_DEAF,      /* that was told: the device's thread submits it again */
    EAR_BROKEN     /* it was given up */
};

/* One reader interface. */
struct usb_pipe {
    struct ccid_port port; /* the device's thread's */
    struct ccid_transport transport;
    struct usb_device *device;
    uint8_t number;                                        /* bInterfaceNumber */
    uint8_t setting;                                       /* bAlternateSetting */
    uint8_t name;                                          /* iInterface */
    uint8_t endpoint_out, endpoint_in, endpoint_interrupt; /* 0: there is none */
    struct libusb_transfer *out, *in, *interrupt;
    uint8_t interrupt_bytes[USB_INTERRUPT_MAX];
    uint16_t interrupt_size;
    uint32_t interrupt_resets; /* value of the device's `resets` when it was submitted */
    uint64_t listening_ms;     /* that time */
    uint32_t resets; /* atomic: those of the device that the interface knows of */

    struct os_mutex lock;
    struct os_cond done;
    /* Under the lock. */
    uint32_t interrupted; /* a bit for each slot: ccid_transport.interrupt() */
    enum pipe_phase phase;
    enum pipe_ear ear;
    bool halted;       /* the interrupt endpoint, by an error */
    uint32_t failures; /* of it, in a row */
};

/* Where a device is plugged in, as /dev/bus/usb/BUS/ADDRESS; zeros: anywhere. */
struct usb_place {
    uint8_t bus, address;
};

struct ccid_usb {
    struct driver_host *host;
    struct ccid_settings settings;
    struct kit_usb_ids only;
    struct usb_place place;
    libusb_context *context;
    libusb_hotplug_callback_handle hotplug;
    uint32_t listing; /* atomic: not 0: what is found now was there at start */
    uint32_t looking; /* atomic: whether libusb does not tell, and its thread looks */
    /* What was there at the last look; NULL: there was none. The thread's, once looking. */
    libusb_device **seen;
    struct os_thread thread;
    struct os_mutex lock;
    struct os_cond changed;
    /* Under the lock. */
    bool stopping;
    struct list_link devices; /* struct usb_device.link */
    uint32_t device_count;    /* of all that were made, in the list or not */
    uint32_t unsettled;       /* devices found at start, and not served yet */
};

struct usb_device {
    struct ccid_device ccid;
    struct list_link link;
    struct ccid_usb *usb;
    libusb_device *device; /* referenced */
    libusb_device_handle *handle;
    /* Under the driver's lock. */
    bool awaited;                          /* was there at start, and is not served yet */
    bool finished;                         /* its thread has nothing to do any more */
    struct usb_pipe pipes[CCID_PORTS_MAX]; /* ccid.port_count of them */
    uint32_t resets;                       /* atomic: noticed so far, by any process */
};

/* device.c: no reader yet, and in no list. NULL: no memory. */
struct usb_device *usb_device_new(struct ccid_usb *usb, libusb_device *found) MUST_CHECK;

/* scan.c: fills pipes[] from the active configuration. False: no reader is in it. Nothing
 * is sent to the device. */
bool usb_scan(struct usb_device *device) MUST_CHECK;
/* Reads names from the open device, for what the host is told of its readers; what it
 * does not tell stays empty. */
void usb_read_names(struct usb_device *device);

/* pipe.c: those members of a pipe that scan.c does not know; it is shut. */
void usb_pipe_init(struct usb_pipe *pipe);
void usb_pipe_destroy(struct usb_pipe *pipe);

/* What a code of libusb means. */
enum sc_error usb_error(int code);

#endif
