/* SPDX-License-Identifier: BSD-2-Clause */
/* pcsc-lite's values and ours, and its messages. */
#include "client/pcscd_wire.h"
#include "tests/support/check.h"

static void test_errors(void)
{
    CHECK_EQ(wire_error(0), SC_OK);
    CHECK_EQ(wire_error(0x8010000B), SC_E_SHARING_VIOLATION);
    CHECK_EQ(wire_error(0x8010001F), SC_E_UNSUPPORTED_FEATURE);
    CHECK_EQ(wire_error(0x80100022), SC_E_UNSUPPORTED_FEATURE);
    CHECK_EQ(wire_error(0x80100069), SC_W_REMOVED_CARD);
    CHECK_EQ(wire_error(0x80100001), SC_F_INTERNAL_ERROR);
    CHECK_EQ(wire_error(0x801000FF), SC_F_UNKNOWN_ERROR);
    CHECK_EQ(wire_error(0x80101001), SC_F_UNKNOWN_ERROR);
    CHECK_EQ(wire_error(0x80100000), SC_F_UNKNOWN_ERROR);
    CHECK_EQ(wire_error(1), SC_F_UNKNOWN_ERROR);
    CHECK_EQ(wire_error(0xFFFFFFFF), SC_F_UNKNOWN_ERROR);
}

static void test_numbers(void)
{
    CHECK_EQ(wire_protocols_out(PROTOCOL_T0 | PROTOCOL_T1 | PROTOCOL_RAW), 7);
    CHECK_EQ(wire_protocols_out(0), 0);
    CHECK_EQ(wire_protocols_in(4), PROTOCOL_RAW);
    CHECK_EQ(wire_protocols_in(2), PROTOCOL_T1);
    CHECK_EQ(wire_protocols_in(0xFFFFFFF8), 0);
    CHECK_EQ(wire_control_out(0x00313520), 0x42000D48);
    CHECK_EQ(wire_control_out(0x00310008), 0x42000002);
    CHECK_EQ(wire_control_in(0x42000002), 0x00310008);
    CHECK_EQ(wire_control_in(0x42000001), 0x42000001); /* two codes of one number */
    CHECK_EQ(wire_control_out(0x42000001), 0x42000001);
    CHECK_EQ(wire_control_out(0x42330006), 0x42330006);
    CHECK_EQ(wire_control_out(0x00313521), 0x00313521);
    CHECK_EQ(wire_control_in(0x42000D48), 0x00313520);
    CHECK_EQ(wire_control_in(0x42330006), 0x42330006);
    CHECK_EQ(wire_control_in(0x41FFFFFF), 0x41FFFFFF);
    for (uint32_t n = 0; n <= 0x3FFF; n++)
        if (n != 1
            && wire_control_in(wire_control_out(0x00310000 | n << 2))
                   != (0x310000 | n << 2))
            CHECK_FAILED("control code %u", (unsigned)n);
}

static void test_features(void)
{
    uint8_t records[] = {0x06, 4, 0x42, 0x33, 0, 6, 0x12, 4, 0x42, 0, 0x0D, 0x48, 0x06};
    static const uint8_t want[] = {0x06, 4,    0x42, 0x33, 0,    6,   0x12,
                                   4,    0x00, 0x31, 0x35, 0x20, 0x06};
    wire_features_in(records, sizeof(records));
    CHECK_MEM(records, want, sizeof(want));
    wire_features_in(NULL, 0);
}

static void test_messages(void)
{
    struct wire_message message;
    static const uint8_t big[400] = {0};
    wire_begin(&message, WIRE_GET_READERS_STATE);
    CHECK_EQ(message.size, 8);
    CHECK_EQ(wire_word(message.bytes, message.size, 0), 0);
    CHECK_EQ(wire_word(message.bytes, message.size, 1), 0x12);
    wire_begin(&message, WIRE_CONNECT);
    wire_put_word(&message, 7);
    wire_put_bytes(&message, "ab", 2, 8);
    CHECK_EQ(message.size, 20);
    CHECK_EQ(wire_word(message.bytes, message.size, 0), 12);
    CHECK_EQ(wire_word(message.bytes, message.size, 2), 7);
    CHECK_MEM(message.bytes + 12, "ab\0\0\0\0\0\0", 8);
    wire_put_bytes(&message, big, sizeof(big), sizeof(big));
    wire_put_bytes(&message, big, 9, 8);
    CHECK_EQ(message.size, 20);
    CHECK_EQ(wire_word(message.bytes, message.size, 5), 0);
}

