/* SPDX-License-Identifier: BSD-2-Clause */
/* A bus with simulated tokens: what is written to one is answered into the queues of all
 * that have it open, as the kernel does it. No thread: an answer has the time at which it
 * can be read. */
#ifndef TESTS_DRIVERS_HID_PEER_H
#define TESTS_DRIVERS_HID_PEER_H

#include "drivers/hid/bus.h"
#include "proto/ctaphid.h"

enum {
    PEERS_MAX = 20,
    PEER_HANDLES_MAX = 4,
    PEER_QUEUE_MAX = 1024,
    PEER_REPORT_MAX = 100
};

enum peer_kind { PEER_U2F, PEER_FIDO2, PEER_FIDO2_ALONE, PEER_LEDGER };

/* What it does wrong with its next answers. */
enum peer_fault {
    PEER_SOUND,
    PEER_SILENT,
    PEER_SHORT_REPORT, /* 63 bytes */
    PEER_LONG_REPORT,  /* 80 */
    PEER_EMPTY_LENGTH, /* the answer says that it is longer than any */
    PEER_SKIPS,        /* a packet */
    PEER_STARTS_TWICE, /* a first packet within an answer */
    PEER_OTHER_ANSWER, /* to a command that was not sent */
    PEER_FOREIGN,      /* other channels' packets within it */
    PEER_FLOOD,        /* nothing but those */
    PEER_NO_STATUS,    /* an answer of no bytes */
    PEER_BAD_KEEPALIVE /* of no bytes */
};

struct hid_peer {
    enum peer_kind kind;
    /* Set by the test, with the bus locked or before it is used. */
    bool present, locked_away; /* away: it cannot be opened */
    enum peer_fault fault;
    uint32_t faults; /* answers left that have it */
    uint8_t error;   /* an ERROR that the next `errors` commands get */
    uint32_t errors;
    uint32_t init_errors; /* INITs left that find it busy */
    uint32_t touch_ms;    /* a command 01 takes so long, and a command of U2F 01 too */
    uint32_t pull_after;  /* gone after so many reports more that are read; 0: stays */
    uint32_t answer_size; /* of a command 0C; of a Ledger's answers, without SW */
    uint32_t answer_ms;   /* of a Ledger, until it answers */

    /* What the test looks at. */
    uint32_t opens, closes, inits, channels, cancels, winks, messages;
    uint32_t locked_channel;
    uint8_t last[CTAPHID_MESSAGE_MAX]; /* the last whole message, or Ledger's APDU */
    size_t last_size;

    /* Its own. */
    struct hid_found found;
    uint32_t next_channel;
    uint32_t channel; /* of the message that comes or is worked on */
    uint8_t command, next;
    bool comes, works;
    size_t size, taken;
    uint8_t message[CTAPHID_MESSAGE_MAX];
    struct peer_queue {
        struct hid_peer *peer;
        bool open;
        uint32_t first, count;
        struct peer_report {
            uint64_t ready_ms;
            size_t size;
            uint32_t channel;
            uint8_t bytes[PEER_REPORT_MAX];
        } reports[PEER_QUEUE_MAX];
    } queues[PEER_HANDLES_MAX];
};

/* Empty: no device is plugged in. */
void hid_peers_begin(void);
struct hid_peer *hid_peer_add(enum peer_kind kind, const char *serial);
void hid_peer_plug(struct hid_peer *peer, bool in);
void hid_peer_lock(void);
void hid_peer_unlock(void);
/* Puts a report before all that have it open, now. */
void hid_peer_say(struct hid_peer *peer, const uint8_t *report, size_t size);
/* bus.begin fails from now on. */
void hid_peers_miss_library(bool missing);

extern const struct hid_bus hid_peer_bus;

#endif
