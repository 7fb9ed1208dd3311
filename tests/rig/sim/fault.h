/* SPDX-License-Identifier: BSD-2-Clause */
/* What a simulated reader does wrong on demand. Two ways to ask:
 *
 * - the command APDU 80 F0 FAULT ARG, or 80 F0 FAULT ARG 01 COUNT: the simulator answers
 *   9000 in the card's place, and the next COUNT messages (1 unless said) that the fault
 *   is for go wrong. Over T=1 it has to come in one block, and over T=0 in one TPDU.
 *   Another such command takes the place of the one before; FAULT 00 takes it back.
 * - fault=NAME:ARG@N*COUNT in the specification: from the N-th bulk OUT message (or ICCD
 *   command) on, 1 being the first; then of whatever type the message is, but for
 *   POWER_..., PARAMETERS_... and RATE_.... ARG is decimal, 0 unless said; N and COUNT
 *   are 1 unless said. Up to SIM_FAULTS_MAX with commas.
 *
 * ICCD interfaces know SLOW, MUTE, IN_STALL, REMOVE (as unplugging), UNPLUG, RESET, the
 * ERROR_... and TIME_EXTENSION; the others pass as if they were not there. */
#ifndef RIG_SIM_FAULT_H
#define RIG_SIM_FAULT_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIM_FAULTS_MAX = 8, SIM_FAULT_CLA = 0x80, SIM_FAULT_INS = 0xF0 };

/* number, name, the messages that it is for without @N: x XfrBlock, p IccPowerOn,
 * s SetParameters, a any, and what it does. */
#define SIM_FAULT_TABLE(X)                                                               \
    X(0x01, SLOW, 'x', "answers ARG * 100 ms later")                                     \
    X(0x02, MUTE, 'x', "never answers")                                                  \
    X(0x03, IN_STALL, 'x', "bulk IN stalls in place of the answer")                      \
    X(0x04, OUT_STALL, 'x', "bulk OUT stalls in place of taking the message")            \
    X(0x05, BABBLE, 'x', "the answer overflows the URB")                                 \
    X(0x06, STALE, 'x', "ARG answers with old bSeqs before the right one")               \
    X(0x07, WRONG_SEQ, 'x', "the answer has a wrong bSeq, again and again")              \
    X(0x08, WRONG_SLOT, 'x', "the answer has a wrong bSlot: ARG, or one too many")       \
    X(0x09, TIME_EXTENSION, 'x', "ARG time extensions 100 ms apart, then the answer")    \
    X(0x0A, TIME_FOREVER, 'x', "time extensions 100 ms apart, bError is ARG, no answer") \
    X(0x0B, LENGTH_LARGE, 'x', "dwLength is ARG (1) bytes more than come")               \
    X(0x0C, LENGTH_SMALL, 'x', "dwLength is 1 byte less than come")                      \
    X(0x0D, SHORT_HEADER, 'x', "the answer has ARG bytes, below 10")                     \
    X(0x0E, GARBAGE_TYPE, 'x', "the answer has the message type ARG")                    \
    X(0x0F, CUT, 'x', "one full packet of a longer answer, and nothing more")            \
    X(0x10, EMPTY_PACKETS, 'x', "ARG empty packets before the answer")                   \
    X(0x11, BUSY, 'x', "CMD_SLOT_BUSY; the card does not see the message")               \
    X(0x12, ERROR_MUTE, 'x', "bError FE, the same")                                      \
    X(0x13, ERROR_PARITY, 'x', "bError FD, the same")                                    \
    X(0x14, ERROR_OVERRUN, 'x', "bError FC, the same")                                   \
    X(0x15, ERROR_HARDWARE, 'x', "bError FB, the same")                                  \
    X(0x16, ERROR_AUTO_BUSY, 'x', "bError F2, the same")                                 \
    X(0x17, HARDWARE, 'x', "a HardwareError on interrupt IN, then bError FB")            \
    X(0x18, NOISE, 'x', "ARG (1) interrupt messages of garbage, then the answer")        \
    X(0x19, REMOVE, 'x', "the card is removed during the command")                       \
    X(0x1A, SWAP, 'x', "the card is removed during it, and inserted 100 ms later")       \
    X(0x1B, UNPLUG, 'a', "the device leaves after ARG more messages")                    \
    X(0x1C, ABORT_REFUSED, 'x', "never answers, and ABORT (control) stalls")             \
    X(0x1D, CHAIN_FOREVER, 'x', "an empty piece of a chained answer, for ever")          \
    X(0x1E, INTERRUPT_STALL, 'x', "interrupt IN stalls; the answer comes")               \
    X(0x1F, ABORT_IGNORED, 'x', "never answers, nor the abort (bulk) that follows")      \
    X(0x20, POWER_MUTE, 'p', "IccPowerOn gives bError FE")                               \
    X(0x21, POWER_LONG, 'p', "an ATR of ARG bytes, 64 at most")                          \
    X(0x22, POWER_GARBAGE, 'p', "33 bytes that are no ATR")                              \
    X(0x23, POWER_EMPTY, 'p', "an ATR of no bytes")                                      \
    X(0x24, DEAD, 'x', "no message is heeded for ARG * 100 ms, not even after a reset")  \
    X(0x25, POWER_NEVER, 'p', "IccPowerOn is never answered")                            \
    X(0x26, RESET, 'x',                                                                  \
      "the host resets the device during the command; ARG 1: at its beginning")          \
    X(0x27, REMOVE_MUTE, 'x', "the card is removed after ARG * 100 ms; no answer comes") \
    X(0x28, REMOVE_DEAF, 'x', "the same, nor one to the abort (bulk) that follows")      \
    X(0x30, PARAMETERS_REFUSED, 's', "SetParameters gives bError ARG")                   \
    X(0x31, RATE_REFUSED, 's', "the same, unless it asks for Fi and Di of 11")

enum sim_fault_kind {
    SIM_FAULT_NONE,
#define SIM_FAULT_ENUM(number, name, when, what) SIM_FAULT_##name = (number),
    SIM_FAULT_TABLE(SIM_FAULT_ENUM)
#undef SIM_FAULT_ENUM
};

struct sim_fault {
    enum sim_fault_kind kind;
    uint32_t arg;
    uint32_t count; /* messages that it is still for */
    uint64_t from;  /* the first message, as a number from 1; 0: by the type alone */
};

/* Takes a fault command. False: it is something else. */
bool sim_fault_command(const uint8_t *apdu, size_t size, struct sim_fault *fault);

/* Reads a list NAME:ARG@N*COUNT,...; unused entries become SIM_FAULT_NONE. False: no such
 * fault, no number, or too many. */
bool sim_fault_parse(const char *text,
                     struct sim_fault faults[SIM_FAULTS_MAX]) MUST_CHECK;

/* Whether the fault strikes message `number` of this CCID type; counts it if so. */
bool sim_fault_strikes(struct sim_fault *fault, uint64_t number, uint8_t type);

/* bError of ERROR_... and HARDWARE, BUSY; 0 of others. */
uint8_t sim_fault_error(enum sim_fault_kind kind);

#endif
