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

#endif
