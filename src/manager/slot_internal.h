/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of the slot, each of which uses those above it alone:
 *
 *     slot_state     the card, who is connected, and what others see of that
 *     slot_job       the driver jobs of a request
 *     slot_connect, slot_transfer, slot_end, slot_control     what the requests do
 *     slot_step      the same as a table of all requests
 *     slot_hold      the owner of a transaction, while others wait
 *     slot_turn      the queue
 *     slot           a request's way, and events
 *     slot_time      what time brings */
#ifndef MANAGER_SLOT_INTERNAL_H
#define MANAGER_SLOT_INTERNAL_H

#include "manager/slot.h"

/* --- slot_state.c ------------------------------------------------------------------- */

/* The card is out, or another: transaction and protocol are over. */
void slot_forget_card(struct slot *slot);
/* The transaction ends; a reset that waited for that is due. */
void slot_release_transaction(struct slot *slot);
/* Nobody is connected, and such cards are powered off. */
bool slot_is_unused(const struct slot *slot);
/* The card may be powered off now, as it has been so for long enough. */
bool slot_may_rest(const struct slot *slot, uint64_t now_ms);

/* --- slot_job.c --------------------------------------------------------------------- */

enum step {
    STEP_NONE,
    STEP_DUE_RESET,     /* somebody is gone: the reset before anything else */
    STEP_POWER,         /* bring the card up, to connect */
    STEP_PROTOCOL,      /* agree on a protocol, to connect */
    STEP_GIVE_UP,       /* reset after a refused protocol, then fail, or take another */
    STEP_DISPOSITION,   /* reset or power off, to disconnect, end, close */
    STEP_TRANSFER,      /* the one job of transmit, attributes, probe */
    STEP_CONTROL,       /* control: the driver's job, */
    STEP_CONTROL_POWER, /* or power, */
    STEP_CONTROL_PROTOCOL, /* and a protocol, */
    STEP_CONTROL_GIVE_UP   /* and the reset after a refused one, then fail */
};

/* Ends a request. */
enum verdict step_done(struct request *request, enum sc_error error);
/* The next job of a request, which `step` takes up again. */
enum verdict step_run(struct request *request, enum step step, enum job_kind kind,
                      uint32_t number, uint64_t deadline_ms);
/* The next job of a request: a power job. */
enum verdict step_run_power(struct request *request, enum step step,
                            enum power_action action, uint64_t now_ms);
/* Notes what a power job did to the card. SC_OK, or why it failed. */
enum sc_error step_settle_power(struct slot *slot, struct request *request);
/* The same of a protocol job. */
enum sc_error step_settle_protocol(struct slot *slot, struct request *request);
/* The protocol to take from request->protocols: the one in force, the card's first, or
 * its other; PROTOCOL_UNDEFINED: none. */
uint32_t step_choose_protocol(const struct slot *slot, const struct request *request);

/* --- slot_connect.c ----------------------------------------------------------------- */

/* Why CONNECT and RECONNECT fail without a job; SC_OK: they need not. */
enum sc_error connect_refusal(const struct slot *slot, const struct request *request);
/* True if a CONNECT would be done without any driver job. */
bool connect_needs_no_job(const struct slot *slot, const struct request *request);
/* True if it waits until its handle is the only one (pcsc-lite's SCardReconnect). */
bool connect_waits_alone(const struct slot *slot, const struct request *request);
/* CONNECT, RECONNECT. */
enum verdict connect_start(struct slot *slot, struct request *request, uint64_t now_ms);
enum verdict connect_start_again(struct slot *slot, struct request *request,
                                 uint64_t now_ms);
/* After their jobs. */
enum verdict connect_power_done(struct slot *slot, struct request *request,
                                uint64_t now_ms);
enum verdict connect_protocol_done(struct slot *slot, struct request *request,
                                   uint64_t now_ms);
enum verdict connect_give_up_done(struct slot *slot, struct request *request,
                                  uint64_t now_ms);

/* --- slot_transfer.c ---------------------------------------------------------------- */

/* Why TRANSMIT fails without a job; SC_OK: it need not. */
enum sc_error transfer_refusal(const struct slot *slot, const struct request *request);
enum verdict transfer_start_begin(struct slot *slot, struct request *request,
                                  uint64_t now_ms);
enum verdict transfer_start_transmit(struct slot *slot, struct request *request,
                                     uint64_t now_ms);
enum verdict transfer_start_probe(struct slot *slot, struct request *request,
                                  uint64_t now_ms);
/* After the one job of TRANSMIT, PROBE, GET_ATTRIBUTE, SET_ATTRIBUTE. */
enum verdict transfer_done(struct slot *slot, struct request *request);

/* --- slot_end.c --------------------------------------------------------------------- */

