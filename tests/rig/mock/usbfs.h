/* SPDX-License-Identifier: BSD-2-Clause */
/* The ioctls of one usbfs node (linux/usbdevice_fs.h) served from a simulated device. The
 * node's ioctls come in umockdev's worker thread; everything else may come from any. */
#ifndef RIG_USBFS_H
#define RIG_USBFS_H

#include "base/compiler.h"
#include "tests/rig/mock/mock.h"

#include <umockdev.h>

struct usbfs;

/* `device` becomes the node's; `kick(owner)` is called, with no lock held, when the time
 * of the next usbfs_advance may have changed. NULL: no pseudo-terminal or memory (the
 * device is freed). */
struct usbfs *usbfs_new(struct sim_device *device, void (*kick)(void *owner),
                        void *owner) MUST_CHECK;
/* No ioctl may follow. */
void usbfs_free(struct usbfs *usbfs);

/* What to attach to the node's path, and what the node is a symbolic link to. */
UMockdevIoctlBase *usbfs_handler(struct usbfs *usbfs);
const char *usbfs_terminal(const struct usbfs *usbfs);

/* Lets the time pass; the time of the next call, UINT64_MAX for none. */
uint64_t usbfs_advance(struct usbfs *usbfs, uint64_t now_ms);
/* True when the device left by itself and usbfs_remove is to be called. */
bool usbfs_wants_removal(struct usbfs *usbfs);
/* The device leaves: URBs end with ESHUTDOWN, everything else with ENODEV. */
void usbfs_remove(struct usbfs *usbfs);

/* Another process resets the device (USBDEVFS_RESET). */
void usbfs_reset(struct usbfs *usbfs);
void usbfs_card(struct usbfs *usbfs, uint32_t slot, bool present);
void usbfs_revive(struct usbfs *usbfs);
struct mock_counts usbfs_counts(struct usbfs *usbfs);

#endif
