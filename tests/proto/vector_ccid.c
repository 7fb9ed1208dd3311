/* SPDX-License-Identifier: BSD-2-Clause */
/* CCID messages: commands as ccid_command.txt has them, replies (ccid_reply.txt), what
 * errors mean (ccid_error.txt), parameters, slot changes and tables of rates. */
#include "proto/ccid.h"
#include "tests/proto/vector.h"

static void take_command(const struct vector *v)
{
    uint8_t p[VECTOR_BYTES_MAX], want[VECTOR_BYTES_MAX], header[CCID_HEADER_SIZE];
    enum ccid_type type = (enum ccid_type)vector_number(v, 0);
    size_t size = vector_number(v, 1);
    VECTOR_EQ(v, vector_hex(v, 4, p), 3);
    VECTOR_EQ(v, vector_hex(v, 5, want), CCID_HEADER_SIZE);
    ccid_header_write(header, type, size, (uint8_t)vector_number(v, 2),
                      (uint8_t)vector_number(v, 3), p);
    VECTOR_EQ(v, memcmp(header, want, sizeof(header)), 0);
    VECTOR_EQ(v, ccid_message_size(header), CCID_HEADER_SIZE + size);
    VECTOR_EQ(v, ccid_reply_type(type), vector_number(v, 6));
}

/* --- Replies ------------------------------------------------------------------------ */

static void check_reply(const struct vector *v, const struct ccid_reply *reply)
{
    static const char *const cards[] = {"active", "inactive", "absent"};
    static const char *const outcomes[] = {"done", "failed", "extension"};
    char text[64];
    uint8_t data[VECTOR_BYTES_MAX];
    size_t size = vector_hex(v, 3, data);
    snprintf(text, sizeof(text), "%02X %u %02X %s %s %02X %02X", reply->type, reply->slot,
             reply->seq, cards[reply->icc], outcomes[reply->outcome], reply->error,
             reply->extra);
    VECTOR_STR(v, text, v->fields[2]);
    VECTOR_EQ(v, reply->size, size);
    if (reply->size == size)
        VECTOR_EQ(v, memcmp(reply->data, data, size), 0);
}

static void take_reply(const struct vector *v)
{
    uint8_t bytes[VECTOR_BYTES_MAX];
    size_t size = vector_hex(v, 0, bytes);
    if (strcmp(v->fields[1], "none") != 0) {
        bool too_long = strcmp(v->fields[1], "long") == 0;
        VECTOR_EQ(v, ccid_message_size(bytes), too_long ? 0 : vector_number(v, 1));
    }
    /* Of its exact size, so that a sanitizer sees a read beyond. */
    uint8_t *message = malloc(size + (size == 0));
    CHECK(message != NULL);
    if (message == NULL)
        return;
    memcpy(message, bytes, size);
    struct ccid_reply reply;
    bool refused = strcmp(v->fields[2], "refused") == 0;
    bool read = ccid_reply_parse(message, size, &reply);
    VECTOR_EQ(v, read, !refused);
    if (read && !refused)
        check_reply(v, &reply);
    free(message);
}

/* --- Errors ------------------------------------------------------------------------- */

static unsigned errors_seen[256];

static void check_error(const struct vector *v, uint8_t error)
{
    static const enum ccid_icc here[] = {CCID_ICC_ACTIVE, CCID_ICC_INACTIVE};
    struct ccid_reply reply = {.outcome = CCID_FAILED, .error = error};
    for (size_t i = 0; i < 2; i++) {
        reply.icc = here[i];
        VECTOR_STR(v, sc_error_name(ccid_error_meaning(&reply, false)) + 6, v->fields[2]);
        VECTOR_STR(v, sc_error_name(ccid_error_meaning(&reply, true)) + 6, v->fields[3]);
    }
    reply.icc = CCID_ICC_ABSENT;
    for (int powering = 0; powering < 2; powering++)
        VECTOR_STR(v, sc_error_name(ccid_error_meaning(&reply, powering != 0)) + 6,
                   v->fields[4]);
}

/* The names stand there without "SCARD_". */
static void take_error(const struct vector *v)
{
    uint32_t from = vector_number(v, 0), to = vector_number(v, 1);
    VECTOR_EQ(v, from <= to && to <= 255, true);
    for (uint32_t error = from; error <= to && error <= 255; error++) {
        check_error(v, (uint8_t)error);
        errors_seen[error]++;
    }
}

/* The same by way of the wire: each bStatus and bError. A reserved state of the card
 * counts as absent, a reserved outcome as failed. */
static void check_every_status(void)
{
    for (unsigned i = 0; i < 65536; i++) {
        uint8_t bytes[CCID_HEADER_SIZE] = {CCID_SLOT_STATUS};
        struct ccid_reply reply;
        bytes[7] = (uint8_t)(i >> 8);
        bytes[8] = (uint8_t)i;
        CHECK(ccid_reply_parse(bytes, sizeof(bytes), &reply));
        CHECK_EQ(reply.icc == CCID_ICC_ABSENT, (bytes[7] & 3) >= 2);
        CHECK_EQ(reply.outcome == CCID_FAILED, (bytes[7] & 0x40) != 0);
        enum sc_error error = ccid_error_meaning(&reply, false);
        CHECK(error != SC_OK);
        CHECK_EQ(error == SC_E_NO_SMARTCARD, (bytes[7] & 3) >= 2 && bytes[8] != 0);
    }
}

