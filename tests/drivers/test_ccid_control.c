/* SPDX-License-Identifier: BSD-2-Clause */
/* What is no APDU: features, properties, PIN entry, escape commands, attributes; and
 * wrong use of the jobs. */
#include "ccid_rig.h"
#include "os/time.h"
#include "tests/support/check.h"

#define CODE(function) (0x00310000U | (uint32_t)(function) << 2)

enum { ECHO = 0x45, ESCAPE_LINUX = 0x42000001, ESCAPE_WINDOWS = 3500 };

static struct rig_result result;

static struct ccid_rig *opened(const char *specification, bool escape)
{
    const struct ccid_settings settings = {.voltages = {1, 2, 3},
                                           .escape = escape,
                                           .whole_apdus = true,
                                           .apdu_timeout_ms = 60000};
    enum sc_error error;
    struct ccid_rig *rig = ccid_rig_new(specification, 0, &settings, &error);
    CHECK(rig != NULL);
    return rig;
}

/* --- Features and properties -------------------------------------------------------- */

/* The code of a feature, 0: it is not there. */
static uint32_t feature(struct ccid_rig *rig, uint8_t tag)
{
    ccid_rig_control(rig, 0, CODE(3400), NULL, 0, &result);
    CHECK_EQ(result.error, SC_OK);
    CHECK_EQ(result.size % 6, 0);
    for (size_t at = 0; at + 6 <= result.size; at += 6) {
        const uint8_t *b = result.bytes + at;
        CHECK_EQ(b[1], 4);
        if (b[0] == tag)
            return (uint32_t)b[2] << 24 | (uint32_t)b[3] << 16 | (uint32_t)b[4] << 8
                   | b[5];
    }
    return 0;
}

/* The value of a property, little-endian; UINT32_MAX: it is not there. */
static uint32_t property(struct ccid_rig *rig, uint8_t tag)
{
    ccid_rig_control(rig, 0, feature(rig, 0x12), NULL, 0, &result);
    CHECK_EQ(result.error, SC_OK);
    for (size_t at = 0; at + 2 <= result.size; at += 2U + result.bytes[at + 1]) {
        uint32_t value = 0;
        if (result.bytes[at] != tag)
            continue;
        for (size_t i = result.bytes[at + 1]; i > 0; i--)
            value = value << 8 | result.bytes[at + 1 + i];
        return value;
    }
    return UINT32_MAX;
}

static void try_features(void)
{
    struct ccid_rig *plain = opened("gempc_twin", false);
    struct ccid_rig *pin = opened("spr532", true);
    if (plain == NULL || pin == NULL)
        return;
    CHECK(feature(plain, 0x12) != 0);
    CHECK(feature(plain, 0x06) == 0 && feature(plain, 0x07) == 0);
    CHECK(feature(plain, 0x0A) == 0 && feature(plain, 0x13) == 0);
    CHECK(feature(pin, 0x06) != 0 && feature(pin, 0x07) != 0);
    CHECK(feature(pin, 0x0A) != 0 && feature(pin, 0x13) != 0);
    CHECK_EQ(property(plain, 0x0B), 0x08E6);
    CHECK_EQ(property(plain, 0x0C), 0x3437);
    CHECK_EQ(property(plain, 0x09), 0);
    CHECK_EQ(property(pin, 0x09), 1);
    ccid_rig_control(plain, 0, CODE(0xF06), NULL, 0, &result);
    CHECK_EQ(result.error, SC_E_UNSUPPORTED_FEATURE);
    ccid_rig_control(plain, 0, CODE(0xF0A), NULL, 0, &result);
    CHECK_EQ(result.error, SC_E_UNSUPPORTED_FEATURE);
    ccid_rig_control(pin, 0, CODE(0xF0A), NULL, 0, &result);
    CHECK(result.error == SC_OK && result.size == 4);
    ccid_rig_control(plain, 0, CODE(0x7F), NULL, 0, &result);
    CHECK_EQ(result.error, SC_E_UNSUPPORTED_FEATURE);
    struct transfer none = {.job = ccid_rig_begin(plain, 0, RIG_JOB_MS)};
    CHECK_EQ(ccid_slot_control(&plain->ccid.slots[0], CODE(3400), &none),
             SC_E_INSUFFICIENT_BUFFER);
    ccid_rig_free(plain);
    ccid_rig_free(pin);
}

/* --- Escape ------------------------------------------------------------------------- */

