/* SPDX-License-Identifier: BSD-2-Clause */
/* Which interfaces of a device are readers: class 0B, or FF with a CCID descriptor in
 * devices that are known for it. Descriptors are as hostile as all that a device sends.
 */
#include "base/log.h"
#include "base/utf.h"
#include "drivers/ccid_usb/usb.h"

#include <stdio.h>
#include <string.h>

enum {
    CLASS_SMART_CARD = 0x0B,
    CLASS_VENDOR = 0xFF,
    STRING_MAX = 255,
    LANGUAGE_ENGLISH = 0x0409
};

/* --- Interfaces --------------------------------------------------------------------- */

/* After the interface as the standard wants it, or after one of its endpoints. */
static const uint8_t *find_descriptor(const struct libusb_interface_descriptor *setting)
{
    const uint8_t *found = NULL;
    if (setting->extra_length > 0)
        found = ccid_descriptor_find(setting->extra, (size_t)setting->extra_length);
    for (int i = 0; i < setting->bNumEndpoints && found == NULL; i++) {
        const struct libusb_endpoint_descriptor *endpoint = &setting->endpoint[i];
        if (endpoint->extra_length > 0)
            found = ccid_descriptor_find(endpoint->extra, (size_t)endpoint->extra_length);
    }
    return found;
}

static void find_endpoints(const struct libusb_interface_descriptor *setting,
                           struct usb_pipe *pipe)
{
    for (int i = 0; i < setting->bNumEndpoints; i++) {
        const struct libusb_endpoint_descriptor *endpoint = &setting->endpoint[i];
        uint8_t address = endpoint->bEndpointAddress;
        bool in = (address & LIBUSB_ENDPOINT_IN) != 0;
        uint16_t packet = endpoint->wMaxPacketSize & 0x7FF;
        int kind = endpoint->bmAttributes & LIBUSB_TRANSFER_TYPE_MASK;
        if (packet == 0)
            continue;
        if (kind == LIBUSB_TRANSFER_TYPE_BULK && in) {
            pipe->endpoint_in = address;
            pipe->transport.packet_size = packet;
        } else if (kind == LIBUSB_TRANSFER_TYPE_BULK) {
            pipe->endpoint_out = address;
        } else if (kind == LIBUSB_TRANSFER_TYPE_INTERRUPT && in) {
            pipe->endpoint_interrupt = address;
            pipe->interrupt_size =
                packet < USB_INTERRUPT_MAX ? packet : USB_INTERRUPT_MAX;
        }
    }
}

/* With bulk pipes it is CCID, whatever the protocol number says: there is a reader with
 * bulk pipes that names itself ICCD. */
static bool find_kind(const struct libusb_interface_descriptor *setting,
                      struct usb_pipe *pipe)
{
    bool bulk = pipe->endpoint_in != 0 && pipe->endpoint_out != 0;
    if (bulk)
        pipe->ccid.kind = CCID_KIND_BULK;
    else if (setting->bInterfaceProtocol == 1)
        pipe->ccid.kind = CCID_KIND_ICCD_A;
    else if (setting->bInterfaceProtocol == 2)
        pipe->ccid.kind = CCID_KIND_ICCD_B;
    else
        return false;
    if (!bulk) {
        pipe->endpoint_in = pipe->endpoint_out = 0;
        pipe->transport.packet_size = 64;
    }
    return true;
}

/* The CCID descriptor of an interface that is a reader, or NULL. */
static const uint8_t *wanted_descriptor(const struct usb_device *device,
                                        const struct libusb_interface_descriptor *setting)
{
    bool of_vendor = setting->bInterfaceClass == CLASS_VENDOR;
    if (setting->bInterfaceClass != CLASS_SMART_CARD && !of_vendor)
        return NULL;
    const uint8_t *descriptor = find_descriptor(setting);
    if (!of_vendor || descriptor == NULL
        || ccid_vendor_class(device->vendor_id, device->product_id))
        return descriptor;
    const char *why = ccid_left_out(device->vendor_id, device->product_id);
    log_info("usb: %04X:%04X interface %u: not served: %s", (unsigned)device->vendor_id,
             (unsigned)device->product_id, (unsigned)setting->bInterfaceNumber,
             why != NULL ? why : "a vendor's class, and not known as a reader");
    return NULL;
}

