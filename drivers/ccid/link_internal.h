/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of a link among themselves: link_receive.c takes apart what comes,
 * link_exchange.c sends and waits, link_recover.c brings a slot back into step. */
#ifndef DRIVERS_CCID_LINK_INTERNAL_H
#define DRIVERS_CCID_LINK_INTERNAL_H

#include "drivers/ccid/link.h"

/* What the bus can do: CCID_BUS_... */
static inline bool ccid_link_can(const struct ccid_link *link, uint32_t capability)
{
    return (link->transport->capabilities & capability) != 0;
}

/* transport->receive() on behalf of the slot, without the lock meanwhile; nobody else
 * receives. *woken: it was ended early, SC_OK, to look at the time again. */
enum sc_error ccid_link_wait(struct ccid_link *link, uint32_t slot, uint8_t *bytes,
                             size_t room, size_t *size, uint64_t deadline_ms,
                             bool *woken) MUST_CHECK NEEDS_LOCK(link->lock);

/* Receives one transfer, without the lock meanwhile, and deals out the messages in it;
 * counts those for nobody in *stale. Nobody else receives. Errors: SC_F_COMM_ERROR (of the
 * bus; halts are cleared), SC_E_TIMEOUT, SC_E_CANCELLED, SC_E_READER_UNAVAILABLE. */
enum sc_error ccid_link_receive(struct ccid_link *link, uint32_t slot,
                                uint64_t deadline_ms, uint32_t *stale) MUST_CHECK
    NEEDS_LOCK(link->lock);

/* ccid_link_call() without asking a busy slot again, and without an abort after a
 * failure. */
enum sc_error ccid_link_exchange(struct ccid_link *link, uint32_t slot,
                                 struct ccid_call *call) MUST_CHECK;

/* Sleeps, unless interrupted. The link is not locked. */
enum sc_error ccid_link_pause(struct ccid_link *link, uint32_t slot,
                              uint32_t ms) MUST_CHECK;

/* link_receive.c: after a failure of the bus, where it can. The link is not locked. */
void ccid_link_clear_halt(struct ccid_link *link);

/* link_receive.c: what is under way for the slot will get no answer that can be used; one
 * that came before, and was not seen yet, counts all the same. The link is locked. */
void ccid_line_break(struct ccid_line *line);

#endif
