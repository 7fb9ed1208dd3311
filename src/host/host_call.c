/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls on contexts and on connected cards. */
#include "base/alloc.h"
#include "base/atomic.h"
#include "host/host_internal.h"
#include "manager/attribute.h"
#include "manager/ioctl.h"
#include "os/cancel.h"
#include "os/lock.h"
#include "os/time.h"

#include <string.h>

/* --- Contexts ----------------------------------------------------------------------- */

/* The host with its manager locked, if the context is there. */
static struct host *lock_context(uint32_t context)
{
    struct host *host = host_current();
    if (host == NULL)
        return NULL;
    os_mutex_lock(&host->lock);
    if (manager_context_find(&host->manager, context) != NULL)
        return host;
    os_mutex_unlock(&host->lock);
    return NULL;
}

enum sc_error host_check_context(uint32_t context)
{
    struct host *host = lock_context(context);
    if (host == NULL)
        return SC_E_INVALID_HANDLE;
    os_mutex_unlock(&host->lock);
    return SC_OK;
}

enum sc_error host_cancel(uint32_t context)
{
    struct host *host = lock_context(context);
    if (host == NULL)
        return SC_E_INVALID_HANDLE;
    struct list_link *at;
    LIST_FOR_EACH(at, &manager_context_find(&host->manager, context)->cards)
    {
        struct card *card = LIST_ENTRY(at, struct card, in_context);
        host_slot_cancel(host_slot_of(card->slot), card);
    }
    watch_cancel(&host->manager, context);
    host_wake_watches(host);
    os_mutex_unlock(&host->lock);
    return SC_OK;
}

enum sc_error host_list_readers(uint32_t context, enum name_style style,
                                struct multistring *names)
{
    struct host *host = lock_context(context);
    enum sc_error error = SC_OK;
    if (host == NULL)
        return SC_E_INVALID_HANDLE;
    for (uint32_t i = 0; i < host->manager.reader_used && error == SC_OK; i++) {
        const struct reader *reader = manager_reader_listed(&host->manager, i);
        if (reader != NULL)
            error = multistring_add(names, reader->names[style]);
    }
    if (error == SC_OK && host->manager.reader_count == 0)
        error = SC_E_NO_READERS_AVAILABLE;
    os_mutex_unlock(&host->lock);
    return error;
}

enum sc_error host_reader_info(uint32_t context, const char *name, enum name_style style,
                               struct reader_info *info, char shown[DRIVER_NAME_MAX])
{
    struct host *host = lock_context(context);
    if (host == NULL)
        return SC_E_INVALID_HANDLE;
    const struct reader *reader = manager_reader_find(&host->manager, name);
    if (reader != NULL) {
        *info = reader->info;
        memcpy(shown, reader->names[style], DRIVER_NAME_MAX);
    }
    os_mutex_unlock(&host->lock);
    return reader != NULL ? SC_OK : SC_E_UNKNOWN_READER;
}

/* Whose cache a context has. The host is locked, and knows the context. */
static uint32_t cache_user(struct host *host, uint32_t context)
{
    return manager_context_find(&host->manager, context)->program.user;
}

enum sc_error host_read_cache(uint32_t context, const uint8_t id[16], uint32_t freshness,
                              const char *name, uint8_t *data, size_t *size)
{
    const uint8_t *found = NULL;
    size_t found_size = 0, room = *size;
    struct host *host = lock_context(context);
    if (host == NULL)
        return SC_E_INVALID_HANDLE;
    enum sc_error error = cache_read(&host->manager.cache, cache_user(host, context), id,
                                     freshness, name, &found, &found_size);
    if (error == SC_OK) {
        *size = found_size;
        if (found_size > room)
            error = SC_E_INSUFFICIENT_BUFFER;
        else if (found_size > 0)
            memcpy(data, found, found_size);
    }
    os_mutex_unlock(&host->lock);
    return error;
}

enum sc_error host_write_cache(uint32_t context, const uint8_t id[16], uint32_t freshness,
                               const char *name, const uint8_t *data, size_t size)
{
    struct host *host = lock_context(context);
    if (host == NULL)
        return SC_E_INVALID_HANDLE;
    enum sc_error error = cache_write(&host->manager.cache, cache_user(host, context), id,
                                      freshness, name, data, size);
    os_mutex_unlock(&host->lock);
    return error;
}

/* --- States ------------------------------------------------------------------------- */

