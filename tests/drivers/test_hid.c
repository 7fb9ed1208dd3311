/* SPDX-License-Identifier: BSD-2-Clause */
/* hid: with tokens that behave: what is found, FIDO tokens and Ledgers as cards, control
 * codes, two programs at one token. */
#include "tests/drivers/hid_tests.h"

#include "base/log.h"
#include "drivers/registry.h"
#include "proto/atr.h"

static struct fake_host host, other;

/* --- What is found ------------------------------------------------------------------ */

static void check_atr(const uint8_t *bytes, size_t size, const char *history)
{
    struct atr atr;
    atr_parse(&atr, bytes, size);
    CHECK_EQ(atr.notes, 0);
    CHECK_EQ(atr_protocols(&atr), PROTOCOL_T1);
    CHECK_EQ(atr.historical_size, strlen(history));
    CHECK_MEM(atr.historical, history, strlen(history));
}

static void check_found(void)
{
    uint8_t atr[DRIVER_ATR_MAX];
    size_t size = 0;
    hid_peers_begin();
    struct hid_peer *fido = hid_peer_add(PEER_FIDO2, "17");
    (void)hid_peer_add(PEER_LEDGER, "");
    CHECK_EQ(start(&host, "hid:"), SC_OK);
    CHECK(fake_wait_readers(&host, 2));
    const struct reader_info *info = &host.readers[0].info;
    CHECK_STR(info->vendor, "Yubico");
    CHECK_STR(info->product, "Key");
    CHECK_STR(info->interface_name, "FIDO");
    CHECK_STR(info->serial, "17");
    CHECK_STR(info->device_id, "HID\\VID_1050&PID_0407&MI_01\\17");
    CHECK_EQ(info->protocols, PROTOCOL_T1);
    CHECK(info->card_present);
    CHECK_STR(host.readers[1].info.device_id, "HID\\VID_2C97&PID_1011&MI_00\\peer1");
    CHECK_EQ(fake_power(&host, 0, POWER_COLD_RESET, HID_TEST_SOON_MS, atr, &size), SC_OK);
    check_atr(atr, size, "FIDO");
    CHECK_EQ(fake_power(&host, 1, POWER_COLD_RESET, HID_TEST_SOON_MS, atr, &size), SC_OK);
    check_atr(atr, size, "Ledger");
    CHECK_EQ(fake_protocol(&host, 0, PROTOCOL_T1), SC_OK);
    CHECK_EQ(fake_protocol(&host, 0, PROTOCOL_T0), SC_E_PROTO_MISMATCH);
    hid_peer_plug(fido, false); /* nobody uses it */
    CHECK(fake_wait_gone(&host, 0));
    CHECK_EQ(host.count, 2);
    hid_peer_plug(fido, true);
    CHECK(fake_wait_readers(&host, 3));
    CHECK_EQ(power(&host, 2, POWER_COLD_RESET), SC_OK);
    CHECK_EQ(power(&host, 2, POWER_OFF), SC_OK);
    fake_host_stop(&host);
    CHECK_EQ(fido->opens, fido->closes);
}

static uint32_t count_of(const char *uri)
{
    CHECK_EQ(start(&host, uri), SC_OK);
    hid_driver.settle(host.self, true, os_now_ms() + HID_TEST_SOON_MS);
    fake_host_stop(&host);
    return host.count;
}

