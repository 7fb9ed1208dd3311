/* SPDX-License-Identifier: BSD-2-Clause */
/* The software card over each protocol: files, PIN, long transfers, status words. */
#include "os/time.h"
#include "tests/support/check.h"

#include "base/alloc.h"
#include "drivers/soft/soft.h"
#include "proto/atr.h"
#include "tests/support/fake_host.h"
#include "tests/support/hex.h"

enum { ROOM = DRIVER_TRANSFER_MAX, SOON_MS = CHECK_HANG_MS };

static uint8_t in[ROOM], out[ROOM];
static size_t out_size;
static uint32_t protocol;

static enum sc_error send_bytes(struct fake_host *host, size_t size)
{
    out_size = 0;
    return fake_transmit(host, 0, protocol, SOON_MS, in, size, out, ROOM, &out_size);
}

/* The status word of a command in hexadecimal; 0 if the driver failed. */
static unsigned status(void)
{
    return out_size >= 2 ? (unsigned)out[out_size - 2] << 8 | out[out_size - 1] : 0;
}

static unsigned send(struct fake_host *host, const char *command)
{
    size_t size = hex(command, in, sizeof(in));
    enum sc_error error = send_bytes(host, size);
    if (error != SC_OK) {
        fprintf(stderr, "%s: %s\n", command, sc_error_name(error));
        return 0;
    }
    return status();
}

static bool open_card(struct fake_host *host, const char *uri, uint32_t wanted)
{
    uint8_t atr[DRIVER_ATR_MAX];
    size_t atr_size = 0;
    fake_host_init(host, &soft_driver);
    CHECK_EQ(fake_host_start(host, uri), SC_OK);
    if (host->count == 0)
        return false;
    CHECK_EQ(fake_power(host, 0, POWER_COLD_RESET, SOON_MS, atr, &atr_size), SC_OK);
    struct atr parsed;
    atr_parse(&parsed, atr, atr_size);
    CHECK_EQ(parsed.verdict, ATR_OK);
    CHECK_EQ(fake_protocol(host, 0, wanted), SC_OK);
    protocol = wanted;
    return true;
}

static void reset(struct fake_host *host)
{
    uint8_t atr[DRIVER_ATR_MAX];
    size_t atr_size = 0;
    CHECK_EQ(fake_power(host, 0, POWER_WARM_RESET, SOON_MS, atr, &atr_size), SC_OK);
    CHECK_EQ(fake_protocol(host, 0, protocol), SC_OK);
}

/* --- A session that is the same over all protocols (case 4 apart) ------------------- */

static void check_files(struct fake_host *host)
{
    static const char sentence[] = "This is a software card.";
    CHECK_EQ(send(host, "00A4 000C 02 3F00"), 0x9000);
    CHECK_EQ(send(host, "00A4 000C 02 2F00"), 0x9000);
    CHECK_EQ(send(host, "00B0 0000 15"), 0x9000);
    CHECK_EQ(out_size, 0x15 + 2);
    CHECK_EQ(out[0], 0x61);
    CHECK_EQ(send(host, "00B0 0015 01"), 0x6B00);
    CHECK_EQ(send(host, "00A4 000C 02 1234"), 0x6A82);
    CHECK_EQ(send(host, "00A4 040C 05 F0534F4654"), 0x9000);
    CHECK_EQ(send(host, "00B0 0000 10"), 0x6986);
    CHECK_EQ(send(host, "00B0 8100 18"), 0x9000);
    CHECK_MEM(out, sentence, sizeof(sentence) - 1);
    CHECK_EQ(send(host, "00B0 0005 04"), 0x9000);
    CHECK_MEM(out, "is a", 4);
    CHECK_EQ(send(host, "00B0 9F00 10"), 0x6A86);
    CHECK_EQ(send(host, "00B0 8900 10"), 0x6A82);
    CHECK_EQ(send(host, "00A4 080C 04 7F20 5F01"), 0x9000);
    CHECK_EQ(send(host, "00A4 090C 02 6F01"), 0x9000);
    CHECK_EQ(send(host, "00B0 0000 05"), 0x9000);
    CHECK_MEM(out, "Found", 5);
    CHECK_EQ(send(host, "00A4 080C 08 3F00 7F20 5F01 6F01"), 0x9000);
    CHECK_EQ(send(host, "00A4 080C 04 7F20 9999"), 0x6A82);
    CHECK_EQ(send(host, "00A4 030C"), 0x9000);
    CHECK_EQ(send(host, "00A4 010C 02 5F01"), 0x9000);
    CHECK_EQ(send(host, "00A4 010C 02 6F01"), 0x6A82);
    CHECK_EQ(send(host, "00A4 020C 02 6F01"), 0x9000);
    CHECK_EQ(send(host, "00A4 050C 02 6F01"), 0x6A86);
    CHECK_EQ(send(host, "00A4 0008 02 6F01"), 0x6A86);
    CHECK_EQ(send(host, "00A4 0002 02 6F01"), 0x6A86);
}

