/* SPDX-License-Identifier: BSD-2-Clause */
/* The vpcd driver, and the protocol on the wire.
 *
 * A frame is a length of two bytes, most significant first, and so many bytes. To the
 * card, a frame of one byte is a control: 00 power off, 01 power on, 02 reset, 04 give
 * the ATR; only 04 has an answer. Any other frame is a command, and its answer is one
 * frame. (vsmartcard 3.3: vpcd.h, and vicc as observed.)
 *
 * The attendant accepts connections, and closes them between jobs; the jobs use them. One
 * that finds its connection out of step shuts it down: to the attendant, a hang-up. */
#include "drivers/vpcd/vpcd.h"

#include "base/alloc.h"
#include "base/atomic.h"
#include "base/log.h"
#include "drivers/feature.h"
#include "drivers/kit/reader.h"
#include "drivers/kit/settings.h"
#include "os/time.h"
#include "proto/atr.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
    FRAME_MAX = 65535,
    CONTROL_OFF = 0x00,
    CONTROL_ON = 0x01,
    CONTROL_RESET = 0x02,
    CONTROL_GET_ATR = 0x04,
    ATR_TIMEOUT_MS = 30000, /* a simulator has it at hand, but its machine may be busy */
    ATR_TIMEOUT_MAX_MS = 60000, /* the host waits no longer */
    APDU_TIMEOUT_MS = 300000,
    APDU_TIMEOUT_MAX_MS = 3600000,
    SETTLE_MS = 1500, /* vicc tries again every 0.2 to 1 s */
    SETTLE_MAX_MS = 5000,
    ACCEPT_PAUSE_MS = 1000
};

struct vpcd_slot {
    struct kit_reader kit; /* first: the host hands it back. A card is a connection */
    const struct vpcd *vpcd;
    struct os_socket listener;
    uint16_t port;
    struct os_socket card; /* changed by the attendant, between jobs */
    uint32_t dropped;      /* atomic; a job has given the card up */
    struct atr atr;        /* the jobs': of the card that was powered last */
};

struct vpcd {
    struct kit_instance kit; /* first */
    char name[DRIVER_NAME_MAX], address[64];
    uint32_t first_port, slot_count, atr_timeout_ms, apdu_timeout_ms, settle_ms;
    struct vpcd_slot slots[VPCD_SLOTS_MAX];
};

#define AT(member) offsetof(struct vpcd, member)

static const struct kit_setting vpcd_settings[] = {
    {"", .offset = AT(first_port), .max = UINT16_MAX, .wanted = "a port, 0 to 65535"},
    {"slots", .offset = AT(slot_count), .min = 1, .max = VPCD_SLOTS_MAX},
    {"atr_timeout", .offset = AT(atr_timeout_ms), .min = 1, .max = ATR_TIMEOUT_MAX_MS},
    {"apdu_timeout", .offset = AT(apdu_timeout_ms), .min = 1, .max = APDU_TIMEOUT_MAX_MS},
    {"settle", .offset = AT(settle_ms), .max = SETTLE_MAX_MS},
    {"bind", KIT_TEXT, AT(address), .max = 64, .wanted = "a numeric address"},
    {"name", KIT_TEXT, AT(name), .max = DRIVER_NAME_MAX, .wanted = "a reader name"},
    {.key = NULL}};

static enum sc_error read_vpcd_uri(const char *uri, struct vpcd *vpcd)
{
    vpcd->first_port = VPCD_PORT_DEFAULT;
    vpcd->slot_count = 1;
    vpcd->atr_timeout_ms = ATR_TIMEOUT_MS;
    vpcd->apdu_timeout_ms = APDU_TIMEOUT_MS;
    vpcd->settle_ms = SETTLE_MS;
    snprintf(vpcd->address, sizeof(vpcd->address), "127.0.0.1");
    enum sc_error error = kit_settings_read(uri, vpcd_settings, vpcd);
    if (error == SC_OK && vpcd->first_port + vpcd->slot_count - 1 > UINT16_MAX)
        return kit_settings_refuse(uri, "the port of the last slot", "65535 at most");
    return error;
}

static struct vpcd_slot *job_slot(const struct kit_job *job)
{
    return (struct vpcd_slot *)(void *)job->reader;
}

/* The stream is out of step, or at its end: the card counts as removed. */
static enum sc_error drop_connection(struct kit_job *job, enum sc_error error)
{
    struct vpcd_slot *slot = job_slot(job);
    log_debug("vpcd port %u: dropped: %s", slot->port, sc_error_name(error));
    os_socket_shut(slot->card);
    (void)kit_reader_set_card(&slot->kit, false);
    atomic_store_u32(&slot->dropped, 1);
    kit_attendant_wake(&slot->kit.instance->attendant);
    return error;
}

/* --- Frames ------------------------------------------------------------------------- */

