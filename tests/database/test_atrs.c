/* SPDX-License-Identifier: BSD-2-Clause */
/* Matching, with the ATRs of real cards (tests/proto/vectors/atr.txt): each as a card
 * type, whole, without its last byte, and with its first four bytes alone; what is found
 * is what comparing with every one finds. Then the card types that are shipped. The build
 * says where both are (ATRS_FILE, CARDS_DIRECTORY). */
#include "tests/database/place.h"

#include "base/hex.h"

enum { ATRS_MAX = 200, KINDS = 3 };

static uint8_t atrs[ATRS_MAX][DATABASE_ATR_MAX];
static size_t sizes[ATRS_MAX];
static size_t count;

static void read_atrs(const char *path)
{
    char line[1024];
    FILE *file = fopen(path, "r");
    while (file != NULL && count < ATRS_MAX && fgets(line, sizeof(line), file) != NULL) {
        size_t digits = strspn(line, "0123456789ABCDEF");
        if (digits >= 4
            && hex_decode(line, digits, atrs[count], DATABASE_ATR_MAX, &sizes[count])
                   == SC_OK)
            count++;
    }
    if (file != NULL)
        fclose(file);
    CHECK(count >= 60);
}

static uint8_t mask_of(unsigned kind, size_t at, size_t size)
{
    if (kind == 1)
        return at + 1 < size ? 0xFF : 0;
    return kind == 0 || at < 4 ? 0xFF : 0;
}

/* An ATR, what its mask leaves of it, or the mask. */
static void add_hex(char *text, size_t room, bool is_mask, size_t atr, unsigned kind)
{
    size_t size = strlen(text);
    size += (size_t)snprintf(text + size, room - size,
                             "\"%s\"=hex:", is_mask ? "ATRMask" : "ATR");
    for (size_t i = 0; i < sizes[atr]; i++) {
        unsigned mask = mask_of(kind, i, sizes[atr]);
        unsigned byte = is_mask ? mask : atrs[atr][i] & mask;
        size += (size_t)snprintf(text + size, room - size, "%02x,", byte);
    }
    snprintf(text + size, room - size, "\n");
}

/* All of them in one transaction. */
static void import_atrs(void)
{
    static char text[ATRS_MAX * KINDS * 512];
    struct database_import report = {.line = 0};
    snprintf(text, sizeof(text), "REGEDIT4\n");
    for (size_t i = 0; i < count; i++) {
        for (int kind = 0; kind < KINDS; kind++) {
            size_t size = strlen(text);
            snprintf(text + size, sizeof(text) - size,
                     "[HKLM\\SOFTWARE\\Microsoft\\Cryptography\\Calais\\SmartCards\\"
                     "%03u %d]\n",
                     (unsigned)i, kind);
            add_hex(text, sizeof(text), false, i, (unsigned)kind);
            add_hex(text, sizeof(text), true, i, (unsigned)kind);
        }
    }
    CHECK_EQ(
        database_import(DATABASE_SYSTEM, (const uint8_t *)text, strlen(text), &report),
        SC_OK);
}

static bool fits(size_t atr, size_t type, unsigned kind)
{
    if (sizes[atr] != sizes[type])
        return false;
    for (size_t i = 0; i < sizes[atr]; i++)
        if (((atrs[atr][i] ^ atrs[type][i]) & mask_of(kind, i, sizes[type])) != 0)
            return false;
    return true;
}

static void test_matching(void)
{
    for (size_t i = 0; i < count; i++) {
        char want[4096] = "";
        size_t size = 0;
        for (size_t type = 0; type < count; type++)
            for (unsigned kind = 0; kind < KINDS; kind++)
                if (fits(i, type, kind))
                    size += (size_t)snprintf(want + size, sizeof(want) - size, "%03u %u|",
                                             (unsigned)type, kind);
        CHECK_STR(place_list(atrs[i], sizes[i], NULL, 0), want);
        CHECK(size >= 3 * 6);
    }
}

/* The hex digits of an ATR, and what the shipped card types call the card. */
static const char *const shipped[][2] = {
    {"3BFD1300008131FE158073C021C057597562694B657940", "YubiKey 5|"},
    {"3BF81300008131FE15597562696B657934D4", "YubiKey 4|"},
    {"3BDA18FF81B1FE751F030031F573C001600090001C", "OpenPGP card|"},
    {"3BDA18FF81B1FE751F030031C573C001400090000C", "OpenPGP card|"},
    {"3BDA11FF81B1FE551F0300318473800180009000E4", "Gnuk|"},
    {"3B6500009C02020702", "DoD CAC (Cyberflex Access)|"},
    {"3BDE18FF8191FE1FC38031815448534D317380214081071C", "SmartCard-HSM 4K|"},
    {"3B9813400AA503010101AD1311", "Belgian eID|"},
    {"3BDB960080B1FE451F830012233F536549440F9000F1", "Estonian ID card (2018)|"},
    {"3B7B940000806212515646696E454944", "FINEID|"},
    {"3BD518FF8191FE1FC38073C821100A", "JCOP 4|"},
    {"3BD096FF81B1FE451FC7EA", "German eGK|"},
    {"3B8180018080", ""},
};

static void count_names(size_t want)
{
    struct multistring list;
    multistring_init(&list, DATABASE_LIST_MAX);
    CHECK_EQ(database_list_cards(NULL, 0, NULL, 0, &list), SC_OK);
    CHECK_EQ(list.size != 0 ? multistring_count(list.bytes) : 0, want);
    multistring_clear(&list);
}

static void test_shipped(const char *directory)
{
    uint8_t atr[DATABASE_ATR_MAX];
    size_t size;
    setenv("WINSCARD_DATABASE_DIR", place_path("none"), 1);
    setenv("WINSCARD_CARDS_DIR", directory, 1);
    for (size_t i = 0; i < ARRAY_SIZE(shipped); i++) {
        CHECK_EQ(
            hex_decode(shipped[i][0], strlen(shipped[i][0]), atr, sizeof(atr), &size),
            SC_OK);
        CHECK_STR(place_list(atr, size, NULL, 0), shipped[i][1]);
    }
    count_names(45);
}

int main(void)
{
    place_make();
    read_atrs(ATRS_FILE);
    import_atrs();
    test_matching();
    test_shipped(CARDS_DIRECTORY);
    place_remove();
    return check_result();
}
