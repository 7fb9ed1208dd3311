/* SPDX-License-Identifier: BSD-2-Clause */
/* Between slot.c (queue, transactions, events) and slot_step.c (what each request does).
 */
#ifndef MANAGER_SLOT_INTERNAL_H
#define MANAGER_SLOT_INTERNAL_H

#include "manager/slot.h"

/* The first step of a request that now occupies the slot, and the step after each job. */
enum verdict step_start(struct slot *slot, struct request *request, uint64_t now_ms);
enum verdict step_next(struct slot *slot, struct request *request, uint64_t now_ms);
/* The request ends with `error` without having been started. A disconnect is carried out
 * all the same, without its disposition: a handle must never outlive its context. */
void step_abandon(struct slot *slot, struct request *request, enum sc_error error);
/* True if the request would be done without any driver job. */
bool step_needs_no_job(const struct slot *slot, const struct request *request);

/* The card is out, or another: transaction and protocol are over. */
void slot_forget_card(struct slot *slot);
/* The transaction ends. */
void slot_release_transaction(struct slot *slot);

/* --- slot_turn.c: refusing, and the places of those who were refused -----------------
 */

/* Whose requests alone are started: the holder of the transaction, or slot->next. NULL:
 * everybody's. */
const struct card *turn_owner(const struct slot *slot);
/* Whether the request, which may not start, is refused by now. */
bool turn_is_over(const struct slot *slot, const struct request *request,
                  uint64_t now_ms);
/* Puts it into the queue: where its handle's place is, else at the end. */
void turn_enqueue(struct slot *slot, struct request *request, uint64_t now_ms);
/* It is refused, parked or not: its handle's place takes, or keeps, its place. */
void turn_keep(struct slot *slot, struct request *request, uint64_t now_ms);
/* What was kept for this handle is used, or of no use: it ends. */
void turn_forget(struct slot *slot, struct card *card);
/* A place comes up in the queue. */
void turn_come(struct slot *slot, struct request *place, uint64_t now_ms);
/* Places whose clients do not come back leave the queue. */
void turn_drop_void(struct slot *slot, uint64_t now_ms);
/* Who does not come back loses its turn. True: it was lost. */
bool turn_lapse(struct slot *slot, uint64_t now_ms);
uint64_t turn_deadline(const struct slot *slot);

#endif
