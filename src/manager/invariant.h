/* SPDX-License-Identifier: BSD-2-Clause */
/* What always holds between two calls of the manager, whatever clients, cards and readers
 * do. Each gives the first promise that is broken, in words, or NULL. The simulations ask
 * after every step, checked builds (WINSCARD_CHECKED) when a slot is unlocked. */
#ifndef MANAGER_INVARIANT_H
#define MANAGER_INVARIANT_H

#include "manager/manager.h"

/* Needs the slot's lock; those that became ready are taken (slot_take_ready()). */
const char *slot_invariant(const struct slot *slot);
/* Needs the manager's lock. */
const char *manager_invariant(const struct manager *manager);

#endif
