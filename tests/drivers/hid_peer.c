/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/drivers/hid_peer.h"

#include "os/lock.h"
#include "os/time.h"
#include "proto/ledger.h"
#include "tests/support/check.h"

enum { KEEPALIVE_MS = 100, REGISTERED_SIZE = 700 };

static struct os_mutex lock = OS_MUTEX_INIT;
static struct os_cond changed;
static struct hid_peer peers[PEERS_MAX];
static uint32_t peer_count;
static bool library_missing, begun;

/* --- The bench ---------------------------------------------------------------------- */

void hid_peers_begin(void)
{
    if (!begun)
        os_cond_init(&changed);
    begun = true;
    memset(peers, 0, sizeof(peers));
    peer_count = 0;
    library_missing = false;
}

void hid_peer_lock(void)
{
    os_mutex_lock(&lock);
}

void hid_peer_unlock(void)
{
    os_cond_broadcast(&changed);
    os_mutex_unlock(&lock);
}

struct hid_peer *hid_peer_add(enum peer_kind kind, const char *serial)
{
    bool ledger = kind == PEER_LEDGER;
    hid_peer_lock();
    struct hid_peer *peer = &peers[peer_count];
    peer->kind = kind;
    peer->present = true;
    peer->next_channel = 0x01020304;
    peer->found = (struct hid_found){.vendor_id = ledger ? 0x2C97 : 0x1050,
                                     .product_id = ledger ? 0x1011 : 0x0407,
                                     .version = 0x0543,
                                     .usage_page = ledger ? 0xFFA0 : 0xF1D0,
                                     .interface_number = ledger ? 0 : 1};
    snprintf(peer->found.path, sizeof(peer->found.path), "peer%u", (unsigned)peer_count);
    snprintf(peer->found.vendor, DRIVER_TEXT_MAX, "%s", ledger ? "Ledger" : "Yubico");
    snprintf(peer->found.product, DRIVER_TEXT_MAX, "%s", ledger ? "Nano" : "Key");
    snprintf(peer->found.serial, DRIVER_TEXT_MAX, "%s", serial);
    peer_count++;
    hid_peer_unlock();
    return peer;
}

void hid_peer_plug(struct hid_peer *peer, bool in)
{
    hid_peer_lock();
    peer->present = in;
    hid_peer_unlock();
}

void hid_peers_miss_library(bool missing)
{
    library_missing = missing;
}

/* Behind all that can be read by then. */
static void put_report(struct peer_queue *queue, const struct peer_report *report)
{
    uint32_t at = queue->count++;
    for (; at > 0; at--) {
        const struct peer_report *before =
            &queue->reports[(queue->first + at - 1) % PEER_QUEUE_MAX];
        if (before->ready_ms <= report->ready_ms)
            break;
        queue->reports[(queue->first + at) % PEER_QUEUE_MAX] = *before;
    }
    queue->reports[(queue->first + at) % PEER_QUEUE_MAX] = *report;
}

/* To all that have it open. The bus is locked. */
static void put(struct hid_peer *peer, const uint8_t *bytes, size_t size,
                uint32_t channel, uint64_t ready_ms)
{
    struct peer_report report = {.size = size, .channel = channel, .ready_ms = ready_ms};
    memcpy(report.bytes, bytes, size);
    for (size_t i = 0; i < PEER_HANDLES_MAX; i++)
        if (peer->queues[i].open && peer->queues[i].count < PEER_QUEUE_MAX)
            put_report(&peer->queues[i], &report);
    os_cond_broadcast(&changed);
}

void hid_peer_say(struct hid_peer *peer, const uint8_t *report, size_t size)
{
    hid_peer_lock();
    put(peer, report, size, 0, os_now_ms());
    hid_peer_unlock();
}

/* What is to be said on a channel later is not said. */
static void forget(struct hid_peer *peer, uint32_t channel)
{
    for (size_t i = 0; i < PEER_HANDLES_MAX; i++) {
        struct peer_queue *queue = &peer->queues[i];
        uint32_t kept = 0;
        for (uint32_t n = 0; n < queue->count; n++) {
            struct peer_report *at = &queue->reports[(queue->first + n) % PEER_QUEUE_MAX];
            if (at->channel == channel && at->ready_ms > os_now_ms())
                continue;
            queue->reports[(queue->first + kept++) % PEER_QUEUE_MAX] = *at;
        }
        queue->count = kept;
    }
}

