/* SPDX-License-Identifier: BSD-2-Clause */
/* Device, configuration and string descriptors (USB 2.0, 9.6), and the tables that two
 * class requests ask for (CCID 1.1, 5.3). */
#include "tests/rig/sim/internal.h"

#include "proto/atr.h"
#include "proto/timing.h"

#include <string.h>

enum {
    TYPE_DEVICE = 1,
    TYPE_CONFIGURATION = 2,
    TYPE_STRING = 3,
    TYPE_INTERFACE = 4,
    TYPE_ENDPOINT = 5,
    FULL_SPEED_PACKET = 64,
    HIGH_SPEED_PACKET = 512,
    INTERRUPT_PACKET = 8,
    CLASS_OF_VENDOR = 0xFF
};

static size_t put(struct sim_device *device, size_t at, const uint8_t *bytes, size_t size)
{
    if (at + size > sizeof(device->configuration))
        return at; /* SIM_CONFIGURATION_MAX holds all that readers.list has */
    memcpy(device->configuration + at, bytes, size);
    return at + size;
}

static size_t put_endpoint(struct sim_device *device, size_t at, uint8_t address,
                           bool interrupt)
{
    bool high = device->options.speed == SIM_HIGH_SPEED;
    uint8_t bytes[7] = {sizeof(bytes), TYPE_ENDPOINT, address, interrupt ? 3 : 2};
    wire_put_u16(bytes + 4, interrupt ? INTERRUPT_PACKET
                            : high    ? HIGH_SPEED_PACKET
                                      : FULL_SPEED_PACKET);
    /* Polled every 16 ms, in frames or as an exponent of microframes (9.6.6). */
    if (interrupt)
        bytes[6] = high ? 8 : 16;
    return put(device, at, bytes, sizeof(bytes));
}

static size_t put_interface(struct sim_device *device, size_t at,
                            const struct sim_interface_data *data)
{
    const uint8_t endpoints[] = {data->bulk_out, data->bulk_in, data->interrupt_in};
    uint8_t bytes[9] = {
        sizeof(bytes), TYPE_INTERFACE, data->number, 0, 0, data->class_code, 0,
        data->protocol};
    for (size_t i = 0; i < sizeof(endpoints); i++)
        bytes[4] = (uint8_t)(bytes[4] + (endpoints[i] != 0));
    at = put(device, at, bytes, sizeof(bytes));
    if (!data->after_endpoints)
        at = put(device, at, data->descriptor, sizeof(data->descriptor));
    for (size_t i = 0; i < sizeof(endpoints); i++)
        if (endpoints[i] != 0)
            at = put_endpoint(device, at, endpoints[i], i == 2);
    if (data->after_endpoints)
        at = put(device, at, data->descriptor, sizeof(data->descriptor));
    return at;
}

static void build_configuration(struct sim_device *device)
{
    const struct sim_reader_data *reader = &device->reader;
    uint8_t bytes[9] = {sizeof(bytes), TYPE_CONFIGURATION, 0, 0, 0, 1, 0, 0x80, 50};
    uint8_t number = 0;
    size_t at = sizeof(bytes);
    for (size_t i = 0; i < reader->interface_count; i++) {
        /* Interfaces of a composite device that are no reader's. */
        for (; number < reader->interfaces[i].number; number++) {
            struct sim_interface_data other = {.number = number,
                                               .class_code = CLASS_OF_VENDOR};
            uint8_t empty[9] = {sizeof(empty),   TYPE_INTERFACE, other.number, 0, 0,
                                other.class_code};
            at = put(device, at, empty, sizeof(empty));
        }
        at = put_interface(device, at, &reader->interfaces[i]);
        number++;
    }
    bytes[4] = number;
    wire_put_u16(bytes + 2, (uint32_t)at);
    memcpy(device->configuration, bytes, sizeof(bytes));
    device->identity.configuration_size = at;
}

