/* SPDX-License-Identifier: BSD-2-Clause */
/* Each fault does what its name says, for as many messages as asked, and no longer. */
#include "tests/rig/sim/test_host.h"
#include "tests/rig/sim/test_parts.h"

#include "tests/support/check.h"

#include <string.h>

static uint8_t answer[400];
static const uint8_t status[] = {0x80, 0xE6, 0x90, 0x00}, p[3];

static bool arm(struct probe *probe, enum sim_fault_kind kind, uint8_t arg)
{
    const uint8_t command[] = {0x80, 0xF0, (uint8_t)kind, arg};
    return probe_apdu(probe, command, sizeof(command), answer, sizeof(answer)) == 2
           && answer[0] == 0x90;
}

/* A reader with a fault for the message that comes next. */
static struct probe *faulty(enum sim_fault_kind kind, uint8_t arg)
{
    struct probe *probe = probe_new("yubikey", 0);
    uint8_t bytes[8];
    size_t done;
    CHECK(probe_connect(probe, 1));
    (void)probe_transfer(probe, probe->iface->interrupt.address, bytes, 8, &done, 10);
    CHECK(arm(probe, kind, arg));
    return probe;
}

/* The next command works. */
static void finish(struct probe *probe)
{
    CHECK_EQ(probe_apdu(probe, status, sizeof(status), answer, sizeof(answer)), 2);
    probe_free(probe);
}

static bool send(struct probe *probe)
{
    return probe_send(probe, WIRE_XFR_BLOCK, p, status, sizeof(status));
}

static bool good(const struct probe *probe)
{
    return probe->size == 12 && probe->in[6] == probe->seq && probe->in[7] == 0;
}

static void test_timing(void)
{
    struct probe *probe = faulty(SIM_FAULT_SLOW, 3);
    uint64_t before = probe->now;
    CHECK(send(probe) && probe_receive(probe, 1000) == SIM_OK && good(probe));
    CHECK(probe->now - before >= 300);
    finish(probe);
    probe = faulty(SIM_FAULT_MUTE, 0);
    CHECK(send(probe));
    CHECK_EQ(probe_receive(probe, 60000), SIM_CANCELLED);
    finish(probe);
    probe = faulty(SIM_FAULT_TIME_EXTENSION, 4);
    CHECK(send(probe) && probe_receive(probe, 1000) == SIM_OK && good(probe));
    CHECK_EQ(probe->extensions, 4);
    finish(probe);
    probe = faulty(SIM_FAULT_TIME_FOREVER, 0xFF);
    CHECK(send(probe) && probe_receive(probe, 1000) == SIM_OK);
    CHECK_EQ(probe->extensions, 1000);
    CHECK_EQ(probe->in[8], 0xFF);
    finish(probe);
}

static void test_dead(void)
{
    struct probe *probe = faulty(SIM_FAULT_DEAD, 3);
    uint64_t before = probe->now;
    CHECK(send(probe));
    CHECK_EQ(probe_receive(probe, 200), SIM_CANCELLED);
    CHECK(send(probe));
    CHECK_EQ(probe_receive(probe, 200), SIM_CANCELLED);
    CHECK(probe->now - before >= 300);
    finish(probe);
    probe = faulty(SIM_FAULT_DEAD, 255);
    CHECK(send(probe));
    CHECK_EQ(probe_receive(probe, 200), SIM_CANCELLED);
    sim_revive(probe->device);
    CHECK(send(probe) && probe_receive(probe, 1000) == SIM_OK && good(probe));
    finish(probe);
}