uint32_t host_reader_changes(void)
{
    struct host *host = host_current();
    if (host == NULL)
        return 0;
    os_mutex_lock(&host->lock);
    uint32_t changes = host->manager.reader_changes;
    os_mutex_unlock(&host->lock);
    return changes;
}

enum sc_error host_reader_states(struct reader_state **states, uint32_t *count,
                                 uint64_t *changes)
{
    struct host *host = host_current();
    *states = NULL;
    *count = 0;
    *changes = 0;
    if (host == NULL)
        return SC_E_INVALID_HANDLE;
    os_mutex_lock(&host->lock);
    uint32_t room = host->manager.reader_count;
    struct reader_state *made =
        mem_alloc_array(room == 0 ? 1 : room, sizeof(struct reader_state));
    for (uint32_t i = 0; made != NULL && i < host->manager.reader_used; i++) {
        const struct reader *reader = manager_reader_listed(&host->manager, i);
        if (reader == NULL || *count == room)
            continue;
        memcpy(made[*count].names, reader->names, sizeof(reader->names));
        made[(*count)++].view = reader->view;
    }
    *changes = host->manager.changes;
    os_mutex_unlock(&host->lock);
    *states = made;
    return made != NULL ? SC_OK : SC_E_NO_MEMORY;
}

/* --- Watching ----------------------------------------------------------------------- */

struct watch_wait {
    struct host_waiter base; /* first */
    struct os_cond cond;
    struct host *host;
    struct watch *watch;
};

static void signal_watch(struct host_waiter *base)
{
    os_cond_signal(&((struct watch_wait *)(void *)base)->cond);
}

/* The thread is cancelled while it waits; the manager is locked. */
static void stop_watching(void *context)
{
    struct watch_wait *wait = context;
    watch_end(wait->watch);
    os_cond_destroy(&wait->cond);
}

/* Waits until the watch has something to say; the manager is locked. */
static enum sc_error watch_until(struct watch_wait *wait)
{
    struct host *host = wait->host;
    struct watch *watch = wait->watch;
    for (;;) {
        struct reader *probe = NULL;
        enum watch_verdict verdict =
            watch_check(&host->manager, watch, os_now_ms(), &probe);
        if (verdict == WATCH_READY)
            return watch->error;
        if (verdict == WATCH_PROBE) {
            prober_start(host, probe);
            continue;
        }
        bool in_time = true;
        while (!watch->woken && in_time)
            in_time = os_cond_wait_cancellable(&wait->cond, &host->lock, watch->until_ms,
                                               stop_watching, wait);
    }
}

enum sc_error host_watch(uint32_t context, enum watch_rule rule, uint64_t timeout_ms,
                         struct watch_entry *entries, uint32_t count)
{
    struct host *host = lock_context(context);
    if (host == NULL)
        return SC_E_INVALID_HANDLE;
    struct watch watch = {.context = context,
                          .rule = rule,
                          .entries = entries,
                          .count = count,
                          .deadline_ms = os_deadline_ms(timeout_ms)};
    struct watch_wait wait = {.base.wake = signal_watch, .host = host, .watch = &watch};
    os_cond_init(&wait.cond);
    watch.waiter = &wait.base;
    enum sc_error error = watch_begin(&host->manager, &watch);
    if (error == SC_OK)
        error = watch_until(&wait);
    watch_end(&watch);
    os_mutex_unlock(&host->lock);
    os_cond_destroy(&wait.cond);
    return error;
}

/* --- Cards -------------------------------------------------------------------------- */

struct host_slot *host_lock_card(struct host *host, uint32_t id, struct card **card)
{
    *card = host != NULL ? manager_card_find(&host->manager, id) : NULL;
    if (*card == NULL)
        return NULL;
    struct host_slot *hs = host_slot_of(atomic_load_pointer(&(*card)->slot));
    os_mutex_lock(&hs->lock);
    if (atomic_load_u32(&(*card)->id) == id)
        return hs;
    os_mutex_unlock(&hs->lock);
    return NULL;
}

void host_make_buffer(struct host_slot *hs, const struct request *request)
{
    bool carries = request->kind == REQUEST_TRANSMIT || request->kind == REQUEST_CONTROL
                   || request->kind == REQUEST_GET_ATTRIBUTE
                   || request->kind == REQUEST_SET_ATTRIBUTE;
    if (carries && !request->direct && hs->buffer == NULL)
        hs->buffer = mem_alloc(DRIVER_TRANSFER_MAX);
}

void host_free_card(struct host *host, struct card *card)
{
    os_mutex_lock(&host->lock);
    manager_card_free(&host->manager, card);
    os_mutex_unlock(&host->lock);
}

