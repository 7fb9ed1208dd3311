/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the CCID driver's logic with a hostile device: everything that the bus gives
 * comes from the input. The clock is the harness's own (fuzz_os.c), so waiting takes no
 * time. Input: kind (and three times what the bus cannot do), quirks (4 bytes), flags,
 * class descriptor, number of operations (32 at most), each of them a slot and an
 * operation of ccid_play.h; then what the device does, an action at each request. With no
 * action left nothing comes, or the actions come again if the flags say so. */
#include "tests/fuzz/ccid_play.h"
#include "tests/fuzz/fuzz_os.h"
#include "tests/fuzz/property.h"

enum {
    FLAG_AGAIN = 1,
    FLAG_ESCAPE = 2,
    FLAG_WHOLE = 4,
    FLAG_NOTIFIES = 8,
    FLAG_GATE = 0x10,
    FLAG_PACKET = 0x60,
    FLAG_SHORT_TIME = 0x80,
    OPERATIONS_MAX = 32,
    NOTIFICATIONS_MAX = 4, /* before an action */
    ALL_OF_IT = CCID_BUS_CONTROL | CCID_BUS_HALT | CCID_BUS_RESET
};

/* What the device does at a request. */
enum {
    ACT_NOTHING, /* until the deadline */
    ACT_REPLY,   /* status, error, extra, size (word), data: as an answer to the last
                  * command of a slot: its low bits */
    ACT_BYTES,   /* size (word), data */
    ACT_PARTIAL, /* the same, and then nothing until the deadline */
    ACT_ERROR,   /* which one */
    ACT_ABORT,   /* the stop of the slot's job is raised */
    ACT_NOTIFY,  /* size (byte), bytes of an interrupt message; then the next action */
    ACT_SAME,    /* as ACT_REPLY, for the slot that sent last, done, with size (byte) */
    ACT_KINDS
};

/* Transport calls in one job: all that a deadline of PLAY_DEADLINE_MS leaves time for, at
 * STEP_MS each, and some for the recovery before it. */
enum { STEP_MS = 10, STEPS_MAX = 4000 };

struct hostile {
    struct ccid_transport transport;
    struct ccid_interface iface;
    struct ccid_gate gate;
    struct input input, actions;
    unsigned flags;
    uint8_t last[CCID_SLOTS_MAX][CCID_HEADER_SIZE]; /* headers of the last commands */
    uint32_t last_slot, steps;
    bool interrupted[CCID_SLOTS_MAX];
    bool gone, in_notify;
    struct play_host host;
};

static struct hostile *hostile_of(struct ccid_transport *transport)
{
    return (struct hostile *)(void *)transport;
}

static unsigned next_action(struct hostile *h)
{
    if (h->input.left == 0 && (h->flags & FLAG_AGAIN) != 0)
        h->input = h->actions;
    return h->input.left == 0 ? ACT_NOTHING : input_byte(&h->input);
}

static size_t give(struct hostile *h, size_t size, uint8_t *bytes, size_t room)
{
    size = size < room ? size : room;
    for (size_t i = 0; i < size; i++)
        bytes[i] = input_byte(&h->input);
    return size;
}

static size_t give_reply(struct hostile *h, uint32_t slot, bool same, uint8_t *bytes,
                         size_t room)
{
    uint8_t message[CCID_HEADER_SIZE] = {0};
    const uint8_t *command = h->last[slot];
    size_t size;
    message[0] = ccid_reply_type((enum ccid_type)command[0]);
    message[5] = command[5];
    message[6] = command[6];
    if (!same)
        for (size_t i = 7; i < 10; i++)
            message[i] = input_byte(&h->input);
    size = same ? input_byte(&h->input) : input_word(&h->input);
    message[1] = (uint8_t)size;
    message[2] = (uint8_t)(size >> 8);
    size_t start = room < sizeof(message) ? room : sizeof(message);
    memcpy(bytes, message, start);
    return start + give(h, size, bytes + start, room - start);
}

static enum sc_error some_error(struct hostile *h, unsigned which)
{
    static const enum sc_error errors[] = {SC_F_COMM_ERROR, SC_F_COMM_ERROR,
                                           SC_E_NO_MEMORY, SC_E_TIMEOUT,
                                           SC_E_READER_UNAVAILABLE};
    enum sc_error error = errors[which % 5];
    h->gone |= error == SC_E_READER_UNAVAILABLE;
    return error;
}

