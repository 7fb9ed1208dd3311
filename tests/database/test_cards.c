/* SPDX-License-Identifier: BSD-2-Clause */
/* Card types: writing, the layers, matching, providers, and what packages bring. */
#include "tests/database/place.h"

static const uint8_t guid_a[DATABASE_GUID_SIZE] = {0xA0, 1},
                     guid_b[DATABASE_GUID_SIZE] = {0xB0};

static enum sc_error put(enum database_scope scope, const char *name, uint8_t fill,
                         size_t size)
{
    struct database_card card = place_card(name, fill, size);
    return database_put_card(scope, &card);
}

static void test_nothing_there(void)
{
    struct database_card card;
    char value[DATABASE_VALUE_MAX];
    CHECK_STR(place_list(NULL, 0, NULL, 0), "");
    CHECK_EQ(database_get_card("a", &card), SC_E_UNKNOWN_CARD);
    CHECK_EQ(database_get_provider("a", DATABASE_CSP, value), SC_E_UNKNOWN_CARD);
    CHECK_EQ(database_remove_card(DATABASE_USER, "a"), SC_E_UNKNOWN_CARD);
    CHECK_EQ(database_set_provider(DATABASE_SYSTEM, "a", DATABASE_CSP, "x"),
             SC_E_UNKNOWN_CARD);
    CHECK_STR(place_readers(NULL), "");
    CHECK_STR(place_groups(), "");
    CHECK(access(place_path("user"), F_OK) != 0); /* reading makes nothing */
    CHECK(access(place_path("system"), F_OK) != 0);
}

static void check_mode(const char *name, unsigned want)
{
    struct stat status;
    CHECK_EQ(stat(place_path(name), &status), 0);
    CHECK_EQ(status.st_mode & 0777, want);
}

static void test_modes(void)
{
    mode_t mask = umask(0077);
    CHECK_EQ(put(DATABASE_SYSTEM, "a", 1, 4), SC_OK);
    umask(0);
    CHECK_EQ(put(DATABASE_USER, "a", 1, 4), SC_OK);
    umask(mask);
    check_mode("system", 0755);
    check_mode("system/cards.sqlite", 0644);
    check_mode("user", 0700);
    check_mode("user/winscard", 0700);
    check_mode("user/winscard/cards.sqlite", 0600);
    CHECK_EQ(database_remove_card(DATABASE_SYSTEM, "A"), SC_OK);
    CHECK_EQ(database_remove_card(DATABASE_SYSTEM, "a"), SC_E_UNKNOWN_CARD);
    CHECK_EQ(database_remove_card(DATABASE_USER, "a"), SC_OK);
}

static void test_round(void)
{
    struct database_card card = place_card("Round \xC3\xA4", 0x3B, DATABASE_ATR_MAX), got;
    card.has_primary = true;
    memcpy(card.primary, guid_a, sizeof(guid_a));
    card.interface_count = DATABASE_INTERFACES_MAX;
    for (unsigned i = 0; i < DATABASE_INTERFACES_MAX; i++)
        card.interfaces[i][3] = (uint8_t)i;
    card.mask[7] = 0x0F;
    CHECK_EQ(database_put_card(DATABASE_USER, &card), SC_OK);
    CHECK_EQ(database_get_card("rOUND \xC3\xA4", &got), SC_OK);
    CHECK_MEM(&got, &card, sizeof(card));
    CHECK_EQ(database_get_card("Round \xC3\x84", &got), SC_E_UNKNOWN_CARD);
    CHECK_EQ(database_remove_card(DATABASE_USER, "Round \xC3\xA4"), SC_OK);
    CHECK_EQ(put(DATABASE_USER, "", 1, 4), SC_E_INVALID_VALUE);
    CHECK_EQ(put(DATABASE_USER, "a\\b", 1, 4), SC_E_INVALID_VALUE);
    CHECK_EQ(put(DATABASE_USER, "a\nb", 1, 4), SC_E_INVALID_VALUE);
    CHECK_EQ(put(DATABASE_USER, "\xFF", 1, 4), SC_E_INVALID_VALUE);
    card.atr_size = DATABASE_ATR_MAX + 1;
    CHECK_EQ(database_put_card(DATABASE_USER, &card), SC_E_INVALID_VALUE);
    card.atr_size = 0;
    CHECK_EQ(database_put_card(DATABASE_USER, &card), SC_OK);
    CHECK_EQ(database_remove_card(DATABASE_USER, card.name), SC_OK);
    memset(card.name, 'x', sizeof(card.name));
    CHECK_EQ(database_put_card(DATABASE_USER, &card), SC_E_INVALID_VALUE);
}

