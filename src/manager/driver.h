/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver port: what a reader driver implements, and what its host offers in return.
 *
 * A driver is straight-line blocking code. The host lends it the thread that asked:
 * in process that is the application's own thread inside an SCard call.
 *
 * Rules, for every function below unless it says otherwise:
 *  1. One job of one reader at a time: the host never enters a second of the functions
 *     power, set_protocol, transmit, control, get_attribute, set_attribute of the same
 *     reader before the first has returned. Different readers run in parallel, so a
 *     driver guards what its readers share.
 *  2. Each job has a deadline, absolute, in the milliseconds of os_now_ms(). The driver
 *     returns SC_E_TIMEOUT soon after it at the latest. No function waits for ever.
 *  3. Each job has a stop (os/stop.h), which may be raised from any thread, before the
 *     job begins too. The job then returns soon (within some 100 ms) with
 *     SC_E_CANCELLED, and the reader stays usable. One that is all but done may end as
 *     it does. A stop is the job's alone: what is raised for one is not seen by the next.
 *     A job keeps no pointer to its stop, and forgets all of its calls, when it returns.
 *  4. Bytes: `in` is borrowed until the function returns, and may hold a PIN: a driver
 *     that copies it wipes the copy (base/secret.h) and never logs it. `out` has room for
 *     `out_room` bytes; *out_size is set to the number written, on success only. If an
 *     answer is longer than out_room, return SC_E_INSUFFICIENT_BUFFER and drop it.
 *  5. Never assert, crash or loop on what a device or card sends.
 *  6. Events (driver_host) may be posted from any thread, also from inside start() and
 *     from inside a job, but never while holding a lock that a job function, a call of
 *     its stop or stop() takes.
 *  7. A job that returns SC_W_REMOVED_CARD or SC_E_NO_SMARTCARD returns after the host
 *     knows: card_event() has returned from the removal that it speaks of, and if a card
 *     is in again, from its insertion. Whoever gets that answer finds no trace of the old
 *     card. A card that lost its power by itself, as by a reset of the device, counts as
 *     removed and inserted. If another thread is posting, the job waits for it.
 */
#ifndef MANAGER_DRIVER_H
#define MANAGER_DRIVER_H

#include "base/compiler.h"
#include "base/error.h"
#include "base/sizes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DRIVER_NAME_MAX = 128, /* bytes of a reader name, with the final NUL */
    DRIVER_TEXT_MAX = 64,  /* bytes of vendor, product, serial, with the final NUL */
    DRIVER_ID_MAX = 200,   /* bytes of a device instance id, with the final NUL */
    DRIVER_ATR_MAX = 33,   /* ISO/IEC 7816-3:2006, 8.2.1: TS and at most 32 more */
    DRIVER_TRANSFER_MAX = TRANSFER_MAX, /* bytes of one APDU or control transfer, either
                                         * way */
    DRIVER_ATTRIBUTE_MAX = 264          /* bytes of an attribute */
};

/* A protocol as a bit, values of winsmcrd.h. Masks of them name a choice. */
enum { PROTOCOL_UNDEFINED = 0, PROTOCOL_T0 = 1, PROTOCOL_T1 = 2, PROTOCOL_RAW = 0x10000 };

enum power_action {
    POWER_COLD_RESET, /* power the card off if it is on, then on: gives an ATR */
    POWER_WARM_RESET, /* a reset with the power on, cold if it is not powered: an ATR */
    POWER_OFF         /* remove power; no ATR */
};

/* SCARD_READER_TYPE_* of winsmcrd.h. */
enum { READER_TYPE_SERIAL = 0x01, READER_TYPE_USB = 0x20, READER_TYPE_VENDOR = 0xF0 };

/* What a driver tells of a reader when it arrives. All text is UTF-8 and NUL-terminated.
 * The host copies the structure. */
struct reader_info {
    char name[DRIVER_NAME_MAX];    /* exact name wanted by the user, or "" */
    char vendor[DRIVER_TEXT_MAX];  /* "Gemalto" */
    char product[DRIVER_TEXT_MAX]; /* "PC Twin Reader" */
    /* The name of the interface of a composite device, or "". */
    char interface_name[DRIVER_TEXT_MAX];
    char serial[DRIVER_TEXT_MAX]; /* or "" */
    /* Readers of one series are numbered together in pcsc-lite's names, as pcscd does with
     * those of one of its drivers; "" for nearly all. */
    char series[DRIVER_TEXT_MAX];
    char device_id[DRIVER_ID_MAX]; /* "USB\\VID_08E6&PID_3437\\1-2", stable over
                                        re-plugging */
    uint32_t version;              /* 0xMMmmbbbb, or 0: unknown */
    uint32_t channel_id;           /* SCARD_ATTR_CHANNEL_ID: type << 16 | channel */
    uint32_t type;                 /* READER_TYPE_* */
    uint32_t slot;                 /* number of this slot in its device, from 0 */
    bool card_present;             /* a card is in the slot now */
    bool taken; /* another process has the reader: it can only be listed. When it is
                 * free, post reader_gone, and reader_arrived with what is there */
    /* What the reader is called and is, as attributes, get_attribute says, and nobody else:
     * vendor, type, serial number, version and channel. */
    bool own_attributes;
    uint32_t protocols; /* PROTOCOL_T0, PROTOCOL_T1 or both: those that the reader can;
                         * 0: any that a card offers */
};

enum card_event { CARD_REMOVED, CARD_INSERTED, CARD_EXCHANGED };

