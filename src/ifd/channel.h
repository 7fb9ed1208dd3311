/* SPDX-License-Identifier: BSD-2-Clause */
/* Channels, as pcscd calls a reader that it has opened: a driver of ours and its readers,
 * one for each slot. pcscd opens each slot of a reader, and closes each; the driver runs
 * from the first to the last. */
#ifndef IFD_CHANNEL_H
#define IFD_CHANNEL_H

#include "manager/driver.h"
#include "os/lock.h"
#include "os/stop.h"

enum {
    CHANNELS_MAX = 16,       /* readers at once: pcscd has no more */
    CHANNEL_SLOTS_MAX = 16,  /* of each; more are not seen */
    CHANNEL_ARRIVE_MS = 5000 /* a reader that is told to be there is waited for so long */
};

/* A reader of ours. Under the channel's lock, but for what the job that runs has. */
struct ifd_slot {
    struct reader_info info;
    void *reader; /* the driver's; NULL: there is none */
    uint32_t id;
    bool gone; /* not closed yet */
    bool in_job;
    bool present;
    uint32_t moves; /* of its card, for who waits for one */
    uint8_t atr[DRIVER_ATR_MAX];
    size_t atr_size;
    uint32_t protocol; /* in force; 0: none */
    bool stopping;     /* who waits for its card is to come back */
    struct os_stop stop;
};

struct channel {
    struct driver_host port; /* first: the driver hands it back */
    const struct driver *driver;
    void *self;
    uint32_t opened; /* slots that pcscd has open; under the lock of all channels */
    struct os_mutex lock;
    struct os_cond changed;
    uint32_t next_id;
    struct ifd_slot slots[CHANNEL_SLOTS_MAX];
};

/* Opens a slot by the name of its device: a URI of ours, or pcscd's own for a USB device,
 * "usb:VVVV/PPPP:...". Errors: SC_E_INVALID_VALUE (no such driver, or it does not
 * understand that), SC_E_READER_UNAVAILABLE (no reader is there), SC_E_SHARING_VIOLATION
 * (it is being opened, or it is a USB device that has another number already),
 * SC_E_NO_MEMORY. */
enum sc_error channel_open(uint32_t lun, const char *name) MUST_CHECK;
/* False: it is not open. */
bool channel_close(uint32_t lun) MUST_CHECK;
/* NULL: it is not open. The channel stays until its last slot is closed, which pcscd does not do
 * while it is inside a call of that. */
struct channel *channel_find(uint32_t lun) MUST_CHECK;

/* Begins a job of a slot: NULL if its reader has gone. One at a time: another one waits. */
struct ifd_slot *channel_begin(struct channel *channel, uint32_t number,
                               struct driver_job *job, uint32_t ms) MUST_CHECK;
void channel_end(struct channel *channel, struct ifd_slot *slot);

#endif
