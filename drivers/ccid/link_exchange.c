/* SPDX-License-Identifier: BSD-2-Clause */
/* Sending, and waiting for the reply. */
#include "base/log.h"
#include "base/secret.h"
#include "drivers/ccid/link_internal.h"
#include "drivers/ccid/quirks.h"
#include "os/lock.h"
#include "os/time.h"

#include <assert.h>
#include <string.h>

/* --- Sending ------------------------------------------------------------------------ */

/* Why a wait must end, if it must. The link is locked. */
static enum sc_error why_wait_ends(const struct ccid_link *link,
                                   const struct ccid_line *line, uint64_t deadline_ms)
    NEEDS_LOCK(link->lock)
{
    if (link->gone)
        return SC_E_READER_UNAVAILABLE;
    if (line->stop)
        return SC_E_CANCELLED;
    return os_now_ms() >= deadline_ms ? SC_E_TIMEOUT : SC_OK;
}

/* Waits until another command may be under way: bMaxCCIDBusySlots. The link is locked. */
static enum sc_error take_sending_turn(struct ccid_link *link, struct ccid_line *line,
                                       uint64_t deadline_ms) NEEDS_LOCK(link->lock)
{
    enum sc_error error = why_wait_ends(link, line, deadline_ms);
    while (error == SC_OK && (link->sending || link->busy >= link->busy_max)) {
        os_cond_wait(&link->changed, &link->lock, deadline_ms);
        error = why_wait_ends(link, line, deadline_ms);
    }
    if (error == SC_OK) {
        assert(line->reply == CCID_REPLY_NONE); /* one thread uses a slot */
        link->sending = true;
        link->busy++;
    }
    return error;
}

/* An empty packet that some firmware sends too much would be taken for the reply. */
static void flush_empty(struct ccid_link *link, uint32_t slot) NEEDS_LOCK(link->lock)
{
    enum { FLUSH_MS = 10 };
    size_t size = 0;
    bool woken;
    if ((link->quirks & QUIRK_STRAY_ZLP) == 0 || link->busy > 1
        || link->receiver != CCID_NOBODY_RECEIVES)
        return;
    enum sc_error error = ccid_link_wait(link, slot, link->bytes, link->room, &size,
                                         os_now_ms() + FLUSH_MS, &woken);
    if (error == SC_OK)
        log_debug("ccid: %u bytes before a command were dropped", (unsigned)size);
}

/* Sends a command with a new sequence number. The link is locked, but not meanwhile;
 * `sending` is the caller's. */
static enum sc_error send_message(struct ccid_link *link, uint32_t slot,
                                  const struct ccid_call *call) NEEDS_LOCK(link->lock)
{
    struct ccid_line *line = &link->lines[slot];
    struct ccid_transport *transport = link->transport;
    uint64_t deadline_ms = os_now_ms() + CCID_SEND_MS;
    if (deadline_ms > call->deadline_ms)
        deadline_ms = call->deadline_ms;
    assert(link->sending && CCID_HEADER_SIZE + call->size <= link->message_max);
    flush_empty(link, slot);
    line->seq = call->numbered ? call->seq : link->seq++;
    line->reply_type = ccid_reply_type(call->type);
    line->reply = CCID_REPLY_AWAITED;
    line->behind = (link->quirks & QUIRK_SEQ_BEHIND) != 0 && link->settled
                   && CCID_HEADER_SIZE + call->size > transport->packet_size;
    link->settled = false;
    line->left &= call->type != CCID_POWER_ON;
    line->left_ms = os_now_ms() + CCID_LEFT_MS;
    ccid_header_write(line->out, call->type, call->size, (uint8_t)slot, line->seq,
                      call->p);
    if (call->size > 0)
        memcpy(line->out + CCID_HEADER_SIZE, call->data, call->size);
    os_mutex_unlock(&link->lock);
    enum sc_error error = transport->send(transport, slot, line->out,
                                          CCID_HEADER_SIZE + call->size, deadline_ms);
    secret_clear(line->out, CCID_HEADER_SIZE + call->size);
    if (error == SC_F_COMM_ERROR)
        ccid_link_clear_halt(link);
    os_mutex_lock(&link->lock);
    return error;
}

/* --- Waiting ------------------------------------------------------------------------ */

