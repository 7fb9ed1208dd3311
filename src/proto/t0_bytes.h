/* SPDX-License-Identifier: BSD-2-Clause */
/* One command TPDU of T=0, character by character: procedure bytes, after ISO/IEC
 * 7816-3:2006, 10.3. For readers that leave these to the host (CCID at character level,
 * serial lines). t0.h makes the TPDUs of an APDU; its T0_SEND is one run of this machine.
 *
 *     step = t0_bytes_start(&line, command, size, answer_max, nulls_max, out, room);
 *     while (step == T0_BYTES_SEND) {
 *         send line.send, line.send_size bytes, maybe none; receive line.expect bytes
 *         step = t0_bytes_receive(&line, bytes, bytes_size);
 *     }
 *     T0_BYTES_DONE: line.out_size bytes, data and SW1 SW2, are in `out`.
 *     T0_BYTES_FAIL: line.error; the card has to be reset.
 *
 * Each byte of the card may take the work waiting time: a new wait begins with each step.
 * If nothing comes in time the caller gives up; there is nothing to tell the machine. */
#ifndef PROTO_T0_BYTES_H
#define PROTO_T0_BYTES_H

#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    T0_BYTES_HEADER = 5,
    T0_BYTES_NULLS_ANY = -1 /* for nulls_max: the caller's own deadline ends it */
};

enum t0_bytes_step { T0_BYTES_SEND, T0_BYTES_DONE, T0_BYTES_FAIL };

enum t0_bytes_phase {
    T0_BYTES_PROCEDURE, /* a procedure byte comes next */
    T0_BYTES_DATA,      /* `burst` bytes of data come next */
    T0_BYTES_SW2,
    T0_BYTES_OVER
};

struct t0_bytes {
    /* Results of a step, to be read by the caller. */
    const uint8_t *send; /* after T0_BYTES_SEND: into `command`, or the header below */
    size_t send_size;    /* 0: only receive */
    size_t expect;       /* 1 to 256: no fewer bytes will come */
    size_t out_size;     /* after T0_BYTES_DONE */
    enum sc_error error; /* after T0_BYTES_FAIL */

    /* The machine's own. */
    enum t0_bytes_phase phase;
    uint8_t header[T0_BYTES_HEADER];
    const uint8_t *data; /* to the card */
    size_t data_left;    /* of it */
    size_t wanted;       /* bytes of data that the card may still send */
    size_t burst;
    uint8_t *out;
    size_t filled; /* bytes in out */
    int32_t nulls_max, nulls;
};

/* Begins. `command` is the header and, if there are any, P3 bytes of data; a header of
 * four bytes gets a P3 of 00. answer_max is t0.answer_max: 2, or 2 and the P3 bytes that
 * the card is to send (P3 of 00: 256). nulls_max: procedure bytes that only ask for more
 * time, or T0_BYTES_NULLS_ANY. `command` and `out` stay the caller's, and are used until
 * the exchange is over. Gives T0_BYTES_SEND or T0_BYTES_FAIL with SC_E_INVALID_PARAMETER:
 * sizes and P3 do not agree, there is data both ways, INS is 6X or 9X or CLA is FF, which
 * the card would take for something else (10.3.2); SC_E_INSUFFICIENT_BUFFER: `out` has
 * not the room of answer_max. */
enum t0_bytes_step t0_bytes_start(struct t0_bytes *line, const uint8_t *command,
                                  size_t size, size_t answer_max, int32_t nulls_max,
                                  uint8_t *out, size_t out_room) MUST_CHECK;

/* Takes what came: `expect` bytes, or fewer (the rest is expected next), or more if the
 * reader had more. What comes after SW2 is dropped. Fails with SC_F_COMM_ERROR: no byte,
 * one that is not a procedure byte, too many that ask for time, bytes while the card waits
 * for ours. After T0_BYTES_DONE or T0_BYTES_FAIL gives T0_BYTES_FAIL. */
enum t0_bytes_step t0_bytes_receive(struct t0_bytes *line, const uint8_t *bytes,
                                    size_t size) MUST_CHECK;

#endif