static void check_writing(struct fake_host *host)
{
    CHECK_EQ(send(host, "00A4 040C 05 F0534F4654"), 0x9000);
    CHECK_EQ(send(host, "00D6 8105 03 414243"), 0x9000);
    CHECK_EQ(send(host, "00B0 0004 05"), 0x9000);
    CHECK_MEM(out, " ABCa", 5);
    CHECK_EQ(send(host, "00D6 00FE 03 414243"), 0x6A84);
    CHECK_EQ(send(host, "00D6 0100 01 41"), 0x6B00);
    CHECK_EQ(send(host, "00D6 8300 01 41"), 0x6982);
    CHECK_EQ(send(host, "00B0 8300 10"), 0x6982);
    CHECK_EQ(send(host, "00D6 8400 01 41"), 0x6982);
    CHECK_EQ(send(host, "00B0 8400 10"), 0x9000);
    CHECK_EQ(send(host, "00A4 000C 02 2F00"), 0x9000);
    CHECK_EQ(send(host, "00D6 0000 01 41"), 0x6982);
    /* odd instructions reach beyond 32767 */
    CHECK_EQ(send(host, "00A4 040C 05 F0534F4654"), 0x9000);
    CHECK_EQ(send(host, "00D7 0002 09 5403 00FFFE 5302 AABB"), 0x9000);
    CHECK_EQ(send(host, "00D7 0002 0A 5403 00FFFE 5303 AABBCC"), 0x6A84);
    CHECK_EQ(send(host, "00D7 0002 05 5403 010000"), 0x6A80);
    CHECK_EQ(send(host, "00D7 0002 08 5403 010000 5301 AA"), 0x6B00);
    CHECK_EQ(send(host, "00D7 0002 01 54"), 0x6A80);
}

static void check_pin(struct fake_host *host)
{
    CHECK_EQ(send(host, "00A4 040C 05 F0534F4654"), 0x9000);
    CHECK_EQ(send(host, "0020 0001"), 0x63C3);
    CHECK_EQ(send(host, "0020 0001 04 30303030"), 0x63C2);
    CHECK_EQ(send(host, "0020 0001"), 0x63C2);
    CHECK_EQ(send(host, "0020 0001 03 313233"), 0x6700);
    CHECK_EQ(send(host, "0020 0001 09 313233343536373839"), 0x6700);
    CHECK_EQ(send(host, "0020 0005 06 313233343536"), 0x6A88);
    CHECK_EQ(send(host, "0020 0101 06 313233343536"), 0x6A86);
    CHECK_EQ(send(host, "0020 0001 06 313233343536"), 0x9000);
    CHECK_EQ(send(host, "0020 0001"), 0x9000);
    CHECK_EQ(send(host, "00B0 8300 04"), 0x9000);
    CHECK_MEM(out, "Only", 4);
    CHECK_EQ(send(host, "00D6 8400 01 41"), 0x9000);
    reset(host);
    CHECK_EQ(send(host, "0020 0001"), 0x63C3);
    CHECK_EQ(send(host, "00A4 040C 05 F0534F4654"), 0x9000);
    CHECK_EQ(send(host, "00B0 8300 04"), 0x6982);
    /* padded, other references; a change */
    CHECK_EQ(send(host, "0020 0081 08 313233343536FFFF"), 0x9000);
    CHECK_EQ(send(host, "0024 0001 0A 313233343536 39393939"), 0x9000);
    CHECK_EQ(send(host, "0020 0000 06 313233343536"), 0x63C2);
    CHECK_EQ(send(host, "00B0 8300 04"), 0x6982);
    CHECK_EQ(send(host, "0024 0001 10 39393939FFFFFFFF 313233343536FFFF"), 0x9000);
    CHECK_EQ(send(host, "0024 0001 0A 313233343536 3939393A"), 0x6A80);
    CHECK_EQ(send(host, "0024 0001 08 313233343536 3939"), 0x6700);
    /* the tries outlive a reset */
    CHECK_EQ(send(host, "0020 0001 04 30303030"), 0x63C2);
    reset(host);
    CHECK_EQ(send(host, "0024 0001 0A 303030303030 39393939"), 0x63C1);
    CHECK_EQ(send(host, "0020 0001 04 30303030"), 0x6983);
    CHECK_EQ(send(host, "0020 0001 06 313233343536"), 0x6983);
    CHECK_EQ(send(host, "0020 0001"), 0x6983);
    reset(host);
    CHECK_EQ(send(host, "0020 0001 06 313233343536"), 0x6983);
}

