/* SPDX-License-Identifier: BSD-2-Clause */
/* Which interfaces of a device are readers: class 0B, or FF with a CCID descriptor in
 * devices that are known for it. Descriptors are as hostile as all that a device sends.
 */
#include "base/log.h"
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
        pipe->port.ccid.kind = CCID_KIND_BULK;
    else if (setting->bInterfaceProtocol == 1)
        pipe->port.ccid.kind = CCID_KIND_ICCD_A;
    else if (setting->bInterfaceProtocol == 2)
        pipe->port.ccid.kind = CCID_KIND_ICCD_B;
    else
        return false;
    if (!bulk) {
        pipe->endpoint_in = pipe->endpoint_out = 0;
        pipe->transport.packet_size = 64;
    }
    return true;
}

/* The CCID descriptor of an interface that is a reader, or NULL. */
static const uint8_t *wanted_descriptor(const struct libusb_device_descriptor *d,
                                        const struct libusb_interface_descriptor *setting)
{
    bool of_vendor = setting->bInterfaceClass == CLASS_VENDOR;
    if (setting->bInterfaceClass != CLASS_SMART_CARD && !of_vendor)
        return NULL;
    const uint8_t *descriptor = find_descriptor(setting);
    if (!of_vendor || descriptor == NULL || ccid_vendor_class(d->idVendor, d->idProduct))
        return descriptor;
    const char *why = ccid_left_out(d->idVendor, d->idProduct);
    log_info("usb: %04X:%04X interface %u: not served: %s", (unsigned)d->idVendor,
             (unsigned)d->idProduct, (unsigned)setting->bInterfaceNumber,
             why != NULL ? why : "a vendor's class, and not known as a reader");
    return NULL;
}

static bool take_setting(struct usb_device *device,
                         const struct libusb_device_descriptor *d,
                         const struct libusb_interface_descriptor *setting)
{
    struct usb_pipe *pipe = &device->pipes[device->ccid.port_count];
    const uint8_t *descriptor = wanted_descriptor(d, setting);
    if (descriptor == NULL)
        return false;
    memset(pipe, 0, sizeof(*pipe));
    find_endpoints(setting, pipe);
    if (!find_kind(setting, pipe)
        || !ccid_descriptor_parse(descriptor, &pipe->port.ccid.descriptor)) {
        log_error("usb: %04X:%04X interface %u: not a reader that can be used",
                  (unsigned)d->idVendor, (unsigned)d->idProduct,
                  (unsigned)setting->bInterfaceNumber);
        return false;
    }
    pipe->device = device;
    pipe->number = setting->bInterfaceNumber;
    pipe->setting = setting->bAlternateSetting;
    struct ccid_interface *ccid = &pipe->port.ccid;
    ccid->quirks = ccid_quirks(d->idVendor, d->idProduct, d->bcdDevice);
    ccid->identity.vendor_id = d->idVendor;
    ccid->identity.product_id = d->idProduct;
    ccid->identity.version = d->bcdDevice;
    ccid->identity.interface_number = pipe->number;
    usb_pipe_init(pipe);
    device->ccid.ports[device->ccid.port_count++] = &pipe->port;
    return true;
}

/* The first of the settings that has a class descriptor. */
static void take_interface(struct usb_device *device,
                           const struct libusb_device_descriptor *d,
                           const struct libusb_interface *iface)
{
    for (int i = 0; i < iface->num_altsetting; i++) {
        if (device->ccid.port_count == CCID_PORTS_MAX) {
            log_error("usb: more than %d readers in one device", CCID_PORTS_MAX);
            return;
        }
        if (!take_setting(device, d, &iface->altsetting[i]))
            continue;
        device->pipes[device->ccid.port_count - 1].name = iface->altsetting[0].iInterface;
        return;
    }
}

bool usb_scan(struct usb_device *device)
{
    struct libusb_device_descriptor d;
    struct libusb_config_descriptor *config = NULL;
    device->ccid.port_count = 0;
    if (libusb_get_device_descriptor(device->device, &d) != LIBUSB_SUCCESS)
        return false;
    /* Not configured yet: the first configuration is the one that will be. */
    if (libusb_get_active_config_descriptor(device->device, &config) != LIBUSB_SUCCESS
        && libusb_get_config_descriptor(device->device, 0, &config) != LIBUSB_SUCCESS)
        return false;
    for (int i = 0; i < config->bNumInterfaces; i++)
        take_interface(device, &d, &config->interface[i]);
    libusb_free_config_descriptor(config);
    if (device->ccid.port_count > 0
        && (device->pipes[0].port.ccid.quirks & QUIRK_TOO_OLD) != 0) {
        log_error("usb: %04X:%04X: firmware %X.%02X is too old to follow CCID",
                  (unsigned)d.idVendor, (unsigned)d.idProduct, (unsigned)d.bcdDevice >> 8,
                  (unsigned)d.bcdDevice & 0xFF);
        return false;
    }
    return device->ccid.port_count > 0;
}

