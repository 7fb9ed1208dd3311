/* SPDX-License-Identifier: BSD-2-Clause */
/* An IFD handler, loaded into this process, and a reader that it serves: what calls it, one
 * call after the other where it needs that, guards the buffers that it gets, and looks where
 * cards are. In winscard-ifd; or in the program itself, where somebody wants it so.
 *
 * A call lasts as long as the handler wants. */
#ifndef DRIVERS_IFD_HANDLER_H
#define DRIVERS_IFD_HANDLER_H

#include "base/compiler.h"
#include "base/error.h"
#include "drivers/ifd/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    IFD_POLL_MS = 400,   /* between two looks at a slot, as in pcscd */
    IFD_WATCH_MS = 1000, /* that a handler's own wait for a card may take */
    IFD_READERS_MAX = 16 /* of one handler in one process */
};

/* Which reader of which handler. */
struct ifd_target {
    char object[IFD_TARGET_MAX / 2];
    char device[IFD_TARGET_MAX / 2]; /* "": the channel counts */
    uint32_t channel;
};

/* A call of the handler for a slot: IFD_POWER to IFD_SET of wire.h. */
struct ifd_call {
    enum ifd_kind kind;
    uint32_t a, b;
    const uint8_t *in; /* may hold a PIN */
    size_t in_size;
    uint8_t *out;
    size_t room;
    /* The answer. */
    uint32_t code;   /* of the handler */
    uint32_t moves;  /* of the slot so far */
    size_t out_size; /* may be more than the room: then nothing was written */
};

struct ifd_unit;

/* How a slot's card moves: called in any thread, with locks held that calls take; never
 * blocks for a call. */
typedef void ifd_moved(void *context, uint32_t slot, enum ifd_presence presence,
                       uint32_t moves);

/* Why a reader could not be opened. */
struct ifd_refusal {
    enum ifd_failure failure;
    uint32_t code; /* what the handler said, or 0 */
    char why[IFD_WHY_MAX + 1];
};

/* Loads the handler and has it open the reader. Errors: SC_E_READER_UNAVAILABLE (the
 * refusal says why), SC_E_NO_MEMORY. */
enum sc_error ifd_unit_open(const struct ifd_target *target, ifd_moved *moved,
                            void *context, struct ifd_unit **opened,
                            struct ifd_refusal *refusal) MUST_CHECK;
/* 1 to IFD_SLOTS_MAX. */
uint32_t ifd_unit_slots(const struct ifd_unit *unit);
/* 2 or 3. */
uint32_t ifd_unit_version(const struct ifd_unit *unit);
/* Where the card of a slot is, and how often that has changed. */
enum ifd_presence ifd_unit_presence(struct ifd_unit *unit, uint32_t index,
                                    uint32_t *moves);
/* From now on changes are told. Errors: SC_E_NO_MEMORY (threads); some are told all the
 * same. */
enum sc_error ifd_unit_watch(struct ifd_unit *unit) MUST_CHECK;
/* One call of a slot at a time. */
void ifd_unit_call(struct ifd_unit *unit, uint32_t index, struct ifd_call *call);
/* The handler has written behind a buffer: this process's memory is not to be trusted. */
bool ifd_unit_is_ruined(struct ifd_unit *unit);
/* No call runs. It is closed in the handler; the object stays loaded. */
void ifd_unit_close(struct ifd_unit *unit);

#endif