/* After a call of the socket: a connection that is broken is a card that was pulled. */
static enum sc_error check_connection(struct kit_job *job, enum sc_error error)
{
    if (error == SC_W_EOF || error == SC_F_COMM_ERROR)
        error = SC_W_REMOVED_CARD;
    return error == SC_OK ? SC_OK : drop_connection(job, error);
}

static enum sc_error read_from_card(struct kit_job *job, uint8_t *bytes, size_t size)
{
    return check_connection(job, os_socket_read(job_slot(job)->card, bytes, size,
                                                job->deadline_ms, &job->reader->wake));
}

/* What the card has sent unasked would be taken for the answer. */
static enum sc_error send_frame(struct kit_job *job, const uint8_t *bytes, size_t size)
{
    const uint8_t length[2] = {(uint8_t)(size >> 8), (uint8_t)size};
    uint8_t byte;
    if (os_socket_is_readable(job_slot(job)->card))
        return read_from_card(job, &byte, 1) == SC_OK
                   ? drop_connection(job, SC_F_COMM_ERROR)
                   : SC_W_REMOVED_CARD;
    return check_connection(job, os_socket_write(job_slot(job)->card, length,
                                                 sizeof(length), bytes, size,
                                                 job->deadline_ms, &job->reader->wake));
}

/* Errors: SC_E_INSUFFICIENT_BUFFER if it is longer than `room`; it was skipped. */
static enum sc_error read_frame(struct kit_job *job, uint8_t *out, size_t room,
                                size_t *size)
{
    uint8_t length[2] = {0}, waste[512];
    enum sc_error error = read_from_card(job, length, sizeof(length));
    size_t there = *size = (size_t)length[0] << 8 | length[1];
    if (error != SC_OK)
        return error;
    if (there <= room)
        return read_from_card(job, out, there);
    for (size_t part = 0; there > 0 && error == SC_OK; there -= part) {
        part = there < sizeof(waste) ? there : sizeof(waste);
        error = read_from_card(job, waste, part);
    }
    return error == SC_OK ? SC_E_INSUFFICIENT_BUFFER : error;
}

static enum sc_error send_control(struct kit_job *job, uint8_t control)
{
    return send_frame(job, &control, 1);
}

/* --- Jobs --------------------------------------------------------------------------- */

static enum sc_error switch_power(struct kit_job *job, enum power_action action)
{
    bool on = kit_job_is_on(job), warm = on && action == POWER_WARM_RESET;
    enum sc_error error =
        on ? send_control(job, warm ? CONTROL_RESET : CONTROL_OFF) : SC_OK;
    return error == SC_OK && !warm && action != POWER_OFF ? send_control(job, CONTROL_ON)
                                                          : error;
}

static enum sc_error get_atr(struct kit_job *job, uint8_t bytes[DRIVER_ATR_MAX],
                             size_t *size)
{
    struct atr *atr = &job_slot(job)->atr;
    enum sc_error error = send_control(job, CONTROL_GET_ATR);
    if (error == SC_OK)
        error = read_frame(job, bytes, DRIVER_ATR_MAX, size);
    if (error != SC_OK) /* one that is too long is not an ATR */
        return error == SC_E_INSUFFICIENT_BUFFER ? SC_W_UNRESPONSIVE_CARD : error;
    if (*size == 0) /* how a card says that it is out */
        return drop_connection(job, SC_E_NO_SMARTCARD);
    atr_parse(atr, bytes, *size);
    bool sound = (atr->notes & (ATR_NOTE_TS | ATR_NOTE_SHORT)) == 0;
    return sound ? SC_OK : SC_W_UNRESPONSIVE_CARD;
}

static enum sc_error vpcd_power(void *self, enum power_action action,
                                const struct driver_job *asked,
                                uint8_t atr[DRIVER_ATR_MAX], size_t *atr_size)
{
    struct kit_job job;
    size_t size = 0;
    bool off = action == POWER_OFF;
    kit_job_begin(&job, self, asked, ((struct vpcd_slot *)self)->vpcd->atr_timeout_ms);
    enum sc_error error = kit_job_find_card(&job);
    if (error == SC_OK)
        error = switch_power(&job, action);
    if (error == SC_OK && !off)
        error = get_atr(&job, atr, &size);
    kit_job_note_power(&job, error == SC_OK && !off);
    if (error == SC_W_REMOVED_CARD || error == SC_E_NO_SMARTCARD)
        error = off ? SC_OK : SC_E_NO_SMARTCARD; /* no card has no power */
    if (error == SC_OK)
        *atr_size = size;
    return kit_job_end(&job, error);
}

