/* SPDX-License-Identifier: BSD-2-Clause */
/* What the driver and winscard-ifd, the program that runs an IFD handler, say to each other.
 *
 * One connection is for both as a whole: the driver names the handler and the reader, the
 * program says what became of it, takes one more connection for each slot, and tells when
 * a card moves. By a slot's connection the driver asks and the program answers, one call
 * after the other. Either ends when its connection does.
 *
 * A frame is a head of five words in the machine's byte order, and so many bytes. Each side
 * takes the other for hostile: what is not a frame that it may get there ends the
 * connection. */
#ifndef DRIVERS_IFD_WIRE_H
#define DRIVERS_IFD_WIRE_H

#include "base/compiler.h"
#include "base/sizes.h"
#include "os/socket.h"

enum {
    IFD_WIRE_VERSION = 1,
    IFD_SLOTS_MAX = 16, /* of a reader */
    IFD_HEAD_SIZE = 20,
    IFD_TARGET_MAX = 1024, /* bytes of both texts of an IFD_OPEN, with their NULs */
    IFD_WHY_MAX = 256,     /* of an IFD_FAILED, without a NUL */
    IFD_WRITE_MS = 5000    /* a frame goes out in this time, or the other side hangs */
};

enum ifd_kind {
    /* To the program. a: the channel; b: IFD_WIRE_VERSION. The object's path and the
     * device's name, each with its NUL; the latter is "" where the channel counts. */
    IFD_OPEN = 1,
    /* a: a slot, whose connection comes with the next byte (os_unix_pass). In order. */
    IFD_SLOT,
    /* To the driver. a: the number of slots; b: 2 or 3, the handler's version. For each
     * slot one byte: enum ifd_presence. */
    IFD_OPENED,
    /* a: enum ifd_failure; b: what the handler said, or 0. Why, as text. */
    IFD_FAILED,
    /* number: the slot; a: enum ifd_presence; b: changes of that slot so far. */
    IFD_MOVED,
    /* a: the signal that the handler crashes with; 0: it has written where it must not. */
    IFD_CRASHED,

    /* To the program, for a slot. `number` is given back with the answer. */
    IFD_POWER,    /* a: the action of IFDHPowerICC() */
    IFD_PROTOCOL, /* a: the protocol of IFDHSetProtocolParameters() */
    IFD_TRANSMIT, /* a: the protocol of IFDHTransmitToICC(); the command */
    IFD_CONTROL,  /* a: the code; b: the room for the answer; the input */
    IFD_GET,      /* a: the tag */
    IFD_SET,      /* a: the tag; the value */
    /* To the driver. a: the result, a RESPONSECODE; b: changes of the slot so far, which
     * were told before; the answer. */
    IFD_ANSWER,
    IFD_KIND_COUNT
};

enum ifd_presence { IFD_ABSENT, IFD_PRESENT, IFD_GONE /* the reader is */ };

enum ifd_failure {
    IFD_FAILED_TO_LOAD = 1, /* it will not be otherwise the next time */
    IFD_FAILED_TO_OPEN
};

/* Who gets a frame. */
enum ifd_end {
    IFD_END_PROGRAM,
    IFD_END_DRIVER,
    IFD_END_PROGRAM_SLOT,
    IFD_END_DRIVER_SLOT
};

struct ifd_frame {
    uint32_t kind; /* enum ifd_kind */
    uint32_t number, a, b;
    uint32_t size; /* of the bytes behind the head */
};

/* Takes a head apart. False: it is none that this end may get. */
bool ifd_frame_decode(const uint8_t head[IFD_HEAD_SIZE], enum ifd_end end,
                      struct ifd_frame *frame) MUST_CHECK;

/* Reads a head. Errors: SC_F_COMM_ERROR (it is none that this end may get, or the peer is
 * gone), SC_W_EOF, SC_E_TIMEOUT, SC_E_CANCELLED. */
enum sc_error ifd_frame_read(struct os_socket socket, enum ifd_end end,
                             struct ifd_frame *frame, uint64_t deadline_ms,
                             const struct os_wake *wake) MUST_CHECK;
/* Writes it, and frame->size bytes. Errors: those of os_socket_write(). */
enum sc_error ifd_frame_write(struct os_socket socket, const struct ifd_frame *frame,
                              const void *bytes, uint64_t deadline_ms,
                              const struct os_wake *wake) MUST_CHECK;

#endif