static void check_uris(void)
{
    static const char *const wrong[] = {"hid:FIDO",        "hid:105",
                                        "hid:1050:40",     "hid:?all=yes",
                                        "hid:?escape=on",  "hid:?apdu_timeout=0",
                                        "hid:1050:0407:1", "hid:?serial=%00"};
    hid_peers_begin();
    (void)hid_peer_add(PEER_FIDO2, "17");
    (void)hid_peer_add(PEER_U2F, "18");
    (void)hid_peer_add(PEER_LEDGER, "0001");
    CHECK_EQ(count_of("hid:"), 3);
    CHECK_EQ(count_of("hid:fido"), 2);
    CHECK_EQ(count_of("hid:ledger"), 1);
    CHECK_EQ(count_of("hid:2c97"), 1);
    CHECK_EQ(count_of("hid:1050:0407"), 2);
    CHECK_EQ(count_of("hid:1050:0408"), 0);
    CHECK_EQ(count_of("hid:1050:0407?serial=18"), 1);
    CHECK_EQ(count_of("hid:?serial=1"), 0);
    CHECK_EQ(count_of("hid:fido?all=on&apdu_timeout=1000"), 2);
    void *self = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
        CHECK_EQ(hid_start_on(&hid_peer_bus, wrong[i], &host.port, &self),
                 SC_E_INVALID_VALUE);
    hid_peers_miss_library(true);
    CHECK_EQ(hid_start_on(&hid_peer_bus, "hid:", &host.port, &self),
             SC_E_READER_UNAVAILABLE);
    CHECK(self == NULL);
    CHECK(driver_find("hid") == &hid_driver);
}

/* --- FIDO --------------------------------------------------------------------------- */

static void check_u2f(void)
{
    hid_peers_begin();
    struct hid_peer *peer = hid_peer_add(PEER_U2F, "");
    CHECK_EQ(start(&host, "hid:"), SC_OK);
    CHECK(fake_wait_readers(&host, 1));
    CHECK_EQ(send(&host, 0, SELECT_FIDO), SC_W_REMOVED_CARD); /* not powered */
    CHECK_EQ(power(&host, 0, POWER_WARM_RESET), SC_OK);
    CHECK_EQ(send(&host, 0, "0003000000"), SC_OK);
    check_answer("6D00"); /* not selected */
    CHECK_EQ(send(&host, 0, "00A4040005A000000001"), SC_OK);
    check_answer("6A82");
    CHECK_EQ(send(&host, 0, SELECT_FIDO), SC_OK);
    check_answer("5532465F5632 9000");
    /* VERSION in each form, and as it arrives. */
    static const char *const versions[] = {"00030000", "0003000000", "00030000000000"};
    for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
        CHECK_EQ(send(&host, 0, versions[i]), SC_OK);
        check_answer("5532465F5632 9000");
        CHECK_EQ(peer->last_size, 7);
        CHECK_MEM(peer->last, "\x00\x03\x00\x00\x00\x00\x00", 7);
    }
    CHECK_EQ(send(&host, 0, "00020300 02 AABB 00"), SC_OK);
    check_answer("6985");
    CHECK_EQ(peer->last_size, 11);
    CHECK_MEM(peer->last, "\x00\x02\x03\x00\x00\x00\x02\xAA\xBB\x00\x00", 11);
    CHECK_EQ(send(&host, 0, GET_INFO), SC_OK);
    check_answer("6D00"); /* the token says that it does not know CBOR */
    CHECK_EQ(send(&host, 0, "00400000"), SC_OK);
    check_answer("6D00"); /* a vendor's */
    CHECK_EQ(send(&host, 0, "A0030000"), SC_OK);
    check_answer("6E00");
    CHECK_EQ(send(&host, 0, "B0030000"), SC_OK);
    check_answer("6E00");
    CHECK_EQ(send(&host, 0, "00030000 05 AA"), SC_OK);
    check_answer("6700");
    CHECK_EQ(send(&host, 0, "000300"), SC_E_INVALID_PARAMETER);
    fake_host_stop(&host);
}

