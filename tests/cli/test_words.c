/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tool says about ATRs, status words, commands, features and attributes. */
#include "cli/atr_words.h"
#include "cli/attributes.h"
#include "cli/hex.h"
#include "cli/part10.h"
#include "cli/status_words.h"
#include "cli/text.h"
#include "cli/watch_events.h"

#include "cli/api.h"
#include "tests/support/check.h"

/* All lines of the words, each with a new line. */
static char said[4000];

static void hear(void *context, const char *words)
{
    CHECK(strlen(words) < ATR_LINE_MAX);
    text_add(context, "%s\n", words);
}

static size_t bytes_of(const char *hex, uint8_t *bytes, size_t room)
{
    size_t size = 0;
    CHECK_EQ(hex_read(hex, bytes, room, &size), HEX_OK);
    return size;
}

static void say(const char *atr)
{
    uint8_t bytes[64];
    struct text text;
    text_start(&text, said, sizeof said);
    atr_words_write(bytes, bytes_of(atr, bytes, sizeof bytes), hear, &text);
}

struct atr_row {
    const char *atr;
    uint32_t protocols; /* bits */
    size_t historical, historical_size;
    unsigned f, d, ifsc, bwi, cwi;
    const char *flags; /* I inverse, S specific, L locked, W TCK wanted, R right, G T=15,
                        * C cut short */
    size_t extra;
};

/* ATRs of cards in use, and what they say by ISO/IEC 7816-3. */
static const struct atr_row atr_rows[] = {
    {"3B021450", 1, 2, 2, 372, 1, 32, 4, 13, "", 0},
    {"3B101450", 1, 3, 0, 372, 8, 32, 4, 13, "", 1},
    {"3B7F96000080318065B084413DF6120FFE829000", 1, 5, 15, 512, 32, 32, 4, 13, "", 0},
    {"3B76980000009C11010102", 1, 5, 6, 512, 12, 32, 4, 13, "", 0},
    {"3B34000030423030", 1, 4, 4, 372, 0, 32, 4, 13, "", 0},
    {"3F77180000C21400C1689000", 1, 5, 7, 372, 12, 32, 4, 13, "I", 0},
    {"3FFD13250250800F33B008FFFF4A50900000545601", 1, 8, 13, 372, 4, 32, 4, 13, "ISL", 0},
    {"3BBA11001000434C5F53414D00133800", 1, 6, 10, 372, 1, 32, 4, 13, "S", 0},
    {"3BDF960090103F07008031E0677377696363000073FE210006", 1, 9, 15, 512, 32, 32, 4, 13,
     "SWRG", 0},
    {"3B800181", 2, 3, 0, 372, 1, 32, 4, 13, "WR", 0},
    {"3B80800101", 3, 4, 0, 372, 1, 32, 4, 13, "WR", 0},
    {"3B8081113C2C", 2, 5, 0, 372, 1, 60, 4, 13, "WR", 0},
    {"3BDE18FF8191FE1FC38031815448534D317380214081071C", 2, 9, 14, 372, 12, 254, 4, 13,
     "WRG", 0},
    {"3BDA18FF81B1FE751F030031F573C001600090001C", 2, 10, 10, 372, 12, 254, 7, 5, "WRG",
     0},
    {"3BF81300008131FE15597562696B657934D4", 2, 9, 8, 372, 4, 254, 1, 5, "WR", 0},
    {"3BFE1800008031FE4553434536302D43443038312D6E46A9", 3, 9, 14, 372, 12, 254, 4, 5,
     "WR", 0},
    {"3BB033009181316B35FC", 2, 9, 0, 744, 4, 107, 3, 5, "SLWR", 0},
    {"3FFF9500FF918171FF470054494745523030332052657632353064", 2, 11, 15, 512, 16, 32, 4,
     7, "ISLWR", 0},
    {"3B9D95803FC7A08031A073BE21135105830590007C", 1, 7, 13, 512, 16, 32, 4, 13, "WRG",
     0},
    {"3B9F210E49524445544F20414353038395008055", 1U << 14, 4, 15, 558, 1, 32, 4, 13, "WR",
     0},
    {"3B9F978131FE458065544312210831C073F621808105", 2, 7, 15, 512, 64, 254, 4, 5, "W",
     0},
    {"3BD518FF8191FE1FC38073C821100B", 2, 9, 5, 372, 12, 254, 4, 13, "WG", 0},
    {"3BBA96008131865D00640560020331809000667001040530C9", 2, 8, 10, 512, 32, 134, 5, 13,
     "WR", 6},
    {"3BFA1300008131FE454A434F50343156", 2, 9, 7, 372, 4, 254, 4, 5, "WC", 0},
};

