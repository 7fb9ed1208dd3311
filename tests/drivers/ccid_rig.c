/* SPDX-License-Identifier: BSD-2-Clause */
#include "ccid_rig.h"

#include "base/alloc.h"
#include "os/lock.h"
#include "os/thread.h"
#include "os/time.h"

#include <stdio.h>
#include <string.h>

/* --- The counting transport --------------------------------------------------------- */

static struct rig_counter *counter_of(struct ccid_transport *transport)
{
    return (struct rig_counter *)(void *)transport;
}

static void fly(struct rig_counter *counter, uint8_t slot, bool flies)
{
    if (slot >= CCID_SLOTS_MAX || counter->flying[slot] == flies)
        return;
    counter->flying[slot] = flies;
    counter->now = flies ? counter->now + 1 : counter->now - 1;
    if (counter->most < counter->now)
        counter->most = counter->now;
}

static enum sc_error count_send(struct ccid_transport *transport, uint32_t slot,
                                const uint8_t *bytes, size_t size, uint64_t deadline_ms)
{
    struct rig_counter *counter = counter_of(transport);
    os_mutex_lock(&counter->lock);
    counter->sent++;
    counter->last_size = size < RIG_LAST_MAX ? size : RIG_LAST_MAX;
    memcpy(counter->last, bytes, counter->last_size);
    if (size >= CCID_HEADER_SIZE && bytes[0] != CCID_ABORT)
        fly(counter, bytes[5], true);
    os_mutex_unlock(&counter->lock);
    return counter->inner->send(counter->inner, slot, bytes, size, deadline_ms);
}

static enum sc_error count_receive(struct ccid_transport *transport, uint32_t slot,
                                   uint8_t *bytes, size_t room, size_t *size,
                                   uint64_t deadline_ms)
{
    struct rig_counter *counter = counter_of(transport);
    enum sc_error error =
        counter->inner->receive(counter->inner, slot, bytes, room, size, deadline_ms);
    os_mutex_lock(&counter->lock);
    if (error == SC_OK)
        counter->received++;
    if (error == SC_OK && *size >= CCID_HEADER_SIZE && (bytes[7] & 0xC0) != 0x80)
        fly(counter, bytes[5], false);
    os_mutex_unlock(&counter->lock);
    return error;
}

static enum sc_error count_control(struct ccid_transport *transport, uint32_t slot,
                                   struct ccid_control *control, uint64_t deadline_ms)
{
    struct rig_counter *counter = counter_of(transport);
    os_mutex_lock(&counter->lock);
    counter->controls++;
    os_mutex_unlock(&counter->lock);
    return counter->inner->control(counter->inner, slot, control, deadline_ms);
}

static void pass_interrupt(struct ccid_transport *transport, uint32_t slot)
{
    struct rig_counter *counter = counter_of(transport);
    counter->inner->interrupt(counter->inner, slot);
}

static void pass_resume(struct ccid_transport *transport, uint32_t slot)
{
    struct rig_counter *counter = counter_of(transport);
    counter->inner->resume(counter->inner, slot);
}

static enum sc_error pass_clear_halt(struct ccid_transport *transport)
{
    struct rig_counter *counter = counter_of(transport);
    return counter->inner->clear_halt(counter->inner);
}

static enum sc_error pass_reset(struct ccid_transport *transport)
{
    struct rig_counter *counter = counter_of(transport);
    os_mutex_lock(&counter->lock);
    counter->resets++;
    os_mutex_unlock(&counter->lock);
    return counter->inner->reset(counter->inner);
}

static void pass_was_reset(void *context)
{
    struct rig_counter *counter = context;
    if (counter->transport.was_reset != NULL)
        counter->transport.was_reset(counter->transport.owner);
}

static void put_counter(struct rig_counter *counter, struct ccid_transport *inner)
{
    const struct ccid_transport transport = {
        .capabilities = inner->capabilities,
        .send = count_send,
        .receive = count_receive,
        .control = count_control,
        .interrupt = pass_interrupt,
        .resume = pass_resume,
        .clear_halt = pass_clear_halt,
        .reset = pass_reset,
        .packet_size = inner->packet_size,
    };
    counter->transport = transport;
    counter->inner = inner;
    inner->was_reset = pass_was_reset;
    inner->owner = counter;
}

