/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of quirks is consistent, and gives readers that are known what they need. */
#include "drivers/ccid/quirks.h"
#include "tests/support/check.h"

enum {
    ALL_QUIRKS = ((1 << 30) - 1) & ~(0x1F << 17),
    /* What stands under "Level": a reader has one of them at most. */
    LEVELS = QUIRK_SHORT | QUIRK_EXTENDED,
    RATES = QUIRK_9600 | QUIRK_200000,
    PIN_LAST = PIN_WAIT,
    VERIFY_MESSAGES = PIN_VERIFY_0 | PIN_VERIFY_1,
    MODIFY_MESSAGES = PIN_MODIFY_3 | PIN_MODIFY_FF | PIN_MODIFY_ZEROS,
    TEXT_MAX = 80
};

static bool one_at_most(uint32_t quirks, uint32_t group)
{
    uint32_t of_group = quirks & group;
    return (of_group & (of_group - 1)) == 0;
}

/* Fit for a table in a document. */
static bool is_text(const char *text)
{
    size_t size = strlen(text);
    if (size == 0 || size > TEXT_MAX || text[size - 1] == '.' || text[size - 1] == ' ')
        return false;
    for (; *text != '\0'; text++)
        if (*text < ' ' || *text > '~' || *text == '|')
            return false;
    return true;
}

static bool overlap(const struct ccid_quirk *a, const struct ccid_quirk *b)
{
    return a->vendor == b->vendor && a->product == b->product
           && a->first_version <= b->last_version && b->first_version <= a->last_version;
}

static void test_entries(void)
{
    size_t count = 0;
    uint32_t used = 0;
    const struct ccid_quirk *table = ccid_quirk_table(&count);
    CHECK(count > 50);
    for (size_t i = 0; i < count; i++) {
        const struct ccid_quirk *quirk = &table[i];
        CHECK(quirk->vendor != 0);
        CHECK(quirk->quirks != 0);
        CHECK_EQ(quirk->quirks & ~(uint32_t)ALL_QUIRKS, 0);
        CHECK(quirk->first_version <= quirk->last_version);
        CHECK(is_text(quirk->name) && is_text(quirk->why) && is_text(quirk->source));
        used |= quirk->quirks;
        for (size_t j = 0; j < i; j++)
            if (overlap(&table[j], quirk))
                CHECK_EQ(table[j].quirks & quirk->quirks, 0); /* said once */
    }
    CHECK_EQ(used, ALL_QUIRKS); /* each quirk is some reader's */
}

/* Entries of one reader add up to something that makes sense. */
static void test_sums(void)
{
    size_t count = 0;
    const struct ccid_quirk *table = ccid_quirk_table(&count);
    for (size_t i = 0; i < count; i++) {
        uint32_t quirks =
            ccid_quirks(table[i].vendor, table[i].product, table[i].first_version);
        CHECK_EQ(quirks & table[i].quirks, table[i].quirks);
        CHECK(one_at_most(quirks, LEVELS));
        CHECK(one_at_most(quirks, RATES));
        quirks = ccid_quirks(table[i].vendor, table[i].product, table[i].last_version);
        CHECK_EQ(quirks & table[i].quirks, table[i].quirks);
    }
}

struct expected {
    uint16_t vendor, product, version;
    uint32_t quirks;
};

