/* SPDX-License-Identifier: BSD-2-Clause */
/* A request to one reader, and the driver job it is carried out by.
 *
 * The caller owns the structure, zeroes it, fills the fields of its kind, and keeps it in
 * place until the request is done. The slot (slot.h) says what happens to it. */
#ifndef MANAGER_REQUEST_H
#define MANAGER_REQUEST_H

#include "base/list.h"
#include "manager/driver.h"
#include "manager/program.h"

#include <stdbool.h>
#include <stdint.h>

struct card_handle;

enum request_kind {
    REQUEST_CONNECT,
    REQUEST_RECONNECT,
    REQUEST_DISCONNECT,
    REQUEST_BEGIN,
    REQUEST_END,
    REQUEST_TRANSMIT,
    REQUEST_CONTROL,
    REQUEST_GET_ATTRIBUTE,
    REQUEST_SET_ATTRIBUTE,
    REQUEST_PROBE, /* make the ATR of an inserted card known */
    REQUEST_CLOSE, /* power off, and take no request after this one: the host stops */
    REQUEST_TEND,  /* what slot_tick() asked for: a reset that is due, or power off */
    REQUEST_PLACE, /* the slot's own: stands in the queue for a handle that was refused */
    REQUEST_KINDS
};

/* How long a request waits for its turn. Of a client that asks again it is refused
 * (SC_E_SHARING_VIOLATION) when another handle's transaction keeps it from being started
 * until refuse_ms; at once, when it would wait until its handle is the only one
 * (RECONNECT). */
enum patience {
    PATIENCE_ENDLESS,
    PATIENCE_ENDS,   /* not for DISCONNECT */
    PATIENCE_RETURNS /* the same, and its handle keeps its place in the queue: slot.h */
};

/* Which of T=0 and T=1, if the card offers both and no protocol is in force. */
enum protocol_preference {
    PREFER_FIRST, /* the one that its ATR names first */
    PREFER_T1     /* as pcscd */
};

/* Values of winscard.h, checked by the face. */
enum { SHARE_EXCLUSIVE = 1, SHARE_SHARED = 2, SHARE_DIRECT = 3 };
enum { DISPOSITION_LEAVE, DISPOSITION_RESET, DISPOSITION_UNPOWER, DISPOSITION_EJECT };

enum job_kind {
    JOB_POWER,
    JOB_PROTOCOL,
    JOB_TRANSMIT,
    JOB_CONTROL,
    JOB_GET_ATTRIBUTE,
    JOB_SET_ATTRIBUTE
};

/* What the driver is to do next for a request, and what came of it. */
struct job {
    enum job_kind kind;
    enum power_action action; /* JOB_POWER */
    uint32_t number;          /* protocol, control code or attribute */
    uint64_t deadline_ms;
    enum sc_error error;         /* set by whoever ran it */
    uint8_t atr[DRIVER_ATR_MAX]; /* set by a power job that succeeded */
    size_t atr_size;
};

/* DONE: finished, `error` and the results stand. RUN: run `job`, then slot_job_done().
 * WAIT: parked; it comes out of slot_take_ready() later. */
enum verdict { VERDICT_DONE, VERDICT_RUN, VERDICT_WAIT };

struct request {
    enum request_kind kind;
    struct card_handle *card; /* NULL for PROBE, CLOSE and TEND */

    uint32_t share; /* CONNECT, RECONNECT */
    bool alone;     /* CONNECT, RECONNECT: DIRECT that shares with nobody (Windows) */
    enum protocol_preference preference; /* CONNECT, RECONNECT */
    uint32_t protocols; /* CONNECT, RECONNECT: mask; TRANSMIT: the one asked for, or 0 */
    uint32_t disposition; /* RECONNECT (initialization), DISCONNECT, END */
    bool deserted;   /* DISCONNECT: nobody asked for it, its owner is gone: the card is
                      * reset soon after, whatever the disposition says */
    uint32_t number; /* CONTROL: code; attributes: id */
    uint32_t style;  /* GET_ATTRIBUTE: enum name_style */
    struct transfer
        transfer; /* TRANSMIT, CONTROL, attributes: `in`, and room for `out` */

    bool direct; /* TRANSMIT, CONTROL, GET_ATTRIBUTE: transfer.out has room for
                  * DRIVER_TRANSFER_MAX bytes, whatever out_room allows, and stays until
                  * the request is done */

    enum patience patience;
    uint64_t refuse_ms;

    uint32_t
        ioctl; /* ioctl_begin(): the control code that this is carried out for, or 0 */

    enum sc_error error;
    uint32_t active; /* CONNECT, RECONNECT, TRANSMIT: the protocol in force */

    enum verdict verdict;
    struct job job;
    void *waiter; /* the host's: what is woken when it leaves the queue */

    /* The slot's own. */
    struct list_link link;
    unsigned step;
    uint32_t epoch; /* of the card when the job began */
};

#endif
