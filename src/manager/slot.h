/* SPDX-License-Identifier: BSD-2-Clause */
/* One reader as a pure state machine: who is connected, who owns the transaction, who
 * waits, what the card's state is, and which driver job comes next. No thread, clock,
 * lock or driver call is in here; the time comes in as an argument.
 *
 * Everything in this header is called with the slot's lock held (or from one thread).
 * One request at a time occupies the slot; others are parked in order of arrival.
 * Requests of other handles are passed over while a handle owns the transaction.
 *
 * Clients whose protocol knows no waiting are refused instead (request.refusable) and ask
 * again. So that those who wait do not overtake them each time, their place in the queue
 * is kept for TURN_MS: card->place stands there in place of the refused request, and is
 * renewed each time the handle is refused. When it comes up, the handle is slot->next:
 * until it asks again, or for TURN_MS, everybody waits for it as for a transaction.
 *
 *     verdict = slot_submit(...)            RUN: run request->job without the lock, then
 *     verdict = slot_job_done(...)          until it is DONE or WAIT
 *     while ((r = slot_take_ready(slot)))   parked requests that may go on: r->verdict
 */
#ifndef MANAGER_SLOT_H
#define MANAGER_SLOT_H

#include "base/list.h"
#include "manager/request.h"

enum card_state {
    CARD_ABSENT,
    CARD_UNKNOWN,    /* present, never powered: no ATR yet */
    CARD_MUTE,       /* present, gave no usable answer to reset */
    CARD_OFF,        /* present, powered off again; the ATR is known */
    CARD_NEGOTIABLE, /* powered, no protocol chosen */
    CARD_SPECIFIC    /* powered, protocol in force */
};

/* A card handle. Owned by the manager, which reuses but never frees the memory; `id` is 0
 * while it stands for nothing. id and slot may be read without a lock
 * (manager_card_find). */
struct card {
    uint32_t id;
    uint32_t next_id; /* the id it gets when it is connected */
    struct slot *slot;
    uint32_t context; /* id of the context it belongs to */
    uint32_t share;
    uint32_t active;     /* PROTOCOL_*, as this handle was told */
    bool attached;       /* in slot->cards */
    bool bound;          /* to the card that was in the slot when it connected */
    uint32_t epoch;      /* of that card */
    uint32_t reset_seen; /* resets this handle knows of */
    struct list_link in_slot;
    struct list_link in_context; /* the manager's */
    bool has_place;              /* `place` is in slot->queue */
    struct request place;
    uint64_t place_ms; /* void from then on */
};

struct slot {
    uint32_t index;  /* the reader's, in the manager */
    void *owner;     /* the host's */
    uint32_t serial; /* of the reader that is attached: ++ for every arrival */
    bool present;    /* a reader is attached and not gone */
    bool dead;       /* declared: it neither answered nor aborted in time */
    bool closing;    /* REQUEST_CLOSE came by */
    bool taken;      /* by another process: no job runs */
    uint32_t able;   /* PROTOCOL_* that the reader can */

    enum card_state state;
    uint8_t atr[DRIVER_ATR_MAX];
    size_t atr_size;
    uint32_t offered;       /* PROTOCOL_* the ATR offers, and the reader can */
    uint32_t first;         /* the one it names first */
    uint32_t protocol;      /* in force, 0 if none */
    uint32_t epoch;         /* ++ when the card, or the reader, is another one */
    uint32_t events;        /* ++ for each insertion and removal, of the reader too */
    uint32_t resets;        /* ++ for each reset of a powered card */
    uint32_t transmissions; /* successful ones since the reader came */

    struct list_link cards; /* struct card.in_slot */
    uint32_t card_count;
    struct card *exclusive;
    struct card *holder; /* owner of the transaction */
    uint32_t depth;
    uint64_t activity_ms; /* the holder's last command, or when others began to wait */
    uint32_t transaction_idle_ms; /* 0: no such limit */
    bool reset_due; /* a holder lost its transaction: reset before anybody else */

