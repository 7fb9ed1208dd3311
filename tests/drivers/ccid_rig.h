/* SPDX-License-Identifier: BSD-2-Clause */
/* The CCID driver's logic over a simulated reader, in one process, without a bus: the
 * tests of drivers/ccid stand on it. One thread unless a function says otherwise; jobs of
 * different slots may run in several. */
#ifndef TESTS_CCID_RIG_H
#define TESTS_CCID_RIG_H

#include "drivers/ccid/interface.h"
#include "os/lock.h"
#include "os/thread.h"
#include "tests/rig/sim/direct.h"
#include "tests/rig/sim/readers.h"
#include "tests/support/hang.h"

enum {
    RIG_ANSWER_MAX = 65536 + 2,
    RIG_JOB_MS = CHECK_HANG_MS,
    RIG_LAST_MAX = 64,
    RIG_EVENTS_MAX = 64,
    RIG_TELL_MS = 10 /* until the host has heard of an event, on a busy machine */
};

/* What the host was told of a slot. */
struct rig_told {
    enum card_event events[RIG_EVENTS_MAX];
    uint32_t count, taken; /* taken: by ccid_rig_event() */
    bool powered;          /* the last power job switched a card on, */
    uint32_t powered_at;   /* after so many events */
};

/* A transport around the simulator's, that counts. */
struct rig_counter {
    struct ccid_transport transport;
    struct ccid_transport *inner;
    struct os_mutex lock;
    bool flying[CCID_SLOTS_MAX]; /* a command is under way */
    uint32_t now, most;          /* how many of them; ABORT is not counted */
    uint64_t sent, received, controls, resets;
    uint8_t last[RIG_LAST_MAX]; /* how the last message began that was sent */
    size_t last_size;
};

struct ccid_rig {
    struct driver_host port; /* first: the driver hands it back */
    struct kit_instance kit; /* of which the slots are readers */
    struct sim_direct *direct;
    size_t number; /* of the interface */
    bool has_interrupt;
    struct rig_counter counter;
    struct ccid_interface ccid;
    struct os_mutex lock;
    struct rig_told told[CCID_SLOTS_MAX]; /* under the lock */
    /* Of each slot's job; raised and lowered under the lock. */
    struct os_stop stops[CCID_SLOTS_MAX];
    bool in_job[CCID_SLOTS_MAX];
    bool listening;
    struct os_thread listener;
};

/* What a job gave. */
struct rig_result {
    enum sc_error error;
    size_t size;
    uint16_t sw; /* the last two bytes; 0: there are none */
    uint64_t ms; /* it took */
    uint8_t bytes[RIG_ANSWER_MAX];
};

/* Plugs a reader in, and opens interface `number`; without the waits that some real
 * readers need. NULL: no such interface, or it does
 * not open; *error says which (SC_OK: no such interface). `settings` NULL: whole APDUs,
 * escape off, 60 s. */
struct ccid_rig *ccid_rig_new(const char *specification, size_t number,
                              const struct ccid_settings *settings, enum sc_error *error);
void ccid_rig_free(struct ccid_rig *rig);

/* A thread that hands notifications to the interface, and tells the host of what they
 * say, from now on. */
void ccid_rig_listen(struct ccid_rig *rig);
/* Waits until the slot's card is there, or not, by what the driver knows. */
bool ccid_rig_wait_presence(struct ccid_rig *rig, uint32_t slot, bool present,
                            uint32_t ms);

/* The oldest event of the slot that was told and not taken; false: there is none. */
bool ccid_rig_event(struct ccid_rig *rig, uint32_t slot, enum card_event *event);

/* Jobs. Each is held to rule 7 of driver.h: SC_F_INTERNAL_ERROR else. */
enum sc_error ccid_rig_power(struct ccid_rig *rig, uint32_t slot,
                             enum power_action action);
/* Raises the stop of the slot's job; nothing if none runs. From any thread. */
void ccid_rig_stop(struct ccid_rig *rig, uint32_t slot);
/* A job of the slot with a deadline in `ms`; after it, ccid_rig_end(). */
struct driver_job ccid_rig_begin(struct ccid_rig *rig, uint32_t slot, uint32_t ms);
void ccid_rig_end(struct ccid_rig *rig, uint32_t slot);
/* Cold reset and protocol. */
enum sc_error ccid_rig_connect(struct ccid_rig *rig, uint32_t slot, uint32_t protocol);
/* A command in the protocol in force. */
void ccid_rig_send(struct ccid_rig *rig, uint32_t slot, const uint8_t *bytes, size_t size,
                   struct rig_result *result);
/* The same, within `ms`. */
void ccid_rig_send_in(struct ccid_rig *rig, uint32_t slot, const uint8_t *bytes,
                      size_t size, uint32_t ms, struct rig_result *result);
void ccid_rig_control(struct ccid_rig *rig, uint32_t slot, uint32_t code,
                      const uint8_t *bytes, size_t size, struct rig_result *result);
/* An attribute that is a number; false: there is none. */
bool ccid_rig_attribute(struct ccid_rig *rig, uint32_t slot, uint32_t id,
                        uint32_t *value);

/* Commands of the card (drivers/soft/card.h): `size` bytes come; go and come back. False:
 * they do not, *result tells why. */
bool ccid_rig_counts(struct ccid_rig *rig, uint32_t slot, size_t size,
                     struct rig_result *result);
bool ccid_rig_echoes(struct ccid_rig *rig, uint32_t slot, size_t size,
                     struct rig_result *result);
/* Arms a fault (tests/rig/sim/fault.h). */
bool ccid_rig_fault(struct ccid_rig *rig, uint32_t slot, uint8_t fault, uint8_t arg,
                    uint8_t count);

void rig_sleep(uint32_t ms);

#endif
