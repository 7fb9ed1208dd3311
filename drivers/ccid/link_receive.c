/* SPDX-License-Identifier: BSD-2-Clause */
/* Receiving: transfers are put together to messages, and messages dealt out to the slots
 * that wait for them. Nothing here trusts what comes. */
#include "base/log.h"
#include "base/secret.h"
#include "drivers/ccid/link_internal.h"
#include "os/lock.h"

#include <assert.h>
#include <string.h>

/* Drops the first `size` bytes, wiped: answers may be as secret as commands. */
static void drop_received(struct ccid_link *link, size_t size) NEEDS_LOCK(link->lock)
{
    assert(size <= link->have);
    size_t rest = link->have - size;
    memmove(link->bytes, link->bytes + size, rest);
    secret_clear(link->bytes + rest, size);
    link->have = rest;
}

/* The slot that waits for a message with this header, or NULL. */
static struct ccid_line *waiting_line(struct ccid_link *link, const uint8_t *header)
    NEEDS_LOCK(link->lock)
{
    uint8_t slot = header[5], seq = header[6];
    if (slot >= link->slot_count)
        return NULL;
    struct ccid_line *line = &link->lines[slot];
    bool behind = line->behind && (uint8_t)(seq + 1) == line->seq;
    bool waits = line->reply != CCID_REPLY_NONE;
    return waits && (line->seq == seq || behind) ? line : NULL;
}

/* A failure may be told by a SlotStatus whatever the command was, and a time extension by
 * any type. */
static bool suits(const struct ccid_line *line, const struct ccid_reply *reply)
{
    if (reply->type == line->reply_type || reply->outcome == CCID_TIME_EXTENSION)
        return true;
    return reply->type == CCID_SLOT_STATUS && reply->outcome == CCID_FAILED;
}

void ccid_line_break(struct ccid_line *line)
{
    struct ccid_reply reply;
    bool answered = line->reply == CCID_REPLY_FRESH
                    && ccid_reply_parse(line->in, line->in_size, &reply)
                    && reply.outcome != CCID_TIME_EXTENSION;
    if (line->reply != CCID_REPLY_NONE && !answered)
        line->reply = CCID_REPLY_BROKEN;
}

/* One whole message. False: nobody waits for it. */
static bool deal_out(struct ccid_link *link, size_t size) NEEDS_LOCK(link->lock)
{
    struct ccid_reply reply;
    struct ccid_line *line = waiting_line(link, link->bytes);
    if (line == NULL)
        return false;
    if (!ccid_reply_parse(link->bytes, size, &reply) || !suits(line, &reply)) {
        ccid_line_break(line); /* another with this number will not come */
        return true;
    }
    assert(size <= link->message_max);
    memcpy(line->in, link->bytes, size);
    line->in_size = size;
    line->reply = CCID_REPLY_FRESH;
    link->settled |= reply.outcome != CCID_TIME_EXTENSION;
    return true;
}

/* The only slot that waits, or NULL. */
static struct ccid_line *only_line(struct ccid_link *link) NEEDS_LOCK(link->lock)
{
    struct ccid_line *found = NULL;
    for (uint32_t i = 0; i < link->slot_count; i++) {
        if (link->lines[i].reply == CCID_REPLY_NONE)
            continue;
        if (found != NULL)
            return NULL;
        found = &link->lines[i];
    }
    return found;
}

/* What came is not a message and cannot become one: the command that it may have been
 * for fails. */
static void discard(struct ccid_link *link, uint32_t *stale) NEEDS_LOCK(link->lock)
{
    struct ccid_line *line = link->have >= CCID_HEADER_SIZE
                                 ? waiting_line(link, link->bytes)
                                 : only_line(link);
    log_debug("ccid: %u bytes are not a message and were dropped", (unsigned)link->have);
    if (line != NULL)
        ccid_line_break(line);
    else
        (*stale)++;
    drop_received(link, link->have);
}

/* The size of the message that `bytes` begin with; 0: it cannot be one. */
static size_t message_size(const struct ccid_link *link)
{
    size_t size = ccid_message_size(link->bytes);
    return size > link->message_max ? 0 : size;
}

/* `ended`: the transfer has an end before its room is full, so a message ends there too.
 */
