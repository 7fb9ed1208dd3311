/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the logic of hid: with a hostile token: every report that comes is from the input.
 * The clock is the harness's own (fuzz_os.c), so waiting takes no time. Input: flags, number
 * of operations (24 at most), each of them a job of the driver; then what the token does, an
 * action at each read. With no action left nothing comes, or the actions come again if the
 * flags say so. */
#include "drivers/hid/token.h"
#include "os/random.h"
#include "os/time.h"
#include "tests/fuzz/fuzz_os.h"
#include "tests/fuzz/property.h"

enum { FLAG_LEDGER = 1, FLAG_ALL = 2, FLAG_AGAIN = 4, FLAG_SMALL_ROOM = 8 };

enum {
    OP_COLD,
    OP_WARM,
    OP_OFF,
    OP_PROTOCOL,
    OP_TRANSMIT, /* size (word), bytes */
    OP_FILLED,   /* header (4 bytes), size (word): extended, with that many zeros */
    OP_CONTROL,  /* which code, size (word), bytes */
    OP_STOP,     /* the next job begins with its stop raised */
    OP_KINDS
};

/* What a read gives. */
enum {
    ACT_NOTHING, /* until its time is over */
    ACT_REPORT,  /* size (byte), bytes */
    ACT_FIRST, /* command (0: that of the last message), size (word), up to 57 bytes; on the
                  * channel of the last message */
    ACT_NEXT,  /* the packets that follow, as many as the byte says, without more bytes */
    ACT_INIT,  /* the answer to INIT: capabilities (byte) */
    ACT_WAITS, /* a KEEPALIVE: status (byte) */
    ACT_GONE,
    ACT_STOP, /* the stop of the job is raised */
    ACT_PART, /* a packet of Ledger's: number (word), size (byte), bytes */
    ACT_KINDS
};

enum {
    OPERATIONS_MAX = 24,
    STEP_MS = 10,
    DEADLINE_MS = 20000,
    /* Reads in one job: what the deadline leaves time for, and what is there at once, each
     * time that a busy token is asked again. */
    STEPS_MAX =
        DEADLINE_MS / STEP_MS + (DEADLINE_MS / HID_BUSY_MS + 4) * 2 * HID_DRAIN_MAX,
    LATE_MS = 200, /* what a job may end after its deadline */
    CHANNEL = 0x0A0B0C0D,
    ROOM = 70000
};

struct hostile {
    struct kit_instance kit;
    struct driver_host port;
    struct hid_settings settings;
    struct hid_token token;
    struct os_stop stop;
    struct input input, actions;
    unsigned flags;
    uint32_t steps;
    bool open, gone, gone_to_host;
    uint8_t last[CTAPHID_REPORT_SIZE]; /* the last first packet that was written */
    uint8_t next;
    uint32_t following; /* packets that are still to come of ACT_NEXT */
};

static struct hostile hostile;
static uint8_t out[ROOM];

/* --- The token ---------------------------------------------------------------------- */

static size_t put_first(struct hostile *h, uint8_t *report)
{
    uint8_t command = input_byte(&h->input);
    size_t size = input_word(&h->input);
    memset(report, 0, CTAPHID_REPORT_SIZE);
    memcpy(report, h->last, 5);
    if (command != 0)
        report[4] = command;
    report[5] = (uint8_t)(size >> 8);
    report[6] = (uint8_t)size;
    for (size_t i = 0; i < CTAPHID_FIRST_MAX && i < size; i++)
        report[7 + i] = input_byte(&h->input);
    h->next = 0;
    return CTAPHID_REPORT_SIZE;
}

static size_t put_next(struct hostile *h, uint8_t *report)
{
    memset(report, h->next, CTAPHID_REPORT_SIZE);
    memcpy(report, h->last, 4);
    report[4] = h->next++;
    return CTAPHID_REPORT_SIZE;
}

static size_t put_init(struct hostile *h, uint8_t *report)
{
    memset(report, 0, CTAPHID_REPORT_SIZE);
    memcpy(report, h->last, 5);
    report[6] = 17;
    memcpy(report + 7, h->last + 7, CTAPHID_NONCE_SIZE);
    for (int i = 0; i < 4; i++)
        report[15 + i] = (uint8_t)(CHANNEL >> (24 - 8 * i));
    report[19] = 2;
    report[23] = input_byte(&h->input);
    return CTAPHID_REPORT_SIZE;
}

static size_t put_waits(struct hostile *h, uint8_t *report)
{
    memset(report, 0, CTAPHID_REPORT_SIZE);
    memcpy(report, h->last, 4);
    report[4] = 0x80 | CTAPHID_KEEPALIVE;
    report[6] = 1;
    report[7] = input_byte(&h->input);
    return CTAPHID_REPORT_SIZE;
}

