/* SPDX-License-Identifier: BSD-2-Clause */
/* Card handles: how they come, which threads use them, and how they go. */
#include "client/pcscd_core.h"

#include "base/alloc.h"
#include "manager/limits.h"
#include "os/lock.h"
#include "os/time.h"

#include <assert.h>
#include <string.h>

/* --- Links for them ----------------------------------------------------------------- */

/* A connection that is at hand, or a new one. The core is not locked. */
static enum sc_error get_link(struct pcscd *core, struct pcscd_link **link)
{
    struct pcscd_link *found = NULL;
    os_mutex_lock(&core->lock);
    while (found == NULL && core->idle_count > 0) {
        found = core->idle[--core->idle_count];
        if (link_is_dead(found)) {
            link_close(found);
            found = NULL;
        }
    }
    os_mutex_unlock(&core->lock);
    *link = found;
    if (found != NULL)
        return SC_OK;
    enum sc_error error = link_open(os_now_ms() + LINK_OPEN_MS, link);
    /* It took this process's first connection, so this is one too many. */
    return error == SC_W_SECURITY_VIOLATION ? SC_E_NO_MEMORY : error;
}

static void put_link(struct pcscd *core, const struct remote_card *card)
    NEEDS_LOCK(core->lock)
{
    assert(card->link != NULL);
    bool wanted = card->reusable && core->alive && card->epoch == core->epoch
                  && core->idle_count < IDLE_LINKS_MAX && !link_is_broken(card->link);
    if (wanted)
        core->idle[core->idle_count++] = card->link;
    else
        link_close(card->link);
}

/* --- Users -------------------------------------------------------------------------- */

static void free_remote_card(struct pcscd *core, struct remote_card *card)
    NEEDS_LOCK(core->lock)
{
    assert(card->users == 0 && card->closing);
    core->cards[handle_index(card->local->next_id, HANDLE_CARD)] = NULL;
    manager_card_free(&core->manager, card->local);
    if (card->link != NULL)
        put_link(core, card);
    os_cond_destroy(&card->turn);
    mem_free(card);
}

static struct remote_card *find_remote_card(struct pcscd *core, uint32_t id)
    NEEDS_LOCK(core->lock)
{
    if (manager_card_find(&core->manager, id) == NULL)
        return NULL;
    return core->cards[handle_index(id, HANDLE_CARD)];
}

enum sc_error card_take(uint32_t id, struct pcscd **core, struct remote_card **card)
{
    *core = core_current();
    if (*core == NULL)
        return SC_E_INVALID_HANDLE;
    os_mutex_lock(&(*core)->lock);
    *card = find_remote_card(*core, id);
    bool usable = *card != NULL && !(*card)->reported;
    if (usable)
        (*card)->users++;
    os_mutex_unlock(&(*core)->lock);
    return usable ? SC_OK : SC_E_INVALID_HANDLE;
}

void card_drop(struct pcscd *core, struct remote_card *card)
{
    assert(card->users > 0);
    card->users--;
    if (card->closing && card->users == 0)
        free_remote_card(core, card);
}

enum sc_error card_give(struct pcscd *core, struct remote_card *card, enum sc_error error)
{
    /* Is it pcscd that is gone, or did it hang up on this card alone? That it does for a
     * handle it knows no more, since the reader was unplugged. */
    if (error == SC_E_SERVICE_STOPPED && core_refresh(core, card->epoch) == SC_OK)
        error = SC_E_READER_UNAVAILABLE;
    os_mutex_lock(&core->lock);
    bool broken = error == SC_E_SERVICE_STOPPED || error == SC_E_READER_UNAVAILABLE;
    if (broken && card->closing)
        error = SC_E_CANCELLED;
    if (error == SC_E_SERVICE_STOPPED)
        card->reported = true;
    card_drop(core, card);
    os_mutex_unlock(&core->lock);
    return error;
}

/* --- Connecting --------------------------------------------------------------------- */

/* A handle for the reader of this name, in the manager's tables; *wire gets the name as
 * pcscd knows it. */
