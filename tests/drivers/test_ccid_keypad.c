/* SPDX-License-Identifier: BSD-2-Clause */
/* PIN structures, reader by reader, as libccid 1.5.2 is observed to send them; what
 * readers tell of their keys; and the escape commands that are allowed unasked. */
#include "ccid_rig.h"
#include "tests/support/check.h"

#include "base/hex.h"

#define CODE(function) (0x00310000U | (uint32_t)(function) << 2)

enum {
    VERIFY = CODE(0xF06),
    MODIFY = CODE(0xF07),
    PROPERTIES = CODE(0xF12),
    PIN_PROPERTIES = CODE(0xF0A),
    ESCAPE = 0x42000001
};

static struct rig_result result;

static struct ccid_rig *opened(const char *specification)
{
    enum sc_error error;
    struct ccid_rig *rig = ccid_rig_new(specification, 0, NULL, &error);
    CHECK(rig != NULL);
    if (rig != NULL)
        CHECK_EQ(ccid_rig_connect(rig, 0, PROTOCOL_T1), SC_OK);
    return rig;
}

/* A structure for a PIN of 4 to 8 digits; message indexes 1, 2, 3. */
static void ask(struct ccid_rig *rig, uint32_t code, uint8_t count, uint8_t validation)
{
    static const uint8_t verify[] = {
        30, 0, 0x82, 8, 0,  8, 4, 0xEE, 0xEE, 9,    4,    1,    0,    0,    0,    13,
        0,  0, 0,    0, 32, 0, 1, 8,    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    static const uint8_t modify[] = {
        30,   0,    0x82, 8,    0,    0,    8,    8,    4,    3,    0xEE, 0xEE,
        9,    4,    1,    2,    3,    0,    0,    0,    21,   0,    0,    0,
        0,    0x24, 0,    1,    16,   0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    uint8_t bytes[sizeof(modify)];
    bool modifies = code == MODIFY;
    size_t size = modifies ? sizeof(modify) : sizeof(verify);
    memcpy(bytes, modifies ? modify : verify, size);
    bytes[modifies ? 10 : 7] = validation;
    bytes[modifies ? 11 : 8] = count;
    ccid_rig_control(rig, 0, code, bytes, size, &result);
}

/* --- Structures --------------------------------------------------------------------- */

/* bEntryValidationCondition, bNumberMessage, wLangId, bMsgIndex... of what was sent. */
static void check_sent(const struct ccid_rig *rig, bool modifies, const char *want)
{
    const uint8_t *sent = rig->counter.last;
    char text[2 * RIG_LAST_MAX + 1] = "";
    size_t from = CCID_HEADER_SIZE + (modifies ? 10 : 7), size = strlen(want) / 2;
    CHECK_EQ(sent[0], CCID_SECURE);
    CHECK(rig->counter.last_size >= from + size);
    CHECK_EQ(hex_encode(sent + from, size, text, sizeof(text)), SC_OK);
    CHECK_STR(text, want);
    /* bTeoPrologue and the template follow at once. */
    static const uint8_t then[] = {0, 0, 0, 0};
    CHECK(memcmp(sent + from + size, then, 4) == 0);
    CHECK_EQ(sent[from + size + 4], modifies ? 0x24 : 0x20);
}

struct row {
    const char *ids;  /* vendor and product, bcdDevice */
    const char *more; /* of the specification */
    uint32_t code;
    uint8_t count, validation;
    const char *want;
};

static const struct row rows[] = {
    /* One that needs nothing. */
    {"0D463002&version=0119", "", VERIFY, 0, 2, "0200090401"},
    {"0D463002&version=0119", "", VERIFY, 2, 7, "0702090401"},
    {"0D463002&version=0119", "", VERIFY, 1, 0, "0201090401"},
    {"0D463002&version=0119", "", VERIFY, 1, 8, "0201090401"},
    {"0D463002&version=0119", "", MODIFY, 0, 2, "0200090401"},
    {"0D463002&version=0119", "", MODIFY, 1, 2, "020109040102"},
    {"0D463002&version=0119", "", MODIFY, 2, 2, "020209040102"},
    {"0D463002&version=0119", "", MODIFY, 3, 2, "02030904010203"},
    {"0D463002&version=0119", "", MODIFY, 0xFF, 2, "02FF0904010203"},
    /* GemPC Pinpad, Vega-Alpha */
    {"08E63478&version=0211", "", VERIFY, 0, 7, "0201090401"},
    {"08E63478&version=0211", "", VERIFY, 0xFF, 1, "0201090401"},
    {"08E63478&version=0211", "", MODIFY, 0, 7, "02000904010203"},
    {"08E63478&version=0211", "", MODIFY, 2, 2, "02020904010203"},
    {"09820008&version=0100", "", VERIFY, 2, 4, "0201090401"},
    {"09820008&version=0100", "", MODIFY, 1, 2, "02010904010203"},
    {"09820008&version=0100", "", MODIFY, 0xFF, 2, "02FF0904010203"},
    /* Others of Gemalto's, without features */
    {"08E634C0&version=0100", "", VERIFY, 0, 7, "0700090401"},
    {"08E634C0&version=0100", "", MODIFY, 0, 7, "07000904010203"},
    {"08E634C2&version=0102", "", MODIFY, 2, 2, "02020904010203"},
    {"08E634FF&version=0102", "", MODIFY, 1, 2, "02010904010203"},
    /* ... with: ends 1 and 2; indexes as ever, or as the standard has them */
    {"08E634C0&version=0100", "&features=021003037F0700000000000001050800000000000000",
     MODIFY, 0, 7, "07000904010203"}, /* 22 bytes are not heeded */
    {"08E634C0&version=0100", "&features=021003037F07000000000000010508000000000000",
     MODIFY, 0, 7, "03000904010203"},
    {"08E634C0&version=0100", "&features=021003037F07000004000000010508000000000000",
     MODIFY, 0, 7, "0300090401"},
    {"08E634C0&version=0100", "&features=021003037F07000004000000010508000000000000",
     MODIFY, 2, 2, "020209040102"},
    {"08E634C0&version=0100", "&features=021003037F07000004000000010508000000000000",
     VERIFY, 1, 7, "0301090401"},
    /* SPR532, ST-2xxx */
    {"04E6E003&version=0510", "", MODIFY, 3, 2, "02000904000000"},
    {"04E6E003&version=0510", "", VERIFY, 3, 7, "0703090401"},
    {"046A003E&version=0100", "", MODIFY, 2, 7, "07000904000000"},
    {"046A003E&version=0100", "", VERIFY, 2, 7, "0702090401"},
    /* XX44 keyboard: three; KC 1000 SC: some */
    {"046A0010&version=0100", "", MODIFY, 0, 2, "02030904010203"},
    {"046A0010&version=0100", "", MODIFY, 0xFF, 2, "02030904010203"},
    {"046A0010&version=0100", "", VERIFY, 0, 2, "0200090401"},
    {"046A00A1&version=0100", "", MODIFY, 0, 2, "02FF0904010203"},
    {"046A00A1&version=0101", "", MODIFY, 1, 2, "020109040102"},
    {"046A00A1&version=0101", "", VERIFY, 0, 2, "0200090401"},
    /* Dell's: VERIFY alone */
    {"413C2101&version=0100", "", VERIFY, 1, 2, "0200090401"},
    {"413C2101&version=0100", "", MODIFY, 2, 2, "020209040102"},
    {"413C2100&version=0100", "", VERIFY, 0xFF, 7, "0700090401"},
    {"413C2100&version=0100", "", MODIFY, 3, 2, "02030904010203"},
};

static void try_rows(void)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        unsigned before = check_failures;
        char specification[128];
        (void)snprintf(specification, sizeof(specification),
                       "kaan_advanced?card=t1&id=%s%s", row->ids, row->more);
        struct ccid_rig *rig = opened(specification);
        if (rig == NULL)
            continue;
        ask(rig, row->code, row->count, row->validation);
        CHECK_EQ(result.error, SC_OK);
        check_sent(rig, row->code == MODIFY, row->want);
        /* Lengths of VERIFY: the most first, but for one reader. */
        bool swapped = strncmp(row->ids, "413C2100", 8) == 0 && row->code == VERIFY;
        size_t digits = CCID_HEADER_SIZE + (row->code == MODIFY ? 7 : 5);
        CHECK_EQ(rig->counter.last[digits], swapped ? 4 : 8);
        ccid_rig_free(rig);
        if (check_failures != before)
            fprintf(stderr, "... that was %s, %u messages, validation %u\n",
                    specification, row->count, row->validation);
    }
}