/* --- Names -------------------------------------------------------------------------- */

/* A string descriptor (USB 2.0, 9.6.7). */
static void to_text(const uint8_t *bytes, size_t size, char text[DRIVER_TEXT_MAX])
{
    uint16_t units[STRING_MAX / 2];
    size_t count = 0;
    for (size_t at = 2; at + 1 < size && count < STRING_MAX / 2; at += 2)
        units[count++] = (uint16_t)(bytes[at] | bytes[at + 1] << 8);
    kit_usb_text(units, count, text);
}

static int get_string(struct usb_device *device, uint8_t index, uint16_t language,
                      unsigned char bytes[STRING_MAX])
{
    int size =
        libusb_get_string_descriptor(device->handle, index, language, bytes, STRING_MAX);
    return size >= 2 && bytes[1] == LIBUSB_DT_STRING ? size : 0;
}

static uint16_t read_language(struct usb_device *device)
{
    unsigned char bytes[STRING_MAX];
    if (get_string(device, 0, 0, bytes) < 4)
        return LANGUAGE_ENGLISH;
    return (uint16_t)(bytes[2] | bytes[3] << 8);
}

/* In English, for which most devices need not be asked; else in the first language of those
 * that the device has, which is left in *language. */
static void read_string(struct usb_device *device, uint8_t index, uint16_t *language,
                        char text[DRIVER_TEXT_MAX])
{
    unsigned char bytes[STRING_MAX];
    text[0] = '\0';
    if (index == 0)
        return;
    int size =
        get_string(device, index, *language != 0 ? *language : LANGUAGE_ENGLISH, bytes);
    if (size == 0 && *language == 0) {
        *language = read_language(device);
        if (*language != LANGUAGE_ENGLISH)
            size = get_string(device, index, *language, bytes);
    }
    if (size > 0)
        to_text(bytes, bytes[0] < size ? bytes[0] : (size_t)size, text);
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

/* `part`: of a composite device, "&MI_01", or "". */
static void write_id(struct usb_device *device, struct ccid_identity *identity,
                     const char *part)
{
    struct reader_info *reader = &identity->reader;
    char path[32];
    write_path(device->device, path, sizeof(path));
    snprintf(reader->device_id, sizeof(reader->device_id), "USB\\VID_%04X&PID_%04X%s\\%s",
             (unsigned)identity->vendor_id, (unsigned)identity->product_id, part,
             reader->serial[0] != '\0' ? reader->serial : path);
}

static void read_device_names(struct usb_device *device, uint16_t *language,
                              struct reader_info *reader)
{
    struct libusb_device_descriptor d;
    memset(reader, 0, sizeof(*reader));
    if (libusb_get_device_descriptor(device->device, &d) != LIBUSB_SUCCESS)
        return;
    read_string(device, d.iManufacturer, language, reader->vendor);
    read_string(device, d.iProduct, language, reader->product);
    read_string(device, d.iSerialNumber, language, reader->serial);
    if (reader->vendor[0] == '\0' && reader->product[0] == '\0')
        snprintf(reader->product, sizeof(reader->product), "USB reader %04X:%04X",
                 (unsigned)d.idVendor, (unsigned)d.idProduct);
    reader->version = (uint32_t)d.bcdDevice << 16;
    reader->type = READER_TYPE_USB;
    reader->channel_id = (uint32_t)READER_TYPE_USB << 16
                         | (uint32_t)libusb_get_bus_number(device->device) << 8
                         | libusb_get_device_address(device->device);
}

void usb_read_names(struct usb_device *device)
{
    struct reader_info reader;
    uint16_t language = 0; /* not asked for */
    read_device_names(device, &language, &reader);
    for (uint32_t i = 0; i < device->ccid.port_count; i++) {
        struct ccid_identity *identity = &device->pipes[i].port.ccid.identity;
        char part[16] = "";
        identity->reader = reader;
        if (device->ccid.port_count > 1)
            snprintf(part, sizeof(part), "&MI_%02X",
                     (unsigned)identity->interface_number);
        write_id(device, identity, part);
        read_string(device, device->pipes[i].name, &language,
                    identity->reader.interface_name);
    }
}
