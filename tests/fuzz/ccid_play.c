/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/fuzz/ccid_play.h"

#include "os/time.h"
#include "tests/fuzz/property.h"

enum { COMMAND_MAX = 65536 + 9, MISUSE_EVERY = 16 };

#define CODE(function) (0x00310000U | (uint32_t)(function) << 2)

static const uint32_t codes[] = {CODE(3400),  0x42000001,  CODE(3500),  CODE(0xF06),
                                 CODE(0xF07), CODE(0xF08), CODE(0xF0A), CODE(0xF11),
                                 CODE(0xF12), CODE(0xF13), CODE(7),     0xFFFFFFFF};

static const uint8_t verify[] = {30, 0, 0x82, 8,    0,    8,    4,    2,    1,    9,    4,
                                 0,  0, 0,    0,    13,   0,    0,    0,    0,    0x20, 0,
                                 1,  8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
static const uint8_t modify[] = {30,   0,    0x82, 8,    0,    0,    8,    8,    4,
                                 3,    2,    3,    9,    4,    0,    1,    2,    0,
                                 0,    0,    21,   0,    0,    0,    0,    0x24, 0,
                                 1,    16,   0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

/* --- The host ----------------------------------------------------------------------- */

static enum sc_error on_arrived(struct driver_host *port, const struct reader_info *info,
                                void *reader, uint32_t *id)
{
    struct play_host *host = (struct play_host *)(void *)port;
    (void)reader;
    host->told[info->slot] = (struct play_told){.shown = info->card_present};
    *id = info->slot;
    return SC_OK;
}

static void on_gone(struct driver_host *port, uint32_t id)
{
    struct play_host *host = (struct play_host *)(void *)port;
    kit_reader_close(&host->iface->slots[id].kit);
}

/* It hears of each change once: the events of a slot alternate. */
static void on_card_event(struct driver_host *port, uint32_t id, enum card_event event)
{
    struct play_host *host = (struct play_host *)(void *)port;
    struct play_told *told = &host->told[id];
    PROPERTY(told->shown == (event != CARD_INSERTED));
    told->shown = event != CARD_REMOVED;
    told->events++;
}

static uint64_t look(void *context)
{
    (void)context; /* whoever plays looks */
    return OS_FOREVER;
}

static void destroy(struct kit_instance *instance)
{
    (void)instance; /* whoever plays has its memory */
}

bool ccid_play_open(struct play_host *host, struct ccid_interface *iface)
{
    host->port = (struct driver_host){.reader_arrived = on_arrived,
                                      .reader_gone = on_gone,
                                      .card_event = on_card_event};
    host->iface = iface;
    kit_instance_init(&host->kit, &host->port, destroy, "play", look);
    ccid_interface_init(iface, &host->kit);
    if (ccid_interface_open(iface) != SC_OK) {
        kit_instance_stop(&host->kit);
        return false;
    }
    for (uint32_t i = 0; i < iface->descriptor.slot_count; i++) {
        struct reader_info info = {.slot = i};
        PROPERTY(kit_reader_arrive(&iface->slots[i].kit, &info) == SC_OK);
    }
    return true;
}

void ccid_play_close(struct play_host *host)
{
    for (uint32_t i = 0; i < host->iface->descriptor.slot_count; i++)
        kit_reader_leave(&host->iface->slots[i].kit);
    ccid_interface_close(host->iface);
    kit_instance_stop(&host->kit);
}

/* --- Jobs --------------------------------------------------------------------------- */

static uint32_t sum; /* of what came, so that a sanitizer sees each byte used */

/* Of the one job that runs. */
static struct os_stop stop = OS_STOP_INIT;
static const struct ccid_slot *stopped; /* its slot; NULL: there is none */

static struct driver_job begin(const struct ccid_slot *slot)
{
    stopped = slot;
    return (struct driver_job){.deadline_ms = os_now_ms() + PLAY_DEADLINE_MS,
                               .stop = &stop};
}

static void end(void)
{
    stopped = NULL;
    os_stop_lower(&stop);
}

void ccid_play_stop(const struct ccid_slot *slot)
{
    if (stopped == slot)
        os_stop_raise(&stop);
}

static void check(const struct transfer *t, enum sc_error error)
{
    PROPERTY(t->out_size <= t->out_room);
    PROPERTY(error == SC_OK || t->out_size == 0);
    for (size_t i = 0; i < t->out_size; i++)
        sum = sum * 31 + t->out[i];
}

static enum sc_error carry(struct ccid_slot *slot, uint32_t protocol,
                           const uint8_t *bytes, size_t size, size_t room)
{
    uint8_t *in = property_copy(bytes, size), *out = property_room(room);
    struct transfer t = {
        .in = in, .in_size = size, .out = out, .out_room = room, .job = begin(slot)};
    enum sc_error error = ccid_slot_transmit(slot, protocol, &t);
    end();
    check(&t, error);
    if (error == SC_OK && protocol != PROTOCOL_RAW)
        PROPERTY(t.out_size >= 2);
    free(out);
    free(in);
    return error;
}

static enum sc_error control(struct ccid_slot *slot, uint32_t code, const uint8_t *bytes,
                             size_t size, size_t room)
{
    uint8_t *in = property_copy(bytes, size), *out = property_room(room);
    struct transfer t = {
        .in = in, .in_size = size, .out = out, .out_room = room, .job = begin(slot)};
    enum sc_error error = ccid_slot_control(slot, code, &t);
    end();
    check(&t, error);
    free(out);
    free(in);
    return error;
}

static enum sc_error echo(struct ccid_slot *slot, uint16_t size)
{
    uint8_t *command = property_room(COMMAND_MAX);
    size_t at = 4;
    memcpy(command, "\x80\xE1\0\0", 4);
    if (size > 255) {
        command[at++] = 0;
        command[at++] = (uint8_t)(size >> 8);
    }
    if (size > 0)
        command[at++] = (uint8_t)size;
    for (size_t i = 0; i < size; i++)
        command[at++] = (uint8_t)(7 * i);
    if (size > 0)
        command[at++] = 0;
    if (size > 255)
        command[at++] = 0;
    enum sc_error error = carry(slot, slot->card.protocol, command, at, 65538);
    free(command);
    return error;
}

static void attributes(struct ccid_slot *slot)
{
    for (uint32_t i = 0; i < 10 * 0x100; i++) {
        uint32_t low = i & 0xFF;
        uint32_t id = i / 0x100 << 16 | (low < 0x80 ? 0x100 + low : 0x180 + low);
        uint8_t *out = property_room(i % 5);
        struct transfer t = {.job = begin(slot), .out = out, .out_room = i % 5};
        enum sc_error error = ccid_slot_get_attribute(slot, id, &t);
        end();
        check(&t, error);
        free(out);
    }
}

static enum sc_error power(struct ccid_slot *slot, struct play_told *told,
                           enum power_action action)
{
    uint32_t before = told->events;
    uint8_t *atr = property_room(DRIVER_ATR_MAX);
    size_t size = 99;
    struct driver_job job = begin(slot);
    enum sc_error error = ccid_slot_power(slot, action, &job, atr, &size);
    end();
    bool some = error == SC_OK && action != POWER_OFF;
    PROPERTY(some ? size >= 2 && size <= DRIVER_ATR_MAX : size == 0);
    for (size_t i = 0; i < size; i++)
        sum = sum * 31 + atr[i];
    free(atr);
    told->powered = some;
    told->powered_at = before;
    return error;
}

static enum sc_error set_protocol(struct ccid_slot *slot, struct play_told *told,
                                  uint32_t protocol)
{
    struct driver_job job = begin(slot);
    enum sc_error error = ccid_slot_set_protocol(slot, protocol, &job);
    end();
    if (error != SC_OK && error != SC_W_REMOVED_CARD && error != SC_E_NO_SMARTCARD)
        told->powered = false; /* driver.h: now the host resets the card first */
    PROPERTY(error != SC_OK || slot->card.protocol == protocol);
    return error;
}

static enum sc_error transmit(struct ccid_slot *slot, uint8_t kind, uint16_t word)
{
    static const uint8_t pseudo[] = {0xFF, 0xCA, 0, 0, 0};
    const uint8_t count[] = {0x80, 0xE0, (uint8_t)(word >> 8), (uint8_t)word, 0};
    /* In the wrong protocol now and then. */
    uint32_t protocol =
        word % MISUSE_EVERY == 9 ? 3 - slot->card.protocol : slot->card.protocol;
    switch (kind) {
    case PLAY_ECHO:
        return echo(slot, word);
    case PLAY_COUNT:
        return carry(slot, protocol, count, sizeof(count), 65538);
    case PLAY_RAW:
        return carry(slot, PROTOCOL_RAW, verify, word % sizeof(verify), word % 600);
    case PLAY_PSEUDO:
        return carry(slot, slot->card.protocol, pseudo, sizeof(pseudo), 258);
    default: /* PLAY_SMALL */
        return carry(slot, slot->card.protocol, count, sizeof(count), word & 0xFF);
    }
}

static enum sc_error play(struct ccid_slot *slot, struct play_told *told, uint8_t kind,
                          uint16_t word)
{
    switch (kind % PLAY_KINDS) {
    case PLAY_NOTHING:
        return SC_OK;
    case PLAY_COLD:
    case PLAY_WARM:
    case PLAY_OFF:
        return power(slot, told,
                     kind % PLAY_KINDS == PLAY_COLD   ? POWER_COLD_RESET
                     : kind % PLAY_KINDS == PLAY_WARM ? POWER_WARM_RESET
                                                      : POWER_OFF);
    case PLAY_T0:
    case PLAY_T1:
        return set_protocol(slot, told,
                            kind % PLAY_KINDS == PLAY_T0 ? PROTOCOL_T0 : PROTOCOL_T1);
    case PLAY_CONTROL:
        return control(slot, codes[word % (sizeof(codes) / sizeof(codes[0]))], verify,
                       word >> 8 & 0x1F, (word & 0x80) != 0 ? 10 : 300);
    case PLAY_VERIFY:
        return control(slot, CODE(0xF06), verify, sizeof(verify),
                       (word & 1) != 0 ? 1 : 300);
    case PLAY_MODIFY:
        return control(slot, CODE(0xF07), modify, sizeof(modify),
                       (word & 1) != 0 ? 1 : 300);
    case PLAY_ATTRIBUTES:
        attributes(slot);
        return SC_OK;
    case PLAY_POLL:
        if (ccid_slot_poll(slot) != SC_OK)
            sum++;
        return SC_OK;
    default:
        return transmit(slot, kind % PLAY_KINDS, word);
    }
}

void ccid_play(struct ccid_slot *slot, struct play_told *told, uint8_t kind,
               uint16_t word)
{
    uint32_t before = told->events;
    enum sc_error error = play(slot, told, kind, word);
    /* driver.h, rule 7 */
    PROPERTY(error != SC_E_NO_SMARTCARD || slot->kit.told % 2 == 0
             || told->events != before);
    PROPERTY(error != SC_W_REMOVED_CARD || !told->powered
             || told->events != told->powered_at);
}