static enum sc_error new_remote_card(uint32_t context, const char *name, char *wire,
                                     struct pcscd **core, struct remote_card **made)
{
    enum sc_error error;
    struct reader *reader = NULL;
    if (!core_lock_context(context, core, &error))
        return error;
    reader = manager_reader_find(&(*core)->manager, name);
    if (reader == NULL) { /* it may have come since somebody asked */
        os_mutex_unlock(&(*core)->lock);
        if (!core_lock_fresh(context, core, &error))
            return error;
        reader = manager_reader_find(&(*core)->manager, name);
    }
    struct remote_card *card = mem_alloc(sizeof(*card));
    if (reader == NULL || card == NULL)
        error = reader == NULL ? SC_E_UNKNOWN_READER : SC_E_NO_MEMORY;
    if (error == SC_OK)
        error = manager_card_new(&(*core)->manager, context, reader, &card->local);
    if (error != SC_OK) {
        os_mutex_unlock(&(*core)->lock);
        mem_free(card);
        return error;
    }
    os_cond_init(&card->turn);
    card->context = context;
    card->epoch = (*core)->epoch;
    card->users = 1;
    (*core)->cards[handle_index(card->local->next_id, HANDLE_CARD)] = card;
    memcpy(wire, reader->info.device_id, WIRE_NAME_MAX);
    os_mutex_unlock(&(*core)->lock);
    *made = card;
    return SC_OK;
}

static enum sc_error request_connect(struct remote_card *card, const char *wire,
                                     struct request *request)
{
    struct wire_message message;
    uint8_t answer[WIRE_CONNECT_SIZE];
    wire_begin(&message, WIRE_CONNECT);
    wire_put_word(&message, link_context(card->link));
    wire_put_bytes(&message, wire, strlen(wire), WIRE_NAME_MAX);
    wire_put_word(&message, request->share);
    wire_put_word(&message, wire_protocols_out(request->protocols));
    wire_put_word(&message, 0);
    wire_put_word(&message, 0);
    wire_put_word(&message, 0);
    /* pcscd lets this wait as long as somebody else holds a transaction. */
    enum sc_error error =
        link_call(card->link, &message, answer, sizeof(answer), OS_FOREVER);
    if (error == SC_OK)
        error = wire_error(wire_word(answer, sizeof(answer), CONNECT_RV));
    card->handle = wire_word(answer, sizeof(answer), CONNECT_CARD);
    card->active = wire_protocols_in(wire_word(answer, sizeof(answer), CONNECT_ACTIVE));
    return error;
}

/* Opens the way to the card, and connects it. */
static enum sc_error attach_remote_card(struct pcscd *core, struct remote_card *card,
                                        const char *wire, struct request *request)
{
    struct pcscd_link *link;
    enum sc_error error = get_link(core, &link);
    if (error != SC_OK) /* is the whole pcscd gone? */
        return core_refresh(core, card->epoch) == SC_OK ? error : SC_E_SERVICE_STOPPED;
    os_mutex_lock(&core->lock);
    card->link = link;
    bool closing = card->closing;
    os_mutex_unlock(&core->lock);
    if (closing)
        return SC_E_CANCELLED;
    memset(&card->handle, 0, sizeof(card->handle));
    error = request_connect(card, wire, request);
    if (error == SC_E_SERVICE_STOPPED && core_refresh(core, card->epoch) == SC_OK)
        error = SC_E_READER_UNAVAILABLE;
    if (error != SC_OK)
        card->reusable = true; /* unless it is broken */
    return error;
}

