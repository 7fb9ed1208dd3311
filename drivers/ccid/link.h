/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands and their replies over one CCID interface (CCID 6): sequence numbers, several
 * slots at once, stale answers, time extensions, aborting, recovery.
 *
 * There is no thread that reads. Of the threads that wait for a reply one at a time
 * receives, for all of them; the others sleep until it has something for them, or leaves
 * the task to the next.
 *
 * A slot is used by one thread at a time (driver port, rule 1, and ccid_poll). */
#ifndef DRIVERS_CCID_LINK_H
#define DRIVERS_CCID_LINK_H

#include "base/compiler.h"
#include "drivers/ccid/transport.h"
#include "os/lock.h"
#include "proto/ccid.h"

enum {
    CCID_STALE_MAX = 10,           /* responses to nobody, before one command fails */
    CCID_BUSY_RETRIES = 10,        /* times that a busy slot is asked again */
    CCID_BUSY_PAUSE_MS = 50,       /* between them */
    CCID_SEND_MS = 5000,           /* for a command to be taken */
    CCID_REPLY_MS = 3000,          /* for the answer to a command that needs no card */
    CCID_CONTROL_MS = 1000,        /* for a control request */
    CCID_LEFT_MS = 500,            /* for a command to a card that was taken out */
    CCID_ABORT_MS = 300,           /* for the abort sequence, at once after a failure */
    CCID_RECOVER_MS = 1000,        /* for each step of the recovery before the next job */
    CCID_EXTENSION_MAX_MS = 300000 /* most that one time extension may grant */
};

/* A command in the making; all but the replies are set by the caller. */
struct ccid_call {
    enum ccid_type type;
    uint8_t p[3]; /* bytes 7 to 9 of the header */
    const uint8_t *data;
    size_t size;
    uint32_t timeout_ms;  /* for each sign of the reader: answer or time extension */
    uint64_t deadline_ms; /* for all of it */
    bool numbered;        /* `seq` is set by the caller, too */
    uint8_t seq;
    /* After SC_OK. reply.data stays until the slot's next call. */
    struct ccid_reply reply;
};

/* What is known of the reply to a slot's command. */
enum ccid_line_reply {
    CCID_REPLY_NONE,    /* no command is under way */
    CCID_REPLY_AWAITED, /* nothing yet, or a time extension that was seen to */
    CCID_REPLY_FRESH,   /* one came */
    CCID_REPLY_BROKEN   /* one came, and cannot be used */
};

/* Whether reader and host agree on what is under way. */
enum ccid_line_step {
    CCID_IN_STEP,
    CCID_STUCK,      /* an abort failed: recover before the next command */
    CCID_DEAF_TO_ALL /* so did all else but a reset, and there was no time for that */
};

/* Who is in transport->receive(), for all slots. */
enum ccid_receiver {
    CCID_NOBODY_RECEIVES,
    CCID_SLOT_RECEIVES, /* a thread, on behalf of link.receiver_slot */
    CCID_RECEIVER_WOKEN /* the same, and it is to come back to look at the time */
};

/* How messages are read. */
enum ccid_reading {
    CCID_READ_WHOLE,
    CCID_READ_PACKETS /* the device ends one of whole packets without an empty one */
};

/* One slot's share. */
struct ccid_line {
    uint8_t *out; /* message_max bytes: the command, for as long as it is sent */
    uint8_t *in;  /* message_max bytes: its reply */
    size_t in_size;
    uint8_t seq;
    uint8_t reply_type;
    enum ccid_line_reply reply;
    enum ccid_line_step step;
    bool behind;      /* the reply may have the number before */
    bool stop;        /* the job shall end: ccid_link_interrupt */
    bool left;        /* the card was taken out after its last power-on */
    uint64_t left_ms; /* when a command to it is given up then */
    uint32_t resets;  /* of the card, by a recovery or by others: it lost its power */
};

struct ccid_link {
    struct ccid_transport *transport;
    size_t message_max;
    uint32_t slot_count, busy_max;
    uint32_t quirks; /* set after ccid_link_init(): those of links */

    struct os_mutex lock;
    struct os_cond changed;

    /* Under the lock. */
    struct ccid_line lines[CCID_SLOTS_MAX];
    uint32_t busy; /* slots between command and reply */
    bool sending;  /* a thread is in transport->send() */
    enum ccid_receiver receiver;
    uint32_t receiver_slot;
    bool gone;    /* the device is */
    uint8_t seq;  /* of the next command */
    bool settled; /* the last command has got its reply: it is not to come any more */

    /* Of the receiving thread. */
    uint8_t *bytes; /* what came and is not dealt out */
    size_t room, have;
    enum ccid_reading reading;
};

/* `transport` is borrowed. Errors: SC_E_NO_MEMORY. */
enum sc_error ccid_link_init(struct ccid_link *link, struct ccid_transport *transport,
                             const struct ccid_descriptor *descriptor) MUST_CHECK;
/* Wipes and frees. No call runs. */
void ccid_link_clear(struct ccid_link *link);

/* Sends a command and waits for its reply. SC_OK: a valid reply came; it may well say
 * that the command failed. SC_E_TIMEOUT, SC_E_CANCELLED (ccid_link_interrupt),
 * SC_E_READER_UNAVAILABLE (gone), SC_F_COMM_ERROR (the bus failed, or the answer is
 * unusable; the command was aborted), SC_E_INVALID_PARAMETER (longer than the reader
 * takes; nothing was sent), SC_W_REMOVED_CARD (it was for a card that has left meanwhile,
 * and was not answered). A slot that says that it is busy is asked again. */
enum sc_error ccid_link_call(struct ccid_link *link, uint32_t slot,
                             struct ccid_call *call) MUST_CHECK;

/* The call that runs for `slot`, and those that follow until ccid_link_resume(), end with
 * SC_E_CANCELLED. From any thread. */
void ccid_link_interrupt(struct ccid_link *link, uint32_t slot);
void ccid_link_resume(struct ccid_link *link, uint32_t slot);
/* True between those two. */
bool ccid_link_interrupted(struct ccid_link *link, uint32_t slot);

/* The slot's card was taken out, by a notification: a reader that answers a command to it
 * does so soon, and one that does not is waited for no longer than CCID_LEFT_MS. */
void ccid_link_card_left(struct ccid_link *link, uint32_t slot);

/* What comes before a job: if the last one left the slot out of step, brings it back, by
 * an abort, by clearing halts, by a reset of the device in the end. Errors:
 * SC_E_READER_UNAVAILABLE (nothing helped: the reader is to be given up),
 * SC_E_CANCELLED, SC_E_TIMEOUT (the deadline came; the next job goes on with it). */
enum sc_error ccid_link_recover(struct ccid_link *link, uint32_t slot,
                                uint64_t deadline_ms) MUST_CHECK;

/* The device was reset: no card has power, and no command is under way. */
void ccid_link_was_reset(struct ccid_link *link);
/* How often the slot's card lost its power so far by that, or by the recovery. */
uint32_t ccid_link_resets(struct ccid_link *link, uint32_t slot) MUST_CHECK;

/* The device is gone: everything ends with SC_E_READER_UNAVAILABLE. */
void ccid_link_gone(struct ccid_link *link);
bool ccid_link_is_gone(struct ccid_link *link) MUST_CHECK;

#endif
