/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths of the simulator one by one: what the host does wrong, PINs, several slots,
 * aborting, interrupt messages, ICCD. */
#include "tests/rig/sim/test_host.h"
#include "tests/rig/sim/test_parts.h"

#include "tests/support/check.h"

#include <string.h>

static const uint8_t hello[] = {0x80, 0xE1, 0x00, 0x00, 0x02, 0xAB, 0xCD, 0x00};
static uint8_t answer[400];

static bool says_hello(struct probe *probe)
{
    static const uint8_t want[] = {0xAB, 0xCD, 0x90, 0x00};
    return probe_apdu(probe, hello, sizeof(hello), answer, sizeof(answer)) == sizeof(want)
           && memcmp(answer, want, sizeof(want)) == 0;
}

/* The command fails with this bError. */
static bool fails(struct probe *probe, uint8_t type, uint8_t p1, uint16_t level,
                  const uint8_t *data, size_t size, uint8_t error)
{
    return !probe_command(probe, type, p1, level, data, size)
           && probe->size == WIRE_HEADER_SIZE && (probe->in[7] & 0xC0) == WIRE_FAILED
           && probe->in[8] == error;
}

static void test_mistakes(void)
{
    static const uint8_t t1[] = {0x95, 0x10, 0x00, 0x15, 0x00, 0xFE, 0x00};
    static const uint8_t slow[] = {0x11, 0x10, 0x00, 0x15, 0x00, 0xFE, 0x00};
    static const uint8_t block[] = {0x00, 0xC1, 0x01, 0xFE, 0x3E};
    static const uint8_t pps[] = {0xFF, 0x11, 0x95, 0x7B};
    struct probe *probe = probe_new("gempc_twin?card=both&voltage=3", 0);
    CHECK(fails(probe, WIRE_POWER_ON, 0, 0, NULL, 0, WIRE_BAD_P1));
    CHECK(fails(probe, WIRE_POWER_ON, 1, 0, NULL, 0, WIRE_MUTE));
    CHECK(fails(probe, WIRE_XFR_BLOCK, 0, 0, block, sizeof(block), WIRE_MUTE));
    CHECK(probe_command(probe, WIRE_POWER_ON, 2, 0, NULL, 0));
    CHECK(fails(probe, WIRE_SET_PARAMETERS, 2, 0, t1, 7, WIRE_BAD_P1));
    CHECK(fails(probe, WIRE_SET_PARAMETERS, 1, 0, t1, 5, WIRE_BAD_LENGTH));
    CHECK(fails(probe, WIRE_XFR_BLOCK, 0, 1, block, sizeof(block), WIRE_BAD_LEVEL));
    /* T=1 is not the first protocol of this card, and nobody asked for it. */
    CHECK(probe_command(probe, WIRE_SET_PARAMETERS, 1, 0, slow, 7));
    CHECK(fails(probe, WIRE_XFR_BLOCK, 0, 0, block, sizeof(block), WIRE_MUTE));
    CHECK(probe_command(probe, WIRE_POWER_ON, 2, 0, NULL, 0));
    CHECK(probe_command(probe, WIRE_XFR_BLOCK, 0, 0, pps, sizeof(pps)));
    /* The card has changed its speed, the reader has not. */
    CHECK(probe_command(probe, WIRE_SET_PARAMETERS, 1, 0, slow, 7));
    CHECK(fails(probe, WIRE_XFR_BLOCK, 0, 0, block, sizeof(block), WIRE_MUTE));
    CHECK(probe_command(probe, WIRE_POWER_ON, 2, 0, NULL, 0));
    CHECK(probe_command(probe, WIRE_XFR_BLOCK, 0, 0, pps, sizeof(pps)));
    CHECK(probe_command(probe, WIRE_SET_PARAMETERS, 1, 0, t1, 7));
    CHECK(probe_command(probe, WIRE_XFR_BLOCK, 0, 0, block, sizeof(block)));
    CHECK(probe_command(probe, WIRE_GET_PARAMETERS, 0, 0, NULL, 0));
    CHECK(probe->in[9] == 1 && memcmp(probe->in + 10, t1, 7) == 0);
    CHECK(fails(probe, WIRE_CLOCK, 1, 0, NULL, 0, WIRE_UNSUPPORTED));
    CHECK(fails(probe, WIRE_MECHANICAL, 1, 0, NULL, 0, WIRE_UNSUPPORTED));
    CHECK(fails(probe, 0x7E, 0, 0, NULL, 0, WIRE_UNSUPPORTED));
    CHECK(fails(probe, WIRE_SECURE, 0, 0, block, 5, WIRE_UNSUPPORTED));
    probe->slot = 3;
    CHECK(fails(probe, WIRE_GET_SLOT_STATUS, 0, 0, NULL, 0, WIRE_BAD_SLOT));
    probe_free(probe);
}

