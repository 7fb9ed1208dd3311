/* SPDX-License-Identifier: BSD-2-Clause */
/* Plays a session against simulated readers, and writes what they answered as inputs of
 * fuzz_ccid_device into a directory: the fuzzer begins with valid dialogues then. By
 * hand, when the format of the inputs has changed:
 *     build/tests/drivers/record_ccid tests/fuzz/corpus/ccid_device */
#include "base/alloc.h"
#include "tests/fuzz/ccid_play.h"
#include "tests/fuzz/property.h"
#include "tests/rig/sim/direct.h"

enum {
    STREAM_MAX = 65536,
    OPERATIONS_MAX = 12, /* of a session; kind 0 ends them */
    FLAG_ESCAPE_WHOLE = 2 + 4,
    ACT_NOTHING = 0,
    ACT_REPLY = 1,
    ACT_BYTES = 2
};

/* A reader, and what is done to it. */
static const struct session {
    const char *name, *specification;
    struct operation {
        uint8_t slot, kind;
        uint16_t word;
    } operations[OPERATIONS_MAX];
} sessions[] = {
    {"tpdu-t0",
     "gempc_twin?card=t0",
     {{0, PLAY_COLD, 0},
      {0, PLAY_T0, 0},
      {0, PLAY_ECHO, 20},
      {0, PLAY_ECHO, 300},
      {0, PLAY_COUNT, 40},
      {0, PLAY_SMALL, 40},
      {0, PLAY_WARM, 0},
      {0, PLAY_T0, 0},
      {0, PLAY_ATTRIBUTES, 0},
      {0, PLAY_OFF, 0}}},
    {"tpdu-t1",
     "gempc_twin?card=t1",
     {{0, PLAY_COLD, 0},
      {0, PLAY_T1, 0},
      {0, PLAY_ECHO, 20},
      {0, PLAY_ECHO, 300},
      {0, PLAY_RAW, 5},
      {0, PLAY_COUNT, 9},
      {0, PLAY_ATTRIBUTES, 0},
      {0, PLAY_POLL, 0},
      {0, PLAY_OFF, 0}}},
    {"tpdu-auto",
     "qemu?card=t1",
     {{0, PLAY_COLD, 0},
      {0, PLAY_T1, 0},
      {0, PLAY_ECHO, 20},
      {0, PLAY_COUNT, 256},
      {0, PLAY_VERIFY, 0}}},
    {"character-t0",
     "oz776?card=t0",
     {{0, PLAY_COLD, 0},
      {0, PLAY_T0, 0},
      {0, PLAY_ECHO, 20},
      {0, PLAY_COUNT, 70},
      {0, PLAY_PSEUDO, 0},
      {0, PLAY_ECHO, 256}}},
    {"character-t1",
     "oz776?card=t1",
     {{0, PLAY_COLD, 0},
      {0, PLAY_T1, 0},
      {0, PLAY_ECHO, 20},
      {0, PLAY_COUNT, 70},
      {0, PLAY_ECHO, 256}}},
    {"short",
     "cherry_xx33?card=t1",
     {{0, PLAY_COLD, 0},
      {0, PLAY_T1, 0},
      {0, PLAY_ECHO, 20},
      {0, PLAY_ECHO, 300},
      {0, PLAY_PSEUDO, 0},
      {0, PLAY_VERIFY, 0}}},
    {"extended",
     "yubikey?card=t1",
     {{0, PLAY_COLD, 0},
      {0, PLAY_T1, 0},
      {0, PLAY_ECHO, 20},
      {0, PLAY_ECHO, 300},
      {0, PLAY_SMALL, 3},
      {0, PLAY_CONTROL, 0}}},
    {"chained",
     "kaan_advanced?card=t1",
     {{0, PLAY_COLD, 0}, {0, PLAY_T1, 0}, {0, PLAY_ECHO, 700}, {0, PLAY_COUNT, 600}}},
    {"pin-t0",
     "spr532?card=t0",
     {{0, PLAY_COLD, 0},
      {0, PLAY_T0, 0},
      {0, PLAY_VERIFY, 0},
      {0, PLAY_MODIFY, 0},
      {0, PLAY_CONTROL, 1}}},
    {"pin-t1",
     "spr532?card=t1",
     {{0, PLAY_COLD, 0},
      {0, PLAY_T1, 0},
      {0, PLAY_VERIFY, 0},
      {0, PLAY_MODIFY, 0},
      {0, PLAY_ECHO, 3}}},
    {"pin-cancelled",
     "spr532?card=t1&pin=cancel",
     {{0, PLAY_COLD, 0}, {0, PLAY_T1, 0}, {0, PLAY_VERIFY, 0}, {0, PLAY_ECHO, 3}}},
    {"pin-extended",
     "cyberjack_one?card=t1",
     {{0, PLAY_COLD, 0},
      {0, PLAY_T1, 0},
      {0, PLAY_VERIFY, 0},
      {0, PLAY_MODIFY, 0},
      {0, PLAY_CONTROL, 6}}},
    {"slots",
     "auriga?card=t1",
     {{0, PLAY_COLD, 0},
      {1, PLAY_COLD, 0},
      {1, PLAY_T1, 0},
      {0, PLAY_T1, 0},
      {1, PLAY_ECHO, 5},
      {0, PLAY_ECHO, 5},
      {1, PLAY_OFF, 0}}},
    {"iccd-a",
     "ibank2key?card=t0",
     {{0, PLAY_COLD, 0},
      {0, PLAY_T0, 0},
      {0, PLAY_ECHO, 20},
      {0, PLAY_COUNT, 70},
      {0, PLAY_OFF, 0},
      {0, PLAY_POLL, 0}}},
    {"e-gate",
     "egate?card=t0",
     {{0, PLAY_COLD, 0}, {0, PLAY_T0, 0}, {0, PLAY_ECHO, 20}, {0, PLAY_WARM, 0}}},
    {"iccd-b",
     "gemalto_pdt?card=t1",
     {{0, PLAY_COLD, 0},
      {0, PLAY_T1, 0},
      {0, PLAY_ECHO, 20},
      {0, PLAY_ECHO, 300},
      {0, PLAY_COUNT, 700},
      {0, PLAY_POLL, 0}}},
    {"iccd-b-slow",
     "gemalto_pdt?card=t1&delay=30",
     {{0, PLAY_COLD, 0}, {0, PLAY_T1, 0}, {0, PLAY_ECHO, 20}}},
    {"emv-mode", "gempc433?card=t1&emv=1", {{0, PLAY_COLD, 0}, {0, PLAY_T1, 0}}},
    {"voltages", "mysmartpad?card=t1&voltage=1.8", {{0, PLAY_COLD, 0}, {0, PLAY_T1, 0}}},
    {"no-card", "gempc_twin?card=none", {{0, PLAY_COLD, 0}, {0, PLAY_POLL, 0}}},
    {"extensions",
     "yubikey?card=t1&fault=TIME_EXTENSION:3@5,STALE:4@6,BUSY@7*2",
     {{0, PLAY_COLD, 0},
      {0, PLAY_T1, 0},
      {0, PLAY_ECHO, 5},
      {0, PLAY_ECHO, 6},
      {0, PLAY_ECHO, 7},
      {0, PLAY_ECHO, 8}}},
    {"stall-abort",
     "yubikey?card=t1&fault=IN_STALL@5,LENGTH_LARGE:9@9,REMOVE@12",
     {{0, PLAY_COLD, 0},
      {0, PLAY_T1, 0},
      {0, PLAY_ECHO, 5},
      {0, PLAY_ECHO, 6},
      {0, PLAY_ECHO, 7},
      {0, PLAY_ECHO, 8},
      {0, PLAY_COLD, 0}}},
    {"t1-spoilt",
     "gempc_twin?card=t1&fault=ERROR_PARITY@8,ERROR_MUTE@10",
     {{0, PLAY_COLD, 0}, {0, PLAY_T1, 0}, {0, PLAY_ECHO, 5}, {0, PLAY_ECHO, 300}}},
};

