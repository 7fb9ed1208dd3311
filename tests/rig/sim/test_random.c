/* SPDX-License-Identifier: BSD-2-Clause */
/* A host that does anything at all: no reader may lose an URB, or reach beyond a buffer
 * (which a sanitizer tells). */
#include "tests/rig/sim/test_host.h"
#include "tests/rig/sim/test_parts.h"

#include "tests/support/check.h"

#include <string.h>

enum { STEPS = 400, URBS = 8, ROOM = 600 };

static uint64_t state = 1;

static uint32_t pick(uint32_t count)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % count;
}

struct flight {
    struct sim_urb urb;
    uint8_t bytes[ROOM];
    bool used;
};

/* A message that is nearly right, so that it comes further than its first byte. */
static size_t make_message(uint8_t *bytes)
{
    static const uint8_t types[] = {0x61, 0x62, 0x63, 0x65, 0x69, 0x6A, 0x6B, 0x6C, 0x6D,
                                    0x6E, 0x6F, 0x6F, 0x6F, 0x6F, 0x71, 0x72, 0x73};
    static const uint8_t seeds[][8] = {{0x80, 0xF0},
                                       {0x80, 0xE0},
                                       {0x00, 0x00, 0x04},
                                       {0x95, 0x10},
                                       {0xFF, 0x11, 0x95, 0x7B},
                                       {0x00, 0x82, 0x08, 0x00}};
    size_t size = pick(4) == 0 ? pick(ROOM - 10) : pick(24);
    for (size_t i = 0; i < 10 + size; i++)
        bytes[i] = (uint8_t)pick(256);
    if (size >= 8 && pick(2) == 0)
        memcpy(bytes + 10, seeds[pick(ARRAY_SIZE(seeds))], 4);
    if (size >= 8 && bytes[10] == 0x80)
        bytes[12] = (uint8_t)pick(0x28);
    bytes[0] = types[pick(sizeof(types))];
    wire_put_u32(bytes + 1, (uint32_t)(pick(16) != 0 ? size : pick(ROOM)));
    bytes[5] = (uint8_t)(pick(16) != 0 ? 0 : pick(9));
    bytes[7] = (uint8_t)pick(3);
    bytes[8] = (uint8_t)(pick(2) != 0 ? 0 : pick(18));
    bytes[9] = 0;
    return 10 + size;
}

static void make_setup(uint8_t setup[8])
{
    static const uint8_t types[] = {0x80, 0x00, 0x82, 0x02, 0x21, 0xA1, 0x40, 0xC0, 0x81};
    static const uint8_t requests[] = {1,    2,    3,    6,    9,    0x62, 0x63, 0x65,
                                       0x6F, 0x80, 0x81, 0x82, 0x83, 0x90, 0xA0};
    for (size_t i = 0; i < 8; i++)
        setup[i] = (uint8_t)pick(pick(2) == 0 ? 4 : 256);
    setup[0] = types[pick(sizeof(types))];
    setup[1] = requests[pick(sizeof(requests))];
    setup[4] = (uint8_t)(pick(2) == 0 ? 0 : pick(256));
    setup[5] = 0;
    setup[7] = 0;
}

static void fill(struct flight *flight, const struct sim_interface *iface)
{
    struct sim_urb *urb = &flight->urb;
    *urb = (struct sim_urb){.bytes = flight->bytes, .size = pick(ROOM)};
    switch (pick(8)) {
    case 0:
        urb->endpoint = iface->interrupt.address;
        break;
    case 1:
    case 2:
        urb->endpoint = iface->in.address;
        break;
    case 3:
        make_setup(urb->setup);
        urb->size = wire_u16(urb->setup + 6);
        break;
    default:
        urb->endpoint = iface->out.address;
        urb->size = make_message(flight->bytes);
    }
    if (urb->endpoint == 0 && urb->setup[0] == 0)
        make_setup(urb->setup);
    if (urb->endpoint == 0)
        urb->size = wire_u16(urb->setup + 6);
}

static size_t take_all(struct sim_device *device)
{
    struct sim_urb *urb;
    size_t count = 0;
    while ((urb = sim_take_done(device)) != NULL) {
        struct flight *flight = LIST_ENTRY(urb, struct flight, urb);
        CHECK(flight->used && urb->done <= urb->size);
        flight->used = false;
        count++;
    }
    return count;
}

static void run(const char *name)
{
    static struct flight flights[URBS];
    char why[64];
    struct sim_device *device = sim_device_new(name, why, sizeof(why));
    size_t in = 0, out = 0;
    uint64_t now = 0;
    CHECK(device != NULL);
    memset(flights, 0, sizeof(flights));
    for (unsigned i = 0; i < STEPS && device != NULL; i++) {
        struct flight *flight = &flights[pick(URBS)];
        if (flight->used && pick(2) == 0)
            sim_cancel(device, &flight->urb);
        out += take_all(device);
        if (!flight->used) {
            fill(flight, &device->interfaces[pick((uint32_t)device->interface_count)]);
            flight->used = true;
            in++;
            sim_submit(device, &flight->urb, now);
        }
        now += pick(3) == 0 ? pick(1000) : 0;
        (void)sim_advance(device, now);
        if (pick(50) == 0)
            sim_card_remove(device, 0);
        if (pick(25) == 0)
            sim_card_insert(device, 0);
    }
    if (device != NULL) {
        sim_unplug(device);
        out += take_all(device);
    }
    CHECK_EQ(out, in);
    sim_device_free(device);
}

void test_random(void)
{
    struct sim_reader_data data;
    for (unsigned round = 0; round < 10; round++)
        for (size_t i = 0; sim_reader_get(i, &data); i++)
            run(data.name);
    printf("random: ");
    (void)check_result();
    test_failures += check_failures;
}