void host_retire_card(struct host_slot *hs, struct card *card, uint32_t id,
                      enum sc_error error)
{
    manager_card_retire(card, id);
    slot_withdraw_card(hs->slot, card, error);
}

void host_forget_card(struct host *host, struct host_slot *hs, struct card *card)
{
    os_mutex_lock(&hs->lock);
    struct request *occupant = hs->slot->occupant;
    bool stuck = occupant != NULL && occupant->card == card; /* in a dead reader */
    os_mutex_unlock(&hs->lock);
    if (!stuck)
        host_free_card(host, card);
}

static void disconnect(struct host *host, struct host_slot *hs, struct request *request,
                       uint32_t id)
{
    struct card *card = request->card;
    host_retire_card(hs, card, id, SC_E_INVALID_HANDLE);
    host_slot_run(host, hs, request, false);
    host_forget_card(host, hs, card);
}

/* The slot is locked. */
static void touch(struct host_slot *hs, const struct card *card)
{
    if (hs->slot->holder != NULL)
        slot_touch(hs->slot, card, os_now_ms());
}

/* What is known of an attribute without the driver. NONE, too, where the driver is to be
 * asked; else the request has its result. */
static enum attribute_source know_attribute(struct host_slot *hs, struct request *request)
{
    struct transfer *transfer = &request->transfer;
    uint8_t value[DRIVER_ATTRIBUTE_MAX];
    size_t size;
    enum attribute_source source =
        attribute_get(manager_reader_of_slot(hs->slot), (enum name_style)request->style,
                      request->number, value, &size);
    if (source == ATTRIBUTE_NONE)
        return source;
    transfer->out_size = size;
    request->error = size > transfer->out_room ? SC_E_INSUFFICIENT_BUFFER : SC_OK;
    if (request->error == SC_OK)
        memcpy(transfer->out, value, size);
    return source;
}

/* Whether the handle is told of it. */
static enum sc_error check_attribute(const struct host_slot *hs,
                                     const struct request *request)
{
    enum sc_error error = slot_check_card(hs->slot, request->card);
    if (error != SC_W_RESET_CARD && error != SC_W_REMOVED_CARD)
        return error;
    enum name_style style = (enum name_style)request->style;
    return attribute_needs_card(style, request->number) ? error : SC_OK;
}

bool host_attribute_known(struct host_slot *hs, struct request *request)
{
    enum sc_error error = check_attribute(hs, request);
    touch(hs, request->card);
    if (error == SC_OK && know_attribute(hs, request) != ATTRIBUTE_OWN)
        return false;
    os_mutex_unlock(&hs->lock);
    if (error != SC_OK)
        request->error = error;
    return true;
}

void host_attribute_asked(struct host *host, uint32_t id, struct request *request)
{
    enum sc_error error = request->error;
    struct card *card;
    if (error == SC_E_INSUFFICIENT_BUFFER
        && request->transfer.out_size > DRIVER_ATTRIBUTE_MAX)
        request->error = SC_F_INTERNAL_ERROR; /* longer than any that is known */
    if (error != SC_X_BAD_ATTRIBUTE && error != SC_E_UNSUPPORTED_FEATURE)
        return;
    struct host_slot *hs = host_lock_card(host, id, &card);
    if (hs == NULL)
        return;
    (void)know_attribute(hs, request);
    os_mutex_unlock(&hs->lock);
}

static void get_attribute(struct host *host, struct host_slot *hs,
                          struct request *request, uint32_t id)
{
    if (host_attribute_known(hs, request))
        return;
    host_slot_run(host, hs, request, false);
    host_attribute_asked(host, id, request);
}

enum sc_error host_card_call(uint32_t id, struct request *request)
{
    struct host *host = host_current();
    struct host_slot *hs = host_lock_card(host, id, &request->card);
    if (hs == NULL)
        return SC_E_INVALID_HANDLE;
    if (!ioctl_begin(request)) {
        os_mutex_unlock(&hs->lock);
        return request->error;
    }
    host_make_buffer(hs, request);
    if (request->kind == REQUEST_GET_ATTRIBUTE)
        get_attribute(host, hs, request, id);
    else if (request->kind == REQUEST_DISCONNECT)
        disconnect(host, hs, request, id);
    else
        host_slot_run(host, hs, request, request->kind == REQUEST_BEGIN);
    ioctl_end(request);
    return request->error;
}

