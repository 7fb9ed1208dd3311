/* SPDX-License-Identifier: BSD-2-Clause */
/* The first words on a connection: both sides know whom they talk to. */
#ifndef CLIENT_SERVICE_HELLO_H
#define CLIENT_SERVICE_HELLO_H

#include "client/service_exchange.h"
#include "client/service_place.h"

/* Begins a session, whose identification goes to `id`, or joins one (`join`; else NULL).
 * *token is of no use afterwards. Errors: those that hello gives, SC_E_NO_SERVICE (at an
 * endpoint whose service has gone: nobody, or a stranger), SC_W_SECURITY_VIOLATION (who
 * listens does not know the token, or wants one that is not had). */
enum sc_error service_introduce(struct service_link *link,
                                const struct service_place *place,
                                struct service_token *token, const uint8_t *join,
                                uint8_t id[MESSAGE_SESSION_SIZE]) MUST_CHECK;

#endif