static void check_words(struct fake_host *host)
{
    uint8_t first[8];
    CHECK_EQ(send(host, "0084 0000 08"), 0x9000);
    CHECK_EQ(out_size, 10);
    memcpy(first, out, sizeof(first));
    CHECK_EQ(send(host, "0084 0000 08"), 0x9000);
    CHECK(memcmp(first, out, sizeof(first)) != 0);
    CHECK_EQ(send(host, "0084 0100 08"), 0x6A86);
    CHECK_EQ(send(host, "00CA 7F66 0D"), 0x9000);
    CHECK_EQ(out[0], 0x7F);
    CHECK_EQ(send(host, "00CA 0001 0D"), 0x6A88);
    CHECK_EQ(send(host, "00FE 0000"), 0x6D00);
    CHECK_EQ(send(host, "8012 0000"), 0x6D00);
    CHECK_EQ(send(host, "90B0 0000"), 0x6E00);
    CHECK_EQ(send(host, "20B0 0000"), 0x6E00);
    CHECK_EQ(send(host, "10B0 0000"), 0x6884);
    CHECK_EQ(send(host, "0CB0 0000"), 0x6882);
    CHECK_EQ(send(host, "01B0 0000"), 0x6881);
    CHECK_EQ(send(host, "40B0 0000"), 0x6881);
    CHECK_EQ(send(host, "00D6 0000"), 0x6700);
    CHECK_EQ(send(host, "80E6 6F12"), 0x6F12);
    CHECK_EQ(send(host, "80E0 0010 10"), 0x9000);
    CHECK_EQ(out[15], 15);
    CHECK_EQ(send(host, "80E3 0900"), 0x6A86);
}

/* --- Per protocol ------------------------------------------------------------------- */