static void check_errors_complete(void)
{
    for (unsigned i = 0; i < 256; i++)
        CHECK_EQ(errors_seen[i], 1);
    check_every_status();
}

/* --- Parameters, interrupts, rates -------------------------------------------------- */

static void check_parameters_read(const struct vector *v, const uint8_t *bytes,
                                  size_t size, const struct ccid_parameters *want)
{
    struct ccid_parameters got = {.protocol = 0xEE};
    bool refused = strcmp(v->fields[2], "refused") == 0;
    bool read = ccid_parameters_parse(want->protocol, bytes, size, &got);
    VECTOR_EQ(v, read, !refused);
    if (!read || refused) {
        VECTOR_EQ(v, got.protocol, refused ? 0xEE : want->protocol);
        return;
    }
    VECTOR_EQ(v, got.protocol, want->protocol);
    VECTOR_EQ(v, got.fidi, want->fidi);
    VECTOR_EQ(v, got.inverse, want->inverse);
    VECTOR_EQ(v, got.guard, want->guard);
    VECTOR_EQ(v, got.waiting, want->waiting);
    VECTOR_EQ(v, got.clock_stop, want->clock_stop);
    VECTOR_EQ(v, got.crc, want->crc);
    VECTOR_EQ(v, got.ifsc, want->ifsc);
}

static void take_parameters(const struct vector *v)
{
    struct ccid_parameters want = {
        .protocol = (uint8_t)vector_number(v, 0),
        .fidi = (uint8_t)vector_number(v, 1),
        .inverse = strcmp(v->fields[2], "inverse") == 0,
        .guard = (uint8_t)vector_number(v, 3),
        .waiting = (uint8_t)vector_number(v, 4),
        .clock_stop = (uint8_t)vector_number(v, 5),
        .crc = strcmp(v->fields[6], "CRC") == 0,
        .ifsc = (uint8_t)vector_number(v, 7),
    };
    uint8_t bytes[VECTOR_BYTES_MAX], built[CCID_PARAMETERS_T1_SIZE];
    struct vector rest = *v;
    bool read_only = v->fields[8][0] == '>';
    rest.fields[8] = v->fields[8] + (read_only ? 1 : 0);
    size_t size = vector_hex(&rest, 8, bytes);
    check_parameters_read(v, bytes, size, &want);
    if (read_only)
        return;
    VECTOR_EQ(v, ccid_parameters_build(&want, built), size);
    VECTOR_EQ(v, memcmp(built, bytes, size), 0);
}

static void take_change(const struct vector *v)
{
    uint8_t bytes[VECTOR_BYTES_MAX];
    size_t size = vector_hex(v, 0, bytes);
    bool present = false, changed = false;
    const char *got = "nothing";
    char text[32];
    if (ccid_slot_change(bytes, size, vector_number(v, 1), &present, &changed)) {
        snprintf(text, sizeof(text), "%s %s", present ? "present" : "absent",
                 changed ? "changed" : "same");
        got = text;
    }
    VECTOR_STR(v, got, v->fields[2]);
}

static void take_rates(const struct vector *v)
{
    uint8_t bytes[VECTOR_BYTES_MAX];
    uint32_t rates[CCID_RATES_MAX];
    size_t size = vector_hex(v, 0, bytes);
    size_t count = ccid_rates_parse(bytes, size, rates);
    const char *at = v->fields[1];
    if (strcmp(at, "none") == 0) {
        VECTOR_EQ(v, count, 0);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        char *end = NULL;
        VECTOR_EQ(v, rates[i], strtoul(at, &end, 10));
        VECTOR_EQ(v, end != at, true);
        at = end;
    }
    VECTOR_STR(v, at, "");
}

/* More entries than there is room for. */
static void check_many_rates(void)
{
    static uint8_t bytes[4 * (CCID_RATES_MAX + 2)];
    uint32_t rates[CCID_RATES_MAX];
    for (unsigned i = 0; i < CCID_RATES_MAX + 2; i++) {
        bytes[4 * i] = (uint8_t)(i + 1);
        bytes[4 * i + 1] = (uint8_t)((i + 1) >> 8);
    }
    CHECK_EQ(ccid_rates_parse(bytes, sizeof(bytes), rates), CCID_RATES_MAX);
    CHECK_EQ(rates[0], 1);
    CHECK_EQ(rates[CCID_RATES_MAX - 1], CCID_RATES_MAX);
}

int main(void)
{
    vector_run("ccid_command.txt", 7, take_command);
    vector_run("ccid_reply.txt", 4, take_reply);
    vector_run("ccid_error.txt", 5, take_error);
    check_errors_complete();
    vector_run("ccid_parameters.txt", 9, take_parameters);
    vector_run("ccid_change.txt", 3, take_change);
    vector_run("ccid_rates.txt", 2, take_rates);
    check_many_rates();
    return check_result();
}