/* Readers of the rig and others, by what is known of them; many have none. */
static const struct expected known[] = {
    {0x08E6, 0x3437, 0x0100, QUIRK_GEMALTO},
    {0x08E6, 0x3437, 0x0200, QUIRK_STRAY_ZLP | QUIRK_GEMALTO},
    {0x08E6, 0x3437, 0x0201, QUIRK_GEMALTO},
    {0x08E6, 0x3438, 0x0200, QUIRK_STRAY_ZLP | QUIRK_GEMALTO},
    {0x413C, 0x2101, 0x0100, 0},
    {0x413C, 0x2101, 0x0200, QUIRK_STRAY_ZLP},
    {0x413C, 0x2100, 0x0100, 0},
    {0x04E6, 0xE001, 0x0525, 0},
    {0x04E6, 0xE003, 0x0510, 0},
    {0x04E6, 0x511C, 0x0518, 0},
    {0x076B, 0x3031, 0x0106, QUIRK_NO_PIN | QUIRK_EXTENDED},
    {0x076B, 0x3022, 0x0204, 0},
    {0x046A, 0x0005, 0x0100, QUIRK_ISO_MODE},
    {0x046A, 0x00A7, 0x0103, QUIRK_NO_PIN | QUIRK_EXTENDED},
    {0x046A, 0x003E, 0x0100, 0},
    {0x046A, 0x00A1, 0x0100, QUIRK_EXTENDED},
    {0x046A, 0x00A1, 0x0101, 0},
    {0x0D46, 0x3002, 0x0119, 0},
    {0x0D46, 0x3010, 0x0040, QUIRK_SHORT | QUIRK_MCT},
    {0x0D46, 0x301D, 0x0100, QUIRK_OFF_FIRST},
    {0x0C4B, 0x0580, 0x0001, 0},
    {0x08E6, 0x34C2, 0x0102, QUIRK_GEMALTO},
    {0x08E6, 0x3478, 0x0211, QUIRK_WAIT_OPEN | QUIRK_PIN_TEXTS | QUIRK_GEMALTO},
    {0x0982, 0x0008, 0x0100, QUIRK_WAIT_OPEN | QUIRK_PIN_TEXTS},
    {0x0982, 0x0040, 0x0213, 0},
    {0x08E6, 0x3479, 0x0100, QUIRK_SLOW_SLOTS | QUIRK_GEMALTO},
    {0x08E6, 0x3480, 0x0100, QUIRK_SLOW_SLOTS | QUIRK_BLIND_SLOTS | QUIRK_GEMALTO},
    {0x08E6, 0x3480, 0x0200, QUIRK_GEMALTO},
    {0x072F, 0x2200, 0x0207, QUIRK_SLOW_STATUS | QUIRK_SEQ_BEHIND},
    {0x04E6, 0x5790, 0x0102, QUIRK_SLOW_STATUS},
    {0x09D8, 0x0427, 0x0100, QUIRK_SLOW_STATUS},
    {0x076B, 0x5422, 0x0101, QUIRK_ONE_AT_A_TIME},
    {0x076B, 0x5427, 0x0100, QUIRK_ESCAPE},
    {0x0B97, 0x7762, 0x0110, QUIRK_9600},
    {0x0B97, 0x7772, 0x0110, QUIRK_9600 | QUIRK_NO_FULL_PACKET},
    {0x058F, 0x9540, 0x0120, QUIRK_200000 | QUIRK_OWN_PARAMETERS},
    {0x0973, 0x0003, 0x0100, QUIRK_E_GATE},
    {0x09BE, 0x0002, 0x0200, QUIRK_IFSD_254},
    {0x08E6, 0x4433, 0x0001, QUIRK_ISO_MODE | QUIRK_GEMALTO},
    {0x08E6, 0x34D2, 0x0100, QUIRK_PATIENT | QUIRK_GEMALTO},
    {0x0B81, 0x0200, 0x0100, QUIRK_WAIT_OPEN | QUIRK_PATIENT},
    {0x0529, 0x0620, 0x0011, 0},
    {0x0529, 0x0620, 0x0012, QUIRK_NO_IFSD},
    {0x0529, 0x0620, 0x0013, QUIRK_NO_IFSD},
    {0x0529, 0x0620, 0x0014, 0},
    {0x03F0, 0x1024, 0x0100, QUIRK_NO_PIN},
    {0x0BF8, 0x1017, 0x0100, QUIRK_NO_PIN},
    {0x04F2, 0x1469, 0x0100, QUIRK_NO_PIN},
    {0x1050, 0x0407, 0x0503, 0},
    {0x20A0, 0x4211, 0x0200, 0},
    {0x0000, 0x0000, 0x0000, 0},
    {0xFFFF, 0xFFFF, 0xFFFF, 0},
};