static void check_flags(const struct atr_row *row, const struct atr_facts *facts)
{
    char room[16];
    struct text text;
    text_start(&text, room, sizeof room);
    text_add(&text, "%s%s%s%s%s%s%s", facts->inverse ? "I" : "",
             facts->mode != ATR_NEGOTIABLE ? "S" : "",
             facts->mode == ATR_SPECIFIC_FIXED ? "L" : "",
             facts->check != ATR_CHECK_NONE ? "W" : "",
             facts->check == ATR_CHECK_GOOD ? "R" : "", facts->has_global ? "G" : "",
             facts->historical_missing > 0 ? "C" : "");
    CHECK_STR(room, row->flags);
}

static void test_atr_facts(void)
{
    for (size_t i = 0; i < TEXT_COUNT(atr_rows); i++) {
        const struct atr_row *row = &atr_rows[i];
        struct atr_facts facts;
        uint8_t bytes[64];
        size_t size = bytes_of(row->atr, bytes, sizeof bytes);
        CHECK(atr_facts_read(bytes, size, &facts));
        CHECK_EQ(facts.protocols, row->protocols);
        CHECK_EQ(facts.historical, row->historical);
        CHECK_EQ(facts.historical_size, row->historical_size);
        CHECK_EQ(facts.f, row->f);
        CHECK_EQ(facts.d, row->d);
        CHECK_EQ(facts.ifsc, row->ifsc);
        CHECK_EQ(facts.bwi, row->bwi);
        CHECK_EQ(facts.cwi, row->cwi);
        CHECK_EQ(facts.extra, row->extra);
        check_flags(row, &facts);
    }
}

static void test_broken_atrs(void)
{
    static const char *const broken[] = {
        "3B",
        "0001",
        "3BFF",
        "3BF0FFFFFFFF",
        "3BFF112233F0112233F0112233F0112233F0112233F0112233F0112233F01122",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
    };
    for (size_t i = 0; i < TEXT_COUNT(broken); i++) {
        struct atr_facts facts;
        uint8_t bytes[64];
        CHECK(!atr_facts_read(bytes, bytes_of(broken[i], bytes, sizeof bytes), &facts));
        say(broken[i]);
        CHECK_STR(said, "not an answer to reset as ISO/IEC 7816-3 has it\n");
    }
    /* Every beginning of every one: nothing may be read beyond it (a sanitizer sees it).
     */
    for (size_t i = 0; i < TEXT_COUNT(atr_rows); i++) {
        uint8_t bytes[64];
        size_t size = bytes_of(atr_rows[i].atr, bytes, sizeof bytes);
        for (size_t cut = 0; cut <= size; cut++) {
            struct text text;
            text_start(&text, said, sizeof said);
            atr_words_write(bytes, cut, hear, &text);
            CHECK(text.size > 0);
        }
    }
}

static void test_atr_words(void)
{
    say("3BDA18FF81B1FE751F030031F573C001600090001C");
    CHECK_STR(said,
              "protocols: T=1\n"
              "speed: F/D 372/12, up to 161280 bit/s at 5.0 MHz, shortest guard time\n"
              "T=1: blocks of up to 254 bytes, BWI 7, CWI 5, LRC\n"
              "supply: 5 V, 3 V; clock stop: no\n"
              "historical bytes: 00 31 F5 73 C0 01 60 00 90 00\n"
              "services: F5\n"
              "selects by: full name, partial name\n"
              "commands: extended length, length limits in EF.ATR/INFO\n");
    say("3B8F8001804F0CA000000306030001000000006A");
    CHECK_STR(said,
              "protocols: T=0, T=1\n"
              "speed: F/D 372/1, up to 13440 bit/s at 5.0 MHz\n"
              "T=1: blocks of up to 32 bytes, BWI 4, CWI 13, LRC\n"
              "historical bytes: 80 4F 0C A0 00 00 03 06 03 00 01 00 00 00 00\n"
              "contactless storage card: MIFARE Classic 1K (standard 03, card 0001)\n");
    say("3B8F01805D4E6974726F6B657900000000006A");
    CHECK(strstr(said, "pre-issuing") == NULL);
    CHECK(strstr(said, "issuer's data: 4E 69 74 72 6F 6B 65 79 00 00 00 00 00") != NULL);
    say("3B8C01805A4E6974726F6B657920337D");
    CHECK(strstr(said, "issuer's data: 4E 69 74 72 6F 6B 65 79 20 33 (\"Nitrokey 3\")")
          != NULL);
    say("3BD518FF8191FE1FC38073C821100B");
    CHECK(strstr(said, "faults: check byte missing or wrong\n") != NULL);
    CHECK(strstr(said, "commands: short length only, 1 logical channel\n") != NULL);
    CHECK(strstr(said, "supply: 5 V, 3 V; clock stop: either way\n") != NULL);
    say("3BB033009181316B35FC");
    CHECK(strstr(said, "protocols: T=1; set to T=1 for good\n") != NULL);
    say("3B34000030423030");
    CHECK(strstr(said, "speed: the card names reserved values; 372/1 is used\n") != NULL);
}

