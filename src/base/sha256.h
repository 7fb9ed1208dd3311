/* SPDX-License-Identifier: BSD-2-Clause */
/* SHA-256 (FIPS 180-4) and HMAC with it (RFC 2104): for proofs that somebody knows a
 * secret, which do not tell it. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_SIZE = 32, SHA256_BLOCK = 64 /* bytes */ };

struct sha256 {
    uint32_t state[8];
    uint64_t size; /* bytes so far, below 2^61 */
    uint8_t block[SHA256_BLOCK];
};

void sha256_begin(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *bytes, size_t size);
/* The hash is wiped. */
void sha256_end(struct sha256 *hash, uint8_t digest[SHA256_SIZE]);

/* HMAC-SHA-256, with its key; then hmac_add() and hmac_end(). */
struct hmac {
    struct sha256 inner, outer;
};

void hmac_begin(struct hmac *hmac, const void *key, size_t size);
void hmac_add(struct hmac *hmac, const void *bytes, size_t size);
void hmac_end(struct hmac *hmac, uint8_t digest[SHA256_SIZE]);

#endif