/* What the host offers a driver. */
struct driver_host {
    /* A reader is there. `reader` is handed to every function of struct driver; *id names
     * it in later events. Jobs may start before this returns. Errors: SC_E_NO_MEMORY (the
     * limit of readers is reached), SC_E_READER_UNAVAILABLE (the host is stopping): then
     * the reader stays the driver's, and no close() comes. */
    enum sc_error (*reader_arrived)(struct driver_host *host,
                                    const struct reader_info *info, void *reader,
                                    uint32_t *id) MUST_CHECK;
    /* The reader is gone. No job starts after this returns; one may still run (make it
     * fail soon). close() comes exactly once, from any thread, possibly before this
     * returns. An id that is not known is ignored. */
    void (*reader_gone)(struct driver_host *host, uint32_t id);
    /* A card was put in or taken out. Say each change once, in order. A removal that is
     * followed by an insertion is two events; or CARD_EXCHANGED, if both are known by
     * then, so that nobody finds the reader empty in between. Never blocks for I/O. */
    void (*card_event)(struct driver_host *host, uint32_t id, enum card_event event);
};

struct os_stop;

/* What every job is given. */
struct driver_job {
    uint64_t deadline_ms; /* rule 2 */
    struct os_stop *stop; /* rule 3 */
};

/* Parameters of a job that carries bytes. */
struct transfer {
    struct driver_job job;
    const uint8_t *in;
    size_t in_size;
    uint8_t *out;
    size_t out_room;
    size_t out_size; /* set by the driver */
};

struct driver {
    const char *scheme; /* of the reader URIs it serves: "soft", "vpcd" */

    /* Begins serving the readers that `uri` names ("soft:?name=Demo"); arrivals are
     * posted from inside or later. Never blocks. Threads, files and sockets start here at
     * the earliest, never at load time. *self is handed to stop(). Errors:
     * SC_E_INVALID_VALUE (the URI is not understood; logged with the reason),
     * SC_E_NO_MEMORY, SC_E_READER_UNAVAILABLE (port taken, device missing). */
    enum sc_error (*start)(const char *uri, struct driver_host *host,
                           void **self) MUST_CHECK;
    /* Waits until the readers that were there at start() have been posted, so that a
     * program that asks at once finds them; with `cards` also for cards that come by
     * themselves, as simulated ones do. Not beyond deadline_ms, and less if one of them
     * takes its time. NULL: start() posts them itself. */
    void (*settle)(void *self, bool cards, uint64_t deadline_ms);
    /* Ends it: posts reader_gone for each of its readers, joins its threads. No event
     * comes after it returns. No job runs any more when the host calls this. */
    void (*stop)(void *self);

    /* The jobs. */

    /* Switches the card. For the two resets writes the ATR, raw, 2 to DRIVER_ATR_MAX
     * bytes. Errors: SC_E_NO_SMARTCARD (none in), SC_W_UNRESPONSIVE_CARD (mute, or its
     * ATR is not one), SC_F_COMM_ERROR, SC_E_TIMEOUT, SC_E_READER_UNAVAILABLE (device
     * gone). */
    enum sc_error (*power)(void *reader, enum power_action action,
                           const struct driver_job *job, uint8_t atr[DRIVER_ATR_MAX],
                           size_t *atr_size) MUST_CHECK;
    /* Negotiates T=0 or T=1 after a reset (PPS, parameters, IFSD). The ATR offers it.
     * Errors: SC_E_PROTO_MISMATCH (card or reader refuses), and those of power. After one
     * of them the card may be without power, which no event tells: the host resets it
     * before it does anything else with it. */
    enum sc_error (*set_protocol)(void *reader, uint32_t protocol,
                                  const struct driver_job *job) MUST_CHECK;
    /* One command and its answer: an APDU in T=1, a command TPDU or APDU in T=0 (61xx and
     * 6Cxx go back as they are), bytes as they are in RAW. Up to DRIVER_TRANSFER_MAX
     * bytes each way. Errors: SC_W_REMOVED_CARD or SC_E_NO_SMARTCARD (pulled),
     * SC_E_INVALID_PARAMETER (this reader or protocol cannot carry it), SC_F_COMM_ERROR
     * (garbage, protocol error), SC_E_TIMEOUT, SC_E_READER_UNAVAILABLE, SC_E_CANCELLED.
     */
    enum sc_error (*transmit)(void *reader, uint32_t protocol,
                              struct transfer *t) MUST_CHECK;
    /* A control code, as Windows numbers them (0x00310000 | function << 2); part 10 codes
     * too. Microsoft's own stay with the manager (ioctl.h), but EJECT, SWALLOW and
     * CONFISCATE; pcsc-lite's 0x42000001, an escape command, comes as it is. Works
     * without a card. Unknown: SC_E_UNSUPPORTED_FEATURE. */
    enum sc_error (*control)(void *reader, uint32_t code, struct transfer *t) MUST_CHECK;
    /* An attribute (winsmcrd.h, class << 16 | tag) that the manager does not know itself.
     * Unknown: SC_X_NOT_SUPPORTED. NULL: there are none. `in` of set is the value. */
    enum sc_error (*get_attribute)(void *reader, uint32_t id,
                                   struct transfer *t) MUST_CHECK;
    /* NULL: none can be set. */
    enum sc_error (*set_attribute)(void *reader, uint32_t id,
                                   struct transfer *t) MUST_CHECK;

    /* The host is done with the reader; no function is called with it afterwards. */
    void (*close)(void *reader);
};

#endif