static void check_sw(uint16_t sw, const char *words)
{
    char got[STATUS_WORDS_MAX];
    status_words_write(sw, got);
    CHECK_STR(got, words);
}

static void test_status_words(void)
{
    check_sw(0x9000, "success");
    check_sw(0x6110, "success, 16 more bytes to fetch");
    check_sw(0x6100, "success, 256 more bytes to fetch");
    check_sw(0x63C2, "wrong, 2 tries left");
    check_sw(0x63C1, "wrong, 1 try left");
    check_sw(0x63C0, "wrong, no tries left");
    check_sw(0x6C08, "wrong expected length, right would be 8");
    check_sw(0x6A82, "file or application not found");
    check_sw(0x6983, "this PIN or key is blocked");
    check_sw(0x6282, "the file or record ended before as many bytes as asked for");
    check_sw(0x6210, "not finished: the card has a query of 16 bytes");
    check_sw(0x6AFF, "wrong parameters");
    check_sw(0x6FFF, "error without a diagnosis");
    check_sw(0x6612, "a security problem");
    check_sw(0x9123, "defined by this card's application");
    check_sw(0x1234, "not a status word of ISO/IEC 7816-4");
    check_sw(0x6000, "not a status word of ISO/IEC 7816-4");
    CHECK(status_is_success(0x9000) && status_is_success(0x6102));
    CHECK(!status_is_success(0x9001) && !status_is_success(0x6282));
    for (uint32_t sw = 0; sw <= 0xFFFF; sw++) {
        char got[STATUS_WORDS_MAX];
        status_words_write((uint16_t)sw, got);
        if (got[0] == '\0')
            CHECK_FAILED("%04X has no words", (unsigned)sw);
    }
    CHECK_STR(instruction_name(0xA4), "SELECT");
    CHECK_STR(instruction_name(0x20), "VERIFY");
    CHECK_STR(instruction_name(0x99), "");
}

static void test_secrets(void)
{
    static const struct {
        const char *command;
        size_t offset, size;
    } rows[] = {
        {"00200081 04 31323334", 5, 4},
        {"00200081 04 31323334 00", 5, 4},
        {"80240001 02 3132", 5, 2},
        {"002C0001 02 3132", 5, 2},
        {"002D0001 02 3132", 5, 2},
        {"00260081 02 3132", 5, 2},
        {"00200081", 0, 0},
        {"0020008108", 0, 0},
        {"00A4040002 3F00", 0, 0},
        {"00200081 00 0004 31323334", 7, 4},
        {"00200081 00 0004 31323334 0000", 7, 4},
        {"00200081 000100", 0, 0},      /* no body: an extended Le */
        {"00200081 05 31323334", 4, 5}, /* Lc is wrong: hide all of it */
        {"00200081 02 31323334", 4, 5},
        {"00200081 00 0009 31323334", 4, 7},
    };
    for (size_t i = 0; i < TEXT_COUNT(rows); i++) {
        uint8_t bytes[64];
        size_t size = 77;
        size_t given = bytes_of(rows[i].command, bytes, sizeof bytes);
        CHECK_EQ(command_secret(bytes, given, &size), rows[i].offset);
        CHECK_EQ(size, rows[i].size);
    }
}

