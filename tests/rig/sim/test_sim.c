/* SPDX-License-Identifier: BSD-2-Clause */
/* Every reader of readers.list, driven by a small host; then the paths one by one. */
#include "tests/rig/sim/test_host.h"
#include "tests/rig/sim/test_parts.h"

#include "base/alloc.h"
#include "proto/apdu.h"
#include "tests/support/check.h"

#include <stdio.h>
#include <string.h>

enum { BULK_IN_PACKET = 64, ROOM = 70000 };

static uint8_t apdu[ROOM], answer[ROOM];

/* Echo of `size` bytes, as short or extended as needed. */
static size_t build_echo(size_t size, bool extended)
{
    struct apdu parts = {.cla = 0x80, .ins = 0xE1};
    uint8_t *data = mem_alloc(size);
    for (size_t i = 0; i < size; i++)
        data[i] = (uint8_t)(i * 7);
    parts.data = data;
    parts.data_size = size;
    parts.le = extended ? 65536 : 256;
    parts.shape = apdu_shape(size, parts.le, extended);
    size_t built = apdu_build(&parts, apdu, sizeof(apdu));
    mem_free(data);
    return built;
}

static bool echoes(struct probe *probe, size_t size, bool extended)
{
    size_t built = build_echo(size, extended);
    size_t got = probe_apdu(probe, apdu, built, answer, sizeof(answer));
    size_t head = extended ? 7 : 5;
    return got == size + 2 && memcmp(answer, apdu + head, size) == 0
           && answer[size] == 0x90 && answer[size + 1] == 0x00;
}

/* --- Descriptors -------------------------------------------------------------------- */

/* Walks the configuration; counts interfaces, endpoints and class descriptors. */
static void check_configuration(const struct sim_identity *identity,
                                const struct sim_reader_data *data)
{
    const uint8_t *bytes = identity->configuration;
    size_t interfaces = 0, endpoints = 0, classes = 0, at = 0, want = 0;
    CHECK_EQ(wire_u16(bytes + 2), identity->configuration_size);
    while (at < identity->configuration_size && bytes[at] >= 2) {
        interfaces += bytes[at + 1] == 4;
        endpoints += bytes[at + 1] == 5;
        classes += bytes[at + 1] == 0x21 && bytes[at] == 54;
        at += bytes[at];
    }
    CHECK_EQ(at, identity->configuration_size);
    CHECK_EQ(interfaces, bytes[4]);
    CHECK_EQ(classes, data->interface_count);
    for (size_t i = 0; i < data->interface_count; i++)
        want += (data->interfaces[i].bulk_in != 0 ? 1U : 0U)
                + (data->interfaces[i].bulk_out != 0 ? 1U : 0U)
                + (data->interfaces[i].interrupt_in != 0 ? 1U : 0U);
    CHECK_EQ(endpoints, want);
}

static void check_requests(struct probe *probe)
{
    const struct sim_identity *identity = sim_device_identity(probe->device);
    uint8_t bytes[512];
    size_t done = 0;
    CHECK_EQ(probe_control(probe, 0x80, 6, 0x0100, 0, bytes, 18, &done), SIM_OK);
    CHECK(done == 18 && wire_u16(bytes + 8) == identity->vendor);
    CHECK_EQ(probe_control(probe, 0x80, 6, 0x0200, 0, bytes, 9, &done), SIM_OK);
    CHECK(done == 9 && wire_u16(bytes + 2) == identity->configuration_size);
    CHECK_EQ(probe_control(probe, 0x80, 6, 0x0200, 0, bytes, sizeof(bytes), &done),
             SIM_OK);
    CHECK_EQ(done, identity->configuration_size);
    CHECK_EQ(probe_control(probe, 0x80, 6, 0x0300, 0, bytes, 255, &done), SIM_OK);
    CHECK(done == 4 && wire_u16(bytes + 2) == 0x0409);
    CHECK_EQ(probe_control(probe, 0x80, 6, 0x0302, 0x0409, bytes, 255, &done), SIM_OK);
    CHECK_EQ(done, 2 + 2 * strlen(identity->strings[1]));
    CHECK_EQ(probe_control(probe, 0x80, 6, 0x0304, 0x0409, bytes, 255, &done), SIM_STALL);
    CHECK_EQ(probe_control(probe, 0x80, 8, 0, 0, bytes, 1, &done), SIM_OK);
    CHECK(done == 1 && bytes[0] == 1);
    CHECK_EQ(probe_control(probe, 0x80, 0, 0, 0, bytes, 2, &done), SIM_OK);
    CHECK_EQ(probe_control(probe, 0x01, 11, 0, probe->iface->data->number, NULL, 0, NULL),
             SIM_OK);
    CHECK_EQ(probe_control(probe, 0x01, 11, 1, probe->iface->data->number, NULL, 0, NULL),
             SIM_STALL);
}

