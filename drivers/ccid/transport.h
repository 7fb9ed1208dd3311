/* SPDX-License-Identifier: BSD-2-Clause */
/* What carries CCID messages: the port between the CCID driver's logic (drivers/ccid) and
 * a bus (USB: drivers/ccid_usb; a simulated device: tests/rig/sim/direct.c, without the
 * calls for device.h).
 *
 * One transport is one CCID interface, with all its slots. send() and receive() may each
 * be inside one thread at a time, and both at once; control() in any number. Deadlines
 * are absolute, in the milliseconds of os_now_ms().
 *
 * Errors of all calls: SC_E_READER_UNAVAILABLE (the device is gone; stays so),
 * SC_F_COMM_ERROR (the bus failed, the device stalled or babbled), SC_E_TIMEOUT,
 * SC_E_CANCELLED (interrupted, below), SC_E_NO_MEMORY. */
#ifndef DRIVERS_CCID_TRANSPORT_H
#define DRIVERS_CCID_TRANSPORT_H

#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A control request to the interface (USB 2.0, 9.3). wIndex is the interface's number. */
struct ccid_control {
    uint8_t type;    /* bmRequestType: 21 or A1 (class), 40 or C0 (vendor); bit 7: IN */
    uint8_t request; /* bRequest */
    uint16_t value;  /* wValue */
    uint8_t *bytes;  /* to send, or room for the answer; NULL if size is 0 */
    uint16_t size;   /* wLength */
    uint16_t done;   /* bytes moved; set by control() */
};

/* What a bus can do besides carrying messages; where it cannot, the driver does without.
 */
enum {
    CCID_BUS_CONTROL = 1 << 0, /* control() */
    CCID_BUS_HALT = 1 << 1,    /* clear_halt() */
    CCID_BUS_RESET = 1 << 2    /* reset() */
};

/* Whether the interface tells of cards by itself. */
enum ccid_hearing {
    CCID_HEARS,         /* what it says is handed to ccid_interface_notify() */
    CCID_HEARS_AGAIN,   /* the same, from now on: what it said before is lost */
    CCID_HEARS_NOTHING, /* it does not */
    CCID_DEAF           /* it does, but that does not get here */
};

struct ccid_transport {
    uint32_t capabilities; /* CCID_BUS_... */

    /* The next four are the device's thread's (device.h). */

    /* Makes it ready for all the rest. Errors: SC_E_SHARING_VIOLATION (another process
     * has the interface), and those above. */
    enum sc_error (*open)(struct ccid_transport *transport) MUST_CHECK;
    /* Ends what is under way, and waits for that. */
    void (*close)(struct ccid_transport *transport);
    /* The interface answers: begins to listen for notifications; after that asked again
     * whenever the thread is woken. Sees to what goes wrong with them, and calls
     * was_reset() if that is due. Errors: SC_E_READER_UNAVAILABLE; *hearing is set
     * then, too. */
    enum sc_error (*listen)(struct ccid_transport *transport,
                            enum ccid_hearing *hearing) MUST_CHECK;
    /* The device is to be given up: until listen() was called all that runs returns
     * SC_E_READER_UNAVAILABLE soon, now and later. From any thread; never blocks. */
    void (*leave)(struct ccid_transport *transport);

    /* Sends one message, whole, on behalf of `slot`. */
    enum sc_error (*send)(struct ccid_transport *transport, uint32_t slot,
                          const uint8_t *bytes, size_t size,
                          uint64_t deadline_ms) MUST_CHECK;
    /* Waits for one bulk IN transfer: up to `room` bytes (a multiple of packet_size),
     * ended by a short packet. *size is set also with an error: what had come by then. On
     * behalf of `slot`, though what comes may be for another one. */
    enum sc_error (*receive)(struct ccid_transport *transport, uint32_t slot,
                             uint8_t *bytes, size_t room, size_t *size,
                             uint64_t deadline_ms) MUST_CHECK;
    /* NULL: it is not CCID_BUS_CONTROL. */
    enum sc_error (*control)(struct ccid_transport *transport, uint32_t slot,
                             struct ccid_control *control,
                             uint64_t deadline_ms) MUST_CHECK;
    /* What runs on behalf of `slot`, and what will, returns SC_E_CANCELLED soon; until
     * resume(). From any thread; never blocks. */
    void (*interrupt)(struct ccid_transport *transport, uint32_t slot);
    void (*resume)(struct ccid_transport *transport, uint32_t slot);
    /* Clears a halt of both bulk endpoints. NULL: it is not CCID_BUS_HALT. */
    enum sc_error (*clear_halt)(struct ccid_transport *transport) MUST_CHECK;
    /* Resets the device, with all its interfaces. After an error it is gone. NULL: it is
     * not CCID_BUS_RESET. */
    enum sc_error (*reset)(struct ccid_transport *transport) MUST_CHECK;

    /* Set by ccid_interface_open(), called by the transport: the device was reset, but
     * not by this transport's reset() (another process did it, another interface's
     * recovery, the machine slept). Once each time, as soon as that is noticed, from any
     * thread and without a lock. What was under way then ends with SC_F_COMM_ERROR. */
    void (*was_reset)(void *owner);
    void *owner;

    size_t packet_size; /* wMaxPacketSize of bulk IN; 1 or more */
};

#endif