static void test_bus(void)
{
    struct probe *probe = faulty(SIM_FAULT_IN_STALL, 0);
    uint8_t in = probe->iface->in.address, out = probe->iface->out.address;
    CHECK(send(probe));
    CHECK_EQ(probe_receive(probe, 1000), SIM_STALL);
    CHECK_EQ(probe_receive(probe, 1000), SIM_STALL);
    CHECK_EQ(probe_control(probe, 2, 1, 0, in, NULL, 0, NULL), SIM_OK);
    finish(probe);
    probe = faulty(SIM_FAULT_OUT_STALL, 0);
    CHECK(!send(probe) && !send(probe));
    CHECK_EQ(probe_control(probe, 2, 1, 0, out, NULL, 0, NULL), SIM_OK);
    finish(probe);
    probe = faulty(SIM_FAULT_BABBLE, 0);
    CHECK(send(probe));
    CHECK_EQ(probe_receive(probe, 1000), SIM_OVERFLOW);
    finish(probe);
    probe = faulty(SIM_FAULT_CUT, 0);
    CHECK(send(probe));
    CHECK_EQ(probe_receive(probe, 1000), SIM_CANCELLED);
    CHECK(probe->size == 64 && wire_u32(probe->in + 1) > 64);
    finish(probe);
    probe = faulty(SIM_FAULT_EMPTY_PACKETS, 2);
    CHECK(send(probe));
    CHECK(probe_receive(probe, 1000) == SIM_OK && probe->size == 0);
    CHECK(probe_receive(probe, 1000) == SIM_OK && probe->size == 0);
    CHECK(probe_receive(probe, 1000) == SIM_OK && good(probe));
    finish(probe);
    probe = faulty(SIM_FAULT_UNPLUG, 2);
    CHECK(send(probe) && probe_receive(probe, 1000) == SIM_OK && good(probe));
    CHECK(send(probe) && probe_receive(probe, 1000) == SIM_OK && good(probe));
    CHECK(send(probe));
    CHECK_EQ(probe_receive(probe, 1000), SIM_GONE);
    CHECK(sim_unplugged(probe->device));
    probe_free(probe);
}

/* What is under way ends; afterwards the card has no power, and its presence is told. */
static void test_reset(void)
{
    struct probe *probe = faulty(SIM_FAULT_RESET, 0);
    uint8_t bytes[8];
    size_t done;
    CHECK(send(probe));
    CHECK_EQ(probe_receive(probe, 1000), SIM_SHUT);
    CHECK_EQ(probe_transfer(probe, probe->iface->interrupt.address, bytes, 8, &done, 100),
             SIM_OK);
    CHECK(done == 2 && bytes[0] == WIRE_NOTIFY && bytes[1] == 3);
    CHECK(probe_connect(probe, 1));
    finish(probe);
}

static void test_headers(void)
{
    struct probe *probe = faulty(SIM_FAULT_STALE, 3);
    CHECK(send(probe));
    for (unsigned i = 3; i > 0; i--)
        CHECK(probe_receive(probe, 1000) == SIM_OK
              && probe->in[6] == (uint8_t)(probe->seq - i));
    CHECK(probe_receive(probe, 1000) == SIM_OK && good(probe));
    finish(probe);
    probe = faulty(SIM_FAULT_WRONG_SEQ, 0);
    CHECK(send(probe));
    for (unsigned i = 0; i < 50; i++)
        CHECK(probe_receive(probe, 1000) == SIM_OK && probe->in[6] != probe->seq);
    finish(probe);
    probe = faulty(SIM_FAULT_WRONG_SLOT, 0);
    CHECK(send(probe) && probe_receive(probe, 1000) == SIM_OK && probe->in[5] == 1);
    finish(probe);
    probe = faulty(SIM_FAULT_LENGTH_LARGE, 5);
    CHECK(send(probe) && probe_receive(probe, 1000) == SIM_OK);
    CHECK(probe->size == 12 && wire_u32(probe->in + 1) == 7);
    finish(probe);
    probe = faulty(SIM_FAULT_LENGTH_SMALL, 0);
    CHECK(send(probe) && probe_receive(probe, 1000) == SIM_OK);
    CHECK(probe->size == 12 && wire_u32(probe->in + 1) == 1);
    finish(probe);
    probe = faulty(SIM_FAULT_SHORT_HEADER, 4);
    CHECK(send(probe) && probe_receive(probe, 1000) == SIM_OK && probe->size == 4);
    finish(probe);
    probe = faulty(SIM_FAULT_GARBAGE_TYPE, 0x99);
    CHECK(send(probe) && probe_receive(probe, 1000) == SIM_OK && probe->in[0] == 0x99);
    finish(probe);
    probe = faulty(SIM_FAULT_CHAIN_FOREVER, 0);
    CHECK(send(probe) && probe_receive(probe, 1000) == SIM_OK && probe->in[9] == 3);
    for (unsigned i = 0; i < 20; i++)
        CHECK(probe_command(probe, WIRE_XFR_BLOCK, 0, WIRE_CONTINUE, NULL, 0)
              && probe->size == 10 && probe->in[9] == 3);
    finish(probe);
}

