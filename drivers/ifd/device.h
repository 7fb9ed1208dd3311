/* SPDX-License-Identifier: BSD-2-Clause */
/* A reader of "ifd:": its handler's life, and its slots. Each has a thread, which starts the
 * handler, hears of cards, and starts it anew when it has ended, after a pause that grows.
 *
 *     device.c    the life
 *     connect.c   a handler is started and opens the reader; what comes of its end
 *     job.c       what the host asks for
 *     ifd.c       which readers there are */
#ifndef DRIVERS_IFD_DEVICE_H
#define DRIVERS_IFD_DEVICE_H

#include "base/list.h"
#include "drivers/ifd/handler.h"
#include "drivers/kit/reader.h"
#include "os/child.h"
#include "proto/atr.h"

enum {
    IFD_RESTART_MS = 500,       /* the first pause; each is twice the one before */
    IFD_RESTART_MAX_MS = 60000, /* but no longer than this */
    IFD_ORDER_MS = 3000,        /* for the reader that is to come before */
    IFD_SOUND_MS = 60000, /* one that has run for so long begins with the first again */
    IFD_CLOSE_MS = 4000,  /* for the handler's process to end when it is hung up on */
    IFD_TELL_MS = 2000,   /* for news of a card that an answer speaks of */
    IFD_POWER_MS = 60000, /* for all calls but commands */
    IFD_APDU_TIMEOUT_MS = 600000,
    IFD_APDU_TIMEOUT_MAX_MS = 3600000,
    IFD_OPEN_TIMEOUT_MS = 30000,
    IFD_OPEN_TIMEOUT_MAX_MS = 600000
};

struct ifd_device;

struct ifd_reader {
    struct kit_reader kit; /* first: the host hands it back */
    struct ifd_device *device;
    /* Changed while the host does not know the reader, or has left it. */
    struct os_socket socket;
    /* Under the reader's lock: changes of the slot that were told so far. */
    uint32_t moves;
    /* The jobs': */
    uint32_t number; /* of the last call */
    uint32_t owed;   /* answers that nobody waits for any more */
    struct atr atr;  /* of the card that was powered last */
};

enum ifd_state {
    IFD_DOWN,   /* started again at due_ms */
    IFD_SERVED, /* its readers are there */
    IFD_REFUSED /* what is wrong with it stays so */
};

enum ifd_dropped {
    IFD_KEPT,
    IFD_DROPPED, /* and has said why */
    IFD_ENDED    /* as it had ended by itself */
};

struct ifd_device {
    struct kit_instance kit; /* first */
    struct list_link link;   /* of whoever has made it */
    /* What is there, from the start on. */
    struct ifd_target target;
    struct reader_info info; /* but for its slots */
    char label[160];         /* for messages: the reader and its handler */
    uint32_t apdu_timeout_ms, open_timeout_ms;
    bool own_process;
    /* Readers that files name come in their order, as they are numbered by it: this one
     * after the other, which lives longer; or NULL. */
    struct ifd_device *after;
    uint32_t usb_place; /* the owner's: bus, address and interface, or 0 */
    bool seen;          /* the owner's */
    /* The thread's, and the jobs' while readers are served. */
    enum ifd_state state;
    uint64_t due_ms, opened_ms;
    uint32_t failures; /* in a row */
    uint32_t slot_count, reader_count;
    struct ifd_unit *unit; /* without a process of its own */
    struct os_child child;
    struct os_socket control;
    uint32_t dropped; /* atomic, enum ifd_dropped: a job has ended the process */
    uint32_t settled; /* atomic: it was tried once */
    struct ifd_reader readers[IFD_SLOTS_MAX];
};

/* No reader yet; the target and all that is the owner's is to be filled in. NULL: no
 * memory. */
struct ifd_device *ifd_device_new(struct driver_host *host) MUST_CHECK;
/* From now on it lives. kit_instance_stop() ends it. Errors: SC_E_NO_MEMORY: then too. */
enum sc_error ifd_device_start(struct ifd_device *device) MUST_CHECK;
/* It was tried. */
bool ifd_device_is_settled(struct ifd_device *device);

/* connect.c */

/* Starts the handler, which opens the reader: device->slot_count, and where cards are,
 * presence[]. Errors: SC_E_READER_UNAVAILABLE (may be otherwise later),
 * SC_E_READER_UNSUPPORTED (will not), SC_E_CANCELLED (the thread is to look at something
 * else), SC_E_NO_MEMORY. It was logged, and all is as before. */
enum sc_error ifd_connect(struct ifd_device *device,
                          uint8_t presence[IFD_SLOTS_MAX]) MUST_CHECK;
/* A connection for each slot. Errors: SC_E_READER_UNAVAILABLE. */
enum sc_error ifd_connect_slots(struct ifd_device *device) MUST_CHECK;
/* What an IFD_CRASHED of this number says. */
void ifd_log_crash(const struct ifd_device *device, uint32_t number);
/* No reader is served any more: hangs up, and waits for the handler's end. */
void ifd_hang_up(struct ifd_device *device);

/* job.c */

/* Those of struct driver. */
enum sc_error ifd_power(void *self, enum power_action action,
                        const struct driver_job *asked, uint8_t atr[DRIVER_ATR_MAX],
                        size_t *atr_size) MUST_CHECK;
enum sc_error ifd_set_protocol(void *self, uint32_t protocol,
                               const struct driver_job *asked) MUST_CHECK;
enum sc_error ifd_transmit(void *self, uint32_t protocol, struct transfer *t) MUST_CHECK;
enum sc_error ifd_control(void *self, uint32_t code, struct transfer *t) MUST_CHECK;
enum sc_error ifd_get_attribute(void *self, uint32_t id, struct transfer *t) MUST_CHECK;
enum sc_error ifd_set_attribute(void *self, uint32_t id, struct transfer *t) MUST_CHECK;
/* Sends a call of the job that runs to the handler's process, and receives the answer.
 * Errors: SC_E_CANCELLED, SC_E_TIMEOUT, SC_E_READER_UNAVAILABLE (it has ended),
 * SC_F_COMM_ERROR (what came is no answer). After the last three the process is ended. */
enum sc_error ifd_exchange(struct kit_job *job, struct ifd_call *call) MUST_CHECK;

#endif
