/* SPDX-License-Identifier: BSD-2-Clause */
/* What carries CCID messages: the port between the CCID driver's logic (drivers/ccid) and
 * a bus (USB: drivers/ccid_usb; a simulated device: tests/rig/sim/direct.c).
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

struct ccid_transport {
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
    enum sc_error (*control)(struct ccid_transport *transport, uint32_t slot,
                             struct ccid_control *control,
                             uint64_t deadline_ms) MUST_CHECK;
    /* What runs on behalf of `slot`, and what will, returns SC_E_CANCELLED soon; until
     * resume(). From any thread; never blocks. */
    void (*interrupt)(struct ccid_transport *transport, uint32_t slot);
    void (*resume)(struct ccid_transport *transport, uint32_t slot);
    /* Clears a halt of both bulk endpoints. */
    enum sc_error (*clear_halt)(struct ccid_transport *transport) MUST_CHECK;
    /* Resets the device, with all its interfaces. After an error it is gone. */
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