/* What comes before any of it. */
static enum sc_error begin(struct hostile *h, uint32_t slot)
{
    PROPERTY(h->steps++ < STEPS_MAX);
    fuzz_os_pass(STEP_MS);
    if (h->gone)
        return SC_E_READER_UNAVAILABLE;
    if (slot < CCID_SLOTS_MAX && h->interrupted[slot])
        return SC_E_CANCELLED;
    return SC_OK;
}

static void notify(struct hostile *h)
{
    size_t size = 0;
    size_t wanted = input_byte(&h->input) % 16;
    uint8_t *bytes = input_copy(&h->input, wanted, &size);
    ccid_interface_notify(&h->iface, bytes, size);
    free(bytes);
}

/* One action; *size is what came. */
static enum sc_error act(struct hostile *h, uint32_t slot, uint8_t *bytes, size_t room,
                         size_t *size, uint64_t deadline_ms)
{
    unsigned action = next_action(h);
    for (int i = 0; i < NOTIFICATIONS_MAX && action % ACT_KINDS == ACT_NOTIFY; i++) {
        notify(h);
        action = next_action(h);
    }
    *size = 0;
    switch (action % ACT_KINDS) {
    case ACT_REPLY:
        *size = give_reply(h, (action >> 4) % CCID_SLOTS_MAX, false, bytes, room);
        return SC_OK;
    case ACT_SAME:
        *size = give_reply(h, h->last_slot, true, bytes, room);
        return SC_OK;
    case ACT_BYTES:
        *size = give(h, input_word(&h->input), bytes, room);
        return SC_OK;
    case ACT_ERROR:
        *size = (action & 0x80) != 0 ? give(h, action >> 4 & 7, bytes, room) : 0;
        return some_error(h, input_byte(&h->input));
    case ACT_ABORT:
        ccid_play_stop(&h->iface.slots[slot % h->iface.descriptor.slot_count]);
        return h->interrupted[slot] ? SC_E_CANCELLED : SC_OK;
    case ACT_PARTIAL:
        *size = give(h, input_word(&h->input), bytes, room);
        break;
    default:
        break;
    }
    fuzz_os_until(deadline_ms);
    return SC_E_TIMEOUT;
}

/* --- The transport ------------------------------------------------------------------ */

static enum sc_error hostile_send(struct ccid_transport *transport, uint32_t slot,
                                  const uint8_t *bytes, size_t size, uint64_t deadline_ms)
{
    struct hostile *h = hostile_of(transport);
    enum sc_error error = begin(h, slot);
    PROPERTY(slot < h->iface.descriptor.slot_count);
    PROPERTY(size >= CCID_HEADER_SIZE && ccid_message_size(bytes) == size);
    PROPERTY(size <= h->iface.link.message_max && bytes[5] == slot);
    PROPERTY(ccid_reply_type((enum ccid_type)bytes[0]) != 0);
    memcpy(h->last[slot], bytes, CCID_HEADER_SIZE);
    h->last_slot = slot;
    if (error != SC_OK || (h->flags & FLAG_SHORT_TIME) == 0)
        return error;
    /* Sending may fail as well. */
    unsigned action = next_action(h);
    if (action % ACT_KINDS == ACT_ERROR)
        return some_error(h, input_byte(&h->input));
    if (action != 0xFF)
        return SC_OK;
    fuzz_os_until(deadline_ms);
    return SC_E_TIMEOUT;
}

static enum sc_error hostile_receive(struct ccid_transport *transport, uint32_t slot,
                                     uint8_t *bytes, size_t room, size_t *size,
                                     uint64_t deadline_ms)
{
    struct hostile *h = hostile_of(transport);
    enum sc_error error = begin(h, slot);
    PROPERTY(room > 0 && room % transport->packet_size == 0);
    *size = 0;
    return error != SC_OK ? error : act(h, slot, bytes, room, size, deadline_ms);
}

static enum sc_error hostile_control(struct ccid_transport *transport, uint32_t slot,
                                     struct ccid_control *control, uint64_t deadline_ms)
{
    struct hostile *h = hostile_of(transport);
    enum sc_error error = begin(h, slot);
    uint32_t sum = 0;
    bool in = (control->type & 0x80) != 0;
    PROPERTY((control->size == 0) == (control->bytes == NULL));
    PROPERTY(h->iface.kind != CCID_KIND_BULK
             || (transport->capabilities & CCID_BUS_CONTROL) != 0);
    for (size_t i = 0; !in && i < control->size; i++)
        sum += control->bytes[i];
    PROPERTY(sum <= 255U * control->size);
    control->done = 0;
    if (error != SC_OK)
        return error;
    size_t size = 0;
    uint8_t none[1];
    error = act(h, slot, in && control->size != 0 ? control->bytes : none,
                in ? control->size : 0, &size, deadline_ms);
    control->done = (uint16_t)(in ? size : control->size);
    return error;
}