/* --- CTAPHID ------------------------------------------------------------------------ */

static void say_foreign(struct hid_peer *peer, uint64_t ready_ms)
{
    static const uint8_t other[] = {0xAA, 0xBB, 0xCC, 0xDD, 0x90, 0, 1, 0};
    uint8_t report[CTAPHID_REPORT_SIZE] = {0};
    memcpy(report, other, sizeof(other));
    put(peer, report, sizeof(report), 0xAABBCCDD, ready_ms);
}

static enum peer_fault take_fault(struct hid_peer *peer)
{
    if (peer->faults == 0)
        return PEER_SOUND;
    peer->faults--;
    return peer->fault;
}

static void say_packets(struct hid_peer *peer, uint32_t channel, uint8_t command,
                        const uint8_t *data, size_t size, uint64_t ready_ms,
                        enum peer_fault fault)
{
    uint8_t report[PEER_REPORT_MAX] = {0};
    size_t packets = ctaphid_packets(size);
    for (size_t i = 0; i < packets; i++) {
        bool odd = i == (packets > 1 ? 1 : 0);
        size_t length = CTAPHID_REPORT_SIZE;
        ctaphid_build(channel, (enum ctaphid_command)command, data, size, i, report);
        if (fault == PEER_SKIPS && odd)
            continue;
        if (fault == PEER_SHORT_REPORT && odd)
            length--;
        if (fault == PEER_LONG_REPORT && odd)
            length = 80;
        if (fault == PEER_FOREIGN)
            say_foreign(peer, ready_ms);
        put(peer, report, length, channel, ready_ms);
        if (fault == PEER_STARTS_TWICE && i == 0)
            put(peer, report, length, channel, ready_ms);
    }
}

/* The answer to the message that came, at that time. */
static void say(struct hid_peer *peer, uint8_t command, const uint8_t *data, size_t size,
                uint64_t ready_ms)
{
    uint8_t report[CTAPHID_REPORT_SIZE] = {0};
    enum peer_fault fault = take_fault(peer);
    switch (fault) {
    case PEER_SILENT:
        return;
    case PEER_EMPTY_LENGTH:
        ctaphid_build(peer->channel, (enum ctaphid_command)command, NULL, 0, 0, report);
        report[5] = report[6] = 0xFF;
        put(peer, report, sizeof(report), peer->channel, ready_ms);
        return;
    case PEER_OTHER_ANSWER:
        command = CTAPHID_WINK;
        break;
    case PEER_FLOOD:
        for (uint64_t ms = 0; ms < 12000; ms += KEEPALIVE_MS)
            say_foreign(peer, ready_ms + ms);
        return;
    case PEER_NO_STATUS:
        size = 0;
        break;
    case PEER_BAD_KEEPALIVE:
        command = CTAPHID_KEEPALIVE;
        size = 0;
        break;
    case PEER_SOUND:
    case PEER_SHORT_REPORT:
    case PEER_LONG_REPORT:
    case PEER_SKIPS:
    case PEER_STARTS_TWICE:
    case PEER_FOREIGN:
        break;
    }
    say_packets(peer, peer->channel, command, data, size, ready_ms, fault);
}

/* While a person is waited for. */
static uint64_t say_keepalives(struct hid_peer *peer)
{
    uint64_t now_ms = os_now_ms();
    uint8_t status = CTAPHID_PROCESSING;
    for (uint32_t ms = KEEPALIVE_MS; ms < peer->touch_ms; ms += KEEPALIVE_MS) {
        say_packets(peer, peer->channel, CTAPHID_KEEPALIVE, &status, 1, now_ms + ms,
                    PEER_SOUND);
        status = CTAPHID_TOUCH_NEEDED;
    }
    return now_ms + peer->touch_ms;
}