static void test_providers(void)
{
    char value[DATABASE_VALUE_MAX], longest[DATABASE_VALUE_MAX + 1];
    CHECK_EQ(put(DATABASE_USER, "p", 1, 4), SC_OK);
    CHECK_EQ(database_get_provider("p", DATABASE_KSP, value), SC_E_FILE_NOT_FOUND);
    CHECK_EQ(database_set_provider(DATABASE_USER, "P", DATABASE_KSP, "k"), SC_OK);
    CHECK_EQ(database_set_provider(DATABASE_USER, "p", DATABASE_MODULE, "m.dll"), SC_OK);
    CHECK_EQ(database_set_provider(DATABASE_SYSTEM, "p", DATABASE_KSP, "k"),
             SC_E_UNKNOWN_CARD);
    CHECK_EQ(database_set_provider(DATABASE_USER, "p", DATABASE_PRIMARY, "k"),
             SC_E_INVALID_VALUE);
    CHECK_EQ(database_set_provider(DATABASE_USER, "p", (enum database_provider)7, "k"),
             SC_E_INVALID_VALUE);
    CHECK_EQ(database_get_provider("p", DATABASE_PRIMARY, value), SC_E_INVALID_VALUE);
    memset(longest, 'x', sizeof(longest));
    longest[DATABASE_VALUE_MAX] = '\0';
    CHECK_EQ(database_set_provider(DATABASE_USER, "p", DATABASE_CSP, longest),
             SC_E_INVALID_VALUE);
    longest[DATABASE_VALUE_MAX - 1] = '\0';
    CHECK_EQ(database_set_provider(DATABASE_USER, "p", DATABASE_CSP, "\xC3("),
             SC_E_INVALID_VALUE);
    CHECK_EQ(database_set_provider(DATABASE_USER, "p", DATABASE_CSP, longest), SC_OK);
    CHECK_EQ(put(DATABASE_USER, "P", 2, 4), SC_OK); /* the texts stay */
    CHECK_EQ(database_get_provider("p", DATABASE_CSP, value), SC_OK);
    CHECK_STR(value, longest);
    CHECK_EQ(database_get_provider("p", DATABASE_KSP, value), SC_OK);
    CHECK_STR(value, "k");
    CHECK_EQ(database_get_provider("p", DATABASE_MODULE, value), SC_OK);
    CHECK_STR(value, "m.dll");
    CHECK_EQ(database_set_provider(DATABASE_USER, "p", DATABASE_KSP, ""), SC_OK);
    CHECK_EQ(database_get_provider("p", DATABASE_KSP, value), SC_E_FILE_NOT_FOUND);
    CHECK_EQ(database_remove_card(DATABASE_USER, "p"), SC_OK);
}

static const char packaged_cards[] =
    "REGEDIT4\n\n"
    "[HKEY_LOCAL_MACHINE\\Software\\Microsoft\\Cryptography\\Calais\\SmartCards\\Pack "
    "1]\n"
    "\"ATR\"=hex:01,00,01\n"
    "\"ATRMask\"=hex:ff,00,ff\n"
    "\"Crypto Provider\"=\"C\"\n"
    "\"Supported Interfaces\"=hex:b0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0\n"
    "[HKLM\\SOFTWARE\\Microsoft\\Cryptography\\Calais\\SmartCards\\Never]\n"
    "\"ATR\"=hex:01,01,01\n\"ATRMask\"=hex:ff,00,ff\n"
    "[HKLM\\SOFTWARE\\Wow6432Node\\Microsoft\\Cryptography\\Calais\\SmartCards\\both]\n"
    "\"ATR\"=hex:09,09\n"
    "[HKLM\\SOFTWARE\\Microsoft\\Cryptography\\Calais\\Readers\\r]\n\"Device\"=\"d\"\n";

