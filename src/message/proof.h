/* SPDX-License-Identifier: BSD-2-Clause */
/* The token of a service behind TCP, proved instead of sent: whoever listens at a port
 * that the service left learns nothing from a client, and the client sees that it is
 * somebody else.
 *
 *     client   challenge: a random nonce
 *     service  a random nonce of its own, and its proof
 *     client   hello, with its own proof for a token */
#ifndef MESSAGE_PROOF_H
#define MESSAGE_PROOF_H

#include "message/message.h"

/* Who proves: its proof is none for the other one. */
enum proof_side { PROOF_SERVICE, PROOF_CLIENT };

/* HMAC-SHA-256 with the token for a key over "winscard 1 service" or "winscard 1 client",
 * the client's nonce and the service's, MESSAGE_NONCE_SIZE bytes each. */
void proof_make(struct message_span token, enum proof_side side,
                const uint8_t *client_nonce, const uint8_t *service_nonce,
                uint8_t proof[MESSAGE_PROOF_SIZE]);

#endif