/* An answer of 700 bytes: in parts, or at once. */
static void check_parts(void)
{
    hid_peers_begin();
    struct hid_peer *peer = hid_peer_add(PEER_U2F, "");
    start_selected(&host, "hid:");
    CHECK_EQ(send(&host, 0, "00010000 02 AABB 00"), SC_OK);
    CHECK_EQ(out_size, 258);
    CHECK_EQ(sw(), 0x6100);
    CHECK_EQ(out[255], 255);
    CHECK_EQ(send(&host, 0, "00C0000000"), SC_OK);
    CHECK_EQ(out_size, 258);
    CHECK_EQ(sw(), 0x6100 + 700 - 512);
    CHECK_EQ(send(&host, 0, "80C000000A"), SC_OK);
    CHECK_EQ(out_size, 12);
    CHECK_EQ(sw(), 0x6100 + 700 - 522);
    CHECK_EQ(out[0], 512 & 0xFF);
    CHECK_EQ(send(&host, 0, "00C0000000"), SC_OK);
    CHECK_EQ(out_size, 700 - 522 + 2);
    CHECK_EQ(sw(), 0x9000);
    CHECK_EQ(send(&host, 0, "00C0000000"), SC_OK);
    check_answer("6D00"); /* nothing is left */
    CHECK_EQ(send(&host, 0, "00010000 000002 AABB 0000"), SC_OK);
    CHECK_EQ(out_size, 702);
    CHECK_EQ(send(&host, 0, "00010000 000002 AABB 0190"), SC_OK);
    CHECK_EQ(out_size, 402);
    CHECK_EQ(sw(), 0x6100);                        /* 300 more */
    CHECK_EQ(send(&host, 0, "0003000000"), SC_OK); /* another command: they are dropped */
    CHECK_EQ(send(&host, 0, "00C0000000"), SC_OK);
    check_answer("6D00");
    /* No room for it: it is dropped. */
    in_size = hex("00010000 000002 AABB 0000", in, sizeof(in));
    CHECK_EQ(fake_transmit(&host, 0, PROTOCOL_T1, HID_TEST_SOON_MS, in, in_size, out, 100,
                           &out_size),
             SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(send(&host, 0, "00C0000000"), SC_OK);
    check_answer("6D00");
    CHECK_EQ(peer->cancels, 0);
    fake_host_stop(&host);
}

static void check_ctap(void)
{
    hid_peers_begin();
    struct hid_peer *peer = hid_peer_add(PEER_FIDO2, "");
    start_selected(&host, "hid:");
    CHECK_EQ(send(&host, 0, GET_INFO "00"), SC_OK);
    check_answer("00 A1 01 81 68 4649444F5F325F30 9000");
    CHECK_EQ(send(&host, 0, "80100000"), SC_OK);
    check_answer("6700");
    /* As much as a message can be, either way. */
    peer->answer_size = CTAPHID_MESSAGE_MAX;
    in_size = hex("8010000000", in, sizeof(in));
    in[in_size++] = CTAPHID_MESSAGE_MAX >> 8;
    in[in_size++] = CTAPHID_MESSAGE_MAX & 0xFF;
    memset(in + in_size, 0x5A, CTAPHID_MESSAGE_MAX);
    in[in_size] = 0x0C;
    in_size += CTAPHID_MESSAGE_MAX;
    CHECK_EQ(fake_transmit(&host, 0, PROTOCOL_T1, HID_TEST_SOON_MS, in, in_size, out,
                           sizeof(out), &out_size),
             SC_OK);
    CHECK_EQ(out_size, CTAPHID_MESSAGE_MAX + 2);
    CHECK_EQ(out[7608], (uint8_t)(7608 * 7));
    CHECK_EQ(sw(), 0x9000);
    CHECK_EQ(peer->last_size, CTAPHID_MESSAGE_MAX);
    CHECK_MEM(peer->last, in + 7, CTAPHID_MESSAGE_MAX);
    in[6]++;
    CHECK_EQ(fake_transmit(&host, 0, PROTOCOL_T1, HID_TEST_SOON_MS, in, in_size + 1, out,
                           sizeof(out), &out_size),
             SC_OK);
    check_answer("6700");
    /* What makes a token forget, and what is a vendor's. */
    uint32_t before = peer->messages;
    CHECK_EQ(send(&host, 0, "801000000107"), SC_OK);
    check_answer("30 9000");
    CHECK_EQ(send(&host, 0, "801000000142"), SC_OK);
    check_answer("30 9000");
    CHECK_EQ(peer->messages, before);
    CHECK_EQ(send(&host, 0, "801000000141"), SC_OK);
    check_answer("01 9000");
    CHECK_EQ(peer->messages, before + 1);
    fake_host_stop(&host);
    start_selected(&host, "hid:?all=on");
    CHECK_EQ(send(&host, 0, "801000000107"), SC_OK);
    check_answer("01 9000");
    CHECK_EQ(send(&host, 0, "00410000"), SC_OK);
    CHECK_EQ(peer->messages, before + 3);
    fake_host_stop(&host);
}

static void check_chains(void)
{
    hid_peers_begin();
    struct hid_peer *peer = hid_peer_add(PEER_FIDO2_ALONE, "");
    start_selected(&host, "hid:");
    CHECK_MEM(out, "FIDO_2_0", 8);
    CHECK_EQ(send(&host, 0, "90100000 02 04AA"), SC_OK);
    check_answer("9000");
    CHECK_EQ(send(&host, 0, "90100000 01 BB"), SC_OK);
    check_answer("9000");
    CHECK_EQ(send(&host, 0, "80100000 01 CC 00"), SC_OK);
    CHECK_EQ(sw(), 0x9000);
    CHECK_EQ(peer->last_size, 4);
    CHECK_MEM(peer->last, "\x04\xAA\xBB\xCC", 4);
    /* Another command within it. */
    CHECK_EQ(send(&host, 0, "90100000 01 04"), SC_OK);
    CHECK_EQ(send(&host, 0, "80100100 01 CC 00"), SC_OK);
    check_answer("6883");
    CHECK_EQ(send(&host, 0, GET_INFO), SC_OK); /* it is over */
    CHECK_EQ(sw(), 0x9000);
    CHECK_EQ(peer->last_size, 1);
    /* Without end. */
    unsigned links = 0;
    in_size = hex("90100000FF", in, sizeof(in));
    in_size += 255;
    do {
        CHECK_EQ(fake_transmit(&host, 0, PROTOCOL_T1, HID_TEST_SOON_MS, in, in_size, out,
                               sizeof(out), &out_size),
                 SC_OK);
        links++;
    } while (sw() == 0x9000 && links < 40);
    CHECK_EQ(links, CTAPHID_MESSAGE_MAX / 255 + 1);
    CHECK_EQ(sw(), 0x6700);
    /* U2F, which this token has not. */
    CHECK_EQ(send(&host, 0, "0003000000"), SC_OK);
    check_answer("6D00");
    fake_host_stop(&host);
}

/* A person is waited for: in the call, or by asking again. */
static void check_touch(void)
{
    unsigned asked = 0;
    hid_peers_begin();
    struct hid_peer *peer = hid_peer_add(PEER_FIDO2, "");
    start_selected(&host, "hid:");
    peer->touch_ms = 450;
    CHECK_EQ(send(&host, 0, "801000000101"), SC_OK);
    check_answer("00A0 9000");
    peer->touch_ms = 1500;
    CHECK_EQ(send(&host, 0, "801080000101"), SC_OK);
    check_answer("01 9100"); /* it works on it */
    do {
        CHECK_EQ(send(&host, 0, "8011000000"), SC_OK);
        asked++;
        if (sw() == 0x9100)
            check_answer("02 9100"); /* a touch is needed */
    } while (sw() == 0x9100 && asked < 10);
    check_answer("00A0 9000");
    CHECK(asked >= 2 && asked < 10);
    CHECK_EQ(send(&host, 0, "8011000000"), SC_OK);
    check_answer("6985"); /* nothing to ask for */
    /* The program has the token stop, */
    CHECK_EQ(send(&host, 0, "801080000101"), SC_OK);
    CHECK_EQ(sw(), 0x9100);
    CHECK_EQ(send(&host, 0, "8011110000"), SC_OK);
    check_answer("2D 9000");
    CHECK_EQ(peer->cancels, 1);
    /* or goes on with something else. */
    CHECK_EQ(send(&host, 0, "801080000101"), SC_OK);
    CHECK_EQ(sw(), 0x9100);
    CHECK_EQ(send(&host, 0, GET_INFO), SC_OK);
    CHECK_EQ(sw(), 0x9000);
    CHECK_EQ(peer->cancels, 2);
    CHECK_EQ(send(&host, 0, "801080000101"), SC_OK);
    CHECK_EQ(power(&host, 0, POWER_OFF), SC_OK);
    CHECK_EQ(peer->cancels, 3);
    fake_host_stop(&host);
}

static void check_control(void)
{
    static const uint8_t info = 0x04, reset = 0x07, seconds = 5, many = 11;
    uint8_t ping[CTAPHID_MESSAGE_MAX + 1];
    hid_peers_begin();
    struct hid_peer *peer = hid_peer_add(PEER_FIDO2, "");
    CHECK_EQ(start(&host, "hid:"), SC_OK);
    CHECK(fake_wait_readers(&host, 1));
    /* Without power, too. */
    CHECK_EQ(fake_control(&host, 0, HID_IOCTL_CBOR, &info, 1, out, 100, &out_size),
             SC_OK);
    check_answer("00 A1 01 81 68 4649444F5F325F30");
    CHECK_EQ(peer->opens, peer->closes);
    CHECK_EQ(fake_control(&host, 0, HID_IOCTL_CBOR, &reset, 1, out, 100, &out_size),
             SC_OK);
    check_answer("30");
    CHECK_EQ(fake_control(&host, 0, HID_IOCTL_CBOR, NULL, 0, out, 100, &out_size),
             SC_E_INVALID_PARAMETER);
    CHECK_EQ(power(&host, 0, POWER_COLD_RESET), SC_OK);
    CHECK_EQ(fake_control(&host, 0, HID_IOCTL_WINK, NULL, 0, out, 100, &out_size), SC_OK);
    CHECK_EQ(peer->winks, 1);
    CHECK_EQ(fake_control(&host, 0, HID_IOCTL_LOCK, &seconds, 1, out, 100, &out_size),
             SC_OK);
    CHECK(peer->locked_channel != 0);
    CHECK_EQ(fake_control(&host, 0, HID_IOCTL_LOCK, &many, 1, out, 100, &out_size),
             SC_E_INVALID_PARAMETER);
    memset(ping, 0x33, sizeof(ping));
    CHECK_EQ(fake_control(&host, 0, HID_IOCTL_PING, ping, 300, out, 300, &out_size),
             SC_OK);
    CHECK_EQ(out_size, 300);
    CHECK_MEM(out, ping, 300);
    CHECK_EQ(fake_control(&host, 0, HID_IOCTL_PING, ping, 300, out, 299, &out_size),
             SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(
        fake_control(&host, 0, HID_IOCTL_PING, ping, sizeof(ping), out, 299, &out_size),
        SC_E_INVALID_PARAMETER);
    peer->error = CTAPHID_ERR_COMMAND;
    peer->errors = 1;
    CHECK_EQ(fake_control(&host, 0, HID_IOCTL_WINK, NULL, 0, out, 100, &out_size),
             SC_E_UNSUPPORTED_FEATURE);
    CHECK_EQ(fake_control(&host, 0, HID_IOCTL_FEATURES, NULL, 0, out, 100, &out_size),
             SC_OK);
    CHECK_EQ(out_size, 6);
    CHECK_EQ(
        fake_control(&host, 0, HID_IOCTL_TLV_PROPERTIES, NULL, 0, out, 100, &out_size),
        SC_OK);
    CHECK_EQ(fake_control(&host, 0, 0x42000001, NULL, 0, out, 100, &out_size),
             SC_E_UNSUPPORTED_FEATURE);
    fake_host_stop(&host);
}

/* Two programs at one token, each with its channel. */
static void check_two(void)
{
    static const uint8_t lock = 10, unlock = 0;
    hid_peers_begin();
    struct hid_peer *peer = hid_peer_add(PEER_FIDO2, "");
    peer->answer_size = 3000;
    start_selected(&host, "hid:");
    start_selected(&other, "hid:");
    CHECK_EQ(peer->channels, 2);
    for (int i = 0; i < 20; i++) {
        struct fake_host *both[] = {&host, &other};
        for (size_t n = 0; n < 2; n++) {
            CHECK_EQ(send(both[n], 0,
                          "80100000 000002 0C"
                          "00 0000"),
                     SC_OK);
            CHECK_EQ(out_size, 3002);
        }
    }
    /* One has it for itself. */
    CHECK_EQ(fake_control(&host, 0, HID_IOCTL_LOCK, &lock, 1, out, 100, &out_size),
             SC_OK);
    CHECK_EQ(send_in(&other, 0, 500, GET_INFO), SC_E_TIMEOUT);
    CHECK_EQ(send(&host, 0, GET_INFO), SC_OK);
    CHECK_EQ(fake_control(&host, 0, HID_IOCTL_LOCK, &unlock, 1, out, 100, &out_size),
             SC_OK);
    CHECK_EQ(send(&other, 0, GET_INFO), SC_OK);
    CHECK_EQ(sw(), 0x9000);
    /* A busy token is asked again, as often as it takes. */
    peer->error = CTAPHID_ERR_BUSY;
    peer->errors = 5;
    CHECK_EQ(send(&host, 0, GET_INFO), SC_OK);
    CHECK_EQ(sw(), 0x9000);
    peer->init_errors = 3;
    CHECK_EQ(power(&host, 0, POWER_OFF), SC_OK);
    CHECK_EQ(power(&host, 0, POWER_COLD_RESET), SC_OK);
    fake_host_stop(&host);
    fake_host_stop(&other);
    CHECK_EQ(peer->opens, peer->closes);
}

/* --- Ledger ------------------------------------------------------------------------- */

static void check_ledger(void)
{
    hid_peers_begin();
    struct hid_peer *peer = hid_peer_add(PEER_LEDGER, "0001");
    static const struct {
        const char *command, *sent;
    } cases[] = {{"B0010000", "B001000000"},
                 {"B001000000", "B001000000"},
                 {"E0020000 02 AABB", "E0020000 02 AABB"},
                 {"E0020000 02 AABB 00", "E0020000 02 AABB"},
                 {"E0020000 000002 AABB 0000", "E0020000 02 AABB"},
                 {"B0010000 000000", "B001000000"}};
    CHECK_EQ(start(&host, "hid:ledger"), SC_OK);
    CHECK(fake_wait_readers(&host, 1));
    CHECK_EQ(power(&host, 0, POWER_COLD_RESET), SC_OK);
    peer->answer_size = 30;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        uint8_t sent[300];
        size_t size = hex(cases[i].sent, sent, sizeof(sent));
        CHECK_EQ(send(&host, 0, cases[i].command), SC_OK);
        CHECK_EQ(out_size, 32);
        CHECK_EQ(sw(), 0x9000);
        CHECK_EQ(peer->last_size, size);
        CHECK_MEM(peer->last, sent, size);
    }
    /* More than a short command has room for. */
    in_size = hex("E0020000 000100", in, sizeof(in));
    in_size += 256;
    CHECK_EQ(fake_transmit(&host, 0, PROTOCOL_T1, HID_TEST_SOON_MS, in, in_size, out,
                           sizeof(out), &out_size),
             SC_OK);
    check_answer("6700");
    /* In three packets, with an answer that is as long as any. */
    peer->answer_size = 20000;
    in_size = hex("E0020000 80", in, sizeof(in));
    in_size += 128;
    CHECK_EQ(fake_transmit(&host, 0, PROTOCOL_T1, HID_TEST_SOON_MS, in, in_size, out,
                           sizeof(out), &out_size),
             SC_OK);
    CHECK_EQ(peer->last_size, 133);
    CHECK_EQ(out_size, 20002);
    CHECK_EQ(out[19999], (uint8_t)19999);
    CHECK_EQ(fake_transmit(&host, 0, PROTOCOL_T1, HID_TEST_SOON_MS, in, in_size, out,
                           20001, &out_size),
             SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(fake_control(&host, 0, HID_IOCTL_CBOR, in, 1, out, 100, &out_size),
             SC_E_UNSUPPORTED_FEATURE);
    CHECK_EQ(send(&host, 0, "E00200"), SC_E_INVALID_PARAMETER);
    fake_host_stop(&host);
}

int main(void)
{
    check_uris();
    check_found();
    check_u2f();
    check_parts();
    check_ctap();
    check_chains();
    check_touch();
    check_control();
    check_two();
    check_ledger();
    return check_result();
}