/* --- Every reader ------------------------------------------------------------------- */

static void check_session(struct probe *probe, uint8_t protocol)
{
    const struct sim_class *class = &probe->iface->class;
    bool apdus = (class->features & (WIRE_LEVEL_SHORT | WIRE_LEVEL_EXTENDED)) != 0;
    bool extended = (class->features & WIRE_LEVEL_EXTENDED) != 0 || !apdus;
    CHECK(probe_connect(probe, protocol));
    CHECK(probe->atr_size != 0 && probe->atr[0] == 0x3B);
    for (size_t size = 1; size <= 255; size += 50)
        CHECK(echoes(probe, size, false));
    if (extended) {
        CHECK(echoes(probe, 600, true));
        CHECK(echoes(probe, 65535, true));
    }
    static const uint8_t case1[] = {0x80, 0xE6, 0x90, 0x00};
    static const uint8_t give[] = {0x80, 0xE0, 0x00, 0xC8, 0xC8};
    static const uint8_t wait[] = {0x80, 0xE2, 0x0B, 0xB8};
    CHECK_EQ(probe_apdu(probe, case1, sizeof(case1), answer, ROOM), 2);
    CHECK_EQ(probe_apdu(probe, give, sizeof(give), answer, ROOM), 202);
    uint64_t before = probe->now;
    CHECK_EQ(probe_apdu(probe, wait, sizeof(wait), answer, ROOM), 2);
    CHECK(probe->now - before >= 2900 && probe->now - before < 4000);
    CHECK(probe_command(probe, WIRE_POWER_OFF, 0, 0, NULL, 0));
    const struct sim_slot *slot = &probe->iface->slots[probe->slot];
    CHECK_EQ(probe->in[7], sim_slot_tells(slot) ? WIRE_INACTIVE : WIRE_ABSENT);
}

static void check_reader(const struct sim_reader_data *data)
{
    for (size_t n = 0; n < data->interface_count; n++) {
        struct probe *probe = probe_new(data->name, n);
        CHECK(probe != NULL);
        if (probe == NULL)
            continue;
        check_configuration(sim_device_identity(probe->device), data);
        check_requests(probe);
        uint32_t protocols = probe->iface->class.protocols;
        probe_free(probe);
        for (uint8_t p = 0; p < 2; p++) {
            char text[64];
            (void)snprintf(text, sizeof(text), "%s?card=t%u", data->name, (unsigned)p);
            if ((protocols & 1U << p) == 0 || data->interfaces[n].bulk_in == 0)
                continue;
            unsigned failures = check_failures;
            probe = probe_new(text, n);
            CHECK(probe != NULL);
            if (probe != NULL) {
                for (probe->slot = 0; probe->slot < probe->iface->class.slot_count;
                     probe->slot++)
                    check_session(probe, p);
            }
            probe_free(probe);
            if (check_failures != failures)
                fprintf(stderr, "  with %s, interface %zu\n", text, n);
        }
    }
}

static void test_readers(void)
{
    struct sim_reader_data data;
    size_t interfaces = 0, count = 0;
    for (; sim_reader_get(count, &data); count++) {
        interfaces += data.interface_count;
        check_reader(&data);
    }
    CHECK_EQ(count, 42);
    CHECK_EQ(interfaces, 45);
}

unsigned test_failures;

int main(void)
{
    test_readers();
    test_paths();
    test_faults();
    test_random();
    test_direct();
    printf("readers: ");
    return check_result() != 0 || test_failures != 0;
}
