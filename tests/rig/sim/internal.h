/* SPDX-License-Identifier: BSD-2-Clause */
/* The simulated device inside: what its parts know of each other.
 *
 *     device.c      URBs to endpoints, time, the world
 *     queue.c       what waits to be fetched from an IN endpoint
 *     descriptors.c the descriptors that are not in readers.list
 *     control.c     standard and class requests on endpoint 0
 *     message.c     bulk OUT bytes to messages
 *     answer.c      answers with their faults to bulk IN
 *     command.c     CCID commands but for those of power.c, xfr.c and pin.c
 *     iccd.c        the control transfers of ICCD
 *     card.h        the card in a slot */
#ifndef RIG_SIM_INTERNAL_H
#define RIG_SIM_INTERNAL_H

#include "tests/rig/sim/card.h"
#include "tests/rig/sim/device.h"
#include "tests/rig/sim/fault.h"
#include "tests/rig/sim/readers.h"
#include "tests/rig/sim/wire.h"

enum {
    SIM_SLOTS_MAX = 16, /* of one interface */
    SIM_EVENTS_MAX = 16,
    SIM_ITEMS_MAX = 1024, /* messages that nobody fetches; further ones are lost */
    SIM_CONFIGURATION_MAX = 512,
    SIM_RATES_MAX = 256,
    SIM_IFSD_MAX = 254,
    SIM_EXTENSION_MS = 500, /* from one time extension to the next */
    SIM_PIN_DIGITS = 12,
    SIM_RATES_TOLD = 8,
    SIM_FEATURES_MAX = 32
};

/* What the specification says besides the reader. */
struct sim_options {
    struct sim_card_options card;
    bool empty;                                                /* no card in any slot */
    uint32_t present;                                          /* slots that have one */
    char pin[SIM_PIN_DIGITS + 1], new_pin[SIM_PIN_DIGITS + 1]; /* typed */
    uint8_t pin_error; /* WIRE_PIN_CANCELLED, WIRE_PIN_TIMEOUT, or 0 */
    bool empty_packets;
    bool emv;      /* IccPowerOn fails with BB until the escape 1F 01 */
    uint8_t case1; /* 4, 5; 0: either */
    enum sim_speed speed;
    struct sim_fault faults[SIM_FAULTS_MAX];
    uint32_t rates[SIM_RATES_TOLD]; /* what GET_DATA_RATES answers, whatever is */
    size_t rate_count;              /* announced; 0: what is */
    uint32_t message_max;           /* in force, whatever its class says; 0: as it says */
    bool behind, select_auto, blind;     /* readers.h */
    uint32_t slot_rates[SIM_RATES_TOLD]; /* the same */
    size_t slot_rate_count;
    uint32_t language; /* of its strings */
    uint32_t indexes;  /* that PIN MODIFY always has; 0: as the standard */
    uint8_t features[SIM_FEATURES_MAX]; /* answer to the escape 6A */
    size_t features_size;
};

/* The numbers of a class descriptor that the simulator goes by. */
struct sim_class {
    uint8_t slot_count, voltages, clock_count, rate_count, pin, busy_slots;
    uint32_t protocols, clock_khz, max_clock_khz, rate, max_rate, ifsd, mechanical;
    uint32_t features, message_max;
};

enum sim_item_kind { SIM_ITEM_BYTES, SIM_ITEM_STALL, SIM_ITEM_BABBLE };

/* One message on its way to the host. */
struct sim_item {
    struct list_link link;
    enum sim_item_kind kind;
    uint64_t at;        /* it can be fetched from then on */
    uint32_t repeat_ms; /* it comes again so long after it was fetched; 0: it does not */
    bool closing;       /* an empty packet follows if it is a multiple of the packet */
    bool final;         /* the command is over with it */
    uint8_t slot;
    size_t size, sent;
    uint8_t bytes[];
};

/* An IN or OUT endpoint; those that are not there have the address 0. */
struct sim_endpoint {
    uint8_t address;
    uint16_t packet;
    bool halted;
    struct list_link urbs, items; /* by arrival; by time */
    uint32_t item_count;
};

/* What a command comes to. */
struct sim_reply {
    uint8_t type, error, extra; /* extra: byte 9 */
    bool failed;
    uint64_t delay_ms;
    const uint8_t *data; /* must stay until it is queued */
    size_t size;
};