static void test_escape(void)
{
    static const uint8_t echo[] = {0x45, 1, 2, 3}, other[] = {0x99};
    struct probe *probe = probe_new("gempc_twin?card=none", 0);
    CHECK(probe_command(probe, WIRE_ESCAPE, 0, 0, echo, sizeof(echo)));
    CHECK(probe->in[0] == WIRE_ESCAPE_REPLY && probe->size == 13);
    CHECK_EQ(probe->in[7], WIRE_ABSENT);
    CHECK(fails(probe, WIRE_ESCAPE, 0, 0, other, sizeof(other), WIRE_UNSUPPORTED));
    CHECK(fails(probe, WIRE_POWER_ON, 1, 0, NULL, 0, WIRE_MUTE));
    probe_free(probe);
}

static void test_emv(void)
{
    static const uint8_t iso[] = {0x1F, 0x01};
    struct probe *probe = probe_new("gempc433?emv=1", 0);
    CHECK(fails(probe, WIRE_POWER_ON, 1, 0, NULL, 0, WIRE_EMV_MODE));
    CHECK(probe_command(probe, WIRE_ESCAPE, 0, 0, iso, sizeof(iso)));
    CHECK(probe_command(probe, WIRE_POWER_ON, 1, 0, NULL, 0));
    probe_free(probe);
}

static void test_tables(void)
{
    uint8_t bytes[4 * 256];
    size_t done = 0;
    struct probe *probe = probe_new("omnikey_3121", 0);
    CHECK_EQ(probe_control(probe, 0xA1, 3, 0, 0, bytes, sizeof(bytes), &done), SIM_OK);
    CHECK_EQ(done, 4 * 106);
    CHECK_EQ(probe_control(probe, 0xA1, 2, 0, 0, bytes, sizeof(bytes), &done), SIM_OK);
    CHECK_EQ(done, 4 * 4);
    CHECK_EQ(wire_u32(bytes), 4800);
    probe_free(probe);
    probe = probe_new("octsim", 0);
    CHECK_EQ(probe_control(probe, 0xA1, 3, 0, 0, bytes, sizeof(bytes), &done), SIM_STALL);
    probe_free(probe);
}

/* A reply to a 64 byte message: the empty packet comes, unless it is switched off. */
static void test_empty_packet(void)
{
    static const uint8_t give[] = {0x80, 0xE0, 0x00, 52, 52};
    struct probe *probe = probe_new("yubikey", 0);
    CHECK(probe_connect(probe, 1));
    CHECK_EQ(probe_apdu(probe, give, 5, answer, sizeof(answer)), 54);
    CHECK_EQ(probe->size, 64);
    probe_free(probe);
    probe = probe_new("yubikey?zlp=0", 0);
    CHECK(probe_connect(probe, 1));
    CHECK(!probe_command(probe, WIRE_XFR_BLOCK, 0, 0, give, 5));
    CHECK_EQ(probe->size, 64); /* the URB was cancelled, half full */
    probe_free(probe);
}

/* --- PIN ---------------------------------------------------------------------------- */