static void test_errors(void)
{
    static const struct {
        enum sim_fault_kind kind;
        uint8_t error;
    } errors[] = {{SIM_FAULT_BUSY, 0xE0},           {SIM_FAULT_ERROR_MUTE, 0xFE},
                  {SIM_FAULT_ERROR_PARITY, 0xFD},   {SIM_FAULT_ERROR_OVERRUN, 0xFC},
                  {SIM_FAULT_ERROR_HARDWARE, 0xFB}, {SIM_FAULT_ERROR_AUTO_BUSY, 0xF2}};
    const uint8_t three[] = {0x80, 0xF0, SIM_FAULT_BUSY, 0, 1, 3};
    for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
        struct probe *probe = faulty(errors[i].kind, 0);
        CHECK(send(probe) && probe_receive(probe, 1000) == SIM_OK);
        CHECK(probe->in[7] == WIRE_FAILED && probe->in[8] == errors[i].error);
        finish(probe);
    }
    struct probe *probe = faulty(SIM_FAULT_NONE, 0);
    CHECK_EQ(probe_apdu(probe, three, sizeof(three), answer, sizeof(answer)), 2);
    for (unsigned i = 0; i < 3; i++)
        CHECK(send(probe) && probe_receive(probe, 1000) == SIM_OK
              && probe->in[8] == WIRE_SLOT_BUSY);
    finish(probe);
}

static enum sim_status listen(struct probe *probe, uint8_t bytes[8], size_t *done)
{
    return probe_transfer(probe, probe->iface->interrupt.address, bytes, 8, done, 300);
}

static void test_interrupts(void)
{
    uint8_t bytes[8];
    size_t done;
    struct probe *probe = faulty(SIM_FAULT_HARDWARE, 0);
    CHECK(send(probe) && probe_receive(probe, 1000) == SIM_OK && probe->in[8] == 0xFB);
    CHECK(listen(probe, bytes, &done) == SIM_OK && done == 4);
    CHECK(bytes[0] == WIRE_HARDWARE_ERROR && bytes[2] == probe->seq);
    finish(probe);
    probe = faulty(SIM_FAULT_NOISE, 2);
    CHECK(send(probe) && probe_receive(probe, 1000) == SIM_OK && good(probe));
    CHECK(listen(probe, bytes, &done) == SIM_OK && bytes[0] != WIRE_NOTIFY);
    CHECK(listen(probe, bytes, &done) == SIM_OK && bytes[0] != WIRE_NOTIFY);
    finish(probe);
    probe = faulty(SIM_FAULT_INTERRUPT_STALL, 0);
    CHECK(send(probe) && probe_receive(probe, 1000) == SIM_OK && good(probe));
    CHECK_EQ(listen(probe, bytes, &done), SIM_STALL);
    finish(probe);
    probe = faulty(SIM_FAULT_REMOVE, 0);
    CHECK(send(probe) && probe_receive(probe, 1000) == SIM_OK);
    CHECK(probe->in[7] == (WIRE_FAILED | WIRE_ABSENT) && probe->in[8] == WIRE_MUTE);
    CHECK(listen(probe, bytes, &done) == SIM_OK && bytes[1] == 2);
    probe_free(probe);
    probe = faulty(SIM_FAULT_SWAP, 0);
    CHECK(send(probe) && probe_receive(probe, 1000) == SIM_OK
          && probe->in[8] == WIRE_MUTE);
    CHECK(listen(probe, bytes, &done) == SIM_OK && bytes[1] == 2);
    CHECK(listen(probe, bytes, &done) == SIM_OK && bytes[1] == 3);
    CHECK(probe_connect(probe, 1));
    finish(probe);
}

static void test_aborts(void)
{
    struct probe *probe = faulty(SIM_FAULT_ABORT_REFUSED, 0);
    uint16_t number = probe->iface->data->number;
    CHECK(send(probe));
    CHECK_EQ(probe_receive(probe, 1000), SIM_CANCELLED);
    CHECK_EQ(probe_control(probe, 0x21, 1, 0x0700, number, NULL, 0, NULL), SIM_STALL);
    finish(probe);
    probe = faulty(SIM_FAULT_ABORT_IGNORED, 0);
    CHECK(send(probe));
    uint16_t value = (uint16_t)((probe->seq + 1) << 8);
    CHECK_EQ(probe_control(probe, 0x21, 1, value, number, NULL, 0, NULL), SIM_OK);
    CHECK(!probe_command(probe, WIRE_ABORT, 0, 0, NULL, 0));
    finish(probe);
}