static void try_escape(void)
{
    static const uint32_t codes[] = {ESCAPE_LINUX, CODE(ESCAPE_WINDOWS), CODE(0xF13)};
    static const uint8_t echo[] = {ECHO, 1, 2, 3}, unknown[] = {0x77};
    static uint8_t large[300] = {ECHO};
    for (int on = 0; on < 2; on++) {
        struct ccid_rig *rig = opened("yubikey?card=none", on == 1);
        if (rig == NULL)
            return;
        for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
            uint64_t sent = rig->counter.sent;
            ccid_rig_control(rig, 0, codes[i], echo, sizeof(echo), &result);
            CHECK_EQ(result.error, on == 1 ? SC_OK : SC_E_UNSUPPORTED_FEATURE);
            CHECK_EQ(rig->counter.sent - sent, on);
            if (on == 1)
                CHECK(result.size == 3 && memcmp(result.bytes, echo + 1, 3) == 0);
        }
        ccid_rig_control(rig, 0, codes[0], unknown, sizeof(unknown), &result);
        CHECK_EQ(result.error, SC_E_UNSUPPORTED_FEATURE);
        ccid_rig_control(rig, 0, codes[0], large, sizeof(large), &result);
        CHECK(on == 0 || (result.error == SC_OK && result.size == 299));
        ccid_rig_free(rig);
    }
}

/* --- PIN ---------------------------------------------------------------------------- */

