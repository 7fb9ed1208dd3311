/* SPDX-License-Identifier: BSD-2-Clause */
/* A pcscd for tests: speaks 4:4 to 4:6 on a Unix socket of a thread of its own, and
 * misbehaves on demand. Written from the description of the protocol, with numbers of its
 * own, so that a mistake in the client's is seen. */
#ifndef TESTS_SUPPORT_FAKE_PCSCD_H
#define TESTS_SUPPORT_FAKE_PCSCD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fake_action {
    FAKE_ANSWER,   /* as it should be, with `value` as the result */
    FAKE_CLOSE,    /* hangs up on this connection */
    FAKE_DIE,      /* hangs up on all, and listens no more */
    FAKE_MUTE,     /* answers nothing until fake_speak() */
    FAKE_TRUNCATE, /* `value` bytes of the answer, then hangs up */
    FAKE_GARBAGE,  /* an answer of the right size, of bytes 0xFF */
    FAKE_LENGTH    /* the length in the answer is `value` */
};

enum { FAKE_COMMANDS = 0x18, FAKE_READERS = 50, FAKE_ATR_MAX = 36 };

struct fake_pcscd;

/* `minor`: the highest it speaks, from 4 to 6. NULL: it cannot listen there. */
struct fake_pcscd *fake_start(const char *path, uint32_t minor);
/* It is built for so many readers, at most FAKE_READERS, in place of 16: that many
 * records are in each answer up to 4:5. */
void fake_build_for(struct fake_pcscd *fake, unsigned readers);
/* Ends at once, as by kill -9, and removes the socket's file. */
void fake_stop(struct fake_pcscd *fake);
/* The next `times` commands of this kind. */
void fake_script(struct fake_pcscd *fake, unsigned command, enum fake_action action,
                 uint32_t value, unsigned times);
/* Answers what FAKE_MUTE kept back. */
void fake_speak(struct fake_pcscd *fake);
/* Commands of this kind so far; connections that are open. */
unsigned fake_count(struct fake_pcscd *fake, unsigned command);
unsigned fake_connections(struct fake_pcscd *fake);
/* Waits until so many commands of this kind came; false after two seconds. */
bool fake_wait(struct fake_pcscd *fake, unsigned command, unsigned count);
/* Whether a connection is registered for events; waits for it as above. */
bool fake_wait_armed(struct fake_pcscd *fake);
/* The body of the last command of this kind, and the bytes behind it. */
size_t fake_last(struct fake_pcscd *fake, unsigned command, uint8_t *bytes, size_t room);

/* A reader's record; "" for none. Tells who is registered for events. */
void fake_reader(struct fake_pcscd *fake, unsigned index, const char *name,
                 uint32_t state, uint32_t events, int32_t sharing, const void *atr,
                 uint32_t atr_size);
/* The same without an event. */
void fake_reader_quietly(struct fake_pcscd *fake, unsigned index, const char *name,
                         uint32_t state, uint32_t events, int32_t sharing,
                         const void *atr, uint32_t atr_size);
/* An event without a change. With `early` set, each that registers gets one at once,
 * before its answer. */
void fake_event(struct fake_pcscd *fake);
void fake_events_early(struct fake_pcscd *fake, bool early);
/* What answers to TRANSMIT, CONTROL and GET_ATTRIB carry. */
void fake_payload(struct fake_pcscd *fake, const void *bytes, uint32_t size);

#endif
