/* SPDX-License-Identifier: BSD-2-Clause */
/* Simulated readers (tests/rig/sim) under the real libusb, without privileges: umockdev
 * redirects /sys, /dev/bus/usb, udev's events and ioctls of this very process to a test
 * bed, and usbfs.c answers the ioctls. The process must have umockdev's library preloaded
 * (umockdev-wrapper PROGRAM), and mock_start must come before libusb_init.
 *
 * A device node is a pseudo-terminal whose output is stopped while no URB is finished, so
 * that poll() waits as it does on usbfs, and tells POLLERR once the device is gone.
 *
 * MOCK_TRACE=1 in the environment: each finished URB is told on the standard error.
 *
 * Any thread may call these; nothing here blocks for long. umockdev ends the process when
 * an event meets a udev monitor that is being closed: no plugging during libusb_exit. */
#ifndef RIG_MOCK_H
#define RIG_MOCK_H

#include "base/compiler.h"
#include "tests/rig/sim/device.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MOCK_PORTS = 64, /* readers at a time */
    MOCK_WHY = 160   /* room for a reason */
};

struct mock;
struct mock_reader;

struct mock_counts {
    struct sim_counts urbs; /* as the device saw them */
    uint64_t ioctls;        /* of every kind */
    uint64_t reaps_in_vain; /* EAGAIN: a poll that woke for nothing, or the last look */
    uint32_t opens;         /* open file descriptions now */
    uint32_t kept;          /* URBs that were submitted and not reaped */
};

/* Makes an empty bus. One at a time. NULL: not under umockdev-wrapper, or no memory. */
struct mock *mock_start(void) MUST_CHECK;
/* Every libusb context must have been closed. Readers are unplugged. */
void mock_stop(struct mock *mock);

/* Plugs a reader into the lowest free port (a name of readers.list and options, see
 * sim_device_new). NULL: no such reader, no free port or pseudo-terminal; why[] says it.
 */
struct mock_reader *mock_plug(struct mock *mock, const char *specification,
                              char why[MOCK_WHY]) MUST_CHECK;
/* The nodes of readers plugged in from now on cannot be opened until mock_give_node(). */
void mock_keep_nodes(struct mock *mock, bool keep);
bool mock_give_node(struct mock_reader *reader) MUST_CHECK;
/* Pulls it out, if it has not left by itself; `reader` is no longer valid. */
void mock_unplug(struct mock_reader *reader);
/* Pulls it out but keeps `reader`, for mock_counts; mock_unplug must follow. */
void mock_leave(struct mock_reader *reader);
/* False once it was pulled out or left by a fault. */
bool mock_plugged(struct mock_reader *reader);

void mock_card_insert(struct mock_reader *reader, uint32_t slot);
void mock_card_remove(struct mock_reader *reader, uint32_t slot);
/* Ends what the fault DEAD began. */
void mock_revive(struct mock_reader *reader);

/* Another process resets the device, or the machine slept: to libusb it is the same. */
void mock_reset(struct mock_reader *reader);

/* The last address that the bus gave it; the bus is number 1. */
uint8_t mock_address(const struct mock_reader *reader);
struct mock_counts mock_counts(struct mock_reader *reader);

#endif