static size_t put_part(struct hostile *h, uint8_t *report)
{
    size_t number = input_word(&h->input);
    size_t size = input_byte(&h->input);
    memset(report, 0, LEDGER_REPORT_SIZE);
    report[0] = report[1] = 1;
    report[2] = 5;
    report[3] = (uint8_t)(number >> 8);
    report[4] = (uint8_t)number;
    for (size_t i = 0; i < size && i + 5 < LEDGER_REPORT_SIZE; i++)
        report[5 + i] = input_byte(&h->input);
    return LEDGER_REPORT_SIZE;
}

static size_t put_bytes(struct hostile *h, uint8_t *report, size_t room)
{
    size_t size = input_byte(&h->input);
    size = size < room ? size : room;
    for (size_t i = 0; i < size; i++)
        report[i] = input_byte(&h->input);
    return size;
}

static unsigned next_action(struct hostile *h)
{
    if (h->following > 0) {
        h->following--;
        return ACT_NEXT;
    }
    if (h->input.left == 0 && (h->flags & FLAG_AGAIN) != 0)
        h->input = h->actions;
    unsigned action =
        h->input.left == 0 ? ACT_NOTHING : input_byte(&h->input) % ACT_KINDS;
    if (action == ACT_NEXT)
        h->following = input_byte(&h->input);
    return action;
}

static enum sc_error hostile_read(struct hid_device *device, uint8_t *report, size_t room,
                                  int ms, size_t *size)
{
    struct hostile *h = (struct hostile *)device;
    PROPERTY(h->open && room >= CTAPHID_REPORT_SIZE);
    PROPERTY(h->steps++ < STEPS_MAX);
    *size = 0;
    fuzz_os_pass(ms > 0 ? STEP_MS : 0);
    if (h->gone)
        return SC_E_READER_UNAVAILABLE;
    switch (next_action(h)) {
    case ACT_REPORT:
        *size = put_bytes(h, report, room);
        break;
    case ACT_FIRST:
        *size = put_first(h, report);
        break;
    case ACT_NEXT:
        *size = put_next(h, report);
        break;
    case ACT_INIT:
        *size = put_init(h, report);
        break;
    case ACT_WAITS:
        *size = put_waits(h, report);
        break;
    case ACT_PART:
        *size = put_part(h, report);
        break;
    case ACT_GONE:
        h->gone = true;
        return SC_E_READER_UNAVAILABLE;
    case ACT_STOP:
        os_stop_raise(&h->stop);
        break;
    default:
        fuzz_os_pass((uint32_t)ms);
    }
    return SC_OK;
}

static enum sc_error hostile_write(struct hid_device *device,
                                   const uint8_t report[HID_REPORT_MAX])
{
    struct hostile *h = (struct hostile *)device;
    PROPERTY(h->open);
    fuzz_os_pass(1);
    if (h->gone)
        return SC_E_READER_UNAVAILABLE;
    if ((report[4] & 0x80) != 0 && report[4] != (0x80 | CTAPHID_CANCEL))
        memcpy(h->last, report, sizeof(h->last));
    return SC_OK;
}

static enum sc_error hostile_open(const char *path, struct hid_device **device)
{
    (void)path;
    PROPERTY(!hostile.open);
    if (hostile.gone)
        return SC_E_NO_ACCESS;
    hostile.open = true;
    *device = (struct hid_device *)&hostile;
    return SC_OK;
}

static void hostile_close(struct hid_device *device)
{
    struct hostile *h = (struct hostile *)device;
    PROPERTY(h->open);
    h->open = false;
}

static const struct hid_bus hostile_bus = {.open = hostile_open,
                                           .close = hostile_close,
                                           .write = hostile_write,
                                           .read = hostile_read};

/* The same each time, so that an input says what is answered. */
enum sc_error os_random(void *bytes, size_t size)
{
    memset(bytes, 0x5C, size);
    return SC_OK;
}

/* --- The host ----------------------------------------------------------------------- */

static enum sc_error on_arrived(struct driver_host *port, const struct reader_info *info,
                                void *reader, uint32_t *id)
{
    (void)port;
    (void)info;
    (void)reader;
    *id = 1;
    return SC_OK;
}

static void on_gone(struct driver_host *port, uint32_t id)
{
    (void)port;
    (void)id;
    kit_reader_close(&hostile.token.kit);
}

static void on_card_event(struct driver_host *port, uint32_t id, enum card_event event)
{
    (void)port;
    (void)id;
    (void)event;
    PROPERTY(false); /* a card stays as long as its reader */
}

static uint64_t look(void *context)
{
    (void)context;
    return OS_FOREVER;
}

static void destroy(struct kit_instance *instance)
{
    (void)instance;
    hid_token_close(&hostile.token);
}

/* --- Play --------------------------------------------------------------------------- */