void sim_descriptors_build(struct sim_device *device)
{
    const struct sim_reader_data *reader = &device->reader;
    struct sim_identity *identity = &device->identity;
    bool high = device->options.speed == SIM_HIGH_SPEED;
    uint8_t *bytes = device->device_descriptor;
    bytes[0] = sizeof(device->device_descriptor);
    bytes[1] = TYPE_DEVICE;
    wire_put_u16(bytes + 2, 0x0200);
    bytes[7] = 64;
    wire_put_u16(bytes + 8, reader->vendor);
    wire_put_u16(bytes + 10, reader->product);
    wire_put_u16(bytes + 12, reader->version);
    for (uint8_t i = 0; i < SIM_STRINGS; i++) {
        bool there = reader->strings[i][0] != '\0';
        bytes[14 + i] = there ? (uint8_t)(i + 1) : 0;
        identity->strings[i] = there ? reader->strings[i] : NULL;
    }
    bytes[17] = 1;
    build_configuration(device);
    identity->vendor = reader->vendor;
    identity->product = reader->product;
    identity->version = reader->version;
    identity->speed = high ? SIM_HIGH_SPEED : SIM_FULL_SPEED;
    identity->device_descriptor = bytes;
    identity->configuration = device->configuration;
}

size_t sim_descriptors_string(const struct sim_device *device, uint8_t index,
                              uint16_t language, uint8_t out[2 + 2 * SIM_STRING_ROOM])
{
    if (index == 0) {
        out[0] = 4;
        out[1] = TYPE_STRING;
        wire_put_u16(out + 2, (uint16_t)device->options.language);
        return 4;
    }
    if (language != device->options.language || index > SIM_STRINGS
        || device->reader.strings[index - 1][0] == '\0')
        return 0;
    /* ASCII, as all of readers.list is. */
    const char *text = device->reader.strings[index - 1];
    size_t size = 2 + 2 * strlen(text);
    for (size_t i = 0; text[i] != '\0'; i++)
        wire_put_u16(out + 2 + 2 * i, (uint8_t)text[i]);
    out[0] = (uint8_t)size;
    out[1] = TYPE_STRING;
    return size;
}

static bool listed(const uint32_t *list, size_t count, uint32_t number)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == number)
            return true;
    return false;
}

/* Even steps up to the number that the descriptor promises. */
static size_t fill(uint32_t *list, size_t count, size_t wanted, uint32_t low,
                   uint32_t high)
{
    for (uint32_t i = 0; count < wanted; i++) {
        uint32_t step = (uint32_t)((uint64_t)(high - low) * i / wanted);
        if (i > wanted || listed(list, count, low + step))
            step = i; /* anything that is not there */
        list[count++] = low + step;
    }
    return count;
}

size_t sim_rates_list(const struct sim_interface *iface, uint32_t out[SIM_RATES_MAX])
{
    const struct sim_class *class = &iface->class;
    const struct sim_options *options = &iface->device->options;
    size_t count = 0, wanted = class->rate_count;
    for (; count < options->rate_count; count++)
        out[count] = options->rates[count];
    if (count != 0 || wanted == 0)
        return count;
    out[count++] = class->rate;
    for (unsigned fidi = 0x11; fidi <= 0xD9 && class->rate < class->max_rate; fidi++) {
        uint16_t f = atr_fi((uint8_t)fidi);
        uint8_t d = atr_di((uint8_t)fidi);
        if (f == 0 || d == 0 || count == wanted)
            continue;
        uint32_t baud = timing_baud(class->clock_khz, f, d);
        if (baud >= class->rate && baud <= class->max_rate && !listed(out, count, baud))
            out[count++] = baud;
    }
    return fill(out, count, wanted, class->rate, class->max_rate);
}

size_t sim_clocks_list(const struct sim_interface *iface, uint32_t out[SIM_RATES_MAX])
{
    const struct sim_class *class = &iface->class;
    return fill(out, 0, class->clock_count, class->clock_khz, class->max_clock_khz);
}
