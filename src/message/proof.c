/* SPDX-License-Identifier: BSD-2-Clause */
#include "message/proof.h"

#include "base/sha256.h"

_Static_assert((int)MESSAGE_PROOF_SIZE == (int)SHA256_SIZE, "a proof is a digest");

void proof_make(struct message_span token, enum proof_side side,
                const uint8_t *client_nonce, const uint8_t *service_nonce,
                uint8_t proof[MESSAGE_PROOF_SIZE])
{
    const char *label =
        side == PROOF_SERVICE ? "winscard 1 service" : "winscard 1 client";
    struct hmac hmac;
    hmac_begin(&hmac, token.bytes, token.size);
    hmac_add(&hmac, label, strlen(label));
    hmac_add(&hmac, client_nonce, MESSAGE_NONCE_SIZE);
    hmac_add(&hmac, service_nonce, MESSAGE_NONCE_SIZE);
    hmac_end(&hmac, proof);
}
