/* SPDX-License-Identifier: BSD-2-Clause */
/* What usbfs.c and usbfs_urb.c share: a node, its open files, their URBs. Everything but
 * what is marked is under the node's mutex. */
#ifndef RIG_USBFS_STATE_H
#define RIG_USBFS_STATE_H

#include "base/list.h"
#include "os/lock.h"
#include "tests/rig/mock/usbfs.h"

#include <linux/usbdevice_fs.h>

/* An answer that comes later by usbfs_answer; other answers are >= 0, or -errno. */
#define USBFS_LATER LONG_MIN

enum {
    USBFS_CLAIMS = 32,           /* interfaces of a device */
    USBFS_TRANSFER = 1024 * 1024 /* bytes of an URB; the kernel allows 16 MiB in all */
};

struct usbfs {
    struct os_mutex mutex;
    struct sim_device *device;    /* NULL after removal */
    struct sim_identity identity; /* copied; its pointers are the device's */
    struct mock_counts counts;    /* the device's own when it has left */
    int master, slave;            /* the pseudo-terminal */
    bool ready;                   /* its output runs: a file has finished URBs */
    bool gone;
    bool traced;                /* constant */
    char terminal[64];          /* constant */
    UMockdevIoctlBase *handler; /* constant */
    struct list_link files;
    void (*kick)(void *owner);
    void *owner;
};

struct usbfs_file {
    UMockdevIoctlClient *client;
    uint32_t claimed;           /* bit n: interface n */
    struct list_link kept;      /* URBs in the device */
    struct list_link done;      /* URBs to be reaped, the oldest first */
    UMockdevIoctlData *reaping; /* the argument of a REAPURB that waits */
    struct list_link link;
};

enum usbfs_kind {
    USBFS_URB,   /* SUBMITURB; reaped */
    USBFS_SYNC,  /* the ioctl waits for it: CONTROL, BULK, CLEAR_HALT, ... */
    USBFS_SILENT /* a zero-length packet after an URB; nobody asks for it */
};

struct usbfs_urb {
    struct sim_urb sim;
    enum usbfs_kind kind;
    struct usbfs_file *file; /* NULL: closed meanwhile */
    uint64_t deadline_ms;    /* of USBFS_SYNC */
    bool late;
    UMockdevIoctlData *arg;  /* struct usbdevfs_urb, or NULL */
    UMockdevIoctlData *data; /* the client's buffer, or NULL */
    size_t skip;             /* bytes of setup before the data in the client's buffer */
    struct list_link link;
    uint8_t bytes[];
};

static inline struct usbfs_urb *usbfs_urb_of(struct list_link *link)
{
    return LIST_ENTRY(link, struct usbfs_urb, link);
}

/* The ioctl that the client waits for ends. */
void usbfs_answer(UMockdevIoctlClient *client, long answer);

/* SUBMITURB, DISCARDURB, REAPURB (with `wait`) and REAPURBNDELAY. `arg` is the
 * structure's memory, or the pointer to be filled; `address` the URB's in the client. */
long usbfs_submit(struct usbfs *usbfs, struct usbfs_file *file, UMockdevIoctlData *arg);
long usbfs_discard(struct usbfs_file *file, struct usbfs *usbfs, gulong address);
long usbfs_reap(struct usbfs *usbfs, struct usbfs_file *file, UMockdevIoctlData *arg,
                bool wait);

/* A transfer that its ioctl waits for. `setup` is NULL for endpoints but 0; `data` NULL
 * where size is 0. */
long usbfs_transfer(struct usbfs *usbfs, struct usbfs_file *file, uint8_t endpoint,
                    const uint8_t *setup, UMockdevIoctlData *data, size_t size,
                    uint32_t timeout_ms);

/* 0 also if the file has claimed the interface before. */
long usbfs_claim(struct usbfs *usbfs, struct usbfs_file *file, uint32_t iface);
/* Ends what the file has under way at the interface's endpoints with ESHUTDOWN: the
 * kernel shuts them when the file loses the interface. */
void usbfs_shut(struct usbfs *usbfs, struct usbfs_file *file, uint32_t iface);

/* Takes finished URBs from the device and gives them to whom they belong. */
void usbfs_collect(struct usbfs *usbfs);
/* Sync transfers whose time is over are cancelled; when the next is. */
uint64_t usbfs_expire(struct usbfs *usbfs, uint64_t now_ms);
/* SET_CONFIGURATION, as the kernel does it before anybody sees the device. */
void usbfs_configure(struct usbfs *usbfs);
/* Cancels what the file has in the device, and frees what it did not reap. */
void usbfs_close(struct usbfs *usbfs, struct usbfs_file *file);

#endif