static void test_part10(void)
{
    static const uint8_t features[] = {0x06, 4,    0x42, 0x33, 0,    6,    0x77,
                                       1,    9,    0x12, 4,    0x42, 0x33, 0,
                                       0x12, 0x01, 4,    0,    0,    0};
    static const uint8_t properties[] = {0x0B, 2,    0xE6, 0x08, 0x08, 2, 'o',
                                         'k',  0x63, 1,    7,    0x0C, 9};
    struct part10_feature feature;
    struct part10_property property;
    size_t at = 0;
    CHECK(part10_next_feature(features, sizeof features, &at, &feature));
    CHECK_STR(part10_feature_name(feature.tag), "VERIFY_PIN_DIRECT");
    CHECK_EQ(feature.code, 0x42330006);
    CHECK(part10_next_feature(features, sizeof features, &at, &feature));
    CHECK_EQ(feature.tag, 0x12);
    CHECK(!part10_next_feature(features, sizeof features, &at, &feature));
    CHECK_STR(part10_feature_name(0x77), "unknown");
    at = 0;
    CHECK(part10_next_property(properties, sizeof properties, &at, &property));
    CHECK_STR(property.name, "wIdVendor");
    CHECK_EQ(property.number, 0x08E6);
    CHECK(part10_next_property(properties, sizeof properties, &at, &property));
    CHECK(property.is_text && property.size == 2);
    CHECK(part10_next_property(properties, sizeof properties, &at, &property));
    CHECK_STR(property.name, "unknown");
    CHECK(!part10_next_property(properties, sizeof properties, &at, &property));
    at = 0;
    CHECK(!part10_next_property(properties, 0, &at, &property));
}

static void check_attribute(uint32_t id, const char *hex, const char *words)
{
    for (size_t i = 0; i < attribute_count; i++) {
        if (attributes[i].id != id)
            continue;
        uint8_t bytes[64];
        char got[200];
        struct text text;
        text_start(&text, got, sizeof got);
        attribute_words(&attributes[i], bytes, bytes_of(hex, bytes, sizeof bytes), &text);
        CHECK_STR(got, words);
        return;
    }
    CHECK_FAILED("no attribute %08X", (unsigned)id);
}

static void test_attributes(void)
{
    check_attribute(SCARD_ATTR_VENDOR_NAME, "41 42 00", "AB");
    check_attribute(SCARD_ATTR_VENDOR_NAME, "41 42", "AB");
    check_attribute(SCARD_ATTR_VENDOR_IFD_VERSION, "22 11 02 01", "1.2.4386");
    check_attribute(SCARD_ATTR_CHANNEL_ID, "04 01 20 00", "USB, bus 1, device 4");
    check_attribute(SCARD_ATTR_MAX_CLK, "80 3E 00 00", "16000 kHz");
    check_attribute(SCARD_ATTR_ASYNC_PROTOCOL_TYPES, "03 00 00 00", "T=0, T=1");
    check_attribute(SCARD_ATTR_CURRENT_PROTOCOL_TYPE, "00 00 01 00", "raw");
    check_attribute(SCARD_ATTR_ICC_PRESENCE, "02", "2");
    check_attribute(SCARD_ATTR_MAX_CLK, "01 02 03 04 05", "01 02 03 04 05");
    check_attribute(SCARD_ATTR_DEVICE_FRIENDLY_NAME_W, "E9 00 AC 20 3D D8 B3 DC 00 00",
                    "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x92\xB3");
    check_attribute(SCARD_ATTR_DEVICE_FRIENDLY_NAME_W, "3D D8 41 00",
                    "\xEF\xBF\xBD"
                    "A");
}

static void test_events(void)
{
    enum watch_event events[WATCH_EVENTS_MAX];
    const uint32_t empty = SCARD_STATE_EMPTY;
    const uint32_t card = SCARD_STATE_PRESENT;
    CHECK_EQ(watch_compare(empty, 1U << 16 | card, events), 1);
    CHECK_EQ(events[0], WATCH_CARD_INSERTED);
    CHECK_EQ(watch_compare(1U << 16 | card, 2U << 16 | empty, events), 1);
    CHECK_EQ(events[0], WATCH_CARD_REMOVED);
    CHECK_EQ(watch_compare(1U << 16 | card, 3U << 16 | card, events), 2);
    CHECK_EQ(events[0], WATCH_CARD_REMOVED);
    CHECK_EQ(events[1], WATCH_CARD_INSERTED);
    CHECK_EQ(watch_compare(empty, 2U << 16 | empty, events), 2);
    CHECK_EQ(events[0], WATCH_CARD_INSERTED);
    CHECK_EQ(watch_compare(card, card | SCARD_STATE_INUSE, events), 1);
    CHECK_EQ(events[0], WATCH_STATE);
    CHECK_EQ(watch_compare(card, card | SCARD_STATE_CHANGED, events), 0);
    CHECK_EQ(watch_compare(card, card, events), 0);
    CHECK_STR(watch_event_name(WATCH_CARD_INSERTED), "card-inserted");
}

int main(void)
{
    test_atr_facts();
    test_broken_atrs();
    test_atr_words();
    test_status_words();
    test_secrets();
    test_part10();
    test_attributes();
    test_events();
    return check_result();
}
