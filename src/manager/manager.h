/* SPDX-License-Identifier: BSD-2-Clause */
/* The resource manager: contexts, card handles, readers and their names, and who watches
 * them. Together with slot.h it decides everything, and it is pure: no thread, clock,
 * lock, socket or driver call.
 *
 * Locks, for a host with threads: everything here needs the manager's lock, unless it
 * says otherwise; everything in slot.h needs the lock of that slot. Who takes both takes
 * the manager's first. So requests to different readers never meet, and a request that
 * changes nothing visible (most) never takes the manager's lock: see manager_publish().
 */
#ifndef MANAGER_MANAGER_H
#define MANAGER_MANAGER_H

#include "base/list.h"
#include "base/multistring.h"
#include "manager/cache.h"
#include "manager/driver.h"
#include "manager/handle.h"
#include "manager/slot.h"

/* How a reader is called: pcsc-lite's "Vendor Product [interface] (serial) 00 00", or
 * Windows' "Vendor Product 0". A name the user gave is used in both. */
enum name_style { NAME_WINDOWS, NAME_PCSCLITE };

/* NEW: no reader of its name is remembered. BACK: one left. SERVED_AGAIN: one was no
 * longer served, and may have been there all the time. */
enum reader_arrival { READER_NEW, READER_BACK, READER_SERVED_AGAIN };

enum reader_presence {
    READER_CLOSED, /* its entry may become another's, if no handle names it */
    READER_LEFT,   /* gone, but the host still has its device open */
    READER_PRESENT
};

/* How it left last. */
enum reader_departure {
    READER_WENT,
    READER_RESTED,          /* it was no longer served, and had no card, */
    READER_RESTED_WITH_CARD /* or had one */
};

/* A reader the manager knows of. Reused, never freed before the manager. */
struct reader {
    uint32_t index;
    enum reader_presence presence;
    uint32_t left;  /* value of `departures` when it left last */
    uint32_t cards; /* handles that name it */
    bool many;      /* its device may have other slots, which are readers as well */
    struct reader_info info;
    char names[2][DRIVER_NAME_MAX]; /* by enum name_style */
    uint32_t number;                /* of the device, for pcsc-lite's names */
    uint32_t unit;                  /* of its kind, for Windows' names */
    enum reader_arrival arrival;
    uint32_t events; /* where its counter of insertions and removals began */
    enum reader_departure departure;
    uint32_t counted_before; /* by pcscd's mirror: what is added to pcscd's own counter */
    struct slot slot;
    struct slot_view view; /* as last published */
    uint64_t changed;      /* value of `changes` then */
    uint64_t arrived;      /* the same, when it came or went */
    bool probing;          /* a watch had its card asked for the ATR; no end so far */
    uint64_t hold_ms;      /* until then that is waited for */
    uint32_t hold_epoch;   /* view.epoch of the card that this is about */
};

static inline bool reader_is_present(const struct reader *reader)
{
    return reader->presence == READER_PRESENT;
}

struct context {
    uint32_t id;
    struct program program; /* whose it is; zeros, unless its maker sets it: a program of
                             * Windows' ABI in this process */
    struct list_link cards; /* struct card_handle.in_context */
    struct list_link link;
};

struct manager {
    struct handle_table context_ids, card_ids;
    struct context **contexts;  /* by index of the handle; NULL: none */
    struct card_handle **cards; /* the same; entries never go away again */
    uint32_t context_count;
    struct reader **readers; /* LIMIT_READERS, filled from 0 */
    uint32_t reader_used;    /* entries of readers[] */
    uint32_t reader_count;   /* of them present */
    uint32_t reader_changes; /* arrivals and departures so far */
    uint32_t departures;
    uint32_t probe_hold_ms; /* PROBE_HOLD_MS; a test may set it before there is a watch */
    bool resting; /* set by the host: readers that leave now are only no longer served */
    uint64_t changes;               /* of any reader's view so far */
    struct list_link watches;       /* under way: struct watch.link */
    struct list_link ready_watches; /* woken: struct watch.ready_link */
    struct cache cache;
};

/* `salt` makes the handles of one manager differ from those of another in the same
 * process (after a fork). Errors: SC_E_NO_MEMORY. */
enum sc_error manager_init(struct manager *manager, uint32_t salt);
void manager_clear(struct manager *manager);

/* --- Contexts ----------------------------------------------------------------------- */

