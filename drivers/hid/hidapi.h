/* SPDX-License-Identifier: BSD-2-Clause */
/* What is used of hidapi (0.12 and later), as it is looked up in the library that is loaded:
 * its header is not needed to build this. A test compares the two
 * (tests/drivers/test_hidapi.c). */
#ifndef DRIVERS_HID_HIDAPI_H
#define DRIVERS_HID_HIDAPI_H

#include <stddef.h>

struct hidapi_handle; /* hid_device */

struct hidapi_info { /* struct hid_device_info; later ones have more behind this */
    char *path;
    unsigned short vendor_id;
    unsigned short product_id;
    wchar_t *serial_number;
    unsigned short release_number;
    wchar_t *manufacturer_string;
    wchar_t *product_string;
    unsigned short usage_page;
    unsigned short usage;
    int interface_number;
    struct hidapi_info *next;
};

/* CALL(what it gives, its name, its arguments), with the two types above or hidapi's own. */
#define HIDAPI_CALLS(CALL, HANDLE, INFO)                                                 \
    CALL(int, hid_init, (void))                                                          \
    CALL(INFO *, hid_enumerate, (unsigned short, unsigned short))                        \
    CALL(void, hid_free_enumeration, (INFO *))                                           \
    CALL(HANDLE *, hid_open_path, (const char *))                                        \
    CALL(int, hid_write, (HANDLE *, const unsigned char *, size_t))                      \
    CALL(int, hid_read_timeout, (HANDLE *, unsigned char *, size_t, int))                \
    CALL(void, hid_close, (HANDLE *))

#endif