static void check_t0(void)
{
    struct fake_host host;
    uint8_t value[4] = {0};
    size_t size = 0;
    if (!open_card(&host, "soft:", PROTOCOL_T0))
        return;
    CHECK_EQ(fake_attribute(&host, 0, 0x00080203, value, 4, &size), SC_OK);
    CHECK_EQ(value[1], 512 >> 8); /* the PPS took the faster rate */
    CHECK_EQ(fake_attribute(&host, 0, 0x00080207, value, 4, &size), SC_X_NOT_SUPPORTED);
    check_files(&host);
    check_words(&host);
    check_writing(&host);
    /* case 4: 61xx and GET RESPONSE are the caller's */
    CHECK_EQ(send(&host, "00A4 0000 02 3F00 00"), 0x610C);
    CHECK_EQ(out_size, 2);
    CHECK_EQ(send(&host, "00C0 0000 20"), 0x6C0C);
    CHECK_EQ(send(&host, "00C0 0000 0C"), 0x9000);
    CHECK_EQ(out[0], 0x6F);
    CHECK_EQ(send(&host, "00C0 0000 0C"), 0x6985);
    CHECK_EQ(send(&host, "00A4 0004 02 3F00"), 0x610C);
    CHECK_EQ(send(&host, "00C0 0000 04"), 0x6108);
    CHECK_EQ(send(&host, "00C0 0000 08"), 0x9000);
    /* 6Cxx names the right length */
    CHECK_EQ(send(&host, "00B0 9E00 00"), 0x6C15);
    CHECK_EQ(send(&host, "00B0 9E00 15"), 0x9000);
    CHECK_EQ(send(&host, "80E0 0010 08"), 0x6C10);
    CHECK_EQ(send(&host, "80E0 0120 00"), 0x6120);
    CHECK_EQ(out_size, 258);
    CHECK_EQ(send(&host, "00C0 0000 20"), 0x9000);
    CHECK_EQ(out[0], 0);
    CHECK_EQ(send(&host, "80E1 0000 03 010203"), 0x6103);
    CHECK_EQ(send(&host, "00C0 0000 03"), 0x9000);
    CHECK_EQ(out[2], 3);
    check_pin(&host);
    /* what T=0 cannot carry */
    CHECK_EQ(send_bytes(&host, hex("00A4 00", in, ROOM)), SC_E_INVALID_PARAMETER);
    CHECK_EQ(send_bytes(&host, hex("00A4 0000 05 3F00", in, ROOM)),
             SC_E_INVALID_PARAMETER);
    in[0] = 0, in[1] = 0xD6, in[2] = 0, in[3] = 0, in[4] = 0, in[5] = 2, in[6] = 0;
    CHECK_EQ(send_bytes(&host, 7 + 512), SC_E_INVALID_PARAMETER);
    protocol = PROTOCOL_T1;
    CHECK_EQ(send_bytes(&host, hex("0084 0000 08", in, ROOM)), SC_E_INVALID_PARAMETER);
    protocol = PROTOCOL_RAW;
    CHECK_EQ(send_bytes(&host, hex("0084 0000 08", in, ROOM)), SC_E_INVALID_PARAMETER);
    protocol = PROTOCOL_T0;
    CHECK_EQ(fake_protocol(&host, 0, PROTOCOL_T1), SC_E_PROTO_MISMATCH);
    fake_host_stop(&host);
}

static void make_update(size_t offset, size_t size, uint8_t seed)
{
    const uint8_t header[] = {0x00,
                              0xD6,
                              (uint8_t)(offset >> 8),
                              (uint8_t)offset,
                              0x00,
                              (uint8_t)(size >> 8),
                              (uint8_t)size};
    memcpy(in, header, sizeof(header));
    for (size_t i = 0; i < size; i++)
        in[sizeof(header) + i] = (uint8_t)(i * 7 + seed + (i >> 8));
}

/* 64 KiB read at once, most of it written at once, and read again. */
static void check_big(struct fake_host *host)
{
    size_t wrong = 0;
    CHECK_EQ(send(host, "00A4 040C 05 F0534F4654"), 0x9000);
    CHECK_EQ(send(host, "00A4 020C 02 0002"), 0x9000);
    CHECK_EQ(send(host, "00B0 0000 00 0000"), 0x9000);
    CHECK_EQ(out_size, 65538);
    for (size_t i = 0; i < 65536; i++)
        wrong += out[i] != (uint8_t)(i ^ i >> 8);
    CHECK_EQ(wrong, 0);
    make_update(0, 65535, 3);
    CHECK_EQ(send_bytes(host, 7 + 65535), SC_OK);
    CHECK_EQ(status(), 0x9000);
    CHECK_EQ(send(host, "00B0 0000 00 0000"), 0x9000);
    wrong = 0;
    make_update(0, 65535, 3);
    CHECK_EQ(out_size, 65538);
    CHECK_EQ(memcmp(out, in + 7, 65535), 0);
    CHECK_EQ(out[65535], 0);
    CHECK_EQ(send(host, "00B1 0000 00 0005 5403 00FFF0 0000"), 0x9000);
    CHECK_EQ(out_size, 2 + 16 + 2);
    CHECK_EQ(out[0], 0x53);
    CHECK_EQ(out[1], 16);
    CHECK_EQ(send(host, "00B1 0000 00 0003 540100 0000"), 0x9000);
    CHECK_EQ(out_size, 65538);
    CHECK_MEM(out, "\x53\x82\xFF\xFC", 4);
}