static void set_up(struct hostile *h, unsigned flags)
{
    struct reader_info info = {.slot = 0};
    struct hid_token *token = &h->token;
    memset(h, 0, sizeof(*h));
    h->flags = flags;
    h->port = (struct driver_host){.reader_arrived = on_arrived,
                                   .reader_gone = on_gone,
                                   .card_event = on_card_event};
    h->settings = (struct hid_settings){.all = (flags & FLAG_ALL) != 0,
                                        .apdu_timeout_ms = DEADLINE_MS};
    os_stop_init(&h->stop);
    kit_instance_init(&h->kit, &h->port, destroy, "play", look);
    kit_reader_init(&token->kit, &h->kit);
    token->bus = &hostile_bus;
    token->settings = &h->settings;
    token->card = (flags & FLAG_LEDGER) != 0 ? &hid_ledger_card : &hid_fido_card;
    (void)kit_reader_set_card(&token->kit, true);
    PROPERTY(kit_reader_arrive(&token->kit, &info) == SC_OK);
}

static enum sc_error transmit(struct hostile *h, struct transfer *t)
{
    enum sc_error error = hid_transmit(&h->token, PROTOCOL_T1, t);
    PROPERTY(error != SC_OK || (t->out_size >= 2 && t->out_size <= t->out_room));
    return error;
}

static enum sc_error play_filled(struct hostile *h, struct input *input,
                                 struct transfer *t)
{
    uint8_t head[7] = {0};
    for (int i = 0; i < 4; i++)
        head[i] = input_byte(input);
    size_t size = input_word(input);
    head[5] = (uint8_t)(size >> 8);
    head[6] = (uint8_t)size;
    uint8_t *bytes = property_room(sizeof(head) + size);
    memset(bytes, 0, sizeof(head) + size);
    memcpy(bytes, head, sizeof(head));
    if (size > 0)
        bytes[sizeof(head)] = input_byte(input);
    t->in = bytes;
    t->in_size = sizeof(head) + size;
    enum sc_error error = transmit(h, t);
    free(bytes);
    return error;
}

static enum sc_error play_bytes(struct hostile *h, struct input *input, bool control,
                                struct transfer *t)
{
    static const uint32_t codes[] = {
        HID_IOCTL_CBOR,     HID_IOCTL_WINK,           HID_IOCTL_LOCK, HID_IOCTL_PING,
        HID_IOCTL_FEATURES, HID_IOCTL_TLV_PROPERTIES, 0x42000001,     0xFFFFFFFF};
    uint32_t code = control ? codes[input_byte(input) % 8] : 0;
    uint8_t *bytes = input_copy(input, input_word(input), &t->in_size);
    t->in = bytes;
    enum sc_error error = control ? hid_control(&h->token, code, t) : transmit(h, t);
    PROPERTY(error != SC_OK || t->out_size <= t->out_room);
    free(bytes);
    return error;
}

static void play(struct hostile *h, struct input *input)
{
    uint8_t atr[DRIVER_ATR_MAX];
    size_t atr_size = 0;
    struct transfer t = {
        .job = {.deadline_ms = os_deadline_ms(DEADLINE_MS), .stop = &h->stop},
        .out_room = (h->flags & FLAG_SMALL_ROOM) != 0 ? 20 : ROOM};
    uint64_t late_ms = t.job.deadline_ms + LATE_MS;
    unsigned operation = input_byte(input) % OP_KINDS;
    enum sc_error error = SC_OK;
    h->steps = 0;
    t.out = out;
    switch (operation) {
    case OP_COLD:
    case OP_WARM:
    case OP_OFF:
        error =
            hid_power(&h->token, (enum power_action)operation, &t.job, atr, &atr_size);
        PROPERTY(error != SC_OK || operation == OP_OFF || atr_size >= 2);
        break;
    case OP_PROTOCOL:
        error = hid_set_protocol(&h->token, PROTOCOL_T1, &t.job);
        break;
    case OP_FILLED:
        error = play_filled(h, input, &t);
        break;
    case OP_TRANSMIT:
    case OP_CONTROL:
        error = play_bytes(h, input, operation == OP_CONTROL, &t);
        break;
    default:
        os_stop_raise(&h->stop);
        return;
    }
    PROPERTY(os_now_ms() <= late_ms);
    PROPERTY(error != SC_E_CANCELLED || os_stop_raised(&h->stop));
    PROPERTY(!h->gone || h->token.device == NULL || error != SC_E_READER_UNAVAILABLE);
    os_stop_lower(&h->stop);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct hostile *h = &hostile;
    fuzz_os_begin();
    set_up(h, input_byte(&input));
    unsigned count = input_byte(&input) % (OPERATIONS_MAX + 1);
    /* The operations stand in front, in a part of their own. */
    size_t part_size = 0;
    uint8_t *part = input_copy(&input, input_word(&input), &part_size);
    struct input operations = {part, part_size};
    h->input = h->actions = input;
    for (unsigned i = 0; i < count; i++)
        play(h, &operations);
    free(part);
    kit_instance_stop(&h->kit);
    PROPERTY(!h->open);
    os_stop_destroy(&h->stop);
    return 0;
}
