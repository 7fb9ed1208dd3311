/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's side of T=1, as a step machine over whole blocks, after ISO/IEC 7816-3:2006,
 * 11.6: chaining both ways, S-blocks, repetition, resynchronization. It knows no time:
 * the caller waits, and says when nothing came.
 *
 *     step = t1_start(&t1, apdu, size, out, room);
 *     while (step == T1_SEND) {
 *         send t1.block, t1.block_size; wait t1.wait_multiplier times BWT for a block
 *         step = t1_receive(&t1, block, block_size);    (NULL, 0 if none came)
 *     }
 *     T1_DONE: t1.out_size bytes are in `out`.  T1_FAIL: t1.error. */
#ifndef PROTO_T1_H
#define PROTO_T1_H

#include "base/compiler.h"
#include "base/error.h"
#include "base/sizes.h"
#include "proto/apdu.h"
#include "proto/t1_block.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    T1_IFS_DEFAULT = 32,           /* of both sides before anything is said (11.4.2) */
    T1_MESSAGE_MAX = TRANSFER_MAX, /* bytes of a command */
    T1_RESPONSE_MAX =
        APDU_RESPONSE_MAX, /* bytes of a response; more is a protocol error */
    T1_RETRIES = 3,        /* the third failure in a row leads to RESYNCH */
    T1_RESYNCHS = 3,       /* RESYNCH requests for one APDU; then the card is given up */
    T1_IDLE_MAX = 64,      /* blocks in a row without any headway */
    T1_OVERHEAD_MAX = 2048 /* blocks that carry no data, for one APDU */
};

struct t1_parameters {
    uint8_t nad;      /* to send; the card answers with the halves exchanged. Usually 0 */
    uint8_t ifsc;     /* 1 to 254; else T1_IFS_DEFAULT is taken */
    uint8_t ifsd;     /* in force already, 1 to 254; else T1_IFS_DEFAULT is taken */
    uint8_t wait_max; /* most that wait_multiplier may be; 0: 255 */
    enum t1_edc edc;  /* if a CRC: the other kind is tried when the first block says so */
};

enum t1_step { T1_SEND, T1_DONE, T1_FAIL };

enum t1_state {
    T1_IDLE,      /* no exchange runs */
    T1_SENDING,   /* our last I-block is not acknowledged */
    T1_RECEIVING, /* the card has begun its answer */
    T1_RESYNCH,   /* our S(RESYNCH request) is not answered */
    T1_IFS,       /* our S(IFS request) is not answered */
    T1_ABORTED,   /* we answered S(ABORT request), and wait for what comes next */
    T1_DEAD       /* RESYNCH failed; only a reset and t1_init help */
};

struct t1 {
    /* Results of a step, to be read by the caller. */
    uint8_t block[T1_BLOCK_MAX]; /* after T1_SEND: the block; may hold a PIN */
    size_t block_size;
    uint8_t wait_multiplier; /* after T1_SEND: how many BWT to wait, 1 to wait_max */
    size_t out_size;         /* after T1_DONE */
    enum sc_error error;     /* after T1_FAIL */
    enum t1_state state;
    uint8_t ifsc, ifsd; /* in force */

    /* The machine's own. */
    uint8_t nad, ifsc_initial, wait_max;
    enum t1_edc edc;
    enum t1_edc edc_other; /* tried as well until a valid block has come; then as edc */
    uint8_t ns, nr;        /* of the next I-block, ours and the card's */
    bool resynch_first;    /* the last exchange ended out of step */
    bool at_reader;        /* the reader completes that block: it cannot be sent again */
    bool repeat_excused;   /* a repeated I-block was answered already without counting */
    enum sc_error trouble; /* why it is given up, if it has to be now */
    uint8_t ifs_wanted;    /* by t1_start_ifs, or 0: the exchange is one of an APDU */
    uint8_t retries, resynchs;
    uint32_t idle, overhead;
    const uint8_t *command;
    size_t command_size;
    size_t command_sent; /* bytes of it that are acknowledged */
    size_t piece_size;   /* bytes in the I-block that was sent and is not */
    uint8_t *out;
    size_t out_room;
    size_t received; /* bytes of the answer, also those that find no room */
};

/* Prepares for a card that was just reset (or whose T=1 was set up by a PPS). */
void t1_init(struct t1 *t1, const struct t1_parameters *parameters);

/* Begins the exchange of a command. `command` and `out` stay the caller's, and are used
 * until the exchange is over. Gives T1_SEND, or T1_FAIL: SC_E_INVALID_PARAMETER (size is
 * 0 or above T1_MESSAGE_MAX), SC_F_COMM_ERROR (the card is given up). An exchange that
 * still runs is forgotten, and the card resynchronized first. */
enum t1_step t1_start(struct t1 *t1, const uint8_t *command, size_t size, uint8_t *out,
                      size_t out_room) MUST_CHECK;

/* The same for a command that the reader completes and sends itself, with a PIN for
 * instance: T1_SEND with an I-block in t1.block (PCB below 80) asks for that; what stands
 * in it is the template, and its first T1_PROLOGUE_SIZE bytes are those to send. The
 * card's block goes to t1_receive. All other blocks are sent as usual, before it a
 * RESYNCH. It is asked for once: a card that wants it again makes the exchange fail with
 * SC_F_COMM_ERROR. SC_E_INVALID_PARAMETER also if the template does not fit into one
 * block. */
enum t1_step t1_start_at_reader(struct t1 *t1, const uint8_t *template, size_t size,
                                uint8_t *out, size_t out_room) MUST_CHECK;

/* The reader did not send that I-block (the entry was cancelled, or no key came): ends
 * the exchange as if it had not begun. Without effect when no such block is asked for. */
void t1_withdraw(struct t1 *t1);

/* Begins S(IFS request): tells the card the largest INF that we take. T1_DONE: t1.ifsd is
 * `ifsd`. T1_FAIL: SC_F_COMM_ERROR or SC_E_TIMEOUT; ifsd is what it was and the card may
 * still be used, unless state is T1_DEAD. SC_E_INVALID_PARAMETER if not 1 to 254. */
enum t1_step t1_start_ifs(struct t1 *t1, uint8_t ifsd) MUST_CHECK;

/* After trouble the card is brought in step again with RESYNCH. A command whose last
 * I-block (the one without M) was sent by then may have been carried out: it is not sent
 * again but fails with SC_F_COMM_ERROR, and the next command works. One of which only
 * earlier blocks were sent goes out again from its start.
 *
 * Takes what the card sent: one block, or anything else that came; size 0 (then `bytes`
 * may be NULL) says that nothing came in time. A character with wrong parity makes the
 * block a bad one: change a byte, or hand over what was read before it. T1_FAIL:
 * SC_F_COMM_ERROR (protocol error, the card aborted, or is given up), SC_E_TIMEOUT (given
 * up because nothing came), SC_E_INSUFFICIENT_BUFFER (the answer is longer than out_room;
 * it was taken to its end and dropped, the card stays usable). After T1_DONE or T1_FAIL
 * gives T1_FAIL until the next start. */
enum t1_step t1_receive(struct t1 *t1, const uint8_t *bytes, size_t size) MUST_CHECK;

/* Wipes the block bytes. Call when an exchange is over; what the next one needs is kept.
 */
void t1_clear(struct t1 *t1);

#endif
