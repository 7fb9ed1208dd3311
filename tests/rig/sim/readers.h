/* SPDX-License-Identifier: BSD-2-Clause */
/* The readers of readers.list, and what a specification may ask of them besides:
 *
 *     NAME?key=value&key=value
 *
 *     card=t0|t1|both|none  in every slot; what the reader can, unless said
 *     present=MASK          slots that have it, bit 0 is slot 0; all, unless said
 *     atr=HEX               another ATR, up to 33 bytes; it decides, not card=
 *     delay=MS              of each command, 0 to 60000
 *     pin=DIGITS            what the user types (123456, which is the card's),
 *     pin=cancel|timeout    or does instead
 *     newpin=DIGITS         typed twice when the PIN is changed (654321)
 *     voltage=5|3|1.8       the card answers with this supply alone
 *     zlp=0|1               an empty packet ends a message that is a multiple of the
 *                           packet; 1 unless said
 *     case1=4|5             TPDU, T=0: bytes of a command without data; both unless said
 *     emv=0|1               IccPowerOn fails with BB until 1F 01 came by Escape
 *     speed=full|high       packets of 64 or 512 bytes; full unless said
 *     serial=TEXT           another serial number
 *     language=N            its strings are in this language alone, as a decimal number
 *                           (USB 2.0, 9.6.7); 1033, English, unless said
 *     fault=NAME:ARG@N*COUNT,...   see fault.h; from the N-th bulk OUT message on
 *     pps=0|1               the card knows no PPS; 1 unless said
 *     rates=N,N,...         GET_DATA_RATES answers these, up to 8, whatever the
 *                           descriptor announces
 *     indexes=3             PIN MODIFY has three message indexes whatever bNumberMessage
 *                           is
 *     id=VVVVPPPP           another vendor and product,
 *     version=HHHH          and bcdDevice
 *     features=HEX          answer to the escape 6A of Gemalto's, which fails unless said
 *     behind=0|1            messages of more than 64 bytes are answered with a bSeq that
 *                           is 1 less than meant
 *     message=N             no longer message is taken: dwMaxCCIDMessageLength
 *     dwfeatures=HEX        dwFeatures of all interfaces, eight digits
 *     select=0|1            IccPowerOn takes bPowerSelect 00 alone, whatever dwFeatures
 *                           is
 *     slotrates=N,N,...     slots from 1 on run at these rates alone, up to 8
 *     blind=0|1             slots from 1 on do not tell that a card is in, unless it is
 *                           powered
 *
 * A line "options ..." of readers.list says them for a reader; a specification overrides.
 */
#ifndef RIG_SIM_READERS_H
#define RIG_SIM_READERS_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SIM_INTERFACES_MAX = 4,
    SIM_NAME_ROOM = 24,
    SIM_STRING_ROOM = 64,
    SIM_OPTIONS_ROOM = 96,
    SIM_STRINGS = 3, /* manufacturer, product, serial number */
    SIM_CLASS_DESCRIPTOR_SIZE = 54
};

struct sim_interface_data {
    uint8_t number, class_code, protocol;
    uint8_t bulk_out, bulk_in, interrupt_in; /* addresses; 0: there is none */
    bool after_endpoints;                    /* where the class descriptor stands */
    uint8_t descriptor[SIM_CLASS_DESCRIPTOR_SIZE];
};

struct sim_reader_data {
    char name[SIM_NAME_ROOM];
    uint16_t vendor, product, version;
    char strings[SIM_STRINGS][SIM_STRING_ROOM]; /* "": none */
    char options[SIM_OPTIONS_ROOM];             /* of its own: key=value&... */
    size_t interface_count;
    struct sim_interface_data interfaces[SIM_INTERFACES_MAX];
};

/* The reader at this place of the list; false behind its end. A line of the list that is
 * wrong ends it there (test_sim.c counts them). */
bool sim_reader_get(size_t index, struct sim_reader_data *data) MUST_CHECK;
bool sim_reader_find(const char *name, struct sim_reader_data *data) MUST_CHECK;

#endif