static void test_reader(void)
{
    uint8_t record[WIRE_RECORD_SIZE];
    struct wire_reader reader;
    memset(record, 'A', sizeof(record));
    wire_get_reader(record, &reader);
    CHECK_EQ(strlen(reader.name), 127);
    CHECK_EQ(reader.atr_size, 0);
    memset(record + 128, 0, 56);
    record[132] = 0x34; /* present, powered, negotiable */
    record[176] = 33;
    record[180] = 4;
    memset(record + 136, 0xFF, 4);
    wire_get_reader(record, &reader);
    CHECK_EQ(reader.atr_size, 33);
    CHECK_EQ(reader.sharing, -1);
    CHECK_EQ(reader.protocol, PROTOCOL_RAW);
    record[176] = 34;
    wire_get_reader(record, &reader);
    CHECK_EQ(reader.atr_size, 0);
}

static void check_state(uint32_t state, size_t atr_size, int32_t sharing, uint32_t want,
                        enum card_state card)
{
    struct wire_reader reader = {
        .state = state, .atr_size = atr_size, .sharing = sharing, .events = 0x10005};
    struct slot_view view;
    wire_view(&reader, &view);
    CHECK_EQ(view.state, want);
    CHECK_EQ(view.events, 5);
    CHECK_EQ(wire_card_state(&reader), card);
}

static void test_states(void)
{
    check_state(2, 0, 0, VIEW_EMPTY, CARD_ABSENT);
    check_state(4 | 16 | 32, 5, 0, VIEW_PRESENT, CARD_NEGOTIABLE);
    check_state(4 | 16 | 64, 5, 2, VIEW_PRESENT | VIEW_INUSE, CARD_SPECIFIC);
    check_state(4 | 16 | 32, 5, -1, VIEW_PRESENT | VIEW_INUSE | VIEW_EXCLUSIVE,
                CARD_NEGOTIABLE);
    check_state(4 | 8, 0, 0, VIEW_PRESENT | VIEW_MUTE, CARD_MUTE);
    check_state(4, 5, 0, VIEW_PRESENT | VIEW_UNPOWERED, CARD_OFF);
    check_state(4 | 16, 0, 0, VIEW_PRESENT, CARD_UNKNOWN);
    check_state(1, 0, 0, VIEW_UNAVAILABLE, CARD_ABSENT);
}

static void check_name(const char *name, const char *vendor, const char *product,
                       const char *iface, const char *serial, uint32_t slot)
{
    struct reader_info info;
    wire_reader_info(name, &info);
    CHECK_STR(info.vendor, vendor);
    CHECK_STR(info.product, product);
    CHECK_STR(info.interface_name, iface);
    CHECK_STR(info.serial, serial);
    CHECK_EQ(info.slot, slot);
    CHECK_STR(info.device_id, name);
}

static void test_names(void)
{
    char shown[DRIVER_NAME_MAX], longest[128];
    struct reader_info info;
    check_name("Gemalto PC Twin Reader (70D7) 0A 01", "Gemalto", "PC Twin Reader", "",
               "70D7", 1);
    check_name("Acme Key [CCID Interface] (01 (b)) 00 00", "Acme", "Key",
               "CCID Interface", "01 (b)", 0);
    check_name("Yubico YubiKey OTP+FIDO+CCID [x] 00 00", "Yubico",
               "YubiKey OTP+FIDO+CCID", "x", "", 0);
    check_name("Virtual PCD 00 01", "Virtual", "PCD", "", "", 1);
    check_name("Null 00 00", "", "Null", "", "", 0);
    check_name("", "", "", "", "", 0);
    check_name(" 00 00", "", "00 00", "", "", 0);
    check_name("()", "", "()", "", "", 0);
    check_name("a ()", "", "a", "", "", 0);
    check_name("a )) 00 00", "a", "))", "", "", 0);
    memset(longest, 'x', sizeof(longest));
    longest[127] = '\0';
    wire_reader_info(longest, &info);
    CHECK_EQ(strlen(info.product), DRIVER_TEXT_MAX - 1);
    CHECK_STR(info.device_id, longest);
    wire_shown_name("A\xFFz", shown);
    CHECK_STR(shown, "A?z");
    wire_shown_name("\xC3\x84z", shown);
    CHECK_STR(shown, "\xC3\x84z");
}

int main(void)
{
    test_errors();
    test_numbers();
    test_features();
    test_messages();
    test_reader();
    test_states();
    test_names();
    return check_result();
}
