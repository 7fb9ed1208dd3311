/* SPDX-License-Identifier: BSD-2-Clause */
/* USB devices by sysfs: Linux's Documentation/ABI/stable/sysfs-bus-usb. */
#include "bundle/bundle.h"

#include "base/alloc.h"
#include "base/hex.h"
#include "base/uri.h"
#include "os/files.h"

#include <stdio.h>
#include <string.h>

enum { LINE_MAX_SIZE = 4096, ENTRIES_MAX = 4096 };

struct usb_listing {
    struct bundle_usb *devices;
    size_t count;
};

/* The first line of a file, cut to its room. False: there is none. */
static bool read_sysfs_line(const char *directory, const char *name, char *line,
                            size_t room)
{
    char path[BUNDLE_PATH_MAX];
    uint8_t *bytes = NULL;
    size_t size = 0;
    line[0] = '\0';
    int length = snprintf(path, sizeof(path), "%s/%s", directory, name);
    if (length < 0 || (size_t)length >= sizeof(path)
        || os_read_file(path, LINE_MAX_SIZE, &bytes, &size) != SC_OK)
        return false;
    size_t used = 0;
    while (used < size && used < room - 1 && bytes[used] != '\n' && bytes[used] != '\0') {
        bool control = bytes[used] < 0x20;
        line[used] = ' ';
        if (!control)
            line[used] = (char)bytes[used];
        used++;
    }
    while (used > 0 && line[used - 1] == ' ')
        used--;
    line[used] = '\0';
    mem_free(bytes);
    return true;
}

static bool read_hex(const char *directory, const char *name, size_t bytes,
                     uint32_t *number)
{
    char line[16];
    uint8_t value[2] = {0, 0};
    size_t size = 0;
    if (!read_sysfs_line(directory, name, line, sizeof(line))
        || hex_decode(line, strlen(line), value, bytes, &size) != SC_OK || size != bytes)
        return false;
    *number = bytes == 2 ? (uint32_t)value[0] << 8 | value[1] : value[0];
    return true;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static void take_usb_node(struct usb_listing *listing, const char *path)
{
    struct bundle_usb device = {.interface_count = 0};
    uint32_t vendor, product, bus, address;
    char line[16], other[16];
    if (listing->count == BUNDLE_USB_MAX || !read_hex(path, "idVendor", 2, &vendor)
        || !read_hex(path, "idProduct", 2, &product)
        || !read_sysfs_line(path, "busnum", line, sizeof(line))
        || uri_parse_number(line, 1, UINT8_MAX, &bus) != SC_OK
        || !read_sysfs_line(path, "devnum", other, sizeof(other))
        || uri_parse_number(other, 1, UINT8_MAX, &address) != SC_OK)
        return;
    device.vendor = (uint16_t)vendor;
    device.product = (uint16_t)product;
    device.bus = (uint8_t)bus;
    device.address = (uint8_t)address;
    (void)snprintf(device.path, sizeof(device.path), "%s", last_part(path));
    (void)read_sysfs_line(path, "serial", device.serial, sizeof(device.serial));
    listing->devices[listing->count++] = device;
}

/* "1-2.4:1.0" is an interface of "1-2.4", which comes before it. */
static void take_usb_interface(struct usb_listing *listing, const char *path)
{
    const char *name = last_part(path);
    size_t length = strcspn(name, ":");
    uint32_t number, class_code;
    for (size_t i = 0; i < listing->count; i++) {
        struct bundle_usb *device = &listing->devices[i];
        if (strlen(device->path) != length || memcmp(device->path, name, length) != 0
            || device->interface_count == BUNDLE_INTERFACES_MAX)
            continue;
        if (!read_hex(path, "bInterfaceNumber", 1, &number)
            || !read_hex(path, "bInterfaceClass", 1, &class_code))
            return;
        struct bundle_interface *found = &device->interfaces[device->interface_count++];
        found->number = (uint8_t)number;
        found->class_code = (uint8_t)class_code;
        (void)read_sysfs_line(path, "interface", found->name, sizeof(found->name));
        return;
    }
}

static void take_usb_entry(void *context, const char *path)
{
    if (strchr(last_part(path), ':') != NULL)
        take_usb_interface(context, path);
    else
        take_usb_node(context, path);
}

void bundle_list_usb(const char *devices,
                     void (*take)(void *context, const struct bundle_usb *device),
                     void *context)
{
    struct usb_listing listing = {.count = 0};
    listing.devices = mem_alloc_array(BUNDLE_USB_MAX, sizeof(*listing.devices));
    if (listing.devices == NULL)
        return;
    (void)os_list_names(devices, "", ENTRIES_MAX, take_usb_entry, &listing);
    for (size_t i = 0; i < listing.count; i++)
        take(context, &listing.devices[i]);
    mem_free(listing.devices);
}

bool bundle_usb_has_class(const struct bundle_usb *device, uint8_t class_code)
{
    for (size_t i = 0; i < device->interface_count; i++)
        if (device->interfaces[i].class_code == class_code)
            return true;
    return false;
}

static size_t list_class(const struct bundle_usb *device, uint8_t class_code,
                         size_t indices[BUNDLE_INTERFACES_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < device->interface_count; i++)
        if (device->interfaces[i].class_code == class_code)
            indices[count++] = i;
    return count;
}

size_t bundle_usb_readers(const struct bundle_usb *device,
                          size_t indices[BUNDLE_INTERFACES_MAX])
{
    enum { CLASS_SMART_CARD = 0x0B, CLASS_VENDOR = 0xFF };
    size_t count = list_class(device, CLASS_SMART_CARD, indices);
    if (count == 0)
        count = list_class(device, CLASS_VENDOR, indices);
    if (count == 0 && device->interface_count > 0)
        indices[count++] = 0;
    return count;
}

void bundle_usb_name(const struct bundle_usb *device,
                     const struct bundle_interface *interface_, const char *nodes,
                     char *name, size_t room)
{
    (void)snprintf(name, room, "usb:%04x/%04x:libudev:%u:%s/%03u/%03u",
                   (unsigned)device->vendor, (unsigned)device->product,
                   (unsigned)interface_->number, nodes, (unsigned)device->bus,
                   (unsigned)device->address);
}
