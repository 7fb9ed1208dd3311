/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver's parts among themselves:
 *
 *     hid.c       the driver: its URI, the tokens that come and go
 *     job.c       its jobs, whatever the token
 *     token.c     reports to and from a token, within a job
 *     channel.c   CTAPHID: a channel, messages over it
 *     fido.c      a FIDO token as a card
 *     ledger.c    a Ledger as a card
 *     hidapi.c    the bus
 *
 * A token is open while its card has power, so that nothing is held of one that nobody
 * uses. Between attendant and jobs there is `state` and `lost` alone; what a job uses is
 * the job's. */
#ifndef DRIVERS_HID_TOKEN_H
#define DRIVERS_HID_TOKEN_H

#include "drivers/hid/bus.h"
#include "drivers/kit/reader.h"
#include "drivers/kit/usb_words.h"
#include "proto/ctaphid.h"
#include "proto/ledger.h"

enum {
    HID_TOKENS_MAX = 16,     /* of a URI; more are logged and left alone */
    HID_LOOK_MS = 1000,      /* between looks at what is plugged in */
    HID_LEAVE_LOOK_MS = 100, /* the same while a token leaves */
    HID_SLICE_MS = 50,       /* a read lasts no longer: a job sees its stop after that */
    HID_ROOM = HID_REPORT_MAX + 64, /* for a report, so that one that is too long shows */
    HID_DRAIN_MAX = 256,      /* reports left of what was before; the kernel keeps 64 */
    HID_POWER_MS = 5000,      /* for switching the card on */
    HID_INIT_MS = 1000,       /* for an answer to INIT */
    HID_BUSY_MS = 100,        /* until a channel that was busy is tried again */
    HID_TOUCH_MAX_MS = 30000, /* a message of U2F waits so long for a touch, then 6985 */
    /* Without a word of a FIDO token that works on a command: it says so every 100 ms
     * (CTAP 2.1, 11.2.9.1.7). */
    HID_SILENCE_MS = 5000,
    /* A program that asks for it (P1 80) hears so often what the token waits for. */
    HID_TELL_MS = 500
};

enum hid_kind { HID_FIDO, HID_LEDGER, HID_KINDS, HID_ANY = HID_KINDS };

struct hid_settings {
    struct { /* what follows the colon */
        enum hid_kind kind;
        struct kit_usb_ids ids;
    } only;
    char serial[DRIVER_TEXT_MAX]; /* "": any */
    bool all;
    uint32_t apdu_timeout_ms;
};

struct hid_token;

/* A token as a card. All are called within a job, with the token open. */
struct hid_card {
    const char *name; /* for the reader's name */
    const uint8_t *atr;
    size_t atr_size;
    /* Power comes. Errors: SC_W_UNRESPONSIVE_CARD, and those of hid_token_read(). */
    enum sc_error (*begin)(struct hid_token *token);
    /* Power goes, or the job ends and another will not go on with what it left. False: the
     * token has to stay open all the same. */
    bool (*end)(struct hid_token *token);
    enum sc_error (*transmit)(struct hid_token *token, struct transfer *t);
    /* NULL: there are no control codes. */
    enum sc_error (*control)(struct hid_token *token, uint32_t code, struct transfer *t);
};

extern const struct hid_card hid_fido_card, hid_ledger_card;

/* What a message over a channel of CTAPHID may do besides coming to its end. */
struct hid_patience {
    bool tells;         /* it comes back to say what the token waits for, HID_WAITING */
    bool touch_bounded; /* after HID_TOUCH_MAX_MS without a touch it is cancelled */
};

enum hid_outcome {
    HID_WHOLE,   /* reply.data has the answer */
    HID_WAITING, /* hid_channel_resume() goes on; reply.status says what for */
    HID_REFUSED, /* reply.status, an enum ctaphid_error */
    HID_UNTOUCHED
};

struct hid_channel {
    uint32_t number;   /* 0: there is none */
    bool out_of_step;  /* a message was left before its end */
    bool waiting;      /* HID_WAITING was the last outcome */
    uint8_t told;      /* what it said */
    uint8_t command;   /* of the message */
    uint64_t since_ms; /* when it was sent */
    uint8_t capabilities;
    struct ctaphid_reply reply;
};

