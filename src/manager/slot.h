/* SPDX-License-Identifier: BSD-2-Clause */
/* One reader as a pure state machine: which handles are connected, which one owns the
 * transaction, which requests wait, what the card's state is, and which driver job comes
 * next. No thread, clock, lock or driver call is in here; the time is an argument.
 *
 * Everything in this header is called with the slot's lock held (or from one thread).
 * One request at a time occupies the slot; others are parked in order of arrival.
 * Requests of other handles are skipped while a handle owns the transaction. A request
 * whose answer depends on neither, which is true of most errors, waits for neither.
 *
 * Clients whose protocol knows no waiting are refused instead (enum patience) and ask
 * again. So that clients that wait do not overtake them each time, their place in the
 * queue is kept for TURN_MS: card->place stands there for the refused request, and is
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

enum handle_stage {
    HANDLE_LOOSE,    /* not connected: not yet, or not any more */
    HANDLE_ATTACHED, /* in slot->cards */
    HANDLE_LEAVING   /* the same; its DISCONNECT is under way */
};

/* A card handle. Owned by the manager, which reuses but never frees the memory; `id` is 0
 * while it stands for nothing. id and slot may be read without a lock
 * (manager_card_find). */
struct card_handle {
    uint32_t id;
    uint32_t next_id; /* the id it gets when it is connected */
    struct slot *slot;
    uint32_t context;       /* id of the context it belongs to */
    struct program program; /* whose that is */
    uint32_t share;
    uint32_t active; /* PROTOCOL_*, as this handle knows it */
    enum handle_stage stage;
    bool bound;          /* to the card that was in the slot when it connected */
    uint32_t epoch;      /* of that card */
    uint32_t reset_seen; /* resets this handle knows of */
    uint32_t last_error; /* enum sc_error of its last request */
    struct list_link in_slot;
    struct list_link in_context; /* the manager's */
    bool has_place;              /* `place` is in slot->queue */
    struct request place;
    uint64_t place_ms; /* void from then on */
};

/* What the settings say. */
struct slot_rules {
    uint32_t idle_ms[ABI_KINDS]; /* a transaction without an access for so long is taken
                                  * away when others wait; 0: never */
    bool strict;           /* ABI_WINDOWS: also when nobody waits, as Windows does */
    uint32_t power_off_ms; /* a card that nobody is connected to; 0: never */
};

/* Those without settings (manager/limits.h). */
extern const struct slot_rules slot_default_rules;

/* The reader of a slot. Dead: declared so, for a job neither ended nor heeded its stop.
 */
enum slot_reader {
    SLOT_NO_READER,
    SLOT_SERVED,
    SLOT_TAKEN, /* by another process: no job runs */
    SLOT_DEAD,
    SLOT_DEAD_GONE /* and it has left; its job has not ended so far */
};

/* What is still to be done to the card before it is used, while it looks as if it had
 * been done: to handles (slot_check_card) and in views. */
enum amends {
    AMENDS_NONE,
    AMENDS_RESET, /* a handle went without giving back what it had from the card. Due as
                   * soon as there is no transaction (slot_reset_is_due), and not seen
                   * before */
    AMENDS_POWER  /* it is CARD_OFF because nobody was connected */
};

struct slot {
    uint32_t index;  /* the reader's, in the manager */
    void *owner;     /* the host's */
    uint32_t serial; /* of the reader that is attached: ++ for every arrival */
    enum slot_reader reader;
    bool closing;  /* slot_begin_close() */
    uint32_t able; /* PROTOCOL_* that the reader can */

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

    struct list_link cards; /* struct card_handle.in_slot */
    uint32_t card_count;
    struct card_handle *exclusive;
    struct card_handle *holder; /* owner of the transaction */
    uint32_t depth;
    uint64_t activity_ms; /* its process's last access, or when others began to wait */
    uint64_t looked_ms; /* when its process was looked at last, or others began to wait */
    uint64_t stopped_ms; /* since when that is stopped, as far as was seen; 0: it runs */
    const struct slot_rules *rules;
    uint32_t leaving; /* DISCONNECT requests under way */
    enum amends amends;
    bool tending;      /* slot_tick() asked for a REQUEST_TEND: no slot_tended() so far */
    uint64_t used_ms;  /* when a request began or ended last */
    uint64_t retry_ms; /* no REQUEST_TEND before this time */