/* A connection that cannot stand: its context was released while it was made. */
static enum sc_error undo_connect(struct host *host, struct host_slot *hs,
                                  struct card *card)
{
    struct request request = {.kind = REQUEST_DISCONNECT, .card = card};
    os_mutex_lock(&hs->lock);
    host_slot_run(host, hs, &request, false);
    host_free_card(host, card);
    return SC_E_INVALID_HANDLE;
}

enum sc_error host_prepare_connect(struct host *host, uint32_t context, const char *name,
                                   struct request *request, struct host_slot **slot)
{
    struct card *card = NULL;
    os_mutex_lock(&host->lock);
    struct reader *reader = manager_reader_find(&host->manager, name);
    enum sc_error error = reader == NULL
                              ? SC_E_UNKNOWN_READER
                              : manager_card_new(&host->manager, context, reader, &card);
    uint32_t serial = reader != NULL ? reader->slot.serial : 0;
    os_mutex_unlock(&host->lock);
    if (error != SC_OK)
        return error;
    struct host_slot *hs = host_slot_of(&reader->slot);
    os_mutex_lock(&hs->lock);
    if (reader->slot.serial != serial) { /* left since we found it */
        os_mutex_unlock(&hs->lock);
        host_free_card(host, card);
        return SC_E_UNKNOWN_READER;
    }
    request->kind = REQUEST_CONNECT;
    request->card = card;
    *slot = hs;
    return SC_OK;
}

bool host_publish_card(struct host *host, struct host_slot *hs, struct card *card)
{
    os_mutex_lock(&host->lock);
    os_mutex_lock(&hs->lock);
    bool stands = manager_card_publish(&host->manager, card);
    os_mutex_unlock(&hs->lock);
    os_mutex_unlock(&host->lock);
    return stands;
}

enum sc_error host_connect(uint32_t context, const char *name, struct request *request,
                           uint32_t *card_id)
{
    struct host_slot *hs = NULL;
    struct host *host = lock_context(context);
    if (host == NULL)
        return SC_E_INVALID_HANDLE;
    os_mutex_unlock(&host->lock);
    enum sc_error error = host_prepare_connect(host, context, name, request, &hs);
    if (error != SC_OK)
        return error;
    struct card *card = request->card;
    host_slot_run(host, hs, request, false);
    if (request->error != SC_OK) {
        host_free_card(host, card);
        return request->error;
    }
    if (!host_publish_card(host, hs, card))
        return undo_connect(host, hs, card);
    *card_id = card->next_id;
    return SC_OK;
}

enum sc_error host_card_status(uint32_t id, enum name_style style,
                               struct card_status *status)
{
    struct card *card;
    struct host *host = host_current();
    struct host_slot *hs = host_lock_card(host, id, &card);
    if (hs == NULL)
        return SC_E_INVALID_HANDLE;
    const struct slot *slot = hs->slot;
    const struct reader *reader = manager_reader_of_slot(hs->slot);
    enum sc_error error = slot_check_card(slot, card);
    touch(hs, card);
    memcpy(status->name, reader->names[style], sizeof(status->name));
    status->state = slot->state;
    status->protocol = card->active;
    status->events = slot->events;
    status->atr_size = slot->atr_size;
    memcpy(status->atr, slot->atr, slot->atr_size);
    status->transmissions = slot->transmissions;
    os_mutex_unlock(&hs->lock);
    return error;
}

enum sc_error host_card_use(uint32_t id, struct card_use *use)
{
    struct card *card;
    struct host_slot *hs = host_lock_card(host_current(), id, &card);
    if (hs == NULL)
        return SC_E_INVALID_HANDLE;
    const struct reader *reader = manager_reader_of_slot(hs->slot);
    memcpy(use->names, reader->names, sizeof(use->names));
    use->reader = reader;
    use->share = hs->slot->exclusive == card ? SHARE_EXCLUSIVE : card->share;
    use->holds = hs->slot->holder == card;
    os_mutex_unlock(&hs->lock);
    return SC_OK;
}

enum sc_error host_get_attribute(uint32_t card, enum name_style style, uint32_t id,
                                 uint8_t value[DRIVER_ATTRIBUTE_MAX], size_t *size)
{
    struct request request = {
        .kind = REQUEST_GET_ATTRIBUTE, .number = id, .style = style};
    request.transfer.out = value;
    request.transfer.out_room = DRIVER_ATTRIBUTE_MAX;
    enum sc_error error = host_card_call(card, &request);
    if (error == SC_OK)
        *size = request.transfer.out_size;
    return error;
}