/* Readers that have three indexes whatever is said change a PIN. */
static void try_changes(void)
{
    static const char *const readers[] = {"spr532?card=t1", "cherry_st2000?card=t1",
                                          "gempc_pinpad?card=t1", "ezio_shield?card=t1"};
    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
        for (uint8_t count = 0; count <= 3; count++) {
            struct ccid_rig *rig = opened(readers[i]);
            if (rig == NULL)
                continue;
            ask(rig, MODIFY, count, 2);
            CHECK(result.error == SC_OK && result.sw == 0x9000);
            ccid_rig_free(rig);
        }
}

/* --- What readers tell -------------------------------------------------------------- */

/* The value of a one-byte property, -1: it is not there. */
static int property(struct ccid_rig *rig, uint8_t tag)
{
    ccid_rig_control(rig, 0, PROPERTIES, NULL, 0, &result);
    CHECK_EQ(result.error, SC_OK);
    for (size_t at = 0; at + 2 < result.size; at += 2U + result.bytes[at + 1])
        if (result.bytes[at] == tag)
            return result.bytes[at + 2];
    return -1;
}

static void try_told(void)
{
    static const struct {
        const char *specification;
        int validation, least, most, firmware;
        uint8_t pin_properties;
    } told[] = {
        {"kaan_advanced?card=t1", -1, -1, -1, -1, 7},
        {"kaan_advanced?card=t1&id=08E634C0", -1, -1, -1, 'G', 7},
        {"kaan_advanced?card=t1&id=08E634C0&features="
         "021003037F0700000400000001050B000000000000",
         3, 5, 11, 'G', 3},
        {"kaan_advanced?card=t1&id=08E63478&version=0100", 2, 4, 8, 'G', 2},
        {"kaan_advanced?card=t1&id=08E63478&version=0211", 2, -1, -1, 'G', 2},
        {"kaan_advanced?card=t1&id=09820008", 2, 4, 8, -1, 2},
        {"kaan_advanced?card=t1&id=046A003E", 2, 0, 25, -1, 2},
        {"kaan_advanced?card=t1&id=076B3821", -1, 1, 31, -1, 7},
    };
    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
        unsigned before = check_failures;
        struct ccid_rig *rig = opened(told[i].specification);
        if (rig == NULL)
            continue;
        CHECK_EQ(property(rig, 0x02), told[i].validation);
        CHECK_EQ(property(rig, 0x06), told[i].least);
        CHECK_EQ(property(rig, 0x07), told[i].most);
        CHECK_EQ(property(rig, 0x08), told[i].firmware);
        ccid_rig_control(rig, 0, PIN_PROPERTIES, NULL, 0, &result);
        CHECK(result.size == 4 && result.bytes[2] == told[i].pin_properties);
        ccid_rig_free(rig);
        if (check_failures != before)
            fprintf(stderr, "... that was %s\n", told[i].specification);
    }
}