static void deal_out_all(struct ccid_link *link, bool ended, uint32_t *stale)
    NEEDS_LOCK(link->lock)
{
    while (link->have > 0) {
        size_t size = 0;
        if (link->have >= CCID_HEADER_SIZE) {
            size = message_size(link);
            /* Another message may follow in the same transfer only if this one ended
             * with a full packet, and no empty one after it. */
            bool odd = size % link->transport->packet_size != 0;
            if (size == 0 || (link->have > size && odd) || (link->have < size && ended)) {
                discard(link, stale);
                return;
            }
        } else if (ended) {
            discard(link, stale);
            return;
        }
        if (size == 0 || link->have < size)
            return; /* the rest is to come */
        if (!deal_out(link, size)) {
            log_debug("ccid: a message of type %02X for nobody was dropped",
                      (unsigned)link->bytes[0]);
            (*stale)++;
        }
        drop_received(link, size);
    }
}

/* How much to ask for: all that may come, or, from a device that says no end of a message
 * of whole packets, the first packet, then just the rest. */
static size_t wanted(const struct ccid_link *link)
{
    size_t packet = link->transport->packet_size;
    size_t room = link->room - link->have;
    if (link->reading == CCID_READ_WHOLE)
        return room / packet * packet;
    size_t rest = packet;
    if (link->have >= CCID_HEADER_SIZE && message_size(link) > link->have)
        rest = (message_size(link) - link->have + packet - 1) / packet * packet;
    return rest < room ? rest : room / packet * packet;
}

void ccid_link_clear_halt(struct ccid_link *link)
{
    if (ccid_link_can(link, CCID_BUS_HALT)
        && link->transport->clear_halt(link->transport) != SC_OK)
        log_debug("ccid: a halt could not be cleared");
}

enum sc_error ccid_link_wait(struct ccid_link *link, uint32_t slot, uint8_t *bytes,
                             size_t room, size_t *size, uint64_t deadline_ms, bool *woken)
{
    struct ccid_transport *transport = link->transport;
    assert(link->receiver == CCID_NOBODY_RECEIVES);
    link->receiver = CCID_SLOT_RECEIVES;
    link->receiver_slot = slot;
    os_mutex_unlock(&link->lock);
    enum sc_error error =
        transport->receive(transport, slot, bytes, room, size, deadline_ms);
    if (error == SC_F_COMM_ERROR)
        ccid_link_clear_halt(link);
    os_mutex_lock(&link->lock);
    assert(link->receiver != CCID_NOBODY_RECEIVES && link->receiver_slot == slot);
    *woken = link->receiver == CCID_RECEIVER_WOKEN;
    link->receiver = CCID_NOBODY_RECEIVES;
    if (!*woken)
        return error;
    if (!link->lines[slot].stop)
        transport->resume(transport, slot);
    *woken = error == SC_E_CANCELLED;
    return *woken ? SC_OK : error;
}

enum sc_error ccid_link_receive(struct ccid_link *link, uint32_t slot,
                                uint64_t deadline_ms, uint32_t *stale)
{
    size_t ask = wanted(link), size = 0;
    if (ask == 0) { /* full, and no message: cannot happen while messages are bounded */
        discard(link, stale);
        return SC_F_COMM_ERROR;
    }
    bool woken;
    enum sc_error error = ccid_link_wait(link, slot, link->bytes + link->have, ask, &size,
                                         deadline_ms, &woken);
    link->have += size;
    if (error == SC_F_COMM_ERROR) {
        discard(link, stale);
    } else {
        size_t before = link->have;
        bool empty = size == 0;
        /* Less than was asked for: a short packet was the last, or an empty one. */
        deal_out_all(link, error == SC_OK && !woken && !empty && size < ask, stale);
        if (error == SC_E_TIMEOUT && before > 0 && link->have == 0 && !empty) {
            /* The message was there, only the empty packet after it was not. */
            log_debug("ccid: reading by packets from now on");
            link->reading = CCID_READ_PACKETS;
        }
        if (error == SC_OK && empty && !woken)
            (*stale)++;
    }
    if (error == SC_E_READER_UNAVAILABLE)
        link->gone = true;
    os_cond_broadcast(&link->changed);
    return error;
}