static void run_u2f(struct hid_peer *peer)
{
    static const uint8_t version[] = "U2F_V2\x90", untouched[] = {0x69, 0x85},
                         unknown[] = {0x6D, 0x00};
    uint8_t registered[REGISTERED_SIZE + 2];
    uint64_t now_ms = os_now_ms();
    for (size_t i = 0; i < sizeof(registered); i++)
        registered[i] = (uint8_t)i;
    registered[REGISTERED_SIZE] = 0x90;
    registered[REGISTERED_SIZE + 1] = 0x00;
    CHECK(peer->size >= 7 && peer->message[4] == 0); /* extended lengths */
    switch (peer->message[1]) {
    case 0x01:
        now_ms = peer->touch_ms > 0 ? say_keepalives(peer) : now_ms;
        say(peer, CTAPHID_MSG, registered, sizeof(registered), now_ms);
        break;
    case 0x02:
        say(peer, CTAPHID_MSG, untouched, 2, now_ms);
        break;
    case 0x03:
        say(peer, CTAPHID_MSG, version, sizeof(version), now_ms);
        break;
    default:
        say(peer, CTAPHID_MSG, unknown, 2, now_ms);
    }
}

static void run_ctap(struct hid_peer *peer)
{
    static const uint8_t info[] = {0x00, 0xA1, 0x01, 0x81, 0x68, 'F', 'I',
                                   'D',  'O',  '_',  '2',  '_',  '0'};
    static const uint8_t made[] = {0x00, 0xA0}, unknown[] = {0x01};
    uint8_t blobs[CTAPHID_MESSAGE_MAX] = {0x00};
    switch (peer->message[0]) {
    case 0x01:
        peer->works = true;
        say(peer, CTAPHID_CBOR, made, sizeof(made), say_keepalives(peer));
        break;
    case 0x04:
        say(peer, CTAPHID_CBOR, info, sizeof(info), os_now_ms());
        break;
    case 0x0C:
        for (size_t i = 1; i < peer->answer_size; i++)
            blobs[i] = (uint8_t)(i * 7);
        say(peer, CTAPHID_CBOR, blobs, peer->answer_size, os_now_ms());
        break;
    default:
        say(peer, CTAPHID_CBOR, unknown, 1, os_now_ms());
    }
}

static void say_error(struct hid_peer *peer, uint32_t channel, uint8_t error)
{
    say_packets(peer, channel, CTAPHID_ERROR, &error, 1, os_now_ms(), PEER_SOUND);
}

static void run_message(struct hid_peer *peer)
{
    memcpy(peer->last, peer->message, peer->size);
    peer->last_size = peer->size;
    peer->messages++;
    if (peer->errors > 0) {
        peer->errors--;
        say_error(peer, peer->channel, peer->error);
    } else if (peer->command == CTAPHID_PING) {
        say(peer, CTAPHID_PING, peer->message, peer->size, os_now_ms());
    } else if (peer->command == CTAPHID_WINK) {
        peer->winks++;
        say(peer, CTAPHID_WINK, NULL, 0, os_now_ms());
    } else if (peer->command == CTAPHID_LOCK && peer->size == 1) {
        peer->locked_channel = peer->message[0] > 0 ? peer->channel : 0;
        say(peer, CTAPHID_LOCK, NULL, 0, os_now_ms());
    } else if (peer->command == CTAPHID_MSG && peer->kind != PEER_FIDO2_ALONE) {
        run_u2f(peer);
    } else if (peer->command == CTAPHID_CBOR && peer->kind != PEER_U2F) {
        run_ctap(peer);
    } else {
        say_error(peer, peer->channel, CTAPHID_ERR_COMMAND);
    }
}

static void run_init(struct hid_peer *peer, uint32_t channel, const uint8_t *nonce)
{
    uint8_t reply[17] = {0};
    uint32_t given = channel == CTAPHID_BROADCAST ? peer->next_channel++ : channel;
    peer->inits++;
    if (peer->init_errors > 0) {
        peer->init_errors--;
        say_error(peer, channel, CTAPHID_ERR_BUSY);
        return;
    }
    peer->channels += channel == CTAPHID_BROADCAST ? 1 : 0;
    forget(peer, channel);
    if (channel == peer->channel)
        peer->comes = peer->works = false;
    memcpy(reply, nonce, 8);
    for (int i = 0; i < 4; i++)
        reply[8 + i] = (uint8_t)(given >> (24 - 8 * i));
    reply[12] = 2;
    reply[16] = CTAPHID_CAN_WINK | (peer->kind != PEER_U2F ? CTAPHID_CAN_CBOR : 0)
                | (peer->kind == PEER_FIDO2_ALONE ? CTAPHID_NO_MSG : 0);
    enum peer_fault fault = take_fault(peer);
    if (fault != PEER_SILENT)
        say_packets(peer, channel, CTAPHID_INIT, reply, sizeof(reply), os_now_ms(),
                    fault);
}