struct sim_slot {
    struct sim_interface *iface;
    uint8_t number;
    struct sim_card *card; /* NULL only if there never is one */
    bool present, powered, clock_stopped;

    /* The reader's end of the line to the card. */
    struct sim_line line;
    uint8_t parameters[7];
    bool ifsd_told; /* by the reader, if it does that itself */

    /* A chained command or answer. */
    bool taking, too_long;
    size_t taken;       /* bytes in card->session->card.command */
    size_t size, given; /* of the answer in card->session->card.response */

    /* Character level: what the card has sent and the host has not asked for. */
    uint8_t in[300], out[300];
    size_t in_size, out_size, out_at;
    uint32_t nulls; /* procedure bytes 60 that come before it */

    uint64_t busy_until; /* the answer of the last command is ready then */
    bool control_abort, bulk_abort;
    uint8_t control_seq, bulk_seq;
    struct sim_fault fault;
    enum sim_fault_kind abort_fault; /* what becomes of the next abort */
    bool endless;                    /* a chained answer that does not end */

    struct sim_fault held; /* character level: holds when the answer was fetched */
    bool has_held;
    uint8_t fetched[300];

    struct sim_iccd {
        bool waiting; /* the answer of the last command was not fetched */
        uint64_t ready;
        struct sim_reply reply;
        struct sim_fault fault;
    } iccd;
};

struct sim_interface {
    struct sim_device *device;
    const struct sim_interface_data *data;
    struct sim_class class;
    struct sim_endpoint out, in, interrupt;
    struct sim_slot slots[SIM_SLOTS_MAX];
    uint32_t changed; /* slots whose change was not notified */

    uint8_t message[WIRE_MESSAGE_MAX]; /* bulk OUT so far */
    size_t message_size;
};

enum sim_event_kind {
    SIM_EVENT_NONE,
    SIM_EVENT_INSERT,
    SIM_EVENT_REMOVE,
    SIM_EVENT_RESET, /* of the device, by the host */
    SIM_EVENT_UNPLUG
};

struct sim_event {
    enum sim_event_kind kind;
    uint64_t at;
    struct sim_slot *slot;
};

struct sim_device {
    struct sim_reader_data reader;
    struct sim_options options;
    struct sim_identity identity;
    struct sim_counts counts;
    uint8_t device_descriptor[18];
    uint8_t configuration[SIM_CONFIGURATION_MAX];
    size_t interface_count;           /* that speak CCID or ICCD */
    struct sim_interface *interfaces; /* SIM_INTERFACES_MAX */
    uint8_t configured;               /* bConfigurationValue in force */
    uint64_t now;
    uint64_t messages;     /* bulk OUT messages and ICCD commands */
    uint64_t leaves_after; /* so many; 0: it does not */
    uint64_t dead_until;   /* no message is heeded before */
    bool unplugged;
    struct sim_event events[SIM_EVENTS_MAX];
    struct list_link stuck; /* control URBs that are never answered */
    struct list_link done;
};

/* --- spec.c ------------------------------------------------------------------------- */
/* Reads "NAME?options" into device->reader and device->options. */
bool sim_spec_parse(const char *specification, struct sim_device *device, char *why,
                    size_t why_room) MUST_CHECK;
void sim_class_parse(const uint8_t descriptor[SIM_CLASS_DESCRIPTOR_SIZE],
                     struct sim_class *class);

/* --- descriptors.c ------------------------------------------------------------------ */
void sim_descriptors_build(struct sim_device *device);
/* A string descriptor; its size, 0 if there is none of this index. */
size_t sim_descriptors_string(const struct sim_device *device, uint8_t index,
                              uint16_t language, uint8_t out[2 + 2 * SIM_STRING_ROOM]);
/* The tables of GET_DATA_RATES and GET_CLOCK_FREQUENCIES; 0: the request stalls. */
size_t sim_rates_list(const struct sim_interface *iface, uint32_t out[SIM_RATES_MAX]);
size_t sim_clocks_list(const struct sim_interface *iface, uint32_t out[SIM_RATES_MAX]);

