/* SPDX-License-Identifier: BSD-2-Clause */
/* What carries HID reports: hidapi (hidapi.c), or a test's own. */
#ifndef DRIVERS_HID_BUS_H
#define DRIVERS_HID_BUS_H

#include "drivers/hid/hid.h"

enum {
    HID_PATH_MAX = 256, /* bytes of a device's path, its NUL counted */
    HID_REPORT_MAX =
        64 /* bytes of a report that is written: all that these tokens have */
};

/* A device as the bus finds it; text as kit_usb_text() makes it. */
struct hid_found {
    char path[HID_PATH_MAX];
    uint16_t vendor_id, product_id, version;
    uint16_t
        usage_page; /* of a collection at its top; one with several comes several times */
    int interface_number; /* -1: not known */
    char vendor[DRIVER_TEXT_MAX], product[DRIVER_TEXT_MAX], serial[DRIVER_TEXT_MAX];
};

typedef void hid_take_found(void *context, const struct hid_found *found);

struct hid_device; /* an open one, the bus's own */

/* Any thread calls these, several at once; but one device is used by one thread. */
struct hid_bus {
    /* Before all else, in the driver's start(). Errors: SC_E_READER_UNAVAILABLE (the library
     * is missing; logged). */
    enum sc_error (*begin)(void);
    /* Each device that is there. Nothing is sent to any. */
    void (*list)(hid_take_found *take, void *context);
    /* Errors: SC_E_NO_ACCESS, or whatever keeps it from being opened. */
    enum sc_error (*open)(const char *path, struct hid_device **device);
    void (*close)(struct hid_device *device);
    /* One output report. Errors: SC_E_READER_UNAVAILABLE (it is gone). */
    enum sc_error (*write)(struct hid_device *device,
                           const uint8_t report[HID_REPORT_MAX]);
    /* One input report, or the beginning of one longer than `room`, as soon as there is one,
     * but not after `ms`: then *size is 0. Errors: SC_E_READER_UNAVAILABLE. */
    enum sc_error (*read)(struct hid_device *device, uint8_t *report, size_t room, int ms,
                          size_t *size);
};

extern const struct hid_bus hid_bus_hidapi;

/* driver.start over another bus. */
enum sc_error hid_start_on(const struct hid_bus *bus, const char *uri,
                           struct driver_host *host, void **self) MUST_CHECK;

#endif