/* Errors: SC_E_NO_MEMORY (LIMIT_CONTEXTS). */
enum sc_error manager_context_new(struct manager *manager, uint32_t *id);
/* NULL if it is not a context, or released. */
struct context *manager_context_find(struct manager *manager, uint32_t id);
/* The context is no more: its id is invalid, its watches end with SC_E_CANCELLED, and the
 * caller gets the ids of its cards one by one, to disconnect each. */
struct context *manager_context_release(struct manager *manager, uint32_t id);
/* The next card handle of a released context, or 0; then the context is freed. */
uint32_t manager_context_next_card(struct manager *manager, struct context *context);

/* --- Card handles ------------------------------------------------------------------- */

/* A card handle for a connection under way; card->next_id is the number it gets when
 * manager_card_publish() finds the context still there. Errors: SC_E_INVALID_HANDLE (the
 * context), SC_E_NO_MEMORY. */
enum sc_error manager_card_new(struct manager *manager, uint32_t context,
                               struct reader *reader, struct card_handle **card);
/* The connection stands: the handle is valid from now on. Needs the slot's lock too.
 * False: the context was released meanwhile; disconnect and free it. */
bool manager_card_publish(struct manager *manager, struct card_handle *card);
/* The handle is disconnected. */
void manager_card_free(struct manager *manager, struct card_handle *card);
/* Needs no lock. The card that `id` named when it was looked up, or NULL. Check again
 * with card->id == id when its slot is locked: card->slot does not change while it is
 * equal. */
struct card_handle *manager_card_find(struct manager *manager, uint32_t id);
/* Needs the slot's lock alone: from now on the handle is invalid; false if it is already.
 */
bool manager_card_retire(struct card_handle *card, uint32_t id);

/* --- Readers ------------------------------------------------------------------------ */

/* A reader arrives: it gets its names, those it had before if it is the same device. The
 * counter of insertions and removals of the last reader of its name goes on, so that a
 * caller that was not looking sees that the reader was away: that it went is one, a card
 * that is in is another. LIMIT_REMEMBERED readers at least are remembered for that.
 * Attach the slot then (slot_attach_reader) and publish. Errors: SC_E_NO_MEMORY. */
enum sc_error manager_reader_add(struct manager *manager, const struct reader_info *info,
                                 struct reader **reader);
/* It is gone: unknown to searches and lists. */
void manager_reader_remove(struct manager *manager, struct reader *reader);
/* The reader that a list of all has at this place, 0 to reader_used - 1; NULL: none. In
 * the order of their entries, but that the slots of a device have theirs in order. */
struct reader *manager_reader_listed(const struct manager *manager, uint32_t place);
/* By either of its names; NULL if there is none. */
struct reader *manager_reader_find(struct manager *manager, const char *name);
static inline struct reader *manager_reader_of_slot(struct slot *slot)
{
    return CONTAINER_OF(slot, struct reader, slot);
}

/* Present readers in the order they came. Errors: SC_E_NO_READERS_AVAILABLE (there is
 * none), SC_E_NO_MEMORY. */
enum sc_error manager_list_readers(const struct manager *manager, enum name_style style,
                                   struct multistring *names);
/* Copies what its driver said of a reader, and what it is called. Errors:
 * SC_E_UNKNOWN_READER. */
enum sc_error manager_reader_copy(struct manager *manager, const char *name,
                                  enum name_style style, struct reader_info *info,
                                  char shown[DRIVER_NAME_MAX]);
/* A present reader as everybody may see it. */
struct reader_state {
    const char *names[2]; /* by enum name_style */
    const struct slot_view *view;
};
/* What it points to may change as soon as this returns. It calls nothing that locks a manager
 * or a slot. */
typedef void reader_visit(void *context, const struct reader_state *state);
/* Calls it for all of them, in the order of manager_list_readers(). */
void manager_visit_readers(const struct manager *manager, reader_visit *visit,
                           void *context);

/* What SCardStatus tells. */
struct card_status {
    char name[DRIVER_NAME_MAX];
    enum card_state state;
    uint32_t protocol; /* the handle's */
    uint32_t events;   /* insertions and removals */
    uint8_t atr[DRIVER_ATR_MAX];
    size_t atr_size;
    uint32_t transmissions;
};
/* All of it but the protocol. Needs the slot's lock alone. */
void manager_slot_status(struct slot *slot, enum name_style style,
                         struct card_status *status);

/* The slot changed visibly (slot->version moved): tell the watches. Views may come late
 * and out of order; an older one than known is dropped. */
void manager_publish(struct manager *manager, struct reader *reader,
                     const struct slot_view *view);

#endif
