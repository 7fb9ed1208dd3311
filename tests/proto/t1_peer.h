/* SPDX-License-Identifier: BSD-2-Clause */
/* A card that speaks T=1, for tests: it chains both ways, asks for time, repeats what is
 * asked for, and counts how often it carried out a command. */
#ifndef TESTS_UNIT_PROTO_T1_PEER_H
#define TESTS_UNIT_PROTO_T1_PEER_H

#include "proto/t1_block.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { T1_PEER_COMMAND_MAX = 66000, T1_PEER_RESPONSE_MAX = 66000 };

struct t1_peer {
    /* Set by the test after t1_peer_init. */
    enum t1_edc edc;
    uint8_t nad;          /* of the host */
    uint8_t ifsc;         /* the most it takes in a block: more counts as a fault */
    size_t response_size; /* of the answer to each command, 2 or more */
    unsigned wtx_count;   /* S(WTX) before each answer */
    uint8_t wtx;          /* multiplier asked for */
    bool stubborn;        /* asked for what follows its answer, it gives the end again */

    /* For the test to look at. */
    unsigned executed;   /* commands carried out */
    unsigned faults;     /* things a host must never do */
    uint8_t ifsd;        /* in force */
    size_t command_size; /* of the last command */
    uint8_t command[T1_PEER_COMMAND_MAX];
    uint8_t response[T1_PEER_RESPONSE_MAX];

    /* Its own. */
    uint8_t ns, nr;
    bool answering; /* an I-block of ours is not acknowledged */
    bool fresh;     /* the next I-block begins a command */
    size_t collected;
    size_t sent;  /* bytes of the answer that are acknowledged */
    size_t piece; /* bytes in the I-block that is not */
    unsigned wtx_left;
    uint8_t last[T1_BLOCK_MAX];
    size_t last_size;
};

void t1_peer_init(struct t1_peer *peer);

/* Takes a block as it arrived, and gives the size of the answer in `out` (room for
 * T1_BLOCK_MAX): the bytes of last[]. */
size_t t1_peer_take(struct t1_peer *peer, const uint8_t *bytes, size_t size,
                    uint8_t *out);

#endif