static bool take_setting(struct usb_device *device,
                         const struct libusb_interface_descriptor *setting)
{
    struct usb_pipe *pipe = &device->pipes[device->pipe_count];
    const uint8_t *descriptor = wanted_descriptor(device, setting);
    if (descriptor == NULL)
        return false;
    memset(pipe, 0, sizeof(*pipe));
    find_endpoints(setting, pipe);
    if (!find_kind(setting, pipe)
        || !ccid_descriptor_parse(descriptor, &pipe->ccid.descriptor)) {
        log_error("usb: %04X:%04X interface %u: not a reader that can be used",
                  (unsigned)device->vendor_id, (unsigned)device->product_id,
                  (unsigned)setting->bInterfaceNumber);
        return false;
    }
    pipe->device = device;
    pipe->number = setting->bInterfaceNumber;
    pipe->setting = setting->bAlternateSetting;
    pipe->ccid.quirks =
        ccid_quirks(device->vendor_id, device->product_id, device->version);
    device->pipe_count++;
    return true;
}

/* The first of the settings that has a class descriptor. */
static void take_interface(struct usb_device *device,
                           const struct libusb_interface *iface)
{
    for (int i = 0; i < iface->num_altsetting; i++) {
        if (device->pipe_count == USB_INTERFACES_MAX) {
            log_error("usb: more than %d readers in one device", USB_INTERFACES_MAX);
            return;
        }
        if (take_setting(device, &iface->altsetting[i]))
            return;
    }
}

bool usb_scan(struct usb_device *device)
{
    struct libusb_device_descriptor d;
    struct libusb_config_descriptor *config = NULL;
    device->pipe_count = 0;
    if (libusb_get_device_descriptor(device->device, &d) != LIBUSB_SUCCESS)
        return false;
    device->vendor_id = d.idVendor;
    device->product_id = d.idProduct;
    device->version = d.bcdDevice;
    /* Not configured yet: the first configuration is the one that will be. */
    if (libusb_get_active_config_descriptor(device->device, &config) != LIBUSB_SUCCESS
        && libusb_get_config_descriptor(device->device, 0, &config) != LIBUSB_SUCCESS)
        return false;
    for (int i = 0; i < config->bNumInterfaces; i++)
        take_interface(device, &config->interface[i]);
    libusb_free_config_descriptor(config);
    if (device->pipe_count > 0 && (device->pipes[0].ccid.quirks & QUIRK_TOO_OLD) != 0) {
        log_error("usb: %04X:%04X: firmware %X.%02X is too old to follow CCID",
                  (unsigned)d.idVendor, (unsigned)d.idProduct, (unsigned)d.bcdDevice >> 8,
                  (unsigned)d.bcdDevice & 0xFF);
        return false;
    }
    return device->pipe_count > 0;
}

/* --- Names -------------------------------------------------------------------------- */

/* A string descriptor (USB 2.0, 9.6.7) as UTF-8, cut at a whole character; blanks at the
 * ends dropped, control characters made blanks. */
static void to_text(const uint8_t *bytes, size_t size, char text[DRIVER_TEXT_MAX])
{
    uint16_t units[STRING_MAX / 2];
    char utf8[STRING_MAX * 2];
    size_t count = 0, length = 0, start = 0;
    for (size_t at = 2; at + 1 < size && count < STRING_MAX / 2; at += 2) {
        uint16_t unit = (uint16_t)(bytes[at] | bytes[at + 1] << 8);
        if (unit == 0)
            break;
        units[count++] = unit < 0x20 || unit == 0x7F ? ' ' : unit;
    }
    text[0] = '\0';
    if (utf16_to_utf8(units, count, utf8, sizeof(utf8), &length) != SC_OK)
        return;
    while (start < length && utf8[start] == ' ')
        start++;
    while (length > start && utf8[length - 1] == ' ')
        length--;
    length -= start;
    if (length > DRIVER_TEXT_MAX - 1)
        for (length = DRIVER_TEXT_MAX - 1;
             ((unsigned char)utf8[start + length] & 0xC0) == 0x80;)
            length--;
    memcpy(text, utf8 + start, length);
    text[length] = '\0';
}