struct recorder {
    struct ccid_transport transport, *inner;
    struct ccid_interface iface;
    struct play_host host;
    uint8_t last[CCID_SLOTS_MAX][CCID_HEADER_SIZE];
    uint8_t stream[STREAM_MAX];
    size_t size;
};

static struct recorder *recorder_of(struct ccid_transport *transport)
{
    return (struct recorder *)(void *)transport;
}

static void put(struct recorder *r, size_t byte)
{
    PROPERTY(r->size < STREAM_MAX);
    r->stream[r->size++] = (uint8_t)byte;
}

static void put_bytes(struct recorder *r, const uint8_t *bytes, size_t size)
{
    put(r, size >> 8);
    put(r, size);
    for (size_t i = 0; i < size; i++)
        put(r, bytes[i]);
}

static enum sc_error record_send(struct ccid_transport *transport, uint32_t slot,
                                 const uint8_t *bytes, size_t size, uint64_t deadline_ms)
{
    struct recorder *r = recorder_of(transport);
    memcpy(r->last[slot], bytes, CCID_HEADER_SIZE);
    return r->inner->send(r->inner, slot, bytes, size, deadline_ms);
}

static enum sc_error record_receive(struct ccid_transport *transport, uint32_t slot,
                                    uint8_t *bytes, size_t room, size_t *size,
                                    uint64_t deadline_ms)
{
    struct recorder *r = recorder_of(transport);
    struct ccid_reply reply;
    enum sc_error error =
        r->inner->receive(r->inner, slot, bytes, room, size, deadline_ms);
    if (error != SC_OK) {
        put(r, error == SC_E_TIMEOUT ? ACT_NOTHING : 4); /* an error, SC_F_COMM_ERROR */
        if (error != SC_E_TIMEOUT)
            put(r, 0);
    } else if (ccid_reply_parse(bytes, *size, &reply) && reply.slot < CCID_SLOTS_MAX
               && reply.seq == r->last[reply.slot][6]) {
        put(r, (size_t)reply.slot << 4 | ACT_REPLY);
        for (size_t i = 7; i < CCID_HEADER_SIZE; i++)
            put(r, bytes[i]);
        put_bytes(r, reply.data, reply.size);
    } else {
        put(r, ACT_BYTES);
        put_bytes(r, bytes, *size);
    }
    return error;
}

