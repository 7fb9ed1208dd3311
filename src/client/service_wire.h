/* SPDX-License-Identifier: BSD-2-Clause */
/* The session with the service and its connections; what is said over one of them is
 * service_exchange.h. */
#ifndef CLIENT_SERVICE_WIRE_H
#define CLIENT_SERVICE_WIRE_H

#include "client/service_exchange.h"

/* A connection for one call: an idle one, or a new one. `establishing`: a session may
 * begin with it; else there must be one. Errors: SC_E_NO_SERVICE (nobody answers),
 * SC_E_SERVICE_STOPPED (the session is over), SC_W_SECURITY_VIOLATION (the service does
 * not let us in), SC_E_NO_MEMORY (or no descriptor), SC_E_SERVER_TOO_BUSY (the service
 * takes no further connection now). After the last two the session goes on. */
enum sc_error service_link_take(bool establishing, struct service_link **link) MUST_CHECK;
/* Keeps it for the next call; but not one that was made for a call that ends others, or
 * for one that was too many: it may be one that the service takes nothing else from. */
void service_link_give(struct service_link *link);
/* Closes one that belongs to no session of ours. */
void service_link_drop(struct service_link *link);
/* It broke, or what came is not a response: closes it, and the session is over. */
void service_link_distrust(struct service_link *link);

/* Around the making of a context: meanwhile the session does not end. `link`: of the call
 * that made it; NULL if none was made. */
void service_context_begin(void);
void service_context_made(const struct service_link *link, uint32_t context);
/* One was released by a call over `link`: with the last one the session ends, and its
 * connections close. */
void service_context_released(const struct service_link *link, uint32_t context);
/* A card was connected, disconnected. */
void service_card_made(const struct service_link *link, uint32_t card, uint32_t context);
void service_card_gone(uint32_t card);
/* Whether the session that made this context or card is over, and the program has not
 * heard so of this one. `once`: it hears it now, and the handle is none from then on. */
bool service_handle_is_stopped(uint32_t handle, bool once);

#endif