static void check_t1(void)
{
    struct fake_host host;
    uint8_t value[4] = {0};
    size_t size = 0;
    if (!open_card(&host, "soft:?protocol=both", PROTOCOL_T1))
        return;
    CHECK_EQ(fake_attribute(&host, 0, 0x00080207, value, 4, &size), SC_OK);
    CHECK_EQ(value[0], 254);
    CHECK_EQ(fake_attribute(&host, 0, 0x00080208, value, 4, &size), SC_OK);
    CHECK_EQ(value[0], 254);
    check_big(&host);
    check_files(&host);
    check_words(&host);
    check_writing(&host);
    CHECK_EQ(send(&host, "00A4 0000 02 3F00 00"), 0x9000);
    CHECK_EQ(out_size, 14);
    CHECK_EQ(send(&host, "00A4 0000 02 3F00 04"), 0x6C0C);
    CHECK_EQ(send(&host, "00A4 0004 02 2F00 00"), 0x9000);
    CHECK_EQ(out[0], 0x62);
    CHECK_EQ(send(&host, "00B0 0000 00"), 0x9000);
    CHECK_EQ(out_size, 0x15 + 2);
    CHECK_EQ(send(&host, "00B0 0000 30"), 0x6282);
    CHECK_EQ(send(&host, "00B0 0000"), 0x6700);
    CHECK_EQ(send(&host, "80E1 0000 03 010203 00"), 0x9000);
    CHECK_EQ(out_size, 5);
    CHECK_EQ(send(&host, "0000"), 0x6700);
    check_pin(&host);
    CHECK_EQ(send_bytes(&host, 0), SC_E_INVALID_PARAMETER);
    fake_host_stop(&host);
}

/* Told to leave S(IFS) out, the card keeps to blocks of 32 bytes. */
static void check_no_ifs(void)
{
    struct fake_host host;
    uint8_t value[4] = {1, 0, 0, 0};
    size_t size = 0;
    if (!open_card(&host, "soft:?protocol=t1", PROTOCOL_T1))
        return;
    void *device = host.readers[0].device;
    const struct driver_job job = {.deadline_ms = os_now_ms() + 10000,
                                   .stop = &host.readers[0].stop};
    struct transfer t = {.job = job, .in = value, .in_size = sizeof(value)};
    CHECK_EQ(fake_attribute(&host, 0, 0x7FFF0007, out, 4, &size), SC_OK);
    CHECK_EQ(out[0], 0);
    CHECK_EQ(host.driver->set_attribute(device, 0x00010100, &t), SC_X_NOT_SUPPORTED);
    CHECK_EQ(host.driver->set_attribute(device, 0x7FFF0007, &t), SC_OK);
    t.in_size = 2;
    CHECK_EQ(host.driver->set_attribute(device, 0x7FFF0007, &t), SC_E_INVALID_PARAMETER);
    CHECK_EQ(fake_attribute(&host, 0, 0x7FFF0007, out, 4, &size), SC_OK);
    CHECK_EQ(out[0], 1);
    size = 0;
    CHECK_EQ(host.driver->power(device, POWER_WARM_RESET, &job, in, &size), SC_OK);
    CHECK_EQ(host.driver->set_protocol(device, PROTOCOL_T1, &job), SC_OK);
    CHECK_EQ(fake_attribute(&host, 0, 0x00080208, value, 4, &size), SC_OK);
    CHECK_EQ(value[0], 32);
    check_big(&host);
    fake_host_stop(&host);
}

/* apdu=1: the driver does over T=0 what T=1 does by itself. */
static void check_whole(void)
{
    struct fake_host host;
    if (!open_card(&host, "soft:?apdu=1&protocol=t0", PROTOCOL_T0))
        return;
    check_files(&host);
    check_words(&host);
    check_writing(&host);
    CHECK_EQ(send(&host, "00A4 0000 02 3F00 00"), 0x9000);
    CHECK_EQ(out_size, 14);
    CHECK_EQ(send(&host, "00B0 9E00 00"), 0x9000);
    CHECK_EQ(out_size, 0x15 + 2);
    CHECK_EQ(send(&host, "80E0 0120 00 0120"), 0x9000);
    CHECK_EQ(out_size, 0x120 + 2);
    CHECK_EQ(send(&host, "00A4 040C 05 F0534F4654"), 0x9000);
    CHECK_EQ(send(&host, "00A4 020C 02 0002"), 0x9000);
    make_update(0, 65535, 9);
    CHECK_EQ(send_bytes(&host, 7 + 65535), SC_OK);
    CHECK_EQ(status(), 0x9000);
    CHECK_EQ(send(&host, "00B0 7F00 00"), 0x9000);
    CHECK_EQ(out_size, 258);
    make_update(0, 65535, 9);
    CHECK_EQ(memcmp(out, in + 7 + 0x7F00, 256), 0);
    /* 64 KiB both ways: ENVELOPE there, GET RESPONSE back */
    make_update(0, 65535, 11);
    in[0] = 0x80, in[1] = 0xE1;
    in[7 + 65535] = 0, in[8 + 65535] = 0;
    CHECK_EQ(send_bytes(&host, 9 + 65535), SC_OK);
    CHECK_EQ(out_size, 65537);
    CHECK_EQ(memcmp(out, in + 7, 65535), 0);
    check_pin(&host);
    fake_host_stop(&host);
}