static void cancel(struct hid_peer *peer, uint32_t channel)
{
    static const uint8_t cancelled = 0x2D;
    peer->cancels++;
    if (!peer->works || channel != peer->channel)
        return;
    forget(peer, channel);
    peer->works = false;
    say(peer, CTAPHID_CBOR, &cancelled, 1, os_now_ms());
}

static void take_part(struct hid_peer *peer, const uint8_t *bytes, size_t there)
{
    size_t part = peer->size - peer->taken;
    part = part < there ? part : there;
    memcpy(peer->message + peer->taken, bytes, part);
    peer->taken += part;
    if (peer->taken < peer->size)
        return;
    peer->comes = false;
    run_message(peer);
}

static void take_ctaphid(struct hid_peer *peer, const uint8_t *report)
{
    uint32_t channel = (uint32_t)report[0] << 24 | (uint32_t)report[1] << 16
                       | (uint32_t)report[2] << 8 | report[3];
    uint8_t command = report[4] & 0x7F;
    if ((report[4] & 0x80) == 0) {
        CHECK(peer->comes && channel == peer->channel && report[4] == peer->next);
        peer->next++;
        take_part(peer, report + 5, CTAPHID_NEXT_MAX);
    } else if (command == CTAPHID_INIT) {
        run_init(peer, channel, report + 7);
    } else if (command == CTAPHID_CANCEL) {
        cancel(peer, channel);
    } else if (peer->comes
               || (peer->locked_channel != 0 && peer->locked_channel != channel)) {
        say_error(peer, channel, CTAPHID_ERR_BUSY);
    } else {
        peer->channel = channel;
        peer->command = command;
        peer->size = (size_t)report[5] << 8 | report[6];
        peer->taken = peer->next = 0;
        peer->comes = true;
        peer->works = false;
        take_part(peer, report + 7, CTAPHID_FIRST_MAX);
    }
}

/* --- Ledger ------------------------------------------------------------------------- */

static void answer_ledger(struct hid_peer *peer)
{
    uint8_t report[LEDGER_REPORT_SIZE] = {1, 1, 5};
    size_t size = peer->answer_size + 2, at = 0;
    enum peer_fault fault = take_fault(peer);
    for (unsigned i = 0; at < size && fault != PEER_SILENT; i++) {
        size_t start = i == 0 ? 7 : 5;
        memset(report, 0, sizeof(report));
        report[0] = report[1] = 1;
        report[2] = fault == PEER_OTHER_ANSWER ? 6 : 5;
        report[3] = (uint8_t)(i >> 8);
        report[4] = (uint8_t)(i + (fault == PEER_SKIPS ? 1 : 0));
        report[5] = (uint8_t)(size >> 8);
        report[6] = (uint8_t)size;
        if (fault == PEER_NO_STATUS)
            report[5] = report[6] = 0;
        for (size_t n = start; n < sizeof(report) && at < size; n++, at++)
            report[n] = at < size - 2 ? (uint8_t)at : at == size - 2 ? 0x90 : 0;
        if (fault == PEER_FOREIGN)
            say_foreign(peer, os_now_ms() + peer->answer_ms);
        put(peer, report, fault == PEER_SHORT_REPORT ? 63 : 64, 1,
            os_now_ms() + peer->answer_ms);
    }
}

static void take_ledger(struct hid_peer *peer, const uint8_t *report)
{
    size_t start = 5;
    CHECK(report[0] == 1 && report[1] == 1 && report[2] == 5);
    if (report[4] == 0) {
        peer->size = (size_t)report[5] << 8 | report[6];
        peer->taken = 0;
        start = 7;
    }
    size_t part = peer->size - peer->taken;
    part = part < 64 - start ? part : 64 - start;
    memcpy(peer->message + peer->taken, report + start, part);
    peer->taken += part;
    if (peer->taken < peer->size)
        return;
    memcpy(peer->last, peer->message, peer->size);
    peer->last_size = peer->size;
    peer->messages++;
    answer_ledger(peer);
}

