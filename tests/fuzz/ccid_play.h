/* SPDX-License-Identifier: BSD-2-Clause */
/* What the fuzz harness of the CCID driver has a program do, by bytes; the same against
 * simulated readers, to record dialogues that the fuzzer begins with. */
#ifndef TESTS_FUZZ_CCID_PLAY_H
#define TESTS_FUZZ_CCID_PLAY_H

#include "drivers/ccid/interface.h"

/* An operation is a byte and a word (high byte first). */
enum play_kind {
    PLAY_NOTHING,
    PLAY_COLD,
    PLAY_WARM,
    PLAY_OFF,
    PLAY_T0,
    PLAY_T1,
    PLAY_ECHO,    /* command 80 E1 of the card: the word is Lc, extended above 255 */
    PLAY_COUNT,   /* 80 E0: the word is P1 P2, Le is 256 */
    PLAY_RAW,     /* the word's low byte many bytes in RAW */
    PLAY_CONTROL, /* the word is a place in a list of codes */
    PLAY_VERIFY,  /* VERIFY_PIN_DIRECT */
    PLAY_MODIFY,  /* MODIFY_PIN_DIRECT */
    PLAY_ATTRIBUTES,
    PLAY_POLL,
    PLAY_PSEUDO, /* command FF CA to the reader */
    PLAY_SMALL,  /* 80 E0 with as much room for the answer as the word's low byte */
    PLAY_KINDS
};

enum { PLAY_DEADLINE_MS = 8000 };

/* What the host was told of a slot. */
struct play_told {
    bool shown; /* a card is in */
    uint32_t events;
    bool powered;        /* the last power job switched a card on, */
    uint32_t powered_at; /* after so many events */
};

/* A host for the slots of an interface. */
struct play_host {
    struct driver_host port; /* first: the driver hands it back */
    struct kit_instance kit;
    struct ccid_interface *iface;
    struct play_told told[CCID_SLOTS_MAX];
};

/* Opens the interface, which is set but for what ccid_interface_init() sets; its slots
 * arrive. False: it does not open. */
bool ccid_play_open(struct play_host *host, struct ccid_interface *iface);
void ccid_play_close(struct play_host *host);

/* One job of a slot, with the properties of the driver port checked. */
void ccid_play(struct ccid_slot *slot, struct play_told *told, uint8_t kind,
               uint16_t word);
/* Raises the stop of the job that runs, if it is one of this slot. For the same thread. */
void ccid_play_stop(const struct ccid_slot *slot);

#endif