/* --- queue.c ------------------------------------------------------------------------ */
void sim_endpoint_init(struct sim_endpoint *endpoint, uint8_t address, uint16_t packet);
/* A message with room for `size` bytes, for any time from now on. NULL: no memory, or
 * SIM_ITEMS_MAX of them. */
struct sim_item *sim_item_new(struct sim_endpoint *endpoint, size_t size, uint64_t at);
/* Drops what is not fetched, of one slot or of all (SIM_SLOTS_MAX). */
void sim_queue_drop(struct sim_endpoint *endpoint, uint32_t slot);
/* A command for a slot ends what would go on in it for ever. */
void sim_queue_end_repeats(struct sim_endpoint *endpoint, uint32_t slot);
/* Moves what is ready into the URBs that wait; gives when the next message is. */
uint64_t sim_queue_deliver(struct sim_device *device, struct sim_endpoint *endpoint);

/* --- device.c ----------------------------------------------------------------------- */
void sim_urb_finish(struct sim_device *device, struct sim_urb *urb,
                    enum sim_status status);
void sim_event_add(struct sim_device *device, enum sim_event_kind kind, uint64_t at,
                   struct sim_slot *slot);
struct sim_interface *sim_interface_find(struct sim_device *device, uint32_t number);
/* Back to what it is after a bus reset: no configuration, no card powered. */
void sim_device_reset(struct sim_device *device);

/* --- control.c, iccd.c -------------------------------------------------------------- */
void sim_control(struct sim_device *device, struct sim_urb *urb);
/* The class and vendor requests of ICCD; false: it is none. */
bool sim_iccd_request(struct sim_interface *iface, struct sim_urb *urb);

/* --- message.c ---------------------------------------------------------------------- */
struct sim_command {
    struct sim_slot *slot;
    const uint8_t *bytes; /* the whole message */
    const uint8_t *data;
    size_t size;            /* of data */
    struct sim_fault fault; /* that strikes it */
};

void sim_message_take(struct sim_interface *iface, struct sim_urb *urb);
/* The fault that strikes a message of this type, of the slot or of the specification. */
void sim_fault_choose(struct sim_slot *slot, uint8_t type, struct sim_fault *fault);
/* Whether the slot tells of its card. */
bool sim_slot_tells(const struct sim_slot *slot);
/* bmICCStatus of a slot. */
uint8_t sim_slot_status(const struct sim_slot *slot);
/* Queues an answer; `header` is that of the command. */
void sim_message_answer(struct sim_slot *slot, const uint8_t *header,
                        const struct sim_reply *reply, const struct sim_fault *fault);
/* A bulk Abort and the ABORT request that belongs to it have both come. */
void sim_message_aborted(struct sim_slot *slot);

/* --- command.c, power.c, xfr.c, pin.c ----------------------------------------------- */
void sim_reply_fail(struct sim_reply *reply, uint8_t error);
void sim_command_run(const struct sim_command *command, struct sim_reply *reply);
void sim_power_on(const struct sim_command *command, struct sim_reply *reply);
void sim_power_off(struct sim_slot *slot);
void sim_set_parameters(const struct sim_command *command, struct sim_reply *reply);
void sim_reset_parameters(struct sim_slot *slot);
void sim_xfr(const struct sim_command *command, struct sim_reply *reply);
/* An APDU through an APDU level reader to the card; the answer is left in slot. False:
 * the card is mute. */
bool sim_xfr_apdu(struct sim_slot *slot, size_t size, uint64_t *delay_ms);
/* The same at TPDU level: a TPDU of T=0 or a block of T=1. */
void sim_xfr_tpdu(struct sim_slot *slot, const uint8_t *bytes, size_t size, uint8_t bwi,
                  struct sim_reply *reply);
/* The same with chaining both ways, for extended APDU level and for ICCD. */
void sim_xfr_chained(const struct sim_command *command, struct sim_reply *reply);
/* Whether a header of T=0 announces data for the card. */
bool sim_takes_data(const uint8_t header[5]);
void sim_xfr_characters(const struct sim_command *command, struct sim_reply *reply);
/* The reader at the end of a piece of a chained answer. */
void sim_xfr_next_piece(struct sim_slot *slot, size_t max, struct sim_reply *reply);
void sim_secure(const struct sim_command *command, struct sim_reply *reply);

#endif