static void test_known(void)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        const struct expected *e = &known[i];
        uint32_t got = ccid_quirks(e->vendor, e->product, e->version);
        CHECK_EQ(got, e->quirks);
        if (got != e->quirks)
            fprintf(stderr, "of %04X:%04X %04X\n", (unsigned)e->vendor,
                    (unsigned)e->product, (unsigned)e->version);
    }
}

/* The first firmware of each that follows the standard, as a BCD number. */
static void test_too_old(void)
{
    static const struct expected first_good[] = {
        {0x04E6, 0xE001, 0x0516, 0}, {0x04E6, 0x5111, 0x0620, 0},
        {0x04E6, 0xE003, 0x0510, 0}, {0x0D46, 0x3001, 0x0037, 0},
        {0x0D46, 0x3002, 0x0037, 0}, {0x09C3, 0x0008, 0x0203, 0},
        {0x0DC3, 0x1004, 0x0502, 0}, {0x0DC3, 0x1102, 0x0607, 0},
        {0x058F, 0x9520, 0x0102, 0}, {0x072F, 0x2200, 0x0206, 0},
        {0x08C3, 0x0401, 0x5000, 0}, {0x08C3, 0x0402, 0x5000, 0},
        {0x0B0C, 0x0050, 0x0101, 0}, {0x0DC3, 0x0900, 0x0200, 0},
        {0x03F0, 0x0036, 0x0124, 0}, {0x062D, 0x0001, 0x0102, 0},
        {0x04E6, 0x5291, 0x0112, 0},
    };
    size_t count = 0, old = 0;
    const struct ccid_quirk *table = ccid_quirk_table(&count);
    for (size_t i = 0; i < sizeof(first_good) / sizeof(first_good[0]); i++) {
        const struct expected *e = &first_good[i];
        uint16_t before = (uint16_t)(e->version - 1);
        CHECK((ccid_quirks(e->vendor, e->product, e->version) & QUIRK_TOO_OLD) == 0);
        CHECK((ccid_quirks(e->vendor, e->product, 0xFFFF) & QUIRK_TOO_OLD) == 0);
        CHECK((ccid_quirks(e->vendor, e->product, before) & QUIRK_TOO_OLD) != 0);
        CHECK((ccid_quirks(e->vendor, e->product, 0) & QUIRK_TOO_OLD) != 0);
    }
    for (size_t i = 0; i < count; i++)
        old += (table[i].quirks & QUIRK_TOO_OLD) != 0;
    CHECK_EQ(old, sizeof(first_good) / sizeof(first_good[0]));
}

static void test_pin_sizes(void)
{
    uint8_t least = 0xEE, most = 0xEE;
    CHECK(!ccid_pin_sizes(0x08E6, 0x3437, 0x0100, &least, &most));
    CHECK(!ccid_pin_sizes(0x08E6, 0x3478, 0x0211, &least, &most));
    CHECK_EQ(least, 0xEE);
    CHECK_EQ(most, 0xEE);
    CHECK(ccid_pin_sizes(0x08E6, 0x3478, 0x0100, &least, &most));
    CHECK_EQ(least, 4);
    CHECK_EQ(most, 8);
    CHECK(ccid_pin_sizes(0x046A, 0x003E, 0x9999, &least, &most));
    CHECK_EQ(least, 0);
    CHECK_EQ(most, 25);
}