    struct request *occupant;
    bool stopping;          /* the stop of its job is raised, */
    uint64_t stop_ms;       /* since then */
    struct list_link queue; /* struct request.link */
    uint32_t queue_size;
    struct list_link ready;
    struct card_handle
        *next;          /* was refused, and may go first now, if there is no holder */
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

/* A reader is attached and not gone. */
static inline bool slot_has_reader(const struct slot *slot)
{
    return slot->reader >= SLOT_SERVED && slot->reader <= SLOT_DEAD;
}

static inline bool slot_is_dead(const struct slot *slot)
{
    return slot->reader == SLOT_DEAD || slot->reader == SLOT_DEAD_GONE;
}

/* It has a reader that is not dead. */
static inline bool slot_is_usable(const struct slot *slot)
{
    return slot->reader == SLOT_SERVED || slot->reader == SLOT_TAKEN;
}

static inline bool slot_is_powered(const struct slot *slot)
{
    return slot->state == CARD_NEGOTIABLE || slot->state == CARD_SPECIFIC;
}

/* The reset that is owed comes before anything else. */
static inline bool slot_reset_is_due(const struct slot *slot)
{
    return slot->amends == AMENDS_RESET && slot->holder == NULL;
}

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
void slot_withdraw_card(struct slot *slot, struct card_handle *card, enum sc_error error);

/* Events. Parked requests become ready by them. */
void slot_card_event(struct slot *slot, bool present, uint64_t now_ms);
/* Another card is in, or the same one without its power: as a removal and an insertion,
 * which are counted, but no request meets the empty reader. */
void slot_card_exchanged(struct slot *slot, uint64_t now_ms);
void slot_reader_gone(struct slot *slot, uint64_t now_ms);

/* What slot_tick() leaves to the host. */
struct slot_chores {
    bool stop; /* raise the stop of the occupant's job */
    bool tend; /* submit a REQUEST_TEND, by a thread of the host's own, then call
                 * slot_tended() */
};

/* What time brings: a late job is to be stopped, a reader whose job does not heed its
 * stop is declared dead, a transaction left idle is taken away (struct slot_rules), a
 * card that nobody is connected to is to be powered off, requests are refused, and a
 * handle that does not come back for its turn loses it. Returns when to call again,
 * UINT64_MAX for never. */
uint64_t slot_tick(struct slot *slot, uint64_t now_ms, struct slot_chores *chores);
/* The REQUEST_TEND that was asked for has ended. False: it could not be made, and is
 * asked for again in CHORE_RETRY_MS. */
void slot_tended(struct slot *slot, uint64_t now_ms, bool made);

/* Whether it is time to look what the process of the transaction's owner does: *program
 * is it, and slot_note_holder() is to follow. To be asked before slot_tick(). */
bool slot_asks_for_holder(const struct slot *slot, uint64_t now_ms,
                          struct program *program);
/* One that is stopped for HOLDER_STOP_MS loses the transaction. One that is gone does
 * not: a child that it forked has its handle (a daemon goes on so). When the last of them
 * ends, the connection to it ends, and with that the handle. */
void slot_note_holder(struct slot *slot, enum program_state state, uint64_t now_ms);

/* An access through this handle that is not a request (SCardStatus, and what else is
 * known without the reader): the transaction of its process is not idle. */
void slot_touch(struct slot *slot, const struct card_handle *card, uint64_t now_ms);
/* SCardCancel: a RECONNECT of this handle that waits until it is alone ends with
 * SC_E_CANCELLED. */
void slot_cancel_card(struct slot *slot, struct card_handle *card);

/* The occupant is to end now, for its context is released or the host stops. True: raise
 * the stop of its job. A driver that does not heed it loses the reader after JOB_STOP_MS,
 * by slot_tick(). */
bool slot_hurry(struct slot *slot, uint64_t now_ms);

/* The host stops: from now on nothing is begun here but REQUEST_CLOSE, which comes next.
 */
void slot_begin_close(struct slot *slot, uint64_t now_ms);
/* It starts again, and the reader is still there, since its driver could not stop. */
void slot_end_close(struct slot *slot);

/* When slot_tick() has something to do next; UINT64_MAX: never. */
uint64_t slot_deadline(const struct slot *slot);

/* May this handle go on? SC_OK, SC_E_READER_UNAVAILABLE, SC_W_REMOVED_CARD or
 * SC_W_RESET_CARD, this one as soon as the reset is due. */
enum sc_error slot_check_card(const struct slot *slot, const struct card_handle *card);

void slot_view(const struct slot *slot, struct slot_view *view);

#endif
