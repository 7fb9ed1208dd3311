/* SPDX-License-Identifier: BSD-2-Clause */
/* Carries one command APDU over T=0, as a step machine over command TPDUs, after ISO/IEC
 * 7816-3:2006, 12.2. Without options it makes one TPDU of the APDU and hands the answer
 * back as it is; that is what WinSCard programs expect of T=0. Each option makes the
 * machine do one thing that otherwise is left to the program.
 *
 *     step = t0_start(&t0, &options, apdu, size, out, room);
 *     while (step == T0_SEND) {
 *         send t0.command, t0.command_size; receive an answer of t0.answer_max at most
 *         step = t0_receive(&t0, answer, answer_size);
 *     }
 *     T0_DONE: t0.out_size bytes, data and SW1 SW2, are in `out`.  T0_FAIL: t0.error. */
#ifndef PROTO_T0_H
#define PROTO_T0_H

#include "base/compiler.h"
#include "base/error.h"
#include "proto/apdu.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    T0_COMMAND_MAX = 5 + 255,  /* header with P3, data */
    T0_ANSWER_MAX = 256 + 2,   /* data, SW1 SW2 */
    T0_EXCHANGES_MAX = 2048,   /* TPDUs for one APDU */
    T0_IDLE_MAX = 3,           /* TPDUs in a row that move nothing */
    T0_CLASS_OF_COMMAND = 0xFF /* for the classes in the options */
};

struct t0_options {
    bool get_response; /* fetch the data that 61xx announces, up to Le */
    bool correct_le;   /* repeat with the length that 6Cxx names */
    bool envelope;     /* carry more than 255 bytes of data in ENVELOPE commands */
    uint8_t get_response_class; /* CLA, or T0_CLASS_OF_COMMAND */
    uint8_t envelope_class;     /* CLA, or T0_CLASS_OF_COMMAND */
};

enum t0_step { T0_SEND, T0_DONE, T0_FAIL };

enum t0_phase {
    T0_PHASE_COMMAND,
    T0_PHASE_ENVELOPE,
    T0_PHASE_GET_RESPONSE,
    T0_PHASE_OVER
};

struct t0 {
    /* Results of a step, to be read by the caller. */
    uint8_t command[T0_COMMAND_MAX]; /* after T0_SEND: the TPDU; may hold a PIN */
    size_t command_size;
    size_t answer_max;   /* bytes the card may answer to it, with SW1 SW2 */
    size_t out_size;     /* after T0_DONE */
    enum sc_error error; /* after T0_FAIL */

    /* The machine's own. */
    struct t0_options options;
    struct apdu apdu;
    const uint8_t *whole; /* the APDU as given, for ENVELOPE */
    size_t whole_size;
    size_t enveloped; /* bytes of it that were sent */
    bool ended;       /* the empty ENVELOPE was sent, or none is needed */
    uint8_t *out;
    size_t out_room;
    size_t data_size; /* collected so far */
    uint32_t exchanges;
    uint32_t idle;
    enum t0_phase phase;
};

/* Begins. `apdu` and `out` stay the caller's, and are used until the exchange is over.
 * Gives T0_SEND, or T0_FAIL with SC_E_INVALID_PARAMETER: the APDU is malformed, or T=0
 * cannot carry it (with these options). Classes and instructions that T=0 forbids are let
 * through: readers take some of them as commands to themselves. */
enum t0_step t0_start(struct t0 *t0, const struct t0_options *options,
                      const uint8_t *apdu, size_t size, uint8_t *out,
                      size_t out_room) MUST_CHECK;

/* Takes the answer to t0.command: data, SW1 SW2. Fails with SC_F_COMM_ERROR (shorter than
 * 2 bytes, longer than answer_max, or the card makes no headway),
 * SC_E_INSUFFICIENT_BUFFER
 * (`out` is too small). After T0_DONE or T0_FAIL gives T0_FAIL. */
enum t0_step t0_receive(struct t0 *t0, const uint8_t *answer, size_t size) MUST_CHECK;

/* Wipes the command bytes. Call when the exchange is over, or given up. */
void t0_clear(struct t0 *t0);

#endif