/* Simulators take whole APDUs; there is nothing to negotiate. */
static enum sc_error vpcd_set_protocol(void *self, uint32_t protocol,
                                       const struct driver_job *asked)
{
    struct kit_job job;
    kit_job_begin(&job, self, asked, OS_FOREVER);
    enum sc_error error = kit_job_find_powered(&job);
    if (error == SC_OK && (atr_protocols(&job_slot(&job)->atr) & protocol) == 0)
        error = SC_E_PROTO_MISMATCH;
    return kit_job_end(&job, error);
}

static enum sc_error vpcd_transmit(void *self, uint32_t protocol, struct transfer *t)
{
    struct vpcd_slot *slot = self;
    struct kit_job job;
    size_t size = 0;
    (void)protocol; /* none of them shows on the wire */
    if (t->in_size < 2 || t->in_size > FRAME_MAX)
        return SC_E_INVALID_PARAMETER; /* one byte would be a control */
    kit_job_begin(&job, slot, &t->job, slot->vpcd->apdu_timeout_ms);
    enum sc_error error = kit_job_find_powered(&job);
    if (error == SC_OK)
        error = send_frame(&job, t->in, t->in_size);
    if (error == SC_OK)
        error = read_frame(&job, t->out, t->out_room, &size);
    if (error == SC_OK && size < 2)
        error = drop_connection(&job, SC_F_COMM_ERROR); /* SW1 SW2 are always there */
    if (error == SC_OK)
        t->out_size = size;
    return kit_job_end(&job, error);
}

static enum sc_error vpcd_control(void *self, uint32_t code, struct transfer *t)
{
    const struct vpcd_slot *slot = self;
    char text[8];
    switch (code) {
    case VPCD_IOCTL_PORT:
        snprintf(text, sizeof(text), "%u", (unsigned)slot->port);
        return feature_reply(t, text, strlen(text));
    case VPCD_IOCTL_FEATURES:
        return feature_reply_list(t, VPCD_IOCTL_TLV_PROPERTIES);
    case VPCD_IOCTL_TLV_PROPERTIES:
        return feature_reply_properties(t, true);
    default:
        return SC_E_UNSUPPORTED_FEATURE;
    }
}

/* --- Connections -------------------------------------------------------------------- */

/* The card has hung up, or a job has given it up: a job that uses it ends soon. */
static void close_card(struct vpcd_slot *slot)
{
    struct kit_reader *reader = &slot->kit;
    assert(os_socket_is_open(slot->card));
    log_info("vpcd port %u: card disconnected", (unsigned)slot->port);
    os_socket_shut(slot->card);
    kit_reader_lock(reader);
    while (reader->job != NULL)
        os_cond_wait(&reader->changed, &reader->lock, OS_FOREVER);
    os_socket_close(&slot->card);
    (void)kit_reader_note_card(reader, false);
    kit_reader_unlock(reader);
}

/* Takes a connection as the slot's card. False: there are no descriptors for it. */
static bool take_card(struct vpcd_slot *slot)
{
    struct os_socket card;
    enum sc_error error = os_socket_accept(slot->listener, &card);
    if (error != SC_OK)
        return error != SC_E_NO_MEMORY;
    bool second = os_socket_is_open(slot->card);
    log_info("vpcd port %u: %s", slot->port, second ? "card refused" : "card connected");
    if (second) {
        os_socket_close(&card);
    } else {
        slot->card = card;
        atomic_store_u32(&slot->dropped, 0);
        (void)kit_reader_set_card(&slot->kit, true);
    }
    return true;
}

/* The attendant's look: waits until connections come or go. */
static uint64_t watch_connections(void *context)
{
    struct vpcd *vpcd = context;
    struct os_poll_entry listeners[VPCD_SLOTS_MAX * 2] = {{.want_read = false}};
    struct os_poll_entry *cards = listeners + vpcd->slot_count;
    for (uint32_t i = 0; i < vpcd->slot_count; i++) {
        listeners[i].socket = vpcd->slots[i].listener;
        listeners[i].want_read = true;
        cards[i].socket = vpcd->slots[i].card;
    }
    enum sc_error error = os_poll(listeners, (size_t)vpcd->slot_count * 2,
                                  &vpcd->kit.attendant.wake, OS_FOREVER);
    if (error != SC_OK) {
        log_error("vpcd: connections cannot be watched any more");
        return OS_FOREVER;
    }
    bool all = true;
    for (uint32_t i = 0; i < vpcd->slot_count; i++) {
        if (os_socket_is_open(cards[i].socket)
            && (cards[i].hung_up || atomic_load_u32(&vpcd->slots[i].dropped) != 0))
            close_card(&vpcd->slots[i]);
        all &= !listeners[i].readable || take_card(&vpcd->slots[i]);
    }
    if (!all)
        log_error("vpcd: a connection cannot be taken now");
    return all ? 0 : os_now_ms() + ACCEPT_PAUSE_MS;
}

/* --- Life --------------------------------------------------------------------------- */

