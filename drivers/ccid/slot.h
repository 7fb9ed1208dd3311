/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of an interface among themselves. The functions here are for the thread that
 * uses the slot. */
#ifndef DRIVERS_CCID_SLOT_H
#define DRIVERS_CCID_SLOT_H

#include "drivers/ccid/interface.h"
#include "proto/ccid_pin.h"

/* use.c: the slot is this thread's from here to ccid_slot_leave(). Errors:
 * SC_E_CANCELLED, SC_E_READER_UNAVAILABLE, SC_E_TIMEOUT (see ccid_link_recover). */
enum sc_error ccid_slot_enter(struct ccid_slot *slot,
                              const struct driver_job *job) MUST_CHECK;
/* The job ends with `error`; returns what it is to answer: if that is that no card is in,
 * or another, the host has been told so. */
enum sc_error ccid_slot_leave(struct ccid_slot *slot, enum sc_error error) MUST_CHECK;
/* The card in the slot is not, or no longer, the one that was powered: by what the reader
 * said so far. */
bool ccid_slot_card_changed(struct ccid_slot *slot) MUST_CHECK;
/* kit_instance.interrupt. */
void ccid_slot_interrupt(struct kit_reader *reader, bool on);

/* presence.c: a card is in, and it is the one that was there when power was switched last. */
bool ccid_slot_has_same_card(const struct ccid_slot *slot) MUST_CHECK
    NEEDS_LOCK(slot->kit.lock);
/* The device's thread is to look at the slot. */
void ccid_slot_wake(struct ccid_slot *slot);
/* The slot cannot tell whether a card is in: it counts as having one. */
bool ccid_slot_is_blind(const struct ccid_slot *slot) MUST_CHECK;
/* What the reply to a command says of the card; `notices`: value of ccid_slot_notices()
 * before it was sent. */
void ccid_slot_heed(struct ccid_slot *slot, const struct ccid_call *call,
                    uint32_t notices);
uint32_t ccid_slot_notices(struct ccid_slot *slot) MUST_CHECK;
/* The card lost its power without being asked: to the host it is a new one. */
void ccid_slot_lost_power(struct ccid_slot *slot);

/* command.c: a command by the kind of the interface, link or iccd.c. timeout_ms and
 * deadline_ms are set by the caller; errors as ccid_link_call(). */
enum sc_error ccid_slot_call(struct ccid_slot *slot, struct ccid_call *call) MUST_CHECK;
/* The same, for a command that has to succeed: a failure is turned into an error. */
enum sc_error ccid_slot_command(struct ccid_slot *slot,
                                struct ccid_call *call) MUST_CHECK;
/* Sends a vendor's escape command; the reply is in call->reply. */
enum sc_error ccid_slot_escape(struct ccid_slot *slot, const void *bytes, size_t size,
                               struct ccid_call *call) MUST_CHECK;

/* slot.c: a cold reset in the middle of something else. */
enum sc_error ccid_slot_reset(struct ccid_slot *slot, uint64_t deadline_ms) MUST_CHECK;

/* negotiate.c: PPS, parameters and IFSD for `protocol` after a reset. */
enum sc_error ccid_slot_negotiate(struct ccid_slot *slot, uint32_t protocol,
                                  const struct driver_job *job) MUST_CHECK;
/* SetParameters. Errors: SC_E_PROTO_MISMATCH: the reader or the card does not take them.
 */
enum sc_error ccid_slot_set_parameters(struct ccid_slot *slot,
                                       const struct iso_parameters *parameters,
                                       uint64_t deadline_ms) MUST_CHECK;

/* line.c: slot->line, and slot->card over it; for TPDU and character level, and for the
 * negotiation at all levels. */
void ccid_slot_make_line(struct ccid_slot *slot);

/* exchange.c: one XfrBlock; the answer's data in call->reply. `level`: wLevelParameter.
 */
enum sc_error ccid_slot_block(struct ccid_slot *slot, struct ccid_call *call, uint8_t bwi,
                              uint16_t level) MUST_CHECK;
/* How long a reader may be silent that exchanges this command by itself. */
uint32_t ccid_slot_patience(const struct ccid_slot *slot, const uint8_t *command,
                            size_t size) MUST_CHECK;

/* keypad.c: asks a reader with QUIRK_GEMALTO for interface->keypad, when it is opened. */
void ccid_keypad_ask(struct ccid_slot *slot);
/* bEntryValidationCondition of its properties (part 10, 2.5.5). */
uint8_t ccid_keypad_validation(const struct ccid_interface *ccid) MUST_CHECK;
/* How long a PIN may be; false: it is not known. */
bool ccid_keypad_sizes(const struct ccid_interface *ccid, uint8_t *least,
                       uint8_t *most) MUST_CHECK;
/* What has to be changed in a structure. */
void ccid_keypad_options(const struct ccid_interface *ccid,
                         enum ccid_pin_operation operation,
                         struct ccid_pin_options *options);
/* What some readers want right before. Errors: those of kit_reader_pause() and
 * ccid_slot_escape(). */
enum sc_error ccid_keypad_prepare(struct ccid_slot *slot,
                                  const struct ccid_pin *pin) MUST_CHECK;

/* pin.c: PIN entry at the reader; a job by itself. */
enum sc_error ccid_slot_pin(struct ccid_slot *slot, enum ccid_pin_operation operation,
                            struct transfer *t) MUST_CHECK;

/* iccd.c: as ccid_link_call(), over control requests (ICCD 1.0, 5 and 6). */
enum sc_error ccid_iccd_call(struct ccid_interface *ccid,
                             struct ccid_call *call) MUST_CHECK;

#endif
