/* SPDX-License-Identifier: BSD-2-Clause */
/* The vpcd driver's parts among themselves, and the protocol on the wire.
 *
 * A frame is a length of two bytes, most significant first, and so many bytes. To the
 * card, a frame of one byte is a control: 00 power off, 01 power on, 02 reset, 04 give
 * the ATR; only 04 has an answer. Any other frame is a command, and its answer is one
 * frame. (vsmartcard 3.3: vpcd.h, and vicc as observed.)
 *
 * One thread of the driver accepts connections, notices hang-ups and posts the events;
 * the jobs use the connection in their callers' threads. Only the thread closes a
 * connection: a job that finds it out of step marks it as lost. A slot's lock guards what
 * both see; it is held for moments only, never while the host is called or a socket is
 * waited for. */
#ifndef DRIVERS_VPCD_SLOT_H
#define DRIVERS_VPCD_SLOT_H

#include "drivers/vpcd/vpcd.h"
#include "os/lock.h"
#include "os/socket.h"
#include "os/stop.h"
#include "os/thread.h"
#include "proto/atr.h"

struct vpcd;

struct vpcd_slot {
    struct vpcd *vpcd;
    uint32_t index;
    struct os_socket listener;
    uint16_t port;
    uint32_t id; /* the host's */
    bool served; /* the host took the reader */
    struct os_mutex lock;
    struct os_wake stop_wake; /* raised with the stop of the job that runs */

    /* Under the lock. */
    struct os_socket card; /* changed by the thread alone */
    uint32_t connections;  /* number of the connection, counted up */
    bool lost;             /* the thread shall close it, when no job uses it */
    bool busy;             /* a job runs */

    /* The thread's. */
    uint64_t accept_after_ms; /* no descriptors were left: not before this */
    bool had_card;            /* since the driver was started */

    /* The jobs'. */
    uint32_t powered_connection; /* the connection that was powered last */
    bool powered;
    struct atr atr;
};

struct vpcd {
    struct driver_host *host;
    char name[DRIVER_NAME_MAX];
    char address[64];
    uint32_t first_port;
    uint32_t slot_count;
    uint32_t apdu_timeout_ms;
    uint32_t settle_ms;
    struct os_wake wake; /* something changed, or `stopping` */
    struct os_thread thread;
    struct os_mutex lock;
    struct os_cond came; /* `awaited` became 0 */

    /* Under the lock. */
    bool stopping;
    uint32_t users;    /* the host's instance, and each open reader */
    uint32_t expected; /* slots that are served */
    uint32_t awaited;  /* those of them that have had no card yet */

    struct vpcd_slot slots[VPCD_SLOTS_MAX];
};

/* events.c: what the thread runs until `stopping`. */
void vpcd_run(void *context);

/* slot.c: the jobs. */
enum sc_error vpcd_slot_power(void *self, enum power_action action,
                              const struct driver_job *asked, uint8_t atr[DRIVER_ATR_MAX],
                              size_t *atr_size);
enum sc_error vpcd_slot_set_protocol(void *self, uint32_t protocol,
                                     const struct driver_job *asked);
enum sc_error vpcd_slot_transmit(void *self, uint32_t protocol, struct transfer *t);
enum sc_error vpcd_slot_control(void *self, uint32_t code, struct transfer *t);

#endif