static void check_protocols(void)
{
    struct fake_host host;
    uint8_t atr[DRIVER_ATR_MAX];
    size_t size = 0;
    struct atr parsed;
    if (!open_card(&host, "soft:?protocol=t1", PROTOCOL_T1))
        return;
    CHECK_EQ(fake_power(&host, 0, POWER_COLD_RESET, SOON_MS, atr, &size), SC_OK);
    atr_parse(&parsed, atr, size);
    CHECK_EQ(atr_protocols(&parsed), ATR_PROTOCOL_T1);
    CHECK_EQ(fake_protocol(&host, 0, PROTOCOL_T0), SC_E_PROTO_MISMATCH);
    CHECK_EQ(fake_protocol(&host, 0, PROTOCOL_RAW), SC_E_PROTO_MISMATCH);
    fake_host_stop(&host);
    if (!open_card(&host, "soft:?protocol=t0", PROTOCOL_T0))
        return;
    CHECK_EQ(fake_power(&host, 0, POWER_COLD_RESET, SOON_MS, atr, &size), SC_OK);
    atr_parse(&parsed, atr, size);
    CHECK_EQ(atr_protocols(&parsed), ATR_PROTOCOL_T0);
    /* T=0 is in force without a PPS too; after a command it is too late for one */
    CHECK_EQ(send(&host, "0084 0000 08"), 0x9000);
    CHECK_EQ(fake_protocol(&host, 0, PROTOCOL_T0), SC_E_PROTO_MISMATCH);
    fake_host_stop(&host);
}

/* The n-th allocation fails: an error or an answer of the card, never a crash. */
static void check_memory(void)
{
    for (uint32_t n = 1; n < 12; n++) {
        struct fake_host host;
        uint8_t atr[DRIVER_ATR_MAX];
        size_t size = 0;
        fake_host_init(&host, &soft_driver);
        mem_fail_at(n);
        enum sc_error error = fake_host_start(&host, "soft:?count=2");
        CHECK(error == SC_OK || error == SC_E_NO_MEMORY);
        if (error == SC_OK) {
            error = fake_power(&host, 1, POWER_COLD_RESET, SOON_MS, atr, &size);
            CHECK(error == SC_OK || error == SC_E_NO_MEMORY);
        }
        if (error == SC_OK) {
            in[0] = 0, in[1] = 0xA4, in[2] = 8, in[3] = 0xC, in[4] = 4;
            in[5] = 0x7F, in[6] = 0x10, in[7] = 0, in[8] = 1;
            CHECK_EQ(fake_transmit(&host, 1, PROTOCOL_T0, SOON_MS, in, 9, out, ROOM,
                                   &out_size),
                     SC_OK);
            CHECK_EQ(status(), 0x9000);
            in[1] = 0xD6, in[2] = 0, in[3] = 0, in[4] = 1;
            CHECK_EQ(fake_transmit(&host, 1, PROTOCOL_T0, SOON_MS, in, 6, out, ROOM,
                                   &out_size),
                     SC_OK);
            CHECK(status() == 0x9000 || status() == 0x6581);
        }
        mem_fail_at(0);
        fake_host_stop(&host);
    }
}

int main(void)
{
    check_t0();
    check_t1();
    check_no_ifs();
    check_whole();
    check_protocols();
    check_memory();
    return check_result();
}