/* --- Life --------------------------------------------------------------------------- */

static const struct ccid_settings usual = {
    .voltages = {1, 2, 3}, .whole_apdus = true, .apdu_timeout_ms = 60000};

static struct ccid_rig *rig_of(struct driver_host *port)
{
    return (struct ccid_rig *)(void *)port;
}

/* --- The host ----------------------------------------------------------------------- */

static enum sc_error on_arrived(struct driver_host *port, const struct reader_info *info,
                                void *reader, uint32_t *id)
{
    (void)port;
    (void)reader;
    *id = info->slot;
    return SC_OK;
}

static void on_gone(struct driver_host *port, uint32_t id)
{
    kit_reader_close(&rig_of(port)->ccid.slots[id].kit);
}

static void on_card_event(struct driver_host *port, uint32_t id, enum card_event event)
{
    struct ccid_rig *rig = rig_of(port);
    struct rig_told *told = &rig->told[id];
    rig_sleep(RIG_TELL_MS);
    os_mutex_lock(&rig->lock);
    if (event != CARD_INSERTED && told->count < RIG_EVENTS_MAX)
        told->events[told->count++] = CARD_REMOVED;
    if (event != CARD_REMOVED && told->count < RIG_EVENTS_MAX)
        told->events[told->count++] = CARD_INSERTED;
    os_mutex_unlock(&rig->lock);
}

bool ccid_rig_event(struct ccid_rig *rig, uint32_t slot, enum card_event *event)
{
    struct rig_told *told = &rig->told[slot];
    os_mutex_lock(&rig->lock);
    bool some = told->taken < told->count;
    if (some)
        *event = told->events[told->taken++];
    os_mutex_unlock(&rig->lock);
    return some;
}

/* --- Opening ------------------------------------------------------------------------ */

static void identify(struct ccid_rig *rig, const struct sim_direct_interface *described)
{
    static const enum ccid_kind kinds[] = {CCID_KIND_BULK, CCID_KIND_ICCD_A,
                                           CCID_KIND_ICCD_B};
    const struct sim_identity *identity = sim_direct_identity(rig->direct);
    struct ccid_interface *ccid = &rig->ccid;
    ccid->kind = kinds[described->protocol % 3];
    /* A simulated reader is ready at once. */
    ccid->quirks = ccid_quirks(identity->vendor, identity->product, identity->version)
                   & ~(uint32_t)(QUIRK_WAIT_OPEN | QUIRK_SLOW_STATUS);
    ccid->identity.vendor_id = identity->vendor;
    ccid->identity.product_id = identity->product;
    ccid->identity.version = identity->version;
    ccid->identity.interface_number = described->number;
    rig->has_interrupt = described->has_interrupt;
}

static enum sc_error arrive(struct ccid_rig *rig)
{
    enum sc_error error = SC_OK;
    for (uint32_t i = 0; i < rig->ccid.descriptor.slot_count && error == SC_OK; i++) {
        struct reader_info info = {.slot = i};
        error = kit_reader_arrive(&rig->ccid.slots[i].kit, &info);
    }
    return error;
}

static enum sc_error open_interface(struct ccid_rig *rig,
                                    const struct ccid_settings *settings)
{
    struct sim_direct_interface described;
    struct ccid_interface *ccid = &rig->ccid;
    if (!sim_direct_interface(rig->direct, rig->number, &described)
        || !ccid_descriptor_parse(described.descriptor, &ccid->descriptor))
        return SC_E_INVALID_VALUE;
    put_counter(&rig->counter, sim_direct_transport(rig->direct, rig->number));
    identify(rig, &described);
    ccid->transport = &rig->counter.transport;
    ccid->settings = settings != NULL ? *settings : usual;
    ccid_interface_init(ccid, &rig->kit);
    enum sc_error error = ccid_interface_open(ccid);
    return error == SC_OK ? arrive(rig) : error;
}