/* DISCONNECT is under way from now on until its handle is detached. */
void slot_note_leaving(struct slot *slot, struct card_handle *card);
/* Whether a DISCONNECT, an END, is answered without waiting: step_stands(). */
bool end_disconnects_at_once(const struct slot *slot, const struct request *request);
bool end_is_refused(const struct slot *slot, const struct request *request);
enum verdict end_start_end(struct slot *slot, struct request *request, uint64_t now_ms);
enum verdict end_start_disconnect(struct slot *slot, struct request *request,
                                  uint64_t now_ms);
enum verdict end_start_close(struct slot *slot, struct request *request, uint64_t now_ms);
enum verdict end_start_tend(struct slot *slot, struct request *request, uint64_t now_ms);
/* After the power job of each of them. */
enum verdict end_disposition_done(struct slot *slot, struct request *request);
/* The handle of a DISCONNECT goes now; a reset that it asked for becomes due. */
void end_abandon(struct slot *slot, struct request *request);

/* --- slot_control.c ----------------------------------------------------------------- */

enum verdict control_start(struct slot *slot, struct request *request, uint64_t now_ms);
enum verdict control_next(struct slot *slot, struct request *request, uint64_t now_ms);
/* A request has ended: for IOCTL_GET_LAST_ERROR. */
void control_note_error(struct request *request);

/* --- slot_step.c -------------------------------------------------------------------- */

/* The first step of a request that now occupies the slot, and the step after each job. */
enum verdict step_start(struct slot *slot, struct request *request, uint64_t now_ms);
enum verdict step_next(struct slot *slot, struct request *request, uint64_t now_ms);
/* The request ends with `error` without having been started. A disconnect is carried out
 * all the same: a handle must never outlive its context. */
void step_abandon(struct slot *slot, struct request *request, enum sc_error error);
/* True if its answer is known whatever the occupant, and the owner of the transaction,
 * still do: it waits for neither. step_answer() then gives it, which is VERDICT_DONE. */
bool step_stands(const struct slot *slot, const struct request *request);
enum verdict step_answer(struct slot *slot, struct request *request, uint64_t now_ms);

/* --- slot_hold.c: the owner of the transaction -------------------------------------- */

/* Somebody waits for it. */
bool hold_is_waited_for(const struct slot *slot);
/* It loses the transaction when it is idle, though nobody waits for it. */
bool hold_is_strict(const struct slot *slot);
/* Nobody has waited for it so far. */
void hold_begin_wait(struct slot *slot, uint64_t now_ms);
/* When its process is to be looked at, and when it has been idle for too long;
 * UINT64_MAX: never. */
uint64_t hold_look_deadline(const struct slot *slot);
uint64_t hold_idle_deadline(const struct slot *slot);

/* --- slot_turn.c: the queue, refusals, and the places of handles that were refused --- */

/* The handle whose requests alone are started: the holder of the transaction, or
 * slot->next. NULL: those of all are. */
const struct card_handle *turn_owner(const struct slot *slot);
/* Whether the request, which may not start, is refused by now. */
bool turn_is_over(const struct slot *slot, const struct request *request,
                  uint64_t now_ms);
/* Puts it into the queue: where its handle's place is, else at the end. */
void turn_enqueue(struct slot *slot, struct request *request, uint64_t now_ms);
/* Takes it out again. */
void turn_unpark(struct slot *slot, struct request *request);
/* Sets its verdict, and gives it back. */
enum verdict turn_finish(struct request *request, enum verdict verdict);
/* A parked request ends with `error`. */
void turn_end_parked(struct slot *slot, struct request *request, enum sc_error error);
/* It is refused, parked or not: its handle's place takes, or keeps, its place. */
void turn_keep(struct slot *slot, struct request *request, uint64_t now_ms);
/* The same of a parked one, which ends by it. */
void turn_refuse(struct slot *slot, struct request *request, uint64_t now_ms);
/* What was kept for this handle is used, or of no use: it ends. */
void turn_forget(struct slot *slot, struct card_handle *card);
/* A place comes up in the queue. */
void turn_come(struct slot *slot, struct request *place, uint64_t now_ms);
/* Places whose clients do not come back leave the queue. */
void turn_drop_void(struct slot *slot, uint64_t now_ms);
/* A handle that does not come back loses its turn. True: it was lost. */
bool turn_lapse(struct slot *slot, uint64_t now_ms);
/* Refuses the requests that have waited for long enough, and notes when the next has.
 * True: a turn was lost. */
bool turn_tick(struct slot *slot, uint64_t now_ms) MUST_CHECK;
/* When that has something to do. */
uint64_t turn_deadline(const struct slot *slot);

/* --- slot.c ------------------------------------------------------------------------- */

/* After anything that lets parked requests go on, or that answers them. */
void slot_pump(struct slot *slot, uint64_t now_ms);

#endif