/* A reply is there: the end, or a time extension, which starts the wait anew. */
static bool is_final(struct ccid_line *line, struct ccid_call *call, uint64_t *until_ms)
{
    line->reply = CCID_REPLY_AWAITED;
    if (!ccid_reply_parse(line->in, line->in_size, &call->reply))
        return false; /* the dispatcher has parsed it before: never */
    if (call->reply.outcome != CCID_TIME_EXTENSION)
        return true;
    /* bError multiplies the waiting time here (CCID 6.2-3); 0 is met as well. */
    uint64_t factor = call->reply.error == 0 ? 1 : call->reply.error;
    uint64_t more_ms = factor * call->timeout_ms;
    if (more_ms > CCID_EXTENSION_MAX_MS)
        more_ms = CCID_EXTENSION_MAX_MS;
    *until_ms = os_now_ms() + more_ms;
    return false;
}

static uint64_t earlier_ms(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* For a card that has left. */
static bool is_in_vain(const struct ccid_line *line, const struct ccid_call *call)
{
    return line->left
           && (call->type == CCID_POWER_ON || call->type == CCID_XFR_BLOCK
               || call->type == CCID_SECURE || call->type == CCID_SET_PARAMETERS);
}

/* The link is locked. */
static enum sc_error await_slot_reply(struct ccid_link *link, uint32_t slot,
                                      struct ccid_call *call) NEEDS_LOCK(link->lock)
{
    struct ccid_line *line = &link->lines[slot];
    uint64_t until_ms = os_now_ms() + call->timeout_ms;
    uint32_t stale = 0;
    enum sc_error error = SC_OK;
    while (error == SC_OK) {
        if (line->reply == CCID_REPLY_FRESH && is_final(line, call, &until_ms))
            return SC_OK;
        uint64_t deadline_ms = earlier_ms(until_ms, call->deadline_ms);
        if (is_in_vain(line, call))
            deadline_ms = earlier_ms(deadline_ms, line->left_ms);
        if (line->reply == CCID_REPLY_BROKEN || stale > CCID_STALE_MAX)
            error = SC_F_COMM_ERROR;
        else
            error = why_wait_ends(link, line, deadline_ms);
        if (error != SC_OK)
            break;
        if (link->receiver != CCID_NOBODY_RECEIVES)
            os_cond_wait(&link->changed, &link->lock, deadline_ms);
        else
            error = ccid_link_receive(link, slot, deadline_ms, &stale);
        if (line->reply == CCID_REPLY_FRESH && error != SC_E_READER_UNAVAILABLE)
            error = SC_OK; /* it came all the same */
    }
    return error == SC_E_TIMEOUT && is_in_vain(line, call) ? SC_W_REMOVED_CARD : error;
}

/* --- Both --------------------------------------------------------------------------- */

enum sc_error ccid_link_exchange(struct ccid_link *link, uint32_t slot,
                                 struct ccid_call *call)
{
    struct ccid_line *line = &link->lines[slot];
    if (CCID_HEADER_SIZE + call->size > link->message_max)
        return SC_E_INVALID_PARAMETER;
    os_mutex_lock(&link->lock);
    enum sc_error error = take_sending_turn(link, line, call->deadline_ms);
    if (error != SC_OK) {
        os_mutex_unlock(&link->lock);
        return error;
    }
    error = send_message(link, slot, call);
    link->sending = false;
    os_cond_broadcast(&link->changed);
    if (error == SC_OK)
        error = await_slot_reply(link, slot, call);
    assert(link->busy > 0);
    line->reply = CCID_REPLY_NONE;
    link->busy--;
    os_cond_broadcast(&link->changed);
    os_mutex_unlock(&link->lock);
    return error;
}

enum sc_error ccid_link_pause(struct ccid_link *link, uint32_t slot, uint32_t ms)
{
    struct ccid_line *line = &link->lines[slot];
    uint64_t until_ms = os_now_ms() + ms;
    os_mutex_lock(&link->lock);
    enum sc_error error = why_wait_ends(link, line, until_ms);
    while (error == SC_OK) {
        os_cond_wait(&link->changed, &link->lock, until_ms);
        error = why_wait_ends(link, line, until_ms);
    }
    os_mutex_unlock(&link->lock);
    return error == SC_E_TIMEOUT ? SC_OK : error;
}