/* --- Escape commands ---------------------------------------------------------------- */

static void try_escapes(void)
{
    static const uint8_t off[] = {0x52, 0xF8, 0x04, 0x01, 0x00, 0x00};
    static const uint8_t firmware[] = {0x02}, features[] = {0x6A};
    struct ccid_rig *gemalto = opened("gempc_twin?card=t1");
    struct ccid_rig *prox = opened("gempc_twin?card=t1&id=08E65503");
    struct ccid_rig *other = opened("kaan_advanced?card=t1");
    if (gemalto == NULL || prox == NULL || other == NULL)
        return;
    ccid_rig_control(gemalto, 0, ESCAPE, firmware, sizeof(firmware), &result);
    CHECK(result.error == SC_OK && result.size > 4 && result.bytes[0] == 'G');
    uint64_t sent = gemalto->counter.sent;
    ccid_rig_control(gemalto, 0, ESCAPE, features, sizeof(features), &result);
    CHECK_EQ(result.error, SC_E_UNSUPPORTED_FEATURE);
    ccid_rig_control(gemalto, 0, ESCAPE, off, sizeof(off), &result);
    CHECK_EQ(result.error, SC_E_UNSUPPORTED_FEATURE);
    ccid_rig_control(gemalto, 0, ESCAPE, NULL, 0, &result);
    CHECK_EQ(result.error, SC_E_UNSUPPORTED_FEATURE);
    CHECK_EQ(gemalto->counter.sent, sent);
    ccid_rig_control(prox, 0, ESCAPE, off, sizeof(off), &result);
    CHECK(prox->counter.last[0] == CCID_ESCAPE
          && memcmp(prox->counter.last + CCID_HEADER_SIZE, off, sizeof(off)) == 0);
    ccid_rig_control(prox, 0, ESCAPE, off, sizeof(off) - 1, &result);
    CHECK_EQ(result.error, SC_E_UNSUPPORTED_FEATURE);
    ccid_rig_control(other, 0, ESCAPE, firmware, sizeof(firmware), &result);
    CHECK_EQ(result.error, SC_E_UNSUPPORTED_FEATURE);
    ccid_rig_free(gemalto);
    ccid_rig_free(prox);
    ccid_rig_free(other);
}

int main(void)
{
    try_rows();
    try_changes();
    try_told();
    try_escapes();
    return check_result();
}
