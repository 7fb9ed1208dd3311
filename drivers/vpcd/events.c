/* SPDX-License-Identifier: BSD-2-Clause */
/* The thread of a vpcd driver: connections come and go. It sleeps until one does. */
#include "drivers/vpcd/slot.h"

#include "base/log.h"
#include "os/lock.h"
#include "os/time.h"

enum { ACCEPT_PAUSE_MS = 1000 };

/* Two entries a slot: its listener, its card. */
enum { ENTRY_LISTENER, ENTRY_CARD, ENTRIES_PER_SLOT };

static const struct os_socket none = OS_SOCKET_NONE;

static void post(struct vpcd_slot *slot, enum card_event event)
{
    struct driver_host *host = slot->vpcd->host;
    log_info("vpcd port %u: card %s", (unsigned)slot->port,
             event == CARD_INSERTED ? "connected" : "disconnected");
    host->card_event(host, slot->id, event);
}

/* What to wait for at a slot; gives the time at which it wants to be looked at anyway. */
static uint64_t arm(struct vpcd_slot *slot,
                    struct os_poll_entry entries[ENTRIES_PER_SLOT])
{
    uint64_t wake_ms = OS_FOREVER;
    os_mutex_lock(&slot->lock);
    bool leaving = slot->lost; /* the job that uses it says when it is done */
    entries[ENTRY_CARD] = (struct os_poll_entry){.socket = leaving ? none : slot->card};
    os_mutex_unlock(&slot->lock);
    bool listening = slot->served && !leaving;
    if (slot->accept_after_ms != 0 && os_now_ms() < slot->accept_after_ms) {
        listening = false;
        wake_ms = slot->accept_after_ms;
    }
    entries[ENTRY_LISTENER] = (struct os_poll_entry){
        .socket = listening ? slot->listener : none, .want_read = true};
    return wake_ms;
}

/* Closes the connection if it is over and no job uses it. True if a card went. */
static bool retire(struct vpcd_slot *slot, bool hung_up)
{
    bool gone = false;
    os_mutex_lock(&slot->lock);
    if (os_socket_is_open(slot->card)) {
        slot->lost = slot->lost || hung_up;
        gone = slot->lost && !slot->busy;
    }
    if (gone) {
        os_socket_close(&slot->card);
        slot->lost = false;
    }
    os_mutex_unlock(&slot->lock);
    return gone;
}

/* Takes a connection as the slot's card, or refuses it. True if a card came. */
static bool take_connection(struct vpcd_slot *slot)
{
    struct os_socket card;
    enum sc_error error = os_socket_accept(slot->listener, &card);
    if (error == SC_E_NO_MEMORY) {
        log_error("vpcd port %u: a connection cannot be taken now", (unsigned)slot->port);
        slot->accept_after_ms = os_now_ms() + ACCEPT_PAUSE_MS;
    }
    if (error != SC_OK)
        return false;
    os_mutex_lock(&slot->lock);
    bool free = !os_socket_is_open(slot->card);
    if (free) {
        slot->card = card;
        slot->connections++;
    }
    os_mutex_unlock(&slot->lock);
    if (!free) {
        log_info("vpcd port %u: a second card was refused", (unsigned)slot->port);
        os_socket_close(&card);
    }
    return free;
}

/* For who waits in vpcd_settle(). */
static void tell_first(struct vpcd_slot *slot)
{
    struct vpcd *vpcd = slot->vpcd;
    if (slot->had_card)
        return;
    slot->had_card = true;
    os_mutex_lock(&vpcd->lock);
    if (--vpcd->awaited == 0)
        os_cond_broadcast(&vpcd->came);
    os_mutex_unlock(&vpcd->lock);
}

static void serve(struct vpcd_slot *slot,
                  const struct os_poll_entry entries[ENTRIES_PER_SLOT])
{
    if (retire(slot, entries[ENTRY_CARD].hung_up))
        post(slot, CARD_REMOVED);
    if (!entries[ENTRY_LISTENER].readable)
        return;
    os_mutex_lock(&slot->lock);
    bool leaving = slot->lost; /* the next card waits until this one is gone */
    os_mutex_unlock(&slot->lock);
    if (!leaving && take_connection(slot)) {
        post(slot, CARD_INSERTED);
        tell_first(slot);
    }
}

static bool is_stopping(struct vpcd *vpcd)
{
    os_mutex_lock(&vpcd->lock);
    bool stopping = vpcd->stopping;
    os_mutex_unlock(&vpcd->lock);
    return stopping;
}

void vpcd_run(void *context)
{
    struct vpcd *vpcd = context;
    struct os_poll_entry entries[VPCD_SLOTS_MAX][ENTRIES_PER_SLOT];
    enum sc_error error = SC_OK;
    while (error != SC_F_INTERNAL_ERROR && !is_stopping(vpcd)) {
        uint64_t wake_ms = OS_FOREVER;
        for (uint32_t i = 0; i < vpcd->slot_count; i++) {
            uint64_t slot_ms = arm(&vpcd->slots[i], entries[i]);
            wake_ms = slot_ms < wake_ms ? slot_ms : wake_ms;
        }
        size_t count = (size_t)vpcd->slot_count * ENTRIES_PER_SLOT;
        error = os_poll(entries[0], count, &vpcd->wake, wake_ms);
        os_wake_lower(&vpcd->wake);
        for (uint32_t i = 0; i < vpcd->slot_count && error == SC_OK; i++)
            serve(&vpcd->slots[i], entries[i]);
    }
    if (error == SC_F_INTERNAL_ERROR)
        log_error("vpcd: connections cannot be watched any more");
}