/* Nothing looks after the simulated device but the test. */
static uint64_t look(void *context)
{
    (void)context;
    return OS_FOREVER;
}

/* What is left when it is not open any more. */
static void destroy(struct kit_instance *instance)
{
    struct ccid_rig *rig = CONTAINER_OF(instance, struct ccid_rig, kit);
    sim_direct_free(rig->direct);
    os_mutex_destroy(&rig->counter.lock);
    os_mutex_destroy(&rig->lock);
    mem_free(rig);
}

struct ccid_rig *ccid_rig_new(const char *specification, size_t number,
                              const struct ccid_settings *settings, enum sc_error *error)
{
    char why[128] = "";
    struct ccid_rig *rig = mem_alloc(sizeof(*rig));
    if (rig == NULL) {
        *error = SC_E_NO_MEMORY;
        return NULL;
    }
    memset(rig, 0, sizeof(*rig));
    rig->number = number;
    rig->port = (struct driver_host){.reader_arrived = on_arrived,
                                     .reader_gone = on_gone,
                                     .card_event = on_card_event};
    kit_instance_init(&rig->kit, &rig->port, destroy, "rig", look);
    os_mutex_init(&rig->lock);
    os_mutex_init(&rig->counter.lock);
    for (size_t i = 0; i < CCID_SLOTS_MAX; i++)
        os_stop_init(&rig->stops[i]);
    rig->direct = sim_direct_new(specification, why, sizeof(why));
    if (rig->direct == NULL) {
        fprintf(stderr, "%s: %s\n", specification, why);
        *error = SC_E_INVALID_VALUE;
    } else if (sim_direct_transport(rig->direct, number) == NULL) {
        *error = SC_OK;
    } else {
        *error = open_interface(rig, settings);
        if (*error == SC_OK)
            return rig;
    }
    kit_instance_stop(&rig->kit);
    return NULL;
}

void ccid_rig_free(struct ccid_rig *rig)
{
    if (rig == NULL)
        return;
    if (rig->listening) {
        sim_direct_stop_listening(rig->direct, rig->number);
        os_thread_join(&rig->listener);
    }
    for (uint32_t i = 0; i < rig->ccid.descriptor.slot_count; i++)
        kit_reader_leave(&rig->ccid.slots[i].kit);
    ccid_interface_close(&rig->ccid);
    kit_instance_stop(&rig->kit);
}

/* --- Presence ----------------------------------------------------------------------- */

static void listen(void *context)
{
    struct ccid_rig *rig = context;
    uint8_t bytes[64];
    size_t size = 0;
    for (;;) {
        enum sc_error error = sim_direct_listen(rig->direct, rig->number, bytes,
                                                sizeof(bytes), &size, OS_FOREVER);
        if (error == SC_E_CANCELLED || error == SC_E_READER_UNAVAILABLE)
            return;
        if (error != SC_OK)
            continue;
        ccid_interface_notify(&rig->ccid, bytes, size);
    }
}

void ccid_rig_listen(struct ccid_rig *rig)
{
    rig->ccid.notifies = 1;
    rig->listening = os_thread_start(&rig->listener, "rig-listen", listen, rig) == SC_OK;
}

bool ccid_rig_wait_presence(struct ccid_rig *rig, uint32_t slot, bool present,
                            uint32_t ms)
{
    struct ccid_slot *s = &rig->ccid.slots[slot];
    uint64_t end = os_now_ms() + ms;
    bool is = !present;
    do {
        is = ccid_slot_is_present(s);
        if (is != present)
            rig_sleep(2);
    } while (is != present && os_now_ms() < end);
    return is == present;
}

void rig_sleep(uint32_t ms)
{
    struct os_mutex mutex;
    struct os_cond never;
    uint64_t end = os_now_ms() + ms;
    os_mutex_init(&mutex);
    os_cond_init(&never);
    os_mutex_lock(&mutex);
    while (os_now_ms() < end)
        (void)os_cond_wait(&never, &mutex, end);
    os_mutex_unlock(&mutex);
    os_cond_destroy(&never);
    os_mutex_destroy(&mutex);
}
