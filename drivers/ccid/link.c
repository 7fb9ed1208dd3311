/* SPDX-License-Identifier: BSD-2-Clause */
/* A link, its end, and what other threads than those of commands do with it. */
#include "drivers/ccid/link.h"

#include "base/alloc.h"
#include "base/secret.h"
#include "drivers/ccid/link_internal.h"
#include "os/lock.h"
#include "os/time.h"

#include <assert.h>
#include <string.h>

/* --- Life --------------------------------------------------------------------------- */

enum sc_error ccid_link_init(struct ccid_link *link, struct ccid_transport *transport,
                             const struct ccid_descriptor *descriptor)
{
    size_t packet = transport->packet_size;
    assert(packet > 0 && descriptor->slot_count <= CCID_SLOTS_MAX);
    memset(link, 0, sizeof(*link));
    os_mutex_init(&link->lock);
    os_cond_init(&link->changed);
    link->transport = transport;
    link->slot_count = descriptor->slot_count;
    link->busy_max = descriptor->busy_slots;
    /* Some say less than they send (CCID 5.1 wants the whole message): room for a TPDU
     * and its header in any case. */
    link->message_max = descriptor->message_max;
    if (link->message_max < CCID_HEADER_SIZE + CCID_TPDU_MAX)
        link->message_max = CCID_HEADER_SIZE + CCID_TPDU_MAX;
    link->room = (link->message_max + packet) / packet * packet;
    link->bytes = mem_alloc(link->room);
    bool full = link->bytes != NULL;
    for (uint32_t i = 0; i < link->slot_count; i++) {
        link->lines[i].out = mem_alloc(link->message_max);
        link->lines[i].in = mem_alloc(link->message_max);
        full &= link->lines[i].out != NULL && link->lines[i].in != NULL;
    }
    if (full)
        return SC_OK;
    ccid_link_clear(link);
    return SC_E_NO_MEMORY;
}

static void wipe_and_free(uint8_t *bytes, size_t size)
{
    if (bytes != NULL)
        secret_clear(bytes, size);
    mem_free(bytes);
}

void ccid_link_clear(struct ccid_link *link)
{
    assert(link->busy == 0 && link->receiver == CCID_NOBODY_RECEIVES);
    for (uint32_t i = 0; i < link->slot_count; i++) {
        wipe_and_free(link->lines[i].out, link->message_max);
        wipe_and_free(link->lines[i].in, link->message_max);
    }
    wipe_and_free(link->bytes, link->room);
    os_cond_destroy(&link->changed);
    os_mutex_destroy(&link->lock);
    memset(link, 0, sizeof(*link));
}

void ccid_link_gone(struct ccid_link *link)
{
    os_mutex_lock(&link->lock);
    link->gone = true;
    os_cond_broadcast(&link->changed);
    os_mutex_unlock(&link->lock);
}

bool ccid_link_is_gone(struct ccid_link *link)
{
    os_mutex_lock(&link->lock);
    bool gone = link->gone;
    os_mutex_unlock(&link->lock);
    return gone;
}

void ccid_link_interrupt(struct ccid_link *link, uint32_t slot)
{
    assert(slot < link->slot_count);
    os_mutex_lock(&link->lock);
    link->lines[slot].stop = true;
    os_cond_broadcast(&link->changed);
    os_mutex_unlock(&link->lock);
    link->transport->interrupt(link->transport, slot);
}

void ccid_link_card_left(struct ccid_link *link, uint32_t slot)
{
    assert(slot < link->slot_count);
    os_mutex_lock(&link->lock);
    link->lines[slot].left = true;
    link->lines[slot].left_ms = os_now_ms() + CCID_LEFT_MS;
    os_cond_broadcast(&link->changed);
    /* The slot's thread sends nothing while it receives, so this ends nothing else. */
    if (link->receiver == CCID_SLOT_RECEIVES && link->receiver_slot == slot) {
        link->receiver = CCID_RECEIVER_WOKEN;
        link->transport->interrupt(link->transport, slot);
    }
    os_mutex_unlock(&link->lock);
}

void ccid_link_resume(struct ccid_link *link, uint32_t slot)
{
    os_mutex_lock(&link->lock);
    link->lines[slot].stop = false;
    os_mutex_unlock(&link->lock);
    link->transport->resume(link->transport, slot);
}

bool ccid_link_interrupted(struct ccid_link *link, uint32_t slot)
{
    os_mutex_lock(&link->lock);
    bool stop = link->lines[slot].stop;
    os_mutex_unlock(&link->lock);
    return stop;
}

void ccid_link_was_reset(struct ccid_link *link)
{
    os_mutex_lock(&link->lock);
    if (link->receiver == CCID_NOBODY_RECEIVES)
        link->have = 0;
    for (uint32_t i = 0; i < link->slot_count; i++) {
        struct ccid_line *line = &link->lines[i];
        line->step = CCID_IN_STEP;
        line->resets++;
        ccid_line_break(line);
    }
    os_cond_broadcast(&link->changed);
    os_mutex_unlock(&link->lock);
}

uint32_t ccid_link_resets(struct ccid_link *link, uint32_t slot)
{
    os_mutex_lock(&link->lock);
    uint32_t resets = link->lines[slot].resets;
    os_mutex_unlock(&link->lock);
    return resets;
}