static const uint8_t verify[] = {30, 0, 0x82, 8,    0,    8,    4,    2,    1,    9,    4,
                                 0,  0, 0,    0,    13,   0,    0,    0,    0,    0x20, 0,
                                 1,  8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
static const uint8_t modify[] = {30,   0,    0x82, 8,    0,    0,    8,    8,    4,
                                 3,    2,    3,    9,    4,    0,    1,    2,    0,
                                 0,    0,    21,   0,    0,    0,    0,    0x24, 0,
                                 1,    16,   0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

static void try_pin(const char *specification, uint32_t protocol, uint16_t sw)
{
    unsigned before = check_failures;
    struct ccid_rig *rig = opened(specification, false);
    if (rig == NULL)
        return;
    ccid_rig_control(rig, 0, CODE(0xF06), verify, sizeof(verify), &result);
    CHECK_EQ(result.error, SC_W_REMOVED_CARD);
    CHECK_EQ(ccid_rig_power(rig, 0, POWER_COLD_RESET), SC_OK);
    ccid_rig_control(rig, 0, CODE(0xF06), verify, sizeof(verify), &result);
    CHECK_EQ(result.error, SC_E_PROTO_MISMATCH);
    CHECK_EQ(ccid_rig_connect(rig, 0, protocol), SC_OK);
    for (size_t size = 0; size < sizeof(verify); size++) {
        ccid_rig_control(rig, 0, CODE(0xF06), verify, size, &result);
        CHECK_EQ(result.error, SC_E_INVALID_PARAMETER);
    }
    ccid_rig_control(rig, 0, CODE(0xF06), verify, sizeof(verify), &result);
    CHECK_EQ(result.error, SC_OK);
    CHECK(result.size == 2 && result.sw == sw);
    /* The protocol is in step with the card afterwards. */
    CHECK(ccid_rig_echoes(rig, 0, 100, &result));
    CHECK(ccid_rig_echoes(rig, 0, 200, &result));
    ccid_rig_free(rig);
    if (check_failures != before)
        fprintf(stderr, "... that was %s\n", specification);
}

static void try_change(const char *specification, uint32_t protocol)
{
    struct ccid_rig *rig = opened(specification, false);
    if (rig == NULL)
        return;
    CHECK_EQ(ccid_rig_connect(rig, 0, protocol), SC_OK);
    ccid_rig_control(rig, 0, CODE(0xF07), modify, sizeof(modify), &result);
    CHECK(result.error == SC_OK && result.sw == 0x9000);
    /* What is typed now is the old one. */
    ccid_rig_control(rig, 0, CODE(0xF06), verify, sizeof(verify), &result);
    CHECK(result.error == SC_OK && result.sw == 0x63C2);
    CHECK(ccid_rig_echoes(rig, 0, 100, &result));
    ccid_rig_free(rig);
}

static void try_pins(void)
{
    static const struct {
        const char *name;
        uint32_t protocol;
    } readers[] = {
        {"spr532?card=t0", PROTOCOL_T0},        {"spr532?card=t1", PROTOCOL_T1},
        {"gempc_pinpad?card=t1", PROTOCOL_T1},  {"cherry_st1144?card=t1", PROTOCOL_T1},
        {"kaan_advanced?card=t1", PROTOCOL_T1}, {"ezio_shield?card=t1", PROTOCOL_T1},
        {"cyberjack_one?card=t1", PROTOCOL_T1}};
    static const struct {
        const char *typed;
        uint16_t sw;
    } cases[] = {{"123456", 0x9000},
                 {"999999", 0x63C2},
                 {"123", 0x6403},
                 {"cancel", 0x6401},
                 {"timeout", 0x6400}};
    /* The keypad of one does not work with all models: it is not used. */
    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
        for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
            char specification[64];
            struct ccid_rig *rig = opened(readers[i].name, false);
            bool able = rig != NULL && rig->ccid.descriptor.pin != 0;
            ccid_rig_free(rig);
            (void)snprintf(specification, sizeof(specification), "%s&pin=%s",
                           readers[i].name, cases[k].typed);
            CHECK_EQ(able, i != 3);
            if (able)
                try_pin(specification, readers[i].protocol, cases[k].sw);
        }
    try_change("cyberjack_one?card=t1", PROTOCOL_T1);
    try_change("kaan_advanced?card=t1", PROTOCOL_T1);
}

/* --- Attributes --------------------------------------------------------------------- */

static void try_attributes(const char *specification, uint32_t protocol)
{
    static const uint32_t t1_only[] = {0x00080207, 0x00080208, 0x00080209, 0x0008020A,
                                       0x0008020B};
    uint32_t value = 0;
    struct ccid_rig *rig = opened(specification, false);
    if (rig == NULL)
        return;
    const struct ccid_descriptor *d = &rig->ccid.descriptor;
    CHECK(ccid_rig_attribute(rig, 0, 0x00030120, &value) && value == d->protocols);
    CHECK(ccid_rig_attribute(rig, 0, 0x00030121, &value)
          && value == d->default_clock_khz);
    CHECK(ccid_rig_attribute(rig, 0, 0x00030125, &value) && value == d->max_ifsd);
    CHECK(!ccid_rig_attribute(rig, 0, 0x00080202, &value)); /* no card in use */
    CHECK(!ccid_rig_attribute(rig, 0, 0x00019999, &value));
    CHECK_EQ(ccid_rig_connect(rig, 0, protocol), SC_OK);
    CHECK(ccid_rig_attribute(rig, 0, 0x00080202, &value) && value >= 1000);
    CHECK(ccid_rig_attribute(rig, 0, 0x00080203, &value) && value >= 372);
    CHECK(ccid_rig_attribute(rig, 0, 0x00080204, &value) && value >= 1);
    CHECK_EQ(ccid_rig_attribute(rig, 0, 0x00080206, &value), protocol == PROTOCOL_T0);
    for (size_t i = 0; i < sizeof(t1_only) / sizeof(t1_only[0]); i++)
        CHECK_EQ(ccid_rig_attribute(rig, 0, t1_only[i], &value), protocol == PROTOCOL_T1);
    struct transfer none = {.job = ccid_rig_begin(rig, 0, RIG_JOB_MS)};
    CHECK_EQ(ccid_slot_get_attribute(&rig->ccid.slots[0], 0x00030121, &none),
             SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(none.out_size, 0);
    ccid_rig_free(rig);
}

/* SCARD_ATTR_SUPRESS_T1_IFS_REQUEST, where S(IFS) is ours to send. */
static void try_no_ifs(const char *specification, bool ours)
{
    static const uint8_t on = 1;
    uint32_t value = 0;
    struct ccid_rig *rig = opened(specification, false);
    if (rig == NULL)
        return;
    struct transfer t = {
        .job = ccid_rig_begin(rig, 0, RIG_JOB_MS), .in = &on, .in_size = 1};
    struct ccid_slot *slot = &rig->ccid.slots[0];
    CHECK_EQ(ccid_slot_set_attribute(slot, 0x00010100, &t), SC_X_NOT_SUPPORTED);
    CHECK_EQ(ccid_slot_set_attribute(slot, 0x7FFF0007, &t),
             ours ? SC_OK : SC_X_NOT_SUPPORTED);
    CHECK_EQ(ccid_rig_attribute(rig, 0, 0x7FFF0007, &value), ours);
    CHECK_EQ(value, ours ? 1 : 0);
    CHECK_EQ(ccid_rig_connect(rig, 0, PROTOCOL_T1), SC_OK);
    CHECK(ccid_rig_attribute(rig, 0, 0x00080208, &value));
    CHECK_EQ(value == 32, ours);
    ccid_rig_free(rig);
}

/* --- Wrong use ---------------------------------------------------------------------- */

static enum sc_error transmit(struct ccid_rig *rig, uint32_t protocol, const void *bytes,
                              size_t size, size_t room)
{
    struct transfer t = {.in = bytes,
                         .in_size = size,
                         .out = result.bytes,
                         .out_room = room,
                         .job = ccid_rig_begin(rig, 0, RIG_JOB_MS)};
    enum sc_error error = ccid_slot_transmit(&rig->ccid.slots[0], protocol, &t);
    ccid_rig_end(rig, 0);
    CHECK(error == SC_OK || t.out_size == 0);
    CHECK(t.out_size <= room);
    return error;
}

static void try_misuse(const char *specification, uint32_t protocol)
{
    static const uint8_t count[] = {0x80, 0xE0, 0, 100, 100};
    static const uint8_t lie[] = {0x80, 0xE1, 0, 0, 5, 1};
    static uint8_t huge[DRIVER_TRANSFER_MAX + 1] = {0x80, 0xE1, 0, 0, 0, 0xFF, 0xFF};
    unsigned before = check_failures;
    struct ccid_rig *rig = opened(specification, false);
    if (rig == NULL)
        return;
    struct ccid_slot *slot = &rig->ccid.slots[0];
    struct driver_job later = ccid_rig_begin(rig, 0, RIG_JOB_MS);
    CHECK_EQ(transmit(rig, protocol, count, 5, 300), SC_W_REMOVED_CARD);
    CHECK_EQ(ccid_slot_set_protocol(slot, protocol, &later), SC_W_REMOVED_CARD);
    CHECK_EQ(ccid_rig_power(rig, 0, POWER_COLD_RESET), SC_OK);
    CHECK_EQ(transmit(rig, protocol, count, 5, 300), SC_E_PROTO_MISMATCH);
    CHECK_EQ(transmit(rig, 0, count, 5, 300), SC_E_PROTO_MISMATCH);
    CHECK_EQ(ccid_slot_set_protocol(slot, 0, &later), SC_E_PROTO_MISMATCH);
    CHECK_EQ(ccid_slot_set_protocol(slot, 3, &later), SC_E_PROTO_MISMATCH);
    CHECK_EQ(ccid_slot_set_protocol(slot, 3 - protocol, &later), SC_E_PROTO_MISMATCH);
    CHECK_EQ(ccid_rig_connect(rig, 0, protocol), SC_OK);
    CHECK_EQ(transmit(rig, 3 - protocol, count, 5, 300), SC_E_PROTO_MISMATCH);
    CHECK_EQ(transmit(rig, protocol, NULL, 0, 300), SC_E_INVALID_PARAMETER);
    CHECK_EQ(transmit(rig, PROTOCOL_RAW, NULL, 0, 300), SC_E_INVALID_PARAMETER);
    for (size_t size = 1; size < 4; size++) {
        enum sc_error error = transmit(rig, protocol, count, size, 300);
        /* T=1 carries it, and the card refuses. */
        CHECK(error == SC_E_INVALID_PARAMETER || error == SC_F_COMM_ERROR
              || (protocol == PROTOCOL_T1 && error == SC_OK));
    }
    try_no_ifs("gempc_twin?card=t1", true);
    try_no_ifs("yubikey?card=t1", false);
    enum sc_error error = transmit(rig, protocol, lie, sizeof(lie), 300);
    CHECK(error == SC_E_INVALID_PARAMETER || error == SC_OK);
    CHECK_EQ(transmit(rig, protocol, huge, sizeof(huge), 300), SC_E_INVALID_PARAMETER);
    for (size_t room = 0; room < 102; room += 17)
        CHECK_EQ(transmit(rig, protocol, count, 5, room), SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(transmit(rig, protocol, count, 5, 102), SC_OK);
    CHECK(ccid_rig_echoes(rig, 0, 100, &result));
    ccid_rig_free(rig);
    if (check_failures != before)
        fprintf(stderr, "... that was %s\n", specification);
}

int main(void)
{
    try_features();
    try_escape();
    try_pins();
    try_attributes("gempc_twin?card=t0", PROTOCOL_T0);
    try_attributes("gempc_twin?card=t1", PROTOCOL_T1);
    try_attributes("yubikey?card=t1", PROTOCOL_T1);
    try_attributes("oz776?card=t1", PROTOCOL_T1);
    try_misuse("oz776?card=t0", PROTOCOL_T0);
    try_misuse("oz776?card=t1", PROTOCOL_T1);
    try_misuse("gempc_twin?card=t0", PROTOCOL_T0);
    try_misuse("gempc_twin?card=t1", PROTOCOL_T1);
    try_misuse("cherry_xx33?card=t1", PROTOCOL_T1);
    try_misuse("yubikey?card=t1", PROTOCOL_T1);
    try_misuse("ibank2key?card=t0", PROTOCOL_T0);
    try_misuse("gemalto_pdt?card=t1", PROTOCOL_T1);
    return check_result();
}