enum sc_error pcscd_connect(uint32_t context, const char *name, struct request *request,
                            uint32_t *card_id)
{
    char wire[WIRE_NAME_MAX];
    struct remote_card *card = NULL;
    struct pcscd *core = NULL;
    enum sc_error told, error = new_remote_card(context, name, wire, &core, &card);
    if (error != SC_OK)
        return error;
    assert(core != NULL && card != NULL);
    error = attach_remote_card(core, card, wire, request);
    os_mutex_lock(&core->lock);
    if (error == SC_OK && !manager_card_publish(&core->manager, card->local))
        error = SC_E_INVALID_HANDLE; /* released meanwhile: pcscd hears it by the end */
    else if (error != SC_OK && card->closing)
        error = SC_E_CANCELLED;
    if (error == SC_OK) {
        *card_id = card->local->next_id;
        request->active = card->active;
        card->share = request->share;
    } else {
        card->closing = true;
    }
    card_drop(core, card);
    os_mutex_unlock(&core->lock);
    if (error == SC_E_SERVICE_STOPPED && core_lock_context(context, &core, &told))
        os_mutex_unlock(&core->lock);
    return error;
}

/* --- Disconnecting ------------------------------------------------------------------ */

/* The last request for a handle, which nobody else has any more. Another's transaction
 * would make a disposition wait. */
static enum sc_error detach(struct remote_card *card, uint32_t disposition)
{
    struct wire_message message;
    uint8_t answer[WIRE_DISPOSE_SIZE];
    if (disposition != DISPOSITION_LEAVE && card_check(card) == SC_E_SHARING_VIOLATION)
        disposition = DISPOSITION_LEAVE;
    wire_begin(&message, WIRE_DISCONNECT);
    wire_put_word(&message, card->handle);
    wire_put_word(&message, disposition);
    wire_put_word(&message, 0);
    enum sc_error error =
        card_exchange(card, &message, answer, sizeof(answer), DISPOSE_RV);
    card->reusable = error == SC_OK;
    /* Without a reader there is nothing to be disconnected from. */
    return error == SC_E_READER_UNAVAILABLE ? SC_OK : error;
}

enum sc_error card_disconnect(uint32_t id, uint32_t disposition)
{
    struct pcscd *core = core_current();
    if (core == NULL)
        return SC_E_INVALID_HANDLE;
    os_mutex_lock(&core->lock);
    struct remote_card *card = find_remote_card(core, id);
    if (card == NULL || !manager_card_retire(card->local, id)) {
        os_mutex_unlock(&core->lock);
        return SC_E_INVALID_HANDLE;
    }
    bool known = card->reported;
    card->closing = true;
    card->users++;
    os_cond_broadcast(&card->turn);
    os_mutex_unlock(&core->lock);
    enum sc_error error = detach(card, disposition);
    if (error == SC_E_SERVICE_STOPPED
        && (known || core_refresh(core, card->epoch) == SC_OK))
        error = SC_OK; /* that is reported already, or the reader alone is gone */
    os_mutex_lock(&core->lock);
    card_drop(core, card);
    os_mutex_unlock(&core->lock);
    return error;
}

void card_release(struct pcscd *core, uint32_t id)
{
    struct remote_card *card = find_remote_card(core, id);
    if (card == NULL || !manager_card_retire(card->local, id))
        return;
    bool busy = card->users > 0;
    card->closing = true;
    card->users++;
    os_cond_broadcast(&card->turn);
    if (busy)
        link_shut(card->link); /* pcscd does the rest when it notices */
    os_mutex_unlock(&core->lock);
    if (!busy)
        (void)detach(card, DISPOSITION_RESET);
    os_mutex_lock(&core->lock);
    card_drop(core, card);
}

void card_cancel(struct pcscd *core, uint32_t context)
{
    for (uint32_t i = 0; i < core->manager.card_ids.used; i++) {
        struct remote_card *card = core->cards[i];
        if (card == NULL || card->context != context)
            continue;
        card->cancels++;
        os_cond_broadcast(&card->turn);
    }
}

void card_release_pending(struct pcscd *core, uint32_t context)
{
    for (uint32_t i = 0; i < core->manager.card_ids.used; i++) {
        struct remote_card *card = core->cards[i];
        /* An id of 0: not published yet. */
        if (card == NULL || card->context != context || card->local->id != 0)
            continue;
        card->closing = true;
        if (card->link != NULL)
            link_shut(card->link);
    }
}