    struct request *occupant;
    bool aborting;
    uint64_t abort_ms;
    struct list_link queue; /* struct request.link */
    uint32_t queue_size;
    struct list_link ready;
    struct card *next;  /* who was refused, and may go first now; with no holder alone */
    uint64_t next_ms;   /* until then */
    uint64_t refuse_ms; /* no request in the queue is to be refused before */

    uint32_t version; /* ++ when anything that slot_view() shows changes */
};

/* What the rest of the world may know of a slot: bits SCARD_STATE_*, without CHANGED. */
struct slot_view {
    uint32_t version;
    uint32_t state;   /* EMPTY and UNAVAILABLE stand alone (MS-Docs SCARD_READERSTATE) */
    bool alone;       /* a handle has the reader to itself, even without a card */
    uint32_t events;  /* insertions and removals so far, 16 bits */
    uint32_t epoch;   /* another number is another card */
    bool needs_probe; /* a card is in, its ATR not known yet, and no transaction on it */
    enum card_state card;
    uint32_t handles;  /* connected to it */
    uint32_t protocol; /* in force, 0 if none */
    uint8_t atr[DRIVER_ATR_MAX];
    size_t atr_size;
};

enum {
    VIEW_UNKNOWN = 0x0004,
    VIEW_UNAVAILABLE = 0x0008,
    VIEW_EMPTY = 0x0010,
    VIEW_PRESENT = 0x0020,
    VIEW_EXCLUSIVE = 0x0080,
    VIEW_INUSE = 0x0100,
    VIEW_MUTE = 0x0200,
    VIEW_UNPOWERED = 0x0400
};

void slot_init(struct slot *slot, uint32_t index);
/* A reader takes the slot; nothing is attached to it and nothing waits in it. `events`:
 * where its counter begins (struct reader.events). */
void slot_attach_reader(struct slot *slot, const struct reader_info *info,
                        uint32_t events);

/* Takes a request. It is on the way until its verdict is DONE. */
enum verdict slot_submit(struct slot *slot, struct request *request, uint64_t now_ms);
/* The job of the occupant has been run: its error, ATR, transfer.out_size are set. */
enum verdict slot_job_done(struct slot *slot, struct request *request, uint64_t now_ms);
/* The next parked request that may go on, with verdict DONE or RUN; NULL if none. */
struct request *slot_take_ready(struct slot *slot);
/* A parked request gives up. False if it is not parked any more: its verdict stands. */
bool slot_withdraw(struct slot *slot, struct request *request);
/* All parked requests of this card handle end with `error`. */
void slot_withdraw_card(struct slot *slot, struct card *card, enum sc_error error);

/* Events. Parked requests become ready by them. */
void slot_card_event(struct slot *slot, bool present, uint64_t now_ms);
void slot_reader_gone(struct slot *slot, uint64_t now_ms);

/* What time brings: a late job is to be aborted (*abort is set: call the driver's abort()
 * without the lock), a reader that does not even abort is declared dead, a transaction
 * left idle while others wait is taken away, requests are refused, and who does not come
 * back for its turn loses it. Returns when to call again, UINT64_MAX for
 * never. */
uint64_t slot_tick(struct slot *slot, uint64_t now_ms, bool *abort);

/* The occupant is to end now, for its context is released or the host stops. True: call
 * the driver's abort() without the lock. A driver that does not heed it loses the reader
 * after JOB_ABORT_MS, by slot_tick(). */
bool slot_hurry(struct slot *slot, uint64_t now_ms);

/* The host stops: from now on nothing is begun here but REQUEST_CLOSE, which comes next.
 */
void slot_begin_close(struct slot *slot);
/* It starts again, and the reader is still there, since its driver could not stop. */
void slot_end_close(struct slot *slot);

/* When slot_tick() has something to do next; UINT64_MAX: never. */
uint64_t slot_deadline(const struct slot *slot);

/* May this handle go on? SC_OK, SC_E_READER_UNAVAILABLE, SC_W_REMOVED_CARD or
 * SC_W_RESET_CARD. */
enum sc_error slot_check_card(const struct slot *slot, const struct card *card);

void slot_view(const struct slot *slot, struct slot_view *view);

#endif