static void destroy_vpcd(struct kit_instance *instance)
{
    struct vpcd *vpcd = (struct vpcd *)(void *)instance;
    for (uint32_t i = 0; i < vpcd->slot_count; i++) {
        os_socket_close(&vpcd->slots[i].card);
        os_socket_close(&vpcd->slots[i].listener);
    }
    mem_free(vpcd);
}

static enum sc_error listen_at(struct vpcd_slot *slot)
{
    const struct vpcd *vpcd = slot->vpcd;
    uint32_t port = vpcd->first_port == 0 ? 0 : vpcd->first_port + slot->kit.number;
    enum sc_error error =
        os_socket_listen(vpcd->address, (uint16_t)port, &slot->listener, &slot->port);
    if (error == SC_OK)
        log_info("vpcd: cards may connect to %s port %u", vpcd->address, slot->port);
    else
        log_error("vpcd: cannot listen on %s port %u: %s", vpcd->address, (unsigned)port,
                  sc_error_words(error));
    return error;
}

static enum sc_error listen_all(struct vpcd *vpcd)
{
    enum sc_error error = kit_instance_add_wakes(&vpcd->kit);
    for (uint32_t i = 0; i < vpcd->slot_count && error == SC_OK; i++)
        error = listen_at(&vpcd->slots[i]);
    if (error == SC_OK && !os_address_is_loopback(vpcd->address))
        log_error("vpcd: other machines can be cards at %s, and see the PINs sent there",
                  vpcd->address);
    return error;
}

static void describe(const struct kit_reader *reader, struct reader_info *info)
{
    const struct vpcd_slot *slot = (const struct vpcd_slot *)(const void *)reader;
    const struct vpcd *vpcd = slot->vpcd;
    memcpy(info->name, vpcd->name, sizeof(info->name));
    snprintf(info->vendor, sizeof(info->vendor), "Virtual");
    snprintf(info->product, sizeof(info->product), "PCD");
    /* One device with slots, by what no other can listen on at the same time. */
    snprintf(info->device_id, sizeof(info->device_id), "VPCD\\%s\\%u", vpcd->address,
             (unsigned)vpcd->slots[0].port);
    info->version = 0x01000000;
    info->channel_id = info->type << 16 | slot->port;
    info->slot = slot->kit.number;
}

static enum sc_error vpcd_start(const char *uri, struct driver_host *host, void **self)
{
    struct vpcd *vpcd = mem_alloc(sizeof(*vpcd));
    if (vpcd == NULL)
        return SC_E_NO_MEMORY;
    enum sc_error error = read_vpcd_uri(uri, vpcd);
    if (error != SC_OK) {
        mem_free(vpcd);
        return error;
    }
    kit_instance_init(&vpcd->kit, host, destroy_vpcd, "scard-vpcd", watch_connections);
    for (uint32_t i = 0; i < vpcd->slot_count; i++) {
        struct vpcd_slot *slot = &vpcd->slots[i];
        kit_reader_init(&slot->kit, &vpcd->kit);
        slot->vpcd = vpcd;
        slot->listener = slot->card = (struct os_socket)OS_SOCKET_NONE;
    }
    error = listen_all(vpcd);
    if (error == SC_OK)
        error = kit_instance_arrive(&vpcd->kit, describe);
    for (uint32_t i = 0; i < vpcd->slot_count; i++)
        if (vpcd->slots[i].kit.state == KIT_AWAY)
            os_socket_close(&vpcd->slots[i].listener); /* nobody is to connect there */
    if (error == SC_OK)
        error = kit_attendant_start(&vpcd->kit.attendant);
    if (error == SC_OK)
        *self = vpcd;
    else
        kit_instance_stop(vpcd);
    return error;
}

/* Simulated cards learn of the port when they look for it next. */
static void vpcd_settle(void *self, bool cards, uint64_t deadline_ms)
{
    static uint32_t in_vain; /* this process has waited for a card, and none came */
    struct vpcd *vpcd = self;
    uint64_t limit_ms = os_now_ms() + vpcd->settle_ms;
    bool wait = cards && vpcd->first_port != 0 && vpcd->settle_ms != 0;
    limit_ms = limit_ms < deadline_ms ? limit_ms : deadline_ms;
    if (wait && atomic_load_u32(&in_vain) == 0
        && !kit_instance_await_cards(&vpcd->kit, limit_ms))
        atomic_store_u32(&in_vain, 1);
}

const struct driver vpcd_driver = {.scheme = "vpcd",
                                   .start = vpcd_start,
                                   .settle = vpcd_settle,
                                   .stop = kit_instance_stop,
                                   .power = vpcd_power,
                                   .set_protocol = vpcd_set_protocol,
                                   .transmit = vpcd_transmit,
                                   .control = vpcd_control,
                                   .close = kit_reader_close};