static void test_layers(void)
{
    struct database_card card;
    char value[DATABASE_VALUE_MAX];
    CHECK_EQ(mkdir(place_path("cards.d"), 0755), 0);
    place_write_text("cards.d/10.reg", packaged_cards);
    place_write_text("cards.d/20.reg", "REGEDIT4\n[HKLM\\broken\n");
    place_write_text("cards.d/.hidden.reg", "nonsense");
    place_write_text("cards.d/README", "nonsense");
    CHECK_STR(place_list(NULL, 0, NULL, 0), "both|Never|Pack 1|");
    CHECK_EQ(put(DATABASE_SYSTEM, "zebra", 2, 3), SC_OK);
    CHECK_EQ(put(DATABASE_SYSTEM, "Both", 2, 3), SC_OK);
    CHECK_EQ(put(DATABASE_SYSTEM, "_x", 2, 3), SC_OK);
    CHECK_EQ(put(DATABASE_USER, "mine", 1, 3), SC_OK);
    CHECK_EQ(put(DATABASE_USER, "ZEBRA", 1, 3), SC_OK);
    CHECK_STR(place_list(NULL, 0, NULL, 0), "mine|ZEBRA|_x|Both|Never|Pack 1|");
    /* The first of a name counts: the machine's zebra and the package's both do not. */
    CHECK_EQ(database_get_card("zebra", &card), SC_OK);
    CHECK_EQ(card.atr[0], 1);
    CHECK_STR(place_list((const uint8_t *)"\1\1\1", 3, NULL, 0), "mine|ZEBRA|Pack 1|");
    CHECK_STR(place_list((const uint8_t *)"\1\7\1", 3, NULL, 0), "Pack 1|");
    CHECK_STR(place_list((const uint8_t *)"\2\2\2", 3, NULL, 0), "_x|Both|");
    CHECK_STR(place_list((const uint8_t *)"\x9\x9", 2, NULL, 0), "");
    CHECK_EQ(database_get_provider("pack 1", DATABASE_CSP, value), SC_OK);
    CHECK_STR(value, "C");
    /* Nothing can be written for a package's card. */
    CHECK_EQ(database_set_provider(DATABASE_USER, "Pack 1", DATABASE_CSP, "x"),
             SC_E_UNKNOWN_CARD);
    CHECK_EQ(database_remove_card(DATABASE_SYSTEM, "Pack 1"), SC_E_UNKNOWN_CARD);
    CHECK_STR(place_readers(NULL), "");
}

static void test_interfaces(void)
{
    uint8_t wanted[2][DATABASE_GUID_SIZE];
    memcpy(wanted[0], guid_a, sizeof(guid_a));
    memcpy(wanted[1], guid_b, sizeof(guid_b));
    struct database_card card = place_card("if a", 5, 5);
    card.interface_count = 1;
    memcpy(card.interfaces[0], guid_a, sizeof(guid_a));
    CHECK_EQ(database_put_card(DATABASE_USER, &card), SC_OK);
    card = place_card("if ba", 5, 5);
    card.interface_count = 2;
    memcpy(card.interfaces[0], guid_b, sizeof(guid_b));
    memcpy(card.interfaces[1], guid_a, sizeof(guid_a));
    CHECK_EQ(database_put_card(DATABASE_SYSTEM, &card), SC_OK);
    const uint8_t(*all)[DATABASE_GUID_SIZE] =
        (const uint8_t(*)[DATABASE_GUID_SIZE])wanted;
    CHECK_STR(place_list(NULL, 0, all, 1), "if a|if ba|");
    CHECK_STR(place_list(NULL, 0, all, 2), "if ba|");
    CHECK_STR(place_list(NULL, 0, all + 1, 1), "if ba|Pack 1|");
    CHECK_STR(place_list(card.atr, 5, all + 1, 1), "if ba|");
    CHECK_STR(place_list(card.atr, 4, all + 1, 1), "");
}