static void test_power(void)
{
    struct probe *probe = faulty(SIM_FAULT_POWER_MUTE, 0);
    CHECK(!probe_command(probe, WIRE_POWER_ON, 0, 0, NULL, 0));
    CHECK(probe->in[7] == (WIRE_FAILED | WIRE_INACTIVE) && probe->in[8] == WIRE_MUTE);
    CHECK(probe_connect(probe, 1) && arm(probe, SIM_FAULT_POWER_LONG, 64));
    CHECK(probe_command(probe, WIRE_POWER_ON, 0, 0, NULL, 0) && probe->size == 74);
    CHECK(arm(probe, SIM_FAULT_POWER_GARBAGE, 0));
    CHECK(probe_command(probe, WIRE_POWER_ON, 0, 0, NULL, 0) && probe->in[10] == 0xFF);
    CHECK(arm(probe, SIM_FAULT_POWER_NEVER, 0));
    CHECK(!probe_command(probe, WIRE_POWER_ON, 0, 0, NULL, 0) && probe->size == 0);
    CHECK(arm(probe, SIM_FAULT_POWER_EMPTY, 0));
    CHECK(probe_command(probe, WIRE_POWER_ON, 0, 0, NULL, 0) && probe->size == 10);
    finish(probe);
}

/* The same faults by the specification, and through T=1 blocks and T=0. */
static void test_ways(void)
{
    static const char *const names[] = {"gempc_twin?card=t1", "gempc_twin?card=t0",
                                        "oz776?card=t0", "winbond?card=t1"};
    struct probe *probe = probe_new("yubikey?fault=BUSY@2*2,SHORT_HEADER:3@4", 0);
    static const uint8_t want[] = {10, 10, 10, 3, 10};
    for (size_t i = 0; i < sizeof(want); i++) {
        bool ok = probe_command(probe, WIRE_GET_SLOT_STATUS, 0, 0, NULL, 0);
        CHECK(ok == (i == 0 || i == 4));
        CHECK_EQ(probe->size, want[i]);
    }
    probe_free(probe);
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        probe = probe_new(names[i], 0);
        CHECK(probe_connect(probe, names[i][strlen(names[i]) - 1] == '1'));
        CHECK(arm(probe, SIM_FAULT_BUSY, 0));
        CHECK(!probe_command(probe, WIRE_XFR_BLOCK, 0, 0, status, 4));
        CHECK_EQ(probe->in[8], WIRE_SLOT_BUSY);
        finish(probe);
    }
    probe = probe_new("yubikey?fault=POWER_MUTE@2", 0);
    CHECK(probe_command(probe, WIRE_GET_SLOT_STATUS, 0, 0, NULL, 0));
    CHECK(probe_command(probe, WIRE_GET_SLOT_STATUS, 0, 0, NULL, 0));
    CHECK(!probe_command(probe, WIRE_POWER_ON, 0, 0, NULL, 0));
    CHECK(probe_command(probe, WIRE_POWER_ON, 0, 0, NULL, 0));
    probe_free(probe);
    /* ICCD: time extensions as polling, errors as failed. */
    probe = probe_new("gemalto_pdt", 0);
    uint8_t command[] = {0x80, 0xF0, SIM_FAULT_ERROR_PARITY, 0};
    size_t done;
    CHECK_EQ(probe_control(probe, 0x21, 0x62, 1, 0, NULL, 0, NULL), SIM_OK);
    CHECK_EQ(probe_control(probe, 0xA1, 0x6F, 0, 0, probe->in, 300, &done), SIM_OK);
    for (uint8_t i = 0; i < 2; i++) {
        CHECK_EQ(probe_control(probe, 0x21, 0x65, 0, 0, command, 4, NULL), SIM_OK);
        CHECK_EQ(probe_control(probe, 0xA1, 0x6F, 0, 0, probe->in, 300, &done), SIM_OK);
        CHECK(done == 3 && probe->in[0] == (i == 0 ? 0x00 : 0x40));
    }
    command[2] = SIM_FAULT_MUTE;
    for (uint8_t i = 0; i < 3; i++) {
        CHECK_EQ(probe_control(probe, 0x21, 0x65, 0, 0, command, 4, NULL), SIM_OK);
        CHECK_EQ(probe_control(probe, 0xA1, 0x6F, 0, 0, probe->in, 300, &done),
                 i == 1 ? SIM_CANCELLED : SIM_OK);
        memcpy(command, status, sizeof(command));
    }
    probe_free(probe);
}

void test_faults(void)
{
    test_timing();
    test_dead();
    test_bus();
    test_reset();
    test_headers();
    test_errors();
    test_interrupts();
    test_aborts();
    test_power();
    test_ways();
    printf("faults: ");
    (void)check_result();
    test_failures += check_failures;
}