struct hid_fido {
    struct hid_channel channel;
    bool selected;
    /* Of a chain of commands: the header of the first, and the data so far. */
    bool chained;
    uint8_t head[4];
    size_t chain_size;
    uint8_t chain[CTAPHID_MESSAGE_MAX];
    /* What GET RESPONSE has to give: a part of reply.data, and what comes after it. */
    size_t rest_at, rest_end;
    uint16_t rest_sw;
    uint8_t raw[CTAPHID_MESSAGE_MAX]; /* a message of U2F */
};

struct hid_ledger {
    bool awaited; /* the answer to a command that was given up has not come */
};

enum hid_state {
    HID_FREE,   /* no token */
    HID_SHUT,   /* there is one, and it cannot be opened */
    HID_SERVED, /* the host knows of it */
    HID_LEAVING /* and has not closed it yet */
};

struct hid_token {
    struct kit_reader kit; /* first: the host hands it back */
    const struct hid_bus *bus;
    const struct hid_settings *settings;
    const struct hid_card *card;
    uint32_t lost; /* atomic: it is gone, or as good as that */

    /* The attendant's; settled while the host knows of it. */
    struct hid_found found;
    enum hid_kind kind;
    enum hid_state state;
    bool seen; /* at the look that goes on */

    /* The jobs'. */
    struct kit_job *job;
    struct hid_device *device; /* NULL: it is not open */
    union {
        struct hid_fido fido;
        struct hid_ledger ledger;
    } as;
};

/* token.c: within a job. Errors of all: SC_E_READER_UNAVAILABLE (it is gone), and those of
 * kit_job_wait(). */
enum sc_error hid_token_open(struct hid_token *token) MUST_CHECK;
void hid_token_close(struct hid_token *token);
enum sc_error hid_token_write(struct hid_token *token,
                              const uint8_t report[HID_REPORT_MAX]) MUST_CHECK;
/* A report as it came; *size 0: there was none until until_ms, which may be past. */
enum sc_error hid_token_read(struct hid_token *token, uint64_t until_ms,
                             uint8_t report[HID_ROOM], size_t *size) MUST_CHECK;
/* Reads what is there, of what was before, away. */
enum sc_error hid_token_drain(struct hid_token *token) MUST_CHECK;

/* channel.c */
/* A channel of our own, with nothing of before on it. Errors: SC_W_UNRESPONSIVE_CARD. */
enum sc_error hid_channel_open(struct hid_token *token) MUST_CHECK;
/* Sends a message and waits for its end; busy channels are tried again. Errors:
 * SC_F_COMM_ERROR, SC_E_TIMEOUT (the token has fallen silent too), SC_E_INVALID_PARAMETER (it
 * is too long). On any error the token is told to stop. */
enum sc_error hid_channel_exchange(struct hid_token *token, enum ctaphid_command command,
                                   const uint8_t *data, size_t size,
                                   const struct hid_patience *patience,
                                   enum hid_outcome *outcome) MUST_CHECK;
/* Goes on after HID_WAITING; `cancel`: the token is to stop, and says so. */
enum sc_error hid_channel_resume(struct hid_token *token, bool cancel,
                                 const struct hid_patience *patience,
                                 enum hid_outcome *outcome) MUST_CHECK;
/* Nobody goes on after HID_WAITING. */
void hid_channel_leave(struct hid_token *token);

/* job.c */
enum sc_error hid_power(void *self, enum power_action action,
                        const struct driver_job *asked, uint8_t atr[DRIVER_ATR_MAX],
                        size_t *atr_size) MUST_CHECK;
enum sc_error hid_set_protocol(void *self, uint32_t protocol,
                               const struct driver_job *asked) MUST_CHECK;
enum sc_error hid_transmit(void *self, uint32_t protocol, struct transfer *t) MUST_CHECK;
enum sc_error hid_control(void *self, uint32_t code, struct transfer *t) MUST_CHECK;

#endif
