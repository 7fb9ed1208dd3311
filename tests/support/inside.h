/* SPDX-License-Identifier: BSD-2-Clause */
/* What goes on in the manager, which is in the test's process even behind a service: tests
 * wait until a call has come so far. */
#ifndef TESTS_SUPPORT_INSIDE_H
#define TESTS_SUPPORT_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

/* SCardGetStatusChange calls that wait. */
uint32_t inside_watches(void);
/* Calls that wait for a change or for their turn, as soon as their threads sleep. */
uint32_t inside_sleepers(void);
/* Requests to all readers: of each one runs, and the others wait for it. */
uint32_t inside_requests(void);
/* Whether a request to any reader waits for another's turn to end, or connects. */
bool inside_waits_for_turn(void);
bool inside_connects(void);
/* How long news of a card wait for its ATR from now on. */
void inside_set_hold(uint32_t ms);

#endif