static enum sc_error record_control(struct ccid_transport *transport, uint32_t slot,
                                    struct ccid_control *control, uint64_t deadline_ms)
{
    struct recorder *r = recorder_of(transport);
    enum sc_error error = r->inner->control(r->inner, slot, control, deadline_ms);
    put(r, error == SC_OK ? ACT_BYTES : 4);
    if (error != SC_OK)
        put(r, 0);
    else
        put_bytes(r, control->bytes, (control->type & 0x80) != 0 ? control->done : 0);
    return error;
}

static void record_interrupt(struct ccid_transport *transport, uint32_t slot)
{
    struct recorder *r = recorder_of(transport);
    r->inner->interrupt(r->inner, slot);
}

static void record_resume(struct ccid_transport *transport, uint32_t slot)
{
    struct recorder *r = recorder_of(transport);
    r->inner->resume(r->inner, slot);
}

static enum sc_error record_clear_halt(struct ccid_transport *transport)
{
    struct recorder *r = recorder_of(transport);
    put(r, ACT_NOTHING);
    return r->inner->clear_halt(r->inner);
}

static enum sc_error record_reset(struct ccid_transport *transport)
{
    struct recorder *r = recorder_of(transport);
    put(r, ACT_NOTHING);
    return r->inner->reset(r->inner);
}

static void set_up(struct recorder *r, struct sim_direct *direct,
                   const struct sim_direct_interface *described)
{
    static const enum ccid_kind kinds[] = {CCID_KIND_BULK, CCID_KIND_ICCD_A,
                                           CCID_KIND_ICCD_B};
    const struct sim_identity *identity = sim_direct_identity(direct);
    r->inner = sim_direct_transport(direct, 0);
    r->transport = (struct ccid_transport){.send = record_send,
                                           .receive = record_receive,
                                           .control = record_control,
                                           .interrupt = record_interrupt,
                                           .resume = record_resume,
                                           .clear_halt = record_clear_halt,
                                           .reset = record_reset,
                                           .packet_size = r->inner->packet_size};
    struct ccid_interface *iface = &r->iface;
    PROPERTY(ccid_descriptor_parse(described->descriptor, &iface->descriptor));
    iface->transport = &r->transport;
    iface->kind = kinds[described->protocol % 3];
    iface->quirks = ccid_quirks(identity->vendor, identity->product, identity->version);
    iface->settings = (struct ccid_settings){.voltages = {1, 2, 3},
                                             .escape = true,
                                             .whole_apdus = true,
                                             .apdu_timeout_ms = 5000};
}

/* What stands before the device's actions. */
static void write_head(FILE *file, const struct recorder *r, const uint8_t *descriptor,
                       const struct session *session, unsigned count)
{
    putc((int)r->iface.kind, file);
    for (int shift = 24; shift >= 0; shift -= 8)
        putc((int)(r->iface.quirks >> shift & 0xFF), file);
    putc(FLAG_ESCAPE_WHOLE, file);
    fwrite(descriptor, CCID_DESCRIPTOR_SIZE, 1, file);
    putc((int)count, file);
    for (unsigned i = 0; i < count; i++) {
        putc(session->operations[i].slot, file);
        putc(session->operations[i].kind, file);
        putc(session->operations[i].word >> 8, file);
        putc(session->operations[i].word & 0xFF, file);
    }
}

static void record(const struct session *session, const char *directory)
{
    static struct recorder r;
    char why[128], path[4096];
    struct sim_direct_interface described;
    struct sim_direct *direct = sim_direct_new(session->specification, why, sizeof(why));
    unsigned count = 0;
    memset(&r, 0, sizeof(r));
    PROPERTY(direct != NULL && sim_direct_interface(direct, 0, &described));
    set_up(&r, direct, &described);
    PROPERTY(ccid_play_open(&r.host, &r.iface));
    while (count < OPERATIONS_MAX && session->operations[count].kind != 0) {
        const struct operation *operation = &session->operations[count];
        ccid_play(&r.iface.slots[operation->slot], &r.host.told[operation->slot],
                  operation->kind, operation->word);
        count++;
    }
    (void)snprintf(path, sizeof(path), "%s/%s", directory, session->name);
    FILE *file = fopen(path, "wb");
    PROPERTY(file != NULL);
    write_head(file, &r, described.descriptor, session, count);
    fwrite(r.stream, 1, r.size, file);
    PROPERTY(fclose(file) == 0);
    printf("%s: %u operations, %u bytes\n", session->name, count, (unsigned)r.size);
    ccid_play_close(&r.host);
    sim_direct_free(direct);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: record_ccid DIRECTORY\n");
        return 1;
    }
    for (size_t i = 0; i < sizeof(sessions) / sizeof(sessions[0]); i++)
        record(&sessions[i], argv[1]);
    return 0;
}