/* --- The bus ------------------------------------------------------------------------ */

static enum sc_error peer_begin(void)
{
    return library_missing ? SC_E_READER_UNAVAILABLE : SC_OK;
}

static void peer_list(hid_take_found *take, void *context)
{
    struct hid_found found[PEERS_MAX];
    size_t count = 0;
    hid_peer_lock();
    for (uint32_t i = 0; i < peer_count; i++)
        if (peers[i].present)
            found[count++] = peers[i].found;
    hid_peer_unlock();
    for (size_t i = 0; i < count; i++) {
        struct hid_found other = found[i];
        other.usage_page = 0x0001; /* another collection of the same device */
        take(context, &other);
        take(context, &found[i]);
        take(context, &found[i]);
    }
}

static enum sc_error peer_open(const char *path, struct hid_device **device)
{
    enum sc_error error = SC_E_NO_ACCESS;
    hid_peer_lock();
    for (uint32_t i = 0; i < peer_count; i++) {
        struct hid_peer *peer = &peers[i];
        if (!peer->present || peer->locked_away || strcmp(peer->found.path, path) != 0)
            continue;
        for (size_t n = 0; n < PEER_HANDLES_MAX && error != SC_OK; n++) {
            struct peer_queue *queue = &peer->queues[n];
            if (queue->open)
                continue;
            queue->peer = peer;
            queue->open = true;
            queue->count = 0;
            peer->opens++;
            *device = (struct hid_device *)queue;
            error = SC_OK;
        }
    }
    hid_peer_unlock();
    return error;
}

static void peer_close(struct hid_device *device)
{
    struct peer_queue *queue = (struct peer_queue *)device;
    hid_peer_lock();
    CHECK(queue->open);
    queue->open = false;
    queue->peer->closes++;
    hid_peer_unlock();
}

static enum sc_error peer_write(struct hid_device *device,
                                const uint8_t report[HID_REPORT_MAX])
{
    struct hid_peer *peer = ((struct peer_queue *)device)->peer;
    enum sc_error error = SC_E_READER_UNAVAILABLE;
    hid_peer_lock();
    if (peer->present) {
        if (peer->kind == PEER_LEDGER)
            take_ledger(peer, report);
        else
            take_ctaphid(peer, report);
        error = SC_OK;
    }
    hid_peer_unlock();
    return error;
}

/* The first report that is ready, or NULL. */
static struct peer_report *find_report(struct peer_queue *queue, uint64_t *next_ms)
{
    struct peer_report *report = &queue->reports[queue->first];
    if (queue->count == 0)
        return NULL;
    if (report->ready_ms <= os_now_ms())
        return report;
    *next_ms = report->ready_ms < *next_ms ? report->ready_ms : *next_ms;
    return NULL;
}

static enum sc_error peer_read(struct hid_device *device, uint8_t *bytes, size_t room,
                               int ms, size_t *size)
{
    struct peer_queue *queue = (struct peer_queue *)device;
    struct hid_peer *peer = queue->peer;
    uint64_t until_ms = os_now_ms() + (uint64_t)ms;
    struct peer_report *report = NULL;
    *size = 0;
    hid_peer_lock();
    CHECK(queue->open);
    while (peer->present) {
        uint64_t next_ms = until_ms;
        report = find_report(queue, &next_ms);
        if (report != NULL || os_now_ms() >= until_ms)
            break;
        os_cond_wait(&changed, &lock, next_ms);
    }
    if (report != NULL && peer->present) {
        *size = report->size < room ? report->size : room;
        memcpy(bytes, report->bytes, *size);
        queue->first = (queue->first + 1) % PEER_QUEUE_MAX;
        queue->count--;
        if (peer->pull_after > 0 && --peer->pull_after == 0)
            peer->present = false;
    }
    enum sc_error error = peer->present || *size > 0 ? SC_OK : SC_E_READER_UNAVAILABLE;
    hid_peer_unlock();
    return error;
}

const struct hid_bus hid_peer_bus = {.begin = peer_begin,
                                     .list = peer_list,
                                     .open = peer_open,
                                     .close = peer_close,
                                     .write = peer_write,
                                     .read = peer_read};