static void test_pin(void)
{
    size_t count = 0;
    uint32_t used = 0;
    const struct ccid_quirk *table = ccid_pin_quirk_table(&count);
    for (size_t i = 0; i < count; i++) {
        uint32_t sum = ccid_pin_quirks(table[i].vendor, table[i].product);
        CHECK(is_text(table[i].name) && is_text(table[i].why)
              && is_text(table[i].source));
        CHECK(one_at_most(sum, VERIFY_MESSAGES) && one_at_most(sum, MODIFY_MESSAGES));
        /* None of them stands at a reader whose keys are not used. */
        CHECK_EQ(ccid_quirks(table[i].vendor, table[i].product, 0x0100) & QUIRK_NO_PIN,
                 0);
        used |= table[i].quirks;
    }
    CHECK_EQ(used, 2 * PIN_LAST - 1);
    CHECK_EQ(ccid_pin_quirks(0x08E6, 0x34C0), PIN_MODIFY_INDEXES);
    CHECK_EQ(ccid_pin_quirks(0x08E6, 0x3478),
             PIN_VERIFY_1 | PIN_KEY | PIN_MODIFY_INDEXES);
    CHECK_EQ(ccid_pin_quirks(0x046A, 0x00A7), 0);
    CHECK_EQ(ccid_pin_quirks(0x0D46, 0x3002), 0);
}

static void test_escapes(void)
{
    static const uint8_t firmware[] = {0x02, 0x00};
    static const uint8_t other[] = {0x6A};
    static const uint8_t off[] = {0x52, 0xF8, 0x04, 0x01, 0x00, 0xFF, 0x00};
    CHECK(ccid_escape_allowed(0x08E6, 0x3437, firmware, 1));
    CHECK(!ccid_escape_allowed(0x08E6, 0x3437, firmware, 2));
    CHECK(!ccid_escape_allowed(0x08E6, 0x3437, firmware, 0));
    CHECK(!ccid_escape_allowed(0x08E6, 0x3437, other, 1));
    CHECK(!ccid_escape_allowed(0x04E6, 0xE003, firmware, 1));
    CHECK(ccid_escape_allowed(0x08E6, 0x5503, off, 6));
    CHECK(!ccid_escape_allowed(0x08E6, 0x5503, off, 5));
    CHECK(!ccid_escape_allowed(0x08E6, 0x5503, off, 7));
    CHECK(!ccid_escape_allowed(0x08E6, 0x3437, off, 6));
    CHECK(!ccid_escape_allowed(0x08E6, 0x5503, NULL, 0));
}

/* In order, so that none stands there twice, and none in both tables. */
static void test_vendor_class(void)
{
    static const struct expected some[] = {
        {0x046A, 0x003E, 0, 1}, {0x04E6, 0xE003, 0, 1}, {0x04E6, 0x511A, 0, 1},
        {0x0973, 0x0003, 0, 1}, {0x0B97, 0x7762, 0, 1}, {0x0D46, 0x3001, 0, 1},
        {0x09BE, 0x0002, 0, 1}, {0x0C4B, 0x0300, 0, 0}, {0x046A, 0x0001, 0, 0},
        {0x0000, 0x0000, 0, 0}, {0xFFFF, 0xFFFF, 0, 0},
    };
    size_t count = 0;
    const struct ccid_vendor_reader *readers = ccid_vendor_class_table(&count);
    CHECK_EQ(count, 562);
    for (size_t i = 0; i < count; i++) {
        CHECK(is_text(readers[i].name));
        CHECK(ccid_left_out(readers[i].vendor, readers[i].product) == NULL);
        CHECK(i == 0 || readers[i - 1].vendor < readers[i].vendor
              || (readers[i - 1].vendor == readers[i].vendor
                  && readers[i - 1].product < readers[i].product));
    }
    for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++)
        CHECK_EQ(ccid_vendor_class(some[i].vendor, some[i].product), some[i].quirks);
    readers = ccid_left_out_table(&count);
    for (size_t i = 0; i < count; i++)
        CHECK(is_text(readers[i].name) && is_text(readers[i].why));
    CHECK(ccid_left_out(0x0C4B, 0x0300) != NULL && ccid_left_out(0x08E6, 0x3437) == NULL);
}

int main(void)
{
    test_vendor_class();
    test_pin();
    test_escapes();
    test_entries();
    test_sums();
    test_known();
    test_too_old();
    test_pin_sizes();
    return check_result();
}
