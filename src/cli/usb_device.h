/* SPDX-License-Identifier: BSD-2-Clause */
/* From a reader's name for the device manager to the device's file. */
#ifndef CLI_USB_DEVICE_H
#define CLI_USB_DEVICE_H

#include <stdbool.h>

enum { USB_NODE_ROOM = 64 };

/* `id`: what SCardGetReaderDeviceInstanceId gives, "USB\VID_08E6&PID_3437\1-2", where a
 * device's serial number stands for the way to it. Looks below `devices`
 * (os_usb_devices()) and writes the node below `nodes` (os_usb_nodes()). False: no device
 * there is this one. */
bool usb_device_node(const char *devices, const char *nodes, const char *id,
                     char node[USB_NODE_ROOM]);

/* The first line of DIRECTORY/DEVICE/FILE; "" if there is none. */
void usb_device_line(const char *directory, const char *device, const char *file,
                     char *line, int room);

#endif
