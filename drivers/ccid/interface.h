/* SPDX-License-Identifier: BSD-2-Clause */
/* A CCID or ICCD interface and its slots: what a bus driver sets up, and the functions of
 * the driver port over it. A slot is one reader.
 *
 *     bus driver (drivers/ccid_usb)     finds devices, carries messages
 *     device.c                          opens, posts events, polls, tries again
 *     interface.c                       set-up
 *     use.c  presence.c                 who uses a slot; whether a card is in it
 *     slot.c  negotiate.c               power and protocol of a card
 *     exchange.c  line.c                commands, at each level of exchange; those at
 *                                       TPDU and character level are drivers/iso's
 *     command.c                         commands to any kind of interface
 *     control.c  attribute.c            PC/SC part 10, escape, attributes
 *     pin.c  keypad.c                   PIN entry at the reader
 *     link*.c  iccd.c                   messages over bulk pipes or control requests
 *     transport.h                       the port to the bus */
#ifndef DRIVERS_CCID_INTERFACE_H
#define DRIVERS_CCID_INTERFACE_H

#include "drivers/ccid/link.h"
#include "drivers/ccid/quirks.h"
#include "drivers/iso/card.h"
#include "drivers/kit/reader.h"
#include "manager/driver.h"
#include "os/lock.h"
#include "os/stop.h"

enum {
    CCID_POWER_MS = 60000,  /* for an ATR: 33 characters, 9600 etu each, 29 s. As long as
                             * the manager's JOB_POWER_MS, whose deadline is the sooner */
    CCID_ESCAPE_MS = 30000, /* what a vendor's command may take */
    CCID_PSEUDO_MS = 90000, /* FF C2: the reader talks to a person, part 10, 2.2 */
    CCID_EXCHANGE_MAX_MS =
        300000,             /* most that a card may stay silent, whatever it says */
    CCID_LONG_MS = 300000,  /* with QUIRK_PATIENT */
    CCID_PIN_WAIT_MS = 250, /* with PIN_WAIT */
    CCID_QUIET_MS = 500,    /* after opening and resets: see ccid_slot.quiet_ms */
    CCID_FIRST_MS = 10000,  /* the same for the first notification: first_ms */
    CCID_OFF_PAUSE_MS = 12  /* ISO/IEC 7816-3:2006, 6.4: 10 ms without power */
};

enum ccid_kind { CCID_KIND_BULK, CCID_KIND_ICCD_A, CCID_KIND_ICCD_B };

/* What the user may choose. */
struct ccid_settings {
    uint8_t voltages[3]; /* bPowerSelect in the order tried: 1 5 V, 2 3 V, 3 1.8 V */
    bool escape;         /* programs may send CCID escape commands */
    bool whole_apdus; /* over T=0 TPDUs: GET RESPONSE, 6Cxx and ENVELOPE are done here */
    uint32_t apdu_timeout_ms; /* for one command, time extensions included */
};

/* Which device it is. */
struct ccid_identity {
    uint16_t vendor_id, product_id, version; /* version: bcdDevice */
    uint8_t interface_number;
    struct reader_info reader; /* but for what differs from slot to slot */
};

/* What the firmware of a reader with QUIRK_GEMALTO tells of its keys. */
struct ccid_keypad {
    bool told;           /* the rest counts */
    bool heeds_messages; /* bNumberMessage says how many message indexes there are */
    uint8_t validation;  /* bEntryValidationCondition, the bits that it can */
    uint8_t digits_min, digits_max;
};

struct ccid_interface;

/* Lets one job at a time through, for interfaces that must not be used at once. */
struct ccid_gate {
    struct os_mutex lock;
    struct os_cond opened;
    bool closed; /* somebody is inside */
};

struct ccid_slot {
    struct kit_reader kit; /* first: the host hands it back */
    struct ccid_interface *ccid;
    uint32_t index;

    /* Under the kit's lock; kit.powered too, which the slot's user alone changes. */
    bool doubtful;     /* replies and notifications differ: ask */
    uint32_t notices;  /* notifications so far */
    uint64_t quiet_ms; /* those before this time may be old ones, */
    uint64_t first_ms; /* and the next one before this time */

    /* The jobs'. */
    struct kit_job job;
    bool no_ifs; /* SCARD_ATTR_SUPRESS_T1_IFS_REQUEST */