static void hostile_interrupt(struct ccid_transport *transport, uint32_t slot)
{
    hostile_of(transport)->interrupted[slot] = true;
}

static void hostile_resume(struct ccid_transport *transport, uint32_t slot)
{
    hostile_of(transport)->interrupted[slot] = false;
}

static enum sc_error plain_action(struct ccid_transport *transport, uint32_t capability)
{
    struct hostile *h = hostile_of(transport);
    PROPERTY((transport->capabilities & capability) != 0);
    enum sc_error error = begin(h, CCID_SLOTS_MAX);
    if (error == SC_OK && next_action(h) % ACT_KINDS == ACT_ERROR)
        error = some_error(h, input_byte(&h->input));
    return error;
}

static enum sc_error hostile_clear_halt(struct ccid_transport *transport)
{
    return plain_action(transport, CCID_BUS_HALT);
}

static enum sc_error hostile_reset(struct ccid_transport *transport)
{
    enum sc_error error = plain_action(transport, CCID_BUS_RESET);
    hostile_of(transport)->gone |= error != SC_OK;
    return error;
}

/* --- Play --------------------------------------------------------------------------- */

static bool set_up(struct hostile *h, struct input *input)
{
    static const size_t packets[] = {64, 8, 512, 1};
    uint8_t descriptor[CCID_DESCRIPTOR_SIZE];
    struct ccid_interface *iface = &h->iface;
    unsigned kind = input_byte(input);
    iface->kind = (enum ccid_kind)(kind % 3);
    for (int i = 0; i < 4; i++)
        iface->quirks = iface->quirks << 8 | input_byte(input);
    h->flags = input_byte(input);
    for (size_t i = 0; i < sizeof(descriptor); i++)
        descriptor[i] = input_byte(input);
    if (!ccid_descriptor_parse(descriptor, &iface->descriptor))
        return false;
    h->transport =
        (struct ccid_transport){.capabilities = ALL_OF_IT & ~(kind / 3),
                                .send = hostile_send,
                                .receive = hostile_receive,
                                .control = hostile_control,
                                .interrupt = hostile_interrupt,
                                .resume = hostile_resume,
                                .clear_halt = hostile_clear_halt,
                                .reset = hostile_reset,
                                .packet_size = packets[(h->flags & FLAG_PACKET) >> 5]};
    iface->transport = &h->transport;
    iface->settings = (struct ccid_settings){.voltages = {1, 2, 3},
                                             .escape = (h->flags & FLAG_ESCAPE) != 0,
                                             .whole_apdus = (h->flags & FLAG_WHOLE) != 0,
                                             .apdu_timeout_ms = 5000};
    iface->notifies = (h->flags & FLAG_NOTIFIES) != 0 ? 1 : 0;
    iface->gate = (h->flags & FLAG_GATE) != 0 ? &h->gate : NULL;
    return true;
}

/* As the bus driver does. */
static void look_after(struct hostile *h)
{
    for (uint32_t i = 0; i < h->iface.descriptor.slot_count; i++) {
        if (ccid_slot_is_doubtful(&h->iface.slots[i]))
            ccid_play(&h->iface.slots[i], &h->host.told[i], PLAY_POLL, 0);
    }
}

static void run(struct hostile *h, struct input *operations, unsigned count)
{
    uint32_t slots = h->iface.descriptor.slot_count;
    for (unsigned i = 0; i < count; i++) {
        uint8_t slot = input_byte(operations), kind = input_byte(operations);
        uint16_t word = (uint16_t)input_word(operations);
        h->steps = 0;
        ccid_play(&h->iface.slots[slot % slots], &h->host.told[slot % slots], kind, word);
        PROPERTY(!h->interrupted[slot % slots]);
        look_after(h);
    }
}

static void play(struct hostile *h, struct input input)
{
    if (!set_up(h, &input))
        return;
    unsigned count = input_byte(&input) % (OPERATIONS_MAX + 1);
    size_t size = 0;
    uint8_t *bytes = input_copy(&input, 4 * (size_t)count, &size);
    struct input operations = {bytes, size};
    h->input = h->actions = input;
    if (ccid_play_open(&h->host, &h->iface)) {
        run(h, &operations, count);
        ccid_play_close(&h->host);
    }
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hostile *h = calloc(1, sizeof(*h));
    struct input input = {data, size};
    if (h == NULL)
        abort();
    fuzz_os_begin();
    play(h, input);
    free(h);
    return 0;
}
