/* SPDX-License-Identifier: BSD-2-Clause */
/* FIPS 180-4: the functions of 4.1.2, the constants of 4.2.2, padding 5.1.1, the initial
 * value 5.3.3, the computation 6.2.2. The names of variables are the standard's. */
#include "base/sha256.h"

#include "base/secret.h"

#include <assert.h>
#include <string.h>

enum { ROUNDS = 64, SIZE_AT = SHA256_BLOCK - 8 /* of the size in the last block */ };

static const uint32_t K[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
    0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
    0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
    0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
    0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
    0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
    0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2};

static uint32_t rotate(uint32_t value, unsigned bits)
{
    return value >> bits | value << (32 - bits);
}

static uint32_t big_endian(const uint8_t bytes[4])
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8
           | bytes[3];
}

static void put_big_endian(uint8_t bytes[4], uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* The message schedule. */
static void spread(const uint8_t block[SHA256_BLOCK], uint32_t w[ROUNDS])
{
    for (size_t t = 0; t < 16; t++)
        w[t] = big_endian(block + 4 * t);
    for (unsigned t = 16; t < ROUNDS; t++) {
        uint32_t a = w[t - 2], b = w[t - 15];
        w[t] = (rotate(a, 17) ^ rotate(a, 19) ^ a >> 10) + w[t - 7]
               + (rotate(b, 7) ^ rotate(b, 18) ^ b >> 3) + w[t - 16];
    }
}

static void compress(struct sha256 *hash)
{
    uint32_t w[ROUNDS], v[8]; /* v: a to h */
    spread(hash->block, w);
    memcpy(v, hash->state, sizeof(v));
    for (unsigned t = 0; t < ROUNDS; t++) {
        uint32_t a = v[0], e = v[4];
        uint32_t t1 = v[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25))
                      + ((e & v[5]) ^ (~e & v[6])) + K[t] + w[t];
        uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22))
                      + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof(v[0]));
        v[0] = t1 + t2;
        v[4] += t1;
    }
    for (unsigned i = 0; i < 8; i++)
        hash->state[i] += v[i];
    secret_clear(w, sizeof(w));
    secret_clear(v, sizeof(v));
}

void sha256_begin(struct sha256 *hash)
{
    static const uint32_t first[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(hash->state, first, sizeof(first));
    hash->size = 0;
}

void sha256_add(struct sha256 *hash, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    while (size > 0) {
        size_t at = (size_t)(hash->size % SHA256_BLOCK), room = SHA256_BLOCK - at;
        size_t part = size < room ? size : room;
        memcpy(hash->block + at, from, part);
        hash->size += part;
        from += part;
        size -= part;
        if (part == room)
            compress(hash);
    }
}

void sha256_end(struct sha256 *hash, uint8_t digest[SHA256_SIZE])
{
    static const uint8_t padding[SHA256_BLOCK] = {0x80};
    uint64_t bits = hash->size * 8;
    size_t at = (size_t)(hash->size % SHA256_BLOCK);
    uint8_t size[8];
    put_big_endian(size, (uint32_t)(bits >> 32));
    put_big_endian(size + 4, (uint32_t)bits);
    sha256_add(hash, padding, (at < SIZE_AT ? SIZE_AT : SIZE_AT + SHA256_BLOCK) - at);
    assert(hash->size % SHA256_BLOCK == SIZE_AT);
    sha256_add(hash, size, sizeof(size));
    for (unsigned i = 0; i < 8; i++)
        put_big_endian(digest + (size_t)4 * i, hash->state[i]);
    secret_clear(hash, sizeof(*hash));
}

/* --- HMAC --------------------------------------------------------------------------- */

/* A key that is longer than a block is hashed first. */
void hmac_begin(struct hmac *hmac, const void *key, size_t size)
{
    enum { INNER = 0x36, OUTER = 0x5c };
    uint8_t pad[SHA256_BLOCK] = {0};
    if (size > sizeof(pad)) {
        sha256_begin(&hmac->inner);
        sha256_add(&hmac->inner, key, size);
        sha256_end(&hmac->inner, pad);
    } else if (size > 0) {
        memcpy(pad, key, size);
    }
    for (size_t i = 0; i < sizeof(pad); i++)
        pad[i] ^= INNER;
    sha256_begin(&hmac->inner);
    sha256_add(&hmac->inner, pad, sizeof(pad));
    for (size_t i = 0; i < sizeof(pad); i++)
        pad[i] ^= INNER ^ OUTER;
    sha256_begin(&hmac->outer);
    sha256_add(&hmac->outer, pad, sizeof(pad));
    secret_clear(pad, sizeof(pad));
}

void hmac_add(struct hmac *hmac, const void *bytes, size_t size)
{
    sha256_add(&hmac->inner, bytes, size);
}

void hmac_end(struct hmac *hmac, uint8_t digest[SHA256_SIZE])
{
    sha256_end(&hmac->inner, digest);
    sha256_add(&hmac->outer, digest, SHA256_SIZE);
    sha256_end(&hmac->outer, digest);
}