    /* Its user's: a job's, or the thread's that polls. */
    uint32_t powered_resets; /* value of the link's `resets` when power was switched */
    uint8_t voltage;         /* that it took, as bPowerSelect */
    uint8_t atr_bytes[ATR_INPUT_MAX];
    size_t atr_size;
    bool long_case_1; /* the reader wants five bytes for a case 1 command over T=0 */
    struct iso_line line;
    struct iso_card card;
};

struct ccid_interface {
    /* Set by the bus driver before ccid_interface_init(). */
    struct ccid_transport *transport;
    struct ccid_descriptor descriptor;
    enum ccid_kind kind;
    uint32_t quirks; /* QUIRK_... */
    struct ccid_settings settings;
    struct ccid_identity identity;
    struct ccid_gate *gate; /* or NULL; shared, the bus driver's */
    /* The data rates, where the bus cannot ask for them, CCID_RATES_MAX at most; or NULL. */
    const uint32_t *rate_table;
    size_t rate_table_count;
    uint32_t notifies; /* atomic: not 0 if notifications come */

    struct ccid_keypad keypad;
    uint32_t rates[CCID_RATES_MAX];
    size_t rate_count;
    struct ccid_link link;
    struct ccid_slot slots[CCID_SLOTS_MAX];
};

/* Makes its slots readers of the instance, once, and corrects the descriptor by the
 * quirks. The instance's attendant is woken when something noted is to be looked at: a
 * slot that became doubtful, a card, a link that is gone. */
void ccid_interface_init(struct ccid_interface *ccid, struct kit_instance *instance);
/* Reads the tables, brings the reader to a known state, and asks each slot for its card.
 * Errors: SC_E_NO_MEMORY, SC_E_READER_UNAVAILABLE, SC_F_COMM_ERROR (it does not answer:
 * not a reader that can be used); then everything is freed. */
enum sc_error ccid_interface_open(struct ccid_interface *ccid) MUST_CHECK;
/* No job runs, and none will before it is opened again. */
void ccid_interface_close(struct ccid_interface *ccid);

/* Jobs, as in struct driver, whose close() is kit_reader_close(). `reader` is a struct
 * ccid_slot. */
enum sc_error ccid_slot_power(void *reader, enum power_action action,
                              const struct driver_job *job, uint8_t atr[DRIVER_ATR_MAX],
                              size_t *atr_size) MUST_CHECK;
enum sc_error ccid_slot_set_protocol(void *reader, uint32_t protocol,
                                     const struct driver_job *job) MUST_CHECK;
enum sc_error ccid_slot_transmit(void *reader, uint32_t protocol,
                                 struct transfer *t) MUST_CHECK;
enum sc_error ccid_slot_control(void *reader, uint32_t code,
                                struct transfer *t) MUST_CHECK;
enum sc_error ccid_slot_get_attribute(void *reader, uint32_t id,
                                      struct transfer *t) MUST_CHECK;
enum sc_error ccid_slot_set_attribute(void *reader, uint32_t id,
                                      struct transfer *t) MUST_CHECK;

/* Which slots have a card. Notifications come from the bus driver, statuses with every
 * reply. */

/* The bus driver begins to listen, or begins anew: the first notification that comes may
 * be one that the reader has kept since before. */
void ccid_interface_listening(struct ccid_interface *ccid);
/* An interrupt message. Any bytes will do. */
void ccid_interface_notify(struct ccid_interface *ccid, const uint8_t *bytes,
                           size_t size);
/* The device was reset by others: what was in use are new cards to the host, and all
 * slots are to be asked. Installed as the transport's was_reset(); `context` is the
 * interface. */
void ccid_interface_was_reset(void *context);
/* Asks the slot for its card; for readers that do not notify. Does nothing while a job
 * runs: its replies tell. Errors: SC_E_READER_UNAVAILABLE. */
enum sc_error ccid_slot_poll(struct ccid_slot *slot) MUST_CHECK;
/* Replies and notifications differ: call ccid_slot_poll(). */
bool ccid_slot_is_doubtful(struct ccid_slot *slot) MUST_CHECK;
bool ccid_slot_is_present(struct ccid_slot *slot) MUST_CHECK;

#endif