/* Files of packages that change are read again. */
static void test_changes(void)
{
    struct database_card card;
    place_write_text("cards.d/00.reg",
                     "REGEDIT4\n[HKLM\\SOFTWARE\\Microsoft\\Cryptography\\Calais\\"
                     "SmartCards\\pack 1]\n\"ATR\"=hex:7\n");
    CHECK_EQ(database_get_card("Pack 1", &card), SC_OK);
    CHECK_EQ(card.atr_size, 1);
    CHECK_EQ(card.mask[0], 0xFF); /* none was said */
    CHECK_EQ(unlink(place_path("cards.d/00.reg")), 0);
    CHECK_EQ(database_get_card("Pack 1", &card), SC_OK);
    CHECK_EQ(card.atr_size, 3);
    /* A mask of another size: the file is broken. */
    place_write_text("cards.d/30.reg",
                     "REGEDIT4\n[HKLM\\SOFTWARE\\Microsoft\\Cryptography\\Calais\\"
                     "SmartCards\\ok]\n\"ATR\"=hex:7\n"
                     "[HKLM\\SOFTWARE\\Microsoft\\Cryptography\\Calais\\"
                     "SmartCards\\bad]\n\"ATR\"=hex:7\n\"ATRMask\"=hex:ff,ff\n");
    CHECK_EQ(database_get_card("bad", &card), SC_E_UNKNOWN_CARD);
    CHECK_EQ(database_get_card("ok", &card), SC_E_UNKNOWN_CARD);
    CHECK_EQ(database_get_card("Pack 1", &card), SC_OK);
}

static char seen[4096];

static enum sc_error take_entry(void *context, const struct database_entry *entry)
{
    size_t size = strlen(seen);
    CHECK(context == seen);
    snprintf(seen + size, sizeof(seen) - size, "%s %u %s|", entry->card.name,
             (unsigned)entry->card.atr_size, entry->providers[1]);
    return strcmp(entry->card.name, "stop") == 0 ? SC_E_CANCELLED : SC_OK;
}

static void check_layer(enum database_layer layer, enum sc_error error, const char *want)
{
    seen[0] = '\0';
    CHECK_EQ(database_each_card(layer, take_entry, seen), error);
    CHECK_STR(seen, want);
}

static void test_entries(void)
{
    struct database_entry entry = {.card = place_card("stop", 1, 2)};
    char path[DATABASE_PATH_MAX];
    bool kept = true;
    place_make();
    check_layer(DATABASE_LAYER_USER, SC_OK, "");
    memcpy(entry.providers[1], "ksp", 4);
    CHECK_EQ(database_add_entry(DATABASE_USER, &entry, false, &kept), SC_OK);
    CHECK(!kept);
    entry.card.atr_size = 3;
    memcpy(entry.card.name, "STOP", 4);
    CHECK_EQ(database_add_entry(DATABASE_USER, &entry, false, &kept), SC_OK);
    CHECK(kept);
    check_layer(DATABASE_LAYER_USER, SC_E_CANCELLED, "stop 2 ksp|");
    entry.providers[1][0] = '\0';
    CHECK_EQ(database_add_entry(DATABASE_USER, &entry, true, &kept), SC_OK);
    CHECK(!kept);
    memcpy(entry.card.name, "a", 2);
    CHECK_EQ(database_add_entry(DATABASE_USER, &entry, false, &kept), SC_OK);
    check_layer(DATABASE_LAYER_USER, SC_OK, "a 3 |STOP 3 |");
    check_layer(DATABASE_LAYER_SYSTEM, SC_OK, "");
    CHECK_EQ(mkdir(place_path("cards.d"), 0755), 0);
    place_write_text("cards.d/a.reg",
                     "REGEDIT4\n[HKLM\\SOFTWARE\\Microsoft\\Cryptography\\Calais"
                     "\\SmartCards\\p]\n\"ATR\"=hex:3b\n");
    check_layer(DATABASE_LAYER_PACKAGES, SC_OK, "p 1 |");
    entry.card.name[0] = '\0';
    CHECK_EQ(database_add_entry(DATABASE_USER, &entry, false, &kept), SC_E_INVALID_VALUE);
    static const char garbage[4096] = "no database";
    place_write("user/winscard/cards.sqlite", garbage, sizeof(garbage));
    check_layer(DATABASE_LAYER_USER, SC_F_INTERNAL_ERROR, "");
    CHECK(database_get_path(DATABASE_USER, path));
    CHECK_STR(path, place_path("user/winscard/cards.sqlite"));
    place_remove();
}

int main(void)
{
    test_entries();
    place_make();
    test_nothing_there();
    test_modes();
    test_round();
    test_providers();
    test_layers();
    test_interfaces();
    test_changes();
    place_remove();
    return check_result();
}
