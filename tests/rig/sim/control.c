/* SPDX-License-Identifier: BSD-2-Clause */
/* Endpoint 0: standard requests (USB 2.0, 9.4) and the class requests of CCID 1.1, 5.3.
 */
#include "tests/rig/sim/internal.h"

#include <string.h>

enum {
    GET_STATUS = 0,
    CLEAR_FEATURE = 1,
    SET_FEATURE = 3,
    SET_ADDRESS = 5,
    GET_DESCRIPTOR = 6,
    GET_CONFIGURATION = 8,
    SET_CONFIGURATION = 9,
    GET_INTERFACE = 10,
    SET_INTERFACE = 11,
    TYPE_DEVICE = 1,
    TYPE_CONFIGURATION = 2,
    TYPE_STRING = 3,
    CLASS_ABORT = 1,
    CLASS_GET_CLOCKS = 2,
    CLASS_GET_RATES = 3
};

struct setup {
    uint8_t type, request;
    uint16_t value, index, length;
};

/* Answers an IN request; what does not fit is left out (9.3.5). */
static bool give(struct sim_urb *urb, const struct setup *setup, const uint8_t *bytes,
                 size_t size)
{
    if (size > setup->length)
        size = setup->length;
    if (size > urb->size)
        size = urb->size;
    if (size != 0)
        memcpy(urb->bytes, bytes, size);
    urb->done = size;
    return true;
}

static bool get_descriptor(struct sim_device *device, struct sim_urb *urb,
                           const struct setup *setup)
{
    const struct sim_identity *identity = &device->identity;
    uint8_t text[2 + 2 * SIM_STRING_ROOM];
    uint8_t index = (uint8_t)setup->value;
    size_t size;
    switch (setup->value >> 8) {
    case TYPE_DEVICE:
        return give(urb, setup, device->device_descriptor, 18);
    case TYPE_CONFIGURATION:
        return index == 0
               && give(urb, setup, identity->configuration, identity->configuration_size);
    case TYPE_STRING:
        size = sim_descriptors_string(device, index, setup->index, text);
        return size != 0 && give(urb, setup, text, size);
    default:
        return false;
    }
}

static struct sim_endpoint *find_endpoint(struct sim_device *device, uint16_t address)
{
    for (size_t i = 0; i < device->interface_count; i++) {
        struct sim_interface *iface = &device->interfaces[i];
        struct sim_endpoint *all[] = {&iface->out, &iface->in, &iface->interrupt};
        for (size_t k = 0; k < 3; k++)
            if (address != 0 && all[k]->address == address)
                return all[k];
    }
    return NULL;
}

static bool set_configuration(struct sim_device *device, uint16_t value)
{
    if (value > 1)
        return false;
    sim_device_reset(device);
    device->configured = (uint8_t)value;
    return true;
}

static bool device_request(struct sim_device *device, struct sim_urb *urb,
                           const struct setup *setup)
{
    static const uint8_t status[2];
    switch (setup->request) {
    case GET_STATUS:
        return give(urb, setup, status, sizeof(status));
    case CLEAR_FEATURE:
    case SET_FEATURE:
    case SET_ADDRESS:
        return true;
    case GET_DESCRIPTOR:
        return get_descriptor(device, urb, setup);
    case GET_CONFIGURATION:
        return give(urb, setup, &device->configured, 1);
    case SET_CONFIGURATION:
        return set_configuration(device, setup->value);
    default:
        return false;
    }
}

static bool interface_request(struct sim_device *device, struct sim_urb *urb,
                              const struct setup *setup)
{
    static const uint8_t none[2];
    if (setup->index >= device->configuration[4])
        return false;
    switch (setup->request) {
    case GET_STATUS:
        return give(urb, setup, none, 2);
    case GET_INTERFACE:
        return give(urb, setup, none, 1);
    case SET_INTERFACE:
        return setup->value == 0;
    default:
        return false;
    }
}

static bool endpoint_request(struct sim_device *device, struct sim_urb *urb,
                             const struct setup *setup)
{
    struct sim_endpoint *endpoint = find_endpoint(device, setup->index);
    if (endpoint == NULL)
        return false;
    uint8_t status[2] = {endpoint->halted ? 1 : 0, 0};
    switch (setup->request) {
    case GET_STATUS:
        return give(urb, setup, status, sizeof(status));
    case CLEAR_FEATURE:
        endpoint->halted = false;
        return setup->value == 0;
    case SET_FEATURE:
        endpoint->halted = true;
        return setup->value == 0;
    default:
        return false;
    }
}

/* CCID 5.3.1: commands of the slot fail from now on, until the bulk Abort comes. */
static bool class_abort(struct sim_interface *iface, uint16_t value)
{
    uint8_t number = (uint8_t)value;
    if (number >= iface->class.slot_count)
        return false;
    struct sim_slot *slot = &iface->slots[number];
    if (slot->abort_fault == SIM_FAULT_ABORT_REFUSED) {
        slot->abort_fault = SIM_FAULT_NONE;
        return false;
    }
    slot->control_abort = true;
    slot->control_seq = (uint8_t)(value >> 8);
    if (slot->bulk_abort && slot->bulk_seq == slot->control_seq)
        sim_message_aborted(slot);
    return true;
}

static bool class_list(struct sim_interface *iface, struct sim_urb *urb,
                       const struct setup *setup)
{
    uint32_t list[SIM_RATES_MAX];
    uint8_t bytes[4 * SIM_RATES_MAX];
    size_t count = setup->request == CLASS_GET_RATES ? sim_rates_list(iface, list)
                                                     : sim_clocks_list(iface, list);
    for (size_t i = 0; i < count; i++)
        wire_put_u32(bytes + 4 * i, list[i]);
    return count != 0 && give(urb, setup, bytes, 4 * count);
}

static bool class_request(struct sim_device *device, struct sim_urb *urb,
                          const struct setup *setup)
{
    struct sim_interface *iface = sim_interface_find(device, setup->index);
    if (iface == NULL)
        return false;
    if (setup->type == 0x21 && setup->request == CLASS_ABORT)
        return class_abort(iface, setup->value);
    if (setup->type == 0xA1
        && (setup->request == CLASS_GET_RATES || setup->request == CLASS_GET_CLOCKS))
        return class_list(iface, urb, setup);
    return false;
}

void sim_control(struct sim_device *device, struct sim_urb *urb)
{
    struct setup setup = {.type = urb->setup[0],
                          .request = urb->setup[1],
                          .value = wire_u16(urb->setup + 2),
                          .index = wire_u16(urb->setup + 4),
                          .length = wire_u16(urb->setup + 6)};
    bool done = false;
    struct sim_interface *iface;
    switch (setup.type & 0x7F) {
    case 0x00:
        done = device_request(device, urb, &setup);
        break;
    case 0x01:
        done = interface_request(device, urb, &setup);
        break;
    case 0x02:
        done = endpoint_request(device, urb, &setup);
        break;
    default:
        iface = sim_interface_find(device, setup.index & 0xFF);
        if (iface != NULL && iface->out.address == 0 && sim_iccd_request(iface, urb))
            return; /* finished there */
        done = class_request(device, urb, &setup);
    }
    if (done && (setup.type & 0x80) == 0)
        urb->done = setup.length < urb->size ? setup.length : urb->size;
    sim_urb_finish(device, urb, done ? SIM_OK : SIM_STALL);
}