/* VERIFY, ASCII, as of a Windows program; the block of T=1 around it if `teo` says so. */
static const uint8_t verify[] = {
    0x00, 30,   0x82, 0x08, 0x00, 0x08, 0x04, 0x02, 0x01, 0x09, 0x04, 0x00, 0x00, 0x00,
    0x0D, 0x00, 0x20, 0x00, 0x81, 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
static const uint8_t modify[] = {
    0x01, 30,   0x82, 0x08, 0x00, 0x00, 0x08, 0x08, 0x04, 0x03, 0x02, 0x02, 0x09, 0x04,
    0x00, 0x01, 0x00, 0x00, 0x0D, 0x00, 0x24, 0x00, 0x81, 0x10, 0xFF, 0xFF, 0xFF, 0xFF,
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

static void check_pin(const char *specification, uint8_t protocol, const uint8_t *data,
                      size_t size, const char *want, size_t want_size)
{
    struct probe *probe = probe_new(specification, 0);
    unsigned failures = check_failures;
    CHECK(probe_connect(probe, protocol));
    CHECK(probe_command(probe, WIRE_SECURE, 0, 0, data, size));
    CHECK_EQ(probe->size, WIRE_HEADER_SIZE + want_size);
    CHECK_MEM(probe->in + WIRE_HEADER_SIZE, want, want_size);
    if (failures != check_failures)
        fprintf(stderr, "  with %s\n", specification);
    probe_free(probe);
}

static void test_pin(void)
{
    uint8_t no_lc[19];
    check_pin("kaan_advanced?card=t1", 1, verify, sizeof(verify), "\x90\x00", 2);
    check_pin("kaan_advanced?card=t0", 0, modify, sizeof(modify), "\x90\x00", 2);
    check_pin("kaan_advanced?pin=999999", 0, verify, sizeof(verify), "\x63\xC2", 2);
    check_pin("kaan_advanced?pin=123", 0, verify, sizeof(verify), "\x64\x03", 2);
    check_pin("gempc_pinpad?card=t0", 0, verify, sizeof(verify), "\x90\x00", 2);
    check_pin("gempc_pinpad?card=t1", 1, verify, sizeof(verify),
              "\x00\x00\x02\x90\x00\x92", 6);
    memcpy(no_lc, verify, sizeof(no_lc)); /* four bytes of template, any length of PIN */
    no_lc[3] = 0;
    check_pin("kaan_advanced?card=t0", 0, no_lc, sizeof(no_lc), "\x90\x00", 2);
    struct probe *probe = probe_new("kaan_advanced?pin=cancel", 0);
    CHECK(probe_connect(probe, 0));
    CHECK(fails(probe, WIRE_SECURE, 0, 0, verify, sizeof(verify), WIRE_PIN_CANCELLED));
    CHECK(fails(probe, WIRE_SECURE, 0, 0, verify, 14, WIRE_BAD_LENGTH));
    probe_free(probe);
    probe = probe_new("kaan_advanced?pin=timeout", 0);
    CHECK(probe_connect(probe, 0));
    CHECK(fails(probe, WIRE_SECURE, 0, 0, verify, sizeof(verify), WIRE_PIN_TIMEOUT));
    probe_free(probe);
}

/* --- Slots -------------------------------------------------------------------------- */

static bool status_is(struct probe *probe, uint8_t status)
{
    return probe_command(probe, WIRE_GET_SLOT_STATUS, 0, 0, NULL, 0)
           && probe->in[7] == status;
}

/* Two slow commands at once: as many as bMaxCCIDBusySlots says. */
static void check_busy(const char *specification, size_t able)
{
    static const uint8_t wait[] = {0x80, 0xE2, 0x01, 0x2C, 0x00}, p[3];
    struct probe *probe = probe_new(specification, 0);
    size_t done = 0, busy = 0;
    for (probe->slot = 0; probe->slot < 3; probe->slot++)
        CHECK(probe_connect(probe, 0));
    for (probe->slot = 0; probe->slot < 3; probe->slot++)
        CHECK(probe_send(probe, WIRE_XFR_BLOCK, p, wait, sizeof(wait)));
    for (size_t i = 0; i < 3; i++) {
        CHECK_EQ(probe_receive(probe, 2000), SIM_OK);
        done += (probe->in[7] & 0xC0) == 0;
        busy += (probe->in[7] & 0xC0) == WIRE_FAILED && probe->in[8] == WIRE_SLOT_BUSY;
    }
    CHECK_EQ(done, able);
    CHECK_EQ(busy, 3 - able);
    probe_free(probe);
}

static void test_slots(void)
{
    uint8_t bytes[8];
    size_t done = 0;
    check_busy("octsim", 3);
    check_busy("auriga?card=t0", 2);
    struct probe *probe = probe_new("octsim?present=5", 0);
    uint8_t endpoint = probe->iface->interrupt.address;
    CHECK(status_is(probe, WIRE_INACTIVE));
    probe->slot = 1;
    CHECK(status_is(probe, WIRE_ABSENT));
    CHECK_EQ(probe_transfer(probe, endpoint, bytes, sizeof(bytes), &done, 100), SIM_OK);
    CHECK(done == 3 && bytes[0] == WIRE_NOTIFY && bytes[1] == 0x33 && bytes[2] == 0);
    CHECK_EQ(probe_transfer(probe, endpoint, bytes, sizeof(bytes), &done, 100),
             SIM_CANCELLED);
    sim_card_insert(probe->device, 5);
    sim_card_remove(probe->device, 0);
    CHECK_EQ(probe_transfer(probe, endpoint, bytes, sizeof(bytes), &done, 100), SIM_OK);
    CHECK(done == 3 && bytes[1] == 0x12 && bytes[2] == 0x0C);
    probe->slot = 5;
    CHECK(status_is(probe, WIRE_INACTIVE));
    probe_free(probe);
}

static void test_abort(void)
{
    static const uint8_t wait[] = {0x80, 0xE2, 0x27, 0x10}, p[3];
    struct probe *probe = probe_new("yubikey", 0);
    CHECK(probe_connect(probe, 1));
    CHECK(probe_send(probe, WIRE_XFR_BLOCK, p, wait, sizeof(wait)));
    CHECK_EQ(probe_transfer(probe, probe->iface->in.address, probe->in, HOST_ROOM,
                            &probe->size, 700),
             SIM_OK);
    CHECK_EQ(probe->in[7], WIRE_EXTENSION);
    uint16_t number = probe->iface->data->number;
    uint16_t value = (uint16_t)((probe->seq + 1) << 8);
    CHECK_EQ(probe_control(probe, 0x21, 1, value, number, NULL, 0, NULL), SIM_OK);
    CHECK(probe_command(probe, WIRE_ABORT, 0, 0, NULL, 0));
    CHECK_EQ(probe->in[0], WIRE_SLOT_STATUS);
    CHECK(says_hello(probe));
    /* Between the two halves everything is refused. */
    value = (uint16_t)((probe->seq + 2) << 8);
    CHECK_EQ(probe_control(probe, 0x21, 1, value, number, NULL, 0, NULL), SIM_OK);
    CHECK(fails(probe, WIRE_XFR_BLOCK, 0, 0, wait, sizeof(wait), WIRE_ABORTED));
    CHECK(probe_command(probe, WIRE_ABORT, 0, 0, NULL, 0));
    CHECK(says_hello(probe));
    probe_free(probe);
}

static void test_unplug(void)
{
    struct probe *probe = probe_new("yubikey", 0);
    struct sim_urb in = {.endpoint = probe->iface->in.address};
    struct sim_urb interrupt = {.endpoint = probe->iface->interrupt.address};
    sim_card_remove(probe->device, 0);
    sim_submit(probe->device, &in, probe->now);
    CHECK(sim_take_done(probe->device) == NULL);
    sim_unplug(probe->device);
    CHECK(sim_unplugged(probe->device));
    CHECK(sim_take_done(probe->device) == &in);
    CHECK_EQ(in.status, SIM_GONE);
    sim_submit(probe->device, &interrupt, probe->now);
    CHECK(sim_take_done(probe->device) == &interrupt);
    CHECK_EQ(interrupt.status, SIM_GONE);
    probe_free(probe);
}

/* --- ICCD --------------------------------------------------------------------------- */

static bool control_in(struct probe *probe, uint8_t type, uint8_t request, uint16_t size,
                       size_t *done)
{
    return probe_control(probe, type, request, 0, probe->iface->data->number, probe->in,
                         size, done)
           == SIM_OK;
}

static bool control_out(struct probe *probe, uint8_t type, uint8_t request,
                        uint16_t value, const uint8_t *bytes, uint16_t size)
{
    uint8_t copy[64];
    if (size != 0)
        memcpy(copy, bytes, size);
    return probe_control(probe, type, request, value, probe->iface->data->number, copy,
                         size, NULL)
           == SIM_OK;
}

static void check_iccd_a(const char *name, uint8_t bits, const uint8_t requests[5])
{
    static const uint8_t give[] = {0x80, 0xE0, 0x00, 0x03, 0x03};
    static const uint8_t take[] = {0x00, 0x20, 0x00, 0x81, 0x06};
    uint8_t in = bits | 0x80, out = bits;
    struct probe *probe = probe_new(name, 0);
    size_t done = 0;
    CHECK(control_in(probe, in, requests[0], 64, &done));
    CHECK(done >= 3 && probe->in[0] == 0x3B);
    CHECK(control_in(probe, in, 0xA0, 1, &done) && probe->in[0] == 0x00);
    CHECK(control_out(probe, out, requests[1], 0, give, 5));
    CHECK(control_in(probe, in, 0xA0, 1, &done) && probe->in[0] == 0x10);
    CHECK(control_in(probe, in, requests[2], 3, &done) && done == 3);
    CHECK(control_in(probe, in, 0xA0, 1, &done) && probe->in[0] == 0x20);
    CHECK(control_in(probe, in, requests[2], 2, &done) && probe->in[0] == 0x90);
    CHECK(control_out(probe, out, requests[1], 0, take, 5));
    CHECK(control_in(probe, in, 0xA0, 1, &done) && probe->in[0] == 0x10);
    CHECK(control_out(probe, out, requests[3], 0, (const uint8_t *)"123456", 6));
    CHECK(control_in(probe, in, 0xA0, 1, &done) && probe->in[0] == 0x20);
    CHECK(control_in(probe, in, requests[2], 2, &done) && probe->in[0] == 0x90);
    CHECK(control_in(probe, in, 0xA0, 1, &done) && probe->in[0] == 0x00);
    probe_free(probe);
}

static void test_iccd(void)
{
    static const uint8_t standard[] = {0x62, 0x65, 0x6F, 0x65, 0};
    static const uint8_t old[] = {0x83, 0x80, 0x81, 0x82, 0};
    static const uint8_t wait[] = {0x80, 0xE2, 0x00, 0x64};
    check_iccd_a("ibank2key", 0x21, standard);
    check_iccd_a("egate", 0x40, old);
    struct probe *probe = probe_new("gemalto_pdt", 0);
    size_t done = 0;
    CHECK(control_out(probe, 0x21, 0x62, 1, NULL, 0));
    CHECK(control_in(probe, 0xA1, 0x6F, 512, &done));
    CHECK(done > 3 && probe->in[0] == 0 && probe->in[1] == 0x3B);
    CHECK(control_in(probe, 0xA1, 0x81, 3, &done) && done == 3 && probe->in[0] == 0);
    CHECK(control_out(probe, 0x21, 0x65, 0x0100, hello, 4));
    CHECK(control_in(probe, 0xA1, 0x6F, 512, &done) && probe->in[0] == WIRE_CONTINUE);
    CHECK(control_out(probe, 0x21, 0x65, 0x0200, hello + 4, 4));
    CHECK(control_in(probe, 0xA1, 0x6F, 512, &done) && done == 5);
    CHECK_MEM(probe->in, "\x00\xAB\xCD\x90\x00", 5);
    CHECK(control_out(probe, 0x21, 0x65, 0, wait, 4));
    CHECK(control_in(probe, 0xA1, 0x6F, 512, &done) && done == 3 && probe->in[0] == 0x80);
    probe->now += 200;
    CHECK(control_in(probe, 0xA1, 0x6F, 512, &done) && done == 3 && probe->in[0] == 0);
    CHECK(!control_in(probe, 0xA1, 0x6F, 512, &done));
    CHECK(control_out(probe, 0x21, 0x63, 0, NULL, 0));
    CHECK(control_in(probe, 0xA1, 0x81, 3, &done) && probe->in[0] == WIRE_INACTIVE);
    probe_free(probe);
}

static void test_specification(void)
{
    static const char *const wrong[] = {"nothing",
                                        "gempc_twin?x=1",
                                        "gempc_twin?card=t2",
                                        "gempc_twin?pin=x",
                                        "gempc_twin?fault=NO@1",
                                        "gempc_twin?fault=MUTE@x",
                                        "yubikey?zlp=2",
                                        "yubikey?delay=x",
                                        "yubikey?atr=3",
                                        "yubikey?speed=low",
                                        ""};
    char why[64];
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        why[0] = '\0';
        CHECK(sim_device_new(wrong[i], why, sizeof(why)) == NULL);
        CHECK(why[0] != '\0');
    }
    struct probe *probe =
        probe_new("gempc_twin?serial=A1&speed=high&atr=3B9F958131FE45806"
                  "55443D3228271000000000000001B&case1=5",
                  0);
    CHECK(probe != NULL);
    if (probe != NULL) {
        CHECK_STR(sim_device_identity(probe->device)->strings[2], "A1");
        CHECK_EQ(probe->iface->in.packet, 512);
    }
    probe_free(probe);
}

void test_paths(void)
{
    test_specification();
    test_mistakes();
    test_escape();
    test_emv();
    test_tables();
    test_empty_packet();
    test_pin();
    test_slots();
    test_abort();
    test_unplug();
    test_iccd();
    printf("paths: ");
    (void)check_result();
    test_failures += check_failures;
}