static void read_string(struct usb_device *device, uint8_t index, uint16_t language,
                        char text[DRIVER_TEXT_MAX])
{
    unsigned char bytes[STRING_MAX];
    text[0] = '\0';
    if (index == 0)
        return;
    int size = libusb_get_string_descriptor(device->handle, index, language, bytes,
                                            sizeof(bytes));
    if (size >= 2 && bytes[1] == LIBUSB_DT_STRING)
        to_text(bytes, bytes[0] < size ? bytes[0] : (size_t)size, text);
}

static uint16_t read_language(struct usb_device *device)
{
    unsigned char bytes[STRING_MAX];
    int size = libusb_get_string_descriptor(device->handle, 0, 0, bytes, sizeof(bytes));
    if (size < 4 || bytes[1] != LIBUSB_DT_STRING)
        return LANGUAGE_ENGLISH;
    return (uint16_t)(bytes[2] | bytes[3] << 8);
}

static void read_interface_names(struct usb_device *device, uint16_t language)
{
    struct libusb_config_descriptor *config = NULL;
    if (libusb_get_active_config_descriptor(device->device, &config) != LIBUSB_SUCCESS)
        return;
    for (uint32_t i = 0; i < device->pipe_count; i++) {
        struct usb_pipe *pipe = &device->pipes[i];
        for (int j = 0; j < config->bNumInterfaces; j++) {
            const struct libusb_interface *iface = &config->interface[j];
            if (iface->num_altsetting > 0
                && iface->altsetting[0].bInterfaceNumber == pipe->number)
                read_string(device, iface->altsetting[0].iInterface, language,
                            pipe->ccid.identity.interface_name);
        }
    }
    libusb_free_config_descriptor(config);
}

void usb_read_names(struct usb_device *device)
{
    struct libusb_device_descriptor d;
    if (libusb_get_device_descriptor(device->device, &d) != LIBUSB_SUCCESS)
        return;
    uint16_t language = read_language(device);
    read_string(device, d.iManufacturer, language, device->vendor);
    read_string(device, d.iProduct, language, device->product);
    read_string(device, d.iSerialNumber, language, device->serial);
    read_interface_names(device, language);
}

/* "1-2.3": the way through hubs, which stays when a device is plugged in again there. */
static void write_path(libusb_device *device, char *text, size_t room)
{
    uint8_t ports[7];
    int count = libusb_get_port_numbers(device, ports, sizeof(ports));
    size_t at =
        (size_t)snprintf(text, room, "%u", (unsigned)libusb_get_bus_number(device));
    for (int i = 0; i < count && at < room; i++)
        at += (size_t)snprintf(text + at, room - at, "%c%u", i == 0 ? '-' : '.',
                               (unsigned)ports[i]);
}

void usb_describe(const struct ccid_slot *slot, struct reader_info *info)
{
    const struct ccid_interface *ccid = slot->ccid;
    const struct usb_pipe *pipe = (const struct usb_pipe *)(const void *)ccid->transport;
    const struct usb_device *device = pipe->device;
    char path[32], part[16] = "";
    memset(info, 0, sizeof(*info));
    memcpy(info->vendor, device->vendor, sizeof(info->vendor));
    memcpy(info->product, device->product, sizeof(info->product));
    memcpy(info->interface_name, ccid->identity.interface_name,
           sizeof(info->interface_name));
    memcpy(info->serial, device->serial, sizeof(info->serial));
    if (info->vendor[0] == '\0' && info->product[0] == '\0')
        snprintf(info->product, sizeof(info->product), "USB reader %04X:%04X",
                 (unsigned)device->vendor_id, (unsigned)device->product_id);
    write_path(device->device, path, sizeof(path));
    if (device->pipe_count > 1)
        snprintf(part, sizeof(part), "&MI_%02X", (unsigned)pipe->number);
    snprintf(info->device_id, sizeof(info->device_id), "USB\\VID_%04X&PID_%04X%s\\%s",
             (unsigned)device->vendor_id, (unsigned)device->product_id, part,
             device->serial[0] != '\0' ? device->serial : path);
    info->version = (uint32_t)device->version << 16;
    info->type = READER_TYPE_USB;
    info->channel_id = (uint32_t)READER_TYPE_USB << 16
                       | (uint32_t)libusb_get_bus_number(device->device) << 8
                       | libusb_get_device_address(device->device);
    info->slot = slot->index;
    info->protocols = ccid->descriptor.protocols;
}
